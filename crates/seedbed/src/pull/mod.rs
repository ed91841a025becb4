//! Takes a database that no migration of ours made as it is: what its tables are as Rust, and the migrations that
//! would have made it.
//!
//! ```text
//! database ─ inspect ─┬─ what structs can say ──► Rust source ─ read (by the caller) ─► declared ─┐
//!                     │                                                                           ├─► 0000_baseline
//!                     └─ the rest: triggers, virtual tables, what no struct says ─────────────────┴─► 0001_by_hand
//!                                                                                 both tried in memory, and compared
//! ```
//!
//! ```
//! use seedbed::{Connection, pull::Pull};
//!
//! let connection = Connection::open_in_memory()?;
//! connection.execute_batch("CREATE TABLE trees (name TEXT PRIMARY KEY NOT NULL)")?;
//! let pull = Pull::of(connection.rusqlite(), "The tables.").unwrap();
//! assert!(pull.source.text.contains("pub struct Tree"));
//! let baseline = pull.baseline(&pull.declared).unwrap();
//! assert!(baseline[0].up.contains("CREATE TABLE \"trees\""));
//! # Ok::<(), seedbed::Error>(())
//! ```

mod by_hand;
mod error;

use std::collections::BTreeMap;

use rusqlite::Connection;
use seedbed_schema::diff::{Change, Renames, diff};
use seedbed_schema::journal::{self, Journal};
use seedbed_schema::model::{Dialect, Schema};
use seedbed_schema::plan::{Direction, PlanOptions, create_statements, plan};
use seedbed_schema::snapshot::{self, Snapshot};
use seedbed_schema::sql::quote_identifier;
use seedbed_schema::write::{RustSource, ViewColumns, infer_forms, rust_source};

pub use error::PullError;

use crate::inspect::{Inspection, inspect_all, view_columns};
use crate::migrate::folder::JOURNAL;
use crate::migrate::forms;
use crate::migrate::rewrite::Rewrite;
use crate::migrate::script::Script;
use crate::migrate::writer::snapshot_name;
use crate::migrate::{Folder, FolderError};
use crate::replay;
use by_hand::ByHand;
use error::Kind;

/// The name of the migration that would have made the database.
pub const BASELINE: &str = "0000_baseline";

/// What lies between statements of a file, for the eye and for tools that cut there.
const BREAKPOINT: &str = "--> statement-breakpoint";

/// A database as it was found.
#[derive(Debug)]
pub struct Pull {
    /// Its tables and views as Rust source, and what that does not say.
    pub source: RustSource,
    /// What the source declares.
    pub declared: Schema,
    live: Inspection,
    /// The CREATE statement of every object, in the order in which they were made.
    texts: Vec<Text>,
}

/// An object of the database as SQLite keeps it.
#[derive(Debug, Clone)]
struct Text {
    kind: String,
    name: String,
    table: String,
    sql: String,
}

/// A migration that would have made the database, or part of it.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// The files' name without `.sql`.
    pub tag: String,
    /// The SQL that leads forward.
    pub up: String,
    /// The SQL that leads back.
    pub down: String,
    /// The schema afterwards.
    pub snapshot: Snapshot,
    /// What it makes that Rust source does not say, in words.
    pub by_hand: Vec<String>,
    /// Views and triggers that do not work in the database itself, with SQLite's words; no migration makes them.
    pub broken: Vec<String>,
}

impl Pull {
    /// Looks at a database; the lines of `heading` become the first comment of the source.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or has no table.
    pub fn of(connection: &Connection, heading: &str) -> Result<Self, PullError> {
        let mut live = inspect_all(connection).map_err(|error| PullError(Kind::Inspect(error)))?;
        if live.schema.tables.is_empty() {
            return Err(PullError(Kind::Empty));
        }
        add_recorded_forms(connection, &mut live.schema)?;
        infer_forms(&mut live.schema);
        let views = view_columns(connection).map_err(|error| PullError(Kind::Inspect(error)))?;
        let (source, said) = said(&live, &views, heading);
        let mut declared = Schema { triggers: Vec::new(), ..said };
        declared.tables.retain(|table| !source.leaves_out("table", &table.name));
        declared.views.retain(|view| !source.leaves_out("view", &view.name));
        Ok(Self { source, declared, live, texts: texts(connection)? })
    }

