//! Whether a database is what its migrations made: the schema that they lead to against the one that is there.
//!
//! ```text
//! newest applied snapshot + what hand-written files make ──┐ equal: done
//!                                                           ├──────────► live schema, without what is foreign
//! the applied files, run in memory ─────────────────────────┘ otherwise this is the truth
//! ```

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use seedbed_schema::diff::{Change, Renames, diff};
use seedbed_schema::model::{Schema, StoredForm};
use seedbed_schema::plan::{Direction, PlanOptions, RunBy, plan};
use seedbed_schema::sql::{DdlObject, quote_identifier, read_object, tokenize};

use crate::inspect::inspect_all;
use crate::replay::{Replay, ReplayError};

use super::error::{MigrateError, MigrateErrorKind};
use super::folder::{Listing, Migration};
use super::history::{self, Objects};
use super::script::{Action, ObjectKind, Script, is_same};
use super::status::{MigrationState, MigrationStatus};

/// Whether the schema of a database is what the applied migrations made.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Drift {
    /// It is.
    None,
    /// It is not.
    Drifted(Difference),
    /// Nobody can tell.
    NotCompared {
        /// Why.
        reason: String,
    },
}

/// How a database differs from what its migrations made.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The newest applied migration.
    pub since: String,
    /// What happened to the database since.
    pub changes: Vec<Change>,
    /// The SQL that brings the database back; `None` when that takes more than can be planned.
    pub way_back: Option<String>,
}

/// The line that a migration file has between its statements.
const BREAKPOINT: &str = "--> statement-breakpoint\n";

/// Looks whether a database drifted from what the applied migrations made. Also returns what a migration is expected
/// to have made, as far as that is known.
pub(super) fn of(
    connection: &Connection,
    listing: &Listing,
    statuses: &[MigrationStatus],
) -> Result<(Drift, State), MigrateError> {
    let not_compared = |reason: String| Ok((Drift::NotCompared { reason }, State::default()));
    let has = |state: MigrationState| statuses.iter().any(|status| status.state == state);
    if let Some(unknown) = statuses.iter().find(|status| status.state == MigrationState::Unknown) {
        return not_compared(format!("the folder does not have `{}`", unknown.tag));
    }
    let Some(newest) = statuses.iter().rfind(|status| status.applied_at.is_some()) else {
        return not_compared("no migration was applied".to_owned());
    };
    if newest.state == MigrationState::Missing {
        return not_compared(format!("the file of `{}` is gone", newest.tag));
    }
    let ran: BTreeSet<&str> = statuses
        .iter()
        .filter(|status| status.applied_at.is_some())
        .map(|status| status.tag.as_str())
        .collect();
    let applied: Vec<&Migration> =
        listing.migrations.iter().filter(|migration| ran.contains(migration.tag())).collect();
    let (live, foreign) = (State::of(connection)?, history::foreign_objects(connection)?);
    // With a gap in what was applied, the newest snapshot says more than was made.
    let declared = match applied.last().filter(|_| !has(MigrationState::OutOfOrder)) {
        Some(newest) => State::declared_by(newest)?,
        None => None,
    };
    if let Some(expected) = declared.as_ref().and_then(|declared| with_made_by_hand(declared, &applied))
        && compare(&expected, &live, &foreign, &BTreeSet::new())?.is_none()
    {
        return Ok((Drift::None, expected));
    }
    // A file that was edited or is gone no longer tells what it made.
    let is_told = !has(MigrationState::Changed) && applied.len() == ran.len();
    let replayed = if is_told { Some(State::replayed(&applied)) } else { None };
    let (expected, unclear) = match (replayed, declared) {
        (Some(Ok(replayed)), _) => replayed,
        (_, Some(declared)) => (declared, BTreeSet::new()),
        (Some(Err(reason)), None) => return not_compared(reason),
        (None, None) => return not_compared("a file that was applied is not as it was".to_owned()),
    };
    let drift = match compare(&expected, &live, &foreign, &unclear)? {
        None => Drift::None,
        Some(Found { happened: changes, way_back, .. }) => {
            Drift::Drifted(Difference { since: newest.tag.clone(), changes, way_back })
        }
    };
    Ok((drift, expected))
}

/// Says in one line why a replay stopped.
fn told(error: &ReplayError) -> String {
    match error.failure() {
        Some(failure) => format!("`{}` does not run in memory: {}", failure.file(), failure.message()),
        None => error.to_string(),
    }
}

