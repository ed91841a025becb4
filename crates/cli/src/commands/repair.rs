//! `seedbed repair`: puts the record of the migrations right, after proving what the database has.

use std::path::PathBuf;
use std::time::Duration;

use seedbed::migrate::{Folder, MigrateOptions, Migrator, Progress, Repair, RepairOptions};

use super::paths::{OutArg, UrlArg};
use crate::cli_error::CliError;
use crate::database::{self, Access};
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Put the record of the migrations right, after proving what the database has
///
/// Runs the files in memory and compares what they make with the database. No table and no row is changed, only what
/// the database says about its migrations. `seedbed status` says what is to be repaired.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(false))]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    /// Take the file of an applied migration as it is now, after it was edited
    #[arg(long, value_name = "NAME", group = "what")]
    edited: Option<String>,
    /// Record a migration as applied that the database has
    #[arg(long, value_name = "NAME", group = "what")]
    applied: Option<String>,
    /// Take a migration out of the record that the database does not have; its file can be gone
    #[arg(long, value_name = "NAME", group = "what")]
    not_applied: Option<String>,
    /// Leave a table, view, trigger or index alone that another tool made
    #[arg(long, value_name = "NAME", group = "what")]
    foreign: Option<String>,
    /// Change the record without a proof, or against it
    #[arg(long)]
    force: bool,
    /// Say what would be recorded, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// How long others who write are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let (repair, action, words) = what(&args)?;
    let overrides = Overrides { config, schema: None, out: args.out.out.clone(), url: args.url.url.clone() };
    let settings = Settings::load(terminal, overrides)?;
    let out = settings.out()?;
    let database = settings.database()?;
    let mut connection = database::open(&settings, &database, Access::Change)?;
    let tell = |progress: &Progress<'_>| terminal.say(&progress.to_string());
    let options =
        MigrateOptions { lock_timeout: Some(PATIENCE), progress: Some(&tell), ..MigrateOptions::default() };
    let migrator = Migrator::new(Folder::new(settings.show(&out.value))).options(options);
    let how = RepairOptions { force: args.force, dry_run: args.dry_run };
    let repaired = migrator.repair(&mut connection, repair, how)?;

    let subject = &repaired.subject;
    if repaired.was_right {
        terminal.say(&format!("`{subject}` is recorded so already"));
    } else {
        if !repaired.proved {
            let found = match repaired.against.len() {
                0 => "nothing proves it".to_owned(),
                _ => {
                    let changes = repaired.against.iter().map(|change| format!("\n  {change}"));
                    format!("the database would need{}", changes.collect::<String>())
                }
            };
            terminal.say(&format!("{}: forced; {found}", terminal.paint(Style::Warning, "warning")));
        }
        let would = if args.dry_run { "would be " } else { "" };
        terminal.say(&terminal.paint(Style::Good, &format!("`{subject}` {would}{words}")));
    }
    let mut outcome = Outcome::default();
    outcome.field("action", action);
    outcome.field("name", subject.as_str());
    outcome.field("changed", !repaired.was_right && !args.dry_run);
    outcome.field("proved", repaired.proved);
    outcome.field("differences", serde_json::to_value(&repaired.against).unwrap_or_default());
    outcome.field("dry_run", args.dry_run);
    Ok(outcome)
}

/// Returns what is asked for, its name in `--json`, and the words for what is done.
fn what(args: &Args) -> Result<(Repair<'_>, &'static str, &'static str), CliError> {
    match (&args.edited, &args.applied, &args.not_applied, &args.foreign) {
        (Some(name), ..) => Ok((Repair::Edited(name), "edited", "recorded with its file as it is now")),
        (_, Some(name), ..) => Ok((Repair::Applied(name), "applied", "recorded as applied")),
        (_, _, Some(name), _) => Ok((Repair::NotApplied(name), "not-applied", "taken out of the record")),
        (.., Some(name)) => Ok((Repair::Foreign(name), "foreign", "left alone from now on")),
        _ => {
            Err(CliError::usage("nothing to repair is named")
                .with_hint("`seedbed status` says what is wrong"))
        }
    }
}
