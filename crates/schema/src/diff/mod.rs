//! Compares two schemas.
//!
//! [`diff`] is pure: what it cannot know (is a new column the old one under a new name?) it returns as an
//! [`Ambiguity`], and the answer comes back as data in [`Renames`]. The comparison is done on normal forms
//! ([`crate::normalize`]); the result refers to the schemas as they were declared.

mod ambiguity;
mod change;
mod name;
mod renames;
mod tables;

pub use ambiguity::{Ambiguity, Candidate};
pub use change::Change;
pub use name::migration_name;
pub(crate) use renames::ASIDE;
pub use renames::{ColumnRename, RenameError, Renames, TableRename, VariantRename};
pub use tables::{ColumnDiff, TableDiff};

use std::collections::BTreeMap;

use crate::model::{Schema, Table, TableIndex, Trigger, View};
use crate::normalize::{normalize_table, normalize_trigger, spell_as_it_is};

/// A value on both sides of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff<T> {
    /// What it was.
    pub before: T,
    /// What it becomes.
    pub after: T,
}

/// The difference between two schemas.
#[derive(Debug, Clone)]
pub struct SchemaDiff {
    /// The schema that is there, as it was declared.
    pub before: Schema,
    /// The schema that is wanted, as it is declared.
    pub after: Schema,
    /// The renames that hold: those that were given and those in the code.
    pub renames: Renames,
    /// Names of tables that only the wanted schema has.
    pub created_tables: Vec<String>,
    /// Names of tables that only the present schema has.
    pub dropped_tables: Vec<String>,
    /// Tables on both sides that differ in more than their name. `before` has the names of afterwards.
    pub tables: Vec<TableDiff>,
    /// Views that only the wanted schema has.
    pub created_views: Vec<View>,
    /// Views that only the present schema has.
    pub dropped_views: Vec<View>,
    /// Views on both sides that differ.
    pub replaced_views: Vec<Diff<View>>,
    /// Triggers that only the wanted schema has.
    pub created_triggers: Vec<Trigger>,
    /// Triggers that only the present schema has.
    pub dropped_triggers: Vec<Trigger>,
    /// Triggers on both sides that differ.
    pub replaced_triggers: Vec<Diff<Trigger>>,
    /// What only the author can tell.
    pub ambiguities: Vec<Ambiguity>,
}

impl SchemaDiff {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.created_tables.is_empty()
            && self.dropped_tables.is_empty()
            && self.renames.tables.is_empty()
            && self.tables.is_empty()
            && self.created_views.is_empty()
            && self.dropped_views.is_empty()
            && self.replaced_views.is_empty()
            && self.created_triggers.is_empty()
            && self.dropped_triggers.is_empty()
            && self.replaced_triggers.is_empty()
    }

    /// Returns the difference that leads back.
    ///
    /// # Errors
    ///
    /// Never for a difference that [`diff`] made; the type is shared with it.
    pub fn reverse(&self) -> Result<Self, RenameError> {
        let strip = |schema: &Schema| {
            let mut schema = schema.clone();
            renames::forget_intents(&mut schema);
            schema
        };
        diff(&strip(&self.after), &strip(&self.before), &self.renames.inverse())
    }
}

