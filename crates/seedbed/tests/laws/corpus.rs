//! Schema pairs of real projects: each is migrated with rows in every table, there and back, or refused for a reason
//! that a careful person would give.
//!
//! The pairs lie beside the repository (`../shared/corpus/sqlite.json`); where they are not, the test says so and passes.
//! What is refused, what SQLite itself does not accept and where the way back stops is listed here, so that a change is
//! seen.

use std::path::PathBuf;

use rusqlite::Connection;
use seedbed::inspect::{inspect, view_columns};
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::model::{Affinity, Schema};
use seedbed_schema::normalize::observable;
use seedbed_schema::plan::{Backfill, Direction, PlanOptions, Question, plan};
use seedbed_schema::sql::SqlExpr;
use seedbed_schema::write::infer_forms;
use serde_json::Value;

use crate::support::contents::{Contents, losses};
use crate::support::meet::put_rows;
use crate::support::run::Runner;

/// Pairs that SQLite itself does not accept, with its words.
const INVALID: &[(&str, &str)] = &[];

/// Pairs that are refused before anything is written, with the reason.
#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    ("sqlite-0003-63ae7f2d", "`companies.age` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0004-63ae7f2d", "`companies.age` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0012-f5664182", "rename `users.name:age`: there is a column `users.age` already; rename or drop it in a migration of its own first"),
    ("sqlite-0013-3b236237", "`users.new_column` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0037-33e1e204", "`table.name` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0040-10e88669", "`users.name` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0042-a4c47292", "`users.name2` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0045-1fb495ef", "`users.password` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0208-cf965dad", "`users4` (c2) refers to `users4` (c1), which is neither its primary key nor unique: make it so, or refer to what is"),
    ("sqlite-0209-af34ec34", "`users4` (c2) refers to `users4` (c1), which is neither its primary key nor unique: make it so, or refer to what is"),
    ("sqlite-0210-85334235", "`users4` (c2) refers to `users4` (c1), which is neither its primary key nor unique: make it so, or refer to what is"),
    ("sqlite-0211-308b4ee4", "`package_clusters` (partnerId) refers to `partners` (partnerId), which is neither its primary key nor unique: make it so, or refer to what is; `service_packages` (partnerId) refers to `partners` (partnerId), which is neither its primary key nor unique: make it so, or refer to what is; `transaction_events` (transactionId) refers to `transactions` (transactionId), which is neither its primary key nor unique: make it so, or refer to what is"),
    ("sqlite-0212-14db65a2", "`package_clusters` (partnerId) refers to `partners` (partnerId), which is neither its primary key nor unique: make it so, or refer to what is; `service_packages` (partnerId) refers to `partners` (partnerId), which is neither its primary key nor unique: make it so, or refer to what is; `transaction_events` (transactionId) refers to `transactions` (transactionId), which is neither its primary key nor unique: make it so, or refer to what is"),
    ("sqlite-0213-c26a2614", "`package_clusters` (partnerId) refers to `partners` (partnerId), which is neither its primary key nor unique: make it so, or refer to what is; `service_packages` (partnerId) refers to `partners` (partnerId), which is neither its primary key nor unique: make it so, or refer to what is; `transaction_events` (transactionId) refers to `transactions` (transactionId), which is neither its primary key nor unique: make it so, or refer to what is"),
    ("sqlite-0220-051765ca", "`users.name` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0221-f6e1e678", "`users.name` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0224-36e5e7c1", "`users.name2` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0225-d537f0b9", "`users.name2` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0230-9843bb26", "`users.password` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0231-e673418c", "`users.password` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0232-0b153eef", "`companies.age` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0233-b3878774", "`companies.age` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0234-b3878774", "`companies.age` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0310-ee2df763", "`test.column3` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0311-db77893b", "`test.column3` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0335-e346d584", "`table.name` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0336-8f1d19d2", "`table.name` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0349-7292324f", "rename `users.name:age`: there is a column `users.age` already; rename or drop it in a migration of its own first"),
    ("sqlite-0350-254c5389", "rename `users.name:age`: there is a column `users.age` already; rename or drop it in a migration of its own first"),
    ("sqlite-0351-5b9dac5f", "`users.new_column` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0352-609269dd", "`users.new_column` is NOT NULL and has no default: which value do the rows there are get?"),
    ("sqlite-0425-030b1d40", "`users` (id) refers to `users` (id2), which is neither its primary key nor unique: make it so, or refer to what is"),
    ("sqlite-0428-205cd64f", "`users` (id2) refers to `posts` (id), which is neither its primary key nor unique: make it so, or refer to what is"),
    ("sqlite-0429-720a6c3f", "`users` (id2) refers to `posts` (id), which is neither its primary key nor unique: make it so, or refer to what is"),
];

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
        text(&self.0["id"])
    }

    fn texts(&self, field: &str) -> Vec<&str> {
        list(&self.0[field]).iter().map(text).collect()
    }

    /// Returns the renames of tables and columns; constraints and views have none in our eyes.
    fn renames(&self, before: &Schema, after: &Schema) -> Renames {
        let mut renames = Renames::default().nothing_else();
        for rename in list(&self.0["renames"]) {
            let (from, to) = (text(&rename["from"]), text(&rename["to"]));
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

fn text(value: &Value) -> &str {
    value.as_str().expect("the corpus has a text there")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("the corpus has a list there")
}

/// Runs statements on a new database.
fn database(statements: &[&str]) -> Result<seedbed::Connection, String> {
    let connection = seedbed::Connection::open_in_memory().map_err(|error| error.to_string())?;
    for statement in statements {
        connection.execute_batch(statement).map_err(|error| error.to_string())?;
    }
    // A statement may be accepted and still not work: a view of nothing, say.
    let views = inspect(connection.rusqlite()).map_err(|error| error.to_string())?.views;
    for view in views {
        let name = seedbed_schema::sql::quote_identifier(&view.name);
        connection.rusqlite().prepare(&format!("SELECT * FROM {name}")).map_err(|error| error.to_string())?;
    }
    Ok(connection)
}

/// What is wrong with foreign keys that SQLite accepts when the table is made and takes no row for. Tables declared in
/// Rust never come so far: the reader refuses them with their place.
fn mismatch(connection: &Connection) -> Option<String> {
    let checked = connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |_| Ok(()));
    checked.err().map(|error| error.to_string())
}

fn migrate(pair: &Pair<'_>) -> Result<Fate, Box<dyn std::error::Error>> {
    let (mut connection, wanted) = match (database(&pair.texts("from_ddl")), database(&pair.texts("to_ddl")))
    {
        (Ok(from), Ok(to)) => (from, to),
        (Err(error), _) => return Ok(Fate::Invalid(format!("from: {error}"))),
        (_, Err(error)) => return Ok(Fate::Invalid(format!("to: {error}"))),
    };
    let (before, after) = (inspect(connection.rusqlite())?, inspect(wanted.rusqlite())?);
    let renames = pair.renames(&before, &after);
    if mismatch(wanted.rusqlite()).is_some() {
        // SQLite takes no row for such a table, so the plan is asked before rows are made.
        let difference = diff(&before, &after, &renames)?;
        let open = plan(&difference, &PlanOptions::default())
            .err()
            .ok_or("a foreign key to nothing unique was planned")?;
        let texts: Vec<String> = open.iter().map(ToString::to_string).collect();
        return Ok(Fate::Refused(texts.join("; ")));
    }
    // Some rows refer to tables that are not there.
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    for statement in pair.texts("seed_sql") {
        connection.execute_batch(statement)?;
    }
    put_rows(connection.rusqlite(), &before, &after, &renames, 1)?;
    let old = Contents::read(connection.rusqlite(), &before)?;

    let difference = match diff(&before, &after, &renames) {
        Ok(difference) => difference,
        Err(error) => return Ok(Fate::Refused(error.to_string())),
    };
    let mut fate = Fate::Migrated;
    let mut options = PlanOptions::default();
    let forward = plan(&difference, &options).or_else(|open| {
        let texts: Vec<String> = open.iter().map(ToString::to_string).collect();
        fate = Fate::Refused(texts.join("; "));
        // A person answers, and then it goes on.
        options.backfills = open.iter().filter_map(|question| answer(question, &after)).collect();
        plan(&difference, &options)
    });
    let forward = forward.map_err(|open| format!("asked again: {open:?}"))?;
    let mut runner = Runner::default();
    runner.run(&mut connection, &forward.to_sql()).map_err(|error| format!("forward: {error}"))?;
    expect_arrival("forward", connection.rusqlite(), &after)?;
    let new = Contents::read(connection.rusqlite(), &after)?;
    expect_kept("forward", (&before, &old), (&after, &new), &difference.renames)?;

    let difference = difference.reverse()?;
    let options = PlanOptions { direction: Direction::Reverse, ..PlanOptions::default() };
    let back = plan(&difference, &options).map_err(|open| format!("asked on the way back: {open:?}"))?;
    runner.run(&mut connection, &back.to_sql()).map_err(|error| format!("back: {error}"))?;
    expect_arrival("back", connection.rusqlite(), &before)?;
    let again = Contents::read(connection.rusqlite(), &before)?;
    expect_kept("back", (&after, &new), (&before, &again), &difference.renames)?;
    Ok(fate)
}

/// Returns a value for a new NOT NULL column, another one in every row, since the column may be unique.
fn answer(question: &Question, after: &Schema) -> Option<Backfill> {
    let column = after.table(&question.table)?.column(question.column.as_deref()?)?;
    let value = match column.column_type.affinity() {
        Affinity::Text => "'given ' || rowid",
        _ => "rowid",
    };
    let (table, column) = (question.table.clone(), column.name.clone());
    Some(Backfill { table, column, expr: SqlExpr::new(value) })
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
    super::expect_integrity(way, connection)
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

/// Every schema of the corpus is a struct or has a reason, and reads back.
#[test]
fn every_schema_is_written_as_rust_and_reads_back() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sqlite.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("the corpus is not at {}; nothing is tested", path.display());
        return;
    };
    let pairs: Value = serde_json::from_str(&text).unwrap();
    let mut broken = Vec::new();
    for pair in pairs.as_array().unwrap().iter().map(Pair) {
        for side in ["from_ddl", "to_ddl"] {
            let Ok(connection) = database(&pair.texts(side)) else { continue };
            let views = view_columns(connection.rusqlite()).unwrap();
            let mut schema = inspect(connection.rusqlite()).unwrap();
            let plain = crate::written::reads_back(&schema, &views);
            infer_forms(&mut schema);
            let inferred = plain.and_then(|()| crate::written::reads_back(&schema, &views));
            if let Err(error) = inferred.and_then(|()| crate::written::is_pulled(connection.rusqlite())) {
                broken.push(format!("{} {side}: {error}", pair.id()));
            }
        }
    }
    assert!(broken.is_empty(), "{} schemas went wrong:\n{}", broken.len(), broken.join("\n"));
}

