//! `seedbed migrate`: runs what is pending of the migrations folder.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use seedbed::migrate::{Folder, MigrateOptions, Migrator, Progress};

use super::paths::{LockArg, OutArg, UrlArg};
use crate::cli_error::CliError;
use crate::database::{self, Access};
use crate::failures::report_json;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Run the pending migrations, each in a transaction of its own
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    /// Print what would run, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Refuse pending migrations that have hazards
    #[arg(long)]
    deny_hazards: bool,
    #[command(flatten)]
    lock: LockArg,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let out = settings.existing_out()?;
    let database = settings.database()?;
    let folder = Folder::new(settings.show(&out.value));
    let access = if args.dry_run { Access::Look } else { Access::Make };
    // A folder that can't be used is found before a database is made.
    folder.migrations().map_err(|error| CliError::from(seedbed::migrate::MigrateError::from(error)))?;
    let mut connection = database::open(&settings, &database, access)?;

    let progress = teller(terminal);
    let options = MigrateOptions {
        lock_timeout: args.lock.lock_timeout,
        deny_hazards: args.deny_hazards,
        dry_run: args.dry_run,
        progress: Some(&progress),
    };
    let report = Migrator::new(folder).options(options).run(&mut connection)?;
    let mut outcome = Outcome::default();
    for migration in &report.migrations {
        if args.dry_run {
            outcome.line(format!("-- {}.sql", migration.tag));
            outcome.line(migration.sql.trim_end());
        } else {
            outcome.line(&migration.tag);
        }
        for hazard in &migration.hazards {
            terminal.say(&format!("{}: {hazard}", terminal.paint(Style::Warning, "hazard")));
        }
        for restored in &migration.restored {
            terminal.say(&format!("put back: {restored}"));
        }
    }
    let migrations = quantity::count(report.migrations.len(), "migration");
    terminal.say(&match (report.migrations.is_empty(), args.dry_run) {
        (true, _) => "nothing is pending".to_owned(),
        (_, true) => format!("{migrations} would run"),
        (_, false) => {
            let time = report.migrations.iter().map(|migration| migration.duration).sum();
            let done = terminal.paint(Style::Good, &format!("{migrations} done"));
            format!("{done} in {}", quantity::duration(time))
        }
    });
    outcome.field("dry_run", args.dry_run);
    outcome.field("migrations", report_json(&report));
    Ok(outcome)
}

/// Tells how a run goes on: each migration as it begins, and its statements once it takes longer than a moment.
fn teller(terminal: &Terminal) -> impl Fn(&Progress<'_>) {
    const MOMENT: Duration = Duration::from_secs(1);
    let said = Cell::new(Instant::now());
    move |progress| {
        let is_due = match progress {
            Progress::Finished { .. } => false,
            Progress::Statement { .. } => said.get().elapsed() >= MOMENT,
            _ => true,
        };
        if is_due {
            said.set(Instant::now());
            terminal.say(&progress.to_string());
        }
    }
}
