//! A copy of a whole database, made while it is in use.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};

use crate::connection::Connection;
use crate::error::Error;

/// Copies a database to a new file, which exists only when it is whole.
///
/// The copy goes through SQLite's backup interface into a file beside `to`, is checked (`PRAGMA integrity_check`),
/// reaches the disk, and only then gets its name. A file that is there already is never overwritten. The copy holds what
/// is committed, is one file without a write-ahead log, and is opened like any database.
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
    let failed =
        |source: Error| Error::context(format!("cannot back the database up to `{}`", to.display()), source);
    if to.exists() {
        return Err(failed(Error::message("the file exists already")));
    }
    if !connection.rusqlite().is_autocommit() {
        return Err(failed(Error::message("a transaction is open on the connection")));
    }
    let unfinished = Unfinished(beside(to));
    copy(connection, &unfinished.0).map_err(failed)?;
    publish(&unfinished.0, to).map_err(|error| failed(Error::message(error.to_string())))
}

fn copy(connection: &Connection, to: &Path) -> Result<(), Error> {
    let mut target = rusqlite::Connection::open(to)?;
    let all_pages = -1;
    match Backup::new(connection.rusqlite(), &mut target)?.step(all_pages)? {
        StepResult::Done => {}
        _ => return Err(Error::message("the database is busy")),
    }
    // The header of a database with a write-ahead log says so; the copy shall be a single file.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    let verdict: String = target.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Error::message(format!("the database is damaged: {verdict}")));
    }
    target.close().map_err(|(_, error)| error)?;
    Ok(())
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

/// A file that goes when the backup fails, and whose second name goes when it succeeds.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename it is gone already; a leftover does no harm beyond its size.
        let _ = fs::remove_file(&self.0);
    }
}

/// Returns a name in the same folder that no other process uses.
fn beside(to: &Path) -> PathBuf {
    let mut name = to.file_name().map(OsString::from).unwrap_or_default();
    name.push(format!(".{}.unfinished", std::process::id()));
    to.with_file_name(name)
}
