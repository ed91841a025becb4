//! Runs a planned script the way the runner does, without history and lock.

use rusqlite::Connection;
use seedbed_schema::sql::split_statements;

/// Runs the statements in one transaction; the error names the statement.
pub(crate) fn run(connection: &Connection, script: &str) -> Result<(), String> {
    let batch = |sql: &str| connection.execute_batch(sql).map_err(|error| format!("{error}\nin: {sql}"));
    let statements = split_statements(script);
    let unhinge = statements.iter().any(|statement| {
        statement.text.starts_with("CREATE TABLE \"__seedbed_new_")
            || statement.text.starts_with("DROP TABLE")
    });
    if unhinge {
        batch("PRAGMA foreign_keys = OFF")?;
    }
    batch("BEGIN IMMEDIATE")?;
    let outcome = statements.iter().try_for_each(|statement| {
        let renames_rebuilt = statement.text.starts_with("ALTER TABLE \"__seedbed_new_");
        if renames_rebuilt {
            batch("PRAGMA legacy_alter_table = ON")?;
        }
        batch(statement.text)?;
        batch("PRAGMA legacy_alter_table = OFF")
    });
    let outcome = outcome.and_then(|()| sound(connection)).and_then(|()| batch("COMMIT"));
    if outcome.is_err() && !connection.is_autocommit() {
        batch("ROLLBACK")?;
    }
    batch("PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = ON")?;
    outcome
}

/// Foreign keys that the script broke while nobody watched.
fn sound(connection: &Connection) -> Result<(), String> {
    let mut check = connection.prepare("PRAGMA foreign_key_check").map_err(|error| error.to_string())?;
    let violation = check.query_row([], |row| Ok(format!("{:?} {:?}", row.get_ref(0)?, row.get_ref(2)?)));
    match violation {
        Ok(violation) => Err(format!("foreign key violated: {violation}")),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
