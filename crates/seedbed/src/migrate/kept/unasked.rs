//! Brings back what a script makes room for without asking for it: files of other tools, of people and of older
//! versions have no `restore` directive.
//!
//! Only what the script left empty is filled: a table that it made and put no row into, columns that hold nothing but
//! NULL, their default, `''` or 0. A script that computed values meant them. What does not fit stays kept.

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use seedbed_schema::sql::quote_identifier;

use super::keep::{LiveColumn, is_ordinary, live_columns};
use super::named;
use super::registry::{self, Entry};
use crate::migrate::pragmas;
use crate::migrate::row_text::rowid_column;
use crate::migrate::script::{Action, ObjectKind, Script, is_same};

/// Fills what a script left empty, and returns the entries that are back.
pub(super) fn fill(
    connection: &Connection,
    script: &Script,
    open: Vec<Entry>,
) -> rusqlite::Result<Vec<Entry>> {
    if open.is_empty() {
        return Ok(open);
    }
    // The rows were there before; to a trigger they would be new.
    let triggers = connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER)?;
    pragmas::set_triggers(connection, false)?;
    // Children may be filled before their parents; COMMIT looks.
    pragmas::set(connection, "defer_foreign_keys", true)?;
    let filled = open.into_iter().map(|entry| attempt(connection, script, entry));
    let filled = filled.filter_map(Result::transpose).collect();
    pragmas::set_triggers(connection, triggers)?;
    filled
}

/// Fills one part; returns nothing, and changes nothing, where it does not fit.
fn attempt(connection: &Connection, script: &Script, entry: Entry) -> rusqlite::Result<Option<Entry>> {
    connection.execute_batch("SAVEPOINT __seedbed_unasked")?;
    let filled = if entry.is_whole {
        fill_table(connection, script, &entry)
    } else {
        fill_columns(connection, &entry)
    };
    // The table may be another one by now, with constraints that the rows do not meet.
    if matches!(filled, Ok(true)) && connection.execute_batch("RELEASE __seedbed_unasked").is_ok() {
        return Ok(Some(entry));
    }
    connection.execute_batch("ROLLBACK TO __seedbed_unasked; RELEASE __seedbed_unasked")?;
    Ok(None)
}

fn fill_table(connection: &Connection, script: &Script, entry: &Entry) -> rusqlite::Result<bool> {
    let table = &entry.table;
    let makes = |action: &Action| matches!(action, Action::Create(ObjectKind::Table, name) if is_same(&script.renamed_table(name), table));
    let is_made = script.statements.iter().any(|statement| makes(&statement.action));
    if !is_made || !is_ordinary(connection, table)? {
        return Ok(false);
    }
    let name = quote_identifier(table);
    let live = live_columns(connection, table)?;
    let mut kept = registry::columns(connection, &entry.kept_table)?;
    let has_rowids = kept.first().is_some_and(|first| first == "__seedbed_rowid");
    if has_rowids {
        kept.remove(0);
    }
    let has_rows: bool =
        connection.query_row(&format!("SELECT EXISTS (SELECT 1 FROM main.{name})"), [], |row| row.get(0))?;
    if has_rows || !kept.iter().all(|column| stored(&live, column)) {
        return Ok(false);
    }
    let columns: Vec<String> = kept.iter().map(|column| quote_identifier(column)).collect();
    let (mut targets, mut sources) = (columns.clone(), columns);
    if let Some(rowid) = rowid_column(connection, table)?.filter(|_| has_rowids)
        && !has_rowid_alias(connection, table)?
    {
        targets.insert(0, rowid.to_owned());
        sources.insert(0, "\"__seedbed_rowid\"".to_owned());
    }
    connection.execute(
        &format!(
            "INSERT INTO main.{name} ({})\nSELECT {} FROM main.{}",
            targets.join(", "),
            sources.join(", "),
            quote_identifier(&entry.kept_table)
        ),
        [],
    )?;
    Ok(true)
}

fn fill_columns(connection: &Connection, entry: &Entry) -> rusqlite::Result<bool> {
    let kept = registry::columns(connection, &entry.kept_table)?;
    let of = |word: &str| kept.iter().filter_map(|name| name.strip_prefix(word)).collect::<Vec<&str>>();
    let (keys, same, drops) = (of("key "), of("same "), of("was "));
    // Whether a cast value is still the one of then can no longer be seen.
    if !of("now ").is_empty() || !is_ordinary(connection, &entry.table)? {
        return Ok(false);
    }
    let live = live_columns(connection, &entry.table)?;
    if !drops.iter().chain(&same).all(|column| stored(&live, column)) {
        return Ok(false);
    }
    let table = quote_identifier(&entry.table);
    let mut matches = Vec::new();
    let mut by_rowid = false;
    for key in keys {
        let column = if stored(&live, key) {
            quote_identifier(key)
        } else {
            let Some(rowid) = rowid_column(connection, &entry.table)?.filter(|_| key == "rowid") else {
                return Ok(false);
            };
            by_rowid = true;
            rowid.to_owned()
        };
        matches.push(format!("k.{} = +t.{column}", named("key", key)));
    }
    matches.extend(
        same.iter().map(|name| format!("k.{} IS +t.{}", named("same", name), quote_identifier(name))),
    );
    let given = drops.iter().map(|column| {
        let live = live.iter().find(|live| is_same(&live.name, column));
        let default = live.and_then(|live| live.default.as_deref()).unwrap_or("NULL");
        let column = quote_identifier(column);
        format!("({column} IS NOT NULL AND {column} IS NOT '' AND {column} IS NOT 0 AND {column} IS NOT ({default}))")
    });
    let given: Vec<String> = given.collect();
    let sql = format!("SELECT EXISTS (SELECT 1 FROM main.{table} WHERE {})", given.join(" OR "));
    if connection.query_row(&sql, [], |row| row.get(0))? {
        return Ok(false);
    }
    let sets =
        drops.iter().map(|column| format!("{} = k.{}", quote_identifier(column), named("was", column)));
    let updated = connection.execute(
        &format!(
            "UPDATE main.{table} AS t SET {}\nFROM main.{} AS k\nWHERE {}",
            sets.collect::<Vec<_>>().join(", "),
            quote_identifier(&entry.kept_table),
            matches.join(" AND ")
        ),
        [],
    )?;
    // Rows may have got other rowids since; then not all of them were found.
    Ok(!by_rowid || u64::try_from(updated).is_ok_and(|updated| updated == entry.rows))
}

/// Whether the table has a column of that name that holds values.
fn stored(live: &[LiveColumn], column: &str) -> bool {
    live.iter().any(|live| is_same(&live.name, column) && !live.is_generated)
}

/// Whether a column of the table is its rowid.
fn has_rowid_alias(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) = 1 AND upper(max(type)) = 'INTEGER' FROM pragma_table_xinfo(?1, 'main') WHERE pk > 0";
    connection.query_row(sql, [table], |row| row.get(0))
}
