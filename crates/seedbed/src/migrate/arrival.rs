//! Whether a script did what its snapshot declares, looked at before COMMIT.
//!
//! ```text
//! snapshot before ──┐ declared: add column users.age
//! its snapshot ─────┴─┐
//!                     ├─ still needed, and declared: the script did not do it
//! live schema ────────┘ still needed, not declared: drift elsewhere, or made by hand
//! ```
//!
//! An edited file whose snapshot is as it was, and `IF NOT EXISTS` where something else has the name already, end here
//! and not in a program that misses a column.

use std::collections::BTreeSet;

use rusqlite::Connection;
use seedbed_schema::diff::{Change, Renames, diff};
use seedbed_schema::model::Schema;
use seedbed_schema::normalize::observable;

use super::error::the_first;
use super::failure::{Failure, FailureKind};
use super::row_text::SHOWN;
use super::script::{Script, is_same};
use crate::inspect::Reader;

/// What a script is to bring about.
#[derive(Debug)]
pub(super) struct Arrival {
    declared: Vec<Change>,
    wanted: Schema,
    /// The names, in lower case, of the tables and views to look at.
    names: BTreeSet<String>,
}

impl Arrival {
    /// Returns what leads from one schema to the next; `None` when that is nothing, or nothing that can be told.
    pub(super) fn of(script: &Script, before: &Schema, after: &Schema) -> Option<Self> {
        let names = touched(before, after);
        if names.is_empty() {
            return None;
        }
        let (before, wanted) = (part(before, &names), part(after, &names));
        let declared = diff(&before, &wanted, &renames(script, &before, &wanted)).ok()?.changes();
        (!declared.is_empty()).then_some(Self { declared, wanted, names })
    }

    /// Returns what a database would still need.
    fn missing(&self, live: &Schema) -> Vec<Change> {
        let live = part(live, &self.names);
        let needed = diff(&live, &self.wanted, &Renames::default().nothing_else());
        let needed = needed.map(|needed| needed.changes()).unwrap_or_default();
        needed.into_iter().filter(|change| self.is_declared(change)).collect()
    }

    /// Stops the script if the database would still need something.
    pub(super) fn demand(
        &self,
        file: &str,
        connection: &Connection,
        reader: &mut Reader,
    ) -> Result<Vec<Change>, Failure> {
        let missing = self.look(connection, reader);
        if missing.is_empty() {
            return Ok(missing);
        }
        let message = format!(
            "the database would not be as the migration's snapshot says: it still needs {}",
            the_first(&missing, SHOWN)
        );
        Err(Failure::new(FailureKind::NotAsDeclared, file, message).hint(
            "if the file is right as it is, `seedbed check --fix` makes its snapshot anew; if the database had something \
             of that name already, rename or drop it first",
        ))
    }

    /// Returns what the database still needs. Definitions that nobody can read are not this script's.
    pub(super) fn look(&self, connection: &Connection, reader: &mut Reader) -> Vec<Change> {
        let live = reader.inspect_all(connection);
        live.map(|live| self.missing(&live.schema)).unwrap_or_default()
    }

    /// Whether the script was to see to it.
    fn is_declared(&self, needed: &Change) -> bool {
        let is_made = |name: &str| self.declared.iter().any(|declared| makes_table(declared, name));
        self.declared.iter().any(|declared| is_part_of(needed, declared))
            || match needed {
                Change::AddColumn { table, .. }
                | Change::AlterColumn { table, .. }
                | Change::AlterPrimaryKey { table }
                | Change::AlterOptions { table }
                | Change::AddConstraint { table, .. }
                | Change::CreateIndex { table, .. }
                | Change::AlterIndex { table, .. } => is_made(table),
                _ => false,
            }
    }
}

fn makes_table(declared: &Change, name: &str) -> bool {
    matches!(declared, Change::CreateTable { table } if is_same(table, name))
}

/// Whether a change that is still needed is a part of one that was declared.
fn is_part_of(needed: &Change, declared: &Change) -> bool {
    use Change as C;
    match (needed, declared) {
        (C::CreateTable { table }, C::RenameTable { to, .. }) => is_same(table, to),
        (C::DropTable { table }, C::RenameTable { from, .. }) => is_same(table, from),
        (C::AddColumn { table, column }, C::RenameColumn { table: of, to, .. }) => {
            is_same(table, of) && is_same(column, to)
        }
        (C::DropColumn { table, column }, C::RenameColumn { table: of, from, .. }) => {
            is_same(table, of) && is_same(column, from)
        }
        (
            C::AddColumn { table, column } | C::AlterColumn { table, column },
            C::AddColumn { table: of, column: it } | C::AlterColumn { table: of, column: it },
        ) => is_same(table, of) && is_same(column, it),
        (
            C::CreateIndex { table, index } | C::AlterIndex { table, index },
            C::CreateIndex { table: of, index: it } | C::AlterIndex { table: of, index: it },
        ) => is_same(table, of) && is_same(index, it),
        (
            C::CreateView { view } | C::AlterView { view },
            C::CreateView { view: it } | C::AlterView { view: it },
        ) => is_same(view, it),
        _ => needed == declared,
    }
}

