//! Generated rows: puts rows into every table of a live database that satisfy what the tables demand.
//!
//! An empty table hides what SQLite will refuse once it holds something, so a migration is proved on tables with rows.
//! Values are guessed from types, stored forms and the literals of conditions; SQLite is the judge: a row that it
//! refuses is changed where it was refused and tried again. The same seed gives the same rows. A table that takes no
//! row is reported with SQLite's reason, which is no error: its CHECKs may contradict each other.

mod hints;
mod keys;
mod orphans;
mod random;
mod table;
mod values;

use std::collections::BTreeSet;

use rusqlite::Connection;
use seedbed_schema::model::{IndexTerm, Schema, Table};
use seedbed_schema::sql::SqlExpr;

use crate::error::Error;
use hints::{ColumnHint, column_position};
use keys::{Keys, parents_first, references};
use orphans::remove_orphans;
use table::TableFiller;

/// What [`fill`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FillReport {
    /// The tables, in the order in which they were filled: parents first.
    pub tables: Vec<FilledTable>,
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

/// Puts up to `rows_per_table` generated rows into every table of the schema, or into those of `tables` only.
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
    let wanted = |table: &&Table| {
        tables.is_none_or(|names| names.iter().any(|name| name.eq_ignore_ascii_case(&table.name)))
    };
    let wanted: BTreeSet<String> =
        schema.tables.iter().filter(wanted).map(|table| table.name.to_ascii_lowercase()).collect();
    let keys = KeysPaused::new(connection)?;
    connection.execute_batch("SAVEPOINT __seedbed_rows")?;
    let outcome = fill_tables(connection, schema, &wanted, (rows_per_table, seed), keys.enforced);
    let end = match &outcome {
        Ok(_) => "RELEASE __seedbed_rows",
        Err(_) => "ROLLBACK TO __seedbed_rows; RELEASE __seedbed_rows",
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
    (rows_per_table, seed): (usize, u64),
    enforced: bool,
) -> rusqlite::Result<FillReport> {
    let tables = parents_first(schema, wanted);
    let mut keys = Keys::new(connection, wanted.clone());
    let mut hints = all_hints(schema, &tables);
    let mut fillers: Vec<TableFiller<'_>> = Vec::with_capacity(tables.len());
    for (table, hints) in tables.iter().zip(&mut hints) {
        let mut filler = TableFiller::new(schema, table, std::mem::take(hints), seed);
        filler.fill(connection, &mut keys, rows_per_table)?;
        keys.filled(&table.name);
        fillers.push(filler);
    }
    // Rows whose promised parent did not come, or whose key changed its type on the way, go again; what is missing then
    // is made anew from keys that exist.
    for last_round in [false, true] {
        if !remove_orphans(connection, &mut fillers, enforced)? {
            break;
        }
        for filler in fillers.iter_mut().filter(|filler| !last_round && filler.rows.len() < rows_per_table) {
            keys.forget(&filler.table.name);
            filler.fill(connection, &mut keys, rows_per_table)?;
        }
    }
    let filled = fillers.into_iter().map(|filler| FilledTable {
        table: filler.table.name.clone(),
        rows: filler.rows.len(),
        refusal: filler.refusal,
    });
    Ok(FillReport { tables: filled.collect() })
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