    /// Makes the migrations that would have made the database: one for what `declared` says, which is the source read
    /// back, and one for the rest, if there is any. Both were run in memory and led to the same database.
    ///
    /// # Errors
    ///
    /// When the database does not come out of it.
    pub fn baseline(&self, declared: &Schema) -> Result<Vec<Baseline>, PullError> {
        let renames = Renames::default().nothing_else();
        let missing =
            diff(&self.declared, declared, &renames).map(|found| found.changes()).unwrap_or_default();
        if !missing.is_empty() {
            return Err(PullError(Kind::Elsewhere(missing)));
        }
        let mut declared = declared.clone();
        for table in &mut declared.tables {
            let live = self.live.schema.table(&table.name);
            table.unmodelled = live.map(|table| table.unmodelled.clone()).unwrap_or_default();
        }
        let mut by_hand = ByHand::of(self);
        // Our own words are the easier to read; SQLite's own are right whatever is in them.
        let (up, connection) = match self.try_out(&self.statements()) {
            Ok(connection) => (self.statements(), connection),
            Err(_) => (self.verbatim(), self.try_out(&self.verbatim())?),
        };
        let snapshot = Snapshot::new(Dialect::Sqlite, None, declared.clone());
        let mut migrations = vec![Baseline {
            tag: BASELINE.to_owned(),
            up: file("The database as it was found.", &up),
            down: down_of(&declared),
            snapshot: snapshot.clone(),
            by_hand: Vec::new(),
            broken: Vec::new(),
        }];
        let mut gone = Schema::default();
        if !by_hand.is_empty() {
            let (runs, broken) =
                by_hand.try_out(|sql| run(&connection, &[sql.to_owned()]).map_err(|error| error.words()));
            let mut heading =
                "What Rust source does not say. It is carried along and not compared.".to_owned();
            if !runs {
                heading.push_str("\nseedbed: skip-replay");
            }
            migrations.push(Baseline {
                tag: "0001_by_hand".to_owned(),
                up: file(&heading, &by_hand.up),
                down: file("Takes away what the file beside it makes.", &by_hand.down),
                snapshot: Snapshot::new(Dialect::Sqlite, Some(&snapshot.id), declared),
                by_hand: by_hand.names(),
                broken: broken
                    .iter()
                    .map(|(text, error)| format!("the {} `{}`: {error}", text.kind, text.name))
                    .collect(),
            });
            if by_hand.is_empty() {
                // Nothing of it works; what was found is told with the baseline.
                let told = migrations.pop().map(|migration| migration.broken).unwrap_or_default();
                migrations[0].broken = told;
            }
            if !runs {
                return Ok(migrations);
            }
            gone = self.live.schema.clone();
            gone.views.retain(|view| broken.iter().any(|(text, _)| text.name == view.name));
            gone.triggers.retain(|trigger| broken.iter().any(|(text, _)| text.name == trigger.name));
        }
        let made = inspect_all(&connection).map_err(|error| PullError(Kind::Inspect(error)))?;
        let mut wanted = self.live.schema.clone();
        wanted.views.retain(|view| gone.view(&view.name).is_none());
        wanted.triggers.retain(|trigger| gone.trigger(&trigger.name).is_none());
        let missing = differences(&made.schema, &wanted);
        if missing.is_empty() { Ok(migrations) } else { Err(PullError(Kind::Elsewhere(missing))) }
    }

    /// Looks at a database whose declared schema is known.
    pub(crate) fn with_declared(connection: &Connection, declared: &Schema) -> Result<Self, PullError> {
        let live = inspect_all(connection).map_err(|error| PullError(Kind::Inspect(error)))?;
        let mut declared = declared.clone();
        for table in &mut declared.tables {
            let live = live.schema.table(&table.name);
            table.unmodelled = live.map(|table| table.unmodelled.clone()).unwrap_or_default();
        }
        Ok(Self { source: RustSource::default(), declared, live, texts: texts(connection)? })
    }