/// Compares the schema that is there with the one that is wanted.
///
/// # Errors
///
/// When a given rename names something that does not exist on its side.
///
/// ```
/// use seedbed_schema::diff::{diff, Renames};
/// use seedbed_schema::model::{Column, Schema, Table};
///
/// let table = |column: &str| Table {
///     name: "users".into(),
///     columns: vec![Column { name: column.into(), ..Column::default() }],
///     ..Table::default()
/// };
/// let before = Schema { tables: vec![table("name")], ..Schema::default() };
/// let after = Schema { tables: vec![table("full_name")], ..Schema::default() };
///
/// let open = diff(&before, &after, &Renames::default())?;
/// assert_eq!(open.ambiguities.len(), 1);
///
/// let renamed = diff(&before, &after, &Renames::default().column("users", "name", "full_name"))?;
/// assert!(renamed.ambiguities.is_empty());
/// # Ok::<(), seedbed_schema::diff::RenameError>(())
/// ```
pub fn diff(before: &Schema, after: &Schema, renames: &Renames) -> Result<SchemaDiff, RenameError> {
    let renames = renames.with_intents(before, after)?;
    let present = renames.apply(before);
    let (tables_before, tables_after) = (TableIndex::new(&present), TableIndex::new(after));

    let created_tables = missing(after, &tables_before);
    let mut dropped_tables = missing(&present, &tables_after);
    dropped_tables.extend(renames.replaced_tables(before));
    let mut ambiguities = Vec::new();
    if !renames.others_are_new {
        ambiguities.extend(ambiguity::tables(&present, after, &dropped_tables, &created_tables));
    }
    let mut tables = Vec::new();
    for wanted in &after.tables {
        let Some(was) = tables_before.get(&wanted.name) else { continue };
        let is_concerned = renames.concern(&wanted.name);
        if !is_concerned && is_declared_the_same(was, wanted) {
            continue;
        }
        let normal_before = normalize_table(was, &tables_before);
        let mut normal_after = normalize_table(wanted, &tables_after);
        spell_as_it_is(&mut normal_after, was, &tables_before);
        if normal_before == normal_after && !is_concerned {
            continue;
        }
        let table = tables::compare(was, wanted, &normal_before, &normal_after, &renames);
        if !renames.others_are_new {
            ambiguities.extend(ambiguity::columns(&table));
        }
        if !table.is_empty() {
            tables.push(table);
        }
    }
    let (created_views, dropped_views, replaced_views) = compare_views(&present, after);
    let (created_triggers, dropped_triggers, replaced_triggers) = compare_triggers(&present, after);
    Ok(SchemaDiff {
        before: before.clone(),
        after: after.clone(),
        renames,
        created_tables,
        dropped_tables,
        tables,
        created_views,
        dropped_views,
        replaced_views,
        created_triggers,
        dropped_triggers,
        replaced_triggers,
        ambiguities,
    })
}

/// Whether two tables are the same to the letter, which most tables of a large schema are. A foreign key that leaves
/// its parent's columns open can mean another column without looking any different.
fn is_declared_the_same(before: &Table, after: &Table) -> bool {
    before == after && after.foreign_keys.iter().all(|key| !key.referenced_columns.is_empty())
}

/// Returns the names of `these` tables that `those` do not have.
fn missing(these: &Schema, those: &TableIndex<'_>) -> Vec<String> {
    these.tables.iter().map(|table| table.name.clone()).filter(|name| those.get(name).is_none()).collect()
}

type ViewChanges = (Vec<View>, Vec<View>, Vec<Diff<View>>);

fn compare_views(before: &Schema, after: &Schema) -> ViewChanges {
    let created = after.views.iter().filter(|view| before.view(&view.name).is_none()).cloned().collect();
    let dropped = before.views.iter().filter(|view| after.view(&view.name).is_none()).cloned().collect();
    let both = after.views.iter().filter_map(|view| Some((before.view(&view.name)?, view)));
    let differ = both.filter(|(was, is)| was.definition != is.definition || was.columns != is.columns);
    let replaced = differ.map(|(was, is)| Diff { before: was.clone(), after: is.clone() }).collect();
    (created, dropped, replaced)
}

type TriggerChanges = (Vec<Trigger>, Vec<Trigger>, Vec<Diff<Trigger>>);

fn compare_triggers(before: &Schema, after: &Schema) -> TriggerChanges {
    let by_name = |schema: &Schema| -> BTreeMap<String, usize> {
        let names = schema.triggers.iter().map(|trigger| trigger.name.to_ascii_lowercase());
        names.enumerate().map(|(at, name)| (name, at)).collect()
    };
    let (known, wanted) = (by_name(before), by_name(after));
    let mut changes = TriggerChanges::default();
    for trigger in &after.triggers {
        let Some(was) = known.get(&trigger.name.to_ascii_lowercase()).map(|at| &before.triggers[*at]) else {
            changes.0.push(trigger.clone());
            continue;
        };
        // The table stands in the definition, too.
        if was.definition != trigger.definition
            && normalize_trigger(was).definition != normalize_trigger(trigger).definition
        {
            changes.2.push(Diff { before: was.clone(), after: trigger.clone() });
        }
    }
    let is_gone = |trigger: &&Trigger| !wanted.contains_key(&trigger.name.to_ascii_lowercase());
    changes.1.extend(before.triggers.iter().filter(is_gone).cloned());
    changes
}
