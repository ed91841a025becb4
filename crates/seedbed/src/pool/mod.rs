//! A database used by many tasks: one thread that writes, several that read.
//!
//! ```text
//!  task ── read(closure) ──► queue ──► reader thread 0..n ── BEGIN, closure, COMMIT ──────────────┐
//!  task ── write(closure) ─► queue ──► writer thread ─────── BEGIN IMMEDIATE                      │
//!  task ── write(closure) ─►   "                             SAVEPOINT, closure, RELEASE, … COMMIT ┤
//!  task ◄──────────────────────── oneshot ◄──── result ◄──────────────────────────────────────────┘
//! ```
//!
//! The async runtime is never blocked: it only waits for the answer. What is written together is in [`group`], how one write
//! is kept from the others in [`isolation`], what a busy database leads to in [`retry`]. A pool on a database in memory has
//! one thread, which reads and writes, and no groups: there is no disk to wait for.

mod counters;
mod group;
mod isolation;
mod job;
mod observer;
mod queue;
mod retry;
mod threads;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use crate::connection::Connection;
use crate::error::Error;
use crate::open::OpenOptions;
use crate::transaction::Transaction;
use counters::Meter;
use group::{Limits, Writer};
use job::{Job, ReadJob, WriteJob};
use queue::Queue;

pub use counters::PoolCounters;
pub use observer::{Answered, Observer, PoolEvent};
pub use retry::Retries;

/// A handle on a database that any number of tasks can use at once; clones share the same threads.
///
/// ```
/// use seedbed::{Error, Pool, params};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let pool = Pool::open_in_memory()?;
/// pool.write(|tx| tx.execute_batch("CREATE TABLE trees (name TEXT)")).await?;
/// let name = String::from("oak");
/// pool.write(move |tx| tx.execute("INSERT INTO trees VALUES (?1)", params![name])).await?;
/// let trees = pool.read(|tx| tx.query_one("SELECT count(*) FROM trees", params![], |row| row.get::<i64>(0))).await?;
/// assert_eq!(trees, 1);
/// pool.close().await;
/// # Ok(())
/// # }
/// ```
///
/// # Writes share commits
///
/// A commit waits for the disk, and while it does, further writes queue up. The writer runs all that wait in one
/// transaction, each in a savepoint of its own, and commits them together: a *group*. A write that finds the queue empty is
/// committed at once; it never waits for company. Nobody is answered before the commit, and nobody sees what is not
/// committed yet, except the closures of the same group.
///
/// A group is a way to save time and nothing else. Every write has the outcome that it would have had alone, at some place
/// in the order of writes:
///
/// - One that fails or panics is undone alone.
/// - One that leaves a deferred foreign key violated is undone and run again alone, where its own COMMIT refuses it.
///   `PRAGMA defer_foreign_keys` ends with the closure that set it.
/// - One whose statement rolls the whole transaction back (`INSERT OR ROLLBACK`, `RAISE(ROLLBACK)`, a disk that is full)
///   takes the others with it for a moment: they are run again without it, and it is run alone.
/// - When the COMMIT fails, all of the group are run again, each alone; but where the database stayed busy for all tries
///   ([`PoolOptions::retries`]), all hear that.
///
/// # What a closure must know
///
/// - It may run more than once; only the last run is kept. What it does to the world outside of the database happens as
///   often. That is why it is an [`Fn`].
/// - It cannot commit: `COMMIT` and `END` roll back and fail, and so does what it writes after it has rolled back.
/// - It must not wait for the same pool, which would wait for itself.
/// - [`Connection::last_insert_rowid`] and SQLite's `changes()` are those of another closure until it has written itself.
/// - What belongs to the connection stays for those who come later: temporary tables of a write that succeeded, attached
///   databases, and settings (`PRAGMA`); set these in [`PoolOptions::open`]. Statements cannot stay, they borrow from the
///   transaction.
///
/// # What "done" means
///
/// A write that succeeded is in the file: it survives the end of the process, however it ends. Whether it survives the end
/// of the machine is what [`Synchronous`](crate::Synchronous) sets; the default is that it does. A future that is dropped
/// does not take its write back: once it was polled, the write happens whole or not at all, and nobody hears which.
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

/// How a pool is set up.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// How many threads read, at least one. Default: 4.
    pub readers: usize,
    /// How many writes share a commit at most; with 1 each is committed for itself. Default: 256.
    pub writes_per_commit: usize,
    /// A group takes no further write when its closures have run for this long: those that were first wait for the last.
    /// Default: 5 milliseconds.
    pub time_per_commit: Duration,
    /// How often and how long a busy database is tried again. Default: 5 times within 10 seconds.
    pub retries: Retries,
    /// Who is told what happens. Default: nobody; [`Pool::counters`] count in any case.
    pub observer: Option<Observer>,
    /// How the connections are opened; the readers' are read-only in any case.
    pub open: OpenOptions,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            writes_per_commit: 256,
            time_per_commit: Duration::from_millis(5),
            retries: Retries::default(),
            observer: None,
            open: OpenOptions::default(),
        }
    }
}

