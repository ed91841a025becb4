//! What to do when a migration is refused because the database has already what it makes, or lacks what it changes.
//!
//! SQLite says that a table exists, not how it came there. Looking at it tells the cases apart: it is what the
//! migration makes, so only the record is missing; or it is something else, made by hand or by another tool.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::drift::{self, State};
use super::failure::Failure;
use super::folder::Migration;
use super::history;

/// Adds the way out to the failure of the migration at `index`, which left no trace.
pub(super) fn explain(
    connection: &Connection,
    migrations: &[Migration],
    index: usize,
    failure: Failure,
) -> Failure {
    let said = failure.message();
    let lacks = said.starts_with("no such ") || said.contains(" has no column ");
    if !lacks && !said.ends_with(" already exists") && !said.starts_with("duplicate column name") {
        return failure;
    }
    let migration = &migrations[index];
    let is_new = history::applied(connection).is_ok_and(|rows| rows.is_empty());
    match (has_all_of(connection, &migrations[..=index]), is_new) {
        (Some(true), true) => failure.hint(
            "the database has all that this migration makes, and no record of it: `seedbed adopt` records what it has",
        ),
        (Some(true), false) => failure.hint(format!(
            "the database has all that this migration makes, and no record of it: `seedbed repair --applied {}` records \
             it",
            migration.tag()
        )),
        (Some(false), false) if lacks && is_changed_for(connection, migrations, index) => {
            failure.hint(
                "the database is not what the migrations before this one make: `seedbed status` shows the difference",
            )
        }
        (_, _) if lacks => failure,
        (Some(false), true) => {
            let way_out = failure.way_out().unwrap_or("rename or drop what is in the way");
            let hint = format!("{way_out}; or begin from what is there: `seedbed pull` writes its schema");
            failure.hint(hint)
        }
        // Made by hand since; the failure itself says what is in the way.
        (Some(false), false) | (None, _) => failure,
    }
}

/// Whether a database has everything that the last of some migrations makes; `None` when nobody can tell.
fn has_all_of(connection: &Connection, migrations: &[Migration]) -> Option<bool> {
    has_all_about(connection, migrations, &drift::subjects(migrations.last()?))
}

/// Whether what the migration at `index` is about is not as the migrations before it make it.
fn is_changed_for(connection: &Connection, migrations: &[Migration], index: usize) -> bool {
    let subjects = drift::subjects(&migrations[index]);
    has_all_about(connection, &migrations[..index], &subjects) == Some(false)
}

/// Whether a database has what migrations make, as far as some names go.
fn has_all_about(
    connection: &Connection,
    migrations: &[Migration],
    subjects: &BTreeSet<String>,
) -> Option<bool> {
    let migrations: Vec<&Migration> = migrations.iter().collect();
    let (expected, unclear) = State::replayed(&migrations).ok()?;
    let needed = drift::needed(connection, &expected, &unclear, Some(subjects)).ok()?;
    Some(needed.is_empty())
}
