//! What the threads are sent: a closure with the channel for its answer, behind a trait that hides its types.
//!
//! Code of the application runs here, and nowhere else in the pool: the closure, the conversion into its error, and the
//! dropping of what it captured or returned. All of it may panic, and none of it ends a thread.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use tokio::sync::oneshot;

use super::counters::{Finished, Meter};
use super::retry::{Retries, Tries};
use crate::connection::Connection;
use crate::error::Error;
use crate::transaction::Transaction;
use crate::watch::CallersSpan;

/// What a thread is sent.
pub(super) enum Job {
    Read(Box<dyn Read>),
    Write(Box<dyn Write>),
}

/// A closure that reads.
pub(super) trait Read: Send {
    /// Runs it in a transaction of its own and answers.
    fn run(self: Box<Self>, connection: &mut Connection, retries: Retries, meter: &Meter);
}

/// A closure that writes. It is run any number of times, and then answered once.
pub(super) trait Write: Send {
    /// When the pool accepted it.
    fn accepted(&self) -> Instant;

    /// Runs the closure and keeps what comes of it for the answer.
    fn run(&mut self, tx: &Transaction<'_>) -> Went;

    /// Answers with what came of the last run, or with an error where that did not hold.
    fn answer(self: Box<Self>, error: Option<Error>, meter: &Meter);
}

/// How a run of a closure went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    Well,
    /// It returned an error or panicked.
    Wrong,
}

/// A reading closure and where its answer goes.
pub(super) struct ReadJob<T, E, F> {
    work: F,
    reply: oneshot::Sender<Result<T, E>>,
    accepted: Instant,
    span: CallersSpan,
}

impl<T, E, F> ReadJob<T, E, F> {
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { work, reply, accepted: Instant::now(), span: CallersSpan::current() }
    }
}

impl<T, E, F> Read for ReadJob<T, E, F>
where
    F: Fn(&Transaction<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(self: Box<Self>, connection: &mut Connection, retries: Retries, meter: &Meter) {
        let Self { work, reply, accepted, span } = *self;
        let started = Instant::now();
        survive(move || {
            // Nobody waits any more, and a read changes nothing.
            if reply.is_closed() {
                return;
            }
            let mut tries = Tries::new(retries, "read", meter);
            let (result, panicked) = loop {
                connection.watching().was_busy.set(false);
                let (result, panicked) = caught(|| span.run(|| connection.snapshot(|tx| work(tx))));
                if result.is_ok() || !connection.watching().was_busy.get() || !tries.again() {
                    break (result, panicked);
                }
            };
            meter.read(Finished { accepted, started, failed: result.is_err(), panicked });
            // When nobody waits for the answer, nobody misses it.
            let _ = reply.send(result);
        });
    }
}

/// A writing closure and where its answer goes.
pub(super) struct WriteJob<T, E, F> {
    work: F,
    reply: oneshot::Sender<Result<T, E>>,
    accepted: Instant,
    span: CallersSpan,
    started: Option<Instant>,
    /// What came of the last run.
    result: Option<Result<T, E>>,
    panicked: bool,
}

impl<T, E, F> WriteJob<T, E, F> {
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self {
            work,
            reply,
            accepted: Instant::now(),
            span: CallersSpan::current(),
            started: None,
            result: None,
            panicked: false,
        }
    }
}

impl<T, E, F> Write for WriteJob<T, E, F>
where
    F: Fn(&Transaction<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn accepted(&self) -> Instant {
        self.accepted
    }

    fn run(&mut self, tx: &Transaction<'_>) -> Went {
        let before = self.result.take();
        survive(|| drop(before));
        self.started.get_or_insert_with(Instant::now);
        let (result, panicked) = caught(|| self.span.run(|| (self.work)(tx)));
        self.panicked = panicked;
        let went = if result.is_ok() { Went::Well } else { Went::Wrong };
        self.result = Some(result);
        went
    }

    fn answer(self: Box<Self>, error: Option<Error>, meter: &Meter) {
        let Self { work, reply, accepted, span: _, started, result, panicked } = *self;
        survive(move || {
            let result = match (error, result) {
                (None, Some(result)) => result,
                (Some(error), _) => Err(error.into()),
                (None, None) => Err(Error::closed().into()),
            };
            let started = started.unwrap_or_else(Instant::now);
            meter.write(Finished { accepted, started, failed: result.is_err(), panicked });
            let _ = reply.send(result);
            drop(work);
        });
    }
}

/// Runs a closure; a panic is an error, and the second of what is returned is whether there was one.
fn caught<T, E: From<Error>>(work: impl FnOnce() -> Result<T, E>) -> (Result<T, E>, bool) {
    // The connection is left whole by a panic: the guards of transactions and savepoints roll back while unwinding.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => (result, false),
        Err(payload) => {
            let error = Error::panicked(payload.as_ref());
            dispose(payload);
            (Err(error.into()), true)
        }
    }
}

/// Runs code of the application that has nobody to tell of a panic.
pub(super) fn survive(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        dispose(payload);
    }
}

/// Drops what a panic carried, which may panic itself; what that carries is leaked.
fn dispose(payload: Box<dyn Any + Send>) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(payload);
    }
}
