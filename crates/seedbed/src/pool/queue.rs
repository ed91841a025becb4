//! What waits for a thread: jobs in the order in which they came, and threads that have nothing to do.
//!
//! A job wakes one thread, the one that became idle last: its connection has read what is read again, its stack is in the
//! processor's cache, and the others stay small. A channel has no such order, and a receiver that is shared through a lock wakes
//! a second thread for each job, to wait in place of the first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use super::group::Source;
use super::job::{Job, Write};

/// Jobs for threads that all do the same.
pub(super) struct Queue {
    state: Mutex<State>,
}

struct State {
    jobs: VecDeque<Job>,
    /// Threads that are parked or about to be, the last one last.
    idle: Vec<Thread>,
    is_closed: bool,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State { jobs: VecDeque::new(), idle: Vec::new(), is_closed: false }) }
    }

    /// Puts a job behind the others. After [`close`](Self::close) nobody may do so.
    pub(super) fn send(&self, job: Job) {
        let mut state = self.state();
        state.jobs.push_back(job);
        let idle = state.idle.pop();
        drop(state);
        if let Some(thread) = idle {
            thread.unpark();
        }
    }

    /// Waits for the next job; `None` when the queue is closed and nothing is left.
    pub(super) fn wait(&self) -> Option<Job> {
        let this = thread::current();
        loop {
            let mut state = self.state();
            if let Some(job) = state.jobs.pop_front() {
                // A thread that parks may wake up without being told to, and then it is still among the idle ones.
                state.idle.retain(|thread| thread.id() != this.id());
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            if state.idle.iter().all(|thread| thread.id() != this.id()) {
                state.idle.push(this.clone());
            }
            drop(state);
            thread::park();
        }
    }

    /// Says that nothing comes any more.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        idle.iter().for_each(Thread::unpark);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held; the state is whole in any case.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A group takes writes up to the first read, which is to see what is committed.
impl Source for &Queue {
    fn next(&mut self) -> Option<Box<dyn Write>> {
        let mut state = self.state();
        match state.jobs.pop_front()? {
            Job::Write(write) => Some(write),
            read => {
                state.jobs.push_front(read);
                None
            }
        }
    }

    fn put_back(&mut self, write: Box<dyn Write>) {
        self.state().jobs.push_front(Job::Write(write));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::{Duration, Instant};

    use super::super::counters::Meter;
    use super::super::job::Read;
    use super::super::retry::Retries;
    use super::*;
    use crate::connection::Connection;

    /// A job that tells its number and the thread it runs on, and then waits until it may end.
    struct Telling(usize, Sender<(usize, String)>, Option<Receiver<()>>);

    impl Read for Telling {
        fn run(self: Box<Self>, _: &mut Connection, _: Retries, _: &Meter) {
            let name = thread::current().name().unwrap_or_default().to_owned();
            self.1.send((self.0, name)).unwrap();
            if let Some(end) = self.2 {
                let _ = end.recv();
            }
        }
    }

    fn work(queue: &Queue) {
        let mut connection = Connection::open_in_memory().unwrap();
        while let Some(Job::Read(read)) = queue.wait() {
            read.run(&mut connection, Retries::default(), &Meter::default());
        }
    }

    /// Waits until so many threads have nothing to do.
    fn until_idle(queue: &Queue, threads: usize) {
        let started = Instant::now();
        while queue.state().idle.len() != threads {
            assert!(started.elapsed() < Duration::from_secs(60));
            thread::yield_now();
        }
    }

    #[test]
    fn jobs_are_done_in_order_and_all_of_them_after_the_end() {
        let queue = Queue::new();
        let (told, heard) = channel();
        (0..100).for_each(|number| queue.send(Job::Read(Box::new(Telling(number, told.clone(), None)))));
        queue.close();
        thread::scope(|scope| {
            scope.spawn(|| work(&queue));
        });
        assert!(heard.try_iter().map(|(number, _)| number).eq(0..100));
    }

    #[test]
    fn the_thread_that_became_idle_last_is_woken_first() {
        let queue = Queue::new();
        let (told, heard) = channel();
        let telling = |number, end| queue.send(Job::Read(Box::new(Telling(number, told.clone(), end))));
        let name = |number: usize| {
            let (heard, name) = heard.recv_timeout(Duration::from_secs(60)).unwrap();
            assert_eq!(heard, number);
            name
        };
        thread::scope(|scope| {
            for thread_name in ["first", "second"] {
                let queue = &queue;
                thread::Builder::new()
                    .name(thread_name.to_owned())
                    .spawn_scoped(scope, move || work(queue))
                    .unwrap();
            }
            until_idle(&queue, 2);
            let (end, ended) = channel();
            telling(0, Some(ended));
            let busy = name(0);
            // The other one has all there is to do as long as this one is busy.
            for number in 1..10 {
                telling(number, None);
                assert_ne!(name(number), busy);
                until_idle(&queue, 1);
            }
            end.send(()).unwrap();
            until_idle(&queue, 2);
            // Now this one was busy last.
            for number in 10..20 {
                telling(number, None);
                assert_eq!(name(number), busy);
                until_idle(&queue, 2);
            }
            queue.close();
        });
    }
}
