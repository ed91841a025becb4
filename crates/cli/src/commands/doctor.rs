//! `seedbed doctor`: looks at everything that a project needs, and says what mends what is wrong.

use std::path::PathBuf;

use super::paths::{OutArg, SchemaArg, UrlArg};
use crate::cli_error::{CliError, Kind};
use crate::doctor::{self, Finding, Level};
use crate::quantity::count;
use crate::report::Outcome;
use crate::settings::Overrides;
use crate::terminal::{Style, Terminal};

/// Look at the configuration, the schema, the migrations and the database, and say what mends what is wrong
///
/// Changes nothing. Exits with 1 when there is a fault; a warning is none.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    schema: SchemaArg,
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    /// Leave out what reads the whole database: its integrity, its foreign keys, the sizes of its tables
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: args.schema.schema, out: args.out.out, url: args.url.url };
    let findings = doctor::examine(terminal, overrides, !args.quick);
    let mut outcome = Outcome::default();
    for Finding { level, subject, message, hint } in &findings.0 {
        outcome.line(format!("{:<9}{subject:<15}{message}", level.word()));
        if let Some(hint) = hint {
            outcome.line(format!("{:24}hint: {hint}", ""));
        }
    }
    outcome.field("findings", findings.0.iter().map(Finding::json).collect::<Vec<_>>());
    let (faults, warnings) = (findings.count(Level::Fault), findings.count(Level::Warning));
    outcome.field("faults", faults);
    outcome.field("warnings", warnings);
    let told = format!("{}, {}", count(faults, "fault"), count(warnings, "warning"));
    match (faults, warnings) {
        (0, 0) => terminal.say(&terminal.paint(Style::Good, "all is well")),
        (0, _) => terminal.say(&format!("nothing is broken; {}", count(warnings, "warning"))),
        _ => outcome.found = Some(CliError::new(Kind::Check, told)),
    }
    Ok(outcome)
}
