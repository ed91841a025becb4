//! The backups of one database: what they are called, and which of them may go.
//!
//! `garden.2026-01-31T12-00-00Z.backup.db` is the backup of `garden.db` from that second. The word in the middle says why
//! it was made, so that what thins out one sort leaves the others alone.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::{BackupOptions, backup_with};
use crate::connection::Connection;
use crate::error::Error;

/// The backups of one database that were made for one reason.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::backup::{BackupOptions, Series};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("garden.db");
/// let connection = Connection::open(&path)?;
/// let series = Series::beside(&path, "backup");
/// let first = series.back_up(&connection, &BackupOptions::default())?;
/// let second = series.back_up(&connection, &BackupOptions::default())?;
/// assert_eq!(series.files()?, [first.clone(), second.clone()]);
/// assert_eq!(series.keep_newest(1)?, [first]);
/// assert_eq!(series.files()?, [second]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    folder: PathBuf,
    stem: OsString,
    reason: String,
    extension: Option<OsString>,
}

impl Series {
    /// The backups that lie beside a database; `reason` is one word, such as `backup` or `before-reset`.
    pub fn beside(database: &Path, reason: &str) -> Self {
        Self {
            folder: database.parent().unwrap_or(Path::new("")).to_owned(),
            stem: database.file_stem().unwrap_or_default().to_owned(),
            reason: reason.to_owned(),
            extension: database.extension().map(OsStr::to_owned),
        }
    }

    /// The backups of the same database in another folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    /// Makes one more, named by the time in UTC, and returns its path.
    ///
    /// # Errors
    ///
    /// As [`backup`](super::backup()).
    pub fn back_up(&self, connection: &Connection, options: &BackupOptions<'_>) -> Result<PathBuf, Error> {
        let path = self.free_path(connection)?;
        backup_with(connection, &path, options)?;
        Ok(path)
    }

    /// Returns the path of the next one; the time is SQLite's.
    pub(super) fn free_path(&self, connection: &Connection) -> Result<PathBuf, Error> {
        let time: String =
            connection
                .rusqlite()
                .query_row("SELECT strftime('%Y-%m-%dT%H-%M-%SZ', 'now')", [], |row| row.get(0))?;
        // A second one in the same second gets a number.
        let mut path = self.path(&time);
        let mut number = 1;
        while path.exists() {
            number += 1;
            path = self.path(&format!("{time}-{number}"));
        }
        Ok(path)
    }

    /// Returns those that are there, oldest first.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let failed = |error| Error::context(format!("cannot read the folder `{}`", folder.display()), error);
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if let Some(age) = self.age(&name) {
                found.push((age, self.folder.join(name)));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }

    /// Deletes all but the newest, and returns what was deleted.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or a file cannot be deleted.
    pub fn keep_newest(&self, count: usize) -> Result<Vec<PathBuf>, Error> {
        let mut files = self.files()?;
        files.truncate(files.len().saturating_sub(count));
        for path in &files {
            fs::remove_file(path).map_err(|error| {
                Error::context(format!("cannot delete the old backup `{}`", path.display()), error)
            })?;
        }
        Ok(files)
    }

    fn path(&self, time: &str) -> PathBuf {
        let mut name = self.stem.clone();
        name.push(format!(".{time}.{}", self.reason));
        if let Some(extension) = &self.extension {
            name.push(".");
            name.push(extension);
        }
        self.folder.join(name)
    }

    /// Returns the time and the number in a name, if it is one that [`back_up`](Self::back_up) gives.
    fn age(&self, name: &OsStr) -> Option<(String, u32)> {
        let name = name.as_encoded_bytes().strip_prefix(self.stem.as_encoded_bytes())?;
        let name = match &self.extension {
            Some(extension) => name.strip_suffix(extension.as_encoded_bytes())?.strip_suffix(b".")?,
            None => name,
        };
        let name = name.strip_suffix(self.reason.as_bytes())?.strip_suffix(b".")?.strip_prefix(b".")?;
        let name = std::str::from_utf8(name).ok()?;
        let (time, number) = name.split_at_checked(20)?;
        let is_time = time.bytes().zip(*b"0000-00-00T00-00-00Z").all(|(byte, model)| match model {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        });
        let number = if number.is_empty() { 1 } else { number.strip_prefix('-')?.parse().ok()? };
        is_time.then(|| (time.to_owned(), number))
    }
}

#[cfg(test)]
mod tests {
    use super::Series;
    use std::ffi::OsStr;
    use std::path::Path;

    #[test]
    fn only_names_of_the_series_are_its_files() {
        let series = Series::beside(Path::new("/data/garden.db"), "backup");
        let age = |name: &str| series.age(OsStr::new(name)).map(|(_, number)| number);
        assert_eq!(
            series.path("2026-01-31T12-00-00Z"),
            Path::new("/data/garden.2026-01-31T12-00-00Z.backup.db")
        );
        assert_eq!(age("garden.2026-01-31T12-00-00Z.backup.db"), Some(1));
        assert_eq!(age("garden.2026-01-31T12-00-00Z-12.backup.db"), Some(12));
        for other in [
            "garden.db",
            "garden.backup.db",
            "garden.2026-01-31T12-00-00Z.before-reset.db",
            "garden.2026-01-31T12-00-00Z.backup.db-wal",
            "garden.2026-01-31 12:00:00Z.backup.db",
            "garden.2026-01-31T12-00-00Z-x.backup.db",
            "garden2.2026-01-31T12-00-00Z.backup.db",
            "my garden.2026-01-31T12-00-00Z.backup.db",
            "garden.old.2026-01-31T12-00-00Z.backup.db",
        ] {
            assert_eq!(age(other), None, "{other}");
        }
        let without = Series::beside(Path::new("learning"), "backup");
        assert!(without.age(OsStr::new("learning.2026-01-31T12-00-00Z.backup")).is_some());
    }
}
