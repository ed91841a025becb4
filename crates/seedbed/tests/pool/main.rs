//! Pools: closures of many tasks on one database, on a file and in memory alike.

mod busy;
mod groups;
mod isolation;
mod kills;
mod support;
mod watching;

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use seedbed::{Error, OpenOptions, Pool, PoolOptions, params};
use tempfile::TempDir;

type Result<T = (), E = Box<dyn StdError>> = std::result::Result<T, E>;

/// Runs a check on a pool over a file and on one in memory, which have to behave the same.
async fn on_both<F: Future<Output = Result>>(check: impl Fn(Pool) -> F) -> Result {
    let folder = TempDir::new()?;
    for pool in [open(&folder, 3)?, Pool::open_in_memory()?] {
        pool.write(|tx| tx.execute_batch("CREATE TABLE trees (name TEXT NOT NULL UNIQUE)")).await?;
        check(pool).await?;
    }
    Ok(())
}

fn open(folder: &TempDir, readers: usize) -> Result<Pool, Error> {
    let open = OpenOptions { busy_timeout: Duration::from_millis(500), ..OpenOptions::default() };
    Pool::open(folder.path().join("garden.db"), PoolOptions { readers, open, ..PoolOptions::default() })
}

async fn plant(pool: &Pool, name: impl Into<String>) -> Result<usize, Error> {
    let name = name.into();
    pool.write(move |tx| tx.execute("INSERT INTO trees VALUES (?1)", params![name])).await
}

async fn count(pool: &Pool) -> Result<i64, Error> {
    pool.read(|tx| tx.query_one("SELECT count(*) FROM trees", params![], |row| row.get(0))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_write_and_read_at_once() -> Result {
    on_both(|pool| async move {
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..64 {
            let pool = pool.clone();
            tasks.spawn(async move {
                plant(&pool, format!("tree {number}")).await?;
                count(&pool).await
            });
        }
        while let Some(task) = tasks.join_next().await {
            assert!(task?? >= 1);
        }
        assert_eq!(count(&pool).await?, 64);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read() -> Result {
    on_both(|pool| async move {
        for planted in 1..=20 {
            plant(&pool, format!("tree {planted}")).await?;
            assert_eq!(count(&pool).await?, planted);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_closure_that_fails_writes_nothing() -> Result {
    on_both(|pool| async move {
        plant(&pool, "oak").await?;
        let result = pool
            .write(|tx| {
                tx.execute("INSERT INTO trees VALUES ('elm')", params![])?;
                tx.execute("INSERT INTO trees VALUES ('oak')", params![])
            })
            .await;
        assert!(result.is_err_and(|error: Error| error.is_unique_violation()));
        assert_eq!(count(&pool).await?, 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_reading_closure_cannot_write() -> Result {
    on_both(|pool| async move {
        let result = pool.read(|tx| tx.execute("INSERT INTO trees VALUES ('oak')", params![])).await;
        assert!(result.is_err_and(|error: Error| error.to_string().contains("readonly")));
        plant(&pool, "oak").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_panic_is_an_error_of_its_caller_only() -> Result {
    on_both(|pool| async move {
        for _ in 0..5 {
            let written: Result<(), Error> = pool
                .write(|tx| {
                    tx.execute("INSERT INTO trees VALUES ('oak')", params![])?;
                    panic!("a bug in a write")
                })
                .await;
            assert_eq!(
                written.unwrap_err().to_string(),
                "the closure that was given to the pool panicked: a bug in a write"
            );
            let read: Result<(), Error> = pool.read(|_| panic!("a bug in read {}", 1)).await;
            assert!(read.unwrap_err().to_string().ends_with("a bug in read 1"));
        }
        assert_eq!(count(&pool).await?, 0);
        plant(&pool, "oak").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_application_brings_its_own_error() -> Result {
    #[derive(Debug, PartialEq)]
    enum AppError {
        TooMany(i64),
        Database(String),
    }
    impl From<Error> for AppError {
        fn from(error: Error) -> Self {
            Self::Database(error.to_string())
        }
    }
    on_both(|pool| async move {
        let refused: Result<(), AppError> = pool.write(|_| Err(AppError::TooMany(3))).await;
        assert_eq!(refused, Err(AppError::TooMany(3)));
        pool.close().await;
        let closed: Result<(), AppError> = pool.read(|_| Ok(())).await;
        assert_eq!(closed, Err(AppError::Database("the pool is shut down".to_owned())));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_finishes_what_was_accepted() -> Result {
    on_both(|pool| async move {
        let done = Arc::new(AtomicUsize::new(0));
        for number in 0..50 {
            let done = Arc::clone(&done);
            let mut write = Box::pin(pool.write(move |tx| {
                done.fetch_add(1, Ordering::SeqCst);
                tx.execute("INSERT INTO trees VALUES (?1)", params![format!("tree {number}")])
            }));
            // Polled once, so that it is accepted; then nobody waits for it any more.
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let _: std::task::Poll<Result<usize, Error>> = write.as_mut().poll(&mut context);
        }
        pool.close().await;
        assert_eq!(done.load(Ordering::SeqCst), 50);
        assert!(plant(&pool, "too late").await.is_err());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn closing_leaves_a_single_file_and_can_be_repeated() -> Result {
    let folder = TempDir::new()?;
    let pool = open(&folder, 2)?;
    pool.write(|tx| tx.execute_batch("CREATE TABLE trees (name TEXT)")).await?;
    assert_eq!(count(&pool).await?, 0);
    tokio::join!(pool.close(), pool.close());
    let files: Vec<_> = std::fs::read_dir(folder.path())?.collect::<std::io::Result<_>>()?;
    assert_eq!(files.iter().map(|file| file.file_name()).collect::<Vec<_>>(), ["garden.db"]);
    Ok(())
}

#[tokio::test]
async fn a_long_read_does_not_keep_others_from_writing() -> Result {
    let folder = TempDir::new()?;
    let pool = open(&folder, 1)?;
    pool.write(|tx| tx.execute_batch("CREATE TABLE trees (name TEXT)")).await?;
    let (start, started) = std::sync::mpsc::channel();
    let (finish, finished) = std::sync::mpsc::channel::<()>();
    let finished = std::sync::Mutex::new(finished);
    let reading = tokio::spawn({
        let pool = pool.clone();
        async move {
            pool.read(move |tx| {
                let before: i64 = tx.query_one("SELECT count(*) FROM trees", params![], |row| row.get(0))?;
                start.send(()).ok();
                finished.lock().map(|finished| finished.recv()).ok();
                let after: i64 = tx.query_one("SELECT count(*) FROM trees", params![], |row| row.get(0))?;
                Ok::<_, Error>((before, after))
            })
            .await
        }
    });
    tokio::task::spawn_blocking(move || started.recv()).await??;
    plant(&pool, "oak").await?;
    finish.send(())?;
    assert_eq!(reading.await??, (0, 0));
    assert_eq!(count(&pool).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_pool_that_may_only_read_says_so_to_writes() -> Result {
    let folder = TempDir::new()?;
    let writer = open(&folder, 1)?;
    writer.write(|tx| tx.execute_batch("CREATE TABLE trees (name TEXT)")).await?;
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    let options = PoolOptions { open: options, ..PoolOptions::default() };
    let reader = Pool::open(folder.path().join("garden.db"), options)?;
    assert_eq!(count(&reader).await?, 0);
    assert!(plant(&reader, "oak").await.is_err_and(|error| error.to_string().contains("readonly")));
    Ok(())
}
