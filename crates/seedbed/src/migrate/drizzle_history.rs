//! What Drizzle's history table says about the migrations of a folder.
//!
//! ```text
//! 0.31  __drizzle_migrations (id, hash, created_at)                    created_at: the journal's `when`
//! 1.0   __drizzle_migrations (id, hash, created_at, name, applied_at)  name: the migration's directory
//! ```
//!
//! The Rust crate `drizzle` has the first, with the time in milliseconds or written as in the directory's name. The hash is of the file as it was then; a file that was put into words of ours
//! since has another one, so it decides nothing.

use rusqlite::Connection;

use super::drizzle_layout;
use super::folder::Migration;
use super::history::has_table;

/// What the table says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DrizzleHistory {
    /// Whether there is a table at all.
    pub(super) exists: bool,
    /// The number of migrations up to the last that it names; `None` when it names none of the folder.
    pub(super) claimed: Option<usize>,
    /// Those before it that it does not name: Drizzle 0.31 leaves out what is older than the newest it has run.
    pub(super) skipped: Vec<String>,
}

/// Reads the table.
pub(super) fn read(connection: &Connection, migrations: &[Migration]) -> rusqlite::Result<DrizzleHistory> {
    if !has_table(connection, "__drizzle_migrations")? {
        return Ok(DrizzleHistory::default());
    }
    let columns = "SELECT 1 FROM pragma_table_info('__drizzle_migrations', 'main') WHERE name = 'name'";
    let has_names = connection.prepare(columns)?.exists([])?;
    let sql = if has_names {
        "SELECT CAST(created_at AS INTEGER), name FROM main.__drizzle_migrations"
    } else {
        "SELECT CAST(created_at AS INTEGER), NULL FROM main.__drizzle_migrations"
    };
    let mut statement = connection.prepare(sql)?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<String>>(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let is_named = |migration: &Migration| {
        rows.iter().any(|(moment, name)| match name {
            Some(name) => drizzle_layout::is_of(name, migration.tag(), migration.when()),
            None => moment.map(drizzle_layout::moment_recorded) == Some(migration.when()),
        })
    };
    let named: Vec<bool> = migrations.iter().map(is_named).collect();
    let claimed = named.iter().rposition(|named| *named).map(|last| last + 1);
    let before = migrations.iter().zip(&named).take(claimed.unwrap_or_default());
    let skipped =
        before.filter(|(_, named)| !**named).map(|(migration, _)| migration.tag().to_owned()).collect();
    Ok(DrizzleHistory { exists: true, claimed, skipped })
}
