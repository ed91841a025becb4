//! The error of this crate: opaque, with predicates for what a caller can act on.
//!
//! The text of an error says everything that is known at its level, in SQLite's own words where they are good; what
//! [`source`](std::error::Error::source) returns is never repeated in the text.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::storage;
use crate::value::ValueError;

/// An error of a database, a statement or a value.
///
/// ```
/// use seedbed::{Connection, params};
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE users (email TEXT UNIQUE); INSERT INTO users VALUES ('a@b.c')")?;
/// let error = connection.execute("INSERT INTO users VALUES (?1)", params!["a@b.c"]).unwrap_err();
///
/// assert!(error.is_unique_violation());
/// assert_eq!(error.to_string(), "UNIQUE constraint failed: users.email");
/// assert_eq!(error.constraint().and_then(|constraint| constraint.table()), Some("users"));
/// # Ok::<(), seedbed::Error>(())
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    hint: Option<String>,
}

enum Kind {
    /// SQLite refused; its words are the text.
    Sqlite { error: rusqlite::Error, constraint: Option<Constraint> },
    /// Something went wrong in doing what the text says; the source says what.
    Context { doing: String, source: Box<dyn StdError + Send + Sync> },
    /// All is said in the text.
    Message(String),
    /// A query that must yield a row yielded none.
    NotFound,
    /// A closure that a pool ran panicked.
    Panicked(String),
    /// The pool was shut down.
    Closed,
}

impl Error {
    /// Makes an error from a text: a lowercase fragment without a full stop.
    pub fn message(text: impl Into<String>) -> Self {
        Self::new(Kind::Message(text.into()))
    }

    /// Makes an error that says what was being done when `source` happened; the text does not repeat the source. The way
    /// out of the source, where it has one, is the way out of this error, too.
    pub fn context(doing: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = source.into();
        let hint = match (source.downcast_ref::<Self>(), source.downcast_ref::<io::Error>()) {
            (Some(error), _) => error.hint().map(str::to_owned),
            (_, Some(error)) => storage::way_out(error).map(str::to_owned),
            _ => None,
        };
        Self(Box::new(Inner { kind: Kind::Context { doing: doing.into(), source }, hint }))
    }

    /// Adds the way out, one sentence that [`hint`](Self::hint) returns; it is not part of the text.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Returns the way out, if one is known: print it on a line of its own after `hint: `.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Whether a UNIQUE constraint, a unique index or a primary key refused a row.
    pub fn is_unique_violation(&self) -> bool {
        self.is_violation_of(ConstraintKind::Unique)
    }

    /// Whether a foreign key refused a row, or a row that is still referred to could not go.
    pub fn is_foreign_key_violation(&self) -> bool {
        self.is_violation_of(ConstraintKind::ForeignKey)
    }

    /// Whether a NOT NULL constraint refused a row.
    pub fn is_not_null_violation(&self) -> bool {
        self.is_violation_of(ConstraintKind::NotNull)
    }

    /// Whether a CHECK constraint refused a row.
    pub fn is_check_violation(&self) -> bool {
        self.is_violation_of(ConstraintKind::Check)
    }

