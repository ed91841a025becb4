//! Taking a migration back that was generated and not applied: the newest one, with everything that belongs to it.

use std::collections::BTreeSet;

use seedbed_schema::journal;

use super::folder::{Folder, JOURNAL};
use super::folder_error::FolderError;
use super::rewrite::Rewrite;
use super::writer::snapshot_name;

/// A migration that was taken out of its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBack {
    /// Its name.
    pub tag: String,
    /// The files that were removed, by names relative to the folder.
    pub files: Vec<String>,
}

impl Folder {
    /// Returns the name of the newest migration, the one that [`take_back`](Self::take_back) takes back.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub fn newest(&self) -> Result<Option<String>, FolderError> {
        let entries = self.journal()?.map(|journal| journal.entries).unwrap_or_default();
        Ok(entries.into_iter().max_by_key(|entry| entry.idx).map(|entry| entry.tag))
    }

    /// Takes the newest migration back: its SQL files, its snapshot and its entry in the journal go, all of them or
    /// none. `None` when the folder has no migration. Whether a database has applied it is for the caller to find out.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read, or a file cannot be removed.
    ///
    /// ```
    /// use seedbed::generate::custom;
    /// use seedbed::migrate::Folder;
    ///
    /// let directory = tempfile::tempdir()?;
    /// let folder = Folder::new(directory.path().join("migrations"));
    /// let tag = custom(&folder, None, 0)?;
    /// assert_eq!(folder.take_back()?.map(|taken| taken.tag), Some(tag));
    /// assert!(folder.migrations()?.is_empty());
    /// assert!(folder.take_back()?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_back(&self) -> Result<Option<TakenBack>, FolderError> {
        let (Some(tag), Some(mut journal)) = (self.newest()?, self.journal()?) else { return Ok(None) };
        journal.entries.retain(|entry| entry.tag != tag);
        // Numbered by hand, two migrations can share a snapshot's name.
        let kept: BTreeSet<String> = journal.entries.iter().map(|entry| snapshot_name(&entry.tag)).collect();
        let mut files = vec![format!("{tag}.sql"), format!("{tag}.down.sql"), snapshot_name(&tag)];
        files.retain(|file| !kept.contains(file) && self.path().join(file).exists());
        let mut rewrite = Rewrite::default();
        rewrite.write(JOURNAL, journal::render(&journal));
        files.iter().for_each(|file| rewrite.remove(file));
        rewrite.apply(self)?;
        Ok(Some(TakenBack { tag, files }))
    }
}
