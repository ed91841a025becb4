//! `seedbed migrate`: runs what is pending of the migrations folder, or brings the database to one migration of it.

use std::path::PathBuf;

use seedbed::migrate::{Folder, Keeping, MigrateOptions, Migrator};

use super::paths::{LockArg, OutArg, UrlArg};
use super::running::{BackupArg, options, tell, teller};
use crate::answers::backfill;
use crate::cli_error::CliError;
use crate::database::{self, Access};
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::Terminal;

/// Run the pending migrations, each in a transaction of its own
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    /// Stop at this migration, given by its name or number; when a later one is applied, go back to it
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Print what would run, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Refuse pending migrations that have hazards
    #[arg(long)]
    deny_hazards: bool,
    /// Do not keep what the migrations drop; a rollback cannot bring it back
    #[arg(long)]
    no_keep: bool,
    /// Going back, the value that rows added since get in a column that comes back; repeat it for more
    #[arg(long, value_name = "TABLE.COLUMN=EXPR", requires = "to")]
    backfill: Vec<String>,
    #[command(flatten)]
    backup: BackupArg,
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

    let progress = teller(terminal, &settings);
    let backfills = args.backfill.iter().map(|flag| backfill(flag)).collect::<Result<Vec<_>, _>>()?;
    let options = MigrateOptions {
        deny_hazards: args.deny_hazards,
        keeping: if args.no_keep { Keeping::Nothing } else { Keeping::Aside },
        backfills: &backfills,
        ..options(&args.lock, &args.backup, args.dry_run, &progress)
    };
    let migrator = Migrator::new(folder).options(options);
    let report = match &args.to {
        Some(name) => migrator.run_to(&mut connection, name)?,
        None => migrator.run(&mut connection)?,
    };
    Ok(tell(terminal, &settings, &report))
}
