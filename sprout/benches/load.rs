//! How long requests take at a fixed offered load, with 1 connection and with 64, against the real server.
//!
//! `cargo bench -p sprout --bench load [-- --seconds N] [--rounds N]`. It prints its figures and the aim beside them, and fails
//! only when a reply is not the expected one. Linux tells the time exactly enough; elsewhere sleeping may be coarser.
//!
//! **The load is open.** Request k is due k/rate after the start, whatever became of those before it, and its latency counts
//! from when it was due. A generator that waits for a reply before it looks at the clock would leave out just the requests that
//! a slow reply delays.
//!
//! **The load is the same for both.** It is half of the lower one of two capacities, which are measured first, every connection
//! sending its next request as soon as it has a reply. Half of what 64 connections can do is more than 1 connection can do at
//! all where commits are shared, and two loads could not be compared. How the 64 fare at half of their own capacity is told
//! below, without an aim. A capacity is the lowest of several: with 1 connection it doubles and more while the scheduler keeps
//! both sides on one processor, which it does not when they sleep in between.
//!
//! **Each connection has a thread that is asleep most of the time.** Whatever the number of connections, a request costs the
//! generator two wake-ups, one when it is due and one when its reply is there, and nobody's reply waits until somebody else's is
//! read. One thread for all would wake up less often under load and take less of the processors from the server, but 64
//! sockets would be dearer for it to watch than one, and what it does between two looks would be counted as the server's
//! delay. How late the threads wake up is printed, as it is in every latency.
//!
//! Generator and server share the machine, perhaps with others. So each round measures everything once, one after the other, and
//! beside the medians stands the best round.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

#[path = "../tests/program/client.rs"]
mod client;
#[path = "../tests/program/server.rs"]
mod server;

use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;
use crate::server::Server;

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

const USER: &str = sprout::store::users::DEFAULT_USER_ID;
const CROWD: usize = 64;
/// How many times as long the p99 of a crowd may be.
const AIM: f64 = 2.0;

/// A request that is sent again and again.
struct Request {
    name: &'static str,
    method: &'static str,
    path: String,
    body: String,
    status: u16,
}

/// Latencies of one measurement in seconds, sorted.
struct Latencies {
    whole: Vec<f64>,
    /// How late threads that were asleep sent what was due.
    wake_ups: Vec<f64>,
    /// Whether the last request was sent nearly when it was due.
    has_kept_up: bool,
}

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let value = arguments.iter().skip_while(|argument| *argument != name).nth(1);
        value.map_or(Ok(default), |value| value.parse())
    };
    let (seconds, rounds) = (number("--seconds", 2)?, number("--rounds", 9)?);
    let time = Duration::from_secs(seconds as u64);
    // Linux may wake a thread up to 50 µs late to save power. The threads to come inherit what is asked for here.
    let _ = fs::write("/proc/self/timerslack_ns", "1");

    let folder = tempfile::tempdir()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_sprout"));
    command.current_dir(&folder).env_clear().env("PORT", "0").stdin(Stdio::null());
    let server = Server::start(&mut command)?;
    println!("{rounds} rounds of {seconds} s, times in ms, medians of the rounds; {}", machine());
    for request in requests(&server)? {
        compare(&server.address, &request, time, rounds)?;
    }
    println!("{}", machine());
    match server.stop("-TERM")? {
        Some(0) => Ok(()),
        code => Err(format!("the server ended with {code:?}").into()),
    }
}

/// Says how busy the machine is.
fn machine() -> String {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<_> = load.split(' ').take(3).collect();
    format!("{processors} processors, load {}", load.join(" "))
}

/// Fills the database, and returns what is to be asked.
fn requests(server: &Server) -> Result<Vec<Request>> {
    let make = |path: &str, body: Value| -> Result<String> {
        let (status, reply) = server.ask("POST", path, &body.to_string())?;
        let row: Value = serde_json::from_str(&reply)?;
        let id = row["id"].as_str().filter(|_| status == 201);
        Ok(id.ok_or_else(|| format!("POST {path}: {status} {reply}"))?.to_owned())
    };
    let branch = make("/api/branches", json!({"title": "b", "userId": USER}))?;
    let root = make("/api/nodes", json!({"title": "r", "type": "root", "userId": USER, "branchId": branch}))?;
    for number in 1..100 {
        let concept = json!({
            "title": format!("concept {number}"),
            "type": "concept",
            "userId": USER,
            "parentId": root,
            "desc": "what it is about",
        });
        make("/api/nodes", concept)?;
    }
    let session = make("/api/chat/sessions", json!({"userId": USER, "nodeId": root}))?;
    let message = json!({"userId": USER, "role": "user", "content": "What does a tree need to grow?"});
    let get = |name, path| Request { name, method: "GET", path, body: String::new(), status: 200 };
    Ok(vec![
        get("health", "/api/health".to_owned()),
        get("a list of 100 nodes", format!("/api/nodes?branchId={branch}")),
        Request {
            name: "a message",
            method: "POST",
            path: format!("/api/chat/sessions/{session}/messages"),
            body: message.to_string(),
            status: 201,
        },
    ])
}

/// What one round measured.
struct Round {
    alone: Latencies,
    crowd: Latencies,
    /// The crowd at half of its own capacity.
    crowd_at_its_own: Latencies,
}

