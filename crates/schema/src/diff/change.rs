//! The difference as a flat list, for people, for `--json` and for naming.

use serde::Serialize;
use std::fmt;

use super::{ASIDE, SchemaDiff, TableDiff};
use crate::model::Trigger;

/// One change in words that fit every dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are names of what the variant says")]
pub enum Change {
    /// A table is made.
    CreateTable { table: String },
    /// A table goes.
    DropTable { table: String },
    /// A table gets a new name.
    RenameTable { from: String, to: String },
    /// A column is added.
    AddColumn { table: String, column: String },
    /// A column goes.
    DropColumn { table: String, column: String },
    /// A column gets a new name.
    RenameColumn { table: String, from: String, to: String },
    /// A column's type, default, nullability, collation, stored form or expression changes.
    AlterColumn { table: String, column: String },
    /// The primary key changes.
    AlterPrimaryKey { table: String },
    /// STRICT or WITHOUT ROWID changes.
    AlterOptions { table: String },
    /// A UNIQUE, CHECK or FOREIGN KEY constraint is added.
    AddConstraint { table: String, constraint: String },
    /// A UNIQUE, CHECK or FOREIGN KEY constraint goes.
    DropConstraint { table: String, constraint: String },
    /// An index is made.
    CreateIndex { table: String, index: String },
    /// An index goes.
    DropIndex { table: String, index: String },
    /// An index of the same name ranges over something else.
    AlterIndex { table: String, index: String },
    /// A view is made.
    CreateView { view: String },
    /// A view goes.
    DropView { view: String },
    /// A view gets another definition.
    AlterView { view: String },
    /// A trigger is made.
    CreateTrigger { trigger: String },
    /// A trigger goes.
    DropTrigger { trigger: String },
    /// A trigger gets another definition.
    AlterTrigger { trigger: String },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable { table } => write!(f, "create table {table}"),
            Self::DropTable { table } => write!(f, "drop table {table}"),
            Self::RenameTable { from, to } => write!(f, "rename table {from} to {to}"),
            Self::AddColumn { table, column } => write!(f, "add column {table}.{column}"),
            Self::DropColumn { table, column } => write!(f, "drop column {table}.{column}"),
            Self::RenameColumn { table, from, to } => write!(f, "rename column {table}.{from} to {to}"),
            Self::AlterColumn { table, column } => write!(f, "alter column {table}.{column}"),
            Self::AlterPrimaryKey { table } => write!(f, "alter primary key of {table}"),
            Self::AlterOptions { table } => write!(f, "alter options of {table}"),
            Self::AddConstraint { table, constraint } => write!(f, "add {constraint} to {table}"),
            Self::DropConstraint { table, constraint } => write!(f, "drop {constraint} of {table}"),
            Self::CreateIndex { table, index } => write!(f, "create index {index} on {table}"),
            Self::DropIndex { table, index } => write!(f, "drop index {index} of {table}"),
            Self::AlterIndex { table, index } => write!(f, "alter index {index} of {table}"),
            Self::CreateView { view } => write!(f, "create view {view}"),
            Self::DropView { view } => write!(f, "drop view {view}"),
            Self::AlterView { view } => write!(f, "alter view {view}"),
            Self::CreateTrigger { trigger } => write!(f, "create trigger {trigger}"),
            Self::DropTrigger { trigger } => write!(f, "drop trigger {trigger}"),
            Self::AlterTrigger { trigger } => write!(f, "alter trigger {trigger}"),
        }
    }
}

