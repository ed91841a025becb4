//! Opening a database: the settings of every connection, and errors that name the path.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{ErrorCode, OpenFlags};

use crate::connection::Connection;
use crate::error::Error;
use crate::migrate::lock::until_free;
use crate::replay::refuse_quoted_texts;
use crate::storage;
use crate::watch::Watching;

/// How a database is opened.
///
/// Whatever is set here, a string in double quotes is never taken for a text (`"name"` is a column or an
/// error), and the schema of a file cannot call functions or virtual tables that could do harm.
///
/// ```
/// use seedbed::OpenOptions;
///
/// let folder = tempfile::tempdir()?;
/// let options = OpenOptions { create: false, ..OpenOptions::default() };
/// let error = options.open(folder.path().join("garden.db")).unwrap_err();
/// assert!(error.to_string().ends_with("garden.db` does not exist"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// Opens the file for reading only; it has to exist. Default: no.
    pub read_only: bool,
    /// Makes the file when it does not exist; its folder has to. Default: yes.
    pub create: bool,
    /// How long a statement waits for a lock that another connection holds. Default: 5 seconds.
    pub busy_timeout: Duration,
    /// When a commit waits for the disk. Default: [`Synchronous::Full`].
    pub synchronous: Synchronous,
    /// Whether foreign keys are enforced. Default: yes.
    pub foreign_keys: bool,
    /// How the file is kept whole. Default: [`Journal::Wal`].
    pub journal: Journal,
    /// A statement that takes as long or longer is logged with its SQL, never with the values that it was given: as a
    /// warning of `tracing` with the target `seedbed::slow_query` (feature `tracing`), and to the
    /// [`Observer`](crate::Observer) of a pool. That includes BEGIN, which waits for other writers, and COMMIT, which
    /// waits for the disk. Default: none is.
    pub slow_query: Option<Duration>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            read_only: false,
            create: true,
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::Full,
            foreign_keys: true,
            journal: Journal::Wal,
            slow_query: None,
        }
    }
}

/// When a commit waits for the disk, see <https://www.sqlite.org/pragma.html#pragma_synchronous>.
///
/// This is about the end of the machine: a power failure, a crash of the operating system. The end of the process,
/// `kill -9` included, takes nothing that was committed, whatever is set here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// Never. The end of the machine may damage the database. For data that can be made again.
    Off,
    /// At checkpoints. With a write-ahead log the end of the machine may take back the last commits, each of them whole;
    /// the database stays sound. With a rollback journal there is a very small chance that it does not.
    Normal,
    /// At every commit: what was committed stays, as far as the disk keeps what it says to have written. On macOS that
    /// takes `PRAGMA fullfsync` as well.
    Full,
}

/// How the file is kept whole, see <https://www.sqlite.org/pragma.html#pragma_journal_mode>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    /// A write-ahead log: readers and the writer do not wait for each other. Stays set in the file.
    Wal,
    /// A rollback journal that is deleted at every commit.
    Delete,
    /// As the file has it.
    Unchanged,
}

/// How many prepared statements a connection keeps.
const CACHED_STATEMENTS: usize = 128;

