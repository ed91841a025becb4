//! Which writes share a commit, and when their callers hear of it.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::task::{Context, Waker};

use seedbed::{PoolOptions, params};

use crate::support::Garden;

#[tokio::test]
async fn writes_that_wait_share_one_commit() {
    let garden = Garden::new();
    let held = garden.hold();
    let writes: Vec<_> = (0..100)
        .map(|number| {
            garden.submit(move |tx| {
                tx.execute("INSERT INTO trees VALUES (?1)", params![format!("tree {number:02}")])
            })
        })
        .collect();
    held.go_on().await;
    for write in writes {
        assert_eq!(write.await.unwrap(), 1);
    }
    assert!(garden.trees().is_sorted() && garden.trees().len() == 100);
    let counters = garden.pool.counters();
    assert_eq!((counters.commits, counters.largest_commit, counters.writes), (1, 101, 101));
}

#[tokio::test]
async fn a_write_that_is_alone_does_not_wait_for_company() {
    let garden = Garden::new();
    for _ in 0..10 {
        garden.run("DELETE FROM trees").await.unwrap();
    }
    let counters = garden.pool.counters();
    assert_eq!((counters.commits, counters.largest_commit), (10, 1));
}

#[tokio::test]
async fn a_pool_can_be_told_to_commit_each_write_for_itself() {
    let garden = Garden::with(PoolOptions { writes_per_commit: 1, ..PoolOptions::default() });
    let held = garden.hold();
    let writes: Vec<_> = (0..5).map(|_| garden.run("INSERT INTO seals VALUES (NULL)")).collect();
    held.go_on().await;
    for write in writes {
        assert_eq!(write.await.unwrap(), 1);
    }
    assert_eq!((garden.pool.counters().commits, garden.pool.counters().largest_commit), (6, 1));
}

#[tokio::test]
async fn nobody_hears_or_sees_anything_before_the_commit() {
    let garden = Garden::new();
    let first = garden.hold();
    let mut second = garden.run("INSERT INTO trees VALUES ('elm')");
    let (go_on, waits) = channel::<()>();
    let (runs, running) = channel();
    let waits = Mutex::new(waits);
    let third = garden.submit(move |_| {
        runs.send(()).ok();
        waits.lock().unwrap().recv().ok();
        Ok(())
    });
    let first = tokio::spawn(first.go_on());
    tokio::task::spawn_blocking(move || running.recv()).await.unwrap().unwrap();
    // The second has run and is in the same transaction as the third, which is held.
    assert!(second.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(!first.is_finished());
    let seen = garden.pool.read(|tx| {
        tx.query("SELECT name FROM trees WHERE name = 'elm'", params![], |row| row.get::<String>(0))
    });
    assert!(seen.await.unwrap().is_empty());
    drop(go_on);
    third.await.unwrap();
    assert_eq!(second.await.unwrap(), 1);
    first.await.unwrap();
    assert_eq!(garden.pool.counters().commits, 1);
}

#[tokio::test]
async fn a_write_whose_caller_goes_away_happens_nevertheless() {
    let garden = Garden::new();
    let held = garden.hold();
    drop(garden.run("INSERT INTO trees VALUES ('elm')"));
    let fails = garden.run("INSERT INTO mines VALUES ('m')");
    held.go_on().await;
    assert!(fails.await.is_err());
    assert_eq!(garden.trees(), ["elm"]);
}

#[tokio::test]
async fn closing_finishes_groups_and_what_has_to_be_run_again() {
    let garden = Garden::new();
    let held = garden.hold();
    let mut writes = Vec::new();
    for number in 0..600 {
        writes.push(garden.submit(move |tx| {
            if number % 100 == 50 {
                return tx.execute("INSERT INTO mines VALUES ('m')", params![]);
            }
            tx.execute("INSERT INTO trees VALUES (?1)", params![format!("tree {number:03}")])
        }));
    }
    let closing = tokio::spawn({
        let pool = garden.pool.clone();
        async move { pool.close().await }
    });
    tokio::task::yield_now().await;
    let refused = garden.pool.write(|tx| tx.execute("DELETE FROM trees", params![])).await;
    assert_eq!(refused.unwrap_err().to_string(), "the pool is shut down");
    held.go_on().await;
    closing.await.unwrap();
    for (number, write) in writes.into_iter().enumerate() {
        assert_eq!(write.await.is_ok(), number % 100 != 50, "{number}");
    }
    assert_eq!(garden.trees().len(), 594);
    assert!(garden.pool.counters().largest_commit <= 256);
}