/// What `diff` prints for a pair runs in any SQLite. Pairs that are refused have nothing printed.
#[test]
fn what_diff_prints_for_every_pair_leads_there_and_back() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sqlite.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("the corpus is not at {}; nothing is tested", path.display());
        return;
    };
    let pairs: Value = serde_json::from_str(&text).unwrap();
    let (mut broken, mut printed) = (Vec::new(), 0);
    for (seed, pair) in pairs.as_array().unwrap().iter().map(Pair).enumerate() {
        let (Ok(from), Ok(to)) = (database(&pair.texts("from_ddl")), database(&pair.texts("to_ddl"))) else {
            continue;
        };
        let (before, after) = (inspect(from.rusqlite()).unwrap(), inspect(to.rusqlite()).unwrap());
        let renames = pair.renames(&before, &after);
        let before = crate::printed::with_triggers(&before, seed as u64);
        let after = crate::printed::with_triggers(&after, seed as u64 / 3);
        let Ok(difference) = diff(&before, &after, &renames) else { continue };
        let open = plan(&difference, &PlanOptions::default()).err().unwrap_or_default();
        let backfills: Vec<Backfill> = open.iter().filter_map(|question| answer(question, &after)).collect();
        if backfills.len() < open.len() || mismatch(to.rusqlite()).is_some() {
            continue;
        }
        printed += 1;
        if let Err(error) = crate::printed::leads_there_and_back(&before, &after, &difference, backfills) {
            broken.push(format!("{} ({}): {error}", pair.id(), pair.0["name"]));
        }
    }
    assert!(broken.is_empty(), "{} pairs went wrong:\n{}", broken.len(), broken.join("\n"));
    assert!(printed > 400, "only {printed} pairs were printed");
}

/// Fails with the list as it would have to be written.
fn expect_list(name: &str, found: &[(String, String)], expected: &[(&str, &str)]) {
    let same = found.iter().map(|(id, reason)| (id.as_str(), reason.as_str())).eq(expected.iter().copied());
    let lines: Vec<String> =
        found.iter().map(|(id, reason)| format!("    ({id:?}, {reason:?}),\n")).collect();
    assert!(same, "{name} should be:\n{}", lines.concat());
}
