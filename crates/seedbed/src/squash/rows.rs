//! The rows that files leave in an empty database, as values and as INSERT statements.

use rusqlite::Connection;
use seedbed_schema::sql::quote_identifier;

use crate::inspect::Inspection;

/// How many rows one statement puts in.
const ROWS_PER_STATEMENT: usize = 100;

/// A table with rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) name: String,
    columns: Vec<String>,
    /// Each value as an SQL literal.
    pub(super) rows: Vec<Vec<String>>,
}

/// Returns the tables that have rows, with all of them.
pub(super) fn of(connection: &Connection, found: &Inspection) -> rusqlite::Result<Vec<Filled>> {
    let mut filled = Vec::new();
    for table in &found.schema.tables {
        filled.push(read(connection, &table.name, false)?);
    }
    for name in &found.virtual_tables {
        filled.push(read(connection, name, true)?);
    }
    filled.retain(|table| !table.rows.is_empty());
    Ok(filled)
}

fn read(connection: &Connection, name: &str, is_virtual: bool) -> rusqlite::Result<Filled> {
    let mut statement =
        connection.prepare("SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden = 0")?;
    let names = statement.query_map([name], |row| row.get::<_, String>(0))?;
    let mut columns: Vec<String> =
        names.map(|name| Ok(quote_identifier(&name?))).collect::<rusqlite::Result<_>>()?;
    if is_virtual {
        // What it indexes is found by its number.
        columns.insert(0, "rowid".to_owned());
    }
    let values: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
    let sql = format!("SELECT {} FROM main.{}", values.join(", "), quote_identifier(name));
    let mut statement = connection.prepare(&sql)?;
    let rows =
        statement.query_map([], |row| (0..columns.len()).map(|at| row.get::<_, String>(at)).collect())?;
    let rows = rows.collect::<rusqlite::Result<Vec<Vec<String>>>>()?;
    Ok(Filled { name: name.to_owned(), columns, rows })
}

/// Returns the statements that put the rows in. Keys are checked when all are there, as tables may refer to each other.
pub(super) fn inserts(filled: &[Filled]) -> Vec<String> {
    let mut statements = Vec::new();
    if !filled.is_empty() {
        statements.push("PRAGMA defer_foreign_keys = ON".to_owned());
    }
    for table in filled {
        for rows in table.rows.chunks(ROWS_PER_STATEMENT) {
            let rows: Vec<String> = rows.iter().map(|row| format!("  ({})", row.join(", "))).collect();
            statements.push(format!(
                "INSERT INTO {} ({}) VALUES\n{}",
                quote_identifier(&table.name),
                table.columns.join(", "),
                rows.join(",\n")
            ));
        }
    }
    statements
}
