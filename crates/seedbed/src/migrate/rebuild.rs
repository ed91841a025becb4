//! What a rebuild must not lose: rows, columns that nobody declared, the AUTOINCREMENT counter, children's rows.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};
use seedbed_schema::sql::{TokenKind, quote_identifier, tokenize};

use super::failure::{Failure, FailureKind};
use super::history::has_table;
use super::script::{Action, ObjectKind, Rebuild, Script, is_same};

/// Fails when dropping the old table would lose something. It is called right before the DROP TABLE, while both
/// tables are there.
pub(super) fn check(connection: &Connection, script: &Script, rebuild: &Rebuild) -> Result<(), Failure> {
    let database = |error| Failure::database(&script.name, error);
    if !has_table(connection, &rebuild.table).map_err(database)?
        || !has_table(connection, &rebuild.new_table).map_err(database)?
    {
        // SQLite will say which one is missing.
        return Ok(());
    }
    for column in live_columns(connection, &rebuild.table).map_err(database)? {
        if !is_accounted_for(connection, script, rebuild, &column).map_err(database)? {
            return Err(not_copied(connection, script, rebuild, &column.name));
        }
    }
    let before = count(connection, &rebuild.table).map_err(database)?;
    let after = count(connection, &rebuild.new_table).map_err(database)?;
    if before != after {
        let (table, new_table) = (&rebuild.table, &rebuild.new_table);
        let message = format!(
            "`{table}` has {before} rows, but `{new_table}`, which is to take its place, has {after}"
        );
        return Err(Failure::statement(FailureKind::RowCount, script, rebuild.drop_at, message).hint(
            "copy every row; rows that are to go are deleted by a DELETE of their own before the copy",
        ));
    }
    Ok(())
}

struct LiveColumn {
    name: String,
    is_generated: bool,
}

fn live_columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<LiveColumn>> {
    let sql = "SELECT name, hidden FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([table], |row| {
        Ok(LiveColumn { name: row.get(0)?, is_generated: row.get::<_, i64>(1)? > 1 })
    })?;
    rows.collect()
}

/// Whether a column is copied, dropped on purpose, or computed from now on.
fn is_accounted_for(
    connection: &Connection,
    script: &Script,
    rebuild: &Rebuild,
    column: &LiveColumn,
) -> rusqlite::Result<bool> {
    if rebuild.dropped_columns.iter().any(|name| is_same(name, &column.name)) {
        return Ok(true);
    }
    let kept = live_columns(connection, &rebuild.new_table)?;
    let kept = kept.iter().find(|kept| is_same(&kept.name, &column.name));
    if let Some(kept) = kept
        && (column.is_generated || kept.is_generated)
    {
        return Ok(true);
    }
    if column.is_generated {
        return Ok(false);
    }
    Ok(rebuild.inserts.iter().any(|insert| mentions(&script.statements[*insert].text, &column.name)))
}

/// Whether a statement names the column, or takes all columns with a `*`.
fn mentions(statement: &str, column: &str) -> bool {
    let tokens: Vec<_> = tokenize(statement).into_iter().filter(|token| !token.is_trivia()).collect();
    tokens.iter().enumerate().any(|(index, token)| match token.kind {
        TokenKind::Word | TokenKind::Quoted => token.identifier().is_some_and(|name| is_same(&name, column)),
        TokenKind::Symbol if token.text == "*" => {
            index > 0
                && (tokens[index - 1].is_word("SELECT")
                    || tokens[index - 1].is_symbol(",")
                    || tokens[index - 1].is_symbol("."))
        }
        _ => false,
    })
}

fn not_copied(connection: &Connection, script: &Script, rebuild: &Rebuild, column: &str) -> Failure {
    let (table, new_table) = (&rebuild.table, &rebuild.new_table);
    let is_declared = live_columns(connection, new_table)
        .is_ok_and(|columns| columns.iter().any(|kept| is_same(&kept.name, column)));
    let (message, hint) = if is_declared {
        let message = format!("column `{table}.{column}` is in both tables, but its values are not copied");
        (message, format!("name it in the `INSERT INTO {} \u{2026} SELECT`", quote_identifier(new_table)))
    } else {
        let message = format!("column `{table}.{column}` is in the database but nobody declared it");
        let hint = format!(
            "add it to the struct of `{table}` and generate again, or, if it may go with its values, drop it by \
             hand: `ALTER TABLE {} DROP COLUMN {}`",
            quote_identifier(table),
            quote_identifier(column)
        );
        (message, hint)
    };
    Failure::statement(FailureKind::UndeclaredColumn, script, rebuild.drop_at, message).hint(hint)
}