/// What a database has that migrations make.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Its tables, views and triggers.
    pub(super) schema: Schema,
    /// The virtual tables and their CREATE statements.
    virtual_tables: BTreeMap<String, String>,
}

impl State {
    /// Reads it from a database.
    pub(super) fn of(connection: &Connection) -> Result<Self, MigrateError> {
        let schema = inspect_all(connection).map_err(cannot_compare)?.schema;
        let mut statement = connection.prepare(
            "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { schema, virtual_tables: rows.collect::<Result<_, _>>()? })
    }

    /// Takes what a migration's snapshot declares; `None` where there is none of ours.
    fn declared_by(migration: &Migration) -> Result<Option<Self>, MigrateError> {
        let mut schema = match migration.snapshot() {
            Ok(Some(snapshot)) => snapshot.schema,
            Ok(None) => return Ok(None),
            Err(error) if error.is_drizzle_snapshot() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // No database knows how its values are to be read.
        for column in schema.tables.iter_mut().flat_map(|table| &mut table.columns) {
            column.form = StoredForm::Plain;
        }
        Ok(Some(Self { schema, virtual_tables: BTreeMap::new() }))
    }

    /// Runs migrations in memory; returns what they make, and the tables on which those that ask to be left out of
    /// a replay have a say. Says why when that cannot be done.
    pub(super) fn replayed(migrations: &[&Migration]) -> Result<(Self, BTreeSet<String>), String> {
        let replay = Replay::of(migrations.iter().copied()).map_err(|error| told(&error))?;
        let mut unclear = BTreeSet::new();
        let skipped = |migration: &&&Migration| replay.skipped().iter().any(|tag| tag == migration.tag());
        for migration in migrations.iter().filter(skipped) {
            unclear.extend(touched(migration));
        }
        let state = Self::of(replay.connection()).map_err(|error| error.to_string())?;
        Ok((state, unclear))
    }

    pub(super) fn has(&self, kind: &str, name: &str) -> bool {
        match kind {
            "table" => {
                self.schema.table(name).is_some()
                    || self.virtual_tables.keys().any(|known| is_same(known, name))
            }
            "view" => self.schema.view(name).is_some(),
            "trigger" => self.schema.trigger(name).is_some(),
            _ => self
                .schema
                .tables
                .iter()
                .any(|table| table.indexes.iter().any(|index| is_same(&index.name, name))),
        }
    }

    /// Leaves out what is not ours and what nobody can tell.
    fn without(&self, foreign: &Objects, unclear: &BTreeSet<String>) -> Self {
        let mut kept = self.clone();
        let is_foreign = |kind: &str, name: &str| {
            foreign.iter().any(|(of, foreign)| of == kind && is_same(foreign, name))
                || (kind == "table" && unclear.contains(&name.to_ascii_lowercase()))
        };
        kept.schema.tables.retain(|table| !is_foreign("table", &table.name));
        for table in &mut kept.schema.tables {
            table.indexes.retain(|index| !is_foreign("index", &index.name));
        }
        kept.schema.views.retain(|view| !is_foreign("view", &view.name));
        kept.schema.triggers.retain(|trigger| {
            !is_foreign("trigger", &trigger.name)
                && !is_foreign("table", &trigger.table)
                && !is_foreign("view", &trigger.table)
        });
        kept.virtual_tables.retain(|name, _| !is_foreign("table", name));
        kept
    }
}

/// Returns the names, in lower case, of the tables that a migration makes or changes.
fn touched(migration: &Migration) -> BTreeSet<String> {
    let Ok(script) = Script::parse(migration.tag(), migration.up()) else { return BTreeSet::new() };
    let names = script.statements.iter().flat_map(|statement| match &statement.action {
        Action::Create(ObjectKind::Table, name)
        | Action::Drop(ObjectKind::Table, name)
        | Action::AlterTable(name)
        | Action::RenameColumn { table: name, .. } => vec![name],
        Action::RenameTable { from, to } => vec![from, to],
        _ => Vec::new(),
    });
    names.map(|name| name.to_ascii_lowercase()).collect()
}

/// How two states differ.
pub(super) struct Found {
    /// What happened to the database.
    happened: Vec<Change>,
    /// What it would need to be as expected.
    pub(super) needed: Vec<Change>,
    /// The SQL for that; `None` when it takes more than can be planned.
    way_back: Option<String>,
}

/// Compares what a database should have with what it has; `None` when that is the same. What is foreign does not
/// count, unless it is expected.
pub(super) fn compare(
    expected: &State,
    live: &State,
    foreign: &Objects,
    unclear: &BTreeSet<String>,
) -> Result<Option<Found>, MigrateError> {
    let foreign: Objects = foreign.iter().filter(|(kind, name)| !expected.has(kind, name)).cloned().collect();
    let expected = expected.without(&Objects::new(), unclear);
    let live = live.without(&foreign, unclear);
    let renames = Renames::default().nothing_else();
    let happened = diff(&expected.schema, &live.schema, &renames).map_err(cannot_compare)?;
    let (came, went) = (virtual_tables_beside(&live, &expected), virtual_tables_beside(&expected, &live));
    let mut happened = happened.changes();
    let made = |(name, _): &(&String, &String)| Change::CreateTable { table: (*name).clone() };
    let dropped = |(name, _): &(&String, &String)| Change::DropTable { table: (*name).clone() };
    happened.extend(came.iter().map(made).chain(went.iter().map(dropped)));
    if happened.is_empty() {
        return Ok(None);
    }
    let back = diff(&live.schema, &expected.schema, &renames).map_err(cannot_compare)?;
    let mut needed = back.changes();
    needed.extend(went.iter().map(made).chain(came.iter().map(dropped)));
    // A person runs it, so that nothing that was kept is brought back by it.
    let options =
        PlanOptions { direction: Direction::Reverse, run_by: RunBy::Shell, ..PlanOptions::default() };
    let way_back = plan(&back, &options).ok().map(|plan| {
        // Breakpoints are for folders that other tools run.
        let mut sql = plan.to_sql().replace(BREAKPOINT, "");
        for (name, _) in &came {
            sql.push_str(&format!("DROP TABLE {};\n", quote_identifier(name)));
        }
        for (_, create) in &went {
            sql.push_str(&format!("{create};\n"));
        }
        sql
    });
    Ok(Some(Found { happened, needed, way_back }))
}

/// Returns what would have to change in a database to be as expected, in what the subjects name.
pub(super) fn needed(
    connection: &Connection,
    expected: &State,
    unclear: &BTreeSet<String>,
    subjects: Option<&BTreeSet<String>>,
) -> Result<Vec<Change>, MigrateError> {
    let (live, foreign) = (State::of(connection)?, history::foreign_objects(connection)?);
    let found = compare(expected, &live, &foreign, unclear)?;
    let mut needed = found.map(|found| found.needed).unwrap_or_default();
    if let Some(subjects) = subjects {
        needed.retain(|change| concerned(change).iter().any(|name| subjects.contains(name)));
    }
    Ok(needed)
}

/// Returns the names, in lower case, of the tables, views, triggers and indexes that a migration makes, changes or
/// drops.
pub(super) fn subjects(migration: &Migration) -> BTreeSet<String> {
    let mut names = touched(migration);
    let Ok(script) = Script::parse(migration.tag(), migration.up()) else { return names };
    for statement in &script.statements {
        if let Action::Create(_, name) | Action::Drop(_, name) = &statement.action {
            names.insert(name.to_ascii_lowercase());
        }
    }
    names
}

/// Returns the names, in lower case, that a change is about.
fn concerned(change: &Change) -> Vec<String> {
    let names = match change {
        Change::CreateView { view } | Change::DropView { view } | Change::AlterView { view } => vec![view],
        Change::CreateTrigger { trigger }
        | Change::DropTrigger { trigger }
        | Change::AlterTrigger { trigger } => vec![trigger],
        Change::CreateIndex { table, index }
        | Change::DropIndex { table, index }
        | Change::AlterIndex { table, index } => vec![table, index],
        Change::RenameTable { from, to } => vec![from, to],
        Change::CreateTable { table }
        | Change::DropTable { table }
        | Change::AddColumn { table, .. }
        | Change::DropColumn { table, .. }
        | Change::RenameColumn { table, .. }
        | Change::AlterColumn { table, .. }
        | Change::AlterPrimaryKey { table }
        | Change::AlterOptions { table }
        | Change::AddConstraint { table, .. }
        | Change::DropConstraint { table, .. } => vec![table],
        _ => Vec::new(),
    };
    names.into_iter().map(|name| name.to_ascii_lowercase()).collect()
}

/// Returns the virtual tables of `these` that `those` do not have, or have by another statement.
fn virtual_tables_beside<'s>(these: &'s State, those: &State) -> Vec<(&'s String, &'s String)> {
    let is_there = |name: &str, sql: &str| {
        those.virtual_tables.iter().any(|(known, text)| is_same(known, name) && is_same_sql(text, sql))
    };
    these.virtual_tables.iter().filter(|(name, sql)| !is_there(name, sql)).collect()
}

/// Adds what hand-written statements of the files made to what a snapshot declares; `None` when it takes a replay to
/// tell.
fn with_made_by_hand(declared: &State, applied: &[&Migration]) -> Option<State> {
    let mut expected = declared.clone();
    for text in made_by_hand(applied, declared)? {
        match read_object(&text).ok()? {
            DdlObject::Table(table) => expected.schema.tables.push(table),
            DdlObject::View(view) => expected.schema.views.push(view),
            DdlObject::Trigger(trigger) => expected.schema.triggers.push(trigger),
            DdlObject::VirtualTable(name) => {
                expected.virtual_tables.insert(name, text);
            }
            // It is part of a table, which then is not as declared.
            DdlObject::Index { .. } => return None,
        }
    }
    Some(expected)
}

/// Follows the files' statements and returns the CREATE statements of what they leave and the snapshot does not
/// declare. `None` when one of these was changed after it was made: then only a replay can tell.
fn made_by_hand(applied: &[&Migration], declared: &State) -> Option<Vec<String>> {
    // Without a text it is there and no longer as it was made.
    let mut made: BTreeMap<(ObjectKind, String), Option<String>> = BTreeMap::new();
    let is_declared = |kind: ObjectKind, name: &str| declared.has(kind.word(), name);
    let change = |made: &mut BTreeMap<_, Option<String>>, name: &str| {
        let is_about = |text: &&mut Option<String>| text.as_deref().is_some_and(|text| mentions(text, name));
        made.values_mut().filter(is_about).for_each(|text| *text = None);
    };
    for migration in applied {
        let script = Script::parse(migration.tag(), migration.up()).ok()?;
        if script.skip_replay {
            return None;
        }
        for (index, statement) in script.statements.iter().enumerate() {
            let is_rebuild = script.rebuild_at(index).is_some();
            match &statement.action {
                Action::Create(kind, name) if !is_declared(*kind, name) => {
                    made.insert((*kind, name.to_ascii_lowercase()), Some(statement.text.clone()));
                }
                // A rebuild's table comes back under its name, with everything that hangs on it.
                Action::Drop(ObjectKind::Table, _) if is_rebuild => {}
                Action::Drop(kind, name) => {
                    made.remove(&(*kind, name.to_ascii_lowercase()));
                    if matches!(kind, ObjectKind::Table | ObjectKind::View) {
                        made.retain(|(kind, _), text| !hangs_on(*kind, text.as_deref(), name));
                    }
                }
                Action::RenameTable { from, to } => {
                    let moved = made.remove(&(ObjectKind::Table, from.to_ascii_lowercase()));
                    if moved.is_some() && !is_declared(ObjectKind::Table, to) {
                        made.insert((ObjectKind::Table, to.to_ascii_lowercase()), None);
                    }
                    if !is_rebuild {
                        change(&mut made, from);
                    }
                }
                Action::RenameColumn { table: name, .. } | Action::AlterTable(name) => {
                    change(&mut made, name);
                }
                _ => {}
            }
        }
    }
    made.into_values().collect()
}

/// Whether a trigger or an index goes with the table or view of that name, as far as its text still tells.
fn hangs_on(kind: ObjectKind, text: Option<&str>, name: &str) -> bool {
    if !matches!(kind, ObjectKind::Trigger | ObjectKind::Index) {
        return false;
    }
    match text.map(read_object) {
        Some(Ok(DdlObject::Trigger(trigger))) => is_same(&trigger.table, name),
        Some(Ok(DdlObject::Index { table, .. })) => is_same(&table, name),
        _ => false,
    }
}

fn mentions(text: &str, name: &str) -> bool {
    tokenize(text).iter().any(|token| token.identifier().is_some_and(|word| is_same(&word, name)))
}

/// Whether two statements have the same tokens, but for IF NOT EXISTS, which SQLite does not keep.
fn is_same_sql(left: &str, right: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let tokens = tokenize(text);
        let words = tokens.iter().filter(|token| !token.is_trivia());
        let words = words.filter(|token| !["IF", "NOT", "EXISTS"].iter().any(|word| token.is_word(word)));
        words.map(|token| token.text.to_ascii_lowercase()).collect()
    };
    words(left) == words(right)
}

fn cannot_compare(error: impl std::error::Error + Send + Sync + 'static) -> MigrateError {
    MigrateError::new(MigrateErrorKind::Database(crate::Error::context(
        "the database could not be compared with its migrations",
        error,
    )))
}