    /// Returns what makes the database, with `rows` put in before triggers watch, and what takes it all away. Nothing is
    /// compared here.
    pub(crate) fn both_ways(&self, heading: &str, rows: &[String]) -> (String, String) {
        let by_hand = ByHand::of(self);
        let mut up = match self.runs(&self.statements()) {
            true => self.statements(),
            false => self.verbatim(),
        };
        up.extend(by_hand.before_triggers());
        up.extend(rows.iter().cloned());
        up.extend(by_hand.triggers());
        let mut down = file("Takes everything away that the file beside it makes.", &by_hand.down);
        if !by_hand.down.is_empty() {
            down.push_str(&format!("{BREAKPOINT}\n"));
        }
        down.push_str(&down_of(&self.declared));
        (file(heading, &up), down)
    }

    fn runs(&self, statements: &[String]) -> bool {
        self.try_out(statements).is_ok()
    }

    /// Returns the statements for what is declared, in our words; a table with a clause that the model does not have
    /// keeps SQLite's.
    fn statements(&self) -> Vec<String> {
        let own: BTreeMap<String, &str> = self
            .declared
            .tables
            .iter()
            .filter(|table| !table.unmodelled.is_empty())
            .filter_map(|table| {
                let alone = Schema { tables: vec![table.clone()], ..Schema::default() };
                Some((create_statements(&alone).into_iter().next()?, self.sql("table", &table.name)?))
            })
            .collect();
        let statements = create_statements(&self.declared).into_iter();
        statements.map(|sql| own.get(&sql).map_or(sql, |own| (*own).to_owned())).collect()
    }

    /// Returns the same in the words that SQLite kept.
    fn verbatim(&self) -> Vec<String> {
        let is_declared = |text: &&Text| match text.kind.as_str() {
            "table" | "index" => self.declared.table(&text.table).is_some(),
            "view" => self.declared.view(&text.name).is_some(),
            _ => false,
        };
        let order = |text: &&Text| ["table", "index", "view"].iter().position(|kind| *kind == text.kind);
        let mut texts: Vec<&Text> = self.texts.iter().filter(is_declared).collect();
        texts.sort_by_key(order);
        texts.into_iter().map(|text| text.sql.clone()).collect()
    }

    fn sql(&self, kind: &str, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|text| text.kind == kind && text.name.eq_ignore_ascii_case(name));
        found.map(|text| text.sql.as_str())
    }

    /// Runs the statements on an empty database and compares what they make with what is declared.
    fn try_out(&self, statements: &[String]) -> Result<Connection, PullError> {
        let connection = replay::in_memory()?;
        run(&connection, statements)?;
        let made = inspect_all(&connection).map_err(|error| PullError(Kind::Inspect(error)))?;
        let missing = differences(&made.schema, &self.declared);
        let clauses = |schema: &Schema| {
            let tables = schema.tables.iter();
            tables.map(|table| (table.name.clone(), table.unmodelled.clone())).collect::<BTreeMap<_, _>>()
        };
        if missing.is_empty() && clauses(&made.schema) == clauses(&self.declared) {
            Ok(connection)
        } else {
            Err(PullError(Kind::Elsewhere(missing)))
        }
    }
}

/// Writes what was found anywhere as Rust source; the lines of `heading` become its first comment.
///
/// Which columns a view has is asked of SQLite, on a database in memory. A view that cannot be made there, because it
/// reads a virtual table, is among what is left out.
///
/// # Errors
///
/// When no database can be made in memory.
///
/// ```
/// use seedbed::pull::rust_of;
///
/// let found = seedbed::sql_source::read("CREATE TABLE trees (name TEXT); CREATE VIEW high AS SELECT name FROM trees").unwrap().found;
/// let source = rust_of(&found, "The trees.").unwrap();
/// assert!(source.text.contains("pub struct Tree {") && source.text.contains("pub struct High {"));
/// ```
pub fn rust_of(found: &Inspection, heading: &str) -> Result<RustSource, PullError> {
    let connection = replay::in_memory()?;
    let plain = Schema { triggers: Vec::new(), ..found.schema.clone() };
    for statement in create_statements(&plain) {
        // What does not run here leaves the views that need it without columns, and so out of the source.
        let _ = connection.execute_batch(&statement);
    }
    let views = view_columns(&connection).map_err(|error| PullError(Kind::Inspect(error)))?;
    Ok(said(found, &views, heading).0)
}

/// Writes what structs can say, and returns it with the schema that is left for them.
fn said(live: &Inspection, views: &ViewColumns, heading: &str) -> (RustSource, Schema) {
    let alone = rust_source(&live.schema, views, heading);
    let sayable = by_hand::sayable(live, &alone.left_out);
    let mut source = rust_source(&sayable.schema, views, heading);
    source.left_out.extend(sayable.left_out);
    (source, sayable.schema)
}

