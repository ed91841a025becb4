//! The list of what is kept, in the database itself.

use rusqlite::{Connection, params};
use seedbed_schema::sql::quote_identifier;

use super::KeptPart;
use crate::migrate::history::has_table;

/// A kept table.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) id: i64,
    pub(super) migration: String,
    pub(super) table: String,
    pub(super) kept_table: String,
    /// Whether the table was dropped with all its rows, and not only columns of it.
    pub(super) is_whole: bool,
    pub(super) rows: u64,
    /// The AUTOINCREMENT counter of a whole table.
    pub(super) counter: Option<i64>,
    pub(super) kept_at: i64,
}

impl Entry {
    /// Returns what was kept, for people.
    pub(super) fn part(&self, connection: &Connection) -> rusqlite::Result<KeptPart> {
        let names = if self.is_whole { Vec::new() } else { columns(connection, &self.kept_table)? };
        let columns = names.iter().filter_map(|name| name.strip_prefix("was ")).map(str::to_owned).collect();
        Ok(KeptPart { table: self.table.clone(), columns, rows: self.rows })
    }
}

/// Returns the entries, the oldest first.
pub(super) fn entries(connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
    if !has_table(connection, "__seedbed_kept")? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(
        "SELECT id, migration, table_name, kept_table, whole, rows, counter, kept_at FROM main.__seedbed_kept ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Entry {
            id: row.get(0)?,
            migration: row.get(1)?,
            table: row.get(2)?,
            kept_table: row.get(3)?,
            is_whole: row.get(4)?,
            rows: row.get(5)?,
            counter: row.get(6)?,
            kept_at: row.get(7)?,
        })
    })?;
    rows.collect()
}

/// Leaves out what a migration took before it was undone and run again: a rollback takes the newest.
pub(super) fn retain_newest(entries: &mut Vec<Entry>) {
    let all = entries.clone();
    entries.retain(|entry| {
        !all.iter().any(|other| {
            other.id > entry.id
                && other.migration == entry.migration
                && other.is_whole == entry.is_whole
                && other.table.eq_ignore_ascii_case(&entry.table)
        })
    });
}

/// Returns what a migration took from a table: the newest entry, should there be several.
pub(super) fn find(
    connection: &Connection,
    migration: &str,
    table: &str,
    is_whole: bool,
) -> rusqlite::Result<Option<Entry>> {
    let is_it = |entry: &Entry| {
        entry.migration == migration && entry.is_whole == is_whole && entry.table.eq_ignore_ascii_case(table)
    };
    Ok(entries(connection)?.into_iter().rev().find(is_it))
}

/// Makes an entry, and the name of the table that it stands for; the table itself is the caller's to make.
pub(super) fn add(
    connection: &Connection,
    migration: &str,
    table: &str,
    is_whole: bool,
) -> rusqlite::Result<Entry> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS main.__seedbed_kept (\n  id INTEGER PRIMARY KEY,\n  migration TEXT NOT NULL,\n  \
         table_name TEXT NOT NULL,\n  kept_table TEXT NOT NULL,\n  whole INTEGER NOT NULL,\n  rows INTEGER NOT NULL,\n  \
         counter INTEGER,\n  kept_at INTEGER NOT NULL\n)",
    )?;
    let sql = "SELECT coalesce(max(id), 0) + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM main.__seedbed_kept";
    let (id, kept_at): (i64, i64) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let entry = Entry {
        id,
        migration: migration.to_owned(),
        table: table.to_owned(),
        kept_table: format!("__seedbed_kept_{id}_{table}"),
        is_whole,
        rows: 0,
        counter: None,
        kept_at,
    };
    connection.execute(
        "INSERT INTO main.__seedbed_kept (id, migration, table_name, kept_table, whole, rows, kept_at)\n\
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
        params![id, entry.migration, entry.table, entry.kept_table, is_whole, kept_at],
    )?;
    Ok(entry)
}

/// Records how much was kept.
pub(super) fn fill(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let sql = "UPDATE main.__seedbed_kept SET rows = ?2, counter = ?3 WHERE id = ?1";
    connection.execute(sql, params![entry.id, entry.rows, entry.counter]).map(drop)
}

/// Drops a kept table and its entry; the list goes with the last one.
pub(super) fn remove(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    connection
        .execute_batch(&format!("DROP TABLE IF EXISTS main.{}", quote_identifier(&entry.kept_table)))?;
    connection.execute("DELETE FROM main.__seedbed_kept WHERE id = ?1", [entry.id])?;
    let is_empty: bool =
        connection
            .query_row("SELECT NOT EXISTS (SELECT 1 FROM main.__seedbed_kept)", [], |row| row.get(0))?;
    if is_empty { connection.execute_batch("DROP TABLE main.__seedbed_kept") } else { Ok(()) }
}

/// Returns the columns of a kept table.
pub(super) fn columns(connection: &Connection, kept_table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1, 'main')")?;
    let names = statement.query_map([kept_table], |row| row.get(0))?;
    names.collect()
}
