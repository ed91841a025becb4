//! The laws of the toolkit as property tests on random schemas, run for real on in-memory SQLite with rows.
//!
//! A failing case prints its seed; `SEEDBED_LAWS_SEED=<seed> cargo test -p seedbed --test laws` runs that one alone, and
//! `SEEDBED_LAWS_CASES=<count>` sets how many are tried.

mod by_hand;
mod corpus;
mod printed;
mod support;
mod written;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rusqlite::Connection;
use seedbed::inspect::inspect;
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::model::{Dialect, Schema};
use seedbed_schema::normalize::{normalize, observable};
use seedbed_schema::plan::{Direction, Plan, PlanOptions, create_statements, plan};
use seedbed_schema::snapshot;
use seedbed_schema::sql::quote_identifier;

use support::contents::{Contents, losses};
use support::evolve::{Evolved, evolve};
use support::meet::database_with_rows;
use support::random::Random;
use support::run::Runner;
use support::schemas::schema;
use support::shrink::{Pair, shrink};
use support::validity::database;

type Outcome = Result<(), Box<dyn Error>>;

/// How many schema pairs are tried unless `SEEDBED_LAWS_CASES` says otherwise.
const CASES: u64 = 600;

/// A schema and an edited one, made from a seed.
struct Case {
    seed: u64,
    pair: Pair,
}

impl Case {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let before = schema(&mut random);
        let after = evolve(&before, &mut random);
        Self { seed, pair: Pair { before, after } }
    }

    fn schemas(&self) -> [&Schema; 2] {
        [&self.pair.before, &self.pair.after.schema]
    }
}

/// Holds a law against every case, on as many threads as there are processors. Those that break it are listed, and the
/// first is made small and told in full.
fn hold(law: fn(&Case) -> Outcome) {
    let number =
        |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number is set"));
    let seeds = match number("SEEDBED_LAWS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDBED_LAWS_CASES").unwrap_or(CASES),
    };
    let next = AtomicU64::new(seeds.start);
    let broken = Mutex::new(BTreeMap::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.contains(&seed) {
                        return;
                    }
                    if let Err(error) = law(&Case::new(seed)) {
                        broken.lock().expect("no law panics").insert(seed, error.to_string());
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().expect("no law panics");
    let Some((&seed, error)) = broken.first_key_value() else { return };
    let list: Vec<String> = (broken.iter())
        .map(|(seed, error)| format!("seed {seed}: {}", error.lines().next().unwrap_or_default()))
        .collect();
    let kind = kind_of(error);
    let small = shrink(Case::new(seed).pair, |pair| {
        law(&Case { seed, pair: pair.clone() }).is_err_and(|error| kind_of(&error.to_string()) == kind)
    });
    let case = Case { seed, pair: small };
    // A law that holds now and did not before depends on the time of day or on luck.
    let error =
        law(&case).err().map_or_else(|| format!("only now and then: {error}"), |error| error.to_string());
    let [before, after] = case.schemas().map(|schema| create_statements(schema).join(";\n"));
    let renames = &case.pair.after.renames;
    panic!(
        "{} of the cases break the law:\n{}\n\nseed {seed}, made small:\n-- before\n{before}\n-- after\n{after}\n\
         -- renames\n{:?} {:?}\n-- edits before it was made small\n{:?}\n-- error\n{error}",
        broken.len(),
        list.join("\n"),
        renames.tables,
        renames.columns,
        case.pair.after.edits,
    );
}

/// Returns what two failures have in common when they are the same but for names: the words outside quotes, up to the
/// first line's end.
fn kind_of(error: &str) -> String {
    let line = error.lines().next().unwrap_or_default();
    line.split_whitespace()
        .filter(|word| word.chars().all(|letter| letter.is_ascii_alphabetic()))
        .take(5)
        .collect()
}

/// Fails with both texts when two schemas differ.
fn expect_equal(what: &str, found: &Schema, expected: &Schema) -> Outcome {
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (format!("{found:#?}"), format!("{expected:#?}"));
    let differing: Vec<String> = found
        .lines()
        .zip(expected.lines())
        .filter(|(one, other)| one != other)
        .take(12)
        .map(|(one, other)| format!("  {} instead of {}", one.trim(), other.trim()))
        .collect();
    Err(format!("{what}: {}", differing.join("\n")).into())
}

#[test]
fn a_schema_does_not_differ_from_itself() {
    hold(|case| {
        for schema in case.schemas() {
            let difference = diff(schema, schema, &Renames::default().nothing_else())?;
            if !difference.is_empty() {
                return Err(format!("{:?}", difference.changes()).into());
            }
            expect_equal("normalising twice", &normalize(&normalize(schema)), &normalize(schema))?;
        }
        Ok(())
    });
}

#[test]
fn a_snapshot_is_read_as_it_was_written() {
    hold(|case| {
        for schema in case.schemas() {
            let written = snapshot::Snapshot::new(Dialect::Sqlite, None, schema.clone());
            let read = snapshot::parse(&snapshot::render(&written))?;
            expect_equal("snapshot", &normalize(&read.schema), &normalize(schema))?;
        }
        Ok(())
    });
}

#[test]
fn a_schema_that_was_made_is_inspected_as_it_was_declared() {
    hold(|case| {
        for schema in case.schemas() {
            let difference = diff(&Schema::default(), schema, &Renames::default().nothing_else())?;
            let plan = plan(&difference, &PlanOptions::default()).map_err(|open| format!("{open:?}"))?;
            let mut connection = seedbed::Connection::open_in_memory()?;
            Runner::default().run(&mut connection, &plan.to_sql())?;
            expect_equal("inspected", &observable(&inspect(connection.rusqlite())?), &observable(schema))?;
        }
        Ok(())
    });
}

#[test]
fn a_migration_arrives_at_the_wanted_schema_and_the_way_back_returns() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static STOPS: AtomicUsize = AtomicUsize::new(0);
    hold(|case| {
        let Pair { before, after: Evolved { schema: after, renames, .. } } = &case.pair;
        let mut connection = database_with_rows(before, after, renames, case.seed)?;
        let mut runner = Runner::default();
        let old = Contents::read(connection.rusqlite(), before)?;

        let difference = diff(before, after, renames)?;
        let forward =
            plan(&difference, &PlanOptions::default()).map_err(|open| format!("asked: {open:?}"))?;
        RUNS.fetch_add(1, Ordering::Relaxed);
        let arrived = run_or_stop("forward", &mut runner, &mut connection, &forward, (before, after))?;
        let new = Contents::read(connection.rusqlite(), after)?;
        if arrived {
            let sql = forward.to_sql();
            expect_kept("forward", (before, &old), (after, &new), &difference.renames, &sql)?;
        } else {
            STOPS.fetch_add(1, Ordering::Relaxed);
        }

        let difference = difference.reverse()?;
        let options = PlanOptions { direction: Direction::Reverse, ..PlanOptions::default() };
        let back = plan(&difference, &options).map_err(|open| format!("asked on the way back: {open:?}"))?;
        if run_or_stop("back", &mut runner, &mut connection, &back, (after, before))? {
            let again = Contents::read(connection.rusqlite(), before)?;
            expect_kept("back", (after, &new), (before, &again), &difference.renames, &back.to_sql())?;
        }
        Ok(())
    });
    // The rows are made for both schemas, so hardly any may be in the way.
    let (runs, stops) = (RUNS.load(Ordering::Relaxed), STOPS.load(Ordering::Relaxed));
    assert!(stops <= 1 || stops * 50 <= runs, "{stops} of {runs} migrations stopped at rows");
}

