//! The writer: runs what waits in one transaction, commits it, and only then answers.
//!
//! ```text
//! BEGIN IMMEDIATE   write 1   SAVEPOINT write 2 RELEASE   SAVEPOINT write 3 ROLLBACK TO, RELEASE   …   COMMIT   answers
//! ```
//!
//! The first write needs no savepoint: when it fails, there is nothing else to keep, and the transaction is rolled back.
//! So a write that is alone runs as [`Connection::transaction`] would run it, and what comes of it is final. Every doubt
//! about a group is settled by running its writes again, in the end each alone.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::counters::Meter;
use super::isolation::{DeferredKeys, Guard, is_deferring};
use super::job::{Read, Went, Write};
use super::retry::{Retries, Tries, the_same};
use crate::connection::Connection;
use crate::error::Error;
use crate::transaction::Transaction;

/// How large a group may become.
pub(super) struct Limits {
    pub(super) writes: usize,
    pub(super) time: Duration,
}

const SAVEPOINT: &str = "SAVEPOINT __seedbed_write";
const RELEASE: &str = "RELEASE __seedbed_write";
const ROLLBACK_TO: &str = "ROLLBACK TO __seedbed_write";

/// Where a group takes its writes from, without waiting.
pub(super) trait Source {
    fn next(&mut self) -> Option<Box<dyn Write>>;

    /// Gives back what was taken last.
    fn put_back(&mut self, write: Box<dyn Write>);
}

/// The connection that writes, and how it does.
pub(super) struct Writer {
    connection: Connection,
    guard: Guard,
    keys: DeferredKeys,
    limits: Limits,
    retries: Retries,
    meter: Arc<Meter>,
}

/// A transaction of several writes that came to nothing.
struct Undone {
    /// Those that had been run, in their order.
    ran: VecDeque<Box<dyn Write>>,
    /// Those that have to be run alone.
    alone: Vec<Box<dyn Write>>,
    /// Whether the others can be tried together again, because the one that undid them is among `alone`.
    is_known_why: bool,
}

/// How a write in a savepoint ended.
enum Beside {
    /// It succeeded and stays, or failed and is undone.
    Over,
    /// It is undone and has to be run alone.
    Alone,
    /// It took the whole transaction with it.
    AllUndone,
}

impl Writer {
    pub(super) fn new(
        mut connection: Connection,
        mut limits: Limits,
        retries: Retries,
        meter: Arc<Meter>,
    ) -> Result<Self, Error> {
        let guard = Guard::on(&mut connection)?;
        let keys = if limits.writes > 1 { DeferredKeys::of(&connection)? } else { DeferredKeys::Unknown };
        if !keys.can_tell() {
            limits.writes = 1;
        }
        Ok(Self { connection, guard, keys, limits, retries, meter })
    }

    /// Runs a closure that reads, in a pool that has only this connection.
    pub(super) fn read(&mut self, read: Box<dyn Read>) {
        read.run(&mut self.connection, self.retries, &self.meter);
    }

    /// Runs a write, with all that wait and fit into its group, to the end.
    pub(super) fn group(&mut self, first: Box<dyn Write>, queue: &mut dyn Source) {
        let Err(undone) = self.together(first, queue) else { return };
        self.meter.run_again(undone.ran.len());
        let mut alone = VecDeque::new();
        let mut again = Again(undone.ran);
        if undone.is_known_why {
            while let Some(first) = again.next() {
                if let Err(undone) = self.together(first, &mut again) {
                    // A second time is enough.
                    self.meter.run_again(undone.ran.len());
                    alone.extend(undone.ran);
                    alone.extend(undone.alone);
                    break;
                }
            }
        }
        alone.extend(again.0);
        alone.extend(undone.alone);
        for write in alone {
            self.alone(write);
        }
    }

    fn alone(&mut self, write: Box<dyn Write>) {
        // What is alone is never undone for the sake of another.
        let _ = self.together(write, &mut Again(VecDeque::new()));
    }

