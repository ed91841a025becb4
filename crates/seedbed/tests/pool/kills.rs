//! A process with many writers is killed, again and again on the same file. What a caller was told to be done is there,
//! and of no write there is only a part. The process is this test program, started again.
//!
//! A kill takes what the process holds in memory and nothing that it has handed to the operating system. So this proves that
//! answers come after commits, and that groups are whole; it does not prove that the disk keeps what it is told to.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use seedbed::{Connection, Error, Journal, OpenOptions, Pool, PoolOptions, params};

const FILE: &str = "SEEDBED_TEST_POOL_FILE";
const FIRST: &str = "SEEDBED_TEST_POOL_FIRST";
const WRITERS: usize = 16;

/// How often it is killed in an everyday run.
const EVERYDAY: usize = 8;

/// Does nothing in an ordinary run: this is what the other process runs, until it is killed.
#[test]
fn another_process_writes_when_it_is_asked_to() {
    let (Some(file), Ok(first)) = (std::env::var_os(FILE), std::env::var(FIRST)) else { return };
    let next = Arc::new(AtomicI64::new(first.parse().unwrap()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let open = OpenOptions { journal: Journal::Unchanged, ..OpenOptions::default() };
        let pool = Pool::open(PathBuf::from(file), PoolOptions { open, ..PoolOptions::default() }).unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..WRITERS {
            let (pool, next) = (pool.clone(), Arc::clone(&next));
            writers.spawn(async move {
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if write(&pool, id).await.is_ok() {
                        // One call, so that the lines of two tasks do not mix.
                        stdout().write_all(format!("\n@ {id}\n").as_bytes()).unwrap();
                    }
                }
            });
        }
        writers.join_next().await;
    });
}

/// A write of two statements, some of which fail after the first.
async fn write(pool: &Pool, id: i64) -> Result<usize, Error> {
    pool.write(move |tx| {
        tx.execute("INSERT INTO log VALUES (?1, 1)", params![id])?;
        match id % 50 {
            10 | 20 | 30 => return Err(Error::message("no")),
            40 => drop(tx.execute("INSERT OR ROLLBACK INTO log VALUES (?1, 1)", params![id])?),
            45 => drop(tx.execute("INSERT INTO orphans VALUES (?1)", params![id])?),
            _ => {}
        }
        tx.execute("INSERT INTO log VALUES (?1, 2)", params![id])
    })
    .await
}

fn is_written(id: i64) -> bool {
    !matches!(id % 50, 10 | 20 | 30 | 40 | 45)
}

/// A process that does not outlive its test, even when that fails.
struct Process(Child);

impl Process {
    fn start(file: &Path, first: i64) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "kills::another_process_writes_when_it_is_asked_to", "--nocapture"]);
        command.env(FILE, file).env(FIRST, first.to_string()).stdout(Stdio::piped());
        Self(command.spawn().expect("a process"))
    }

    /// Kills it a moment after so many writes were told to be done, and returns all that were.
    fn kill_after(&mut self, writes: usize, moment: Duration) -> Vec<i64> {
        let mut told = BufReader::new(self.0.stdout.take().expect("a pipe"));
        let mut done = Vec::new();
        let mut is_killed = false;
        let mut line = String::new();
        while told.read_line(&mut line).expect("a pipe") > 0 {
            // The last line may be cut off.
            if let Some(id) = line.strip_prefix("@ ").and_then(|line| line.strip_suffix('\n')) {
                done.push(id.parse().expect("a number"));
            }
            line.clear();
            if done.len() >= writes && !is_killed {
                std::thread::sleep(moment);
                self.0.kill().expect("a process to kill");
                is_killed = true;
            }
        }
        assert!(is_killed, "the process ended by itself");
        self.0.wait().expect("a process that ends");
        done
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_kill_takes_no_write_that_was_told_to_be_done_and_leaves_no_half() {
    let times = std::env::var("SEEDBED_FAULTS_KILLS").map_or(EVERYDAY, |times| times.parse().unwrap());
    let mut state = 7_u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for journal in [Journal::Wal, Journal::Delete] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("garden.db");
        let open = || OpenOptions { journal, ..OpenOptions::default() }.open(&file).unwrap();
        open()
            .execute_batch(
                "CREATE TABLE log (id INTEGER, part INTEGER, PRIMARY KEY (id, part)); \
                 CREATE TABLE orphans (id INTEGER REFERENCES orphans (rowid) DEFERRABLE INITIALLY DEFERRED)",
            )
            .unwrap();
        let (mut told, mut there) = (0, BTreeSet::new());
        for round in 0..times.div_ceil(2) {
            let first = round as i64 * 1_000_000;
            let writes = 1 + random(200) as usize;
            let moment = Duration::from_micros(random(5000));
            let done = Process::start(&file, first).kill_after(writes, moment);
            let story = format!("kill {round}, {journal:?}, {moment:?} after {writes} writes");
            told += done.len();

            let connection = open();
            let now = whole_writes(&connection, &story);
            let lost: Vec<_> = done.iter().filter(|id| !now.contains(id)).collect();
            assert!(lost.is_empty(), "{story}: {lost:?} are lost");
            assert!(there.is_subset(&now), "{story}: writes of before are lost");
            assert!(now.iter().all(|id| is_written(*id)), "{story}: a write that failed is there");
            let check = |pragma| connection.query(pragma, params![], |row| row.get::<String>(0)).unwrap();
            assert_eq!(check("PRAGMA integrity_check"), ["ok"], "{story}");
            assert!(check("SELECT 'orphan' FROM orphans").is_empty(), "{story}");
            there = now;
        }
        println!(
            "killed a pool {} times, {journal:?}: {told} writes told to be done, none lost; {} more whole, no half",
            times.div_ceil(2),
            there.len() - told
        );
    }
}

/// Returns the writes that are there; each has to have all of its rows.
fn whole_writes(connection: &Connection, story: &str) -> BTreeSet<i64> {
    let rows = "SELECT id, count(*) FROM log GROUP BY id";
    let rows =
        connection.query(rows, params![], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))).expect("rows");
    let halves: Vec<_> = rows.iter().filter(|(_, parts)| *parts != 2).collect();
    assert!(halves.is_empty(), "{story}: only a part of {halves:?} is there");
    rows.into_iter().map(|(id, _)| id).collect()
}