impl SchemaDiff {
    /// Returns every change, in the order in which a person would tell them.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        for rename in &self.renames.tables {
            changes.push(Change::RenameTable { from: rename.from.clone(), to: rename.to.clone() });
        }
        changes.extend(self.created_tables.iter().cloned().map(|table| Change::CreateTable { table }));
        self.tables.iter().for_each(|table| table.push_changes(&mut changes));
        changes.extend(self.dropped_tables.iter().cloned().map(|table| Change::DropTable { table }));
        changes.extend(self.created_views.iter().map(|view| Change::CreateView { view: view.name.clone() }));
        changes.extend(
            self.replaced_views.iter().map(|view| Change::AlterView { view: view.after.name.clone() }),
        );
        changes.extend(self.dropped_views.iter().map(|view| Change::DropView { view: view.name.clone() }));
        let name = |trigger: &Trigger| trigger.name.clone();
        let created = self.created_triggers.iter().map(name);
        changes.extend(created.map(|trigger| Change::CreateTrigger { trigger }));
        let replaced = self.replaced_triggers.iter().map(|trigger| name(&trigger.after));
        changes.extend(replaced.map(|trigger| Change::AlterTrigger { trigger }));
        let dropped = self.dropped_triggers.iter().map(name);
        changes.extend(dropped.map(|trigger| Change::DropTrigger { trigger }));
        changes
    }
}

impl TableDiff {
    fn push_changes(&self, changes: &mut Vec<Change>) {
        let table = || self.after.name.clone();
        for (from, to) in self.renamed_columns.iter().filter(|(_, to)| !to.starts_with(ASIDE)) {
            changes.push(Change::RenameColumn { table: table(), from: from.clone(), to: to.clone() });
        }
        for column in &self.added_columns {
            changes.push(Change::AddColumn { table: table(), column: column.name.clone() });
        }
        for column in &self.changed_columns {
            changes.push(Change::AlterColumn { table: table(), column: column.name().to_owned() });
        }
        for column in &self.dropped_columns {
            let name = column.name.strip_prefix(ASIDE).unwrap_or(&column.name);
            changes.push(Change::DropColumn { table: table(), column: name.to_owned() });
        }
        if self.primary_key.is_some() {
            changes.push(Change::AlterPrimaryKey { table: table() });
        }
        if self.options_changed {
            changes.push(Change::AlterOptions { table: table() });
        }
        let added = self.constraints(true).into_iter();
        changes.extend(added.map(|constraint| Change::AddConstraint { table: table(), constraint }));
        let dropped = self.constraints(false).into_iter();
        changes.extend(dropped.map(|constraint| Change::DropConstraint { table: table(), constraint }));
        let is_altered = |name: &str| {
            self.added_indexes.iter().any(|index| index.name == name)
                && self.dropped_indexes.iter().any(|index| index.name == name)
        };
        for index in &self.added_indexes {
            let (table, index) = (table(), index.name.clone());
            let altered = is_altered(&index);
            changes.push(if altered {
                Change::AlterIndex { table, index }
            } else {
                Change::CreateIndex { table, index }
            });
        }
        for index in self.dropped_indexes.iter().filter(|index| !is_altered(&index.name)) {
            changes.push(Change::DropIndex { table: table(), index: index.name.clone() });
        }
    }

    fn constraints(&self, added: bool) -> Vec<String> {
        let (uniques, keys, checks) = if added {
            (&self.added_uniques, &self.added_foreign_keys, &self.added_checks)
        } else {
            (&self.dropped_uniques, &self.dropped_foreign_keys, &self.dropped_checks)
        };
        let named = |kind: &str, name: Option<&String>, otherwise: String| match name {
            Some(name) => format!("{kind} {name}"),
            None => format!("{kind} ({otherwise})"),
        };
        let mut texts = Vec::new();
        for unique in uniques {
            let columns: Vec<String> = unique.columns.iter().map(ToString::to_string).collect();
            texts.push(named("unique", unique.name.as_ref(), columns.join(", ")));
        }
        for key in keys {
            texts.push(named("foreign key", key.name.as_ref(), key.columns.join(", ")));
        }
        for check in checks {
            texts.push(named("check", check.name.as_ref(), check.expr.to_string()));
        }
        texts
    }
}
