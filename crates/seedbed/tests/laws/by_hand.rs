//! Triggers and views that somebody made by hand beside the declared schema live through a migration and its way back:
//! they are there, they hang on the same things, they fire, and the migration itself has not set them off.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;
use seedbed_schema::model::Schema;
use seedbed_schema::sql::quote_identifier;

use crate::support::contents::Contents;
use crate::support::evolve::Evolved;
use crate::support::meet::{counterpart, database_with_rows, shared_columns};
use crate::support::run::Runner;
use crate::support::shrink::Pair;
use crate::{Case, Outcome, expect_integrity, hold, planned};

/// A table that lives on, and a column of it that is stored on both sides.
struct Hung {
    table: Side,
    column: Option<Side>,
}

/// The same thing before the migration and after it.
struct Side {
    before: String,
    after: String,
}

impl Side {
    fn new(before: &str, after: &str) -> Self {
        Self { before: quote_identifier(before), after: quote_identifier(after) }
    }

    fn at(&self, is_after: bool) -> &str {
        if is_after { &self.after } else { &self.before }
    }
}

/// Says on what something can hang, from the first to the last.
fn hooks(pair: &Pair) -> Vec<Hung> {
    let Pair { before, after: Evolved { schema: after, renames, .. } } = pair;
    let living = before.tables.iter().filter_map(|table| Some((table, counterpart(table, after, renames)?)));
    living
        .map(|(old, new)| Hung {
            table: Side::new(&old.name, &new.name),
            column: (shared_columns(old, new, renames).first())
                .map(|pair| Side::new(&pair.before.name, &pair.after.name)),
        })
        .collect()
}

/// Makes a trigger for deleted rows on every table, and for each column one for changed rows and a view.
fn hang(connection: &Connection, hooks: &[Hung]) -> rusqlite::Result<()> {
    connection.execute_batch("CREATE TABLE \"seen by hand\" (what TEXT NOT NULL)")?;
    for (at, Hung { table, column }) in hooks.iter().enumerate() {
        let table = &table.before;
        let mut sql = format!(
            "CREATE TRIGGER \"gone {at}\" AFTER DELETE ON {table} BEGIN\n  \
             INSERT INTO \"seen by hand\" VALUES ('gone {at}');\nEND;"
        );
        if let Some(Side { before: column, .. }) = column {
            sql.push_str(&format!(
                "CREATE TRIGGER \"changed {at}\" AFTER UPDATE OF {column} ON {table} WHEN NEW.{column} IS OLD.{column}\n\
                 BEGIN INSERT INTO \"seen by hand\" SELECT 'changed {at}' FROM {table} LIMIT 1; END;\n\
                 CREATE VIEW \"shown {at}\" AS SELECT {column} AS value FROM {table};"
            ));
        }
        connection.execute_batch(&sql)?;
    }
    Ok(())
}

/// Sets all of them off, and leaves no trace.
fn expect_hanging(way: &str, connection: &Connection, hooks: &[Hung], is_after: bool) -> Outcome {
    let seen = |what: &str| -> rusqlite::Result<usize> {
        connection
            .query_row("SELECT count(*) FROM \"seen by hand\" WHERE what LIKE ?1", [what], |row| row.get(0))
    };
    if seen("%")? > 0 {
        return Err(format!("{way}: the migration itself set off a trigger").into());
    }
    connection.execute_batch("PRAGMA foreign_keys = OFF; BEGIN")?;
    for (at, Hung { table, column }) in hooks.iter().enumerate() {
        let table = table.at(is_after);
        let count = |from: &str| -> rusqlite::Result<usize> {
            connection.query_row(&format!("SELECT count(*) FROM {from}"), [], |row| row.get(0))
        };
        let rows = count(table)?;
        let mut found = Vec::new();
        if let Some(column) = column {
            let column = column.at(is_after);
            found.push((
                "shown",
                connection.query_row(
                    &format!("SELECT count(*) FROM (SELECT value FROM \"shown {at}\")"),
                    [],
                    |row| row.get(0),
                )?,
            ));
            connection.execute(&format!("UPDATE {table} SET {column} = {column}"), [])?;
            found.push(("changed", seen(&format!("changed {at}"))?));
        }
        connection.execute(&format!("DELETE FROM {table}"), [])?;
        found.push(("gone", seen(&format!("gone {at}"))?));
        if let Some((what, count)) = found.iter().find(|(_, count)| *count != rows) {
            return Err(format!("{way}: \"{what} {at}\" has seen {count} of {rows} rows of {table}").into());
        }
    }
    Ok(connection.execute_batch("ROLLBACK; PRAGMA foreign_keys = ON")?)
}

/// The database, its migrations, and what its tables held before; or why the migration was stopped.
type Run = Result<(seedbed::Connection, Runner, Contents), String>;

/// Runs the migration on rows, with or without what was made by hand.
fn migrated(case: &Case, hooks: &[Hung], (up, down): (&str, &str)) -> Result<Run, Box<dyn Error>> {
    let Pair { before, after: Evolved { schema: after, renames, .. } } = &case.pair;
    let mut connection = database_with_rows(before, after, renames, case.seed)?;
    if !hooks.is_empty() {
        hang(connection.rusqlite(), hooks)?;
    }
    let old = Contents::read(connection.rusqlite(), before)?;
    let mut runner = Runner::default();
    runner.run_with_a_way_back(&mut connection, ("SELECT 1", "SELECT 1"), before)?;
    let run = runner.run_with_a_way_back(&mut connection, (up, down), after);
    Ok(run.map(|()| (connection, runner, old)))
}

#[test]
fn what_was_made_by_hand_lives_through_a_migration_and_its_way_back() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static HUNG: AtomicUsize = AtomicUsize::new(0);
    fn law(case: &Case) -> Outcome {
        let hooks = hooks(&case.pair);
        if hooks.is_empty() {
            return Ok(());
        }
        let (up, down) = planned(case)?;
        let sql = format!("{up}\n-- back\n{down}");
        let (mut connection, runner, old) = match migrated(case, &hooks, (&up, &down))? {
            Ok(migrated) => migrated,
            // Rows in the way stop it in any case.
            Err(error) => {
                return match migrated(case, &[], (&up, &down))? {
                    Ok(_) => Err(format!("only with what was made by hand: {error}\n{sql}").into()),
                    Err(_) => Ok(()),
                };
            }
        };
        RUNS.fetch_add(1, Ordering::Relaxed);
        HUNG.fetch_add(
            hooks.iter().map(|hung| if hung.column.is_some() { 3 } else { 1 }).sum(),
            Ordering::Relaxed,
        );
        expect_hanging("forward", connection.rusqlite(), &hooks, true)
            .map_err(|error| format!("{error}\n{sql}"))?;
        expect_integrity("forward", connection.rusqlite())?;
        runner.roll_back(&mut connection).map_err(|error| format!("back: {error}\n{sql}"))?;
        expect_hanging("back", connection.rusqlite(), &hooks, false)
            .map_err(|error| format!("{error}\n{sql}"))?;
        expect_integrity("back", connection.rusqlite())?;
        let before: &Schema = &case.pair.before;
        let missing = old.missing_from(&Contents::read(connection.rusqlite(), before)?, before);
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("not back: {}\n{sql}", missing.join("\n")).into())
        }
    }
    hold(law);
    let (runs, hung) = (RUNS.load(Ordering::Relaxed), HUNG.load(Ordering::Relaxed));
    println!("{runs} pairs there and back with {hung} triggers and views made by hand");
}
