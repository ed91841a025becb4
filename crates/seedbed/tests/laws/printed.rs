//! What `seedbed diff` prints runs in any SQLite: on a database of the one schema it gives the other, triggers and views
//! included, and its way back returns.

use rusqlite::Connection;
use seedbed::inspect::inspect_all;
use seedbed_schema::diff::{Renames, SchemaDiff, diff};
use seedbed_schema::model::{Column, Schema, Table};
use seedbed_schema::normalize::observable;
use seedbed_schema::plan::{Backfill, Direction, PlanOptions, RunBy, create_statements, plan};
use seedbed_schema::sql::{DdlObject, quote_identifier, read_object};

use crate::support::validity::{database, empty_database};
use crate::{Case, Outcome, expect_equal, hold};

/// Gives the schema triggers of several kinds: on tables and views, with bodies that read and write other tables.
pub(crate) fn with_triggers(schema: &Schema, seed: u64) -> Schema {
    let mut schema = Schema { triggers: Vec::new(), ..schema.clone() };
    let Ok(connection) = database(&schema) else { return schema };
    for number in 0..seed % 4 {
        // The same name, and not always the same text, on both sides of an edit.
        let Some(sql) = trigger(&schema, number, (seed / 4 + number) as usize) else { continue };
        connection.execute_batch(&sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
        match read_object(&sql) {
            Ok(DdlObject::Trigger(trigger)) => schema.triggers.push(trigger),
            other => panic!("{other:?}\n{sql}"),
        }
    }
    schema
}

fn trigger(schema: &Schema, number: u64, kind: usize) -> Option<String> {
    let ordinary = |table: &Table| -> Option<Column> {
        table.columns.iter().find(|column| column.generated.is_none()).cloned()
    };
    let at = |place: usize| schema.tables.get(place % schema.tables.len().max(1));
    let (table, other) = (at(kind / 3)?, at(kind / 2 + 1)?);
    let (column, other_column) =
        (quote_identifier(&ordinary(table)?.name), quote_identifier(&ordinary(other)?.name));
    let (name, table, other) =
        (format!("watch_{number}"), quote_identifier(&table.name), quote_identifier(&other.name));
    Some(match (kind % 4, schema.views.first()) {
        (0, Some(view)) => format!(
            "CREATE TRIGGER {name} INSTEAD OF DELETE ON {} BEGIN DELETE FROM {other} WHERE {other_column} IS NULL; END",
            quote_identifier(&view.name)
        ),
        (1, _) => format!(
            "CREATE TRIGGER {name} AFTER UPDATE OF {column} ON {table} WHEN NEW.{column} IS NOT OLD.{column}\n\
             BEGIN UPDATE {other} SET {other_column} = {other_column} WHERE 0; END"
        ),
        (2, _) => format!(
            "CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN\n  SELECT count({other_column}) FROM {other};\n  \
             DELETE FROM {other} WHERE {other_column} = OLD.{column};\nEND"
        ),
        _ => format!(
            "CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW BEGIN SELECT NEW.{column}; END"
        ),
    })
}

/// Runs what is printed, forward on a database of `before`, and then the way back.
pub(crate) fn leads_there_and_back(
    before: &Schema,
    after: &Schema,
    difference: &SchemaDiff,
    backfills: Vec<Backfill>,
) -> Outcome {
    let connection = empty_database()?;
    // As in the `sqlite3` shell.
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    for statement in create_statements(before) {
        connection.execute_batch(&statement)?;
    }
    let options = PlanOptions { run_by: RunBy::Shell, backfills, ..PlanOptions::default() };
    let forward = plan(difference, &options).map_err(|open| format!("asked: {open:?}"))?;
    run("forward", &connection, &forward.to_sql(), after)?;
    let options =
        PlanOptions { run_by: RunBy::Shell, direction: Direction::Reverse, ..PlanOptions::default() };
    let back = plan(&difference.reverse()?, &options).map_err(|open| format!("asked back: {open:?}"))?;
    run("back", &connection, &back.to_sql(), before)
}

fn run(way: &str, connection: &Connection, sql: &str, wanted: &Schema) -> Outcome {
    connection.execute_batch(sql).map_err(|error| format!("{way}: {error}\n{sql}"))?;
    let live = inspect_all(connection)?.schema;
    expect_equal(way, &observable(&live), &observable(wanted)).map_err(|error| format!("{error}\n{sql}"))?;
    let left = diff(&live, &observable(wanted), &Renames::default().nothing_else())?;
    match left.changes().first() {
        Some(change) => Err(format!("{way}: a second diff finds {change}\n{sql}").into()),
        None => Ok(()),
    }
}

#[test]
fn what_diff_prints_leads_there_and_back_in_any_sqlite() {
    fn law(case: &Case) -> Outcome {
        let [before, after] = case.schemas();
        let (before, after) = (with_triggers(before, case.seed), with_triggers(after, case.seed / 3));
        let difference = diff(&before, &after, &case.pair.after.renames)?;
        leads_there_and_back(&before, &after, &difference, Vec::new())
    }
    hold(law);
}
