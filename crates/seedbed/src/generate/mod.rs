//! Makes migrations: compares the declared schema with the newest snapshot, plans, proves, writes.
//!
//! ```text
//! folder ─► newest snapshot ─┐
//!                            ├─ diff ─► plan up + plan down ─► prove ─► files, all or none
//! code ──► wanted schema ────┘   └► open questions, answered by GenerateOptions
//! ```
//!
//! [`prepare`] does everything but writing and proving, so that a caller can show and ask; [`Draft::prove`] and
//! [`Draft::write`] do the rest.

mod base;
mod prove;

use std::fmt;

use seedbed_schema::diff::{Ambiguity, RenameError, Renames, SchemaDiff, diff, migration_name};
use seedbed_schema::journal::Journal;
use seedbed_schema::model::{Dialect, Schema};
use seedbed_schema::naming::{self, NameError};
use seedbed_schema::plan::{self, Backfill, Direction as PlanDirection, Plan, PlanOptions, Question, plan};
use seedbed_schema::snapshot::Snapshot;

pub use prove::{Direction, ProofError};

use crate::migrate::script::{Script, ScriptError};
use crate::migrate::{Folder, FolderError, Migration, NewMigration};

/// What the author answered, and what the machine knows.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// The migration's name; made from the changes when there is none.
    pub name: Option<String>,
    /// Answers to "new, or renamed?".
    pub renames: Renames,
    /// Values for rows that are there.
    pub backfills: Vec<Backfill>,
    /// The oldest SQLite that will run the migration, as major, minor, patch.
    pub sqlite_version: (u32, u32, u32),
    /// The time of generation, in milliseconds since 1970.
    pub now: i64,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        let sqlite_version = PlanOptions::default().sqlite_version;
        Self { name: None, renames: Renames::default(), backfills: Vec::new(), sqlite_version, now: 0 }
    }
}

/// A migration that is planned and not written.
#[derive(Debug)]
pub struct Draft {
    /// What changes.
    pub diff: SchemaDiff,
    /// The way forward.
    pub up: Plan,
    /// The way back.
    pub down: Plan,
    /// The files' name without `.sql`, `0004_add_hint_events`.
    pub tag: String,
    up_script: Script,
    down_script: Script,
    up_sql: String,
    down_sql: String,
    snapshot: Snapshot,
    history: Vec<Migration>,
    now: i64,
}

/// Why no migration was made. Nothing was written.
#[derive(Debug)]
pub struct GenerateError {
    kind: Box<GenerateErrorKind>,
}

/// The kinds of failure.
#[derive(Debug)]
#[non_exhaustive]
pub enum GenerateErrorKind {
    /// The folder cannot be read or written.
    Folder(FolderError),
    /// The newest migration has no snapshot to compare with.
    NoSnapshot {
        /// The migration's name.
        tag: String,
    },
    /// A rename that was given cannot be.
    Rename(RenameError),
    /// A backfill that was given names a column that gets no value by it.
    Backfill {
        /// The column, as `table.column`.
        column: String,
        /// What is wrong.
        reason: String,
    },
    /// The name that was given cannot be a file's.
    Name(NameError),
    /// Only the author can tell.
    Open {
        /// Is it new, or renamed?
        ambiguities: Vec<Ambiguity>,
        /// Which value do the rows get?
        questions: Vec<Question>,
    },
    /// The plan does not hold in memory.
    Proof(ProofError),
    /// A file of the folder cannot be read as a script.
    Script {
        /// The file.
        file: String,
        /// The line in it, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// The way out.
        hint: String,
    },
}

