//! The database that a new migration meets, built in memory.
//!
//! A folder is replayed file by file, so that hand-written migrations, their triggers and their tables are there.
//! For a large schema that would take longer than the rest of the work: there the database is made from the snapshot,
//! and only as far as the change reaches: the changed tables, those that foreign keys lead to or from, those that the
//! same views read, and the triggers on any of them.

use std::collections::BTreeSet;

use rusqlite::Connection;
use seedbed_schema::diff::SchemaDiff;
use seedbed_schema::model::Schema;
use seedbed_schema::plan::create_statements;
use seedbed_schema::sql::{DdlObject, read_object, split_statements};

use super::prove::Finding;
use crate::migrate::script::Script;
use crate::replay::apply;

/// From how many tables on a schema counts as large.
const LARGE: usize = 100;

/// How the schema before comes about.
pub(super) enum Base {
    /// By running these files, in order.
    Replay(Vec<Script>),
    /// By CREATE statements for part of the snapshot.
    Part {
        /// The names of the tables and views in question, in lower case, before and after.
        covered: BTreeSet<String>,
        /// The statements.
        statements: Vec<String>,
    },
}

impl Base {
    /// Returns how to build the part of a large schema that the change reaches, `texts` being the folder's files; `None`
    /// when the schema is small enough for a replay.
    pub(super) fn part(diff: &SchemaDiff, texts: &[&str]) -> Option<Self> {
        if diff.before.tables.len() < LARGE {
            return None;
        }
        let covered = reached(diff);
        let mut statements = create_statements(&part(&diff.before, &covered));
        statements.extend(triggers(texts, &covered));
        Some(Self::Part { covered, statements })
    }

    /// Builds it.
    pub(super) fn build(&self, connection: &Connection) -> Result<(), Finding> {
        match self {
            Self::Replay(scripts) => {
                scripts.iter().try_for_each(|script| apply(connection, script).map_err(Finding::Refused))
            }
            Self::Part { statements, .. } => statements
                .iter()
                .try_for_each(|statement| connection.execute_batch(statement))
                .map_err(Finding::Sqlite),
        }
    }

    /// Returns the part of a schema that the proof covers.
    pub(super) fn covered(&self, schema: &Schema) -> Schema {
        match self {
            Self::Replay(_) => schema.clone(),
            Self::Part { covered, .. } => part(schema, covered),
        }
    }
}

/// Returns the named tables and views. A foreign key that leads out of the part is left out: its table does not change.
fn part(schema: &Schema, names: &BTreeSet<String>) -> Schema {
    let is_in = |name: &str| names.contains(&name.to_ascii_lowercase());
    let mut part = Schema {
        tables: schema.tables.iter().filter(|table| is_in(&table.name)).cloned().collect(),
        views: schema.views.iter().filter(|view| is_in(&view.name)).cloned().collect(),
        triggers: schema.triggers.iter().filter(|trigger| is_in(&trigger.table)).cloned().collect(),
    };
    for table in &mut part.tables {
        table.foreign_keys.retain(|key| is_in(&key.referenced_table));
    }
    part
}

/// Returns the names, in lower case, of the tables and views that the change reaches.
fn reached(diff: &SchemaDiff) -> BTreeSet<String> {
    let lower = |name: &str| name.to_ascii_lowercase();
    let mut changed: BTreeSet<String> = BTreeSet::new();
    changed.extend(diff.created_tables.iter().chain(&diff.dropped_tables).map(|name| lower(name)));
    changed.extend(diff.renames.tables.iter().flat_map(|rename| [lower(&rename.from), lower(&rename.to)]));
    for table in &diff.tables {
        changed.insert(lower(&table.after.name));
        changed.insert(lower(&diff.renames.old_table(&table.after.name)));
    }
    let views = diff.created_views.iter().chain(&diff.dropped_views);
    changed.extend(views.map(|view| lower(&view.name)));
    changed.extend(diff.replaced_views.iter().map(|view| lower(&view.after.name)));

    let mut reached = changed.clone();
    for schema in [&diff.before, &diff.after] {
        let all: BTreeSet<String> = schema
            .tables
            .iter()
            .map(|table| &table.name)
            .chain(schema.views.iter().map(|view| &view.name))
            .map(|name| lower(name))
            .collect();
        for view in &schema.views {
            let reads: BTreeSet<String> = view.definition.identifiers().map(|name| lower(&name)).collect();
            if changed.contains(&lower(&view.name)) || !reads.is_disjoint(&changed) {
                reached.insert(lower(&view.name));
                reached.extend(reads.intersection(&all).cloned());
            }
        }
        let referring = schema.tables.iter().filter(|table| {
            table.foreign_keys.iter().any(|key| changed.contains(&lower(&key.referenced_table)))
        });
        reached.extend(referring.map(|table| lower(&table.name)));
    }
    for schema in [&diff.before, &diff.after] {
        let changed_tables = schema.tables.iter().filter(|table| changed.contains(&lower(&table.name)));
        reached.extend(
            changed_tables.flat_map(|table| &table.foreign_keys).map(|key| lower(&key.referenced_table)),
        );
    }
    reached
}

/// Returns the triggers that the files leave on one of the tables, as CREATE TRIGGER statements in order.
fn triggers(texts: &[&str], covered: &BTreeSet<String>) -> Vec<String> {
    let mut triggers: Vec<(String, String)> = Vec::new();
    for text in texts.iter().filter(|text| text.to_ascii_lowercase().contains("trigger")) {
        for statement in split_statements(text) {
            let tokens = statement.tokens();
            if let Ok(DdlObject::Trigger(trigger)) = read_object(statement.text) {
                if covered.contains(&trigger.table.to_ascii_lowercase()) {
                    triggers.push((trigger.name, statement.text.to_owned()));
                }
            } else if let [drop, trigger, .., name] = tokens.as_slice()
                && drop.is_word("DROP")
                && trigger.is_word("TRIGGER")
                && let Some(dropped) = name.identifier()
            {
                triggers.retain(|(name, _)| !name.eq_ignore_ascii_case(&dropped));
            }
        }
    }
    triggers.into_iter().map(|(_, sql)| sql).collect()
}
