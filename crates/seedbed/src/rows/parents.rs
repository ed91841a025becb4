//! Which rows the rows of a large filling refer to: spread over the whole parent, and each once where they must differ.
//!
//! Of a parent with a million rows a few thousand keys are held, whatever is asked for: an even selection for those who
//! take any, and a page of neighbours for those who take one after the other.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::Value;
use seedbed_schema::sql::quote_identifier;

use super::keys::Reference;

/// How many keys are held of a parent, at most.
const HELD: usize = 4_096;

/// The keys of parents that are filled.
pub(super) struct Parents<'a> {
    connection: &'a Connection,
    selections: BTreeMap<String, Vec<Vec<Value>>>,
    pages: BTreeMap<String, Page>,
}

/// Neighbours among the keys of a parent.
#[derive(Default)]
struct Page {
    first: usize,
    keys: Vec<Vec<Value>>,
}

impl<'a> Parents<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection, selections: BTreeMap::new(), pages: BTreeMap::new() }
    }

    /// Forgets what was read of a table, because rows were added.
    pub(super) fn forget(&mut self, table: &str) {
        let prefix = format!("{}\0", table.to_ascii_lowercase());
        self.selections.retain(|name, _| !name.starts_with(&prefix));
        self.pages.retain(|name, _| !name.starts_with(&prefix));
    }

    /// Returns keys from all over the parent.
    pub(super) fn selection(&mut self, reference: &Reference<'_>) -> rusqlite::Result<&[Vec<Value>]> {
        let name = name(reference);
        if !self.selections.contains_key(&name) {
            let keys = select(self.connection, reference)?;
            self.selections.insert(name.clone(), keys);
        }
        Ok(self.selections.get(&name).map_or(&[], Vec::as_slice))
    }

    /// Returns the key at a place, if the parent has so many.
    pub(super) fn nth(
        &mut self,
        reference: &Reference<'_>,
        place: usize,
    ) -> rusqlite::Result<Option<&[Value]>> {
        let page = self.pages.entry(name(reference)).or_default();
        if page.keys.is_empty() || place < page.first || place >= page.first + page.keys.len() {
            page.first = place - place % HELD;
            let sql = format!("{} LIMIT {HELD} OFFSET {}", query(reference), page.first);
            page.keys = read(self.connection, &sql, |_| true)?;
        }
        Ok(page.keys.get(place - page.first).map(Vec::as_slice))
    }
}

fn name(reference: &Reference<'_>) -> String {
    format!("{}\0{}", reference.parent.to_ascii_lowercase(), reference.parent_columns.join("\0"))
}

/// Returns the query for the keys that can be referred to, in an order that stays the same.
fn query(reference: &Reference<'_>) -> String {
    let columns: Vec<String> = reference.parent_columns.iter().map(|name| quote_identifier(name)).collect();
    let filled: Vec<String> = columns.iter().map(|column| format!("{column} IS NOT NULL")).collect();
    let columns = columns.join(", ");
    format!(
        "SELECT {columns} FROM main.{} WHERE {} ORDER BY {columns}",
        quote_identifier(reference.parent),
        filled.join(" AND ")
    )
}

/// Reads all keys and holds every so manieth.
fn select(connection: &Connection, reference: &Reference<'_>) -> rusqlite::Result<Vec<Vec<Value>>> {
    let query = query(reference);
    let count: usize =
        connection.query_row(&format!("SELECT count(*) FROM ({query})"), [], |row| row.get(0))?;
    let step = count.div_ceil(HELD).max(1);
    read(connection, &query, |place| place % step == 0)
}

/// Returns the wanted of the rows of a query, by their places.
fn read(
    connection: &Connection,
    sql: &str,
    is_wanted: impl Fn(usize) -> bool,
) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let (mut keys, mut place) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        if is_wanted(place) {
            // A text that is no UTF-8 cannot be bound, so nothing can refer to it.
            keys.extend((0..columns).map(|at| row.get(at).ok()).collect::<Option<Vec<Value>>>());
        }
        place += 1;
    }
    Ok(keys)
}
