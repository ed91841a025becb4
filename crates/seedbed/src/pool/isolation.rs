//! How the writes of one group are kept from each other where a savepoint is not enough.
//!
//! A savepoint undoes what a closure wrote. It does not survive a statement that ends the transaction, and it does not show
//! that a closure leaves a deferred foreign key violated, which is nobody's fault before the COMMIT, and then everybody's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::StatementStatus;

use crate::connection::Connection;
use crate::error::Error;

/// Lets no closure commit, and notices when one rolls back.
///
/// Both are done by SQLite's hooks, because a closure can reach a transaction's end in ways that no look at its SQL finds:
/// a trigger, a conflict clause of the schema, a full disk, a ROLLBACK that is followed by a BEGIN.
pub(super) struct Guard(Arc<Flags>);

#[derive(Default)]
struct Flags {
    /// A closure runs.
    running: AtomicBool,
    /// The transaction that it ran in was rolled back.
    ended: AtomicBool,
}

impl Guard {
    /// Takes the connection's hooks for commits and rollbacks.
    pub(super) fn on(connection: &mut Connection) -> Result<Self, Error> {
        let flags = Arc::new(Flags::default());
        let (committing, rolling_back) = (Arc::clone(&flags), Arc::clone(&flags));
        // Returning true turns a COMMIT into a ROLLBACK, and a statement outside of transactions into nothing.
        let commit = move || committing.running.load(Ordering::Relaxed);
        let rollback = move || {
            if rolling_back.running.load(Ordering::Relaxed) {
                rolling_back.ended.store(true, Ordering::Relaxed);
            }
        };
        connection.rusqlite_mut().commit_hook(Some(commit))?;
        connection.rusqlite_mut().rollback_hook(Some(rollback))?;
        Ok(Self(flags))
    }

    /// Runs a closure in the transaction that is open, and says whether that is still the same one. Whatever is open
    /// when it is not, has to be rolled back.
    pub(super) fn watch<T>(&self, connection: &Connection, work: impl FnOnce() -> T) -> (T, bool) {
        self.0.ended.store(false, Ordering::Relaxed);
        self.0.running.store(true, Ordering::Relaxed);
        let result = work();
        self.0.running.store(false, Ordering::Relaxed);
        let ended = self.0.ended.load(Ordering::Relaxed) || connection.rusqlite().is_autocommit();
        (result, !ended)
    }
}

/// Finds out whether a deferred foreign key is violated at the moment.
///
/// SQLite keeps the number of such violations and undoes it with a savepoint, but shows it only by a C function that
/// rusqlite does not offer. The number has one more effect: when a row stops referring to another and the number is zero,
/// SQLite need not look whether that mends a violation, and skips the search for the other row. So a row of a temporary
/// table of our own is set to what it is. Its foreign key holds before and after, the number does not change, and the
/// statement takes a few steps of SQLite's machine more if there is a violation anywhere.
///
/// How many steps it takes without one is measured once. Any other number is taken for a violation, which costs time
/// and is never wrong: a write that is suspected is run again alone, where its own COMMIT decides.
pub(super) enum DeferredKeys {
    /// Foreign keys are not enforced.
    Ignored,
    /// So many steps mean that none is violated.
    Counted { steps: i32 },
    /// The statement takes the same steps in both cases, so that it tells nothing.
    Unknown,
}

const TABLE: &str = "CREATE TEMP TABLE __seedbed_deferred (id INTEGER PRIMARY KEY, \
    refers INTEGER REFERENCES __seedbed_deferred (id) DEFERRABLE INITIALLY DEFERRED); \
    INSERT INTO temp.__seedbed_deferred VALUES (1, NULL), (2, 1)";
const ASK: &str = "UPDATE temp.__seedbed_deferred SET refers = refers WHERE id = 2";
const VIOLATE: &str = "INSERT INTO temp.__seedbed_deferred VALUES (3, 4)";

impl DeferredKeys {
    /// Makes the table and measures both cases.
    pub(super) fn of(connection: &Connection) -> Result<Self, Error> {
        if !connection.query_one("PRAGMA foreign_keys", &[], |row| row.get::<bool>(0))? {
            return Ok(Self::Ignored);
        }
        connection.execute_batch(TABLE)?;
        connection.execute_batch("BEGIN")?;
        let measured = (|| {
            // The first run of a statement may take other steps than all further ones.
            steps(connection)?;
            let kept = steps(connection)?;
            connection.execute(VIOLATE, &[])?;
            Ok::<_, Error>((kept, steps(connection)?))
        })();
        connection.execute_batch("ROLLBACK")?;
        let (kept, violated) = measured?;
        Ok(if kept < violated { Self::Counted { steps: kept } } else { Self::Unknown })
    }

