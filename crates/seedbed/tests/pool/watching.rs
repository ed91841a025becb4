//! What a pool tells of itself.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use seedbed::{Error, Observer, OpenOptions, Pool, PoolEvent, PoolOptions, params};

use crate::support::Garden;

/// An observer that writes down what it is told, without the times.
fn diary() -> (Observer, impl Fn() -> Vec<String>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let observer = Observer::new(move |event| {
        let line = match event {
            PoolEvent::Read(read) => format!("read, failed: {}", read.failed),
            PoolEvent::Write(write) => {
                format!("write, failed: {}, panicked: {}", write.failed, write.panicked)
            }
            PoolEvent::Commit { writes, .. } => format!("commit of {writes}"),
            PoolEvent::RunAgain { writes, .. } => format!("{writes} run again"),
            PoolEvent::Retry { doing, tries, .. } => format!("{doing} again after {tries}"),
            PoolEvent::SlowQuery { sql, rows, failed, .. } => format!("{sql}: {rows} rows, failed: {failed}"),
            _ => "something else".to_owned(),
        };
        lines.lock().expect("no panic").push(line);
    });
    (observer, move || std::mem::take(&mut *written.lock().expect("no panic")))
}

#[tokio::test]
async fn an_observer_hears_of_groups_and_answers() {
    let (observer, heard) = diary();
    let garden = Garden::with(PoolOptions { observer: Some(observer), ..PoolOptions::default() });
    let held = garden.hold();
    let writes = [
        garden.run("INSERT INTO trees VALUES ('elm')"),
        garden.run("INSERT INTO trees VALUES ('oak')"),
        garden.submit(|_| panic!("a bug")),
    ];
    held.go_on().await;
    for write in writes {
        write.await.ok();
    }
    let [well, failed, panicked] = [(false, false), (true, false), (true, true)]
        .map(|(failed, panicked)| format!("write, failed: {failed}, panicked: {panicked}"));
    assert_eq!(heard(), ["commit of 4", &well, &well, &failed, &panicked]);

    let held = garden.hold();
    let (plants, explodes) =
        (garden.run("INSERT INTO trees VALUES ('ash')"), garden.run("INSERT INTO mines VALUES ('m')"));
    held.go_on().await;
    plants.await.unwrap();
    explodes.await.unwrap_err();
    assert_eq!(heard(), ["2 run again", "commit of 2", &well, &well, &failed]);

    garden.pool.read(|_| Ok::<_, Error>(())).await.unwrap();
    assert_eq!(heard(), ["read, failed: false"]);
    let counters = garden.pool.counters();
    assert_eq!((counters.reads, counters.writes, counters.commits), (1, 7, 2));
    assert_eq!((counters.failures, counters.panics, counters.runs_again), (3, 1, 2));
    assert!(counters.commit_time > Duration::ZERO);
}

#[tokio::test]
async fn an_observer_hears_of_slow_queries_and_not_of_their_values() {
    let (observer, heard) = diary();
    let open = OpenOptions { slow_query: Some(Duration::ZERO), ..OpenOptions::default() };
    let pool =
        Pool::open(":memory:", PoolOptions { observer: Some(observer), open, ..PoolOptions::default() })
            .unwrap();
    let written: Result<usize, Error> = pool
        .write(|tx| {
            tx.execute_batch("CREATE TABLE t (a UNIQUE)")?;
            tx.execute("INSERT INTO t VALUES (?1), (?2)", params!["a secret", "another"])?;
            tx.query("SELECT a FROM t", params![], |_| Ok(()))?;
            tx.query_optional("SELECT a FROM t WHERE a = ?1", params!["a secret"], |_| Ok(()))?;
            tx.execute("INSERT INTO t VALUES (?1)", params!["a secret"])
        })
        .await;
    written.unwrap_err();
    let told = heard();
    let expected = [
        "BEGIN IMMEDIATE: 0 rows, failed: false",
        "CREATE TABLE t (a UNIQUE): 0 rows, failed: false",
        "INSERT INTO t VALUES (?1), (?2): 2 rows, failed: false",
        "SELECT a FROM t: 2 rows, failed: false",
        "SELECT a FROM t WHERE a = ?1: 1 rows, failed: false",
        "INSERT INTO t VALUES (?1): 0 rows, failed: true",
        "ROLLBACK: 0 rows, failed: false",
        "write, failed: true, panicked: false",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_query_that_is_not_slow_is_not_told_of() {
    let (observer, heard) = diary();
    let open = OpenOptions { slow_query: Some(Duration::from_secs(3600)), ..OpenOptions::default() };
    let pool =
        Pool::open(":memory:", PoolOptions { observer: Some(observer), open, ..PoolOptions::default() })
            .unwrap();
    pool.read(|tx| tx.query("SELECT 1", params![], |_| Ok(()))).await.unwrap();
    assert_eq!(heard(), ["read, failed: false"]);
}

#[tokio::test]
async fn an_observer_that_panics_disturbs_nobody() {
    let open = OpenOptions { slow_query: Some(Duration::ZERO), ..OpenOptions::default() };
    let observer = Some(Observer::new(|_| panic!("a bug in the observer")));
    let garden = Garden::with(PoolOptions { observer, open, ..PoolOptions::default() });
    for _ in 0..3 {
        garden.run("INSERT INTO seals VALUES (NULL)").await.unwrap();
        garden.pool.read(|_| Ok::<_, Error>(())).await.unwrap();
    }
}
