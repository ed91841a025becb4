//! `seedbed seed`: puts rows into a development database, from a file, from a program, or made up.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use seedbed::migrate::{Folder, Holders, MigrateError, MigrateErrorKind, Migrator};
use seedbed::rows::{self, FillOptions, FillReport, Manner};
use seedbed::{Connection, seed};
use serde_json::{Value, json};

use super::paths::{LockArg, UrlArg};
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::progress::Bar;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Seed, Settings};
use crate::terminal::{Style, Terminal};

/// Put rows into a development database
///
/// Runs the SQL file that is given or that `seed` in seedbed.toml names, in one transaction, or the command of `seed = {
/// command = "…" }`, which gets the database's path in SEEDBED_URL. With --rows every table gets so many made-up rows
/// that satisfy all foreign keys, unique constraints and CHECKs.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run this SQL file
    #[arg(conflicts_with = "rows")]
    file: Option<PathBuf>,
    #[command(flatten)]
    url: UrlArg,
    #[command(flatten)]
    lock: LockArg,
    /// Put so many made-up rows into every table
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rows: Option<u32>,
    /// Make other rows; the same number makes the same rows
    #[arg(long, value_name = "NUMBER", requires = "rows", default_value_t = 1)]
    seed: u64,
    /// Fill this table only; may be repeated
    #[arg(long, value_name = "TABLE", requires = "rows")]
    table: Vec<String>,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let settings =
        Settings::load(terminal, Overrides { config, schema: None, out: None, url: args.url.url })?;
    let database = settings.database()?;
    let timeout = args.lock.lock_timeout;
    let mut outcome = Outcome::default();
    if let Some(rows) = args.rows {
        let connection = database::open(&settings, &database, Access::Change)?;
        tell_who_writes(terminal, &database.value);
        let made_up = MadeUp { rows, seed: args.seed, tables: &args.table, timeout };
        fill(terminal, &connection, &made_up, &mut outcome)?;
        return Ok(outcome);
    }
    let source = match args.file {
        Some(file) => Seed::File(file),
        None => settings.seed()?.map(|seed| seed.value).ok_or_else(no_seed)?,
    };
    let mut connection = database::open(&settings, &database, Access::Change)?;
    tell_who_writes(terminal, &database.value);
    run_seed(terminal, &settings, &source, &mut connection, &database.value, timeout, &mut outcome)?;
    Ok(outcome)
}

/// Says for whom a seed is about to wait, where the system tells.
fn tell_who_writes(terminal: &Terminal, path: &Path) {
    let holders = Holders::of(path);
    if holders.migrator.is_some() || !holders.writers.is_empty() {
        let holder = holders.in_the_way().unwrap_or_default();
        terminal.say(&format!("waiting: {holder} is writing to the database"));
    }
}

fn no_seed() -> CliError {
    CliError::usage("there is nothing to seed with: no file is given, and seedbed.toml names no `seed`").with_hint(
        "give a SQL file, write `seed = \"seeds/dev.sql\"` in seedbed.toml, or pass `--rows 100` for made-up rows",
    )
}

/// Runs a seed on the database, which `path` leads to, and tells what it did.
pub(super) fn run_seed(
    terminal: &Terminal,
    settings: &Settings,
    source: &Seed,
    connection: &mut Connection,
    path: &Path,
    timeout: Option<Duration>,
    outcome: &mut Outcome,
) -> Result<(), CliError> {
    let done = terminal.paint(Style::Good, "seeded");
    match source {
        Seed::File(file) => {
            let shown = settings.show(file);
            let sql = fs::read_to_string(file)
                .map_err(|error| CliError::files(format!("cannot read the seed `{shown}`"), error))?;
            let statements = seed::run_sql(connection, &shown, &sql, timeout).map_err(|failure| {
                let hint = is_behind(settings, connection)
                    .then(|| "migrations are pending: run `seedbed migrate` first".to_owned());
                let failed = CliError::from(MigrateError::from(MigrateErrorKind::Failed(failure)));
                failed.with_hints(hint).without_field("migrations")
            })?;
            terminal.say(&format!("{done}: {} of {shown}", quantity::count(statements, "statement")));
            outcome.field("file", shown);
            outcome.field("statements", statements);
        }
        Seed::Command { line, folder } => {
            run_command(terminal, line, folder, path)?;
            terminal.say(&format!("{done}: by `{line}`"));
            outcome.field("seed_command", line.as_str());
        }
    }
    Ok(())
}

/// Whether migrations of the folder are pending; a folder that can't be read is not what the seed is about.
fn is_behind(settings: &Settings, connection: &Connection) -> bool {
    let Ok(out) = settings.out() else { return false };
    let pending = Migrator::new(Folder::new(settings.show(&out.value))).pending(connection);
    pending.is_ok_and(|pending| !pending.is_empty())
}

