//! What a pool counts of itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::observer::{Answered, Observer, PoolEvent};

/// What a pool has done since it was opened, as [`Pool::counters`](crate::Pool::counters) returns it.
///
/// Numbers that are read while the pool works need not fit together to the last one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolCounters {
    /// Closures that read and were answered.
    pub reads: u64,
    /// Closures that wrote and were answered.
    pub writes: u64,
    /// Of both, those whose caller got an error.
    pub failures: u64,
    /// Of these, those that panicked.
    pub panics: u64,
    /// Commits of the writer; `writes` divided by this is how many writes share one.
    pub commits: u64,
    /// The most writes that shared one commit.
    pub largest_commit: u64,
    /// Writes that had run in a group and were run again, because another write or the COMMIT undid them.
    pub runs_again: u64,
    /// New tries because the database was busy.
    pub retries: u64,
    /// How long closures waited in a queue before they ran, in all.
    pub queue_wait: Duration,
    /// How long COMMITs took, in all.
    pub commit_time: Duration,
}

/// The counters in the making, and who is told beside them.
#[derive(Default)]
pub(super) struct Meter {
    observer: Option<Observer>,
    reads: AtomicU64,
    writes: AtomicU64,
    failures: AtomicU64,
    panics: AtomicU64,
    commits: AtomicU64,
    largest_commit: AtomicU64,
    runs_again: AtomicU64,
    retries: AtomicU64,
    queue_wait: AtomicU64,
    commit_time: AtomicU64,
}

/// A closure that was run and is now answered.
pub(super) struct Finished {
    pub(super) accepted: Instant,
    pub(super) started: Instant,
    pub(super) failed: bool,
    pub(super) panicked: bool,
}

impl Meter {
    pub(super) fn telling(observer: Option<Observer>) -> Self {
        Self { observer, ..Self::default() }
    }

    pub(super) fn counters(&self) -> PoolCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PoolCounters {
            reads: read(&self.reads),
            writes: read(&self.writes),
            failures: read(&self.failures),
            panics: read(&self.panics),
            commits: read(&self.commits),
            largest_commit: read(&self.largest_commit),
            runs_again: read(&self.runs_again),
            retries: read(&self.retries),
            queue_wait: Duration::from_nanos(read(&self.queue_wait)),
            commit_time: Duration::from_nanos(read(&self.commit_time)),
        }
    }

    pub(super) fn read(&self, finished: Finished) {
        add(&self.reads, 1);
        self.finished(&finished, PoolEvent::Read);
    }

    pub(super) fn write(&self, finished: Finished) {
        add(&self.writes, 1);
        self.finished(&finished, PoolEvent::Write);
    }

    pub(super) fn commit(&self, writes: usize, took: Duration) {
        add(&self.commits, 1);
        self.largest_commit.fetch_max(writes as u64, Ordering::Relaxed);
        add(&self.commit_time, nanoseconds(took));
        self.tell(|| PoolEvent::Commit { writes, took });
    }

    pub(super) fn run_again(&self, writes: usize) {
        add(&self.runs_again, writes as u64);
        self.tell(|| PoolEvent::RunAgain { writes });
    }

    pub(super) fn retry(&self, doing: &'static str, tries: u32, waited: Duration) {
        add(&self.retries, 1);
        self.tell(|| PoolEvent::Retry { doing, tries, waited });
    }

    fn finished(&self, finished: &Finished, event: fn(Answered) -> PoolEvent<'static>) {
        add(&self.failures, u64::from(finished.failed));
        add(&self.panics, u64::from(finished.panicked));
        let waited = finished.started.saturating_duration_since(finished.accepted);
        add(&self.queue_wait, nanoseconds(waited));
        self.tell(|| {
            let took = finished.started.elapsed();
            event(Answered { waited, took, failed: finished.failed, panicked: finished.panicked })
        });
    }

    fn tell<'a>(&self, event: impl FnOnce() -> PoolEvent<'a>) {
        if let Some(observer) = &self.observer {
            observer.tell(&event());
        }
    }
}

fn add(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

/// Nanoseconds in 64 bits last for five hundred years.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
