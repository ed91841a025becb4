//! `seedbed rollback`: undoes the newest migrations.

use std::path::PathBuf;

use seedbed::migrate::{Back, Folder, MigrateOptions, Migrator};

use super::paths::{LockArg, OutArg, UrlArg};
use super::running::{BackupArg, options, tell, teller};
use crate::answers::backfill;
use crate::cli_error::CliError;
use crate::database::{self, Access};
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::Terminal;

/// Undo the newest migrations, each in a transaction of its own
///
/// What undoes a migration is the SQL that was recorded when it ran, so the folder need not have its file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    /// Undo so many migrations; one when nothing is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "to")]
    steps: Option<u32>,
    /// Undo all migrations after this one, given by its name or number; `empty` undoes every one
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Print what would run, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The value that rows added since get in a column that comes back; repeat it for more
    #[arg(long, value_name = "TABLE.COLUMN=EXPR")]
    backfill: Vec<String>,
    #[command(flatten)]
    backup: BackupArg,
    #[command(flatten)]
    lock: LockArg,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    // The folder may be gone: the database knows the way back.
    let folder = Folder::new(settings.show(&settings.out()?.value));
    let access = if args.dry_run { Access::Look } else { Access::Change };
    let mut connection = database::open(&settings, &settings.database()?, access)?;
    let progress = teller(terminal, &settings);
    let backfills = args.backfill.iter().map(|flag| backfill(flag)).collect::<Result<Vec<_>, _>>()?;
    let options = MigrateOptions {
        backfills: &backfills,
        ..options(&args.lock, &args.backup, args.dry_run, &progress)
    };
    let back = match &args.to {
        Some(name) => Back::To(name),
        None => Back::Steps(args.steps.map_or(1, |steps| usize::try_from(steps).unwrap_or(usize::MAX))),
    };
    let report = Migrator::new(folder).options(options).rollback(&mut connection, back)?;
    Ok(tell(terminal, &settings, &report))
}
