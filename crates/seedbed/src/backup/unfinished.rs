//! The file that a copy is made in, before it is whole and gets its name.
//!
//! It is held by a lock of the system for as long as it is written, so that the next copy can tell what a killed one
//! left behind, and remove it. What SQLite may make beside it goes first and the file last: a companion without its
//! file belongs to nobody.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::look::beside;

const ENDING: &str = ".unfinished";

/// What SQLite may make beside a file that it writes.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file that goes when the work on it fails, and whose second name goes when it succeeds.
pub(super) struct Unfinished {
    path: PathBuf,
    /// Keeps the lock.
    _file: File,
}

impl Unfinished {
    /// Makes the file beside `to`, under a name that no other process uses, and removes those that were left there.
    pub(super) fn beside(to: &Path) -> io::Result<Self> {
        remove_left(to);
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}{ENDING}", std::process::id()));
        let path = to.with_file_name(name);
        loop {
            let file = File::options().create(true).truncate(true).write(true).open(&path)?;
            // A file system without locks: nothing there is ever taken for left behind.
            let _ = file.lock();
            // A copy that began at the same moment may have taken the file for left behind before it was locked.
            if path.exists() {
                return Ok(Self { path, _file: file });
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename it is gone already; what cannot be removed now is removed by the next copy.
        for ending in COMPANIONS {
            let _ = fs::remove_file(beside(&self.path, ending));
        }
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes the unfinished copies of the same database that nobody works on. What cannot be removed is only a matter of
/// space, so that nothing here is an error.
fn remove_left(to: &Path) {
    // Names are sorted, so that a file comes before its companions.
    for file in files_beside(to).iter().rev() {
        // Held until it is removed, so that no copy begins in it meanwhile.
        let held = hold_if_left(file, to);
        if held.is_some() {
            let _ = fs::remove_file(file);
        }
    }
}

/// Returns the unfinished copies of a database in its folder that nobody works on, and what SQLite made beside them: what
/// a killed copy leaves behind, sorted. The next copy removes them.
///
/// ```
/// use seedbed::backup::left_behind;
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("app.2026-01-31T12-00-00Z.backup.db.4711.unfinished"), "half")?;
/// assert_eq!(left_behind(&folder.path().join("app.db")).len(), 1);
/// assert_eq!(left_behind(&folder.path().join("shop.db")).len(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn left_behind(database: &Path) -> Vec<PathBuf> {
    files_beside(database).into_iter().filter(|file| hold_if_left(file, database).is_some()).collect()
}

/// Returns the files in a database's folder, sorted.
fn files_beside(database: &Path) -> Vec<PathBuf> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    files.sort();
    files
}

/// An unfinished copy that nobody works on, or begins to work on as long as this lives.
enum Left {
    Copy {
        _held: File,
    },
    /// Of the copy only companions are left.
    Companion,
}

/// Returns the copy that a file belongs to, if it is an unfinished one of that database and nobody works on it.
fn hold_if_left(file: &Path, database: &Path) -> Option<Left> {
    let copy = unfinished_copy(file, database)?;
    match File::open(&copy) {
        Ok(held) => held.try_lock().is_ok().then_some(Left::Copy { _held: held }),
        Err(error) => (error.kind() == io::ErrorKind::NotFound && file != copy).then_some(Left::Companion),
    }
}

/// Returns the unfinished copy that a file is or is a companion of, if it is one of the database that `to` is a copy of:
/// `app.….<process>.unfinished`, where `to` is `app.…`.
fn unfinished_copy(file: &Path, to: &Path) -> Option<PathBuf> {
    let database = |name: &str| name.split('.').next().map(str::to_owned);
    let name = file.file_name().and_then(OsStr::to_str)?;
    let copy = COMPANIONS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let (rest, process) = copy.strip_suffix(ENDING)?.rsplit_once('.')?;
    let is_process = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
    let to = to.file_name().and_then(OsStr::to_str)?;
    (is_process && database(rest) == database(to)).then(|| file.with_file_name(copy))
}

#[cfg(test)]
mod tests {
    use super::{COMPANIONS, Unfinished, left_behind};
    use crate::look::beside;
    use std::fs;

    #[test]
    fn what_a_killed_copy_left_goes_with_the_next_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let left = path("app.2026-01-31T12-00-00Z.backup.db.4711.unfinished");
        let others = [path("shop.backup.db.4711.unfinished"), path("app.notes.unfinished"), path("app.db")];
        fs::write(&left, "half").unwrap();
        others.iter().for_each(|file| fs::write(file, "theirs").unwrap());

        let working = Unfinished::beside(&path("app.one.db")).unwrap();
        assert!(!left.exists() && others.iter().all(|file| file.exists()));
        let second = Unfinished::beside(&path("app.two.db")).unwrap();
        assert!(working.path().exists() && second.path().exists());
        let paths = [working.path().to_owned(), second.path().to_owned()];
        drop((working, second));
        assert!(paths.iter().all(|file| !file.exists()));
    }

    #[test]
    fn copies_that_begin_at_once_do_not_take_each_other_for_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let begin = &|name: &str| {
            for round in 0..500 {
                let to = folder.path().join(format!("app.{round}.{name}.db"));
                let working = Unfinished::beside(&to).unwrap();
                assert!(working.path().exists(), "{round} of {name} was removed");
            }
        };
        std::thread::scope(|scope| {
            for name in ["one", "two", "three"] {
                scope.spawn(move || begin(name));
            }
        });
    }

    #[test]
    fn what_sqlite_makes_beside_a_copy_goes_with_it_whichever_of_the_files_a_kill_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let killed = path("app.2026-01-31T12-00-00Z.backup.db.4711.unfinished");
        // One bit for each file that is left.
        for files in 1..16_u8 {
            let mut left = vec![killed.clone()];
            left.extend(COMPANIONS.map(|ending| beside(&killed, ending)));
            let mut bit = 0;
            left.retain(|_| {
                bit += 1;
                files & (1 << (bit - 1)) != 0
            });
            let working = Unfinished::beside(&path("app.one.db")).unwrap();
            let own: Vec<_> = COMPANIONS.map(|ending| beside(working.path(), ending)).into();
            own.iter().chain(&left).for_each(|file| fs::write(file, "half").unwrap());

            left.sort();
            assert_eq!(left_behind(&path("app.db")), left);
            drop(Unfinished::beside(&path("app.two.db")).unwrap());
            assert!(left.iter().all(|file| !file.exists()), "{left:?}");
            assert!(own.iter().all(|file| file.exists()), "{own:?} is in use");
            drop(working);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{files:b}");
        }
    }
}
