//! What a busy database leads to: the same again, a bounded number of times and for a bounded time, and counted.
//!
//! SQLite's own busy handler is part of each try. It does not cover everything: a rollback journal's COMMIT that readers
//! block, a log that is being recovered, a lock that waiting for would be a deadlock.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::ffi;

use super::counters::Meter;
use crate::error::Error;

/// How often and how long a pool tries again when the database is busy.
///
/// Each try waits for the busy timeout of the connection
/// ([`OpenOptions::busy_timeout`](crate::OpenOptions::busy_timeout)) first. The error that is left at the end is still
/// one for [`Error::is_busy`], and tells how often and how long it was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// How often it is tried again at most; with 0 it is not. Default: 5.
    pub count: u32,
    /// When this much time has passed since the first try, there is no further one. Default: 10 seconds.
    pub time: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { count: 5, time: Duration::from_secs(10) }
    }
}

/// The pause before the first new try; each further one is twice as long, up to the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(50)];

/// The tries at one thing.
pub(super) struct Tries<'a> {
    retries: Retries,
    /// For people: "begin to write".
    doing: &'static str,
    meter: &'a Meter,
    started: Instant,
    /// How often it was tried again.
    again: u32,
}

impl<'a> Tries<'a> {
    pub(super) fn new(retries: Retries, doing: &'static str, meter: &'a Meter) -> Self {
        Self { retries, doing, meter, started: Instant::now(), again: 0 }
    }

    /// Runs something until it succeeds, fails otherwise than by being busy, or has been tried often enough.
    pub(super) fn until_free<T>(mut self, mut work: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        loop {
            match work() {
                Err(error) if error.is_busy() => {
                    if !self.again() {
                        return Err(self.gives_up(error));
                    }
                }
                other => return other,
            }
        }
    }

    /// Pauses for a further try; `false` when there is none left.
    pub(super) fn again(&mut self) -> bool {
        let passed = self.started.elapsed();
        if self.again >= self.retries.count || passed >= self.retries.time {
            return false;
        }
        thread::sleep(PAUSES[0].saturating_mul(1 << self.again.min(10)).min(PAUSES[1]));
        self.again += 1;
        self.meter.retry(self.doing, self.again, passed);
        true
    }

    fn gives_up(&self, error: Error) -> Error {
        let (tries, seconds) = (self.again + 1, self.started.elapsed().as_secs_f64());
        let times = if tries == 1 { "in one try".to_owned() } else { format!("in {tries} tries") };
        let text = format!("cannot {}: the database was busy, {times} over {seconds:.1} s", self.doing);
        Error::context(text, error).with_hint(
            "another connection holds it; keep its transactions short, or allow more time by `busy_timeout` and `retries`",
        )
    }
}

/// Makes the error of a busy database once more, for another write that met the same: errors cannot be cloned.
pub(super) fn the_same(error: &Error) -> Error {
    let code = error.as_rusqlite().and_then(rusqlite::Error::sqlite_error).map(|error| error.extended_code);
    let code = ffi::Error::new(code.unwrap_or(ffi::SQLITE_BUSY));
    let busy = Error::from(rusqlite::Error::SqliteFailure(code, Some("database is locked".to_owned())));
    let again = Error::context(error.to_string(), busy);
    match error.hint() {
        Some(hint) => again.with_hint(hint),
        None => again,
    }
}
