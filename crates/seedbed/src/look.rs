//! Opening a database to look at it: nothing is written, and nothing is left beside the file.
//!
//! A file with a write-ahead log is the difficult case: even a reader needs the `-wal` and `-shm` files, and one that
//! may only read leaves them behind. So the file is opened by a connection that could write and refuses to; as the
//! last one to close it takes along what it made. Files of others are left as they are found, a log that a crash left
//! behind too; only the journal of an interrupted transaction is rolled back, as every reader has to. Where this
//! process may not write and no log is there, nobody is writing, and the file is read alone.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{ErrorCode, OpenFlags};

use crate::connection::Connection;
use crate::error::Error;
use crate::open::{Journal, OpenOptions, refused};

impl Connection {
    /// Opens a database to look at it.
    ///
    /// Nothing is written and nothing is left beside the file, whatever its journal mode; it can be read-only, and
    /// others can be writing to it.
    ///
    /// # Errors
    ///
    /// When the file is missing, is no database, or cannot be read; the error names the path.
    ///
    /// ```
    /// use seedbed::Connection;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("garden.db");
    /// Connection::open(&path)?.execute_batch("CREATE TABLE trees (name TEXT)")?;
    /// let connection = Connection::open_to_look(&path)?;
    /// assert!(connection.execute_batch("DROP TABLE trees").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_to_look(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let options = OpenOptions {
            read_only: true,
            create: false,
            journal: Journal::Unchanged,
            ..OpenOptions::default()
        };
        options.check_path(path)?;
        let log = beside(path, "-wal").metadata().ok().map(|metadata| metadata.len());
        if let Some(connection) = quietly(&options, path, log.is_some())? {
            return Ok(connection);
        }
        if log.unwrap_or_default() > 0 || !has_log_mode(path) {
            return options.open(path);
        }
        let open = || {
            let flags = options.flags() | OpenFlags::SQLITE_OPEN_URI;
            let raw = rusqlite::Connection::open_with_flags(alone(path), flags)?;
            options.configure(&raw)?;
            Ok(raw)
        };
        open().map(|raw| Self::from_parts(raw, true)).map_err(|error| refused(path, error, true))
    }
}

/// Opens the file so that it could be written, and refuses to write; `None` when that takes rights that are missing.
fn quietly(options: &OpenOptions, path: &Path, is_logged: bool) -> Result<Option<Connection>, Error> {
    let flags = OpenOptions { read_only: false, ..options.clone() }.flags();
    let failed = |error| refused(path, error, true);
    let Ok(raw) = rusqlite::Connection::open_with_flags(path, flags) else { return Ok(None) };
    if raw.is_readonly("main").map_err(failed)? {
        return Ok(None);
    }
    let prepare = || {
        options.configure(&raw)?;
        // A log that was there is not ours to bring into the file and remove.
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, is_logged)?;
        raw.pragma_update(None, "query_only", true)?;
        raw.query_row("SELECT count(*) FROM main.sqlite_schema", [], |row| row.get::<_, i64>(0))
    };
    match prepare().map_err(|error| (error.sqlite_error_code(), error)) {
        Ok(_) => Ok(Some(Connection::from_parts(raw, true))),
        // The folder takes no files.
        Err((Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly), _)) => Ok(None),
        Err((_, error)) => Err(failed(error)),
    }
}

/// Whether the file's header says that it has a write-ahead log, see <https://www.sqlite.org/fileformat.html>. To close
/// a file lets go of all locks that this process has on it, so only where it cannot write is the file opened beside
/// SQLite.
fn has_log_mode(path: &Path) -> bool {
    let mut header = [0_u8; 20];
    let is_read = File::open(path).and_then(|mut file| file.read_exact(&mut header)).is_ok();
    is_read && header.starts_with(b"SQLite format 3\0") && header[18..].contains(&2)
}

/// Returns the name of a file that SQLite keeps beside the database's.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Returns the URI by which SQLite reads the file alone, without locks and without other files.
fn alone(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for character in path.to_string_lossy().replace('\\', "/").chars() {
        match character {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            other => uri.push(other),
        }
    }
    uri.push_str("?immutable=1");
    uri.into()
}
