//! Why two branches were not settled. Nothing was written.

use std::fmt;

use seedbed_schema::merge::Clash;

use crate::generate::GenerateError;
use crate::inspect::InspectError;
use crate::migrate::{Failure, FolderError};

/// Two branches that were not settled.
#[derive(Debug)]
pub struct RebaseError(Box<RebaseErrorKind>);

/// The situation.
#[derive(Debug)]
#[non_exhaustive]
pub enum RebaseErrorKind {
    /// The folder cannot be read or written.
    Folder(FolderError),
    /// A file that both branches need is not in order.
    NotInOrder {
        /// The file.
        file: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A name that was given is none of either branch.
    Unknown {
        /// The name.
        tag: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// Nothing tells which branch is to be put behind the other.
    Open {
        /// The migrations of one.
        first: Vec<String>,
        /// Those of the other.
        second: Vec<String>,
    },
    /// Migrations that would get other names were applied.
    Applied {
        /// Their names.
        tags: Vec<String>,
        /// The migrations of the other branch.
        onto: Vec<String>,
        /// The newest that both branches have, if there is one.
        base: Option<String>,
    },
    /// Both branches touch the same things.
    Clashes {
        /// The migration that would be put behind.
        tag: String,
        /// Those before it.
        onto: Vec<String>,
        /// What they touch.
        clashes: Vec<Clash>,
    },
    /// A migration does not run where it stands.
    Refused {
        /// Its name.
        tag: String,
        /// Why.
        failure: Failure,
    },
    /// A migration would have to be planned anew, and was written or changed by hand.
    ByHand {
        /// Its name.
        tag: String,
        /// Why its SQL is not right any more.
        reason: String,
    },
    /// A migration that was planned anew does not hold.
    Plan {
        /// Its name.
        tag: String,
        /// Why.
        error: GenerateError,
    },
    /// SQLite failed under the work.
    Sqlite(rusqlite::Error),
    /// What SQLite has could not be read.
    Inspect(InspectError),
}

impl RebaseError {
    /// The situation.
    pub fn kind(&self) -> &RebaseErrorKind {
        &self.0
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<String> {
        let text = match &*self.0 {
            RebaseErrorKind::Folder(error) => return error.hint(),
            RebaseErrorKind::NotInOrder { .. } => "`seedbed check` says all that is wrong with the folder".to_owned(),
            RebaseErrorKind::Unknown { known, .. } => format!("the branches have {}", list(known)),
            RebaseErrorKind::Open { first, second } => format!(
                "name the branch that goes behind the other and was applied nowhere: `--mine {}` or `--mine {}`",
                first.first().map_or("", String::as_str),
                second.first().map_or("", String::as_str)
            ),
            RebaseErrorKind::Applied { base, .. } => {
                let to = base.as_deref().unwrap_or("0");
                format!(
                    "go back with `seedbed rollback --to {to}` where only you use the database; or put the other branch \
                     behind"
                )
            }
            RebaseErrorKind::Clashes { tag, .. } => format!(
                "decide what it shall be: keep the files of the one, remove those of `{tag}`, and generate it again from \
                 the merged code with `seedbed generate`"
            ),
            RebaseErrorKind::Refused { failure, .. } => return failure.way_out().map(str::to_owned),
            RebaseErrorKind::ByHand { .. } => {
                "mend its SQL and run again, or let it be planned anew with `--replan`, which loses what was written by \
                 hand"
                    .to_owned()
            }
            RebaseErrorKind::Plan { error, .. } => return error.hint(),
            RebaseErrorKind::Sqlite(_) | RebaseErrorKind::Inspect(_) => return None,
        };
        Some(text)
    }
}

pub(super) fn list(tags: &[String]) -> String {
    tags.iter().map(|tag| format!("`{tag}`")).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for RebaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            RebaseErrorKind::Folder(error) => error.fmt(f),
            RebaseErrorKind::NotInOrder { file, fault } => write!(f, "`{file}`: {fault}"),
            RebaseErrorKind::Unknown { tag, .. } => write!(f, "`{tag}` is a migration of neither branch"),
            RebaseErrorKind::Open { first, second } => write!(
                f,
                "only you can tell which goes behind the other: {} or {}",
                list(first),
                list(second)
            ),
            RebaseErrorKind::Applied { tags, .. } => {
                let were = if tags.len() == 1 { "was" } else { "were" };
                write!(f, "{} {were} applied to the database, so no other name can be given", list(tags))
            }
            RebaseErrorKind::Clashes { tag, onto, clashes } => {
                let things = if clashes.len() == 1 { "the same thing" } else { "the same things" };
                write!(f, "`{tag}` and {} touch {things}", list(onto))
            }
            RebaseErrorKind::Refused { tag, failure } => {
                write!(f, "`{tag}` does not run where it stands: {failure}")
            }
            RebaseErrorKind::ByHand { tag, reason } => {
                write!(f, "`{tag}` was written by hand and is not right behind the other branch: {reason}")
            }
            RebaseErrorKind::Plan { tag, error } => write!(f, "`{tag}` cannot be planned anew: {error}"),
            RebaseErrorKind::Sqlite(_) => f.write_str("the migrations could not be tried in memory"),
            RebaseErrorKind::Inspect(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RebaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            RebaseErrorKind::Folder(error) => error.source(),
            RebaseErrorKind::Plan { error, .. } => error.source(),
            RebaseErrorKind::Sqlite(error) => Some(error),
            RebaseErrorKind::Inspect(error) => error.source(),
            _ => None,
        }
    }
}

impl From<RebaseErrorKind> for RebaseError {
    fn from(kind: RebaseErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<FolderError> for RebaseError {
    fn from(error: FolderError) -> Self {
        RebaseErrorKind::Folder(error).into()
    }
}

impl From<rusqlite::Error> for RebaseError {
    fn from(error: rusqlite::Error) -> Self {
        RebaseErrorKind::Sqlite(error).into()
    }
}

impl From<InspectError> for RebaseError {
    fn from(error: InspectError) -> Self {
        RebaseErrorKind::Inspect(error).into()
    }
}