struct Shared {
    /// `None` after the pool was closed; the threads end when they have done what is queued.
    queues: Mutex<Option<Queues>>,
    /// Gets a permit when the last thread has ended.
    ended: Arc<Semaphore>,
    meter: Arc<Meter>,
}

/// The queues of the threads, which are closed when this is dropped.
struct Queues {
    writes: Arc<Queue>,
    reads: Arc<Queue>,
}

impl Drop for Queues {
    fn drop(&mut self) {
        self.writes.close();
        self.reads.close();
    }
}

impl Pool {
    /// Opens a database file, and makes it when the options say so; the path `:memory:` is a database in memory.
    ///
    /// This opens the file on the calling thread, which takes about a millisecond.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`], and when no thread can be started.
    pub fn open(path: impl AsRef<Path>, options: PoolOptions) -> Result<Self, Error> {
        let writer = options.open.open(&path)?;
        let Some(path) = writer.path() else { return Self::start(writer, Vec::new(), &options) };
        let reading = OpenOptions { read_only: true, ..options.open.clone() };
        let readers =
            (0..options.readers.max(1)).map(|_| reading.open(path)).collect::<Result<Vec<_>, _>>()?;
        Self::start(writer, readers, &options)
    }

    /// Opens a new, empty database in memory.
    ///
    /// # Errors
    ///
    /// When no memory is left or no thread can be started.
    pub fn open_in_memory() -> Result<Self, Error> {
        Self::from_connection(Connection::open_in_memory()?)
    }

    /// Makes a pool of one connection, which reads and writes: for a database in memory that was filled before. The
    /// pool needs the connection's hooks for commits and rollbacks; others that were set are replaced.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn from_connection(connection: Connection) -> Result<Self, Error> {
        Self::start(connection, Vec::new(), &PoolOptions::default())
    }

    /// Runs a closure that reads: it sees one state of the database throughout, and cannot write.
    ///
    /// # Errors
    ///
    /// The closure's error; an [`Error`] when it panicked or the pool is closed.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(|queues| &queues.reads, Job::Read(Box::new(ReadJob::new(work, reply))))?;
        answer.await.unwrap_or_else(|_| Err(Error::closed().into()))
    }

    /// Runs a closure that writes, and answers when what it wrote is committed; see [`Pool`] for what it may rely on.
    ///
    /// The closure runs even when the caller no longer waits.
    ///
    /// # Errors
    ///
    /// The closure's error; an [`Error`] when it panicked, the transaction could not begin or commit, or the pool is closed. In
    /// all these cases nothing was written.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(|queues| &queues.writes, Job::Write(Box::new(WriteJob::new(work, reply))))?;
        answer.await.unwrap_or_else(|_| Err(Error::closed().into()))
    }

    /// Returns what the pool has done since it was opened.
    pub fn counters(&self) -> PoolCounters {
        self.shared.meter.counters()
    }

    /// Stops accepting work, waits until all that was accepted is done, and closes the connections.
    ///
    /// When the last handle is dropped without this, the threads finish as well, but nobody waits for them.
    pub async fn close(&self) {
        drop(self.queues().take());
        // The semaphore is never closed; were it, the threads would have ended.
        let _ = self.shared.ended.acquire().await;
    }

    fn start(
        mut writer: Connection,
        mut readers: Vec<Connection>,
        options: &PoolOptions,
    ) -> Result<Self, Error> {
        let meter = Arc::new(Meter::telling(options.observer.clone()));
        for connection in std::iter::once(&mut writer).chain(&mut readers) {
            connection.watching_mut().tell(options.observer.clone());
        }
        let writes = if readers.is_empty() { 1 } else { options.writes_per_commit };
        let limits = Limits { writes, time: options.time_per_commit };
        let writer = Writer::new(writer, limits, options.retries, Arc::clone(&meter))?;
        let (queues, ended) = threads::start(writer, readers, options.retries, &meter)?;
        Ok(Self { shared: Arc::new(Shared { queues: Mutex::new(Some(queues)), ended, meter }) })
    }

    fn send(&self, queue: impl FnOnce(&Queues) -> &Queue, job: Job) -> Result<(), Error> {
        let queues = self.queues();
        queue(queues.as_ref().ok_or_else(Error::closed)?).send(job);
        Ok(())
    }

    fn queues(&self) -> MutexGuard<'_, Option<Queues>> {
        // Nothing panics while the lock is held; the queues are whole in any case.
        self.shared.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("closed", &self.queues().is_none()).finish_non_exhaustive()
    }
}
