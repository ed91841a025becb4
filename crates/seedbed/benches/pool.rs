//! What a pool costs and saves: writes of 64 tasks with a shared commit and without, and the way to a thread and back.
//!
//! `cargo bench -p seedbed --bench pool [-- --rounds N]`. Each figure is the median of its rounds, which alternate, so that
//! what else the machine does meets both sides alike. The two limits are printed beside their figures; nothing fails.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use seedbed::{Connection, Error, OpenOptions, Pool, PoolOptions, params};
use tokio::sync::oneshot;

const TASKS: usize = 64;
/// How long one round of writing lasts.
const WRITING: Duration = Duration::from_millis(1500);
/// How many hops one round makes.
const HOPS: usize = 4000;

#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let rounds = arguments.iter().skip_while(|argument| *argument != "--rounds").nth(1);
    let rounds: usize = rounds.map_or(5, |rounds| rounds.parse().expect("N is a number"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pool-bench");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the target folder takes files");

    let (mut grouped, mut single, mut lone, mut sizes) = (vec![], vec![], vec![], vec![]);
    for round in 0..rounds {
        let (writes, size) = writes_per_second(&folder.join(format!("grouped-{round}.db")), 256).await?;
        grouped.push(writes);
        sizes.push(size);
        single.push(writes_per_second(&folder.join(format!("single-{round}.db")), 1).await?.0);
        lone.push(lone_writes_per_second(&folder.join(format!("lone-{round}.db")))?);
    }
    let (grouped, single, lone) = (median(grouped), median(single), median(lone));
    println!("writes of {TASKS} tasks, synchronous = FULL, medians of {rounds} rounds");
    println!("  shared commits                       {grouped:>9.0} writes/s, {:.1} a commit", median(sizes));
    println!("  one transaction per write, pool      {single:>9.0} writes/s");
    println!("  one transaction per write, no pool   {lone:>9.0} writes/s");
    println!("  gain over the faster of these        {:>9.1} times, at least 8", grouped / single.max(lone));

    let (mut bare, mut empty, mut query, mut memory) = (vec![], vec![], vec![], vec![]);
    let pool = Pool::open(folder.join("hop.db"), PoolOptions::default())?;
    pool.write(|tx| {
        tx.execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'oak')",
        )
    })
    .await?;
    let in_memory = Pool::open_in_memory()?;
    let thread = bare_thread();
    for _ in 0..rounds {
        bare.push(hop(async || bare_hop(&thread).await).await);
        empty.push(hop(async || drop(pool.read(|_| Ok::<_, Error>(())).await)).await);
        query.push(hop(async || drop(pool.read(one_row).await)).await);
        memory.push(hop(async || drop(in_memory.write(|_| Ok::<_, Error>(())).await)).await);
    }
    println!("there and back, one at a time, {HOPS} times each of {rounds} rounds, medians");
    println!("  a bare thread, channel and oneshot   {:>9.1} µs", median(bare));
    println!("  read, nothing in it                  {:>9.1} µs, at most 30", median(empty));
    println!("  read, one row by its key             {:>9.1} µs", median(query));
    println!("  write in memory, nothing in it       {:>9.1} µs", median(memory));
    let mut connection =
        OpenOptions { read_only: true, ..OpenOptions::default() }.open(folder.join("hop.db"))?;
    println!(
        "  the same row without a pool          {:>9.1} µs",
        each(HOPS, || connection.snapshot(one_row).map(drop))?
    );
    let statement = connection.snapshot(|tx| each(100 * HOPS, || one_row(tx).map(drop)))?;
    let raw = connection.rusqlite();
    let bare = each(100 * HOPS, || {
        let mut statement = raw.prepare_cached(ONE_ROW)?;
        statement.query_one([1], |row| row.get::<_, String>(0))?;
        Ok(())
    })?;
    println!("  that statement alone                 {statement:>9.2} µs");
    println!("  the same by rusqlite                 {bare:>9.2} µs");
    pool.close().await;
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

fn one_row(tx: &seedbed::Transaction<'_>) -> Result<String, Error> {
    tx.query_one(ONE_ROW, params![1], |row| row.get(0))
}

/// Returns how many microseconds one of so many runs takes.
fn each(times: usize, mut run: impl FnMut() -> Result<(), Error>) -> Result<f64, Error> {
    let started = Instant::now();
    for _ in 0..times {
        run()?;
    }
    Ok(microseconds(started.elapsed()) / times as f64)
}

const ONE_ROW: &str = "SELECT name FROM t WHERE id = ?1";

const SCHEMA: &str =
    "CREATE TABLE events (id INTEGER PRIMARY KEY, task INTEGER NOT NULL, name TEXT NOT NULL)";
const INSERT: &str = "INSERT INTO events (task, name) VALUES (?1, ?2)";

/// Returns the writes a second and how many shared a commit.
async fn writes_per_second(path: &Path, writes_per_commit: usize) -> Result<(f64, f64), Error> {
    let pool = Pool::open(path, PoolOptions { writes_per_commit, ..PoolOptions::default() })?;
    pool.write(|tx| tx.execute_batch(SCHEMA)).await?;
    let started = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS as i64 {
        let pool = pool.clone();
        tasks.spawn(async move {
            let mut writes = 0_u32;
            while started.elapsed() < WRITING {
                pool.write(move |tx| tx.execute(INSERT, params![task, "something happened"])).await?;
                writes += 1;
            }
            Ok::<_, Error>(writes)
        });
    }
    let mut writes = 0;
    while let Some(task) = tasks.join_next().await {
        writes += task.expect("no panic")?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let counters = pool.counters();
    pool.close().await;
    Ok((f64::from(writes) / seconds, counters.writes as f64 / counters.commits as f64))
}

fn lone_writes_per_second(path: &Path) -> Result<f64, Error> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch(SCHEMA)?;
    let started = Instant::now();
    let mut writes = 0_u32;
    while started.elapsed() < WRITING {
        connection.transaction(|tx| tx.execute(INSERT, params![1, "something happened"]))?;
        writes += 1;
    }
    Ok(f64::from(writes) / started.elapsed().as_secs_f64())
}

/// Returns the median of a round in microseconds.
async fn hop(once: impl AsyncFn()) -> f64 {
    let mut times = Vec::with_capacity(HOPS);
    for _ in 0..HOPS {
        let started = Instant::now();
        once().await;
        times.push(microseconds(started.elapsed()));
    }
    median(times)
}

/// A thread that answers and does nothing else.
fn bare_thread() -> Sender<oneshot::Sender<()>> {
    let (sender, receiver) = channel::<oneshot::Sender<()>>();
    std::thread::spawn(move || receiver.into_iter().for_each(|reply| reply.send(()).unwrap_or_default()));
    sender
}

async fn bare_hop(thread: &Sender<oneshot::Sender<()>>) {
    let (reply, answer) = oneshot::channel();
    thread.send(reply).expect("the thread lives");
    answer.await.expect("the thread answers");
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
