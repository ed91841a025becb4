//! Opens the database that the settings name.
//!
//! A database that is there keeps its journal mode; a new one gets a write-ahead log. What only looks (`status`,
//! `--dry-run`) makes no file, not even beside the database: where there is none yet, it looks at an empty database in
//! memory.

use std::path::PathBuf;
use std::time::Duration;

use seedbed::{Connection, Journal, OpenOptions};

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
    let opened = match access {
        Access::Look if !exists => options.open_in_memory(),
        Access::Look | Access::Read => Connection::open_to_look(&path),
        Access::Make | Access::Change => options.open(&path),
    };
    opened.map_err(|error| {
        let message = format!("cannot open the database `{}` ({from})", path.display());
        let hint = error.hint().map(str::to_owned);
        CliError::new(Kind::Database, message).with_source(error).with_hints(hint)
    })
}