impl GenerateError {
    fn new(kind: GenerateErrorKind) -> Self {
        Self { kind: Box::new(kind) }
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> &GenerateErrorKind {
        &self.kind
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<String> {
        match &*self.kind {
            GenerateErrorKind::Folder(error) => error.hint(),
            GenerateErrorKind::NoSnapshot { .. } => Some(
                "restore it from version control, or let `seedbed check --fix` make it anew from the files"
                    .to_owned(),
            ),
            GenerateErrorKind::Name(error) => Some(error.hint().to_owned()),
            GenerateErrorKind::Proof(error) => error.hint(),
            GenerateErrorKind::Rename(_)
            | GenerateErrorKind::Backfill { .. }
            | GenerateErrorKind::Open { .. } => None,
            GenerateErrorKind::Script { hint, .. } => Some(hint.clone()),
        }
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            GenerateErrorKind::Folder(error) => error.fmt(f),
            GenerateErrorKind::NoSnapshot { tag } => write!(f, "migration `{tag}` has no snapshot"),
            GenerateErrorKind::Rename(error) => error.fmt(f),
            GenerateErrorKind::Backfill { column, reason } => write!(f, "backfill of `{column}`: {reason}"),
            GenerateErrorKind::Name(error) => error.fmt(f),
            GenerateErrorKind::Open { ambiguities, questions } => {
                let count = ambiguities.len() + questions.len();
                write!(f, "{count} question{} to answer first", if count == 1 { "" } else { "s" })
            }
            GenerateErrorKind::Proof(error) => error.fmt(f),
            GenerateErrorKind::Script { file, line, message, .. } => {
                write!(f, "`{file}` line {line}: {message}")
            }
        }
    }
}

impl std::error::Error for GenerateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.kind {
            GenerateErrorKind::Folder(error) => error.source(),
            GenerateErrorKind::Proof(error) => error.source(),
            _ => None,
        }
    }
}

impl From<FolderError> for GenerateError {
    fn from(error: FolderError) -> Self {
        Self::new(GenerateErrorKind::Folder(error))
    }
}

impl From<RenameError> for GenerateError {
    fn from(error: RenameError) -> Self {
        Self::new(GenerateErrorKind::Rename(error))
    }
}

impl From<NameError> for GenerateError {
    fn from(error: NameError) -> Self {
        Self::new(GenerateErrorKind::Name(error))
    }
}

/// Returns the two files that lead there and back.
pub(crate) fn plan_files(
    difference: &SchemaDiff,
    options: &GenerateOptions,
) -> Result<(String, String), GenerateError> {
    let (up, down) = plan_both_ways(difference, options)?;
    Ok((up.to_sql(), down.to_sql()))
}

/// Plans the two files of a migration that comes behind `history`, and proves them.
pub(crate) fn plan_and_prove(
    difference: &SchemaDiff,
    history: Vec<Script>,
    tag: &str,
    options: &GenerateOptions,
) -> Result<(String, String), GenerateError> {
    let (up, down) = plan_both_ways(difference, options)?;
    let (up_sql, down_sql) = (up.to_sql(), down.to_sql());
    let claim = prove::Claim {
        diff: difference,
        base: &base::Base::Replay(history),
        up: (&up, &script(&format!("{tag}.sql"), &up_sql)?),
        down: (&down, &script(&format!("{tag}.down.sql"), &down_sql)?),
    };
    prove::prove(&claim).map_err(|error| GenerateError::new(GenerateErrorKind::Proof(error)))?;
    Ok((up_sql, down_sql))
}