    /// Whether the database was busy for longer than the busy timeout; the same call may succeed later.
    pub fn is_busy(&self) -> bool {
        matches!(self.sqlite_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    /// Whether the file is no database, or so damaged that SQLite cannot read it.
    pub fn is_damaged(&self) -> bool {
        matches!(self.sqlite_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
    }

    /// Whether a query that must yield a row yielded none.
    pub fn is_not_found(&self) -> bool {
        matches!(self.0.kind, Kind::NotFound)
    }

    /// Returns the constraint that refused a row, with what SQLite tells about it.
    pub fn constraint(&self) -> Option<&Constraint> {
        match &self.0.kind {
            Kind::Sqlite { constraint, .. } => constraint.as_ref(),
            Kind::Context { source, .. } => source.downcast_ref::<Self>()?.constraint(),
            _ => None,
        }
    }

    /// Returns SQLite's error as rusqlite reports it.
    pub fn as_rusqlite(&self) -> Option<&rusqlite::Error> {
        match &self.0.kind {
            Kind::Sqlite { error, .. } => Some(error),
            Kind::Context { source, .. } => {
                source.downcast_ref().or_else(|| source.downcast_ref::<Self>()?.as_rusqlite())
            }
            _ => None,
        }
    }

    /// Says what the disk refused in words that name the database, where that is what the error is about.
    pub(crate) fn located(self, connection: &rusqlite::Connection) -> Self {
        self.located_at(connection.path())
    }

    /// As [`located`](Self::located), where another file than the connection's own is what the error is about.
    pub(crate) fn located_at(self, path: Option<&str>) -> Self {
        let refusal = match &self.0.kind {
            Kind::Sqlite { error, .. } => storage::refusal(error, path),
            _ => None,
        };
        match refusal {
            Some(refusal) => Self::context(refusal.message, self).with_hint(refusal.hint),
            None => self,
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(Kind::NotFound)
    }

    pub(crate) fn closed() -> Self {
        Self::new(Kind::Closed)
    }

    pub(crate) fn transaction_ended() -> Self {
        Self::message("a statement ended the transaction that it ran in")
    }

    pub(crate) fn panicked(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self::new(Kind::Panicked(text.unwrap_or("no message").to_owned()))
    }

    pub(crate) fn column(name: &str, error: &ValueError) -> Self {
        Self::message(format!("column `{name}`: {error}"))
    }

    pub(crate) fn sqlite_code(&self) -> Option<ErrorCode> {
        self.as_rusqlite()?.sqlite_error_code()
    }

    fn is_violation_of(&self, kind: ConstraintKind) -> bool {
        self.constraint().is_some_and(|constraint| constraint.kind == kind)
    }

    fn new(kind: Kind) -> Self {
        Self(Box::new(Inner { kind, hint: None }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::Sqlite { error: rusqlite::Error::SqlInputError { msg, sql, offset, .. }, .. } => {
                write!(f, "{msg} (in `{}`)", excerpt(sql, *offset))
            }
            Kind::Sqlite { error, .. } => error.fmt(f),
            Kind::Context { doing, .. } => f.write_str(doing),
            Kind::Message(text) => f.write_str(text),
            Kind::NotFound => f.write_str("the query returned no row"),
            Kind::Panicked(text) => write!(f, "the closure that was given to the pool panicked: {text}"),
            Kind::Closed => f.write_str("the pool is shut down"),
        }
    }
}

/// Returns one line of about 80 characters around the place at fault.
fn excerpt(sql: &str, offset: i32) -> String {
    const BEFORE: usize = 40;
    const SHOWN: usize = 80;
    let at = usize::try_from(offset).unwrap_or(0).min(sql.len());
    let start = sql.floor_char_boundary(at.saturating_sub(BEFORE));
    let end = sql.ceil_char_boundary(start + SHOWN);
    let line = sql[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < sql.len() { "…" } else { "" });
    format!("{before}{line}{after}")
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("text", &self.to_string());
        match &self.0.kind {
            Kind::Sqlite { error, .. } => debug.field("sqlite", error),
            Kind::Context { source, .. } => debug.field("source", source),
            _ => &mut debug,
        };
        if let Some(hint) = &self.0.hint {
            debug.field("hint", hint);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            Kind::Context { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        if matches!(error, rusqlite::Error::QueryReturnedNoRows) {
            return Self::not_found();
        }
        let constraint = Constraint::of(&error);
        Self::new(Kind::Sqlite { error, constraint })
    }
}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        Self::message(error.to_string())
    }
}

/// A constraint that refused a row, as far as SQLite names it: table and columns for UNIQUE, NOT NULL and primary
/// keys, the name for CHECK and for a unique index on expressions, nothing for a foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    kind: ConstraintKind,
    name: Option<String>,
    table: Option<String>,
    columns: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConstraintKind {
    Unique,
    ForeignKey,
    NotNull,
    Check,
    Other,
}

impl Constraint {
    /// Returns the constraint's or the index's own name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the table.
    pub fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    /// Returns the columns; empty when SQLite does not tell.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    fn of(error: &rusqlite::Error) -> Option<Self> {
        let rusqlite::Error::SqliteFailure(failure, message) = error else { return None };
        if failure.code != ErrorCode::ConstraintViolation {
            return None;
        }
        let kind = match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => ConstraintKind::Unique,
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ConstraintKind::ForeignKey,
            ffi::SQLITE_CONSTRAINT_NOTNULL => ConstraintKind::NotNull,
            ffi::SQLITE_CONSTRAINT_CHECK => ConstraintKind::Check,
            _ => ConstraintKind::Other,
        };
        let mut constraint = Self { kind, name: None, table: None, columns: Vec::new() };
        // "UNIQUE constraint failed: users.a, users.b", "UNIQUE constraint failed: index 'name'",
        // "CHECK constraint failed: name".
        let Some((_, what)) = message.as_deref().and_then(|text| text.split_once("constraint failed: "))
        else {
            return Some(constraint);
        };
        if let Some(index) = what.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')) {
            constraint.name = Some(index.to_owned());
        } else if matches!(kind, ConstraintKind::Check) {
            constraint.name = Some(what.to_owned());
        } else {
            for (table, column) in what.split(", ").filter_map(|part| part.split_once('.')) {
                constraint.table.get_or_insert_with(|| table.to_owned());
                constraint.columns.push(column.to_owned());
            }
        }
        Some(constraint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Connection;
    use crate::params;

    fn refusal(statement: &str) -> Error {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE parents (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT, UNIQUE (a, b), \
                   CONSTRAINT b_is_short CHECK (length(b) < 5)); \
                 CREATE TABLE names (name TEXT); CREATE UNIQUE INDEX names_lower ON names (lower(name)); \
                 INSERT INTO names VALUES ('oak'); \
                 CREATE TABLE children (parent INTEGER REFERENCES parents(id)); \
                 INSERT INTO parents VALUES (1, 'x', 'y'); INSERT INTO children VALUES (1);",
            )
            .unwrap();
        connection.execute(statement, params![]).unwrap_err()
    }

    #[test]
    fn a_unique_violation_names_table_and_columns() {
        let error = refusal("INSERT INTO parents VALUES (2, 'x', 'y')");
        assert!(error.is_unique_violation() && !error.is_busy() && !error.is_check_violation());
        let constraint = error.constraint().unwrap();
        assert_eq!(constraint.table(), Some("parents"));
        assert_eq!(constraint.columns(), ["a", "b"]);
    }

    #[test]
    fn a_taken_primary_key_is_a_unique_violation() {
        let error = refusal("INSERT INTO parents VALUES (1, 'p', 'q')");
        assert!(error.is_unique_violation());
        assert_eq!(error.constraint().unwrap().columns(), ["id"]);
    }

    #[test]
    fn a_unique_index_on_an_expression_is_named() {
        let error = refusal("INSERT INTO names VALUES ('OAK')");
        assert!(error.is_unique_violation());
        assert_eq!(error.constraint().unwrap().name(), Some("names_lower"));
    }

    #[test]
    fn not_null_check_and_foreign_key_are_told_apart() {
        let not_null = refusal("INSERT INTO parents VALUES (2, NULL, 'b')");
        assert!(not_null.is_not_null_violation());
        assert_eq!(not_null.constraint().unwrap().columns(), ["a"]);
        let check = refusal("INSERT INTO parents VALUES (2, 'a', 'too long')");
        assert!(check.is_check_violation());
        assert_eq!(check.constraint().unwrap().name(), Some("b_is_short"));
        let foreign_key = refusal("DELETE FROM parents");
        assert!(foreign_key.is_foreign_key_violation());
        assert_eq!(foreign_key.constraint().unwrap().table(), None);
    }

    #[test]
    fn a_faulty_statement_shows_the_place() {
        let error = refusal("SELECT wrong FROM parents");
        assert_eq!(error.to_string(), "no such column: wrong (in `SELECT wrong FROM parents`)");
        let far = refusal(&format!("SELECT {} wrong FROM parents", "1,  ".repeat(60)));
        assert!(far.to_string().len() < 140 && far.to_string().contains("wrong FROM"), "{far}");
    }

    #[test]
    fn a_context_keeps_what_its_source_knows_and_does_not_repeat_it() {
        let error =
            Error::context("cannot save the tree", refusal("DELETE FROM parents")).with_hint("try again");
        assert!(error.is_foreign_key_violation());
        assert_eq!(error.to_string(), "cannot save the tree");
        assert_eq!(error.source().unwrap().to_string(), "FOREIGN KEY constraint failed");
        assert_eq!(error.hint(), Some("try again"));
    }
}