/// The AUTOINCREMENT counter of a table: ids up to it were given out and must not be given out again.
pub(super) fn counter(connection: &Connection, table: &str) -> rusqlite::Result<Option<i64>> {
    if !has_table(connection, "sqlite_sequence")? {
        return Ok(None);
    }
    let sql = "SELECT max(seq) FROM main.sqlite_sequence WHERE lower(name) = lower(?1)";
    connection.query_row(sql, [table], |row| row.get(0))
}

/// Raises the counter of a table that was made anew to what it was.
pub(super) fn keep_counter(connection: &Connection, table: &str, before: i64) -> rusqlite::Result<()> {
    let sql = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND lower(name) = lower(?1)";
    let found: Option<(String, String)> =
        connection.query_row(sql, [table], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((name, sql)) = found else { return Ok(()) };
    if !tokenize(&sql).iter().any(|token| token.is_word("AUTOINCREMENT")) {
        return Ok(());
    }
    match counter(connection, &name)? {
        None => connection
            .execute("INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)", (&name, before))
            .map(drop),
        Some(now) if now < before => connection
            .execute(
                "UPDATE main.sqlite_sequence SET seq = ?2 WHERE lower(name) = lower(?1)",
                (&name, before),
            )
            .map(drop),
        Some(_) => Ok(()),
    }
}

/// How many rows the tables around the rebuilds have.
#[derive(Debug, Default)]
pub(super) struct RowCounts {
    /// By the name before the script.
    counts: BTreeMap<String, i64>,
}

impl RowCounts {
    /// Counts the rebuilt tables and those that refer to them, before the script.
    pub(super) fn take(connection: &Connection, script: &Script) -> rusqlite::Result<Self> {
        let mut counts = BTreeMap::new();
        if script.rebuilds.is_empty() {
            return Ok(Self { counts });
        }
        let mut statement = connection.prepare(
            "SELECT DISTINCT m.name, lower(f.\"table\") FROM main.sqlite_schema AS m\n  \
             LEFT JOIN pragma_foreign_key_list(m.name, 'main') AS f\n\
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )?;
        let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let tables: Vec<(String, Option<String>)> = tables.collect::<rusqlite::Result<_>>()?;
        let is_rebuilt = |name: &str| {
            let after = script.renamed_table(name);
            script
                .rebuilds
                .iter()
                .any(|rebuild| is_same(&rebuild.table, name) || is_same(&rebuild.table, &after))
        };
        for (name, parent) in tables {
            if is_rebuilt(&name) || parent.is_some_and(|parent| is_rebuilt(&parent)) {
                let rows = count(connection, &name)?;
                counts.insert(name, rows);
            }
        }
        Ok(Self { counts })
    }

    /// Fails when a table has fewer rows than before although the script does not delete from it.
    pub(super) fn refuse_losses(&self, connection: &Connection, script: &Script) -> Result<(), Failure> {
        for (name, before) in &self.counts {
            let after_name = script.renamed_table(name);
            let database = |error| Failure::database(&script.name, error);
            if takes_rows_away(script, name, &after_name)
                || !has_table(connection, &after_name).map_err(database)?
            {
                continue;
            }
            let after = count(connection, &after_name).map_err(database)?;
            if after < *before {
                let message = format!(
                    "`{after_name}` would have {after} rows instead of {before}, although nothing in the file deletes from it"
                );
                return Err(Failure::new(FailureKind::RowCount, &script.name, message).hint(
                    "a trigger may have deleted them; write `-- seedbed: triggers-off` if it should not run",
                ));
            }
        }
        Ok(())
    }
}

/// Whether the script itself deletes rows of the table: DELETE, REPLACE, or a DROP TABLE that is no rebuild's.
fn takes_rows_away(script: &Script, name: &str, after_name: &str) -> bool {
    let is_it = |table: &str| is_same(table, name) || is_same(table, after_name);
    script.statements.iter().enumerate().any(|(index, statement)| match &statement.action {
        Action::Delete(table) => is_it(table),
        Action::Insert(table) => {
            is_it(table) && tokenize(&statement.text).iter().any(|token| token.is_word("REPLACE"))
        }
        Action::Drop(ObjectKind::Table, table) => is_it(table) && script.rebuild_at(index).is_none(),
        _ => false,
    })
}

pub(super) fn count(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    connection
        .query_row(&format!("SELECT count(*) FROM main.{}", quote_identifier(table)), [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_column_is_mentioned_by_name_or_by_a_star() {
        for sql in [
            "INSERT INTO n (a) SELECT \"Nick\" FROM t",
            "INSERT INTO n (a) SELECT upper(nick) FROM t",
            "INSERT INTO n SELECT * FROM t",
            "INSERT INTO n SELECT 1, t.* FROM t",
        ] {
            assert!(mentions(sql, "nick"), "{sql}");
        }
        for sql in ["INSERT INTO n (a) SELECT a * 2 FROM t -- nick", "INSERT INTO n (a) SELECT 'nick' FROM t"]
        {
            assert!(!mentions(sql, "nick"), "{sql}");
        }
    }
}
