//! What `migrate` and `rollback` have in common: what is told while a run goes on and at its end.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use seedbed::migrate::{BackupBefore, Direction, MigrateOptions, Progress, Report};

use super::kept::rows;
use super::paths::LockArg;
use crate::failures::report_json;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::Settings;
use crate::terminal::{Style, Terminal};

/// `--no-backup`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct BackupArg {
    /// Make no backup beside the database before data is dropped
    #[arg(long)]
    no_backup: bool,
}

/// Returns the options of a run that tells how it goes on.
pub(super) fn options<'a>(
    lock: &LockArg,
    backup: &BackupArg,
    dry_run: bool,
    progress: &'a dyn Fn(&Progress<'_>),
) -> MigrateOptions<'a> {
    MigrateOptions {
        lock_timeout: lock.lock_timeout,
        dry_run,
        backup: if backup.no_backup { BackupBefore::Nothing } else { BackupBefore::Losses },
        progress: Some(progress),
        ..MigrateOptions::default()
    }
}

/// Tells how a run goes on: each migration as it begins, and its statements once it takes longer than a moment.
pub(super) fn teller(terminal: &Terminal, settings: &Settings) -> impl Fn(&Progress<'_>) {
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
            terminal.say(&match progress {
                // SQLite knows the database by its full path.
                Progress::BackedUp { to } => {
                    Progress::BackedUp { to: Path::new(&settings.show(to)) }.to_string()
                }
                Progress::BackupWithdrawn { from } => {
                    Progress::BackupWithdrawn { from: Path::new(&settings.show(from)) }.to_string()
                }
                progress => progress.to_string(),
            });
        }
    }
}

/// Tells what a run did, or, for a dry run, would do.
pub(super) fn tell(terminal: &Terminal, settings: &Settings, report: &Report) -> Outcome {
    let mut outcome = Outcome::default();
    let is_back = report.direction == Direction::Reverse;
    for migration in &report.migrations {
        if report.dry_run {
            let file = if is_back { "down.sql" } else { "sql" };
            outcome.line(format!("-- {}.{file}", migration.tag));
            outcome.line(migration.sql.trim_end());
        } else {
            outcome.line(&migration.tag);
        }
        if migration.statements == 0 && !is_back {
            let note = terminal.paint(Style::Warning, "note");
            let way_out =
                if report.dry_run { "" } else { "; `seedbed rollback` takes it back, before you write some" };
            terminal.say(&format!("{note}: {} has no statement{way_out}", migration.tag));
        }
        for hazard in &migration.hazards {
            terminal.say(&format!("{}: {hazard}", terminal.paint(Style::Warning, "hazard")));
        }
        for restored in &migration.restored {
            terminal.say(&format!("put back: {restored}"));
        }
        for part in &migration.kept {
            terminal.say(&format!("kept aside: {}, {}", part, rows(part)));
        }
        for part in &migration.brought_back {
            terminal.say(&format!("brought back: {}, {}", part, rows(part)));
        }
        for change in &migration.differs {
            let warning = terminal.paint(Style::Warning, "warning");
            terminal.say(&format!("{warning}: the way back leaves something to do: {change}"));
        }
        for part in &migration.left_kept {
            let warning = terminal.paint(Style::Warning, "still kept");
            let why = "the way back has no empty place for it";
            terminal.say(&format!("{warning}: {}, {}: {why}", part, rows(part)));
        }
    }
    let count = quantity::count(report.migrations.len(), "migration");
    let time = || quantity::duration(report.migrations.iter().map(|migration| migration.duration).sum());
    let good = |text: String| format!("{} in {}", terminal.paint(Style::Good, &text), time());
    terminal.say(&match (report.migrations.len(), report.dry_run, is_back) {
        (0, _, false) => "nothing is pending".to_owned(),
        (0, _, true) => "nothing is to be rolled back".to_owned(),
        (_, true, false) => format!("{count} would run"),
        (_, true, true) => format!("{count} would be rolled back"),
        (_, false, false) => good(format!("{count} done")),
        (_, false, true) => good(format!("{count} rolled back")),
    });
    outcome.field("dry_run", report.dry_run);
    outcome.field("backup", report.backup.as_ref().map(|path| settings.show(path)));
    outcome.field("direction", if is_back { "back" } else { "forward" });
    outcome.field("migrations", report_json(report));
    outcome
}
