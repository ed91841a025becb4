//! SQL as a person types it: statements run one after the other, and what they yield, with names for the columns.
//!
//! This is for prompts and tools that show rows without knowing what they are. A program that knows uses
//! [`Connection::query`].

use std::fmt;

use rusqlite::types::ValueRef;
use seedbed_schema::sql::split_statements;

use crate::connection::Connection;
use crate::error::Error;
use crate::value::Value;

/// The statement with which another program's connection enforces foreign keys, as every [`Connection`] does.
pub const FOREIGN_KEYS: &str = "PRAGMA foreign_keys = ON";

/// What one statement yielded.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The names of the columns; none for a statement that yields no rows.
    pub columns: Vec<String>,
    /// The rows, a value for each column.
    pub rows: Vec<Vec<Value<'static>>>,
    /// Whether there were more rows than were wanted.
    pub has_more: bool,
    /// How many rows the statement inserted, updated or deleted.
    pub changed: u64,
}

/// Runs the statements of a text and hands what each yields to `tell`, at most `limit` rows of it.
///
/// ```
/// use seedbed::{Connection, console};
///
/// let connection = Connection::open_in_memory()?;
/// let mut answers = Vec::new();
/// let sql = "CREATE TABLE trees (name TEXT); INSERT INTO trees VALUES ('oak'); SELECT name FROM trees";
/// console::run(&connection, sql, usize::MAX, |answer| answers.push(answer)).unwrap();
/// assert_eq!(answers[1].changed, 1);
/// assert_eq!((answers[2].columns.as_slice(), answers[2].rows.len()), (&["name".to_owned()][..], 1));
///
/// let failure = console::run(&connection, "SELECT 1; SELECT nme FROM trees", 9, |_| ()).unwrap_err();
/// assert_eq!((failure.to_string().as_str(), failure.offset()), ("no such column: nme", 17));
/// # Ok::<(), seedbed::Error>(())
/// ```
///
/// # Errors
///
/// At the first statement that SQLite refuses; those before it stay done.
pub fn run(
    connection: &Connection,
    sql: &str,
    limit: usize,
    mut tell: impl FnMut(Answer),
) -> Result<(), Refusal> {
    for statement in split_statements(sql) {
        let answer = answer(connection, statement.text, limit).map_err(|error| {
            let inside = match &error {
                rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset).unwrap_or(0),
                _ => 0,
            };
            Refusal { offset: statement.start + inside, message: crate::migrate::words(&error) }
        })?;
        tell(answer);
    }
    Ok(())
}

fn answer(connection: &Connection, sql: &str, limit: usize) -> rusqlite::Result<Answer> {
    let raw = connection.rusqlite();
    let before = raw.total_changes();
    let mut statement = raw.prepare(sql)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut answer = Answer { columns, rows: Vec::new(), has_more: false, changed: 0 };
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        // The rest is run all the same: a statement that writes and returns is not cut short.
        if answer.rows.len() == limit {
            answer.has_more = true;
            continue;
        }
        let values = (0..answer.columns.len()).map(|at| row.get_ref(at).map(owned));
        answer.rows.push(values.collect::<rusqlite::Result<_>>()?);
    }
    drop(rows);
    answer.changed = raw.total_changes() - before;
    Ok(answer)
}

fn owned(value: ValueRef<'_>) -> Value<'static> {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(whole) => Value::Integer(whole),
        ValueRef::Real(real) => Value::Real(real),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned().into()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec().into()),
    }
}

/// Whether a text ends with a whole statement, or holds none: a prompt asks for another line when not.
///
/// ```
/// use seedbed::console::is_complete;
///
/// assert!(is_complete("SELECT 1; -- done") && is_complete("  "));
/// assert!(!is_complete("SELECT 1") && !is_complete("SELECT ';"));
/// assert!(!is_complete("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;"));
/// ```
pub fn is_complete(sql: &str) -> bool {
    // Behind a whole statement a new word begins another one; inside of one it only makes it longer.
    split_statements(&format!("{sql}\nx")).len() > split_statements(sql).len()
}

/// Returns the names of the tables and views, SQLite's own left out.
///
/// # Errors
///
/// When the database cannot be read.
pub fn tables(connection: &Connection) -> Result<Vec<String>, Error> {
    let sql = "SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    connection.query(sql, &[], |row| row.get(0))
}

/// Returns the CREATE statements of everything, or of one table or view with what hangs on it.
///
/// # Errors
///
/// When the database cannot be read.
pub fn schema(connection: &Connection, name: Option<&str>) -> Result<Vec<String>, Error> {
    let sql = "SELECT sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND (?1 IS NULL OR lower(tbl_name) = lower(?1)) ORDER BY rowid";
    connection.query(sql, &[name.map_or(Value::Null, |name| Value::Text(name.into()))], |row| row.get(0))
}

/// A statement that SQLite refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    offset: usize,
    message: String,
}

impl Refusal {
    /// Where in the text the fault is, in bytes.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
