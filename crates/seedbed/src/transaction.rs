//! Transactions: begun, handed to a closure, and ended whatever the closure does.

use std::ops::Deref;

use crate::connection::Connection;
use crate::error::Error;

/// A transaction that is open while a closure runs; it derefs to the [`Connection`], whose methods run inside it.
#[derive(Debug)]
pub struct Transaction<'connection> {
    connection: &'connection Connection,
}

impl<'connection> Transaction<'connection> {
    /// What runs on the connection, runs in its open transaction.
    pub(crate) fn on(connection: &'connection Connection) -> Self {
        Self { connection }
    }

    /// Runs a closure in a savepoint: what it wrote is undone when it fails, and the transaction goes on.
    ///
    /// # Errors
    ///
    /// The closure's error, or the error of a savepoint that cannot be released.
    pub fn savepoint<T, E: From<Error>>(&self, work: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        self.connection.execute("SAVEPOINT seedbed", &[])?;
        let mut guard = Undo {
            connection: self.connection,
            statements: "ROLLBACK TO seedbed; RELEASE seedbed",
            armed: true,
        };
        let result = work(self)?;
        self.connection.execute("RELEASE seedbed", &[])?;
        guard.armed = false;
        Ok(result)
    }
}

/// Runs `work` in a savepoint of its own, which without a transaction around it is one.
pub(crate) fn all_or_none<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    Transaction { connection }.savepoint(|_| work())
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// Runs `work` between `begin` and COMMIT.
pub(crate) fn run<T, E: From<Error>>(
    connection: &Connection,
    begin: &str,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    connection.execute(begin, &[])?;
    let mut guard = Undo { connection, statements: "ROLLBACK", armed: true };
    let result = work(&Transaction::on(connection))?;
    if connection.rusqlite().is_autocommit() {
        return Err(Error::transaction_ended().into());
    }
    connection.execute("COMMIT", &[])?;
    guard.armed = false;
    Ok(result)
}

/// Undoes a transaction or a savepoint when it is dropped, which a panic does as well.
struct Undo<'connection> {
    connection: &'connection Connection,
    statements: &'static str,
    armed: bool,
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        // A statement that failed may have ended the transaction already, see
        // https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction.
        if self.armed && !self.connection.rusqlite().is_autocommit() {
            // A ROLLBACK fails only when the connection is of no use any more; the first error is the one to report.
            let _ = self.connection.execute_batch(self.statements);
        }
    }
}