/// Returns the names, in lower case, of the tables and views that differ, and of the tables that these refer to.
fn touched(before: &Schema, after: &Schema) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (these, those) in [(before, after), (after, before)] {
        let tables = these.tables.iter().filter(|table| those.table(&table.name) != Some(*table));
        for table in tables {
            names.insert(table.name.to_ascii_lowercase());
            names.extend(table.foreign_keys.iter().map(|key| key.referenced_table.to_ascii_lowercase()));
        }
        let views = these.views.iter().filter(|view| those.view(&view.name) != Some(*view));
        names.extend(views.map(|view| view.name.to_ascii_lowercase()));
    }
    names
}

/// Returns the named tables and views as a database sees them.
fn part(schema: &Schema, names: &BTreeSet<String>) -> Schema {
    let is_named = |name: &str| names.contains(&name.to_ascii_lowercase());
    observable(&Schema {
        tables: schema.tables.iter().filter(|table| is_named(&table.name)).cloned().collect(),
        views: schema.views.iter().filter(|view| is_named(&view.name)).cloned().collect(),
        triggers: Vec::new(),
    })
}

/// Returns the renames that the script itself makes.
fn renames(script: &Script, before: &Schema, after: &Schema) -> Renames {
    let mut renames = Renames::default();
    for table in &before.tables {
        let name = script.renamed_table(&table.name).to_ascii_lowercase();
        let Some(renamed) = after.table(&name) else { continue };
        if name != table.name && before.table(&name).is_none() {
            renames = renames.table(&table.name, &name);
        }
        for column in &table.columns {
            let to = script.renamed_column(&table.name, &column.name).to_ascii_lowercase();
            if to != column.name && renamed.column(&to).is_some() && table.column(&to).is_none() {
                renames = renames.column(&name, &column.name, &to);
            }
        }
    }
    renames.nothing_else()
}

#[cfg(test)]
mod tests {
    use super::{Arrival, Schema, Script};
    use crate::inspect::inspect;

    fn schema(sql: &str) -> Schema {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        inspect(&connection).unwrap()
    }

    /// What is told when a script that is to lead from one schema to another leaves a third one.
    fn told(before: &str, script: &str, after: &str, live: &str) -> Vec<String> {
        let script = Script::parse("x.sql", script).unwrap();
        let arrival = Arrival::of(&script, &schema(before), &schema(after));
        let missing = arrival.map(|arrival| arrival.missing(&schema(live))).unwrap_or_default();
        missing.iter().map(ToString::to_string).collect()
    }

    const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);";

    #[test]
    fn what_was_declared_and_not_done_is_told() {
        let aged =
            "CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER); CREATE INDEX by_age ON users (age);
            CREATE VIEW ages AS SELECT age FROM users; CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL);";
        let all = told(USERS, "SELECT 1", aged, USERS);
        let expected = [
            "create table tags",
            "add column users.age",
            "drop column users.name",
            "create index by_age on users",
            "create view ages",
        ];
        assert_eq!(all, expected);
        assert_eq!(told(USERS, "SELECT 1", aged, aged), [""; 0]);
        let other = aged.replace("INTEGER);", "TEXT);").replace("name TEXT PRIMARY", "name BLOB PRIMARY");
        assert_eq!(
            told(USERS, "SELECT 1", aged, &other),
            ["alter column tags.name", "alter column users.age"]
        );
    }

    #[test]
    fn drift_and_what_was_made_by_hand_do_not_count() {
        let drifted = "CREATE TABLE users (id INTEGER PRIMARY KEY, name BLOB, extra, age INTEGER);
            CREATE INDEX by_hand ON users (name); CREATE TABLE more (x); CREATE TABLE tags (name TEXT, more);";
        let after = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER); CREATE TABLE tags (name TEXT);";
        assert_eq!(told(USERS, "SELECT 1", after, drifted), [""; 0]);
    }

    #[test]
    fn a_rename_is_followed() {
        let after = "CREATE TABLE people (id INTEGER PRIMARY KEY, nick TEXT);";
        let script = "ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME COLUMN name TO nick";
        let drifted = "CREATE TABLE people (id INTEGER PRIMARY KEY, nick BLOB);";
        assert_eq!(told(USERS, script, after, drifted), [""; 0]);
        assert_eq!(told(USERS, script, after, USERS), ["create table people", "drop table users"]);
    }
}
