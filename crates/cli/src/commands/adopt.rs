//! `seedbed adopt`: takes over a database that another tool migrated.

use std::path::PathBuf;

use seedbed::migrate::{Folder, Migrator};

use super::paths::{OutArg, UrlArg};
use crate::cli_error::CliError;
use crate::database::{self, Access};
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Take over a database that another tool migrated
///
/// Looks for the newest migration of the folder whose schema the database has, and records it and those before it as
/// applied. No row and no table is changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let out = settings.existing_out()?;
    let database = settings.database()?;
    let mut connection = database::open(&settings, &database, Access::Change)?;
    let folder = Folder::new(settings.show(&out.value));
    let rewritten = folder.adopt()?;
    if !rewritten.is_empty() {
        terminal.say(&format!("snapshots made anew: {}", rewritten.join(", ")));
    }
    let adopted = Migrator::new(folder).adopt(&mut connection)?;
    let mut outcome = Outcome::default();
    outcome.field("snapshots", rewritten);
    adopted.iter().for_each(|tag| outcome.line(tag));
    let done = terminal.paint(Style::Good, "adopted");
    terminal.say(&format!(
        "{done}: the database is as after {}",
        adopted.last().map_or("nothing", String::as_str)
    ));
    outcome.field("migrations", adopted);
    Ok(outcome)
}
