//! `seedbed check`: looks at the migrations folder alone, without a database.
//!
//! The work is `seedbed::check`; here its findings become lines with their places, all at once, the faults last.

use std::path::PathBuf;

use seedbed::check::{CheckReport, Finding, check, mend};
use seedbed::migrate::Folder;
use serde_json::{Value, json};

use super::paths::OutArg;
use crate::cli_error::{CliError, Kind};
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Check the migrations folder by itself: journal, files, snapshots, and every way there and back
///
/// All migrations are run on an in-memory SQLite: each has to make what its snapshot says, and each way back has to lead
/// back. Everything that is wrong is told at once. Whether the schema asks for a migration that is not there is told by
/// `seedbed generate --check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    /// Mend what is safe to mend: snapshots, the journal, what a killed write left behind; never an SQL file
    #[arg(long)]
    fix: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: args.out.out, url: None };
    let settings = Settings::load(terminal, overrides)?;
    let shown = settings.show(&settings.existing_out()?.value);
    let folder = Folder::new(&shown);
    let fixed = if args.fix { mend(&folder)? } else { Vec::new() };
    let report = check(&folder)?;
    for done in &fixed {
        terminal.say(&format!("{} {done}", terminal.paint(Style::Good, "mended:")));
    }
    let findings: Vec<Value> = report.findings.iter().map(|finding| finding_json(&shown, finding)).collect();
    let faults = report.faults().count();
    if faults > 0 {
        return Err(found(terminal, &shown, &report, faults)
            .with_field("findings", findings)
            .with_field("fixed", fixed)
            .with_field("migrations", report.migrations)
            .with_field("tried", report.tried));
    }
    tell_notes(terminal, &shown, &report).into_iter().for_each(|line| terminal.say(&line));
    let count = quantity::count(report.migrations, "migration");
    terminal.say(&format!("{}: {count}, there and back", terminal.paint(Style::Good, "in order")));
    let mut outcome = Outcome::default();
    outcome.field("findings", findings);
    outcome.field("fixed", fixed);
    outcome.field("migrations", report.migrations);
    outcome.field("tried", report.tried);
    Ok(outcome)
}

/// Lays the findings out: what is only worth knowing first, then every fault with its way out.
fn found(terminal: &Terminal, folder: &str, report: &CheckReport, faults: usize) -> CliError {
    let mut text = String::new();
    for line in tell_notes(terminal, folder, report) {
        text.push_str(&line);
        text.push('\n');
    }
    for fault in report.faults() {
        let error = terminal.paint(Style::Error, "error");
        text.push_str(&format!("{error}: {}: {}\n", place(folder, fault), fault.message));
        if let Some(hint) = &fault.hint {
            text.push_str(&format!("  {}: {hint}\n", terminal.paint(Style::Hint, "hint")));
        }
    }
    let count = quantity::count(faults, "fault");
    let all = quantity::count(report.migrations, "migration");
    text.push_str(&format!("{count} in {all}"));
    if report.tried < report.migrations {
        text.push_str(&format!(", of which {} could be tried", report.tried));
    }
    let mendable = report.faults().filter(|fault| fault.can_be_mended()).count();
    if mendable > 0 {
        text.push_str(&format!("; `seedbed check --fix` mends {mendable}"));
    }
    let first = report.faults().next();
    let message =
        first.map_or_else(String::new, |fault| format!("{}: {}", place(folder, fault), fault.message));
    let message = if faults == 1 { message } else { format!("{count}, the first in {message}") };
    let error = CliError::new(Kind::Check, message).with_excerpt(text);
    // People have the hints in the excerpt already.
    if terminal.json { error.with_hints(first.and_then(|fault| fault.hint.clone())) } else { error }
}

/// Returns the lines about what is only worth knowing, a few of each sort.
fn tell_notes(terminal: &Terminal, folder: &str, report: &CheckReport) -> Vec<String> {
    const MOST: usize = 3;
    let mut notes: Vec<&Finding> = report.findings.iter().filter(|finding| !finding.is_fault()).collect();
    notes.sort_by_key(|note| note.code);
    let mut lines = Vec::new();
    for of_code in notes.chunk_by(|one, other| one.code == other.code) {
        for note in of_code.iter().take(MOST) {
            let word = terminal.paint(Style::Faint, "note");
            lines.push(format!("{word}: {}: {}", place(folder, note), note.message));
        }
        if of_code.len() > MOST {
            lines.push(format!("      and {} more of this sort", of_code.len() - MOST));
        }
    }
    lines
}

/// Returns `migrations/0003_x.sql:4`.
fn place(folder: &str, finding: &Finding) -> String {
    let mut place = format!("{folder}/{}", finding.file);
    for number in [finding.line, finding.column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    place
}

fn finding_json(folder: &str, finding: &Finding) -> Value {
    json!({
        "code": finding.code.as_str(),
        "fault": finding.is_fault(),
        "file": format!("{folder}/{}", finding.file),
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "hint": finding.hint,
        "fixable": finding.can_be_mended(),
    })
}