/// A database with its migrations, what its tables held before them, and the SQL of both ways.
type Migrated = (seedbed::Connection, Runner, Contents, String);

/// Returns the SQL of the migration and of its way back.
fn planned(case: &Case) -> Result<(String, String), Box<dyn Error>> {
    let Pair { before, after: Evolved { schema: after, renames, .. } } = &case.pair;
    let difference = diff(before, after, renames)?;
    let forward = plan(&difference, &PlanOptions::default()).map_err(|open| format!("asked: {open:?}"))?;
    let options = PlanOptions { direction: Direction::Reverse, ..PlanOptions::default() };
    let back = plan(&difference.reverse()?, &options).map_err(|open| format!("asked back: {open:?}"))?;
    Ok((forward.to_sql(), back.to_sql()))
}

/// Runs a migration on rows and hands back what was there before; `None` when rows are in its way.
fn migrated(case: &Case) -> Result<Option<Migrated>, Box<dyn Error>> {
    let Pair { before, after: Evolved { schema: after, renames, .. } } = &case.pair;
    let mut connection = database_with_rows(before, after, renames, case.seed)?;
    let old = Contents::read(connection.rusqlite(), before)?;
    let (up, down) = planned(case)?;
    let mut runner = Runner::default();
    runner.run_with_a_way_back(&mut connection, ("SELECT 1", "SELECT 1"), before)?;
    if let Err(error) = runner.run_with_a_way_back(&mut connection, (&up, &down), after) {
        let is_unlike = error.contains("snapshot says");
        return if is_unlike { Err(format!("{error}\n{up}").into()) } else { Ok(None) };
    }
    Ok(Some((connection, runner, old, format!("{up}\n-- back\n{down}"))))
}

#[test]
fn a_rollback_brings_back_every_value() {
    hold(|case| {
        let before = &case.pair.before;
        let Some((mut connection, runner, old, sql)) = migrated(case)? else { return Ok(()) };
        runner.roll_back(&mut connection).map_err(|error| format!("back: {error}\n{sql}"))?;
        expect_arrival("back", connection.rusqlite(), before)?;
        let again = Contents::read(connection.rusqlite(), before)?;
        let missing = old.missing_from(&again, before);
        if !missing.is_empty() {
            return Err(format!("not back: {}\n{sql}", missing.join("\n")).into());
        }
        if connection.rusqlite().prepare("SELECT 1 FROM sqlite_schema WHERE name LIKE '%kept%'")?.exists([])?
        {
            return Err(format!("something is kept still\n{sql}").into());
        }
        Ok(())
    });
}

