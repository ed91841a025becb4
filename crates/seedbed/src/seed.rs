//! Seeds: the rows that a development database begins with, from a SQL file or from a program.
//!
//! `seedbed seed` runs a program of the project and tells it the database; a whole one is
//!
//! ```no_run
//! use seedbed::{Error, params, seed};
//!
//! fn main() -> Result<(), Error> {
//!     seed::run(|tx| {
//!         tx.execute("INSERT INTO trees (name) VALUES (?1) ON CONFLICT DO NOTHING", params!["oak"])?;
//!         Ok(())
//!     })
//! }
//! ```
//!
//! and `seedbed.toml` says `seed = { command = "cargo run --bin seed" }`. Whether a seed can be run twice is up to the seed.

use std::env;
use std::time::Duration;

use crate::connection::Connection;
use crate::error::Error;
use crate::migrate::Failure;
use crate::migrate::run::{ApplyOptions, Aside, Proceed, apply_script};
use crate::migrate::script::Script;
use crate::open::{Journal, OpenOptions};
use crate::transaction::Transaction;

/// The environment variable by which `seedbed seed` tells a program its database.
pub const URL_VARIABLE: &str = "SEEDBED_URL";

/// Runs a closure in one transaction on the database that [`URL_VARIABLE`] names.
///
/// The database has to exist, and foreign keys are enforced. When the closure fails, nothing of it stays.
///
/// # Errors
///
/// The closure's error, or an [`Error`] when the variable is not set or the database cannot be opened or written.
pub fn run<E: From<Error>>(work: impl FnOnce(&Transaction<'_>) -> Result<(), E>) -> Result<(), E> {
    let Some(path) = env::var_os(URL_VARIABLE).filter(|path| !path.is_empty()) else {
        let error =
            Error::message(format!("the environment variable `{URL_VARIABLE}` does not name a database"));
        return Err(error
            .with_hint("run it by `seedbed seed`, or set the variable to the path of the database")
            .into());
    };
    let options = OpenOptions { create: false, journal: Journal::Unchanged, ..OpenOptions::default() };
    options.open(path)?.transaction(work)
}

/// Runs the statements of a SQL text in one transaction, and returns how many there were; `name` is what errors call the
/// text.
///
/// ```
/// use seedbed::{Connection, seed};
///
/// let mut connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE trees (name TEXT NOT NULL)")?;
/// assert_eq!(seed::run_sql(&mut connection, "dev.sql", "INSERT INTO trees VALUES ('oak');", None)?, 1);
///
/// let failure = seed::run_sql(&mut connection, "dev.sql", "\nINSERT INTO trees VALUES (NULL)", None).unwrap_err();
/// assert_eq!((failure.file(), failure.line()), ("dev.sql", Some(2)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// At the first statement that SQLite refuses, with its line; nothing of the text stays. When somebody else writes for
/// longer than `lock_timeout`; `None` waits as long as it takes.
pub fn run_sql(
    connection: &mut Connection,
    name: &str,
    sql: &str,
    lock_timeout: Option<Duration>,
) -> Result<usize, Failure> {
    let script = Script::parse(name, sql).map_err(|error| Failure::script(name, error))?;
    let mut options = ApplyOptions {
        busy_timeout: lock_timeout,
        waiting: &|_| {},
        statement: &|_| {},
        aside: Aside::Nothing,
        after_begin: &mut |_| Ok(Proceed::Run),
        arrived: &|_| Ok(Vec::new()),
    };
    let applied = apply_script(connection.rusqlite(), &script, &mut options, &mut |_, _| Ok(()))?;
    Ok(applied.statements)
}
