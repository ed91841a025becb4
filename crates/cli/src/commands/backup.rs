//! `seedbed backup`: a checked copy of the database, made while it is in use.

use std::path::{Path, PathBuf};
use std::time::Instant;

use seedbed::backup::{BackupOptions, Check, Series, backup_with};

use super::paths::UrlArg;
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::progress;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Copy the database to a file, while it is in use
///
/// The copy is checked and appears only when it is whole; a file that is there already is never overwritten. Without FILE
/// it lies beside the database and is named by the time in UTC, as in app.2026-01-31T12-00-00Z.backup.db; where FILE is a
/// folder, it lies there under such a name.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the copy goes: a new file, or a folder
    file: Option<PathBuf>,
    #[command(flatten)]
    url: UrlArg,
    /// Delete the oldest of the copies that this command named by the time, and keep so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Compare every index with its table, too, which takes several times as long
    #[arg(long)]
    full_check: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let settings =
        Settings::load(terminal, Overrides { config, schema: None, out: None, url: args.url.url })?;
    let database = settings.database()?;
    let source = PathBuf::from(settings.show(&database.value));
    let series = Series::beside(&source, "backup");
    let (file, series) = match args.file {
        None => (None, series),
        Some(folder) if folder.is_dir() => (None, series.in_folder(&folder)),
        Some(file) => (Some(file), series),
    };
    if args.keep.is_some() && file.is_some() {
        return Err(CliError::usage(
            "`--keep` counts copies that are named by the time, and FILE names another",
        )
        .with_hint("leave FILE out, or give a folder"));
    }
    let connection = database::open(&settings, &database, Access::Read)?;
    let tell = progress::copying(terminal);
    let check = if args.full_check { Check::Full } else { Check::Quick };
    let options = BackupOptions { check, progress: Some(&tell) };
    let started = Instant::now();
    let copy = match file {
        Some(file) => backup_with(&connection, &file, &options).map(|()| file),
        None => series.back_up(&connection, &options),
    };
    drop(tell);
    let copy = copy.map_err(failed)?;
    let bytes = copy.metadata().map_or(0, |metadata| metadata.len());
    let deleted =
        args.keep.map_or(Ok(Vec::new()), |keep| series.keep_newest(keep as usize)).map_err(failed)?;

    let shown = |path: &Path| path.display().to_string();
    let mut outcome = Outcome::default();
    outcome.line(shown(&copy));
    deleted.iter().for_each(|path| terminal.say(&format!("deleted: {}", path.display())));
    terminal.say(&format!(
        "{}: {}, checked, in {}",
        terminal.paint(Style::Good, "backed up"),
        quantity::bytes(bytes),
        quantity::duration(started.elapsed())
    ));
    outcome.field("file", shown(&copy));
    outcome.field("bytes", bytes);
    outcome.field("deleted", deleted.iter().map(|path| shown(path)).collect::<Vec<_>>());
    outcome.field("milliseconds", started.elapsed().as_secs_f64() * 1000.0);
    Ok(outcome)
}

/// A copy that could not be made or a folder that could not be thinned out.
pub(super) fn failed(error: seedbed::Error) -> CliError {
    let kind = if error.as_rusqlite().is_some() { Kind::Database } else { Kind::Files };
    let hints = hints(&error);
    CliError::new(kind, error.to_string()).with_hints(hints).with_source(error)
}

/// Returns the ways out that an error and its causes know.
fn hints(error: &seedbed::Error) -> Vec<String> {
    let mut hints = Vec::new();
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let hint = error.downcast_ref::<seedbed::Error>().and_then(seedbed::Error::hint);
        hints.extend(hint.map(str::to_owned));
        next = error.source();
    }
    hints
}
