//! `seedbed reset`: begins again with an empty, migrated and seeded database.

use std::path::PathBuf;

use seedbed::Connection;
use seedbed::backup::{Kept, ReplaceOptions, Series, replace};
use seedbed::migrate::{Folder, MigrateError, Migration};
use seedbed::reset::{self, Belongs, TableRows};
use serde_json::{Map, Value};

use super::backup::failed;
use super::paths::{LockArg, OutArg, UrlArg};
use super::restore::report_kept;
use super::seed::run_seed;
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::progress;
use crate::prompt;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Begin again with an empty database: backed up, migrated, seeded
///
/// Everything in the database is replaced by what the migrations make; then the seed of seedbed.toml runs, if it names
/// one. A backup is made beside the database first. A server may go on running. Only a database that the migrations
/// folder was used on is reset.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    #[command(flatten)]
    lock: LockArg,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Make no backup
    #[arg(long)]
    no_backup: bool,
    /// Leave the tables empty
    #[arg(long)]
    no_seed: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let out = settings.existing_out()?;
    let database = settings.database()?;
    let seed = if args.no_seed { None } else { settings.seed()? };
    let folder = Folder::new(settings.show(&out.value));
    let migrations = folder.migrations().map_err(|error| CliError::from(MigrateError::from(error)))?;
    let path = PathBuf::from(settings.show(&database.value));

    // Everything that can fail without the database being touched comes first.
    let access = if path.exists() { Access::Change } else { Access::Look };
    let looked_at = database::open(&settings, &database, access)?;
    refuse_others(&looked_at, &migrations, &path.display().to_string(), &settings.show(&out.value))?;
    let lost = reset::rows(&looked_at).map_err(failed)?;
    let fresh = reset::fresh(folder, &looked_at)?;
    tell_loss(terminal, &lost, args.no_backup);
    if !args.yes && !lost.is_empty() {
        consent(terminal, &lost, &path.display().to_string())?;
    }

    drop(looked_at);
    let mut connection = database::open(&settings, &database, Access::Make)?;
    let series = Series::beside(&path, "before-reset");
    let tell = progress::copying(terminal);
    let options = ReplaceOptions {
        keep: (!args.no_backup && !lost.is_empty()).then_some(&series),
        lock_timeout: args.lock.lock_timeout,
        progress: Some(&tell),
        ..ReplaceOptions::default()
    };
    let kept: Kept = replace(&mut connection, &fresh, &options).map_err(failed)?.kept;
    drop(tell);

    let mut outcome = Outcome::default();
    report_kept(terminal, &mut outcome, &kept);
    terminal.say(&format!(
        "{}: {}, {}",
        terminal.paint(Style::Good, "reset"),
        path.display(),
        quantity::count(migrations.len(), "migration")
    ));
    let lost: Map<String, Value> = lost.into_iter().map(|lost| (lost.table, lost.rows.into())).collect();
    outcome.field("lost", lost);
    outcome.field("migrations", migrations.iter().map(Migration::tag).collect::<Vec<_>>());
    if let Some(seed) = seed {
        let timeout = args.lock.lock_timeout;
        run_seed(terminal, &settings, &seed.value, &mut connection, &database.value, timeout, &mut outcome)?;
    }
    Ok(outcome)
}

fn refuse_others(
    connection: &Connection,
    migrations: &[Migration],
    path: &str,
    folder: &str,
) -> Result<(), CliError> {
    let refused = |message: String| CliError::new(Kind::Config, message);
    match reset::belongs(connection, migrations).map_err(failed)? {
        Belongs::Yes => Ok(()),
        Belongs::NotAdopted => {
            Err(refused(format!("the database `{path}` was migrated by Drizzle and is not taken over"))
                .with_hint("`seedbed adopt` takes it over"))
        }
        Belongs::No => Err(refused(format!(
            "the database `{path}` is not reset: no migration of `{folder}` was run on it"
        ))
        .with_hint("correct the path; delete the file by hand if it is really the one")),
    }
}

fn tell_loss(terminal: &Terminal, lost: &[TableRows], no_backup: bool) {
    let warning = terminal.paint(Style::Warning, "lost");
    for table in lost {
        let rows = quantity::count(usize::try_from(table.rows).unwrap_or(usize::MAX), "row");
        terminal.say(&format!("{warning}: {rows} of {}", table.table));
    }
    if no_backup && !lost.is_empty() {
        terminal.say(&format!("{}: for good, as there is no backup", terminal.paint(Style::Warning, "lost")));
    }
}

fn consent(terminal: &Terminal, lost: &[TableRows], path: &str) -> Result<(), CliError> {
    if terminal.interactive && prompt::consent(terminal, &format!("empty {path}?")) {
        return Ok(());
    }
    let lost: Map<String, Value> = lost.iter().map(|lost| (lost.table.clone(), lost.rows.into())).collect();
    Err(CliError::new(Kind::Question, "only you can allow this; the database is as it was")
        .with_field("lost", lost)
        .with_hint("--yes allows: every row goes, after a backup beside the database"))
}