/// Runs the project's own command. What it prints is talk, so it goes to stderr, or is held back for `--json`.
fn run_command(terminal: &Terminal, line: &str, folder: &Path, database: &Path) -> Result<(), CliError> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.args([flag, line]).current_dir(folder).env(seed::URL_VARIABLE, database).stdin(Stdio::null());
    let failed = |message: String| CliError::new(Kind::Files, message);
    let start = |error| failed(format!("cannot run the seed `{line}`")).with_source(error);
    let (status, output) = if terminal.json {
        let output = command.output().map_err(start)?;
        let text = [output.stdout, output.stderr].concat();
        (output.status, Some(String::from_utf8_lossy(&text).into_owned()))
    } else {
        (command.stdout(io::stderr()).status().map_err(start)?, None)
    };
    if status.success() {
        return Ok(());
    }
    let error = failed(format!("the seed `{line}` failed: {status}"));
    Err(output.into_iter().fold(error, |error, output| error.with_field("output", output)))
}

/// Which rows are made up, and how long to wait for others who write.
struct MadeUp<'a> {
    rows: u32,
    seed: u64,
    tables: &'a [String],
    timeout: Option<Duration>,
}

fn fill(
    terminal: &Terminal,
    connection: &Connection,
    made_up: &MadeUp<'_>,
    outcome: &mut Outcome,
) -> Result<(), CliError> {
    let MadeUp { rows, seed, tables, timeout } = *made_up;
    let database = |error: seedbed::Error| {
        let hint = database::way_out(&error, connection.path());
        CliError::new(Kind::Database, "cannot fill the tables").with_source(error).with_hints(hint)
    };
    let schema = rows::schema(connection).map_err(database)?;
    let known: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    for table in tables {
        if !known.iter().any(|known| known.eq_ignore_ascii_case(table)) {
            return Err(CliError::usage(format!("there is no table `{table}`"))
                .with_hint(format!("the tables are: {}", known.join(", "))));
        }
    }
    if known.is_empty() {
        return Err(CliError::new(Kind::Database, "the database has no tables to fill")
            .with_hint("`seedbed migrate` makes them"));
    }
    let wanted: Vec<&str> = tables.iter().map(String::as_str).collect();
    let bar = Bar::new(terminal);
    let tell = |progress: &rows::FillProgress<'_>| {
        bar.show(progress.table, progress.rows as u64, progress.of as u64);
    };
    let options = FillOptions {
        rows: rows as usize,
        seed,
        tables: (!wanted.is_empty()).then_some(wanted.as_slice()),
        manner: Manner::Plausible,
        all_or_nothing: true,
        progress: Some(&tell),
    };
    let started = Instant::now();
    let report = loop {
        let report = rows::fill_with(connection.rusqlite(), &schema, &options);
        let may_wait = timeout.is_none_or(|timeout| started.elapsed() < timeout);
        // A try waits for `PATIENCE`, and leaves nothing.
        if !may_wait || !report.as_ref().is_err_and(seedbed::Error::is_busy) {
            break report.map_err(database)?;
        }
    };
    bar.clear();
    if report.undone {
        return Err(nothing_fits(&report));
    }
    let mut total = 0;
    for table in &report.tables {
        total += table.rows;
        outcome.line(format!("{}\t{}", table.table, table.rows));
        if table.rows < rows as usize {
            let refusal = table.refusal.as_deref().unwrap_or("it takes no more");
            let warning = terminal.paint(Style::Warning, "warning");
            let took = quantity::count(table.rows, "row");
            terminal.say(&format!("{warning}: `{}` took {took} of {rows}: {refusal}", table.table));
        }
    }
    terminal.say(&format!(
        "{}: {} in {}, in {}",
        terminal.paint(Style::Good, "seeded"),
        quantity::count(total, "row"),
        quantity::count(report.tables.len(), "table"),
        quantity::duration(started.elapsed())
    ));
    let by_table: BTreeMap<&str, Value> = report
        .tables
        .iter()
        .map(|table| (table.table.as_str(), json!({ "rows": table.rows, "refusal": table.refusal })))
        .collect();
    outcome.field("tables", json!(by_table));
    outcome.field("rows", total);
    outcome.field("seed", seed);
    Ok(())
}

/// Some table takes no row; nothing of the rest stays.
fn nothing_fits(report: &FillReport) -> CliError {
    let unfilled: Vec<String> = report
        .unfilled()
        .map(|table| {
            format!(
                "`{}` takes no row: {}",
                table.table,
                table.refusal.as_deref().unwrap_or("no reason is known")
            )
        })
        .collect();
    let error = CliError::new(Kind::Database, format!("nothing was filled: {}", unfilled.join("; ")))
        .with_hint("fill the others with `--table`, and this one by a SQL file or a command");
    let tables: Vec<&str> = report.unfilled().map(|table| table.table.as_str()).collect();
    error.with_field("unfilled", tables)
}
