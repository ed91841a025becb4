//! What a pool tells while it works, to whoever wants to measure it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::job::survive;

/// Something that happened in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolEvent<'a> {
    /// A closure that reads was answered.
    Read(Answered),
    /// A closure that writes was answered.
    Write(Answered),
    /// Writes were committed.
    #[non_exhaustive]
    Commit {
        /// How many writes share the commit.
        writes: usize,
        /// How long the COMMIT took.
        took: Duration,
    },
    /// Writes were undone by another of their group, or by its COMMIT, and are run again.
    #[non_exhaustive]
    RunAgain {
        /// How many.
        writes: usize,
    },
    /// The database was busy, and is tried again.
    #[non_exhaustive]
    Retry {
        /// What is tried: `read`, `write`, `begin to write` or `commit`.
        doing: &'static str,
        /// How often it was tried so far.
        tries: u32,
        /// How long ago that began.
        waited: Duration,
    },
    /// A statement took as long as [`OpenOptions::slow_query`](crate::OpenOptions::slow_query) says or longer.
    #[non_exhaustive]
    SlowQuery {
        /// Its text, without the values of its parameters.
        sql: &'a str,
        /// How many rows it returned or changed.
        rows: usize,
        /// How long it took.
        took: Duration,
        /// Whether it failed.
        failed: bool,
    },
}

/// A closure that was run and whose caller now gets the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answered {
    /// How long it waited in the queue.
    pub waited: Duration,
    /// How long it took from there to the answer, the commit and all runs included.
    pub took: Duration,
    /// Whether the caller gets an error.
    pub failed: bool,
    /// Whether the closure panicked.
    pub panicked: bool,
}

/// Who is told what happens in a pool: a closure, which is called on the pool's threads, between their work. It has
/// to be quick, and must not wait for the pool. A panic in it is ignored.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use seedbed::{Error, Observer, Pool, PoolEvent, PoolOptions, params};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let commits = Arc::new(AtomicUsize::new(0));
/// let counted = Arc::clone(&commits);
/// let observer = Observer::new(move |event| {
///     if let PoolEvent::Commit { .. } = event {
///         counted.fetch_add(1, Ordering::Relaxed);
///     }
/// });
/// let options = PoolOptions { observer: Some(observer), ..PoolOptions::default() };
/// let pool = Pool::open(":memory:", options)?;
/// pool.write(|tx| tx.execute_batch("CREATE TABLE trees (name TEXT)")).await?;
/// assert_eq!(commits.load(Ordering::Relaxed), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&PoolEvent<'_>) + Send + Sync>);

impl Observer {
    /// Makes an observer of a closure.
    pub fn new(tell: impl Fn(&PoolEvent<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn tell(&self, event: &PoolEvent<'_>) {
        survive(|| (self.0)(event));
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}
