//! Puts the content of one database into another that may be in use.
//!
//! ```text
//! lock file            no migrator is at work
//! write lock           nobody writes; with a write-ahead log others go on reading what was
//!   keep               a backup of what is replaced
//!   copy every page    one transaction: whoever reads next sees all of it, a crash undoes all of it
//! COMMIT
//! ```
//!
//! The file stays the same file, so that a server that has it open sees the new content with its next transaction. A
//! file that is renamed over an open one would go on living under the hands of that server, with two write-ahead
//! logs of one name.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::backup::{Backup, StepResult};

use super::copy::{self, page_size};
use super::unfinished::Unfinished;
use super::{BackupOptions, Check, Progress, Series, back_up_as_it_is};
use crate::connection::Connection;
use crate::error::Error;
use crate::migrate::lock::{self, LockError, is_busy, until_free};
use crate::open::OpenOptions;

/// How the content of a database is replaced.
#[derive(Clone, Copy, Default)]
pub struct ReplaceOptions<'a> {
    /// Where a backup of what is replaced goes; `None` makes none.
    pub keep: Option<&'a Series>,
    /// How that backup is checked. Default: [`Check::Quick`].
    pub check: Check,
    /// How long to wait for others who migrate, write, or (with a rollback journal) read. `None` waits as long as they
    /// live.
    pub lock_timeout: Option<Duration>,
    /// Called as it goes on.
    pub progress: Option<&'a dyn Fn(&Progress<'_>)>,
}

impl fmt::Debug for ReplaceOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ReplaceOptions");
        shown.field("keep", &self.keep).field("check", &self.check).field("lock_timeout", &self.lock_timeout);
        shown.finish_non_exhaustive()
    }
}

/// What came of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The backup of what was there.
    pub kept: Kept,
}

/// What became of the content that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// There was none, or nobody wanted it.
    Nothing,
    /// It is in this file, which was checked.
    Whole(PathBuf),
    /// It is in this file as it was: damaged.
    Damaged(PathBuf),
}

/// Puts the content of `source` in the place of the content of `target`, in one transaction.
///
/// Others may have `target` open: those who read see the new content with their next transaction, those who write wait.
/// Killed at any moment, the target holds the old content or the new.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::backup::{ReplaceOptions, replace};
///
/// let folder = tempfile::tempdir()?;
/// let mut garden = Connection::open(folder.path().join("garden.db"))?;
/// let other = Connection::open(folder.path().join("garden.db"))?;
/// let fresh = Connection::open_in_memory()?;
/// fresh.execute_batch("CREATE TABLE trees (name TEXT)")?;
/// replace(&mut garden, &fresh, &ReplaceOptions::default())?;
/// other.execute("INSERT INTO trees VALUES ('oak')", &[])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When one of them is inside a transaction, when they have different text encodings, when others are in the way for too
/// long, or when a file cannot be written. The target is as it was.
pub fn replace(
    target: &mut Connection,
    source: &Connection,
    options: &ReplaceOptions<'_>,
) -> Result<Replaced, Error> {
    if !target.rusqlite().is_autocommit() || !source.rusqlite().is_autocommit() {
        return Err(Error::message("a transaction is open on one of the connections"));
    }
    let encoding = |connection: &Connection| {
        connection.rusqlite().query_row("PRAGMA encoding", [], |row| row.get::<_, String>(0))
    };
    let (before, after) = (encoding(target)?, encoding(source)?);
    if before != after && !is_empty(target) {
        let text = format!("the databases have different text encodings, {before} and {after}");
        return Err(Error::message(text).with_hint("move the old file away, and begin with a new one"));
    }
    let _lock = lock::take(target.rusqlite(), options.lock_timeout, &|_, holder, waited| {
        options.tell(&Progress::Waiting { holder, waited });
    })
    .map_err(locked)?;
    let resized = Resized::of(source, target)?;
    let source = resized.as_ref().map_or(source, |resized| &resized.connection);
    put(target, source, options).map_err(|error| error.located(target.rusqlite()))
}

impl ReplaceOptions<'_> {
    fn tell(&self, progress: &Progress<'_>) {
        if let Some(tell) = self.progress {
            tell(progress);
        }
    }
}

