//! One connection, used from one thread at a time: statements, queries and transactions.
//!
//! Everything is synchronous. Statements are prepared once and kept; [`Pool`](crate::Pool) is the way
//! to use a database from many tasks. How a file is opened is in [`OpenOptions`].

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::path::Path;

use crate::error::Error;
use crate::open::OpenOptions;
use crate::query::Texts;
use crate::row::Row;
use crate::transaction::{self, Transaction};
use crate::value::Value;
use crate::watch::Watching;

/// A connection to a SQLite database.
///
/// ```
/// use seedbed::{Connection, params};
///
/// let mut connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE trees (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")?;
///
/// let changed = connection.transaction(|tx| {
///     tx.execute("INSERT INTO trees (name) VALUES (?1), (?2)", params!["oak", "elm"])
/// })?;
/// assert_eq!(changed, 2);
///
/// let names = connection.query("SELECT name FROM trees ORDER BY name", params![], |row| row.get::<String>(0))?;
/// assert_eq!(names, ["elm", "oak"]);
/// # Ok::<(), seedbed::Error>(())
/// ```
pub struct Connection {
    raw: rusqlite::Connection,
    read_only: bool,
    watching: Watching,
    /// The texts of the statements that the query builder made.
    pub(crate) texts: RefCell<Texts>,
}

impl Connection {
    /// Opens a database file with the default [`OpenOptions`], and makes it when it does not exist.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or is no database; the error names the path.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        OpenOptions::default().open(path)
    }

    /// Opens a new, empty database that lives in memory as long as the connection.
    ///
    /// # Errors
    ///
    /// When there is no memory left.
    pub fn open_in_memory() -> Result<Self, Error> {
        OpenOptions::default().open_in_memory()
    }

    /// Runs one statement and returns how many rows it inserted, updated or deleted.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the statement, when there is more than one, when it yields rows, or when the number of
    /// parameters does not match.
    pub fn execute(&self, sql: &str, params: &[Value<'_>]) -> Result<usize, Error> {
        self.watched(
            || sql.into(),
            |rows| {
                *rows = self.raw.prepare_cached(sql)?.execute(rusqlite::params_from_iter(params))?;
                Ok(*rows)
            },
        )
    }

    /// Runs any number of statements, separated by semicolons; what they yield is ignored.
    ///
    /// # Errors
    ///
    /// The first refusal; the statements before it stay done unless a transaction is open.
    pub fn execute_batch(&self, sql: &str) -> Result<(), Error> {
        self.watched(|| sql.into(), |_| Ok(self.raw.execute_batch(sql)?))
    }

    /// Runs a query and collects what `read` makes of every row.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the query or `read` fails.
    pub fn query<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.watched(
            || sql.into(),
            |count| {
                let mut statement = self.raw.prepare_cached(sql)?;
                let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                let mut items = Vec::new();
                while let Some(row) = rows.next()? {
                    items.push(read(&Row::new(row))?);
                    *count = items.len();
                }
                Ok(items)
            },
        )
    }

    /// Runs a query that yields exactly one row.
    ///
    /// # Errors
    ///
    /// As [`query_optional`](Self::query_optional), and when there is no row ([`Error::is_not_found`]).
    pub fn query_one<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.query_optional(sql, params, read)?.ok_or_else(Error::not_found)
    }

    /// Runs a query that yields one row or none.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the query, when `read` fails, or when there is a second row, which means
    /// that the query does not identify what it looks for.
    pub fn query_optional<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.watched(
            || sql.into(),
            |count| {
                let mut statement = self.raw.prepare_cached(sql)?;
                let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                let Some(row) = rows.next()? else { return Ok(None) };
                *count = 1;
                let item = read(&Row::new(row))?;
                if rows.next()?.is_some() {
                    return Err(Error::message("the query returned more than one row"));
                }
                Ok(Some(item))
            },
        )
    }

    /// Runs a closure in a transaction that may write (`BEGIN IMMEDIATE`) and commits it.
    ///
    /// When the closure fails or panics, or the COMMIT fails, everything it wrote is undone.
    ///
    /// # Errors
    ///
    /// The closure's error, or the error of a transaction that cannot begin ([`Error::is_busy`]) or commit.
    pub fn transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        transaction::run(self, "BEGIN IMMEDIATE", work)
    }

    /// Runs a closure that sees one state of the database, whatever others write meanwhile, and cannot write itself.
    ///
    /// # Errors
    ///
    /// The closure's error; a statement that writes is refused.
    pub fn snapshot<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.read_only {
            return transaction::run(self, "BEGIN", work);
        }
        let guard = QueryOnly::on(self)?;
        transaction::run(guard.connection, "BEGIN", work)
    }

    /// Returns the rowid of the row that was inserted last.
    pub fn last_insert_rowid(&self) -> i64 {
        self.raw.last_insert_rowid()
    }

    /// Whether the database was opened for reading only.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Returns the file's path; `None` for a database in memory.
    pub fn path(&self) -> Option<&Path> {
        self.raw.path().filter(|path| !path.is_empty()).map(Path::new)
    }

    /// Returns the connection of rusqlite, for what this type does not offer.
    pub fn rusqlite(&self) -> &rusqlite::Connection {
        &self.raw
    }

    /// Returns the connection of rusqlite, for what this type does not offer.
    pub fn rusqlite_mut(&mut self) -> &mut rusqlite::Connection {
        &mut self.raw
    }

    pub(crate) fn from_parts(raw: rusqlite::Connection, read_only: bool) -> Self {
        Self { raw, read_only, watching: Watching::default(), texts: RefCell::default() }
    }

    /// Every statement runs in here or in [`Watching::run`], so that it is traced and its time taken; `run` sets the
    /// number of rows. The text is asked for only when somebody listens.
    pub(crate) fn watched<'a, T>(
        &self,
        text: impl FnOnce() -> Cow<'a, str>,
        run: impl FnOnce(&mut usize) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.noted(self.watching.run(text, run))
    }

    /// Passes on what a statement came to, and notes for a pool when the database was busy.
    pub(crate) fn noted<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result
            && error.is_busy()
        {
            self.watching.was_busy.set(true);
        }
        result
    }

    pub(crate) fn watching(&self) -> &Watching {
        &self.watching
    }

    pub(crate) fn watching_mut(&mut self) -> &mut Watching {
        &mut self.watching
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("path", &self.path()).field("read_only", &self.read_only).finish()
    }
}

/// Makes a connection refuse writes until it is dropped, which a panic does as well.
struct QueryOnly<'connection> {
    connection: &'connection Connection,
}

impl<'connection> QueryOnly<'connection> {
    fn on(connection: &'connection Connection) -> Result<Self, Error> {
        connection.raw.pragma_update(None, "query_only", true)?;
        Ok(Self { connection })
    }
}

impl Drop for QueryOnly<'_> {
    fn drop(&mut self) {
        // Setting a flag of an open connection does not fail; were it to, the next write says so.
        let _ = self.connection.raw.pragma_update(None, "query_only", false);
    }
}
