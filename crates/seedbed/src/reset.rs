//! Begins again: what a database holds, whether it is the one of a folder, and a new one in its place.
//!
//! A reset is a [`fresh`] database in memory, brought to the newest migration, and then put in the place of the old one
//! by [`backup::replace`](crate::backup::replace): safe beside a running server, and when a migration fails nothing has
//! happened yet.

use crate::connection::Connection;
use crate::error::Error;
use crate::inspect::is_hidden;
use crate::migrate::history::{applied, drizzle_rows, has_table};
use crate::migrate::{MigrateError, Migration, MigrationSource, Migrator};
use seedbed_schema::sql::quote_identifier;

/// A table and how many rows it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRows {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
}

/// Returns the tables of a database that have rows, with how many, by name. What migrations keep aside counts, our own
/// records do not.
///
/// # Errors
///
/// When a table cannot be read.
///
/// ```
/// use seedbed::{Connection, reset};
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE trees (name TEXT); CREATE TABLE none (x); INSERT INTO trees VALUES ('oak')")?;
/// let rows = reset::rows(&connection)?;
/// assert_eq!((rows.len(), rows[0].table.as_str(), rows[0].rows), (1, "trees", 1));
/// # Ok::<(), seedbed::Error>(())
/// ```
pub fn rows(connection: &Connection) -> Result<Vec<TableRows>, Error> {
    Ok(counts(connection.rusqlite())?)
}

pub(crate) fn counts(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<TableRows>> {
    let mut names = connection.prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') ORDER BY name",
    )?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for table in names {
        if is_hidden(&table) && !table.starts_with("__seedbed_kept_") {
            continue;
        }
        let sql = format!("SELECT count(*) FROM main.{}", quote_identifier(&table));
        let rows: u64 = connection.query_row(&sql, [], |row| row.get(0))?;
        if rows > 0 {
            found.push(TableRows { table, rows });
        }
    }
    Ok(found)
}

/// How a database stands to a migrations folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// It is empty, or has one of the folder's migrations, or what push made.
    Yes,
    /// Drizzle migrated it, and it was not taken over.
    NotAdopted,
    /// It holds something, and nothing of it comes from the folder.
    No,
}

/// Tells whether a database is the one that the migrations are for.
///
/// # Errors
///
/// When the database cannot be read.
pub fn belongs(connection: &Connection, migrations: &[Migration]) -> Result<Belongs, Error> {
    let raw = connection.rusqlite();
    let objects: u64 = raw.query_row("SELECT count(*) FROM main.sqlite_schema", [], |row| row.get(0))?;
    let history = applied(raw)?;
    let is_known = |name: &str| migrations.iter().any(|migration| migration.tag() == name);
    Ok(if objects == 0 || history.iter().any(|row| is_known(&row.name)) {
        Belongs::Yes
    } else if !history.is_empty() {
        Belongs::No
    } else if drizzle_rows(raw)? > 0 {
        Belongs::NotAdopted
    } else if has_table(raw, "__seedbed_objects")? {
        Belongs::Yes
    } else {
        Belongs::No
    })
}

/// Makes a database in memory and brings it to the newest migration. Its pages have the size of those of the database
/// whose place it is to take.
///
/// # Errors
///
/// When a migration fails.
pub fn fresh(source: impl Into<MigrationSource>, replaced: &Connection) -> Result<Connection, MigrateError> {
    let database = |error: Error| MigrateError::from(crate::migrate::MigrateErrorKind::Database(error));
    let mut connection = Connection::open_in_memory().map_err(database)?;
    let page_size: u64 = replaced
        .rusqlite()
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .map_err(|error| database(error.into()))?;
    connection
        .rusqlite()
        .pragma_update(None, "page_size", page_size)
        .map_err(|error| database(error.into()))?;
    Migrator::new(source).run(&mut connection)?;
    Ok(connection)
}