/// Copies under the lock, and keeps what was there.
fn put(
    target: &mut Connection,
    source: &Connection,
    options: &ReplaceOptions<'_>,
) -> Result<Replaced, Error> {
    let path = target.path().map(Path::to_owned);
    let keep = options.keep.filter(|_| !is_empty(target)).zip(path.as_deref());
    let has_log = journal_mode(target)? == "wal";
    let page_size = page_size(source)?;
    let mut kept = Kept::Nothing;
    loop {
        let mut kept_of = None;
        // With a rollback journal nobody can read any more once the lock is there, so the copy comes first and counts
        // only if nobody wrote in between.
        if let Some((series, path)) = keep.filter(|_| !has_log) {
            discard(&kept);
            kept_of = stamp(path);
            kept = keep_copy(path, series, options)?;
        }
        let backup = Backup::new(source.rusqlite(), target.rusqlite_mut())?;
        take_write_lock(&backup, options)?;
        if let Some((series, path)) = keep {
            if has_log {
                kept = keep_copy(path, series, options)?;
            } else if stamp(path) != kept_of {
                continue;
            }
        }
        copy::run(&backup, page_size, options.progress).inspect_err(|_| discard(&kept))?;
        break;
    }
    // The log holds the whole database now; when others still read what was, the next checkpoint gets it.
    if has_log {
        let _ = target.rusqlite().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
    Ok(Replaced { kept })
}

/// Takes the target's write lock, which the backup then holds to its end.
fn take_write_lock(backup: &Backup<'_, '_>, options: &ReplaceOptions<'_>) -> Result<(), Error> {
    let waiting = |waited| options.tell(&Progress::Waiting { holder: None, waited });
    until_free(options.lock_timeout, &waiting, || match backup.step(0)? {
        StepResult::Busy | StepResult::Locked => {
            let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
            Err(rusqlite::Error::SqliteFailure(busy, Some("database is locked".to_owned())))
        }
        _ => Ok(()),
    })
    .map_err(|error| match is_busy(&error) {
        true => Error::from(error).with_hint("another program uses the database: end it, or wait longer"),
        false => Error::from(error),
    })
}

/// Backs up what is about to be replaced. What is damaged is kept as it is, since it is all that there is.
fn keep_copy(path: &Path, series: &Series, options: &ReplaceOptions<'_>) -> Result<Kept, Error> {
    let reader = OpenOptions { read_only: true, ..OpenOptions::default() }.open(path)?;
    let copy = series.free_path(&reader)?;
    let backup = BackupOptions { check: options.check, progress: options.progress };
    Ok(match back_up_as_it_is(&reader, &copy, &backup)? {
        None => Kept::Whole(copy),
        Some(_) => Kept::Damaged(copy),
    })
}

/// Deletes a backup of what was not replaced after all.
fn discard(kept: &Kept) {
    if let Kept::Whole(path) | Kept::Damaged(path) = kept {
        // It is one backup too many; that the work failed is what has to be told.
        let _ = fs::remove_file(path);
    }
}

/// Whether there is nothing in a database; a damaged one has something.
fn is_empty(connection: &Connection) -> bool {
    let objects = connection.rusqlite().query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
    objects.is_ok_and(|objects: u64| objects == 0)
}

fn journal_mode(connection: &Connection) -> Result<String, Error> {
    let mode: String = connection.rusqlite().query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    Ok(mode.to_ascii_lowercase())
}

/// Returns what changes when somebody writes to a file. The file is not opened: to close it again would let go of
/// SQLite's own locks on it.
fn stamp(path: &Path) -> Option<(u64, SystemTime)> {
    let metadata = path.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

pub(super) fn locked(error: LockError) -> Error {
    match error {
        LockError::Timeout { path, holder, waited } => {
            let holder = holder.map_or("another process".to_owned(), |holder| holder.to_string());
            let (path, waited) = (path.display(), waited.as_millis());
            Error::message(format!("`{path}` is still held by {holder} after {waited} ms"))
        }
        LockError::Io { path, error } => {
            Error::context(format!("the lock `{}` could not be taken", path.display()), error)
                .with_hint("the folder of the database has to be writable")
        }
    }
}

/// A copy of the source with pages of the target's size, which a database with a write-ahead log cannot change.
struct Resized {
    connection: Connection,
    /// Deleted when the copy is done.
    _file: Unfinished,
}

impl Resized {
    /// Makes one if it is needed.
    fn of(source: &Connection, target: &Connection) -> Result<Option<Self>, Error> {
        let wanted = page_size(target)?;
        let Some(path) = target.path() else { return Ok(None) };
        if wanted == page_size(source)? || journal_mode(target)? != "wal" {
            return Ok(None);
        }
        let file = Unfinished::beside(path)
            .map_err(|error| Error::context("no file can be made beside the database", error))?;
        let failed = |error: rusqlite::Error| {
            let error = Error::from(error).located_at(file.path().to_str());
            Error::context(format!("cannot copy the content to pages of {wanted} bytes"), error)
        };
        source.rusqlite().pragma_update(None, "page_size", wanted).map_err(failed)?;
        let shown = file.path().to_string_lossy();
        source.rusqlite().execute("VACUUM INTO ?1", [shown.as_ref()]).map_err(failed)?;
        let connection = OpenOptions { read_only: true, ..OpenOptions::default() }.open(file.path())?;
        Ok(Some(Self { connection, _file: file }))
    }
}
