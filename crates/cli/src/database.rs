//! Opens the database that the settings name.
//!
//! A database that is there keeps its journal mode; a new one gets a write-ahead log. What only looks (`status`,
//! `--dry-run`) makes no file, not even beside the database: where there is none yet, it looks at an empty database in
//! memory.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use seedbed::migrate::Holders;
use seedbed::{Connection, Error, Journal, OpenOptions};

use crate::cli_error::{CliError, Kind};
use crate::settings::{Setting, Settings};

/// What the verb is going to do with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Change it, and make it when it is not there.
    Make,
    /// Change it; it has to be there.
    Change,
    /// Read it; it has to be there.
    Read,
    /// Look at it.
    Look,
}

/// How long a statement waits by itself for others who write. The migrator tries again for as long as it may, and
/// says that it is waiting; a longer wait inside SQLite would keep it from saying so.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// How long the file may be locked before it is opened.
const OPENING: Duration = Duration::from_secs(5);

/// Opens the database.
pub(crate) fn open(
    settings: &Settings,
    database: &Setting<PathBuf>,
    access: Access,
) -> Result<Connection, CliError> {
    let path = PathBuf::from(settings.show(&database.value));
    let exists = path.exists();
    let from = settings.describe(&database.origin);
    if !exists && matches!(access, Access::Change | Access::Read) {
        let message = format!("there is no database at `{}` ({from})", path.display());
        return Err(
            CliError::config(message).with_hint("correct the path; `seedbed migrate` makes a new database")
        );
    }
    let journal = if exists { Journal::Unchanged } else { Journal::Wal };
    let options = OpenOptions {
        journal,
        create: access == Access::Make,
        busy_timeout: PATIENCE,
        ..OpenOptions::default()
    };
    let attempt = || match access {
        Access::Look if !exists => options.open_in_memory(),
        Access::Look | Access::Read => Connection::open_to_look(&path),
        Access::Make | Access::Change => options.open(&path),
    };
    // Without a write-ahead log a commit of somebody else keeps the file from being opened at all.
    let started = Instant::now();
    let mut opened = attempt();
    while opened.as_ref().is_err_and(Error::is_busy) && started.elapsed() < OPENING {
        opened = attempt();
    }
    opened.map_err(|error| {
        let message = format!("cannot open the database `{}` ({from})", path.display());
        let hint = way_out(&error, Some(&path));
        CliError::new(Kind::Database, message).with_source(error).with_hints(hint)
    })
}

/// Says what to do about an error of a database: who is in the way, where the system tells, or what the error knows.
pub(crate) fn way_out(error: &Error, path: Option<&Path>) -> Option<String> {
    let path = path.filter(|_| error.is_busy());
    match path.and_then(|path| Holders::of(path).in_the_way()) {
        Some(holder) => Some(format!("{holder} is using the database: wait for it, or end it")),
        None => error.hint().map(str::to_owned),
    }
}
