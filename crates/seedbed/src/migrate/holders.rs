//! Who keeps a database: the migrator that holds its lock, and the processes that hold SQLite's own locks.
//!
//! The first is written in the lock's file. The others are known to the kernel; Linux tells them in `/proc/locks`,
//! with the file's inode and the range of bytes, whose meaning is part of SQLite's file format:
//!
//! ```text
//! app.db      0x40000001 reserved ┐ held by a writer without a write-ahead log
//!             0x40000000 pending  ┘
//!             0x40000002 … 511    shared: a reader, or exclusive: a writer that commits
//! app.db-shm  120                 the writer of a write-ahead log
//!             123 … 127           its readers
//! ```
//!
//! See <https://www.sqlite.org/walformat.html>. Elsewhere nobody tells, and the lists are empty.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::lock::{self, Holder};

/// Who keeps a database from being written or migrated.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::migrate::Holders;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("garden.db");
/// let connection = Connection::open(&path)?;
/// connection.execute_batch("BEGIN IMMEDIATE")?;
/// // A process does not stand in its own way.
/// assert_eq!(Holders::of(&path), Holders::default());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holders {
    /// The migrator that is at work.
    pub migrator: Option<Holder>,
    /// Other processes that are inside a transaction that writes.
    pub writers: Vec<Holder>,
    /// Other processes that are inside a transaction that reads.
    pub readers: Vec<Holder>,
}

impl Holders {
    /// Looks who holds the database of that path.
    pub fn of(database: &Path) -> Self {
        let (mut writers, mut readers) = (Vec::new(), Vec::new());
        for (process, writes) in kernel::locks(database) {
            let list = if writes { &mut writers } else { &mut readers };
            let holder = Holder { process, program: kernel::program(process) };
            if process != std::process::id() && !list.contains(&holder) {
                list.push(holder);
            }
        }
        readers.retain(|holder| !writers.contains(holder));
        Self { migrator: migrator(database), writers, readers }
    }

    /// Says who stands in the way of somebody who wants to write, `process 4711 (sqlite3)`; `None` when nobody is
    /// known.
    pub fn in_the_way(&self) -> Option<String> {
        let found = self.migrator.iter().chain(&self.writers).chain(&self.readers).next()?;
        Some(found.to_string())
    }
}

/// Returns who holds the migrators' lock. The lock itself is not taken, and a file that a dead holder left is nobody.
fn migrator(database: &Path) -> Option<Holder> {
    let path = lock::path_of(database)?;
    let mut file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            lock::read_holder(&mut file).filter(|holder| holder.process != std::process::id())
        }
        _ => None,
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    //! What Linux tells.

    use std::fs;
    use std::ops::RangeInclusive;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use crate::look::beside;

    const WRITING: RangeInclusive<u64> = 0x4000_0000..=0x4000_0001;
    const SHARED: u64 = 0x4000_0002;
    const LOG_WRITER: u64 = 120;
    const LOG_READERS: RangeInclusive<u64> = 123..=127;

    /// Returns the processes that hold a lock of SQLite's, and whether it is one of a writer.
    pub(super) fn locks(database: &Path) -> Vec<(u32, bool)> {
        let Ok(database) = database.canonicalize() else { return Vec::new() };
        let Ok(text) = fs::read_to_string("/proc/locks") else { return Vec::new() };
        let (file, index) = (Inode::of(&database), Inode::of(&beside(&database, "-shm")));
        let mut found = Vec::new();
        for lock in text.lines().filter_map(Lock::read) {
            if file.as_ref().is_some_and(|file| lock.is_on(file)) {
                let writes =
                    lock.writes && (lock.covers(SHARED) || WRITING.clone().any(|byte| lock.covers(byte)));
                if writes || lock.covers(SHARED) {
                    found.push((lock.process, writes));
                }
            } else if index.as_ref().is_some_and(|index| lock.is_on(index)) {
                let writes = lock.writes && lock.covers(LOG_WRITER);
                if writes || LOG_READERS.clone().any(|byte| lock.covers(byte)) {
                    found.push((lock.process, writes));
                }
            }
        }
        found
    }

    /// Returns the name of a process.
    pub(super) fn program(process: u32) -> String {
        let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        if name.trim().is_empty() { "?".to_owned() } else { name.trim().to_owned() }
    }

    struct Inode {
        device: (u64, u64),
        number: u64,
        path: std::path::PathBuf,
    }

    impl Inode {
        fn of(path: &Path) -> Option<Self> {
            let metadata = path.metadata().ok()?;
            let device = metadata.dev();
            // As glibc's `major` and `minor` take it apart.
            let major = ((device >> 8) & 0xfff) | ((device >> 32) & !0xfff);
            let minor = (device & 0xff) | ((device >> 12) & !0xff);
            Some(Self { device: (major, minor), number: metadata.ino(), path: path.to_owned() })
        }
    }

    /// A line of `/proc/locks`: `3: POSIX ADVISORY WRITE 4711 08:02:131085 120 120`.
    struct Lock {
        process: u32,
        writes: bool,
        device: (u64, u64),
        inode: u64,
        first: u64,
        last: u64,
    }

    impl Lock {
        fn read(line: &str) -> Option<Self> {
            let words: Vec<&str> = line.split_whitespace().collect();
            // A line with `->` is one that waits.
            let [_, "POSIX", _, access, process, file, first, last] = words.as_slice() else { return None };
            let mut parts = file.split(':');
            let (major, minor, inode) = (parts.next()?, parts.next()?, parts.next()?);
            Some(Self {
                process: process.parse().ok()?,
                writes: *access == "WRITE",
                device: (u64::from_str_radix(major, 16).ok()?, u64::from_str_radix(minor, 16).ok()?),
                inode: inode.parse().ok()?,
                first: first.parse().ok()?,
                last: last.parse().unwrap_or(u64::MAX),
            })
        }

        /// Some file systems give `stat` another device than the kernel's own; then the process has the file open.
        fn is_on(&self, file: &Inode) -> bool {
            self.inode == file.number && (self.device == file.device || has_open(self.process, &file.path))
        }

        fn covers(&self, byte: u64) -> bool {
            (self.first..=self.last).contains(&byte)
        }
    }

    fn has_open(process: u32, path: &Path) -> bool {
        let Ok(files) = fs::read_dir(format!("/proc/{process}/fd")) else { return false };
        files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|target| target == path))
    }

    #[cfg(test)]
    mod tests {
        use super::Lock;

        #[test]
        fn a_line_of_the_kernel_is_read() {
            let lock = Lock::read("3: POSIX  ADVISORY  WRITE 4711 fe:00:131085 120 120").unwrap();
            assert_eq!(
                (lock.process, lock.writes, lock.device, lock.inode),
                (4711, true, (0xfe, 0), 131_085)
            );
            assert!(lock.covers(120) && !lock.covers(121));
            assert!(Lock::read("1: POSIX  ADVISORY  READ 1 08:02:7 0 EOF").unwrap().covers(u64::MAX));
            for other in
                ["2: FLOCK  ADVISORY  WRITE 1 08:02:7 0 EOF", "1: -> POSIX ADVISORY WRITE 1 08:02:7 0 0", ""]
            {
                assert!(Lock::read(other).is_none(), "{other}");
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    //! Where the system does not tell.

    use std::path::Path;

    pub(super) fn locks(_database: &Path) -> Vec<(u32, bool)> {
        Vec::new()
    }

    pub(super) fn program(_process: u32) -> String {
        "?".to_owned()
    }
}
