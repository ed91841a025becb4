//! Generated rows: puts rows into every table of a live database that satisfy what the tables demand.
//!
//! An empty table hides what SQLite will refuse once it holds something, so a migration is proved on tables with rows.
//! Values are guessed from types, stored forms and the literals of conditions; SQLite is the judge: a row that it
//! refuses is changed where it was refused and tried again. The same seed gives the same rows. A table that takes no
//! row is reported with SQLite's reason, which is no error: its CHECKs may contradict each other.

mod hints;
mod keys;
mod likely;
mod orphans;
mod parents;
mod random;
mod table;
mod values;
mod words;

use std::collections::BTreeSet;
use std::fmt;

use rusqlite::Connection;
use seedbed_schema::model::{IndexTerm, Schema, Table};
use seedbed_schema::sql::SqlExpr;

use crate::error::Error;
use crate::inspect::inspect;
use crate::migrate::forms;
use hints::{ColumnHint, column_position};
use keys::{Keys, parents_first, parents_first_or_null, references};
use orphans::remove_orphans;
use table::TableFiller;

/// What the values are like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    /// Impolite ones: empty texts, quotes, other scripts, extremes, NULL wherever it is allowed. They find what a
    /// migration would lose.
    #[default]
    Probing,
    /// What a column of that name and type probably holds: names, addresses, times of the last years. References are
    /// spread over the whole parent. For rows that people look at, any number of them.
    Plausible,
}

/// How tables are filled.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::rows::{self, FillOptions, Manner};
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute_batch(
///     "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
///      CREATE TABLE posts (user_id INTEGER NOT NULL REFERENCES users (id), title TEXT NOT NULL)",
/// )?;
/// let schema = rows::schema(&connection)?;
/// let options = FillOptions { rows: 100, manner: Manner::Plausible, ..FillOptions::default() };
/// let report = rows::fill_with(connection.rusqlite(), &schema, &options)?;
/// assert_eq!(report.tables.iter().map(|table| table.rows).sum::<usize>(), 200);
/// # Ok::<(), seedbed::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct FillOptions<'a> {
    /// How many rows each table gets. Default: 1.
    pub rows: usize,
    /// The same seed gives the same rows. Default: 0.
    pub seed: u64,
    /// The tables to fill; `None` fills all.
    pub tables: Option<&'a [&'a str]>,
    /// What the values are like.
    pub manner: Manner,
    /// Whether everything is undone when a table takes no row at all. Default: no.
    pub all_or_nothing: bool,
    /// Called for every row.
    pub progress: Option<&'a dyn Fn(&FillProgress<'_>)>,
}

impl Default for FillOptions<'_> {
    fn default() -> Self {
        Self {
            rows: 1,
            seed: 0,
            tables: None,
            manner: Manner::default(),
            all_or_nothing: false,
            progress: None,
        }
    }
}

impl fmt::Debug for FillOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FillOptions")
            .field("rows", &self.rows)
            .field("seed", &self.seed)
            .field("tables", &self.tables)
            .field("manner", &self.manner)
            .field("all_or_nothing", &self.all_or_nothing)
            .finish_non_exhaustive()
    }
}

/// How far a filling is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillProgress<'a> {
    /// The table that is being filled.
    pub table: &'a str,
    /// How many rows all tables have got so far.
    pub rows: usize,
    /// How many they are to get.
    pub of: usize,
}

/// What [`fill`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FillReport {
    /// The tables, in the order in which they were filled: parents first.
    pub tables: Vec<FilledTable>,
    /// Whether all of it was undone, because a table took no row.
    pub undone: bool,
}

impl FillReport {
    /// Returns the tables that took no row at all.
    pub fn unfilled(&self) -> impl Iterator<Item = &FilledTable> {
        self.tables.iter().filter(|table| table.rows == 0)
    }
}

/// What [`fill`] did to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledTable {
    /// The table.
    pub table: String,
    /// How many rows were put in.
    pub rows: usize,
    /// Why there are fewer rows than wanted, mostly in SQLite's words.
    pub refusal: Option<String>,
}