/// Measures what one request can bear, and how long it takes at half of that.
fn compare(address: &str, request: &Request, time: Duration, rounds: usize) -> Result {
    let (mut alone, mut crowd) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        alone = alone.min(capacity(address, request, 1, time / 4)?);
        crowd = crowd.min(capacity(address, request, CROWD, time / 4)?);
    }
    let rate = alone.min(crowd) / 2.0;
    println!(
        "\n{}: capacity {alone:.0} requests/s at 1 connection, {crowd:.0} at {CROWD}; offered {rate:.0}",
        request.name
    );
    let mut measured = Vec::new();
    for _ in 0..rounds {
        measured.push(Round {
            alone: offer(address, request, 1, rate, time)?,
            crowd: offer(address, request, CROWD, rate, time)?,
            crowd_at_its_own: offer(address, request, CROWD, crowd / 2.0, time)?,
        });
    }
    tell(&measured);
    Ok(())
}

/// Prints what the rounds measured.
fn tell(rounds: &[Round]) {
    let middle = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
    println!(
        "{:>32}{:>9}{:>9}{:>9}{:>9}{:>16}{:>16}",
        "connections", "p50", "p99", "p99.9", "max", "p99 at best", "wake-ups, p99"
    );
    let line = |name: &str, of: &dyn Fn(&Round) -> &Latencies| {
        let whole = |share| middle(&|round| percentile(&of(round).whole, share)) * 1000.0;
        println!(
            "{name:>32}{:>9.3}{:>9.3}{:>9.3}{:>9.3}{:>16.3}{:>16.3}",
            whole(0.5),
            whole(0.99),
            whole(0.999),
            whole(1.0),
            best(rounds, of) * 1000.0,
            middle(&|round| percentile(&of(round).wake_ups, 0.99)) * 1000.0
        );
    };
    line("1", &|round| &round.alone);
    line(&CROWD.to_string(), &|round| &round.crowd);
    line(&format!("{CROWD} at half of their own"), &|round| &round.crowd_at_its_own);
    let late = rounds.iter().filter(|round| !round.alone.has_kept_up || !round.crowd.has_kept_up).count();
    if late > 0 {
        println!(
            "  in {late} of {} rounds not all was sent within the time: the machine had become slower",
            rounds.len()
        );
    }
    println!(
        "  p99 at {CROWD} beside 1: {:.2} times by the medians, {:.2} by the best rounds; at most {AIM} wanted",
        middle(&|round| percentile(&round.crowd.whole, 0.99))
            / middle(&|round| percentile(&round.alone.whole, 0.99)),
        best(rounds, &|round| &round.crowd) / best(rounds, &|round| &round.alone)
    );
}

/// Returns the lowest p99 of the rounds: what else the machine does can only add to it.
fn best(rounds: &[Round], of: &dyn Fn(&Round) -> &Latencies) -> f64 {
    rounds.iter().map(|round| percentile(&of(round).whole, 0.99)).fold(f64::INFINITY, f64::min)
}

/// Returns how many requests a second are answered when every connection sends the next as soon as it can.
fn capacity(address: &str, request: &Request, connections: usize, time: Duration) -> Result<f64> {
    let started = Instant::now();
    let counts = on_each(address, request, connections, |_, send| {
        let mut count = 0;
        while started.elapsed() < time {
            send()?;
            count += 1;
        }
        Ok(count)
    })?;
    Ok(f64::from(counts.iter().sum::<u32>()) / started.elapsed().as_secs_f64())
}

/// Offers so many requests a second, and returns how long each took from when it was due.
fn offer(
    address: &str,
    request: &Request,
    connections: usize,
    rate: f64,
    time: Duration,
) -> Result<Latencies> {
    let count = (rate * time.as_secs_f64()) as usize;
    // Until then all are connected and asleep.
    let start = Instant::now() + Duration::from_millis(100);
    let measured = on_each(address, request, connections, |connection, send| {
        let (mut whole, mut wake_ups) = (Vec::with_capacity(count / connections + 1), vec![]);
        for number in (connection..count).step_by(connections) {
            let due = start + Duration::from_secs_f64(number as f64 / rate);
            let early = due.saturating_duration_since(Instant::now());
            if !early.is_zero() {
                thread::sleep(early);
                wake_ups.push(due.elapsed().as_secs_f64());
            }
            send()?;
            whole.push(due.elapsed().as_secs_f64());
        }
        Ok((whole, wake_ups))
    })?;
    let has_kept_up = start.elapsed() < time + time / 10;
    let mut all = Latencies { whole: vec![], wake_ups: vec![], has_kept_up };
    for (whole, wake_ups) in measured {
        all.whole.extend(whole);
        all.wake_ups.extend(wake_ups);
    }
    all.whole.sort_by(f64::total_cmp);
    all.wake_ups.sort_by(f64::total_cmp);
    Ok(all)
}

/// Runs work on a thread for each connection; it is given the number of the connection and what sends the request and
/// waits for its reply. Each connection has had a reply before.
fn on_each<T: Send>(
    address: &str,
    request: &Request,
    connections: usize,
    work: impl Fn(usize, &mut dyn FnMut() -> Result<(), String>) -> Result<T, String> + Sync,
) -> Result<Vec<T>> {
    let run = |connection| {
        let mut client = Client::connect(address).map_err(|error| error.to_string())?;
        let mut send = || {
            let Request { method, path, body, status, .. } = request;
            let reply = client.ask(method, path, "application/json", body.as_bytes());
            let reply = reply.map_err(|error| format!("{method} {path}: {error}"))?;
            if reply.status == *status {
                return Ok(());
            }
            Err(format!("{method} {path}: {} {}", reply.status, String::from_utf8_lossy(reply.body)))
        };
        send()?;
        work(connection, &mut send)
    };
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..connections).map(|connection| scope.spawn(move || run(connection))).collect();
        let ended = threads.into_iter().map(|thread| {
            thread.join().unwrap_or_else(|_| Err("a thread of the generator panicked".to_owned()))
        });
        Ok(ended.collect::<Result<_, _>>()?)
    })
}

/// Returns the value that a share of sorted values does not exceed.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// Returns the value in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
