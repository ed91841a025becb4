//! Brings a database in line with a schema without a migration file.
//!
//! ```text
//! live database ─ inspect ─► before ─┐
//!                  (what is ours)    ├─ diff ─► plan ─► consent ─► one transaction ─► inspect = wanted?
//! code ─────────────────► wanted ────┘
//! ```
//!
//! [`prepare`] looks and plans, [`Draft::run`] acts; between them the caller shows the plan and asks. Only what the
//! schema names, and what push or migrate made before, is ever changed.

mod ownership;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::time::Duration;

use seedbed_schema::diff::{Ambiguity, Change, RenameError, Renames, SchemaDiff, diff};
use seedbed_schema::model::Schema;
use seedbed_schema::normalize::observable;
use seedbed_schema::plan::{Backfill, Hazard, HazardCode, Plan, PlanOptions, Question, plan};
use seedbed_schema::sql::quote_identifier;

use crate::Connection;
use crate::health::sqlite_version;
use crate::inspect::{InspectError, inspect};
use crate::migrate::run::{ApplyOptions, Aside, Proceed, apply_script};
use crate::migrate::script::Script;
use crate::migrate::{Failure, FailureKind, MigrateError, forms, history, lock};
use crate::storage;

/// What stands for a file's name in messages about planned SQL.
const NAME: &str = "push";

/// How long to wait for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// What the author answered.
#[derive(Debug, Clone, Default)]
pub struct PushOptions {
    /// Answers to "new, or renamed?".
    pub renames: Renames,
    /// Values for rows that are there.
    pub backfills: Vec<Backfill>,
}

/// A hazard together with the rows that are there now.
#[derive(Debug, Clone)]
pub struct Risk {
    /// The hazard.
    pub hazard: Hazard,
    /// How many rows the table has.
    pub rows: u64,
}

impl Risk {
    /// Whether someone has to agree: data can be lost or rows can make it fail, and there are rows.
    pub fn needs_consent(&self) -> bool {
        self.rows > 0 && self.hazard.code != HazardCode::Rebuild
    }
}

/// A plan that was not run.
#[derive(Debug)]
pub struct Draft {
    /// What changes.
    pub diff: SchemaDiff,
    /// The SQL.
    pub plan: Plan,
    /// Its hazards, with the rows they concern.
    pub risks: Vec<Risk>,
    /// What is in the database and belongs to others: `table audit`, `column users.legacy`.
    pub left_alone: Vec<String>,
    script: Script,
    /// What SQLite counts up with every change of the schema, as it was when the plan was made.
    schema_version: i64,
}

/// Why nothing was pushed. The database is as it was.
#[derive(Debug)]
pub struct PushError {
    kind: Box<PushErrorKind>,
}

/// The kinds of failure.
#[derive(Debug)]
#[non_exhaustive]
pub enum PushErrorKind {
    /// The live schema could not be read.
    Inspect(InspectError),
    /// SQLite failed under the work.
    Sqlite(rusqlite::Error),
    /// A rename that was given cannot be.
    Rename(RenameError),
    /// Only the author can tell.
    Open {
        /// Is it new, or renamed?
        ambiguities: Vec<Ambiguity>,
        /// Which value do the rows get?
        questions: Vec<Question>,
    },
    /// Another migrator holds the database, or its lock cannot be taken.
    Locked(MigrateError),
    /// Somebody changed the schema of the database after the plan was made.
    Changed,
    /// The plan was refused while it ran.
    Apply(Failure),
    /// The plan ran and did not arrive; these changes were missing, and it was rolled back.
    Elsewhere(Vec<Change>),
}

