//! `seedbed squash`: the folder's start, folded into one migration.

use std::path::PathBuf;

use seedbed::migrate::Folder;
use seedbed::squash::{SquashOptions, squash};
use serde_json::json;

use super::paths::OutArg;
use crate::cli_error::CliError;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Fold the migrations up to one into a single migration
///
/// The files are run in memory, and so is the one that takes their place: both must make the same database, the rows that
/// they leave in an empty one included. A database that has applied the old files is recognised by the next `seedbed
/// migrate`. The way back of the new file drops everything that it made.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    /// Fold up to this migration, given by its name or number
    #[arg(long, value_name = "NAME")]
    to: String,
    /// Leave out the rows that the files put into the tables
    #[arg(long)]
    no_rows: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: args.out.out, url: None };
    let settings = Settings::load(terminal, overrides)?;
    let out = settings.existing_out()?;
    let folder = Folder::new(settings.show(&out.value));
    let folded = squash(&folder, &args.to, SquashOptions { rows: !args.no_rows })?;
    folded.write(&folder)?;

    let done = terminal.paint(Style::Good, "folded");
    terminal.say(&format!("{done}: {} into {}", folded.folded.join(", "), folded.tag));
    for (table, count) in &folded.rows {
        let what = if args.no_rows { "left out" } else { "carried" };
        terminal.say(&format!("rows {what}: {count} of {table}"));
    }
    for place in &folded.computed {
        let warning = terminal.paint(Style::Warning, "warning");
        terminal.say(&format!("{warning}: {place} computes a value; the rows have the one that it gave now"));
    }
    if !folded.losing.is_empty() {
        terminal.say(&format!(
            "what {} dropped stays kept in databases that ran it, and no rollback gets to it any more",
            folded.losing.join(", ")
        ));
    }
    let mut outcome = Outcome::default();
    let files =
        ["", ".down"].map(|way| folder.path().join(format!("{}{way}.sql", folded.tag)).display().to_string());
    files.iter().for_each(|file| outcome.line(file));
    outcome.field("migration", folded.tag.as_str());
    outcome.field("folded", folded.folded.clone());
    outcome.field("losing", folded.losing.clone());
    outcome.field("files", files.to_vec());
    let rows = folded.rows.iter().map(|(table, count)| json!({ "table": table, "rows": count }));
    outcome.field("rows", rows.collect::<Vec<_>>());
    outcome.field("computed", folded.computed.clone());
    Ok(outcome)
}
