//! Judges a file before anybody relies on it: is it a database, is it whole, do its foreign keys hold.

use std::fmt;
use std::path::Path;

use super::copy::fault;
use super::{BackupOptions, Progress};
use crate::connection::Connection;
use crate::error::Error;
use crate::open::OpenOptions;

/// A database file that was found whole.
pub struct Examined {
    /// The database, opened for reading only.
    pub connection: Connection,
    /// How big the file is, in bytes.
    pub bytes: u64,
    /// How many rows refer to rows that do not exist.
    pub orphans: u64,
}

impl fmt::Debug for Examined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Examined").field("bytes", &self.bytes).field("orphans", &self.orphans).finish()
    }
}

/// Reads a database file through and says whether it can be relied on.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::backup::{BackupOptions, examine};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("garden.db");
/// drop(Connection::open(&path)?);
/// assert_eq!(examine(&path, &BackupOptions::default())?.orphans, 0);
///
/// std::fs::write(&path, "no database")?;
/// assert!(examine(&path, &BackupOptions::default()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When the file does not exist, cannot be read, is no SQLite database, or is damaged; the error names the path.
pub fn examine(path: &Path, options: &BackupOptions<'_>) -> Result<Examined, Error> {
    let connection = OpenOptions { read_only: true, ..OpenOptions::default() }.open(path)?;
    let shown = path.display();
    let bytes =
        path.metadata().map_err(|error| Error::context(format!("cannot read `{shown}`"), error))?.len();
    if bytes == 0 {
        return Err(Error::message(format!("the file `{shown}` is empty")));
    }
    if let Some(tell) = options.progress {
        tell(&Progress::Checking { path });
    }
    if let Some(fault) = fault(connection.rusqlite(), options.check)? {
        return Err(Error::message(format!("the database `{shown}` is damaged: {fault}")));
    }
    let orphans =
        connection
            .rusqlite()
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0));
    // A key to a table or column that does not exist makes the check itself fail; the file can be relied on all the same.
    Ok(Examined { connection, bytes, orphans: orphans.unwrap_or(0) })
}
