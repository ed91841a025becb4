//! Schema pairs of real projects: each is migrated with rows in every table, there and back, or refused for a reason
//! that a careful person would give.
//!
//! The pairs lie beside the repository (`../shared/corpus/sqlite.json`); where they are not, the test says so and passes.
//! What is refused, what SQLite itself does not accept and where the way back stops is listed here, so that a change is
//! seen.

mod support;

use std::path::PathBuf;

use rusqlite::Connection;
use seedbed::inspect::inspect;
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::model::Schema;
use seedbed_schema::normalize::observable;
use seedbed_schema::plan::{Direction, PlanOptions, plan};
use serde_json::Value;

use support::contents::{Contents, losses};
use support::meet::put_rows;
use support::run::run;
use support::validity::empty_database;

/// Pairs that SQLite itself does not accept, with its words.
const INVALID: &[(&str, &str)] = &[];

/// Pairs that are refused before anything is written, with the reason.
const REFUSED: &[(&str, &str)] = &[];

/// What became of a pair.
#[derive(Debug)]
enum Fate {
    Migrated,
    Invalid(String),
    Refused(String),
}

/// A pair as it stands in the file.
struct Pair<'a>(&'a Value);

impl Pair<'_> {
    fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    fn texts(&self, field: &str) -> Vec<&str> {
        self.0[field].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
    }

    /// Returns the renames of tables and columns; constraints and views have none in our eyes.
    fn renames(&self, before: &Schema, after: &Schema) -> Renames {
        let mut renames = Renames::default().nothing_else();
        for rename in self.0["renames"].as_array().unwrap() {
            let (from, to) = (rename["from"].as_str().unwrap(), rename["to"].as_str().unwrap());
            match (from.split_once('.'), to.split_once('.')) {
                (None, None) if before.table(from).is_some() => renames = renames.table(from, to),
                (Some((_, from)), Some((table, to)))
                    if after.table(table).is_some_and(|table| table.column(to).is_some()) =>
                {
                    renames = renames.column(table, from, to);
                }
                _ => {}
            }
        }
        renames
    }
}

/// Runs statements on a new database.
fn database(statements: &[&str]) -> Result<Connection, String> {
    let connection = empty_database().map_err(|error| error.to_string())?;
    for statement in statements {
        connection.execute_batch(statement).map_err(|error| error.to_string())?;
    }
    // A statement may be accepted and still not work: a view of nothing, a foreign key to nothing.
    let views = inspect(&connection).map_err(|error| error.to_string())?.views;
    for view in views {
        let name = seedbed_schema::sql::quote_identifier(&view.name);
        connection.prepare(&format!("SELECT * FROM {name}")).map_err(|error| error.to_string())?;
    }
    // A foreign key to something that is not unique is accepted, and then no row is.
    connection
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |_| Ok(()))
        .map_err(|error| error.to_string())?;
    Ok(connection)
}

fn migrate(pair: &Pair<'_>) -> Result<Fate, Box<dyn std::error::Error>> {
    let (connection, wanted) = match (database(&pair.texts("from_ddl")), database(&pair.texts("to_ddl"))) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(error), _) => return Ok(Fate::Invalid(format!("from: {error}"))),
        (_, Err(error)) => return Ok(Fate::Invalid(format!("to: {error}"))),
    };
    let (before, after) = (inspect(&connection)?, inspect(&wanted)?);
    let renames = pair.renames(&before, &after);
    // Some rows refer to tables that are not there.
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    for statement in pair.texts("seed_sql") {
        connection.execute_batch(statement)?;
    }
    put_rows(&connection, &before, &after, &renames, 1)?;
    let old = Contents::read(&connection, &before)?;

    let difference = match diff(&before, &after, &renames) {
        Ok(difference) => difference,
        Err(error) => return Ok(Fate::Refused(error.to_string())),
    };
    let forward = match plan(&difference, &PlanOptions::default()) {
        Ok(forward) => forward,
        Err(open) => {
            let texts: Vec<String> = open.iter().map(ToString::to_string).collect();
            return Ok(Fate::Refused(texts.join("; ")));
        }
    };
    run(&connection, &forward.to_sql()).map_err(|error| format!("forward: {error}"))?;
    expect_arrival("forward", &connection, &after)?;
    let new = Contents::read(&connection, &after)?;
    expect_kept("forward", (&before, &old), (&after, &new), &difference.renames)?;

    let difference = difference.reverse()?;
    let options = PlanOptions { direction: Direction::Reverse, ..PlanOptions::default() };
    let back = plan(&difference, &options).map_err(|open| format!("asked on the way back: {open:?}"))?;
    run(&connection, &back.to_sql()).map_err(|error| format!("back: {error}"))?;
    expect_arrival("back", &connection, &before)?;
    let again = Contents::read(&connection, &before)?;
    expect_kept("back", (&after, &new), (&before, &again), &difference.renames)?;
    Ok(Fate::Migrated)
}

fn expect_arrival(
    way: &str,
    connection: &Connection,
    wanted: &Schema,
) -> Result<(), Box<dyn std::error::Error>> {
    let live = inspect(connection)?;
    if observable(&live) != observable(wanted) {
        let difference = diff(&live, wanted, &Renames::default().nothing_else())?;
        return Err(format!("{way}: it is not what was wanted: {:?}", difference.changes()).into());
    }
    let difference = diff(&live, wanted, &Renames::default().nothing_else())?;
    if !difference.is_empty() {
        return Err(format!("{way}: a second diff finds {:?}", difference.changes()).into());
    }
    let integrity: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if integrity != "ok" {
        return Err(format!("{way}: {integrity}").into());
    }
    Ok(())
}

fn expect_kept(
    way: &str,
    before: (&Schema, &Contents),
    after: (&Schema, &Contents),
    renames: &Renames,
) -> Result<(), Box<dyn std::error::Error>> {
    let losses = losses(before, after, renames);
    if losses.is_empty() { Ok(()) } else { Err(format!("{way}: lost {}", losses.join("\n")).into()) }
}

#[test]
fn every_pair_is_migrated_there_and_back_or_refused_with_the_true_reason() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sqlite.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("the corpus is not at {}; nothing is tested", path.display());
        return;
    };
    let pairs: Value = serde_json::from_str(&text).unwrap();
    let (mut invalid, mut refused, mut broken) = (Vec::new(), Vec::new(), Vec::new());
    for pair in pairs.as_array().unwrap().iter().map(Pair) {
        match migrate(&pair) {
            Ok(Fate::Migrated) => {}
            Ok(Fate::Invalid(reason)) => invalid.push((pair.id().to_owned(), reason)),
            Ok(Fate::Refused(reason)) => refused.push((pair.id().to_owned(), reason)),
            Err(error) => broken.push(format!("{} ({}): {error}", pair.id(), pair.0["name"])),
        }
    }
    assert!(broken.is_empty(), "{} pairs went wrong:\n{}", broken.len(), broken.join("\n"));
    expect_list("INVALID", &invalid, INVALID);
    expect_list("REFUSED", &refused, REFUSED);
}

/// Fails with the list as it would have to be written.
fn expect_list(name: &str, found: &[(String, String)], expected: &[(&str, &str)]) {
    let same = found.iter().map(|(id, reason)| (id.as_str(), reason.as_str())).eq(expected.iter().copied());
    let lines: Vec<String> =
        found.iter().map(|(id, reason)| format!("    ({id:?}, {reason:?}),\n")).collect();
    assert!(same, "{name} should be:\n{}", lines.concat());
}
