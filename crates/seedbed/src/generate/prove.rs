//! Runs a new migration in memory before it is written: forward and back, on tables with rows.
//!
//! ```text
//! replay the folder ─► inspect = schema before?
//!   ─► rows into every table ─► up, keeping what is lost ─► down ─► are all values back?
//!                            ─► up   ─► inspect = schema after?
//!   ─► more rows             ─► down ─► inspect = schema before?
//! ```
//!
//! Rows matter: an empty table hides what SQLite will refuse. They are made for the schema before, so they can break
//! a constraint that the migration adds; the plan has said so by a hazard, and then the run is repeated with fewer
//! rows: one in each table, and at last none in the tables that the hazards name.

use std::collections::BTreeSet;
use std::fmt;

use rusqlite::Connection;
use seedbed_schema::diff::{Change, Renames, SchemaDiff, diff};
use seedbed_schema::model::{Column, DefaultValue, Schema, Table};
use seedbed_schema::normalize::observable;
use seedbed_schema::plan::{HazardCode, Plan};
use seedbed_schema::sql::quote_identifier;

use super::base::Base;
use crate::inspect::{InspectError, inspect};
use crate::migrate::run::Aside;
use crate::migrate::script::Script;
use crate::migrate::{Failure, words};
use crate::replay::{apply, apply_aside, in_memory};
use crate::rows;

/// What is proved.
pub(super) struct Claim<'a> {
    /// The schemas on both sides, and what is renamed between them.
    pub(super) diff: &'a SchemaDiff,
    /// How the schema before comes about.
    pub(super) base: &'a Base,
    /// The way forward: its plan and its file.
    pub(super) up: (&'a Plan, &'a Script),
    /// The way back.
    pub(super) down: (&'a Plan, &'a Script),
}

/// Which way failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The files that are there already.
    Replay,
    /// The new migration.
    Up,
    /// Its reverse.
    Down,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replay => "the migrations folder",
            Self::Up => "the new migration",
            Self::Down => "its way back",
        })
    }
}

/// Why a migration is not written.
#[derive(Debug)]
pub struct ProofError {
    /// Which way failed.
    pub direction: Direction,
    /// What was found.
    pub(crate) finding: Finding,
}

#[derive(Debug)]
pub(crate) enum Finding {
    /// SQLite or the runner refused.
    Refused(Failure),
    /// It ran and did not arrive; these changes are missing.
    Elsewhere(Vec<Change>),
    /// A value that was kept did not come back.
    NotBack {
        table: String,
    },
    /// A declared view cannot be read: SQLite looks into a view when it is used, not when it is made.
    View {
        name: String,
        fault: String,
    },
    /// A default cannot be computed: SQLite tries it when a row needs it, not when the table is made.
    Default {
        column: String,
        fault: String,
    },
    /// Something under the proof itself failed.
    Sqlite(rusqlite::Error),
    /// No rows could be made.
    Rows(crate::Error),
    Inspect(InspectError),
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = self.direction;
        match &self.finding {
            Finding::Refused(_) => write!(f, "{way} does not run on an in-memory database"),
            Finding::Elsewhere(changes) => {
                let list: Vec<String> = changes.iter().map(|change| format!("`{change}`")).collect();
                write!(
                    f,
                    "{way} does not arrive at the declared schema; still to do would be {}",
                    list.join(", ")
                )
            }
            Finding::NotBack { table } => write!(f, "{way} does not bring back every value of `{table}`"),
            Finding::Default { column, fault } => {
                write!(f, "the default of `{column}` cannot be computed: {fault}")
            }
            Finding::View { name, fault } if self.is_about_schema() => {
                write!(f, "the view `{name}` cannot be read from the declared tables: {fault}")
            }
            Finding::View { name, fault } => {
                write!(f, "{way} makes the view `{name}`, which cannot be read: {fault}")
            }
            Finding::Sqlite(_) | Finding::Rows(_) | Finding::Inspect(_) => {
                write!(f, "{way} could not be tried in memory")
            }
        }
    }
}