impl PushError {
    fn new(kind: PushErrorKind) -> Self {
        Self { kind: Box::new(kind) }
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> &PushErrorKind {
        &self.kind
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<String> {
        match &*self.kind {
            PushErrorKind::Apply(failure) => match (failure.broken(), failure.kind()) {
                (Some((kind, name)), _) => Some(format!(
                    "the {kind} `{name}` needs what goes: change its definition if the schema declares it; if it was made \
                     by hand, drop it, push, and make it again"
                )),
                (None, FailureKind::Constraint | FailureKind::ForeignKey) => {
                    Some("mend these rows first; the database is as it was".to_owned())
                }
                _ => failure.way_out().map(str::to_owned),
            },
            PushErrorKind::Locked(error) => error.hint(),
            PushErrorKind::Sqlite(error) => storage::refusal(error, None).map(|refusal| refusal.hint),
            PushErrorKind::Changed => Some("push again: the plan has to be made anew".to_owned()),
            PushErrorKind::Elsewhere(_) => {
                Some("this is a fault of seedbed, and the database is as it was; please report it".to_owned())
            }
            _ => None,
        }
    }
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            PushErrorKind::Inspect(error) => error.fmt(f),
            PushErrorKind::Sqlite(_) => f.write_str("the database could not be read"),
            PushErrorKind::Rename(error) => error.fmt(f),
            PushErrorKind::Open { ambiguities, questions } => {
                let count = ambiguities.len() + questions.len();
                write!(f, "{count} question{} to answer first", if count == 1 { "" } else { "s" })
            }
            PushErrorKind::Locked(error) => error.fmt(f),
            PushErrorKind::Changed => {
                f.write_str("the schema of the database was changed after the plan was made")
            }
            PushErrorKind::Apply(error) => error.fmt(f),
            PushErrorKind::Elsewhere(changes) => {
                let list: Vec<String> = changes.iter().map(|change| format!("`{change}`")).collect();
                write!(
                    f,
                    "the plan does not arrive at the declared schema; still to do would be {}",
                    list.join(", ")
                )
            }
        }
    }
}

impl std::error::Error for PushError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.kind {
            PushErrorKind::Inspect(error) => error.source(),
            PushErrorKind::Sqlite(error) => Some(error),
            PushErrorKind::Apply(error) => error.source(),
            PushErrorKind::Locked(error) => error.source(),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for PushError {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(PushErrorKind::Sqlite(error))
    }
}

/// Compares a database with the schema and plans what is missing, which may be nothing.
///
/// # Errors
///
/// When the database cannot be read, an answer does not fit, or questions are open.
pub fn prepare(connection: &Connection, wanted: &Schema, options: &PushOptions) -> Result<Draft, PushError> {
    let schema_version = schema_version(connection.rusqlite())?;
    let live =
        inspect(connection.rusqlite()).map_err(|error| PushError::new(PushErrorKind::Inspect(error)))?;
    let owned = ownership::Owned {
        objects: history::recorded_objects(connection.rusqlite())?,
        forms: forms::recorded(connection.rusqlite())?,
    };
    let compared = ownership::comparison(&live, wanted, &owned, &options.renames);
    let difference = diff(&compared.before, &compared.after, &options.renames)
        .map_err(|error| PushError::new(PushErrorKind::Rename(error)))?;
    let open = |ambiguities, questions| PushError::new(PushErrorKind::Open { ambiguities, questions });
    if !difference.ambiguities.is_empty() {
        return Err(open(difference.ambiguities, Vec::new()));
    }
    let plan_options = PlanOptions {
        sqlite_version: sqlite_version(),
        backfills: options.backfills.clone(),
        ..PlanOptions::default()
    };
    let plan = plan(&difference, &plan_options).map_err(|questions| open(Vec::new(), questions))?;
    let risks = risks(connection.rusqlite(), &plan, &difference)?;
    let script = Script::parse(NAME, &plan.to_sql())
        .map_err(|error| PushError::new(PushErrorKind::Apply(Failure::script(NAME, error))))?;
    Ok(Draft { diff: difference, plan, risks, left_alone: compared.left_alone, script, schema_version })
}

fn schema_version(connection: &rusqlite::Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA schema_version", [], |row| row.get(0))
}

fn risks(
    connection: &rusqlite::Connection,
    plan: &Plan,
    difference: &SchemaDiff,
) -> Result<Vec<Risk>, PushError> {
    let mut risks = Vec::new();
    for hazard in plan.hazards() {
        // A dropped table goes by its own name, all others by their new one.
        let is_dropped = difference.dropped_tables.contains(&hazard.table);
        let name =
            if is_dropped { hazard.table.clone() } else { difference.renames.old_table(&hazard.table) };
        let count = format!("SELECT count(*) FROM {}", quote_identifier(&name));
        let rows: i64 = connection.query_row(&count, [], |row| row.get(0))?;
        risks.push(Risk { hazard: hazard.clone(), rows: rows.unsigned_abs() });
    }
    Ok(risks)
}

