//! Foreign keys of the rows to come: which keys a row can refer to.
//!
//! Parents are filled before their children, so most keys are read from the database. In a cycle of tables somebody has
//! to be first: it *promises* a key, and the rows of the parent are made to keep the promise.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use rusqlite::types::Value;
use seedbed_schema::model::{ForeignKey, IndexTerm, Schema, Table};
use seedbed_schema::sql::quote_identifier;

use super::hints::column_position;
use super::parents::Parents;

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
    /// Whether every row has to refer to another one.
    pub(super) is_unique: bool,
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
    let is_unique = is_unique(table, &columns);
    Some(Reference { columns, parent: &key.referenced_table, parent_columns, to_itself, is_unique })
}

/// Whether no two rows can have the same values in these columns.
fn is_unique(table: &Table, columns: &[usize]) -> bool {
    let is_among = |name: &str| column_position(table, name).is_some_and(|place| columns.contains(&place));
    let keys = table.primary_key.iter().map(|key| &key.columns);
    let uniques = table.uniques.iter().map(|unique| &unique.columns);
    let by_constraint = keys.chain(uniques).any(|parts| parts.iter().all(|part| is_among(&part.name)));
    let by_index =
        table.indexes.iter().filter(|index| index.unique && index.predicate.is_none()).any(|index| {
            index.columns.iter().all(|column| match &column.term {
                IndexTerm::Column(name) => is_among(name),
                IndexTerm::Expr(_) => false,
            })
        });
    by_constraint || by_index
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

/// Orders tables as [`parents_first`] does, and begins a cycle where a foreign key can be NULL.
pub(super) fn parents_first_or_null<'a>(schema: &'a Schema, wanted: &BTreeSet<String>) -> Vec<&'a Table> {
    let mut left = parents_first(schema, wanted);
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_left = |name: &str| left.iter().any(|table| table.name.eq_ignore_ascii_case(name));
        let waits = |table: &Table, key: &ForeignKey| {
            !key.referenced_table.eq_ignore_ascii_case(&table.name) && is_left(&key.referenced_table)
        };
        let can_be_null = |table: &Table, key: &ForeignKey| {
            key.columns.iter().any(|name| table.column(name).is_some_and(|column| column.nullable))
        };
        let is_free = |table: &&Table| table.foreign_keys.iter().all(|key| !waits(table, key));
        let is_nearly_free = |table: &&Table| {
            table.foreign_keys.iter().all(|key| !waits(table, key) || can_be_null(table, key))
        };
        let next = left.iter().position(is_free);
        let next = next.or_else(|| left.iter().position(is_nearly_free)).unwrap_or(0);
        ordered.push(left.remove(next));
    }
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
    /// For fillings that may be large.
    pub(super) parents: Parents<'a>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(connection: &'a Connection, pending: BTreeSet<String>) -> Self {
        let parents = Parents::new(connection);
        Self { connection, pending, promises: BTreeMap::new(), read: BTreeMap::new(), parents }
    }

    /// Whether the table will get rows later.
    pub(super) fn is_pending(&self, table: &str) -> bool {
        self.pending.contains(&table.to_ascii_lowercase())
    }

    /// Notes that the rows of a table are there.
    pub(super) fn filled(&mut self, table: &str) {
        self.pending.remove(&table.to_ascii_lowercase());
        self.forget(table);
        self.parents.forget(table);
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
