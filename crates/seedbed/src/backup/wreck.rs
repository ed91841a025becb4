//! Puts the content of a database in the place of a file that cannot be opened as one any more: cut off, overwritten, or
//! never a database.
//!
//! There is no content to be kept by SQLite's means, so the bytes are copied. Then SQLite is asked to empty the file
//! under its own locks, and the content goes in as it does into any other.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;

use super::replace::{Kept, ReplaceOptions, Replaced, locked, replace};
use super::unfinished::Unfinished;
use crate::connection::Connection;
use crate::error::Error;
use crate::look::beside;
use crate::migrate::lock;
use crate::open::{Journal, OpenOptions};

/// Puts the content of `source` in the place of a file that is too damaged to be opened, see [`Error::is_damaged`]. What
/// can be opened is for [`replace`](super::replace()).
///
/// The file stays the same file here, too. With [`ReplaceOptions::keep`] its bytes are copied first, its write-ahead log
/// as well. A process that is killed in between leaves an empty database, or the new content.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::backup::{Kept, ReplaceOptions, Series, replace_damaged};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("garden.db");
/// std::fs::write(&path, "no longer a database")?;
/// assert!(Connection::open(&path).unwrap_err().is_damaged());
///
/// let backup = Connection::open_in_memory()?;
/// backup.execute_batch("CREATE TABLE trees (name TEXT)")?;
/// let series = Series::beside(&path, "before-restore");
/// let options = ReplaceOptions { keep: Some(&series), ..ReplaceOptions::default() };
/// let Kept::Damaged(kept) = replace_damaged(&path, &backup, &options)?.kept else { panic!() };
/// assert_eq!(std::fs::read_to_string(kept)?, "no longer a database");
/// Connection::open(&path)?.execute("INSERT INTO trees VALUES ('oak')", &[])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When a file cannot be written, or others are in the way for too long.
pub fn replace_damaged(
    path: &Path,
    source: &Connection,
    options: &ReplaceOptions<'_>,
) -> Result<Replaced, Error> {
    let kept = match options.keep {
        Some(series) => Kept::Damaged(copy_bytes(path, &series.free_path(source)?)?),
        None => Kept::Nothing,
    };
    empty(path, options)?;
    let opening = OpenOptions { create: false, journal: Journal::Unchanged, ..OpenOptions::default() };
    let mut target = opening.open(path)?;
    replace(&mut target, source, &ReplaceOptions { keep: None, ..*options })?;
    Ok(Replaced { kept })
}

/// Copies a file, and the log that may belong to it. Nothing of SQLite's is open meanwhile: closing the file would let go
/// of its locks.
fn copy_bytes(from: &Path, to: &Path) -> Result<PathBuf, Error> {
    let failed = |error| {
        Error::context(format!("cannot keep the damaged file as `{}`", to.display()), error)
            .with_hint("make room there, or move the file away by hand")
    };
    let copy = Unfinished::beside(to).map_err(failed)?;
    fs::copy(from, copy.path()).map_err(failed)?;
    let log = beside(from, "-wal");
    if log.metadata().is_ok_and(|metadata| metadata.len() > 0) {
        let copy_of_log = beside(copy.path(), "-wal");
        fs::copy(log, &copy_of_log).map_err(failed)?;
        // The log first: a file without it would pass for all that there was.
        fs::rename(copy_of_log, beside(to, "-wal")).map_err(failed)?;
    }
    fs::rename(copy.path(), to).map_err(failed)?;
    Ok(to.to_owned())
}

/// Makes an empty database of the file, see <https://www.sqlite.org/c3ref/c_dbconfig_defensive.html>.
fn empty(path: &Path, options: &ReplaceOptions<'_>) -> Result<(), Error> {
    let failed = |error| {
        Error::context(format!("cannot empty the damaged file `{}`", path.display()), Error::from(error))
    };
    let raw = rusqlite::Connection::open(path).map_err(failed)?;
    let _lock = lock::take(&raw, options.lock_timeout, &|_, _, _| {}).map_err(locked)?;
    // A database that had a write-ahead log goes on with one when its header was read before.
    let _ = raw.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, true).map_err(failed)?;
    raw.execute_batch("VACUUM").map_err(failed)?;
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, false).map_err(failed)?;
    Ok(())
}
