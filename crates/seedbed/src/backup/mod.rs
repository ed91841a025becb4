//! Copies of a whole database, made and brought back while it is in use.
//!
//! [`backup`] copies a database to a new file; a [`Series`] names such files, keeps them apart from others and thins them
//! out; [`examine`] judges a file before anybody relies on it; [`replace`] puts the content of one database into
//! another that may be in use. All go through SQLite's backup interface, so that every reader and writer sees one
//! state or the other, and never a file that is half written.

mod copy;
mod examine;
mod replace;
mod series;
mod unfinished;
mod wreck;

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::connection::Connection;
use crate::error::Error;
use crate::migrate::Holder;

pub use examine::{Examined, examine};
pub use replace::{Kept, ReplaceOptions, Replaced, replace};
pub use series::Series;
use unfinished::Unfinished;
pub use unfinished::left_behind;
pub use wreck::replace_damaged;

/// How far a copy is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Pages are copied.
    Copying {
        /// How many bytes are copied.
        bytes: u64,
        /// How many there are.
        of: u64,
    },
    /// A copy, or a file to be copied, is read through.
    Checking {
        /// The file.
        path: &'a Path,
    },
    /// Another process is in the way.
    Waiting {
        /// The migrator that holds the lock; `None` when it is a program that uses the database.
        holder: Option<&'a Holder>,
        /// For how long.
        waited: Duration,
    },
}

/// How thoroughly a copy is read through before it counts as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Check {
    /// `PRAGMA quick_check`: every page and every row, without comparing the indexes with their tables. As fast as the
    /// file can be read.
    #[default]
    Quick,
    /// `PRAGMA integrity_check`: the indexes too, which takes several times as long.
    Full,
}

/// How a backup is made.
#[derive(Clone, Copy, Default)]
pub struct BackupOptions<'a> {
    /// How the copy is checked. Default: [`Check::Quick`].
    pub check: Check,
    /// Called as the copy goes on.
    pub progress: Option<&'a dyn Fn(&Progress<'_>)>,
}

impl std::fmt::Debug for BackupOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackupOptions").field("check", &self.check).finish_non_exhaustive()
    }
}

/// Copies a database to a new file, which exists only when it is whole.
///
/// The copy goes through SQLite's backup interface into a file beside `to`, is checked ([`Check::Quick`]), reaches the
/// disk, and only then gets its name. A file that is there already is never overwritten. The copy holds what is
/// committed when it begins, is one file without a write-ahead log, and is opened like any database.
///
/// With a write-ahead log nobody waits: others go on reading and writing while the copy is made. With a rollback journal
/// others can read, and who writes waits until the copy is done.
///
/// ```
/// use seedbed::{Connection, backup};
///
/// let folder = tempfile::tempdir()?;
/// let connection = Connection::open(folder.path().join("garden.db"))?;
/// connection.execute_batch("CREATE TABLE trees (name TEXT)")?;
/// backup(&connection, &folder.path().join("garden.backup.db"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When `to` exists, when the database is inside a transaction of this connection or damaged, or when the copy
/// cannot be written. The error names the path; nothing is left behind.
pub fn backup(connection: &Connection, to: &Path) -> Result<(), Error> {
    backup_with(connection, to, &BackupOptions::default())
}

/// Copies a database to a new file as [`backup`] does, with options.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::backup::{BackupOptions, Check, backup_with};
///
/// let folder = tempfile::tempdir()?;
/// let connection = Connection::open(folder.path().join("garden.db"))?;
/// let options = BackupOptions { check: Check::Full, progress: Some(&|progress| eprintln!("{progress:?}")) };
/// backup_with(&connection, &folder.path().join("copy.db"), &options)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`backup`].
pub fn backup_with(connection: &Connection, to: &Path, options: &BackupOptions<'_>) -> Result<(), Error> {
    copy_to(connection, to, options, false)?;
    Ok(())
}

/// Copies a database even if it is damaged, and returns what is wrong with it.
fn back_up_as_it_is(
    connection: &Connection,
    to: &Path,
    options: &BackupOptions<'_>,
) -> Result<Option<String>, Error> {
    copy_to(connection, to, options, true)
}

fn copy_to(
    connection: &Connection,
    to: &Path,
    options: &BackupOptions<'_>,
    damaged_too: bool,
) -> Result<Option<String>, Error> {
    let failed =
        |source: Error| Error::context(format!("cannot back the database up to `{}`", to.display()), source);
    if to.exists() {
        return Err(failed(Error::message("the file exists already")));
    }
    // SQLite would take the log of a database that is gone for that of the new one.
    for suffix in ["-wal", "-journal"] {
        let mut log = to.as_os_str().to_owned();
        log.push(suffix);
        if Path::new(&log).exists() {
            let text = format!("`{}` is left of another database of that name", Path::new(&log).display());
            return Err(failed(Error::message(text).with_hint("move it away, or put its database back")));
        }
    }
    if !connection.rusqlite().is_autocommit() {
        return Err(failed(Error::message("a transaction is open on the connection")));
    }
    let unfinished =
        Unfinished::beside(to).map_err(|error| failed(Error::context("no file can be made there", error)))?;
    let fault = copy::to_file(connection, unfinished.path(), to, options)
        .map_err(|error| failed(error.located_at(to.to_str())))?;
    if let Some(fault) = &fault
        && !damaged_too
    {
        return Err(failed(Error::message(format!("the database is damaged: {fault}"))));
    }
    publish(unfinished.path(), to)
        .map_err(|error| failed(Error::context("the copy could not be brought to the disk", error)))?;
    Ok(fault)
}

/// Brings the file to the disk and gives it its name, which must be free.
fn publish(unfinished: &Path, to: &Path) -> io::Result<()> {
    File::open(unfinished)?.sync_all()?;
    // A rename replaces a file that has appeared meanwhile, a link does not.
    match fs::hard_link(unfinished, to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // A file system without hard links.
        Err(_) => fs::rename(unfinished, to)?,
    }
    #[cfg(unix)]
    {
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