/// Returns the schema of a live database, with what the stored forms of its columns are where migrations recorded it.
///
/// # Errors
///
/// When the database cannot be read.
pub fn schema(connection: &crate::Connection) -> Result<Schema, Error> {
    let connection = connection.rusqlite();
    let failed = |error| Error::context("cannot tell the tables of the database", error);
    let mut schema = inspect(connection).map_err(failed)?;
    let forms = forms::recorded(connection)?;
    for table in &mut schema.tables {
        for column in &mut table.columns {
            let name = format!("{}.{}", table.name, column.name).to_ascii_lowercase();
            if let Some(form) = forms.get(&name) {
                column.form = form.clone();
            }
        }
    }
    Ok(schema)
}

/// Puts up to `rows_per_table` generated rows into every table of the schema, or into those of `tables` only; the values
/// are [`Manner::Probing`].
///
/// The schema describes the database as it is. Rows that are there already stay as they are and are referred to. All
/// happens in one savepoint; foreign keys are not watched meanwhile, and no new row violates one in the end. Triggers
/// fire.
///
/// # Errors
///
/// When the database cannot be read or written at all: it is locked, full or no database.
///
/// ```
/// use seedbed::rows;
/// use seedbed_schema::model::{Check, Column, ColumnType, Schema, Table};
/// use seedbed_schema::sql::SqlExpr;
///
/// let connection = rusqlite::Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE dice (face INTEGER NOT NULL CHECK (face BETWEEN 1 AND 6))")?;
/// let face = Column { name: "face".into(), column_type: ColumnType::new("INTEGER"), ..Column::default() };
/// let check = Check { name: None, expr: SqlExpr::new("face BETWEEN 1 AND 6") };
/// let dice = Table { name: "dice".into(), columns: vec![face], checks: vec![check], ..Table::default() };
/// let schema = Schema { tables: vec![dice], ..Schema::default() };
///
/// let report = rows::fill(&connection, &schema, None, 3, 42)?;
/// assert_eq!(report.tables[0].rows, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fill(
    connection: &Connection,
    schema: &Schema,
    tables: Option<&[&str]>,
    rows_per_table: usize,
    seed: u64,
) -> Result<FillReport, Error> {
    let options = FillOptions { rows: rows_per_table, seed, tables, ..FillOptions::default() };
    fill_with(connection, schema, &options)
}

/// Puts generated rows into tables as [`fill`] does, with options.
///
/// # Errors
///
/// As [`fill`].
pub fn fill_with(
    connection: &Connection,
    schema: &Schema,
    options: &FillOptions<'_>,
) -> Result<FillReport, Error> {
    let wanted = |table: &&Table| {
        options.tables.is_none_or(|names| names.iter().any(|name| name.eq_ignore_ascii_case(&table.name)))
    };
    let wanted: BTreeSet<String> =
        schema.tables.iter().filter(wanted).map(|table| table.name.to_ascii_lowercase()).collect();
    let keys = KeysPaused::new(connection)?;
    connection.execute_batch("SAVEPOINT __seedbed_rows")?;
    let mut outcome = fill_tables(connection, schema, &wanted, options, keys.enforced);
    if let Ok(report) = &mut outcome {
        report.undone = options.all_or_nothing && options.rows > 0 && report.unfilled().next().is_some();
    }
    let end = match &outcome {
        Ok(report) if !report.undone => "RELEASE __seedbed_rows",
        _ => "ROLLBACK TO __seedbed_rows; RELEASE __seedbed_rows",
    };
    let ended = connection.execute_batch(end);
    keys.resume(connection)?;
    let report = outcome?;
    ended?;
    Ok(report)
}

/// Foreign keys that are not watched for a while. Outside a transaction they are switched off; inside one SQLite allows
/// no more than to put the watching off until the COMMIT.
struct KeysPaused {
    /// Whether they were watched before.
    enforced: bool,
    resume: &'static str,
}

impl KeysPaused {
    fn new(connection: &Connection) -> rusqlite::Result<Self> {
        let is_on = |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0));
        let enforced: bool = is_on("foreign_keys")?;
        let deferred: bool = is_on("defer_foreign_keys")?;
        let (pause, resume) = match (enforced, connection.is_autocommit()) {
            (true, true) => ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
            (true, false) if !deferred => {
                ("PRAGMA defer_foreign_keys = ON", "PRAGMA defer_foreign_keys = OFF")
            }
            _ => ("", ""),
        };
        connection.execute_batch(pause)?;
        Ok(Self { enforced, resume })
    }

    fn resume(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(self.resume)
    }
}

