//! One migrator at a time: an advisory lock on a file beside the database.
//!
//! SQLite's own locks are held for one transaction only, so two migrators could both read the history, find the
//! same migration pending and run it in turn. This lock spans the whole run. The kernel releases it when its holder
//! dies, however it dies; the file names the holder, so that those who wait can say for whom.
//!
//! ```text
//! holder                         waiter
//! open, lock, write pid          open the same file
//!  … migrates …                  try to lock: held, so wait and say for whom
//! remove the file, unlock   ──►  locked, but the path leads to another file or to none: open again
//! ```

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::look::beside;

/// How long a waiter sleeps between two tries.
const TRY_AGAIN: Duration = Duration::from_millis(20);
/// How long a waiter is silent.
const SILENCE: Duration = Duration::from_secs(1);

/// The process that holds a lock, as the lock's file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process id.
    pub process: u32,
    /// The program's name.
    pub program: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} ({})", self.process, self.program)
    }
}

/// A held lock; dropping it removes the file and lets the next one in.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: File,
    path: PathBuf,
}

/// Why a lock was not taken.
#[derive(Debug)]
pub(crate) enum LockError {
    /// The holder did not let go in time.
    Timeout { path: PathBuf, holder: Option<Holder>, waited: Duration },
    /// The file cannot be made or locked.
    Io { path: PathBuf, error: io::Error },
}

/// Takes the lock of a connection's main database. `None` when it needs none, or lies on a file system without locks, as
/// some network shares are: what is left then is that every script looks again inside its transaction.
pub(crate) fn take(
    connection: &Connection,
    timeout: Option<Duration>,
    waiting: &dyn Fn(&Path, Option<&Holder>, Duration),
) -> Result<Option<FileLock>, LockError> {
    let Some(path) = path_for(connection) else { return Ok(None) };
    match FileLock::acquire(&path, timeout, &|holder, waited| waiting(&path, holder, waited)) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockError::Io { error, .. }) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the path of the lock of a connection's main database; `None` for a database that no other process can
/// reach, one in memory or a temporary one.
pub(crate) fn path_for(connection: &Connection) -> Option<PathBuf> {
    path_of(Path::new(connection.path().filter(|path| !path.is_empty())?))
}

/// Returns the path of the lock of a database file.
pub(super) fn path_of(database: &Path) -> Option<PathBuf> {
    // A database of another VFS has a name that is no file's.
    Some(beside(&database.canonicalize().ok()?, "-seedbed-lock"))
}

impl FileLock {
    /// Takes the lock, waiting for its holder as long as `timeout` allows (`None`: as long as the holder lives).
    /// `waiting` is called after a second and then at growing intervals.
    pub(crate) fn acquire(
        path: &Path,
        timeout: Option<Duration>,
        waiting: &dyn Fn(Option<&Holder>, Duration),
    ) -> Result<Self, LockError> {
        let failed = |error| LockError::Io { path: path.to_owned(), error };
        let started = Instant::now();
        let mut say_at = SILENCE;
        loop {
            let mut file = open(path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) if leads_to(path, &file) => {
                    // On a full disk nobody learns who holds it; it is held nevertheless.
                    let _ = write_holder(&mut file);
                    return Ok(Self { file, path: path.to_owned() });
                }
                // The holder removed the file between our open and our lock.
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            let waited = started.elapsed();
            if timeout.is_some_and(|timeout| waited >= timeout) {
                return Err(LockError::Timeout {
                    path: path.to_owned(),
                    holder: read_holder(&mut file),
                    waited,
                });
            }
            if waited >= say_at {
                waiting(read_holder(&mut file).as_ref(), waited);
                say_at *= 4;
            }
            std::thread::sleep(TRY_AGAIN);
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Removed while it is still locked: whoever opens the path from now on makes a new file, and whoever has
        // this one open finds out that it is no longer the path's. Windows does not let an open file go, so there
        // the file stays, which harms nobody.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Whether the path still leads to the file that was opened by it.
#[cfg(unix)]
fn leads_to(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (std::fs::metadata(path), file.metadata()) {
        (Ok(by_path), Ok(opened)) => identity(by_path) == identity(opened),
        _ => false,
    }
}

/// Whether the path still leads to the file that was opened by it; here nobody removes it.
#[cfg(not(unix))]
fn leads_to(_path: &Path, _file: &File) -> bool {
    true
}

fn write_holder(file: &mut File) -> io::Result<()> {
    let program = std::env::current_exe().ok();
    let program =
        program.as_deref().and_then(Path::file_stem).map_or("?".into(), |name| name.to_string_lossy());
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {program}", std::process::id())
}

/// Reads who holds the lock; `None` when the holder has not written it yet.
pub(super) fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(512).read_to_string(&mut text).ok()?;
    let (process, program) = text.strip_suffix('\n')?.split_once(' ')?;
    Some(Holder { process: process.parse().ok()?, program: program.to_owned() })
}

/// Does something that another connection may keep from happening, again and again until it happens or `timeout` is
/// over. The connection's own busy handler is part of each try and is left as it is.
pub(crate) fn until_free<T>(
    timeout: Option<Duration>,
    waiting: &dyn Fn(Duration),
    mut attempt: impl FnMut() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let started = Instant::now();
    let mut say_at = SILENCE;
    loop {
        let outcome = attempt();
        let waited = started.elapsed();
        if !outcome.as_ref().is_err_and(is_busy) || timeout.is_some_and(|timeout| waited >= timeout) {
            return outcome;
        }
        if waited >= say_at {
            waiting(waited);
            say_at *= 4;
        }
        std::thread::sleep(TRY_AGAIN);
    }
}

/// Whether another connection is in the way.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use super::{FileLock, Holder, LockError, path_for};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    fn path(name: &str) -> std::path::PathBuf {
        let name = format!("seedbed-lock-{}-{name}", std::process::id());
        std::env::temp_dir().canonicalize().unwrap().join(name)
    }

    #[test]
    fn a_held_lock_names_its_holder_and_times_out() {
        let path = path("held");
        let held = FileLock::acquire(&path, None, &|_, _| ()).unwrap();
        let error = FileLock::acquire(&path, Some(Duration::ZERO), &|_, _| ()).unwrap_err();
        let LockError::Timeout { holder: Some(Holder { process, program }), .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(process, std::process::id());
        assert!(program.starts_with("seedbed"), "{program}");
        drop(held);
        assert!(!path.exists());
        drop(FileLock::acquire(&path, Some(Duration::ZERO), &|_, _| ()).unwrap());
    }

    #[test]
    fn a_crowd_is_let_in_one_by_one() {
        let path = path("crowd");
        let (inside, entries) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let lock = FileLock::acquire(&path, None, &|_, _| ()).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        entries.fetch_add(1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert_eq!(entries.into_inner(), 400);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_dead_holder_left_behind_is_no_hindrance() {
        let path = path("dead");
        std::fs::write(&path, "1 init with a long name\n").unwrap();
        drop(FileLock::acquire(&path, Some(Duration::ZERO), &|_, _| ()).unwrap());
        assert!(!path.exists());
    }

    #[test]
    fn a_database_in_memory_needs_no_lock() {
        let memory = rusqlite::Connection::open_in_memory().unwrap();
        assert_eq!(path_for(&memory), None);
        let shared = rusqlite::Connection::open("file:/x?vfs=memdb").unwrap();
        assert_eq!(path_for(&shared), None);
    }
}
