//! A database that others hold: tries are bounded, counted and told, and nobody is told "done" for nothing.

use std::time::Duration;

use seedbed::{Journal, OpenOptions, PoolOptions, Retries, params};

use crate::support::Garden;

fn impatient(journal: Journal, retries: Retries) -> Garden {
    let open = OpenOptions { busy_timeout: Duration::from_millis(1), journal, ..OpenOptions::default() };
    Garden::with(PoolOptions { retries, open, ..PoolOptions::default() })
}

fn retries(count: u32) -> Retries {
    Retries { count, time: Duration::from_secs(60) }
}

#[tokio::test]
async fn a_write_that_cannot_begin_says_how_often_it_was_tried() {
    let garden = impatient(Journal::Wal, retries(3));
    let other = garden.other();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = garden.run("DELETE FROM trees").await.unwrap_err();
    assert!(error.is_busy());
    assert!(
        error.to_string().starts_with("cannot begin to write: the database was busy, in 4 tries over "),
        "{error}"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("busy_timeout")));
    assert_eq!(garden.pool.counters().retries, 3);

    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(garden.run("DELETE FROM trees").await.unwrap(), 1);
}

#[tokio::test]
async fn time_bounds_the_tries_as_well() {
    let garden = impatient(Journal::Wal, Retries { count: u32::MAX, time: Duration::from_millis(20) });
    let other = garden.other();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(garden.run("DELETE FROM trees").await.unwrap_err().is_busy());
    let garden = impatient(Journal::Wal, retries(0));
    let other = garden.other();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = garden.run("DELETE FROM trees").await.unwrap_err();
    assert!(error.to_string().contains("in one try"), "{error}");
    assert_eq!(garden.pool.counters().retries, 0);
}

#[tokio::test]
async fn writes_that_waited_together_are_refused_together() {
    let garden = impatient(Journal::Wal, retries(2));
    let held = garden.hold();
    let first = garden.run("INSERT INTO mines VALUES ('m')");
    let writes: Vec<_> = (0..20).map(|_| garden.run("INSERT INTO seals VALUES (NULL)")).collect();
    // Others get in between as soon as the writer lets go.
    let other = garden.other();
    let blocking =
        tokio::task::spawn_blocking(move || other.execute_batch("BEGIN IMMEDIATE").map(|()| other));
    held.go_on().await;
    assert!(first.await.is_err());
    let other = blocking.await.unwrap().unwrap();
    let later = garden.run("INSERT INTO seals VALUES (NULL)");
    let mut written = 0;
    for write in writes {
        match write.await {
            Ok(rows) => written += rows,
            Err(error) => assert!(error.is_busy()),
        }
    }
    assert!(later.await.unwrap_err().is_busy());
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(garden.texts("SELECT 'row' FROM seals WHERE name IS NULL").len(), written);
}

/// With a rollback journal a COMMIT waits for readers, and the transaction stays open when they do not go.
#[tokio::test]
async fn a_commit_that_fails_is_done_for_nobody() {
    let garden = impatient(Journal::Delete, retries(1));
    let reader = garden.other();
    let held = garden.hold();
    let writes: Vec<_> = ["elm", "ash", "fir"]
        .map(|name| garden.submit(move |tx| tx.execute("INSERT INTO trees VALUES (?1)", params![name])))
        .into();
    reader.execute_batch("BEGIN").unwrap();
    reader.query("SELECT * FROM trees", params![], |_| Ok(())).unwrap();
    assert!(held.let_go().await.unwrap_err().is_busy());
    for write in writes {
        let error = write.await.unwrap_err();
        assert!(error.is_busy());
        assert!(error.to_string().starts_with("cannot commit: the database was busy, in 2 tries"), "{error}");
    }
    reader.execute_batch("ROLLBACK").unwrap();
    assert!(garden.trees().is_empty());
    assert_eq!(garden.run("INSERT INTO trees VALUES ('elm')").await.unwrap(), 1);
    assert_eq!((garden.pool.counters().retries, garden.pool.counters().runs_again), (1, 0));
}

#[tokio::test]
async fn a_commit_that_finds_the_database_free_at_last_is_done_once() {
    let garden = impatient(Journal::Delete, retries(1000));
    let reader = garden.other();
    let held = garden.hold();
    let writes: Vec<_> = ["elm", "ash", "fir"]
        .map(|name| garden.submit(move |tx| tx.execute("INSERT INTO trees VALUES (?1)", params![name])))
        .into();
    reader.execute_batch("BEGIN").unwrap();
    reader.query("SELECT * FROM trees", params![], |_| Ok(())).unwrap();
    let group = tokio::spawn(held.go_on());
    while garden.pool.counters().retries < 3 && !group.is_finished() {
        tokio::task::yield_now().await;
    }
    reader.execute_batch("ROLLBACK").unwrap();
    group.await.unwrap();
    for write in writes {
        assert_eq!(write.await.unwrap(), 1);
    }
    assert_eq!(garden.trees(), ["elm", "ash", "fir"]);
    assert_eq!((garden.pool.counters().commits, garden.pool.counters().runs_again), (1, 0));
}

/// A closure that meets the lock itself is run again, too, as long as it reports the failure in whatever form.
#[tokio::test]
async fn a_read_that_is_busy_is_tried_again() {
    let garden = impatient(Journal::Delete, retries(1000));
    let other = garden.other();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let pool = garden.pool.clone();
    let reading = tokio::spawn(async move {
        pool.read(|tx| {
            tx.query("SELECT name FROM trees", params![], |row| row.get::<String>(0))
                .map_err(|_| seedbed::Error::message("cannot list the trees"))
        })
        .await
    });
    while garden.pool.counters().retries < 3 && !reading.is_finished() {
        tokio::task::yield_now().await;
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), ["oak"]);
}