/// Compares the declared schema with the folder's newest snapshot and plans the migration; `None` when nothing changed.
///
/// # Errors
///
/// When the folder cannot be read, an answer does not fit, or questions are open. Nothing is ever written here.
pub fn prepare(
    folder: &Folder,
    wanted: &Schema,
    options: &GenerateOptions,
) -> Result<Option<Draft>, GenerateError> {
    let history = folder.migrations()?;
    let journal = folder.journal()?.unwrap_or_else(|| Journal::new(Dialect::Sqlite));
    let previous = newest_snapshot(&history)?;
    let empty = Schema::default();
    let before = previous.as_ref().map_or(&empty, |snapshot| &snapshot.schema);

    let difference = diff(before, wanted, &options.renames)
        .map_err(|error| GenerateError::new(GenerateErrorKind::Rename(error)))?;
    refuse_idle_backfills(&options.backfills, &difference)?;
    if difference.is_empty() && difference.ambiguities.is_empty() {
        return Ok(None);
    }
    let (up, down) = plan_both_ways(&difference, options)?;
    let name = match &options.name {
        Some(name) => {
            naming::file_name(name).map_err(|error| GenerateError::new(GenerateErrorKind::Name(error)))?
        }
        None => migration_name(&difference),
    };
    let tag = naming::next_tag(&journal, &name)
        .map_err(|error| GenerateError::new(GenerateErrorKind::Name(error)))?;
    let previous_id = previous.as_ref().map(|snapshot| snapshot.id.as_str());
    let snapshot = Snapshot::new(Dialect::Sqlite, previous_id, with_clauses(wanted, &difference));
    let (up_sql, down_sql) = (up.to_sql(), down.to_sql());
    let up_script = script(&format!("{tag}.sql"), &up_sql)?;
    let down_script = script(&format!("{tag}.down.sql"), &down_sql)?;
    let now = when(options.now, &history);
    Ok(Some(Draft {
        diff: difference,
        up,
        down,
        tag,
        up_script,
        down_script,
        up_sql,
        down_sql,
        snapshot,
        history,
        now,
    }))
}

/// Returns the wanted schema with the clauses that a table has from a time before Rust source, and that no source says.
fn with_clauses(wanted: &Schema, difference: &SchemaDiff) -> Schema {
    let mut schema = wanted.clone();
    for table in &mut schema.tables {
        let before = difference.before.table(&difference.renames.old_table(&table.name));
        table.unmodelled = before.map(|before| before.unmodelled.clone()).unwrap_or_default();
    }
    schema
}

/// Returns the time that the journal gets: it goes forward even where a clock does not, because Drizzle's migrator
/// goes by it.
fn when(now: i64, history: &[Migration]) -> i64 {
    history.iter().map(|migration| migration.when().saturating_add(1)).fold(now, i64::max)
}

fn script(file: &str, sql: &str) -> Result<Script, GenerateError> {
    Script::parse(file, sql).map_err(|ScriptError { line, message, hint }| {
        GenerateError::new(GenerateErrorKind::Script { file: file.to_owned(), line, message, hint })
    })
}

fn newest_snapshot(history: &[Migration]) -> Result<Option<Snapshot>, GenerateError> {
    let Some(newest) = history.last() else { return Ok(None) };
    let missing = || GenerateError::new(GenerateErrorKind::NoSnapshot { tag: newest.tag().to_owned() });
    Ok(Some(newest.snapshot()?.ok_or_else(missing)?))
}

/// Plans both ways; every open question comes out at once.
fn plan_both_ways(difference: &SchemaDiff, options: &GenerateOptions) -> Result<(Plan, Plan), GenerateError> {
    let mut plan_options = PlanOptions {
        sqlite_version: options.sqlite_version,
        backfills: options.backfills.clone(),
        ..PlanOptions::default()
    };
    let open = |ambiguities: &[Ambiguity], questions: Vec<Question>| {
        GenerateError::new(GenerateErrorKind::Open { ambiguities: ambiguities.to_vec(), questions })
    };
    // While a rename is open, a question about the column in doubt would be premature.
    if !difference.ambiguities.is_empty() {
        return Err(open(&difference.ambiguities, Vec::new()));
    }
    let up = plan(difference, &plan_options).map_err(|questions| open(&[], questions))?;
    plan_options.direction = PlanDirection::Reverse;
    plan_options.backfills.clear();
    let reverse =
        difference.reverse().map_err(|error| GenerateError::new(GenerateErrorKind::Rename(error)))?;
    let down = plan::plan(&reverse, &plan_options).map_err(|questions| open(&[], questions))?;
    Ok((up, down))
}

