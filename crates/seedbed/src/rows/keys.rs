//! Foreign keys of the rows to come: which keys a row can refer to.
//!
//! Parents are filled before their children, so most keys are read from the database. In a cycle of tables somebody has
//! to be first: it *promises* a key, and the rows of the parent are made to keep the promise.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use rusqlite::types::Value;
use seedbed_schema::model::{ForeignKey, Schema, Table};
use seedbed_schema::sql::quote_identifier;

use super::hints::column_position;

/// How many keys of a parent are looked at.
const KEYS_READ: usize = 256;

/// A foreign key with its names resolved.
#[derive(Debug)]
pub(super) struct Reference<'a> {
    /// The places of the referencing columns.
    pub(super) columns: Vec<usize>,
    /// The name of the table referred to.
    pub(super) parent: &'a str,
    /// The names of the columns referred to.
    pub(super) parent_columns: Vec<&'a str>,
    /// Whether the table refers to itself.
    pub(super) to_itself: bool,
}

/// Returns the foreign keys of a table, those left out whose columns do not exist.
pub(super) fn references<'a>(schema: &'a Schema, table: &'a Table) -> Vec<Reference<'a>> {
    table.foreign_keys.iter().filter_map(|key| reference(schema, table, key)).collect()
}

fn reference<'a>(schema: &'a Schema, table: &'a Table, key: &'a ForeignKey) -> Option<Reference<'a>> {
    let columns = key.columns.iter().map(|name| column_position(table, name)).collect::<Option<Vec<_>>>()?;
    let mut parent_columns: Vec<&str> = key.referenced_columns.iter().map(String::as_str).collect();
    if parent_columns.is_empty() {
        let primary = schema.table(&key.referenced_table).and_then(|parent| parent.primary_key.as_ref());
        parent_columns
            .extend(primary.into_iter().flat_map(|key| &key.columns).map(|part| part.name.as_str()));
    }
    let to_itself = key.referenced_table.eq_ignore_ascii_case(&table.name);
    Some(Reference { columns, parent: &key.referenced_table, parent_columns, to_itself })
}

/// Orders tables so that parents come before children as far as there are no cycles; otherwise as declared.
pub(super) fn parents_first<'a>(schema: &'a Schema, wanted: &BTreeSet<String>) -> Vec<&'a Table> {
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    for table in &schema.tables {
        visit(schema, table, &mut seen, &mut ordered);
    }
    ordered.retain(|table| wanted.contains(&table.name.to_ascii_lowercase()));
    ordered
}

/// Puts a table behind its parents. The depth of the calls is bounded by an explicit stack, since a schema of a
/// thousand tables may be one chain.
fn visit<'a>(
    schema: &'a Schema,
    first: &'a Table,
    seen: &mut BTreeSet<String>,
    ordered: &mut Vec<&'a Table>,
) {
    let mut stack = vec![(first, 0)];
    if !seen.insert(first.name.to_ascii_lowercase()) {
        return;
    }
    while let Some((table, next)) = stack.pop() {
        let Some(key) = table.foreign_keys.get(next) else {
            ordered.push(table);
            continue;
        };
        stack.push((table, next + 1));
        if let Some(parent) = schema.table(&key.referenced_table)
            && seen.insert(parent.name.to_ascii_lowercase())
        {
            stack.push((parent, 0));
        }
    }
}

/// A part of a row that somebody already refers to: column places and values.
pub(super) type Promise = Vec<(usize, Value)>;

/// The keys that rows can refer to.
pub(super) struct Keys<'a> {
    connection: &'a Connection,
    /// Tables that will get rows later.
    pending: BTreeSet<String>,
    promises: BTreeMap<String, Vec<Promise>>,
    read: BTreeMap<String, Vec<Vec<Value>>>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(connection: &'a Connection, pending: BTreeSet<String>) -> Self {
        Self { connection, pending, promises: BTreeMap::new(), read: BTreeMap::new() }
    }

    /// Whether the table will get rows later.
    pub(super) fn is_pending(&self, table: &str) -> bool {
        self.pending.contains(&table.to_ascii_lowercase())
    }

    /// Notes that the rows of a table are there.
    pub(super) fn filled(&mut self, table: &str) {
        self.pending.remove(&table.to_ascii_lowercase());
        self.forget(table);
    }

    /// Forgets what was read of a table, because its rows changed.
    pub(super) fn forget(&mut self, table: &str) {
        let prefix = format!("{}\0", table.to_ascii_lowercase());
        self.read.retain(|name, _| !name.starts_with(&prefix));
    }

    /// Returns the keys in the database that a reference can take.
    pub(super) fn existing(&mut self, reference: &Reference<'_>) -> &[Vec<Value>] {
        let name =
            format!("{}\0{}", reference.parent.to_ascii_lowercase(), reference.parent_columns.join("\0"));
        let connection = self.connection;
        // A parent that cannot be read (it does not exist, say) has no keys; the row that needs one is reported.
        self.read.entry(name).or_insert_with(|| read_keys(connection, reference).unwrap_or_default())
    }

    /// Returns the promised keys that a reference can take.
    pub(super) fn promised(&self, reference: &Reference<'_>, parent: &Table) -> Vec<Vec<Value>> {
        let places: Vec<Option<usize>> =
            reference.parent_columns.iter().map(|name| column_position(parent, name)).collect();
        let value = |promise: &Promise, place: Option<usize>| {
            promise.iter().find(|(column, _)| Some(*column) == place).map(|(_, value)| value.clone())
        };
        let promises = self.promises.get(&parent.name.to_ascii_lowercase());
        let promises = promises.into_iter().flatten();
        promises.filter_map(|promise| places.iter().map(|place| value(promise, *place)).collect()).collect()
    }

    /// Promises a row.
    pub(super) fn promise(&mut self, parent: &str, promise: Promise) {
        self.promises.entry(parent.to_ascii_lowercase()).or_default().push(promise);
    }

    /// Takes what was promised of a table.
    pub(super) fn take_promises(&mut self, table: &str) -> Vec<Promise> {
        self.promises.remove(&table.to_ascii_lowercase()).unwrap_or_default()
    }
}

fn read_keys(connection: &Connection, reference: &Reference<'_>) -> rusqlite::Result<Vec<Vec<Value>>> {
    let columns: Vec<String> = reference.parent_columns.iter().map(|name| quote_identifier(name)).collect();
    let filled: Vec<String> = columns.iter().map(|column| format!("{column} IS NOT NULL")).collect();
    let sql = format!(
        "SELECT {} FROM main.{} WHERE {} LIMIT {KEYS_READ}",
        columns.join(", "),
        quote_identifier(reference.parent),
        filled.join(" AND ")
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([], |row| {
        // A text that is no UTF-8 cannot be bound, so nothing can refer to it.
        Ok((0..columns.len()).map(|at| row.get(at).ok()).collect::<Option<Vec<Value>>>())
    })?;
    rows.filter_map(Result::transpose).collect()
}
