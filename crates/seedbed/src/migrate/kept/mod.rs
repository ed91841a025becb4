//! What migrations dropped or could not cast, kept in the database until it is brought back or forgotten.
//!
//! ```text
//! __seedbed_kept                          __seedbed_kept_3_users
//! id          3                           "key id"         what tells the row apart
//! migration   0004_drop_nickname          "was nickname"   the value as it was
//! table_name  users                       "was age"        before the cast …
//! kept_table  __seedbed_kept_3_users      "now age"        … and after it
//! whole       0                           "added"          1: put in by a backfill on the way back
//! rows, counter, kept_at                  of a whole table: its columns, and "__seedbed_rowid"
//! ```
//!
//! The values are copied in the transaction of the migration, right before the statement that loses them ([`keep`]), and
//! leave in the transaction of the rollback that brings them back ([`restore`]). Columns of kept tables have no type, so
//! that every value stays exactly what it is. All names are those of before the migration.

mod keep;
mod registry;
mod restore;
mod unasked;

pub(super) use keep::Keeper;
pub(super) use restore::{Restorer, fits};

use std::fmt;

use rusqlite::Connection as Raw;
use seedbed_schema::sql::quote_identifier;

use crate::{Connection, Error};

use super::{history, lock};

/// What was kept of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPart {
    /// The table, by its name before the migration.
    pub table: String,
    /// The columns; empty when the whole table was dropped.
    pub columns: Vec<String>,
    /// How many rows.
    pub rows: u64,
}

/// Says which part of the database it is: `users`, or `users (nickname, age)`.
impl fmt::Display for KeptPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table)?;
        if self.columns.is_empty() { Ok(()) } else { write!(f, " ({})", self.columns.join(", ")) }
    }
}

/// What is kept in a database of what one migration took from one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The migration.
    pub migration: String,
    /// What was kept.
    pub part: KeptPart,
    /// The space that it takes.
    pub bytes: u64,
    /// When it was kept, in milliseconds since 1970.
    pub kept_at: i64,
    /// The table that holds it.
    pub kept_table: String,
    /// Whether a rollback gets to it: its migration is applied under that name, and was neither folded into another one
    /// nor undone by a way back that had no place for it.
    pub in_reach: bool,
}

/// Returns what is kept in a database, the oldest first.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::migrate::{EmbeddedMigrations, Migrator, kept};
///
/// static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
///     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
///         {"idx":0,"version":"6","when":0,"tag":"0000_drop_users","breakpoints":true}]}"#),
///     ("0000_drop_users.sql", "DROP TABLE users;"),
/// ]);
///
/// let mut connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE users (id); INSERT INTO users VALUES (1), (2)")?;
/// Migrator::new(MIGRATIONS).run(&mut connection)?;
/// let kept = kept(&connection)?;
/// assert_eq!((kept[0].part.table.as_str(), kept[0].part.rows), ("users", 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When the database cannot be read.
pub fn kept(connection: &Connection) -> Result<Vec<Kept>, Error> {
    Ok(kept_in(connection.rusqlite())?)
}

pub(super) fn kept_in(connection: &Raw) -> rusqlite::Result<Vec<Kept>> {
    let mut kept = Vec::new();
    let entries = registry::entries(connection)?;
    if entries.is_empty() {
        return Ok(kept);
    }
    let applied = history::applied(connection)?;
    let mut newest = entries.clone();
    registry::retain_newest(&mut newest);
    for entry in entries {
        let is_newest = newest.iter().any(|newest| newest.id == entry.id);
        kept.push(Kept {
            part: entry.part(connection)?,
            bytes: size(connection, &entry.kept_table)?,
            in_reach: is_newest && applied.iter().any(|row| row.name == entry.migration),
            migration: entry.migration,
            kept_at: entry.kept_at,
            kept_table: entry.kept_table,
        });
    }
    Ok(kept)
}

/// Frees what is kept and chosen by `is_chosen`, and returns what that was. It cannot be brought back afterwards.
///
/// # Errors
///
/// When another migrator is at work, or the database cannot be written.
pub fn forget(
    connection: &mut Connection,
    mut is_chosen: impl FnMut(&Kept) -> bool,
) -> Result<Vec<Kept>, super::MigrateError> {
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
    let _lock = lock::take(connection.rusqlite(), Some(PATIENCE), &|_, _, _| {})?;
    let forgotten = connection.transaction(|transaction| {
        let raw = transaction.rusqlite();
        let entries = registry::entries(raw)?;
        let mut forgotten = Vec::new();
        for (kept, entry) in kept_in(raw)?.into_iter().zip(&entries) {
            if is_chosen(&kept) {
                registry::remove(raw, entry)?;
                forgotten.push(kept);
            }
        }
        Ok::<_, Error>(forgotten)
    });
    forgotten.map_err(|error| super::MigrateErrorKind::Database(error).into())
}

/// Returns the bytes of a table and its indexes in the file.
fn size(connection: &Raw, table: &str) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(sum(pgsize), 0) FROM dbstat('main', 1)\n\
               WHERE name IN (SELECT name FROM main.sqlite_schema WHERE tbl_name = ?1)";
    connection.query_row(sql, [table], |row| row.get(0))
}

/// A name of a kept table's column.
fn named(word: &str, column: &str) -> String {
    quote_identifier(&format!("{word} {column}"))
}