/// Refuses a backfill that fills nothing: it is a slip of the pen, and the rows would go without.
///
/// # Errors
///
/// With the column of the first one that no row would take.
pub fn refuse_idle_backfills(backfills: &[Backfill], difference: &SchemaDiff) -> Result<(), GenerateError> {
    for backfill in backfills {
        let fault = |reason: &str| {
            let column = format!("{}.{}", backfill.table, backfill.column);
            Err(GenerateError::new(GenerateErrorKind::Backfill { column, reason: reason.to_owned() }))
        };
        let declared =
            difference.after.table(&backfill.table).map(|table| table.column(&backfill.column).is_some());
        match declared {
            None => return fault("the schema declares no such table"),
            Some(false) => return fault("the schema declares no such column"),
            Some(true) => {}
        }
        let of_table =
            difference.tables.iter().find(|table| table.after.name.eq_ignore_ascii_case(&backfill.table));
        let is_filled = of_table.is_some_and(|table| {
            let is = |name: &str| name.eq_ignore_ascii_case(&backfill.column);
            table.added_columns.iter().any(|column| is(&column.name))
                || table
                    .changed_columns
                    .iter()
                    .any(|change| is(change.name()) && change.before.nullable && !change.after.nullable)
        });
        if !is_filled && difference.ambiguities.is_empty() {
            return fault(
                "it is neither new nor made NOT NULL by this migration, so no row would take the value",
            );
        }
    }
    Ok(())
}

impl Draft {
    /// The SQL of the way forward, as it is written.
    pub fn up_sql(&self) -> &str {
        &self.up_sql
    }

    /// The SQL of the way back, as it is written.
    pub fn down_sql(&self) -> &str {
        &self.down_sql
    }

    /// Runs the migration in memory, forward and back, on tables with rows.
    ///
    /// # Errors
    ///
    /// When it is refused on the way or does not arrive.
    pub fn prove(&self) -> Result<(), GenerateError> {
        let texts: Vec<&str> = self.history.iter().map(Migration::up).collect();
        let base = match base::Base::part(&self.diff, &texts) {
            Some(part) => part,
            None => {
                let scripts =
                    self.history.iter().map(|migration| script(&migration.file_name(), migration.up()));
                let scripts = scripts.collect::<Result<Vec<_>, _>>()?;
                base::Base::Replay(scripts.into_iter().filter(|script| !script.skip_replay).collect())
            }
        };
        let claim = prove::Claim {
            diff: &self.diff,
            base: &base,
            up: (&self.up, &self.up_script),
            down: (&self.down, &self.down_script),
        };
        prove::prove(&claim).map_err(|error| GenerateError::new(GenerateErrorKind::Proof(error)))
    }

    /// Writes the two SQL files, the snapshot and the journal entry: all or none.
    ///
    /// # Errors
    ///
    /// When a file is in the way or cannot be written.
    pub fn write(&self, folder: &Folder) -> Result<(), GenerateError> {
        let new = NewMigration {
            tag: &self.tag,
            up: &self.up_sql,
            down: Some(&self.down_sql),
            snapshot: &self.snapshot,
            when: self.now,
        };
        Ok(folder.append(&new)?)
    }
}

/// Writes an empty pair of files for SQL by hand, with the schema as it is; returns the tag.
///
/// # Errors
///
/// When the folder cannot be read or written, or the name cannot be a file's.
pub fn custom(folder: &Folder, name: Option<&str>, now: i64) -> Result<String, GenerateError> {
    let history = folder.migrations()?;
    let journal = folder.journal()?.unwrap_or_else(|| Journal::new(Dialect::Sqlite));
    let previous = newest_snapshot(&history)?;
    let fault = |error| GenerateError::new(GenerateErrorKind::Name(error));
    let name = naming::file_name(name.unwrap_or("custom")).map_err(fault)?;
    let tag = naming::next_tag(&journal, &name).map_err(fault)?;
    let previous_id = previous.as_ref().map(|snapshot| snapshot.id.as_str());
    let schema = previous.as_ref().map(|snapshot| snapshot.schema.clone()).unwrap_or_default();
    let snapshot = Snapshot::new(Dialect::Sqlite, previous_id, schema);
    let up = "-- Write the SQL of this migration below. What it makes by hand is carried along and not compared.\n";
    let down = "-- Write the SQL that undoes this migration below.\n";
    folder.append(&NewMigration {
        tag: &tag,
        up,
        down: Some(down),
        snapshot: &snapshot,
        when: when(now, &history),
    })?;
    Ok(tag)
}
