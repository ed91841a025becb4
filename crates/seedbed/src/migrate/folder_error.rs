//! What can be wrong with a migrations folder, and the way out of it.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use seedbed_schema::journal::JournalError;
use seedbed_schema::snapshot::SnapshotError;

use super::folder::JOURNAL;
use crate::storage;

/// Why a folder cannot be read or written; the text names the file.
#[derive(Debug)]
pub struct FolderError {
    folder: Option<PathBuf>,
    kind: FolderErrorKind,
}

#[derive(Debug)]
pub(super) enum FolderErrorKind {
    Io { file: String, error: io::Error },
    Conflict { file: String, line: usize },
    Journal(JournalError),
    Snapshot { file: String, error: SnapshotError },
    NoJournal { file: String },
    MissingFile { file: String, stray: Option<String> },
    Stray { file: String },
    SameNumber { number: u32, tags: [String; 2] },
    SameTag { tag: String },
    Exists { file: String },
    Drizzle1 { directory: String },
    Locked,
    Interrupted,
}

impl FolderError {
    pub(super) fn new(folder: Option<&Path>, kind: FolderErrorKind) -> Self {
        Self { folder: folder.map(Path::to_owned), kind }
    }

    /// Nothing could be tried in memory.
    pub(crate) fn in_memory(folder: &Path, error: &rusqlite::Error) -> Self {
        let error = io::Error::other(error.to_string());
        Self::new(Some(folder), FolderErrorKind::Io { file: ".".to_owned(), error })
    }

    /// Whether a file that the journal names is missing.
    pub fn is_missing_file(&self) -> bool {
        matches!(self.kind, FolderErrorKind::MissingFile { .. })
    }

    /// Whether drizzle-kit wrote the snapshot that was to be read.
    pub fn is_drizzle_snapshot(&self) -> bool {
        matches!(&self.kind, FolderErrorKind::Snapshot { error, .. } if error.is_drizzle())
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<String> {
        let text = match &self.kind {
            FolderErrorKind::Io { error, .. } => return storage::way_out(error).map(str::to_owned),
            FolderErrorKind::Conflict { .. } => {
                "two branches were merged: `seedbed rebase` puts the migrations of one behind those of the other"
                    .to_owned()
            }
            FolderErrorKind::Journal(error) => error.hint().to_owned(),
            FolderErrorKind::Snapshot { error, .. } => return error.hint().map(str::to_owned),
            FolderErrorKind::NoJournal { .. } => {
                format!("restore `{JOURNAL}` from version control; it lists the migrations in order")
            }
            FolderErrorKind::MissingFile { file, stray: Some(stray) } => {
                format!("if `{stray}` was renamed, name it `{file}` again")
            }
            FolderErrorKind::MissingFile { .. } => {
                "restore it from version control; a migration is undone by another one, and only one that was applied \
                 nowhere is taken back, with its snapshot and its entry in the journal"
                    .to_owned()
            }
            FolderErrorKind::Stray { .. } => format!(
                "remove it, or add its entry to `{JOURNAL}`; files for `seedbed migrate` are made by `seedbed generate`"
            ),
            FolderErrorKind::SameNumber { .. } => {
                "two branches were merged: `seedbed rebase` puts the migrations of one behind those of the other"
                    .to_owned()
            }
            FolderErrorKind::SameTag { .. } => format!("keep one of its entries in `{JOURNAL}`"),
            FolderErrorKind::Exists { .. } => "move it away, or choose another name with `--name`".to_owned(),
            FolderErrorKind::Drizzle1 { .. } => {
                "take the folder over, with its database, by `seedbed adopt`".to_owned()
            }
            FolderErrorKind::Locked => "wait for it to end".to_owned(),
            FolderErrorKind::Interrupted => {
                "wait for the process that does it; if it was killed, `seedbed check --fix` finishes its work".to_owned()
            }
        };
        Some(text)
    }
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |file: &str| match &self.folder {
            Some(folder) if file == "." => folder.display().to_string(),
            Some(folder) => folder.join(file).display().to_string(),
            None => format!("{file} (built into the program)"),
        };
        match &self.kind {
            FolderErrorKind::Io { file, error } => {
                write!(f, "`{}` can't be read or written: {error}", path(file))
            }
            FolderErrorKind::Conflict { file, line } => {
                write!(f, "`{}` line {line}: a merge conflict that is not resolved", path(file))
            }
            FolderErrorKind::Journal(error) => write!(f, "`{}`: {error}", path(JOURNAL)),
            FolderErrorKind::Snapshot { file, error } => write!(f, "`{}`: {error}", path(file)),
            FolderErrorKind::NoJournal { file } => {
                write!(f, "there is `{}`, but no `{}`", path(file), path(JOURNAL))
            }
            FolderErrorKind::MissingFile { file, stray } => {
                write!(f, "the journal names `{file}`, but there is no `{}`", path(file))?;
                stray
                    .iter()
                    .try_for_each(|stray| write!(f, ", only `{stray}`, which the journal does not name"))
            }
            FolderErrorKind::Stray { file } => {
                write!(f, "`{}` is a stray file: the journal does not name it", path(file))
            }
            FolderErrorKind::SameNumber { number, tags: [first, second] } => {
                write!(f, "`{}`: `{first}` and `{second}` both have number {number}", path(JOURNAL))
            }
            FolderErrorKind::SameTag { tag } => write!(f, "`{}`: `{tag}` is listed twice", path(JOURNAL)),
            FolderErrorKind::Exists { file } => write!(f, "`{}` exists already", path(file)),
            FolderErrorKind::Drizzle1 { directory } => {
                write!(
                    f,
                    "`{}` was written by drizzle-kit 1.0, whose folders have no journal",
                    path(directory)
                )
            }
            FolderErrorKind::Interrupted => {
                write!(f, "the files of `{}` are being rewritten", path("."))
            }
            FolderErrorKind::Locked => {
                write!(f, "another process is writing a migration into `{}`", path("."))
            }
        }
    }
}

impl std::error::Error for FolderError {}