    /// Runs writes in one transaction and answers them all, or says which of them are to be run again.
    fn together(&mut self, first: Box<dyn Write>, more: &mut dyn Source) -> Result<(), Undone> {
        let Some(first) = self.begin_with(first, more) else { return Ok(()) };
        let started = Instant::now();
        let mut ran = VecDeque::from([first]);
        let mut alone = Vec::new();
        while ran.len() + alone.len() < self.limits.writes && started.elapsed() < self.limits.time {
            let Some(mut next) = more.next() else { break };
            // A write that leaves a violation stays by itself, where the COMMIT tells it so; each further one is
            // asked before its savepoint is released.
            let first_is_kept = ran.len() + alone.len() > 1 || self.keys.are_kept(&self.connection);
            if !first_is_kept || is_deferring(&self.connection).unwrap_or(true) {
                more.put_back(next);
                break;
            }
            match self.run_beside(next.as_mut()) {
                Beside::Over => ran.push_back(next),
                Beside::Alone => alone.push(next),
                Beside::AllUndone => {
                    self.roll_back();
                    alone.push(next);
                    return Err(Undone { ran, alone, is_known_why: true });
                }
            }
        }
        self.commit(ran, alone)
    }

    /// Begins a transaction and runs the first write in it. `None` when that is all: the write failed and was answered.
    fn begin_with(&mut self, mut first: Box<dyn Write>, more: &mut dyn Source) -> Option<Box<dyn Write>> {
        let meter = Arc::clone(&self.meter);
        let mut tries = Tries::new(self.retries, "write", &meter);
        loop {
            let began = Instant::now();
            if let Err(error) = self.begin() {
                self.refuse(first, error, began, more);
                return None;
            }
            self.connection.watching().was_busy.set(false);
            let (went, is_open) = self.run(first.as_mut());
            if went == Went::Well && is_open {
                return Some(first);
            }
            self.roll_back();
            if went == Went::Wrong && self.connection.watching().was_busy.get() && tries.again() {
                continue;
            }
            let error = (went == Went::Well).then(Error::transaction_ended);
            first.answer(error, &self.meter);
            return None;
        }
    }

    fn begin(&self) -> Result<(), Error> {
        let tries = Tries::new(self.retries, "begin to write", &self.meter);
        tries.until_free(|| self.connection.execute("BEGIN IMMEDIATE", &[]).map(drop))
    }

    /// Answers a write whose transaction could not begin, and, when the database was busy, all that were waiting since
    /// before it was tried: one behind the other they would wait many times as long.
    fn refuse(&self, first: Box<dyn Write>, error: Error, began: Instant, more: &mut dyn Source) {
        while error.is_busy()
            && let Some(next) = more.next()
        {
            if next.accepted() > began {
                more.put_back(next);
                break;
            }
            next.answer(Some(the_same(&error)), &self.meter);
        }
        first.answer(Some(error), &self.meter);
    }

    /// Runs a write; the second of what is returned is whether its transaction is still open.
    fn run(&self, write: &mut dyn Write) -> (Went, bool) {
        let transaction = Transaction::on(&self.connection);
        self.guard.watch(&self.connection, || write.run(&transaction))
    }

    /// Runs a write in a savepoint.
    fn run_beside(&self, write: &mut dyn Write) -> Beside {
        let execute = |sql| self.connection.execute(sql, &[]).is_ok();
        if !execute(SAVEPOINT) {
            return Beside::AllUndone;
        }
        self.connection.watching().was_busy.set(false);
        let (went, is_open) = self.run(write);
        if !is_open {
            return Beside::AllUndone;
        }
        let stays = went == Went::Well && self.keys.are_kept(&self.connection);
        if !stays && !execute(ROLLBACK_TO) || !execute(RELEASE) {
            return Beside::AllUndone;
        }
        let is_in_doubt = if went == Went::Well { !stays } else { self.connection.watching().was_busy.get() };
        if is_in_doubt { Beside::Alone } else { Beside::Over }
    }

