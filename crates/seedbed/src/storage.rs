//! What the disk refuses: no space, no permission to write, a failing device. SQLite says it in a few words that name
//! no file; here they become a sentence that names the database, and the way out.

use std::io;

use rusqlite::{ErrorCode, ffi};

/// A refusal of the disk, told for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What happened, with the file.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
}

/// Tells what an error of SQLite says about the disk; `None` when it is about something else. `path` is the
/// database's, none for one in memory.
pub(crate) fn refusal(error: &rusqlite::Error, path: Option<&str>) -> Option<Refusal> {
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return None };
    let database = match path.filter(|path| !path.is_empty()) {
        Some(path) => format!("the database `{path}`"),
        None => "the database".to_owned(),
    };
    let (message, hint) = match (failure.code, failure.extended_code) {
        (ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => {
            (format!("no space is left on the disk for {database}"), NO_SPACE)
        }
        // A database that others changed or removed meanwhile is not a matter of permissions.
        (ErrorCode::ReadOnly, ffi::SQLITE_READONLY_DBMOVED) => (
            format!("{database} was moved or removed while it was in use"),
            "put the file back, and do not move a database that is in use",
        ),
        (ErrorCode::ReadOnly, _) => (format!("{database} cannot be written"), NOT_WRITABLE),
        (_, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_TRUNCATE) => {
            (format!("{database} cannot be written to the disk"), WRITE_FAILED)
        }
        (_, ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC | ffi::SQLITE_IOERR_READ) => {
            (format!("the disk failed under {database}"), "look at the health of the disk, and have a backup")
        }
        // The files beside it: the write-ahead log, its index, the rollback journal.
        (ErrorCode::CannotOpen, _) => {
            (format!("a file beside {database} cannot be opened or made"), NOT_WRITABLE)
        }
        _ => return None,
    };
    Some(Refusal { message, hint: hint.to_owned() })
}

/// Returns the way out of what the system says about a file that was to be written.
pub(crate) fn way_out(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(NO_SPACE),
        io::ErrorKind::FileTooLarge => Some(WRITE_FAILED),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            Some("the file and the folder that it is in have to be writable by this user")
        }
        _ => None,
    }
}

const NO_SPACE: &str =
    "free some space, then run it again; temporary files need some, too (`TMPDIR` says where they lie)";
/// The way out where a file may only be read.
pub(crate) const NOT_WRITABLE: &str = "the file and the folder that it is in have to be writable by this user, and the disk must not be mounted read-only";
const WRITE_FAILED: &str = "the system allows no larger file (`ulimit -f`, the file system), or the disk fails; mend that, then run it again";

#[cfg(test)]
mod tests {
    use super::refusal;
    use rusqlite::ffi;

    #[test]
    fn what_the_disk_refuses_names_the_database_and_the_way_out() {
        let told = |code| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            refusal(&error, Some("/srv/app.db"))
        };
        let full = told(ffi::SQLITE_FULL).unwrap();
        assert_eq!(full.message, "no space is left on the disk for the database `/srv/app.db`");
        assert!(full.hint.starts_with("free some space"));
        assert!(told(ffi::SQLITE_READONLY_DIRECTORY).unwrap().hint.contains("writable by this user"));
        assert!(told(ffi::SQLITE_IOERR_WRITE).unwrap().hint.contains("ulimit -f"));
        assert_eq!(told(ffi::SQLITE_BUSY), None);
        assert_eq!(told(ffi::SQLITE_CONSTRAINT_UNIQUE), None);
    }
}
