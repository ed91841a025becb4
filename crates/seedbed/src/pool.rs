//! A database used by many tasks: one thread that writes, several that read.
//!
//! ```text
//!  task ── read(closure) ──► queue ──► reader thread 0..n ── BEGIN ───────────┐
//!  task ── write(closure) ─► queue ──► writer thread ─────── BEGIN IMMEDIATE ─┤
//!  task ◄──────────────────────── oneshot ◄──── result ◄──── COMMIT/ROLLBACK ─┘
//! ```
//!
//! The async runtime is never blocked: it only waits for the answer. Closures are `Fn` because the writer is free to
//! run one again. A pool on a database in memory has one thread, which reads and writes.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::{Semaphore, oneshot};

use crate::connection::Connection;
use crate::error::Error;
use crate::open::OpenOptions;
use crate::transaction::Transaction;

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
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

/// How a pool is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolOptions {
    /// How many threads read, at least one. Default: 4.
    pub readers: usize,
    /// How the connections are opened; the readers' are read-only in any case.
    pub open: OpenOptions,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { readers: 4, open: OpenOptions::default() }
    }
}

struct Shared {
    /// `None` after the pool was closed; the threads end when they have done what is queued.
    queues: Mutex<Option<Queues>>,
    /// Gets a permit when the last thread has ended.
    ended: Arc<Semaphore>,
}

struct Queues {
    writes: Sender<Job>,
    reads: Sender<Job>,
}

/// What a thread runs: a closure in a transaction, with the sending of the answer around it.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

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
        let Some(path) = writer.path() else { return Self::from_connection(writer) };
        let reading = OpenOptions { read_only: true, ..options.open };
        let readers =
            (0..options.readers.max(1)).map(|_| reading.open(path)).collect::<Result<Vec<_>, _>>()?;
        Self::start(writer, readers)
    }

    /// Opens a new, empty database in memory.
    ///
    /// # Errors
    ///
    /// When no memory is left or no thread can be started.
    pub fn open_in_memory() -> Result<Self, Error> {
        Self::from_connection(Connection::open_in_memory()?)
    }

    /// Makes a pool of one connection, which reads and writes: for a database in memory that was filled before.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn from_connection(connection: Connection) -> Result<Self, Error> {
        Self::start(connection, Vec::new())
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
        let job: Job = Box::new(move |connection| {
            // Nobody waits any more, and a read changes nothing.
            if !reply.is_closed() {
                answer_with(reply, || connection.snapshot(|tx| work(tx)));
            }
        });
        self.send(|queues| &queues.reads, job)?;
        answer.await.unwrap_or_else(|_| Err(Error::closed().into()))
    }

    /// Runs a closure that writes, in a transaction that begins at once and is committed when the closure succeeds.
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
        let job: Job = Box::new(move |connection| {
            answer_with(reply, || connection.transaction(|tx| work(tx)));
        });
        self.send(|queues| &queues.writes, job)?;
        answer.await.unwrap_or_else(|_| Err(Error::closed().into()))
    }

    /// Stops accepting work, waits until all that was accepted is done, and closes the connections.
    ///
    /// When the last handle is dropped without this, the threads finish as well, but nobody waits for them.
    pub async fn close(&self) {
        drop(self.queues().take());
        // The semaphore is never closed; were it, the threads would have ended.
        let _ = self.shared.ended.acquire().await;
    }

    fn start(writer: Connection, readers: Vec<Connection>) -> Result<Self, Error> {
        let ended = Arc::new(Semaphore::new(0));
        let (writes, write_queue) = channel();
        let (reads, read_queue) = if readers.is_empty() {
            (writes.clone(), None)
        } else {
            let (reads, queue) = channel();
            (reads, Some(Arc::new(Mutex::new(queue))))
        };
        let mut threads = Vec::new();
        for (number, connection) in readers.into_iter().enumerate() {
            let queue = read_queue.clone();
            threads.push(spawn(format!("seedbed-reader-{number}"), move || {
                if let Some(queue) = queue {
                    read_until_closed(connection, &queue)
                }
            })?);
        }
        let last = Ended(Arc::clone(&ended));
        spawn("seedbed-writer".to_owned(), move || write_until_closed(writer, &write_queue, threads, last))?;
        Ok(Self { shared: Arc::new(Shared { queues: Mutex::new(Some(Queues { writes, reads })), ended }) })
    }

    fn send(&self, queue: impl FnOnce(&Queues) -> &Sender<Job>, job: Job) -> Result<(), Error> {
        let queues = self.queues();
        let queue = queue(queues.as_ref().ok_or_else(Error::closed)?);
        queue.send(job).map_err(|_| Error::closed())
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

/// Runs the work of one caller and sends what came of it; a panic is an error for this caller only.
fn answer_with<T, E: From<Error>>(reply: oneshot::Sender<Result<T, E>>, work: impl FnOnce() -> Result<T, E>) {
    // The connection is left whole by a panic: the transaction's guard has rolled back while unwinding.
    let result = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(Error::panicked(payload.as_ref()).into()));
    // When nobody waits for the answer, nobody misses it.
    let _ = reply.send(result);
}

fn read_until_closed(mut connection: Connection, queue: &Mutex<Receiver<Job>>) {
    loop {
        // One reader waits for work while it holds the lock; it lets go before it runs what it got.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { break };
        job(&mut connection);
    }
}

/// The writer ends last, so that it is its connection that empties the write-ahead log into the file.
fn write_until_closed(
    mut connection: Connection,
    queue: &Receiver<Job>,
    readers: Vec<JoinHandle<()>>,
    ended: Ended,
) {
    for job in queue {
        job(&mut connection);
    }
    for reader in readers {
        // A reader cannot panic: every closure is caught.
        let _ = reader.join();
    }
    drop(connection);
    drop(ended);
}

/// Says that all threads have ended when it is dropped.
struct Ended(Arc<Semaphore>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    thread::Builder::new()
        .name(name)
        .spawn(work)
        .map_err(|error| Error::context("cannot start a thread", error))
}
