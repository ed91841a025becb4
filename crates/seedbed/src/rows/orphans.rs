//! Takes back generated rows that refer to nothing in the end: their promised parent was refused, or their key changed
//! its type on the way. Rows of others are left alone, whatever they refer to.

use std::collections::BTreeSet;

use rusqlite::Connection;
use seedbed_schema::model::Table;
use seedbed_schema::sql::quote_identifier;

use super::table::{RowId, TableFiller};

/// Removes rows of ours that violate a foreign key, until there are none; is true when some were removed.
pub(super) fn remove_orphans(
    connection: &Connection,
    fillers: &mut [TableFiller<'_>],
    enforced: bool,
) -> rusqlite::Result<bool> {
    let mut removed = false;
    loop {
        let mut removed_now = false;
        for filler in fillers.iter_mut().filter(|filler| !filler.references.is_empty()) {
            removed_now |= remove_orphans_of(connection, filler, enforced)?;
        }
        if !removed_now {
            return Ok(removed);
        }
        removed = true;
    }
}

fn remove_orphans_of(
    connection: &Connection,
    filler: &mut TableFiller<'_>,
    enforced: bool,
) -> rusqlite::Result<bool> {
    let name = quote_identifier(&filler.table.name);
    let orphans = match orphans(connection, &name) {
        Ok(orphans) => orphans,
        // A foreign key to something that is not unique; where keys are watched, SQLite takes no row at all.
        Err(error) if enforced && !filler.rows.is_empty() => {
            filler.refusal = Some(error.to_string());
            Orphans { all: true, ..Orphans::default() }
        }
        Err(_) => return Ok(false),
    };
    let before = filler.rows.len();
    let mut kept = Vec::with_capacity(before);
    for row in std::mem::take(&mut filler.rows) {
        let deleted = match &row {
            RowId::Rowid(rowid) if orphans.all || orphans.rowids.contains(rowid) => {
                let rowid_name = rowid_name(filler.table);
                connection.execute(&format!("DELETE FROM main.{name} WHERE {rowid_name} = ?1"), [rowid])?
            }
            RowId::Key(key) if orphans.all || orphans.without_rowid => {
                match delete_orphan(filler, orphans.all) {
                    Some(sql) => connection.execute(&sql, rusqlite::params_from_iter(key))?,
                    None => 0,
                }
            }
            _ => 0,
        };
        if deleted == 0 {
            kept.push(row);
        }
    }
    filler.rows = kept;
    if filler.rows.len() < before && filler.refusal.is_none() {
        filler.refusal = Some("FOREIGN KEY constraint failed".to_owned());
    }
    Ok(filler.rows.len() < before)
}

/// Rows of one table that violate a foreign key.
#[derive(Default)]
struct Orphans {
    rowids: BTreeSet<i64>,
    /// Whether there are some that have no rowid.
    without_rowid: bool,
    /// Whether all rows are to go.
    all: bool,
}

fn orphans(connection: &Connection, quoted_table: &str) -> rusqlite::Result<Orphans> {
    let mut orphans = Orphans::default();
    let mut check = connection.prepare(&format!("PRAGMA main.foreign_key_check({quoted_table})"))?;
    let mut rows = check.query([])?;
    while let Some(row) = rows.next()? {
        match row.get::<_, Option<i64>>(1)? {
            Some(rowid) => {
                orphans.rowids.insert(rowid);
            }
            None => orphans.without_rowid = true,
        }
    }
    Ok(orphans)
}

/// Returns a name of the rowid that no column hides.
fn rowid_name(table: &Table) -> &'static str {
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| table.column(name).is_none()).unwrap_or("rowid")
}

/// Returns the statement that deletes the row of a WITHOUT ROWID table if a foreign key of it finds no parent, or in any
/// case; its parameters are the key's values.
fn delete_orphan(filler: &TableFiller<'_>, in_any_case: bool) -> Option<String> {
    let table = filler.table;
    let own = quote_identifier(&table.name);
    let column = |place: usize| format!("{own}.{}", quote_identifier(&table.columns[place].name));
    let key = table.primary_key.as_ref()?;
    let is_row: Vec<String> =
        key.columns.iter().map(|part| format!("{own}.{} IS ?", quote_identifier(&part.name))).collect();
    if in_any_case {
        return Some(format!("DELETE FROM main.{own} WHERE {}", is_row.join(" AND ")));
    }
    let orphaned = filler.references.iter().map(|reference| {
        let present = reference.columns.iter().map(|place| format!("{} IS NOT NULL", column(*place)));
        // The plus takes the child's affinity away, since the parent's alone counts.
        // The plus takes the child's affinity away, since the parent's alone counts.
        let matched: Vec<String> = (reference.columns.iter().zip(&reference.parent_columns))
            .map(|(place, name)| format!("parent.{} = +{}", quote_identifier(name), column(*place)))
            .collect();
        let parent = quote_identifier(reference.parent);
        let exists = format!("SELECT 1 FROM main.{parent} AS parent WHERE {}", matched.join(" AND "));
        let present: Vec<String> = present.collect();
        format!("({} AND NOT EXISTS ({exists}))", present.join(" AND "))
    });
    let orphaned: Vec<String> = orphaned.collect();
    Some(format!("DELETE FROM main.{own} WHERE {} AND ({})", is_row.join(" AND "), orphaned.join(" OR ")))
}
