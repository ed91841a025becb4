//! Why a script did not go through: the file, the line, the statement, SQLite's words, the rows that offend, and
//! the way out.

use std::fmt;
use std::path::Path;

use rusqlite::Connection;

use super::holders::Holders;
use super::lock::is_busy;
use super::script::{Script, ScriptError};
use crate::storage::{self, Refusal};

/// A script that stopped. Unless it runs outside a transaction, it left no trace.
#[derive(Debug)]
pub struct Failure(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: FailureKind,
    file: String,
    line: Option<usize>,
    statement: Option<String>,
    message: String,
    rows: Vec<String>,
    hint: Option<String>,
    remains: Option<String>,
    broken: Option<(&'static str, String)>,
    sqlite: Option<rusqlite::Error>,
}

/// The situation in which a script stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The file asks for something that cannot be run.
    Script,
    /// SQLite refused a statement.
    Statement,
    /// SQLite refused a statement because rows violate a constraint.
    Constraint,
    /// Rows that a rolled back migration does not know have no value for a column that comes back.
    NoValue,
    /// Rows would refer to rows that do not exist.
    ForeignKey,
    /// A rebuild would lose rows.
    RowCount,
    /// A rebuild would lose a column's values: nobody declared it, or it is not copied.
    UndeclaredColumn,
    /// A view, a trigger or an index would not work afterwards.
    Broken,
    /// The database would not be as the migration's snapshot says.
    NotAsDeclared,
    /// The database could not be locked, read or written.
    Database,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, file: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            file: file.to_owned(),
            line: None,
            statement: None,
            message: message.into(),
            rows: Vec::new(),
            hint: None,
            remains: None,
            broken: None,
            sqlite: None,
        }))
    }

    pub(super) fn database(file: &str, error: rusqlite::Error) -> Self {
        let failure = Self::new(FailureKind::Database, file, words(&error));
        let failure = if is_busy(&error) {
            failure.hint(
                "another program writes to the database: end it, or give it longer with `--lock-timeout`",
            )
        } else {
            failure
        };
        failure.sqlite(error)
    }

    /// Names the process that is in the way, where the system tells.
    pub(super) fn held_by_others(self, connection: &Connection) -> Self {
        let path = connection.path().filter(|path| !path.is_empty());
        match path.and_then(|path| Holders::of(Path::new(path)).in_the_way()) {
            Some(holder) => self.hint(format!(
                "{holder} is using the database: end it, or give it longer with `--lock-timeout`"
            )),
            None => self,
        }
    }

    pub(crate) fn script(file: &str, error: ScriptError) -> Self {
        let mut failure = Self::new(FailureKind::Script, file, error.message).hint(error.hint);
        failure.0.line = Some(error.line);
        failure
    }

    /// Makes the failure of a statement of the script.
    pub(super) fn statement(
        kind: FailureKind,
        script: &Script,
        index: usize,
        message: impl Into<String>,
    ) -> Self {
        let statement = &script.statements[index];
        let mut failure = Self::new(kind, &script.name, message);
        failure.0.line = Some(statement.line);
        failure.0.statement = Some(statement.text.clone());
        failure
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(super) fn rows(mut self, rows: Vec<String>) -> Self {
        self.0.rows = rows;
        self
    }

    pub(super) fn breaks(mut self, kind: &'static str, name: &str) -> Self {
        self.0.broken = Some((kind, name.to_owned()));
        self
    }

    pub(super) fn sqlite(mut self, error: rusqlite::Error) -> Self {
        self.0.sqlite = Some(error);
        self
    }

    /// Says what the disk refused in words that name the database, where that is what stopped the script.
    pub(crate) fn located(mut self, connection: &rusqlite::Connection) -> Self {
        let refusal = self.0.sqlite.as_ref().and_then(|error| storage::refusal(error, connection.path()));
        if let Some(Refusal { message, hint }) = refusal {
            self.0.kind = FailureKind::Database;
            self.0.message = message;
            self.0.rows.clear();
            self.0.hint = Some(hint);
        }
        self
    }

    pub(super) fn remains(mut self, remains: impl Into<String>) -> Self {
        self.0.remains = Some(remains.into());
        self
    }

    /// Whether the script or the rows were at fault, not the database, and all that was done was taken back.
    pub(super) fn left_no_trace(&self) -> bool {
        use rusqlite::ErrorCode::{ConstraintViolation, TypeMismatch, Unknown};
        let is_about_sql = |error: &rusqlite::Error| {
            // SQLite's plain error, such as a missing table, has no other name.
            matches!(error.sqlite_error_code(), Some(ConstraintViolation | TypeMismatch | Unknown))
        };
        self.0.remains.is_none()
            && self.0.kind != FailureKind::Database
            && self.0.sqlite.as_ref().is_none_or(is_about_sql)
    }

    /// The situation.
    pub fn kind(&self) -> FailureKind {
        self.0.kind
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// The line in the file, from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.line
    }

    /// The statement.
    pub fn statement_text(&self) -> Option<&str> {
        self.0.statement.as_deref()
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The rows that offend, at most five, each as text with its key.
    pub fn offending_rows(&self) -> &[String] {
        &self.0.rows
    }

    /// Says what to do about it.
    pub fn way_out(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Whether other rows would have let it through.
    pub(crate) fn is_about_rows(&self) -> bool {
        matches!(self.0.kind, FailureKind::Constraint | FailureKind::ForeignKey)
    }

    /// The view, trigger or index that would not work afterwards: its kind and its name.
    pub(crate) fn broken(&self) -> Option<(&'static str, &str)> {
        self.0.broken.as_ref().map(|(kind, name)| (*kind, name.as_str()))
    }

    /// SQLite's error, where there is one.
    pub fn sqlite_error(&self) -> Option<&rusqlite::Error> {
        self.0.sqlite.as_ref()
    }
}

/// Returns what SQLite said, without the driver's additions.
pub(crate) fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0.file)?;
        if let Some(line) = self.0.line {
            write!(f, " line {line}")?;
        }
        write!(f, ": {}", self.0.message)?;
        if let Some(statement) = &self.0.statement {
            for line in shorten(statement).lines() {
                write!(f, "\n  | {line}")?;
            }
        }
        for row in &self.0.rows {
            write!(f, "\n  row {row}")?;
        }
        self.0.remains.iter().try_for_each(|remains| write!(f, "\n{remains}"))
    }
}

