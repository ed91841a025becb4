//! Writing a migration into a folder: all of its files or none.
//!
//! The journal's new text is written first, to a temporary file; from then on the migration's files count as
//! unfinished. Renaming that file to the journal is the one step that makes the migration exist:
//!
//! ```text
//! 1. meta/_journal.json.new          written, synced     a crash from here on leaves files that are
//! 2. 0004_x.sql, .down.sql, snapshot written, synced     ignored by readers and removed by the next append
//! 3. meta/_journal.json.new  ──►  meta/_journal.json     the migration exists
//! ```

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use seedbed_schema::journal::{self, Journal};
use seedbed_schema::snapshot::{self, Snapshot};

use super::folder::{Folder, JOURNAL, NewMigration, is_sql};
use super::folder_error::{FolderError, FolderErrorKind};
use super::lock::{FileLock, LockError};
use super::rewrite;

const NEW_JOURNAL: &str = "meta/_journal.json.new";
const LOCK: &str = "meta/.lock";

pub(super) fn append(folder: &Folder, new: &NewMigration<'_>) -> Result<(), FolderError> {
    let failed = |file: &str| {
        let file = file.to_owned();
        move |error| FolderError::new(Some(folder.path()), FolderErrorKind::Io { file, error })
    };
    fs::create_dir_all(folder.path().join("meta")).map_err(failed("meta"))?;
    let _lock = lock(folder)?;
    rewrite::finish_locked(folder)?;
    remove_unfinished(folder)?;

    let mut journal = folder.journal()?.unwrap_or_else(|| Journal::new(new.snapshot.dialect));
    if journal.entries.iter().any(|entry| entry.tag.eq_ignore_ascii_case(new.tag)) {
        let kind = FolderErrorKind::Exists { file: format!("{}.sql", new.tag) };
        return Err(FolderError::new(Some(folder.path()), kind));
    }
    journal.append(new.tag, new.when);
    let files = files_of(new);
    for (name, _) in &files {
        if folder.path().join(name).symlink_metadata().is_ok() {
            let kind = FolderErrorKind::Exists { file: name.clone() };
            return Err(FolderError::new(Some(folder.path()), kind));
        }
    }
    let written = write_new(&folder.path().join(NEW_JOURNAL), &journal::render(&journal))
        .map_err(failed(NEW_JOURNAL))
        .and_then(|()| {
            files
                .iter()
                .try_for_each(|(name, text)| write_new(&folder.path().join(name), text).map_err(failed(name)))
        })
        .and_then(|()| {
            sync_directory(folder.path()).map_err(failed("."))?;
            let path = folder.path().join(NEW_JOURNAL);
            fs::rename(path, folder.path().join(JOURNAL)).map_err(failed(JOURNAL))
        });
    if written.is_err() {
        // The first error is the one to tell; what cannot be removed now is removed by the next append.
        let _ = remove_unfinished(folder);
        return written;
    }
    sync_directory(&folder.path().join("meta")).map_err(failed("meta"))
}

/// Keeps other writers out of the folder.
pub(super) fn lock(folder: &Folder) -> Result<FileLock, FolderError> {
    let lock = FileLock::acquire(&folder.path().join(LOCK), Some(Duration::from_secs(10)), &|_, _| ());
    lock.map_err(|error| match error {
        LockError::Io { error, .. } => {
            FolderError::new(Some(folder.path()), FolderErrorKind::Io { file: LOCK.to_owned(), error })
        }
        LockError::Timeout { .. } => FolderError::new(Some(folder.path()), FolderErrorKind::Locked),
    })
}

fn files_of(new: &NewMigration<'_>) -> Vec<(String, String)> {
    let mut files = vec![(format!("{}.sql", new.tag), new.up.to_owned())];
    if let Some(down) = new.down {
        files.push((format!("{}.down.sql", new.tag), down.to_owned()));
    }
    files.push((snapshot_name(new.tag), snapshot::render(new.snapshot)));
    files
}

/// Drizzle numbers its snapshots with what stands before the first underscore of the tag.
pub(crate) fn snapshot_name(tag: &str) -> String {
    let prefix = tag.split_once('_').map_or(tag, |(prefix, _)| prefix);
    format!("meta/{prefix}_snapshot.json")
}