#[test]
fn a_rollback_with_rows_that_were_added_loses_none_or_stops() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static STOPS: AtomicUsize = AtomicUsize::new(0);
    hold(|case| {
        let Pair { before, after: Evolved { schema: after, .. } } = &case.pair;
        let Some((mut connection, runner, old, sql)) = migrated(case)? else { return Ok(()) };
        // What is not possible beside the rows there are is left out.
        let _ = seedbed::rows::fill(connection.rusqlite(), after, None, 3, case.seed + 1);
        let rows = Contents::read(connection.rusqlite(), after)?;
        RUNS.fetch_add(1, Ordering::Relaxed);
        if runner.roll_back(&mut connection).is_err() {
            STOPS.fetch_add(1, Ordering::Relaxed);
            expect_arrival("stopped", connection.rusqlite(), after)?;
            let same = rows == Contents::read(connection.rusqlite(), after)?;
            return if same {
                Ok(())
            } else {
                Err(format!("a rollback that stopped changed rows\n{sql}").into())
            };
        }
        expect_arrival("back", connection.rusqlite(), before)?;
        let missing = old.missing_from(&Contents::read(connection.rusqlite(), before)?, before);
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("not back: {}\n{sql}", missing.join("\n")).into())
        }
    });
    let (runs, stops) = (RUNS.load(Ordering::Relaxed), STOPS.load(Ordering::Relaxed));
    assert!(stops <= 1 || stops * 10 <= runs * 9, "{stops} of {runs} rollbacks stopped at rows");
}

/// Runs a plan. If rows stop it (values that went are not there to come back with), that must have been announced, the
/// database must be untouched, and without rows it must arrive. Returns whether it ran with its rows.
fn run_or_stop(
    way: &str,
    runner: &mut Runner,
    connection: &mut seedbed::Connection,
    plan: &Plan,
    (from, to): (&Schema, &Schema),
) -> Result<bool, Box<dyn std::error::Error>> {
    let sql = plan.to_sql();
    if let Err(error) = runner.run(connection, &sql) {
        if !plan.hazards().any(|hazard| hazard.code.may_fail()) {
            return Err(format!("{way}, without a warning: {error}\n{sql}").into());
        }
        expect_arrival(&format!("{way}, stopped"), connection.rusqlite(), from)?;
        empty(connection.rusqlite(), from)?;
        runner.run(connection, &sql).map_err(|error| format!("{way}, on empty tables: {error}\n{sql}"))?;
        expect_arrival(&format!("{way}, on empty tables"), connection.rusqlite(), to)?;
        return Ok(false);
    }
    expect_arrival(way, connection.rusqlite(), to)?;
    Ok(true)
}

fn empty(connection: &Connection, schema: &Schema) -> Outcome {
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    for table in &schema.tables {
        connection.execute(&format!("DELETE FROM {}", quote_identifier(&table.name)), [])?;
    }
    Ok(connection.execute_batch("PRAGMA foreign_keys = ON")?)
}

/// The database is what the schema says, sound, and there is nothing left to do.
fn expect_arrival(way: &str, connection: &Connection, schema: &Schema) -> Outcome {
    let live = inspect(connection)?;
    expect_equal(way, &observable(&live), &observable(schema))?;
    if connection.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(format!("{way}: a foreign key is violated").into());
    }
    expect_integrity(way, connection)
}

/// SQLite finds nothing wrong with its file.
fn expect_integrity(way: &str, connection: &Connection) -> Outcome {
    let integrity: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if integrity == "ok" { Ok(()) } else { Err(format!("{way}: {integrity}").into()) }
}

fn expect_kept(
    way: &str,
    before: (&Schema, &Contents),
    after: (&Schema, &Contents),
    renames: &Renames,
    sql: &str,
) -> Outcome {
    let losses = losses(before, after, renames);
    if losses.is_empty() { Ok(()) } else { Err(format!("{way}: lost {}\n{sql}", losses.join("\n")).into()) }
}

#[test]
fn generated_schemas_take_rows() {
    let (mut tables, mut rows) = (0, 0);
    for seed in 0..200 {
        let case = Case::new(seed);
        for schema in case.schemas() {
            let connection = database(schema).unwrap();
            let report = seedbed::rows::fill(&connection, schema, None, 5, seed).unwrap();
            tables += report.tables.len();
            rows += Contents::read(&connection, schema).unwrap().row_count();
            assert!(!connection.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
        }
    }
    assert!(rows > tables * 9 / 2, "{tables} tables took only {rows} rows");
}
