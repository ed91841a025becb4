//! What a connection tells about its statements: a tracing span for each, and the slow ones by name.
//!
//! Every statement of a [`Connection`](crate::Connection) runs inside of [`Watching::run`], those of pools and of queries
//! that are built among them. When nobody listens, that costs a look at two variables. What is told is the SQL and never
//! the values that were bound to it.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::pool::{Observer, PoolEvent};

/// Who is told about the statements of a connection.
#[derive(Debug, Default)]
pub(crate) struct Watching {
    /// From how long on a statement is slow.
    slow_query: Option<Duration>,
    /// Who hears of slow statements beside the log.
    observer: Option<Observer>,
    /// Whether a statement failed because the database was busy, since this was set to no.
    pub(crate) was_busy: Cell<bool>,
}

impl Watching {
    pub(crate) fn new(slow_query: Option<Duration>) -> Self {
        Self { slow_query, ..Self::default() }
    }

    pub(crate) fn tell(&mut self, observer: Option<Observer>) {
        self.observer = observer;
    }

    /// Runs a statement. `work` counts the rows that it reads or changes.
    #[inline]
    pub(crate) fn run<'a, T, E>(
        &self,
        text: impl FnOnce() -> Cow<'a, str>,
        work: impl FnOnce(&mut usize) -> Result<T, E>,
    ) -> Result<T, E> {
        let watch = (self.slow_query.is_some() || traces()).then(|| Watch::of(text()));
        let mut rows = 0;
        let result = work(&mut rows);
        if let Some(watch) = watch {
            watch.end(self, rows, result.is_err());
        }
        result
    }
}

/// A statement that is running and watched.
struct Watch<'a> {
    sql: Cow<'a, str>,
    started: Instant,
    #[cfg(feature = "tracing")]
    span: tracing::span::EnteredSpan,
}

impl<'a> Watch<'a> {
    #[cold]
    fn of(sql: Cow<'a, str>) -> Self {
        Self {
            #[cfg(feature = "tracing")]
            span: tracing::debug_span!(
                target: "seedbed::query",
                "query",
                sql = &*sql,
                rows = tracing::field::Empty,
                micros = tracing::field::Empty,
                failed = tracing::field::Empty,
            )
            .entered(),
            sql,
            started: Instant::now(),
        }
    }

    #[cold]
    fn end(self, watching: &Watching, rows: usize, failed: bool) {
        let took = self.started.elapsed();
        #[cfg(feature = "tracing")]
        {
            self.span.record("rows", rows as u64);
            self.span.record("micros", u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
            // What the error says may hold values.
            self.span.record("failed", failed);
        }
        if watching.slow_query.is_some_and(|limit| took >= limit) {
            #[cfg(feature = "tracing")]
            tracing::warn!(
                target: "seedbed::slow_query",
                sql = &*self.sql,
                rows,
                micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                failed,
                "slow query",
            );
            if let Some(observer) = &watching.observer {
                observer.tell(&PoolEvent::SlowQuery { sql: &self.sql, rows, took, failed });
            }
        }
    }
}

/// Whether somebody wants the spans.
#[inline]
fn traces() -> bool {
    #[cfg(feature = "tracing")]
    return tracing::span_enabled!(target: "seedbed::query", tracing::Level::DEBUG);
    #[cfg(not(feature = "tracing"))]
    false
}

/// The span of the task that calls a pool, so that what its closure does on another thread is seen as part of it.
pub(crate) struct CallersSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl CallersSpan {
    pub(crate) fn current() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            span: tracing::Span::current(),
        }
    }

    pub(crate) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tracing")]
        let _entered = self.span.enter();
        work()
    }
}