impl Draft {
    /// Returns the hazards that someone has to agree to and nobody did. `allowed` holds consents as
    /// [`Hazard::consent`] writes them, `drop-column:users.age`.
    pub fn unconsented(&self, allowed: &[String], accept_data_loss: bool) -> Vec<&Risk> {
        let is_open = |risk: &&Risk| {
            risk.needs_consent()
                && !accept_data_loss
                && !allowed.iter().any(|consent| *consent == risk.hazard.consent())
        };
        self.risks.iter().filter(is_open).collect()
    }

    /// Whether the database has all of the schema already.
    pub fn is_empty(&self) -> bool {
        self.diff.is_empty()
    }

    /// Returns the SQL with its comments, as it would stand in a file.
    pub fn sql(&self) -> String {
        self.plan.to_sql()
    }

    /// Runs the plan in one transaction, under the guarantees of a migration, and checks that it arrived before it
    /// commits.
    ///
    /// # Errors
    ///
    /// When a statement is refused, rows would be lost, or the result is another schema. The database is as before.
    pub fn run(&self, connection: &mut Connection) -> Result<(), PushError> {
        let connection = connection.rusqlite();
        let _lock = lock::take(connection, Some(BUSY_TIMEOUT), &|_, _, _| {})
            .map_err(|error| PushError::new(PushErrorKind::Locked(error.into())))?;
        let mut findings = None;
        let changed = Cell::new(false);
        let objects = RefCell::new(history::Objects::new());
        let mut after_begin = |connection: &rusqlite::Connection| {
            if schema_version(connection)? != self.schema_version {
                changed.set(true);
                return Ok(Proceed::Skip);
            }
            let strangers = history::strangers(connection)?;
            history::create_tables(connection)?;
            history::insert_foreign(connection, &strangers.unwrap_or_default())?;
            objects.replace(history::objects(connection)?);
            Ok(Proceed::Run)
        };
        let mut options = ApplyOptions {
            busy_timeout: Some(BUSY_TIMEOUT),
            waiting: &|_| {},
            statement: &|_| {},
            aside: Aside::Nothing,
            after_begin: &mut after_begin,
            arrived: &|_| Ok(Vec::new()),
        };
        let outcome = apply_script(connection, &self.script, &mut options, &mut |connection, _| {
            let found = self.missing_changes(connection);
            if found.as_ref().is_ok_and(Vec::is_empty) {
                history::record_objects(connection, &self.script, &objects.borrow(), None)?;
                return forms::record(connection, &self.diff.after);
            }
            findings = Some(found);
            // Any error here makes the runner roll back; what was found is told below.
            Err(rusqlite::Error::ExecuteReturnedResults)
        });
        match (outcome, findings) {
            (Ok(_), _) if changed.get() => Err(PushError::new(PushErrorKind::Changed)),
            (Ok(_), _) => Ok(()),
            (Err(_), Some(Ok(changes))) => Err(PushError::new(PushErrorKind::Elsewhere(changes))),
            (Err(_), Some(Err(error))) => Err(PushError::new(PushErrorKind::Inspect(error))),
            (Err(failure), None) => Err(PushError::new(PushErrorKind::Apply(failure.located(connection)))),
        }
    }

    /// Returns what the database still lacks of the wanted schema.
    fn missing_changes(&self, connection: &rusqlite::Connection) -> Result<Vec<Change>, InspectError> {
        let ours = restricted(&inspect(connection)?, &self.diff.after);
        if observable(&ours) == observable(&self.diff.after) {
            return Ok(Vec::new());
        }
        let renames = Renames::default().nothing_else();
        Ok(diff(&ours, &self.diff.after, &renames).map(|rest| rest.changes()).unwrap_or_default())
    }
}

/// Returns the live schema without the tables, indexes and views that the wanted one does not name.
fn restricted(live: &Schema, wanted: &Schema) -> Schema {
    let mut ours = Schema {
        tables: live.tables.iter().filter(|table| wanted.table(&table.name).is_some()).cloned().collect(),
        views: live.views.iter().filter(|view| wanted.view(&view.name).is_some()).cloned().collect(),
        triggers: Vec::new(),
    };
    for table in &mut ours.tables {
        let Some(target) = wanted.table(&table.name) else { continue };
        table.indexes.retain(|index| {
            target.indexes.iter().any(|wanted| wanted.name.eq_ignore_ascii_case(&index.name))
        });
    }
    ours
}