impl OpenOptions {
    /// Opens a database file. The path `:memory:` is a database in memory.
    ///
    /// # Errors
    ///
    /// When the file or its folder is missing, is no database, or cannot be read or written; the error names the path.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Connection, Error> {
        let path = path.as_ref();
        if path == Path::new(":memory:") {
            return self.open_in_memory();
        }
        self.check_path(path)?;
        let raw = rusqlite::Connection::open_with_flags(path, self.flags())
            .map_err(|error| refused(path, error, self.read_only))?;
        if !self.read_only && raw.is_readonly("main")? {
            let error = Error::message(format!("the database `{}` cannot be written", path.display()));
            return Err(error.with_hint(storage::NOT_WRITABLE));
        }
        self.configure(&raw).map_err(|error| refused(path, error, self.read_only))?;
        Ok(self.watched(Connection::from_parts(raw, self.read_only)))
    }

    /// Opens a new, empty database that lives in memory as long as the connection.
    ///
    /// # Errors
    ///
    /// When there is no memory left.
    pub fn open_in_memory(&self) -> Result<Connection, Error> {
        let raw = rusqlite::Connection::open_in_memory()?;
        Self { journal: Journal::Unchanged, ..self.clone() }.configure(&raw)?;
        Ok(self.watched(Connection::from_parts(raw, false)))
    }

    fn watched(&self, mut connection: Connection) -> Connection {
        *connection.watching_mut() = Watching::new(self.slow_query);
        connection
    }

    /// Says what is wrong with a path in words of its own, where SQLite would say "unable to open database file".
    pub(crate) fn check_path(&self, path: &Path) -> Result<(), Error> {
        let shown = path.display();
        if path.as_os_str().is_empty() {
            return Err(Error::message("the path of the database is empty"));
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                Err(Error::message(format!("cannot open `{shown}` as a database: it is a folder")))
            }
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                if let Some(folder) = folder
                    && !folder.is_dir()
                {
                    let text =
                        format!("the folder `{}` of the database `{shown}` does not exist", folder.display());
                    return Err(Error::message(text));
                }
                if self.read_only || !self.create {
                    return Err(Error::message(format!("the database `{shown}` does not exist")));
                }
                Ok(())
            }
            Err(error) => Err(Error::context(format!("cannot open the database `{shown}`"), error)),
        }
    }

    pub(crate) fn flags(&self) -> OpenFlags {
        // A connection is never used by two threads at once, so that SQLite's own mutex is not needed.
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
        flags |=
            if self.read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        if self.create && !self.read_only {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        flags
    }

    pub(crate) fn configure(&self, raw: &rusqlite::Connection) -> rusqlite::Result<()> {
        raw.busy_timeout(self.busy_timeout)?;
        raw.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        refuse_quoted_texts(raw)?;
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, self.foreign_keys)?;
        let synchronous = match self.synchronous {
            Synchronous::Off => "OFF",
            Synchronous::Normal => "NORMAL",
            Synchronous::Full => "FULL",
        };
        raw.pragma_update(None, "synchronous", synchronous)?;
        let journal = match self.journal {
            Journal::Wal if !self.read_only => Some("WAL"),
            Journal::Delete if !self.read_only => Some("DELETE"),
            _ => None,
        };
        // SQLite asks nobody to wait while it switches to or from a write-ahead log, so that of several programs that open
        // a new database at once one would be refused; hence it is tried again.
        until_free(Some(self.busy_timeout), &|_| {}, || {
            if let Some(journal) = journal {
                // The pragma answers with the mode that is now in force; a file system without shared memory keeps its own.
                raw.pragma_update_and_check(None, "journal_mode", journal, |_| Ok(()))?;
            }
            // Opening reads nothing yet; this reads the header, so that a file that is no database is refused here.
            raw.query_row("PRAGMA schema_version", [], |_| Ok(()))
        })
    }
}

/// Names the path of a database that SQLite refused to open.
pub(crate) fn refused(path: &Path, error: rusqlite::Error, read_only: bool) -> Error {
    let shown = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            let text = format!("the file `{shown}` is not a SQLite database, or it is encrypted");
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
            Error::from(rusqlite::Error::SqliteFailure(code, Some(text)))
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            Error::context(format!("cannot open the database `{shown}`"), Error::from(error)).with_hint(
                "it is damaged: `seedbed restore FILE` puts a backup in its place, and keeps it as it is; \
                 without one, move it away",
            )
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            let text = format!("cannot open the database `{shown}`");
            let rights = if read_only { "be read" } else { "be read and written" };
            Error::context(text, Error::from(error))
                .with_hint(format!("the file and the folder that it is in have to {rights} by this user"))
        }
        _ => {
            let text = format!("cannot open the database `{shown}`");
            match storage::refusal(&error, path.to_str()) {
                Some(refusal) => Error::context(text, Error::context(refusal.message, Error::from(error)))
                    .with_hint(refusal.hint),
                None => Error::context(text, Error::from(error)),
            }
        }
    }
}