/// Gives the columns the stored forms that the database's own record has for them.
///
/// # Errors
///
/// When the record cannot be read.
///
/// ```
/// use seedbed::{Connection, inspect::inspect, pull::add_recorded_forms};
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE trees (name TEXT)")?;
/// let mut schema = inspect(connection.rusqlite()).unwrap();
/// add_recorded_forms(connection.rusqlite(), &mut schema).unwrap();
/// assert!(schema.tables[0].columns[0].form.is_plain());
/// # Ok::<(), seedbed::Error>(())
/// ```
pub fn add_recorded_forms(connection: &Connection, schema: &mut Schema) -> Result<(), PullError> {
    let recorded = forms::recorded(connection)?;
    for table in &mut schema.tables {
        for column in &mut table.columns {
            let name = format!("{}.{}", table.name, column.name).to_ascii_lowercase();
            column.form = recorded.get(&name).cloned().unwrap_or_default();
        }
    }
    Ok(())
}

/// Writes the migrations into a folder that has none: all of them or nothing.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(folder: &Folder, migrations: &[Baseline], now: i64) -> Result<(), FolderError> {
    if migrations.is_empty() {
        return Ok(());
    }
    let mut journal = Journal::new(Dialect::Sqlite);
    let mut rewrite = Rewrite::default();
    for (number, migration) in (0_i64..).zip(migrations) {
        journal.append(&migration.tag, now.saturating_add(number));
        rewrite.write(format!("{}.sql", migration.tag), &migration.up);
        rewrite.write(format!("{}.down.sql", migration.tag), &migration.down);
        rewrite.write(snapshot_name(&migration.tag), snapshot::render(&migration.snapshot));
    }
    rewrite.write(JOURNAL, journal::render(&journal));
    folder.make()?;
    rewrite.apply(folder)
}

fn texts(connection: &Connection) -> Result<Vec<Text>, PullError> {
    let mut statement = connection.prepare(
        "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Text { kind: row.get(0)?, name: row.get(1)?, table: row.get(2)?, sql: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Runs statements as the migrator would.
fn run(connection: &Connection, statements: &[String]) -> Result<(), PullError> {
    let script = Script::parse("0000_baseline.sql", &file("", statements)).map_err(|error| {
        PullError(Kind::Failure(crate::migrate::Failure::script("0000_baseline.sql", error)))
    })?;
    replay::apply(connection, &script).map_err(|failure| PullError(Kind::Failure(failure)))
}

fn differences(made: &Schema, wanted: &Schema) -> Vec<Change> {
    let plain = |schema: &Schema| {
        let mut schema = schema.clone();
        let columns = schema.tables.iter_mut().flat_map(|table| &mut table.columns);
        columns.for_each(|column| column.form = Default::default());
        schema
    };
    let renames = Renames::default().nothing_else();
    diff(&plain(made), &plain(wanted), &renames).map(|found| found.changes()).unwrap_or_default()
}

/// Lays statements out as a migration file under a comment.
fn file(heading: &str, statements: &[String]) -> String {
    let mut text: String = heading.lines().map(|line| format!("-- {line}\n")).collect();
    let statements: Vec<String> =
        statements.iter().map(|sql| format!("{};\n", sql.trim_end_matches(';'))).collect();
    text.push_str(&statements.join(&format!("{BREAKPOINT}\n")));
    text
}

fn down_of(declared: &Schema) -> String {
    let renames = Renames::default().nothing_else();
    let options = PlanOptions { direction: Direction::Reverse, ..PlanOptions::default() };
    let planned =
        diff(declared, &Schema::default(), &renames).ok().and_then(|found| plan(&found, &options).ok());
    match planned {
        Some(planned) => planned.to_sql(),
        None => {
            let drop = |kind: &str, name: &str| format!("DROP {kind} {}", quote_identifier(name));
            let views = declared.views.iter().rev().map(|view| drop("VIEW", &view.name));
            let tables = declared.tables.iter().rev().map(|table| drop("TABLE", &table.name));
            file("Drops everything.", &views.chain(tables).collect::<Vec<_>>())
        }
    }
}
