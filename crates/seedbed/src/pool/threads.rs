//! The threads of a pool, the queues that feed them, and the order in which they end.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::Semaphore;

use super::Queues;
use super::counters::Meter;
use super::group::Writer;
use super::job::Job;
use super::queue::Queue;
use super::retry::Retries;
use crate::connection::Connection;
use crate::error::Error;

/// Starts the threads. The semaphore gets a permit when the last of them has ended.
pub(super) fn start(
    writer: Writer,
    readers: Vec<Connection>,
    retries: Retries,
    meter: &Arc<Meter>,
) -> Result<(Queues, Arc<Semaphore>), Error> {
    let ended = Arc::new(Semaphore::new(0));
    let writes = Arc::new(Queue::new());
    let reads = if readers.is_empty() { Arc::clone(&writes) } else { Arc::new(Queue::new()) };
    // When a thread cannot be started, this is dropped, and those that were end.
    let queues = Queues { writes, reads };
    let mut threads = Vec::new();
    for (number, connection) in readers.into_iter().enumerate() {
        let (queue, meter) = (Arc::clone(&queues.reads), Arc::clone(meter));
        threads.push(spawn(format!("seedbed-reader-{number}"), move || {
            read_until_closed(connection, &queue, retries, &meter);
        })?);
    }
    let last = Ended(Arc::clone(&ended));
    let queue = Arc::clone(&queues.writes);
    spawn("seedbed-writer".to_owned(), move || write_until_closed(writer, &queue, threads, last))?;
    Ok((queues, ended))
}

fn read_until_closed(mut connection: Connection, queue: &Queue, retries: Retries, meter: &Meter) {
    while let Some(job) = queue.wait() {
        match job {
            Job::Read(read) => read.run(&mut connection, retries, meter),
            // Writes go to the writer's queue.
            Job::Write(_) => {}
        }
    }
}

/// The writer ends last, so that it is its connection that empties the write-ahead log into the file.
fn write_until_closed(mut writer: Writer, mut queue: &Queue, readers: Vec<JoinHandle<()>>, ended: Ended) {
    while let Some(job) = queue.wait() {
        match job {
            Job::Read(read) => writer.read(read),
            Job::Write(write) => writer.group(write, &mut queue),
        }
    }
    for reader in readers {
        // A reader cannot panic: every closure is caught.
        let _ = reader.join();
    }
    drop(writer);
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