impl std::error::Error for ProofError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.finding {
            Finding::Refused(source) => Some(source),
            Finding::Sqlite(source) => Some(source),
            Finding::Rows(source) => Some(source),
            Finding::Inspect(source) => Some(source),
            Finding::Elsewhere(_)
            | Finding::NotBack { .. }
            | Finding::View { .. }
            | Finding::Default { .. } => None,
        }
    }
}

impl ProofError {
    fn new(direction: Direction, finding: Finding) -> Self {
        Self { direction, finding }
    }

    /// Whether the declared schema contradicts itself, so that no migration could lead to it.
    pub fn is_about_schema(&self) -> bool {
        matches!(self.finding, Finding::View { .. } | Finding::Default { .. })
            && self.direction == Direction::Up
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<String> {
        match (&self.finding, self.direction) {
            (Finding::Refused(failure), direction) => match failure.broken() {
                Some((kind, name)) if direction == Direction::Up => Some(format!(
                    "the {kind} `{name}` was made by hand: drop it in a migration of its own before this one (`seedbed \
                     generate --custom`), and make it again in one behind it"
                )),
                _ if failure.is_about_rows() => Some(
                    "the rows were made up for the try, and a database may hold such rows: give another default or \
                     backfill, or change the constraint"
                        .to_owned(),
                ),
                _ => failure.way_out().map(str::to_owned),
            },
            (Finding::View { .. }, Direction::Up) => {
                Some("change the view's definition, or keep what it reads".to_owned())
            }
            (Finding::Elsewhere(_), Direction::Replay) => {
                let text = "a file of the folder makes something other than its snapshot says; undo the edit, or move it \
                    into a migration of its own (`seedbed generate --custom`)";
                Some(text.to_owned())
            }
            (Finding::Elsewhere(_) | Finding::NotBack { .. }, _) => Some(
                "this is a fault of seedbed, and nothing was written; please report it with the schema"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// How many rows a try has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    Some(usize),
    NoneWhereItMayFail,
}

/// Proves a migration both ways.
///
/// # Errors
///
/// What was found at the first place where it does not hold.
pub(super) fn prove(claim: &Claim<'_>) -> Result<(), ProofError> {
    let may_fail = |plan: &Plan| plan.hazards().any(|hazard| hazard.code.may_fail());
    let is_risky = may_fail(claim.up.0) || may_fail(claim.down.0);
    for rows in [Rows::Some(3), Rows::Some(1)] {
        match attempt(claim, rows) {
            Err(ProofError { finding: Finding::Refused(failure), .. })
                if is_risky && failure.is_about_rows() => {}
            outcome => return outcome,
        }
    }
    attempt(claim, Rows::NoneWhereItMayFail)
}

/// A migration can break a view that is declared and stays; then the schema is at fault and not the migration.
fn blame_declared_view(finding: Finding, after: &Schema) -> Finding {
    let Finding::Refused(failure) = &finding else { return finding };
    let declared = match failure.broken() {
        Some(("view", name)) => after.view(name),
        _ => None,
    };
    let Some(view) = declared else { return finding };
    let said = failure.message();
    let fault = said.split_once(": ").map_or(said, |(_, fault)| fault).to_owned();
    Finding::View { name: view.name.clone(), fault }
}

fn attempt(claim: &Claim<'_>, rows: Rows) -> Result<(), ProofError> {
    let (before, after) = (claim.base.covered(&claim.diff.before), claim.base.covered(&claim.diff.after));
    let connection =
        in_memory().map_err(|error| ProofError::new(Direction::Replay, Finding::Sqlite(error)))?;
    claim.base.build(&connection).map_err(|finding| ProofError::new(Direction::Replay, finding))?;
    let extras =
        Extras::of(&connection, &before).map_err(|finding| ProofError::new(Direction::Replay, finding))?;
    arrived(&connection, &before, &extras).map_err(|finding| ProofError::new(Direction::Replay, finding))?;

    fill(&connection, &before, rows, 1).map_err(|finding| ProofError::new(Direction::Up, finding))?;
    let renames = &claim.diff.renames;
    let risky = risky_tables(claim.up.0, rows, |name| renames.old_table(name));
    brings_back(&connection, claim, (&before, &after), &extras, &risky)?;
    run(&connection, claim.up.1, &before, &risky)
        .map_err(|finding| ProofError::new(Direction::Up, blame_declared_view(finding, &after)))?;
    arrived(&connection, &after, &extras)
        .and_then(|()| defaults_can_be_computed(&connection, &after))
        .map_err(|finding| ProofError::new(Direction::Up, finding))?;

    fill(&connection, &after, rows, 2).map_err(|finding| ProofError::new(Direction::Down, finding))?;
    let risky = risky_tables(claim.down.0, rows, |name| renames.new_table(name));
    run(&connection, claim.down.1, &after, &risky)
        .map_err(|finding| ProofError::new(Direction::Down, finding))?;
    arrived(&connection, &before, &extras).map_err(|finding| ProofError::new(Direction::Down, finding))
}

/// Runs the migration and its way back as they run on a database, where what is lost is kept, and compares the rows.
fn brings_back(
    connection: &Connection,
    claim: &Claim<'_>,
    (before, after): (&Schema, &Schema),
    extras: &Extras,
    risky: &BTreeSet<String>,
) -> Result<(), ProofError> {
    let restores = &claim.down.1.restores;
    if restores.is_empty() {
        return Ok(());
    }
    const MIGRATION: &str = "proof";
    let up = |finding| ProofError::new(Direction::Up, finding);
    let down = |finding| ProofError::new(Direction::Down, finding);
    empty_tables(connection, before, risky).map_err(|error| up(Finding::Sqlite(error)))?;
    let restored = before
        .tables
        .iter()
        .filter(|table| restores.iter().any(|(_, restore)| restore.table.eq_ignore_ascii_case(&table.name)));
    let read = || {
        let rows = restored
            .clone()
            .map(|table| Ok((table.name.as_str(), steady_rows(connection, table, claim.diff)?)));
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let rows_before = read().map_err(|error| up(Finding::Sqlite(error)))?;
    apply_aside(connection, claim.up.1, Aside::Keep(MIGRATION))
        .map_err(|failure| up(blame_declared_view(Finding::Refused(failure), after)))?;
    apply_aside(connection, claim.down.1, Aside::Restore(MIGRATION, &[]))
        .map_err(|failure| down(Finding::Refused(failure)))?;
    arrived(connection, before, extras).map_err(down)?;
    let rows_after = read().map_err(|error| down(Finding::Sqlite(error)))?;
    match rows_before.iter().zip(&rows_after).find(|(was, is)| was != is) {
        Some(((table, _), _)) => Err(down(Finding::NotBack { table: (*table).to_owned() })),
        None => Ok(()),
    }
}

/// Returns the rows of a table as text. A column that became NOT NULL is left out: what filled its NULLs may be another
/// value every time it is asked for.
fn steady_rows(connection: &Connection, table: &Table, diff: &SchemaDiff) -> rusqlite::Result<Vec<String>> {
    let changed =
        diff.tables.iter().find(|changed| diff.renames.old_table(&changed.after.name) == table.name);
    let is_tightened = |column: &Column| {
        changed.is_some_and(|changed| {
            changed.changed_columns.iter().any(|change| {
                diff.renames.old_column(&changed.after.name, change.name()) == column.name
                    && change.before.nullable
                    && !change.after.nullable
            })
        })
    };
    let columns = table.columns.iter().filter(|column| !is_tightened(column));
    let values: Vec<String> =
        columns.map(|column| format!("quote({})", quote_identifier(&column.name))).collect();
    let values = if values.is_empty() { "''".to_owned() } else { values.join(" || ',' || ") };
    let sql = format!("SELECT {values} FROM {} ORDER BY 1", quote_identifier(&table.name));
    let mut select = connection.prepare(&sql)?;
    let rows = select.query_map([], |row| row.get(0))?;
    rows.collect()
}

fn fill(connection: &Connection, schema: &Schema, rows: Rows, seed: u64) -> Result<(), Finding> {
    let count = if let Rows::Some(count) = rows { count } else { 1 };
    rows::fill(connection, schema, None, count, seed).map(|_| ()).map_err(Finding::Rows)
}

/// Returns the tables, by their names at that time, that must be empty for the plan to run: always those for which no
/// value can be made up, and at the last try all that the plan says rows can make fail.
fn risky_tables(plan: &Plan, rows: Rows, name_now: impl Fn(&str) -> String) -> BTreeSet<String> {
    let must_be_empty = |code: HazardCode| {
        code == HazardCode::CannotRestore || (rows == Rows::NoneWhereItMayFail && code.may_fail())
    };
    let hazards = plan.hazards().filter(|hazard| must_be_empty(hazard.code));
    hazards.map(|hazard| name_now(&hazard.table).to_ascii_lowercase()).collect()
}

fn run(
    connection: &Connection,
    script: &Script,
    schema: &Schema,
    empty: &BTreeSet<String>,
) -> Result<(), Finding> {
    empty_tables(connection, schema, empty).map_err(Finding::Sqlite)?;
    apply(connection, script).map_err(Finding::Refused)
}

/// Deletes the rows of tables and of every table that refers to them.
fn empty_tables(connection: &Connection, schema: &Schema, names: &BTreeSet<String>) -> rusqlite::Result<()> {
    let mut all = names.clone();
    loop {
        let refers = |table: &&seedbed_schema::model::Table| {
            table.foreign_keys.iter().any(|key| all.contains(&key.referenced_table.to_ascii_lowercase()))
        };
        let referring: Vec<String> =
            schema.tables.iter().filter(refers).map(|table| table.name.to_ascii_lowercase()).collect();
        let known = all.len();
        all.extend(referring);
        if all.len() == known {
            break;
        }
    }
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    for name in &all {
        connection.execute_batch(&format!("DELETE FROM {}", quote_identifier(name)))?;
    }
    connection.execute_batch("PRAGMA foreign_keys = ON")
}

/// What hand-written migrations made beside the schema; it is carried, not compared.
struct Extras {
    names: BTreeSet<String>,
}

impl Extras {
    fn of(connection: &Connection, declared: &Schema) -> Result<Self, Finding> {
        let live = inspect(connection).map_err(Finding::Inspect)?;
        let mut names = BTreeSet::new();
        for table in &live.tables {
            match declared.table(&table.name) {
                None => {
                    names.insert(table.name.to_ascii_lowercase());
                }
                Some(wanted) => {
                    let is_declared =
                        |name: &str| wanted.indexes.iter().any(|index| index.name.eq_ignore_ascii_case(name));
                    let hand_made = table.indexes.iter().filter(|index| !is_declared(&index.name));
                    names.extend(hand_made.map(|index| index.name.to_ascii_lowercase()));
                }
            }
        }
        let hand_made = live.views.iter().filter(|view| declared.view(&view.name).is_none());
        names.extend(hand_made.map(|view| view.name.to_ascii_lowercase()));
        Ok(Self { names })
    }

    fn remove_from(&self, live: &mut Schema) {
        let is_extra = |name: &str| self.names.contains(&name.to_ascii_lowercase());
        live.tables.retain(|table| !is_extra(&table.name));
        live.views.retain(|view| !is_extra(&view.name));
        for table in &mut live.tables {
            table.indexes.retain(|index| !is_extra(&index.name));
        }
    }
}

/// Compares the database with the schema that it should have, and reads its views.
fn arrived(connection: &Connection, wanted: &Schema, extras: &Extras) -> Result<(), Finding> {
    let mut live = inspect(connection).map_err(Finding::Inspect)?;
    extras.remove_from(&mut live);
    for view in &wanted.views {
        let read = connection.prepare(&format!("SELECT * FROM {}", quote_identifier(&view.name)));
        read.map_err(|error| Finding::View { name: view.name.clone(), fault: words(&error) })?;
    }
    let (live, wanted) = (observable(&live), observable(wanted));
    if live == wanted {
        return Ok(());
    }
    let renames = Renames::default().nothing_else();
    let changes = diff(&live, &wanted, &renames).map(|difference| difference.changes()).unwrap_or_default();
    Err(Finding::Elsewhere(changes))
}

fn defaults_can_be_computed(connection: &Connection, schema: &Schema) -> Result<(), Finding> {
    for table in &schema.tables {
        for column in &table.columns {
            let Some(DefaultValue::Expr(expr)) = &column.default else { continue };
            connection.prepare(&format!("SELECT ({expr})")).map_err(|error| Finding::Default {
                column: format!("{}.{}", table.name, column.name),
                fault: words(&error),
            })?;
        }
    }
    Ok(())
}
