//! `seedbed adopt`: takes over a folder and a database that another tool migrated.

use std::path::PathBuf;

use seedbed::inspect::view_columns;
use seedbed::migrate::{Folder, MigrateOptions, Migration, Migrator};
use seedbed::replay::Replay;
use seedbed_schema::write::rust_source;

use super::paths::{LockArg, OutArg, UrlArg};
use super::running::teller;
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::report::Outcome;
use crate::rust_file::RustFile;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Take over a folder and a database that another tool migrated
///
/// A folder of drizzle-kit (0.31 or 1.0) or of the Rust crate drizzle gets what is missing to be one of ours; its SQL stays as
/// it is. Then the newest migration is looked for whose schema the database has, with regard to what Drizzle's history table
/// says, and it and those before it are recorded as applied. No row and no table is changed. Where there is no Rust schema
/// yet, one is written from what the newest migration leads to.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    /// Write the tables into this Rust file, unless it is there
    #[arg(long, value_name = "PATH")]
    schema: Option<PathBuf>,
    #[command(flatten)]
    lock: LockArg,
}

/// The first comment of the Rust file.
const HEADING: &str = "The tables, as the newest migration leaves them.\n\n\
    From here on this file is yours: change a struct, run `seedbed generate`, then `seedbed migrate`.";

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: args.schema, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let out = settings.existing_out()?;
    let database = settings.database()?;
    let mut connection = database::open(&settings, &database, Access::Change)?;
    let folder = Folder::new(settings.show(&out.value));
    let had_journal = folder.journal()?.is_some();
    let rewritten = folder.adopt()?;
    if !rewritten.is_empty() && had_journal {
        terminal.say(&format!("snapshots made anew: {}", rewritten.join(", ")));
    } else if !rewritten.is_empty() {
        terminal.say(&format!(
            "files made of the directories in `{}`: {}",
            settings.show(&out.value),
            rewritten.join(", ")
        ));
        terminal.say("the directories stay, and nothing reads them any more: remove them when you like");
    }
    let progress = teller(terminal, &settings);
    let options = MigrateOptions {
        lock_timeout: args.lock.lock_timeout,
        progress: Some(&progress),
        ..MigrateOptions::default()
    };
    let migrator = Migrator::new(folder.clone()).options(options);
    let adopted = migrator.adopt(&mut connection)?;
    let mut outcome = Outcome::default();
    outcome.field("snapshots", rewritten);
    adopted.iter().for_each(|tag| outcome.line(tag));
    let done = terminal.paint(Style::Good, "adopted");
    match adopted.last() {
        Some(last) => terminal.say(&format!("{done}: the database is as after {last}")),
        None => terminal.say("the database has nothing of the folder yet: `seedbed migrate` runs it"),
    }
    outcome.field("migrations", adopted);
    let written = write_schema(terminal, &settings, &folder.migrations()?)?;
    outcome.field("schema", written);
    Ok(outcome)
}

/// Writes the Rust file where there is none, and returns its path.
fn write_schema(
    terminal: &Terminal,
    settings: &Settings,
    migrations: &[Migration],
) -> Result<Option<String>, CliError> {
    let setting = settings.schema_to_write()?;
    let Some(snapshot) = migrations.last().map(Migration::snapshot).transpose()?.flatten() else {
        return Ok(None);
    };
    let in_memory = |error: &dyn std::error::Error| CliError::new(Kind::Database, error.to_string());
    let replay = Replay::of(migrations).map_err(|error| in_memory(&error))?;
    let views = view_columns(replay.connection()).map_err(|error| in_memory(&error))?;
    let source = rust_source(&snapshot.schema, &views, HEADING);
    let file = RustFile::new(settings, &setting, &source)?;
    if file.is_taken() {
        return Ok(None);
    }
    let is_written = file.write(terminal)?;
    let warning = terminal.paint(Style::Warning, "not in Rust");
    source.left_out.iter().for_each(|it| terminal.say(&format!("{warning}: {it}")));
    Ok(is_written.then_some(file.shown))
}
