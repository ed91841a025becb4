//! What a database in memory holds, read again and again: definitions that were seen before are not parsed again.

use std::collections::BTreeSet;

use rusqlite::Connection;
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::model::Schema;
use seedbed_schema::normalize::observable;

use crate::inspect::{self, InspectError, Inspection};

/// Reads what databases hold, and remembers the definitions.
#[derive(Debug, Default)]
pub(crate) struct Reader(inspect::Reader);

/// What a database holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct State {
    /// Tables, indexes, views and triggers.
    pub(crate) schema: Schema,
    /// The names of virtual tables, sorted.
    virtual_tables: Vec<String>,
}

impl Reader {
    /// Reads what the database holds.
    pub(crate) fn read(&mut self, connection: &Connection) -> Result<State, InspectError> {
        let Inspection { schema, mut virtual_tables } = self.0.inspect_all(connection)?;
        virtual_tables.iter_mut().for_each(|name| name.make_ascii_lowercase());
        virtual_tables.sort();
        Ok(State { schema, virtual_tables })
    }
}

impl State {
    /// Returns what this one would still need to be `wanted`, in words; nothing when both are the same.
    pub(crate) fn missing(&self, wanted: &Self) -> Vec<String> {
        let mut missing = differences(&self.schema, &wanted.schema);
        let only = |these: &Self, those: &Self| -> Vec<String> {
            these.virtual_tables.iter().filter(|name| !those.virtual_tables.contains(name)).cloned().collect()
        };
        missing.extend(only(self, wanted).iter().map(|name| format!("drop virtual table {name}")));
        missing.extend(only(wanted, self).iter().map(|name| format!("create virtual table {name}")));
        missing
    }
}

/// Returns the changes that lead from one schema to the other, as a database sees them; none when they are the same.
pub(crate) fn differences(from: &Schema, to: &Schema) -> Vec<String> {
    if from == to {
        return Vec::new();
    }
    let (from, to) = (observable(from), observable(to));
    if from == to {
        return Vec::new();
    }
    let changes = diff(&from, &to, &Renames::default().nothing_else()).map(|difference| difference.changes());
    let words: Vec<String> = changes.unwrap_or_default().iter().map(ToString::to_string).collect();
    // Equal but for something that has no word of its own, such as the order of a table's columns in a view.
    if words.is_empty() { vec!["another definition".to_owned()] } else { words }
}

/// Returns a schema without what `declared` does not name: what was made by hand.
pub(crate) fn declared_part(live: &Schema, declared: &Schema) -> Schema {
    let mut part = live.clone();
    part.tables.retain(|table| declared.table(&table.name).is_some());
    part.views.retain(|view| declared.view(&view.name).is_some());
    part.triggers.retain(|trigger| {
        declared.triggers.iter().any(|other| other.name.eq_ignore_ascii_case(&trigger.name))
    });
    for table in &mut part.tables {
        let wanted = declared.table(&table.name);
        let names = |name: &str| {
            wanted.is_some_and(|wanted| {
                wanted.indexes.iter().any(|index| index.name.eq_ignore_ascii_case(name))
            })
        };
        table.indexes.retain(|index| names(&index.name));
    }
    part
}

/// Returns the names, in lower case, of what was made by hand: what `live` has and `declared` does not name.
pub(crate) fn hand_made(live: &Schema, declared: &Schema) -> BTreeSet<String> {
    let part = declared_part(live, declared);
    names(live).difference(&names(&part)).cloned().collect()
}

/// Returns a schema without what was made by hand, and without triggers, which no declared schema has.
pub(crate) fn without(live: &Schema, hand_made: &BTreeSet<String>) -> Schema {
    let mut part = live.clone();
    part.triggers.clear();
    part.tables.retain(|table| !hand_made.contains(&table.name.to_ascii_lowercase()));
    part.views.retain(|view| !hand_made.contains(&view.name.to_ascii_lowercase()));
    for table in &mut part.tables {
        table.indexes.retain(|index| !hand_made.contains(&index.name.to_ascii_lowercase()));
    }
    part
}

fn names(schema: &Schema) -> BTreeSet<String> {
    let tables = schema.tables.iter().map(|table| &table.name);
    let indexes = schema.tables.iter().flat_map(|table| &table.indexes).map(|index| &index.name);
    let views = schema.views.iter().map(|view| &view.name);
    tables.chain(indexes).chain(views).map(|name| name.to_ascii_lowercase()).collect()
}

/// Returns what a database has as it would be declared: a database does not know how values are stored, nor how the
/// author wrote things, so what one of the `known` schemas says in the same words is taken from there.
pub(crate) fn as_declared(live: &Schema, known: &[&Schema]) -> Schema {
    let mut schema = live.clone();
    let seen = observable(live);
    let alike: Vec<Schema> = known.iter().map(|known| observable(known)).collect();
    for table in &mut schema.tables {
        let is_same = |at: usize| {
            alike[at].table(&table.name).is_some_and(|other| Some(other) == seen.table(&table.name))
        };
        if let Some(same) =
            (0..known.len()).find(|at| is_same(*at)).and_then(|at| known[at].table(&table.name))
        {
            *table = same.clone();
            continue;
        }
        for column in &mut table.columns {
            let declared = known.iter().filter_map(|known| known.table(&table.name)?.column(&column.name));
            if let Some(same) = declared.into_iter().find(|other| other.column_type == column.column_type) {
                column.form = same.form.clone();
            }
        }
    }
    for view in &mut schema.views {
        let same = known.iter().filter_map(|known| known.view(&view.name));
        if let Some(same) = same.into_iter().find(|other| other.definition == view.definition) {
            *view = same.clone();
        }
    }
    schema
}