/// Lists the SQL files of the folder itself, apart from unfinished ones.
pub(crate) fn sql_files(folder: &Folder) -> Result<BTreeSet<String>, FolderError> {
    let failed =
        |error| FolderError::new(Some(folder.path()), FolderErrorKind::Io { file: ".".to_owned(), error });
    let entries = match fs::read_dir(folder.path()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        if let Some(name) = name.to_str().filter(|name| is_sql(name)) {
            names.insert(name.to_owned());
        }
    }
    for tag in unfinished_tags(folder)? {
        names.remove(&format!("{tag}.sql"));
        names.remove(&format!("{tag}.down.sql"));
    }
    Ok(names)
}

/// Finds `20261122213407_name/migration.sql`, which is how drizzle-kit 1.0 lays a folder out.
pub(super) fn drizzle_1_0_directories(folder: &Folder) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder.path()) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join("migration.sql").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Returns the tags whose files are there, or partly there, without being in the journal: an `append` is under way
/// or was killed.
fn unfinished_tags(folder: &Folder) -> Result<Vec<String>, FolderError> {
    let Ok(text) = fs::read_to_string(folder.path().join(NEW_JOURNAL)) else { return Ok(Vec::new()) };
    // A new journal that was not written to its end had no files behind it yet.
    let Ok(new) = journal::parse(&text) else { return Ok(Vec::new()) };
    // A journal that cannot be read, as one with conflict marks, does not say what is finished: nothing is removed.
    let Ok(finished) = folder.journal() else { return Ok(Vec::new()) };
    let finished = finished.map(|journal| journal.entries).unwrap_or_default();
    let is_finished = |tag: &str| finished.iter().any(|entry| entry.tag == tag);
    Ok(new.entries.into_iter().map(|entry| entry.tag).filter(|tag| !is_finished(tag)).collect())
}

/// Returns the files that a killed `append` left behind, apart from the journal's. A snapshot goes by a number, which a
/// migration that is there can have as well: then it is that one's.
pub(crate) fn unfinished_files(folder: &Folder) -> Result<Vec<String>, FolderError> {
    let tags = unfinished_tags(folder)?;
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let finished = folder.journal()?.map(|journal| journal.entries).unwrap_or_default();
    let is_in_use = |name: &str| finished.iter().any(|entry| snapshot_name(&entry.tag) == name);
    let mut files = Vec::new();
    for tag in tags {
        files.extend([format!("{tag}.sql"), format!("{tag}.down.sql")]);
        files.extend(Some(snapshot_name(&tag)).filter(|name| !is_in_use(name)));
    }
    Ok(files)
}

pub(super) fn remove_unfinished(folder: &Folder) -> Result<(), FolderError> {
    for name in unfinished_files(folder)? {
        remove(folder, &name)?;
    }
    remove(folder, NEW_JOURNAL)
}

fn remove(folder: &Folder, name: &str) -> Result<(), FolderError> {
    match fs::remove_file(folder.path().join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let kind = FolderErrorKind::Io { file: name.to_owned(), error };
            Err(FolderError::new(Some(folder.path()), kind))
        }
        _ => Ok(()),
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Puts our snapshot in the place of another one, or where there is none, in one step.
pub(super) fn replace_snapshot(folder: &Folder, tag: &str, new: &Snapshot) -> Result<(), FolderError> {
    let name = snapshot_name(tag);
    let failed = |error| {
        let kind = FolderErrorKind::Io { file: name.clone(), error };
        FolderError::new(Some(folder.path()), kind)
    };
    let (path, temporary) = (folder.path().join(&name), folder.path().join(format!("{name}.new")));
    remove(folder, &format!("{name}.new"))?;
    write_new(&temporary, &snapshot::render(new))
        .and_then(|()| fs::rename(&temporary, &path))
        .and_then(|()| sync_directory(&folder.path().join("meta")))
        .map_err(failed)
}

/// Makes new names in a directory durable; only Unix has a way to ask for it.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
