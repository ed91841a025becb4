//! `seedbed restore`: puts a backup in the place of the database, beside a running server too.

use std::path::{Path, PathBuf};

use seedbed::Connection;
use seedbed::backup::{
    BackupOptions, Check, Examined, Kept, ReplaceOptions, Series, backup_with, examine, replace,
    replace_damaged,
};
use seedbed::migrate::{Folder, MigrationState, Migrator};

use super::backup::failed;
use super::paths::{LockArg, OutArg, UrlArg};
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::progress;
use crate::prompt;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Put the content of a backup in the place of the database
///
/// The file is read through first, and what it replaces is backed up beside the database. A server may go on running: it
/// sees the new content with its next transaction. Killed at any moment, the database holds the old content or the new.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The backup, an SQLite database
    file: PathBuf,
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    #[command(flatten)]
    lock: LockArg,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let database = settings.database()?;
    let target = PathBuf::from(settings.show(&database.value));
    refuse_itself(&args.file, &target)?;

    let tell = progress::copying(terminal);
    let check = BackupOptions { check: Check::Full, progress: Some(&tell) };
    let backup = examine(&args.file, &check).map_err(|error| {
        let hint = error.hint().map(str::to_owned);
        CliError::new(Kind::Files, format!("cannot restore from `{}`", args.file.display()))
            .with_source(error)
            .with_hints(hint)
    })?;
    let history = History::of(&settings, &backup.connection)?;
    tell_about(terminal, &args.file, &backup, &history);
    if !args.yes {
        consent(terminal, &target)?;
    }

    let series = Series::beside(&target, "before-restore");
    let kept = if target.exists() {
        let options = ReplaceOptions {
            keep: Some(&series),
            lock_timeout: args.lock.lock_timeout,
            progress: Some(&tell),
            ..ReplaceOptions::default()
        };
        let replaced = match database::open(&settings, &database, Access::Change) {
            Ok(mut connection) => replace(&mut connection, &backup.connection, &options),
            Err(error) if is_damaged(&error) => replace_damaged(&target, &backup.connection, &options),
            Err(error) => return Err(error),
        };
        replaced.map_err(failed)?.kept
    } else {
        backup_with(&backup.connection, &target, &BackupOptions { check: Check::Quick, ..check })
            .map_err(failed)?;
        Kept::Nothing
    };
    drop(tell);

    let mut outcome = Outcome::default();
    report_kept(terminal, &mut outcome, &kept);
    terminal.say(&format!("{}: {}", terminal.paint(Style::Good, "restored"), target.display()));
    if !history.pending.is_empty() {
        terminal.say(&format!(
            "next: `seedbed migrate`, which runs {}",
            quantity::count(history.pending.len(), "migration")
        ));
    }
    outcome.field("bytes", backup.bytes);
    outcome.field("orphans", backup.orphans);
    outcome.field("pending", history.pending);
    outcome.field("unknown", history.unknown);
    Ok(outcome)
}

/// Tells where the replaced content is.
pub(super) fn report_kept(terminal: &Terminal, outcome: &mut Outcome, kept: &Kept) {
    let shown = |path: &Path| path.display().to_string();
    let (path, is_damaged) = match kept {
        Kept::Nothing => (None, false),
        Kept::Whole(path) => (Some(shown(path)), false),
        Kept::Damaged(path) => (Some(shown(path)), true),
    };
    if let Some(path) = &path {
        let note = if is_damaged { ", damaged as it was" } else { "" };
        terminal.say(&format!("what was there is in {path}{note}"));
        outcome.line(path);
    }
    outcome.field("kept", path);
    outcome.field("kept_is_damaged", is_damaged);
}

/// Whether a database cannot be opened because of what is in the file.
fn is_damaged(error: &CliError) -> bool {
    let source = error.source.as_ref().and_then(|source| source.downcast_ref::<seedbed::Error>());
    source.is_some_and(seedbed::Error::is_damaged)
}

/// How the migrations in a backup stand to the folder.
#[derive(Default)]
struct History {
    newest: Option<String>,
    pending: Vec<String>,
    unknown: Vec<String>,
}

impl History {
    fn of(settings: &Settings, backup: &Connection) -> Result<Self, CliError> {
        let out = settings.out()?;
        if !out.value.is_dir() {
            return Ok(Self::default());
        }
        let statuses = Migrator::new(Folder::new(settings.show(&out.value))).status(backup)?;
        let with = |wanted: fn(MigrationState) -> bool| {
            let found = statuses.iter().filter(|status| wanted(status.state));
            found.map(|status| status.tag.clone()).collect::<Vec<_>>()
        };
        let is_pending = |state| matches!(state, MigrationState::Pending | MigrationState::OutOfOrder);
        let is_applied = |state| matches!(state, MigrationState::Applied | MigrationState::Changed);
        Ok(Self {
            newest: with(is_applied).pop(),
            pending: with(is_pending),
            unknown: with(|state| state == MigrationState::Unknown),
        })
    }
}

fn tell_about(terminal: &Terminal, file: &Path, backup: &Examined, history: &History) {
    let newest = match &history.newest {
        Some(newest) => format!("migrated up to {newest}"),
        None => "without a migration of this folder".to_owned(),
    };
    terminal.say(&format!("{}: {}, {newest}", file.display(), quantity::bytes(backup.bytes)));
    let warning = terminal.paint(Style::Warning, "warning");
    if !history.unknown.is_empty() {
        let unknown = history.unknown.join("`, `");
        terminal.say(&format!("{warning}: it was migrated by `{unknown}`, which the folder does not have"));
    }
    if backup.orphans > 0 {
        let rows = quantity::count(usize::try_from(backup.orphans).unwrap_or(usize::MAX), "row");
        let refer = if backup.orphans == 1 { "refers" } else { "refer" };
        terminal.say(&format!("{warning}: {rows} in it {refer} to rows that do not exist"));
    }
}

fn consent(terminal: &Terminal, target: &Path) -> Result<(), CliError> {
    let question = match target.exists() {
        true => format!("put it in the place of all that is in {}?", target.display()),
        false => format!("make {} from it?", target.display()),
    };
    if terminal.interactive && prompt::consent(terminal, &question) {
        return Ok(());
    }
    Err(CliError::new(Kind::Question, "only you can allow this; the database is as it was")
        .with_hint("--yes allows: what is in the database is replaced, and kept beside it in a backup"))
}

fn refuse_itself(file: &Path, target: &Path) -> Result<(), CliError> {
    match (file.canonicalize(), target.canonicalize()) {
        (Ok(real_file), Ok(real_target)) if real_file == real_target => {
            Err(CliError::usage(format!("`{}` is the database itself", file.display()))
                .with_hint("name a backup of it"))
        }
        _ => Ok(()),
    }
}
