//! Changing several files of a folder at once: all of it or nothing, whenever the machine stops.
//!
//! The new files are collected in a directory of their own. Giving that directory its final name is the one step that
//! decides; from then on the work can only be finished, by whoever finds it:
//!
//! ```text
//! 1. meta/_rewrite.new/  the new texts and the list of what to do, synced   a crash leaves a directory to throw away
//! 2. meta/_rewrite.new  ──►  meta/_rewrite                                  decided
//! 3. each text moved to its place, each file that goes removed              a crash leaves work that can be repeated
//! 4. meta/_rewrite removed                                                  done
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::folder_error::{FolderError, FolderErrorKind};
use super::writer::{self, sync_directory};

const STAGED: &str = "meta/_rewrite.new";
const DECIDED: &str = "meta/_rewrite";
const LIST: &str = "list";

/// What is to be written and removed, by names relative to the folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rewrite {
    files: BTreeMap<String, Option<String>>,
}

impl Rewrite {
    /// Writes a file, whatever was there before.
    pub(crate) fn write(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.files.insert(name.into(), Some(text.into()));
    }

    /// Removes a file, unless it is written as well.
    pub(crate) fn remove(&mut self, name: impl Into<String>) {
        self.files.entry(name.into()).or_insert(None);
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The names of the files that are written.
    pub(crate) fn written(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, text)| text.is_some()).map(|(name, _)| name.as_str())
    }

    /// The names of the files that are removed.
    pub(crate) fn removed(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, text)| text.is_none()).map(|(name, _)| name.as_str())
    }

    /// Does it all.
    pub(crate) fn apply(&self, folder: &Folder) -> Result<(), FolderError> {
        let _lock = writer::lock(folder)?;
        finish_locked(folder)?;
        writer::remove_unfinished(folder)?;
        if self.is_empty() {
            return Ok(());
        }
        let staged = folder.path().join(STAGED);
        self.stage(&staged).map_err(failed(folder, STAGED))?;
        fs::rename(&staged, folder.path().join(DECIDED)).map_err(failed(folder, DECIDED))?;
        sync_directory(&folder.path().join("meta")).map_err(failed(folder, "meta"))?;
        finish_locked(folder).map(|_| ())
    }

    fn stage(&self, staged: &Path) -> io::Result<()> {
        match fs::remove_dir_all(staged) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir(staged)?;
        let mut list = String::new();
        for (number, (name, text)) in self.files.iter().enumerate() {
            match text {
                Some(text) => {
                    write(&staged.join(number.to_string()), text)?;
                    list.push_str(&format!("write {number} {name}\n"));
                }
                None => list.push_str(&format!("remove {number} {name}\n")),
            }
        }
        write(&staged.join(LIST), &list)?;
        sync_directory(staged)
    }
}

/// Whether a rewriting is decided and was not finished: another process is at it, or was killed.
pub(crate) fn is_interrupted(folder: &Folder) -> bool {
    folder.path().join(DECIDED).is_dir()
}

/// Finishes a rewriting that was interrupted; returns whether there was one.
pub(crate) fn finish(folder: &Folder) -> Result<bool, FolderError> {
    if !is_interrupted(folder) && !folder.path().join(STAGED).is_dir() {
        return Ok(false);
    }
    let _lock = writer::lock(folder)?;
    finish_locked(folder)
}

pub(super) fn finish_locked(folder: &Folder) -> Result<bool, FolderError> {
    let decided = folder.path().join(DECIDED);
    let list = match fs::read_to_string(decided.join(LIST)) {
        Ok(list) => list,
        // What was only staged never counted, and a directory without its list is done.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let _ = fs::remove_dir_all(folder.path().join(STAGED));
            let _ = fs::remove_dir_all(&decided);
            return Ok(false);
        }
        Err(error) => return Err(failed(folder, DECIDED)(error)),
    };
    for line in list.lines() {
        let mut words = line.splitn(3, ' ');
        let (Some(verb), Some(number), Some(name)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let place = folder.path().join(name);
        let done = match verb {
            "write" => fs::rename(decided.join(number), &place),
            _ => fs::remove_file(&place),
        };
        match done {
            // Moved or removed before it was interrupted.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            done => done.map_err(failed(folder, name))?,
        }
    }
    for directory in [folder.path().to_owned(), folder.path().join("meta")] {
        sync_directory(&directory).map_err(failed(folder, "."))?;
    }
    // The list goes first: without it the directory means nothing.
    let removed = fs::remove_file(decided.join(LIST)).and_then(|()| fs::remove_dir_all(&decided));
    removed.map_err(failed(folder, DECIDED))?;
    Ok(true)
}

fn failed(folder: &Folder, file: &str) -> impl Fn(io::Error) -> FolderError {
    let (path, file): (PathBuf, String) = (folder.path().to_owned(), file.to_owned());
    move |error| FolderError::new(Some(&path), FolderErrorKind::Io { file: file.clone(), error })
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::{DECIDED, LIST, Rewrite, finish, is_interrupted};
    use crate::migrate::Folder;
    use std::fs;

    fn folder() -> (tempfile::TempDir, Folder) {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("meta")).unwrap();
        fs::write(directory.path().join("old.sql"), "old").unwrap();
        fs::write(directory.path().join("same.sql"), "before").unwrap();
        let folder = Folder::new(directory.path());
        (directory, folder)
    }

    fn rewrite() -> Rewrite {
        let mut rewrite = Rewrite::default();
        rewrite.write("same.sql", "after");
        rewrite.write("new one.sql", "new");
        rewrite.remove("old.sql");
        rewrite
    }

    fn names(folder: &Folder) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_written_and_removed_together() {
        let (_directory, folder) = folder();
        rewrite().apply(&folder).unwrap();
        assert_eq!(names(&folder), ["meta", "new one.sql", "same.sql"]);
        assert_eq!(fs::read_to_string(folder.path().join("same.sql")).unwrap(), "after");
        assert_eq!(fs::read_dir(folder.path().join("meta")).unwrap().count(), 0);
    }

    #[test]
    fn what_was_interrupted_is_finished_however_far_it_was() {
        for moved in 0..=3 {
            let (_directory, folder) = folder();
            let decided = folder.path().join(DECIDED);
            rewrite().stage(&decided).unwrap();
            assert!(is_interrupted(&folder));
            let list = fs::read_to_string(decided.join(LIST)).unwrap();
            for line in list.lines().take(moved) {
                let words: Vec<&str> = line.splitn(3, ' ').collect();
                let place = folder.path().join(words[2]);
                match words[0] {
                    "write" => fs::rename(decided.join(words[1]), place).unwrap(),
                    _ => fs::remove_file(place).unwrap(),
                }
            }
            assert!(finish(&folder).unwrap());
            assert_eq!(names(&folder), ["meta", "new one.sql", "same.sql"], "{moved}");
            assert!(!is_interrupted(&folder) && !finish(&folder).unwrap());
        }
    }
}