impl std::error::Error for Failure {}

/// Keeps a statement of many lines or megabytes readable.
fn shorten(statement: &str) -> String {
    const LINES: usize = 12;
    const WIDTH: usize = 200;
    let mut lines: Vec<String> = Vec::new();
    for line in statement.lines().take(LINES) {
        let mut short: String = line.chars().take(WIDTH).collect();
        if short.len() < line.len() {
            short.push('\u{2026}');
        }
        lines.push(short);
    }
    if statement.lines().nth(LINES).is_some() {
        lines.push("\u{2026}".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Failure, FailureKind};
    use crate::migrate::script::Script;

    #[test]
    fn the_text_names_place_statement_and_rows() {
        let script = Script::parse("0001_x.sql", "\nCREATE UNIQUE INDEX i\n  ON t (a);").unwrap();
        let failure =
            Failure::statement(FailureKind::Constraint, &script, 0, "UNIQUE constraint failed: t.a")
                .rows(vec!["id = 1: a = 'x'".to_owned()])
                .hint("remove them");
        assert_eq!(
            failure.to_string(),
            "`0001_x.sql` line 2: UNIQUE constraint failed: t.a\n  | CREATE UNIQUE INDEX i\n  |   ON t (a)\n  row id = 1: a = 'x'"
        );
        assert_eq!(failure.way_out(), Some("remove them"));
    }

    #[test]
    fn a_long_statement_is_cut() {
        let sql = format!("INSERT INTO t VALUES ('{}')\n{}", "x".repeat(1000), "-- more\n".repeat(100));
        let script = Script::parse("x.sql", &format!("{sql} SELECT 1")).unwrap();
        let text = Failure::statement(FailureKind::Statement, &script, 0, "m").to_string();
        assert!(text.len() < 600, "{text}");
    }
}