    /// Commits and answers; then runs those alone that have to be.
    fn commit(&mut self, ran: VecDeque<Box<dyn Write>>, alone: Vec<Box<dyn Write>>) -> Result<(), Undone> {
        let started = Instant::now();
        let tries = Tries::new(self.retries, "commit", &self.meter);
        let committed = tries.until_free(|| self.connection.execute("COMMIT", &[]).map(drop));
        match committed {
            Ok(()) => {
                self.meter.commit(ran.len(), started.elapsed());
                for write in ran {
                    write.answer(None, &self.meter);
                }
            }
            Err(error) => {
                self.roll_back();
                // Where the database stayed busy, each would wait for its tries again, one behind the other.
                if ran.len() > 1 && !error.is_busy() {
                    return Err(Undone { ran, alone, is_known_why: false });
                }
                let mut ran = ran.into_iter();
                let first = ran.next();
                for write in ran {
                    write.answer(Some(the_same(&error)), &self.meter);
                }
                if let Some(first) = first {
                    first.answer(Some(error), &self.meter);
                }
            }
        }
        for write in alone {
            self.alone(write);
        }
        Ok(())
    }

    /// Rolls back what is open, if anything is: a statement that fails may have done so already, see
    /// <https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction>.
    fn roll_back(&self) {
        if !self.connection.rusqlite().is_autocommit() {
            // It fails only when the connection is of no use any more, which the next BEGIN says.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// Writes that are run again.
struct Again(VecDeque<Box<dyn Write>>);

impl Source for Again {
    fn next(&mut self) -> Option<Box<dyn Write>> {
        self.0.pop_front()
    }

    fn put_back(&mut self, write: Box<dyn Write>) {
        self.0.push_front(write);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// What the writes of a test did and heard.
    type Story = Arc<Mutex<Vec<String>>>;

    struct Insert(&'static str, Story);

    impl Write for Insert {
        fn accepted(&self) -> Instant {
            Instant::now()
        }

        fn run(&mut self, tx: &Transaction<'_>) -> Went {
            self.1.lock().unwrap().push(format!("{} runs", self.0));
            match tx.execute("INSERT INTO trees VALUES (?1)", &[self.0.into()]) {
                Ok(_) => Went::Well,
                Err(_) => Went::Wrong,
            }
        }

        fn answer(self: Box<Self>, error: Option<Error>, _: &Meter) {
            let heard = error.map_or_else(|| "no error".to_owned(), |error| error.to_string());
            self.1.lock().unwrap().push(format!("{} hears {heard}", self.0));
        }
    }

    /// Runs three writes in a group, while so many of the first COMMITs fail; returns the story and the rows.
    fn three_writes(failing_commits: u32) -> (Vec<String>, Vec<String>) {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE trees (name TEXT)").unwrap();
        let limits = Limits { writes: 10, time: Duration::from_secs(60) };
        let mut writer = Writer::new(connection, limits, Retries::default(), Arc::default()).unwrap();
        let commits = AtomicU32::new(0);
        let fails = move || commits.fetch_add(1, Ordering::Relaxed) < failing_commits;
        writer.connection.rusqlite_mut().commit_hook(Some(fails)).unwrap();

        let story = Story::default();
        let write = |name| Box::new(Insert(name, Arc::clone(&story))) as Box<dyn Write>;
        writer.group(write("elm"), &mut Again(VecDeque::from([write("ash"), write("fir")])));
        let rows = writer.connection.query("SELECT name FROM trees", &[], |row| row.get(0)).unwrap();
        (std::mem::take(&mut story.lock().unwrap()), rows)
    }

    #[test]
    fn a_group_is_answered_after_its_commit() {
        let (story, rows) = three_writes(0);
        let expected = [
            "elm runs",
            "ash runs",
            "fir runs",
            "elm hears no error",
            "ash hears no error",
            "fir hears no error",
        ];
        assert_eq!(story, expected);
        assert_eq!(rows, ["elm", "ash", "fir"]);
    }

    #[test]
    fn when_the_commit_fails_each_is_run_again_alone() {
        let (story, rows) = three_writes(1);
        let alone = [
            "elm runs",
            "elm hears no error",
            "ash runs",
            "ash hears no error",
            "fir runs",
            "fir hears no error",
        ];
        assert_eq!(story[..3], ["elm runs", "ash runs", "fir runs"]);
        assert_eq!(story[3..], alone);
        assert_eq!(rows, ["elm", "ash", "fir"]);
    }

    #[test]
    fn a_write_whose_own_commit_fails_hears_of_it() {
        let (story, rows) = three_writes(3);
        assert_eq!(story[4], "elm hears constraint failed");
        assert_eq!(story[6], "ash hears constraint failed");
        assert_eq!(story[8], "fir hears no error");
        assert_eq!(rows, ["fir"]);
    }
}