    /// Whether writes can share a transaction at all.
    pub(super) fn can_tell(&self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// Whether no deferred foreign key is violated for sure.
    pub(super) fn are_kept(&self, connection: &Connection) -> bool {
        match self {
            Self::Ignored => true,
            Self::Unknown => false,
            // A statement that SQLite had to prepare anew, because the schema has changed, takes some steps twice.
            Self::Counted { steps: kept } => {
                (0..2).any(|_| steps(connection).is_ok_and(|steps| steps == *kept))
            }
        }
    }
}

/// Asks, and returns how many steps that took.
fn steps(connection: &Connection) -> Result<i32, Error> {
    let mut statement = connection.rusqlite().prepare_cached(ASK)?;
    statement.reset_status(StatementStatus::VmStep);
    statement.execute([])?;
    Ok(statement.get_status(StatementStatus::VmStep))
}

/// Whether a closure has set `PRAGMA defer_foreign_keys`, which only the end of the transaction takes back.
pub(super) fn is_deferring(connection: &Connection) -> Result<bool, Error> {
    let mut statement = connection.rusqlite().prepare_cached("PRAGMA defer_foreign_keys")?;
    let is_deferring = statement.query_row([], |row| row.get(0))?;
    if is_deferring {
        // SQLite answers when it prepares the statement, and setting the pragma makes it prepare again. The end of the
        // transaction does not, so that this statement would say yes for ever.
        statement.discard();
    }
    Ok(is_deferring)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> (Connection, DeferredKeys) {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE parents (id INTEGER PRIMARY KEY); \
                 CREATE TABLE now (parent INTEGER REFERENCES parents (id)); \
                 CREATE TABLE later (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)",
            )
            .unwrap();
        let keys = DeferredKeys::of(&connection).unwrap();
        (connection, keys)
    }

    #[test]
    fn a_violation_is_seen_until_it_is_mended_or_undone() {
        let (connection, keys) = connection();
        let run = |sql: &str| connection.execute_batch(sql).unwrap();
        assert!(matches!(keys, DeferredKeys::Counted { .. }));
        run("BEGIN");
        assert!(keys.are_kept(&connection));
        run("INSERT INTO later VALUES (1)");
        assert!(!keys.are_kept(&connection));
        run("INSERT INTO parents VALUES (1)");
        assert!(keys.are_kept(&connection));
        run("SAVEPOINT s; INSERT INTO later VALUES (2); RELEASE s");
        assert!(!keys.are_kept(&connection));
        run("DELETE FROM later WHERE parent = 2; SAVEPOINT s; DELETE FROM parents");
        assert!(!keys.are_kept(&connection));
        run("ROLLBACK TO s");
        assert!(keys.are_kept(&connection));
        run("COMMIT");
    }

    #[test]
    fn asking_changes_nothing() {
        let (connection, keys) = connection();
        connection.execute_batch("BEGIN; INSERT INTO later VALUES (1), (2)").unwrap();
        for _ in 0..10 {
            assert!(!keys.are_kept(&connection));
        }
        connection.execute_batch("DELETE FROM later WHERE parent = 1").unwrap();
        assert!(!keys.are_kept(&connection));
        assert!(connection.execute_batch("COMMIT").unwrap_err().is_foreign_key_violation());
        connection.execute_batch("INSERT INTO parents VALUES (2)").unwrap();
        assert!(keys.are_kept(&connection));
        connection.execute_batch("COMMIT").unwrap();
    }

    #[test]
    fn a_pragma_that_defers_is_seen_until_the_transaction_ends() {
        let (connection, keys) = connection();
        let run = |sql: &str| connection.execute_batch(sql).unwrap();
        for _ in 0..3 {
            run("BEGIN; PRAGMA defer_foreign_keys = ON; INSERT INTO now VALUES (1)");
            assert!(is_deferring(&connection).unwrap());
            assert!(!keys.are_kept(&connection));
            run("ROLLBACK; BEGIN");
            assert!(!is_deferring(&connection).unwrap());
            assert!(keys.are_kept(&connection));
            run("ROLLBACK");
        }
    }

    #[test]
    fn a_change_of_the_schema_is_not_taken_for_a_violation() {
        let (connection, keys) = connection();
        for number in 0..3 {
            connection
                .execute_batch(&format!("BEGIN; CREATE TABLE t{number} (a); CREATE TEMP TABLE x{number} (a)"))
                .unwrap();
            assert!(keys.are_kept(&connection));
            connection
                .execute_batch(&format!("DROP TABLE now; COMMIT; CREATE TABLE now (a); DROP TABLE t{number}"))
                .unwrap();
            assert!(keys.are_kept(&connection));
        }
    }

    #[test]
    fn keys_that_are_not_enforced_are_not_asked_for() {
        let connection =
            crate::OpenOptions { foreign_keys: false, ..Default::default() }.open_in_memory().unwrap();
        let keys = DeferredKeys::of(&connection).unwrap();
        assert!(matches!(keys, DeferredKeys::Ignored) && keys.can_tell() && keys.are_kept(&connection));
    }
}
