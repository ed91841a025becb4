//! Rows as text for messages: `id = 'p3', user_id = 'u9'`.

use rusqlite::Connection;
use seedbed_schema::sql::quote_identifier;

use super::script::is_same;

/// How many rows a message names.
pub(super) const SHOWN: usize = 5;

/// Returns the columns that tell a table's rows apart: its primary key, or else the rowid under a name that no
/// column has.
pub(super) fn key_columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let columns = columns(connection, table)?;
    let mut key: Vec<&(String, i64)> = columns.iter().filter(|(_, position)| *position > 0).collect();
    key.sort_by_key(|(_, position)| *position);
    if !key.is_empty() {
        return Ok(key.into_iter().map(|(name, _)| name.clone()).collect());
    }
    Ok(rowid_name(&columns).into_iter().map(str::to_owned).collect())
}

/// Returns the name by which a table's rowid can be reached; `None` for a table without one.
pub(super) fn rowid_column(connection: &Connection, table: &str) -> rusqlite::Result<Option<&'static str>> {
    let sql = "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower(?1)";
    let without_rowid: bool = connection.query_row(sql, [table], |row| row.get(0))?;
    Ok(if without_rowid { None } else { rowid_name(&columns(connection, table)?) })
}

fn rowid_name(columns: &[(String, i64)]) -> Option<&'static str> {
    let is_taken = |name: &str| columns.iter().any(|(column, _)| is_same(column, name));
    ["rowid", "oid", "_rowid_"].into_iter().find(|name| !is_taken(name))
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<(String, i64)>> {
    let mut statement = connection.prepare("SELECT name, pk FROM pragma_table_xinfo(?1, 'main')")?;
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Returns an SQL expression that yields the columns as `a = 1, b = 'x'`.
pub(super) fn text_expression(columns: &[String]) -> String {
    let parts: Vec<String> = columns
        .iter()
        .map(|column| {
            let label = format!("{column} = ").replace('\'', "''");
            let value = quote_identifier(column);
            // A value of a megabyte helps nobody.
            format!("'{label}' || CASE WHEN length({value}) > 60 THEN quote(substr({value}, 1, 60)) || '\u{2026}' ELSE quote({value}) END")
        })
        .collect();
    if parts.is_empty() { "'?'".to_owned() } else { parts.join(" || ', ' || ") }
}

/// Runs a query that yields one text a row, and returns the first rows.
pub(super) fn texts(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.take(SHOWN).collect()
}
