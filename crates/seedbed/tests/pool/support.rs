//! Groups that are made on purpose: a first write holds the writer until all others wait behind it.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use seedbed::{Connection, Error, Journal, OpenOptions, Pool, PoolOptions, Transaction, params};
use tempfile::TempDir;

/// A write that the pool has accepted, and that may have been answered.
pub(crate) type Accepted<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// A pool on a file of its own, whose schema has something for every way to end a transaction.
pub(crate) struct Garden {
    pub(crate) pool: Pool,
    folder: TempDir,
}

const SCHEMA: &str = "CREATE TABLE trees (name TEXT NOT NULL UNIQUE);
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE children (parent INTEGER REFERENCES parents (id));
CREATE TABLE grafts (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE seals (name TEXT UNIQUE ON CONFLICT ROLLBACK);
CREATE TABLE mines (name TEXT);
CREATE TRIGGER mines_explode BEFORE INSERT ON mines BEGIN SELECT RAISE(ROLLBACK, 'a mine'); END;
INSERT INTO trees VALUES ('oak');
INSERT INTO seals VALUES ('wax');";

impl Garden {
    pub(crate) fn new() -> Self {
        Self::with(PoolOptions::default())
    }

    /// Groups are as large as their number allows, however slow the machine is, and one reader is enough.
    pub(crate) fn with(options: PoolOptions) -> Self {
        let options = PoolOptions { readers: 1, time_per_commit: Duration::from_secs(60), ..options };
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("garden.db");
        options.open.open(&path).unwrap().execute_batch(SCHEMA).unwrap();
        Self { pool: Pool::open(path, options).unwrap(), folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("garden.db")
    }

    /// Hands a write to the pool without waiting for it.
    pub(crate) fn submit<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Accepted<T> {
        let pool = self.pool.clone();
        let mut write: Accepted<T> = Box::pin(async move { pool.write(work).await });
        match write.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(heard) => Box::pin(std::future::ready(heard)),
            Poll::Pending => write,
        }
    }

    /// Hands over a write of one statement.
    pub(crate) fn run(&self, sql: &'static str) -> Accepted<usize> {
        self.submit(move |tx| tx.execute(sql, params![]))
    }

    /// Holds the writer inside of a write, which is the first of a group with all that are accepted until it goes on.
    pub(crate) fn hold(&self) -> Held {
        let (go_on, waits) = channel::<()>();
        let (runs, running) = channel();
        let waits = Mutex::new(waits);
        let write = self.submit(move |_| {
            runs.send(()).ok();
            // When this is run again, nobody holds it any more.
            waits.lock().unwrap().recv().ok();
            Ok(())
        });
        running.recv().unwrap();
        Held { write, go_on }
    }

    /// Returns the names of all trees but the oak that was there before.
    pub(crate) fn trees(&self) -> Vec<String> {
        self.texts("SELECT name FROM trees WHERE name <> 'oak' ORDER BY rowid")
    }

    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        self.other().query(sql, params![], |row| row.get(0)).unwrap()
    }

    /// Opens the file once more, without a change to its journal.
    pub(crate) fn other(&self) -> Connection {
        let options = OpenOptions { journal: Journal::Unchanged, create: false, ..OpenOptions::default() };
        options.open(self.path()).unwrap()
    }
}

/// A write that holds the writer.
pub(crate) struct Held {
    write: Accepted<()>,
    go_on: Sender<()>,
}

impl Held {
    /// Lets the writer go on; when this returns, the group of the held write is committed.
    pub(crate) async fn go_on(self) {
        self.let_go().await.unwrap();
    }

    /// Lets the writer go on, and returns what the caller of the held write hears.
    pub(crate) async fn let_go(self) -> Result<(), Error> {
        drop(self.go_on);
        self.write.await
    }
}
