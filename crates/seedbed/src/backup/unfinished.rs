//! The file that a copy is made in, before it is whole and gets its name.
//!
//! It is held by a lock of the system for as long as it is written, so that the next copy can tell what a killed one
//! left behind, and remove it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const ENDING: &str = ".unfinished";

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
        let file = File::options().create(true).truncate(true).write(true).open(&path)?;
        // A file system without locks: nothing there is ever taken for left behind.
        let _ = file.try_lock();
        Ok(Self { path, _file: file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename it is gone already; what cannot be removed now is removed by the next copy.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes the unfinished copies of the same database that nobody works on. What cannot be removed is only a matter of
/// space, so that nothing here is an error.
fn remove_left(to: &Path) {
    for file in left_behind(to) {
        let _ = fs::remove_file(file);
    }
}

/// Returns the unfinished copies of a database in its folder that nobody works on: what a killed copy leaves behind. The
/// next copy removes them.
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
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let is_left = |file: &fs::DirEntry| {
        is_unfinished_copy(&file.file_name(), database)
            && File::open(file.path()).is_ok_and(|left| left.try_lock().is_ok())
    };
    let mut left: Vec<PathBuf> = files.flatten().filter(is_left).map(|file| file.path()).collect();
    left.sort();
    left
}

/// Whether the name is one that [`Unfinished::beside`] gives to copies of the database that `to` is a copy of:
/// `app.….<process>.unfinished`, where `to` is `app.…`.
fn is_unfinished_copy(name: &OsStr, to: &Path) -> bool {
    let database = |name: &str| name.split('.').next().map(str::to_owned);
    let (Some(name), Some(to)) = (name.to_str(), to.file_name().and_then(OsStr::to_str)) else {
        return false;
    };
    let Some((rest, process)) = name.strip_suffix(ENDING).and_then(|name| name.rsplit_once('.')) else {
        return false;
    };
    !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit()) && database(rest) == database(to)
}

#[cfg(test)]
mod tests {
    use super::Unfinished;
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
}