fn fill_tables(
    connection: &Connection,
    schema: &Schema,
    wanted: &BTreeSet<String>,
    options: &FillOptions<'_>,
    enforced: bool,
) -> rusqlite::Result<FillReport> {
    let tables = match options.manner {
        Manner::Probing => parents_first(schema, wanted),
        Manner::Plausible => parents_first_or_null(schema, wanted),
    };
    let mut keys = Keys::new(connection, wanted.clone());
    let mut hints = all_hints(schema, &tables);
    let mut fillers: Vec<TableFiller<'_>> = Vec::with_capacity(tables.len());
    let (mut before, of) = (0, tables.len() * options.rows);
    for (table, hints) in tables.iter().zip(&mut hints) {
        let mut filler = TableFiller::new(schema, table, std::mem::take(hints), options.seed, options.manner);
        let tell = |rows: usize| {
            if let Some(tell) = options.progress {
                tell(&FillProgress { table: &table.name, rows: before + rows, of });
            }
        };
        filler.fill(connection, &mut keys, options.rows, &tell)?;
        keys.filled(&table.name);
        fillers.push(filler);
        before += options.rows;
    }
    // Rows whose promised parent did not come, or whose key changed its type on the way, go again; what is missing then
    // is made anew from keys that exist.
    for last_round in [false, true] {
        if !remove_orphans(connection, &mut fillers, enforced)? {
            break;
        }
        for filler in fillers.iter_mut().filter(|filler| !last_round && filler.rows.len() < options.rows) {
            keys.forget(&filler.table.name);
            filler.fill(connection, &mut keys, options.rows, &|_| ())?;
        }
    }
    let filled = fillers.into_iter().map(|filler| FilledTable {
        table: filler.table.name.clone(),
        rows: filler.rows.len(),
        refusal: filler.refusal,
    });
    Ok(FillReport { tables: filled.collect(), undone: false })
}

/// Returns the hints for every table. What a child demands of a foreign key's column is a hint for its parent too.
fn all_hints(schema: &Schema, tables: &[&Table]) -> Vec<Vec<ColumnHint>> {
    let mut hints: Vec<Vec<ColumnHint>> = tables.iter().map(|table| own_hints(table)).collect();
    for (at, table) in tables.iter().enumerate() {
        if hints[at].is_empty() {
            continue;
        }
        for reference in references(schema, table).iter().filter(|reference| !reference.to_itself) {
            let is_parent = |parent: &&&Table| parent.name.eq_ignore_ascii_case(reference.parent);
            let Some(parent) = tables.iter().position(|table| is_parent(&table)) else { continue };
            for (column, name) in reference.columns.iter().zip(&reference.parent_columns) {
                let Some(place) = column_position(tables[parent], name) else { continue };
                let passed: Vec<ColumnHint> = (hints[at].iter().filter(|hint| hint.column == *column))
                    .map(|hint| ColumnHint { column: place, ..hint.clone() })
                    .collect();
                hints[parent].extend(passed);
            }
        }
    }
    hints
}

/// Returns the hints from a table's own checks, and weaker ones from its indexes and generated columns.
fn own_hints(table: &Table) -> Vec<ColumnHint> {
    let mut found: Vec<ColumnHint> =
        table.checks.iter().flat_map(|check| hints::hints(&check.expr, table)).collect();
    let generated =
        table.columns.iter().filter_map(|column| column.generated.as_ref()).map(|made| &made.expr);
    let terms =
        table.indexes.iter().flat_map(|index| &index.columns).filter_map(|column| match &column.term {
            IndexTerm::Expr(expr) => Some(expr),
            IndexTerm::Column(_) => None,
        });
    let predicates = table.indexes.iter().filter_map(|index| index.predicate.as_ref());
    let others: Vec<&SqlExpr> = generated.chain(terms).chain(predicates).collect();
    let weak = others.into_iter().flat_map(|expr| hints::hints(expr, table));
    found.extend(weak.map(|hint| ColumnHint { strong: false, ..hint }));
    found
}
