//! Why a folder could not be folded.

use std::fmt;

use seedbed_schema::naming::NameError;

use crate::inspect::InspectError;
use crate::migrate::{Failure, FolderError, MigrateError};
use crate::pull::PullError;
use crate::replay::ReplayError;

/// A folder that could not be folded. Nothing was written.
#[derive(Debug)]
pub struct SquashError(pub(super) Kind);

#[derive(Debug)]
pub(super) enum Kind {
    Folder(FolderError),
    /// No migration, or more than one, is meant.
    Name(MigrateError),
    File(NameError),
    NothingToFold {
        only: Option<String>,
        newest: Option<String>,
    },
    NoSnapshot {
        tag: String,
    },
    Skipped {
        tag: String,
    },
    Replay(ReplayError),
    Failure(Failure),
    Inspect(InspectError),
    Pull(PullError),
    Sqlite(rusqlite::Error),
    Elsewhere {
        missing: Vec<String>,
    },
    NotEmpty,
}

impl SquashError {
    /// The error of the folder, if that is what it is.
    pub fn folder(&self) -> Option<&FolderError> {
        match &self.0 {
            Kind::Folder(error) => Some(error),
            _ => None,
        }
    }

    /// Whether what was asked for does not fit the folder.
    pub fn is_usage(&self) -> bool {
        matches!(self.0, Kind::Name(_) | Kind::NothingToFold { .. } | Kind::File(_))
    }

    /// Whether the folder itself has to be put in order first.
    pub fn is_about_folder(&self) -> bool {
        matches!(self.0, Kind::NoSnapshot { .. } | Kind::Skipped { .. } | Kind::Replay(_))
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<String> {
        match &self.0 {
            Kind::Folder(error) => error.hint(),
            Kind::Name(error) => error.hint(),
            Kind::File(error) => Some(error.hint().to_owned()),
            Kind::NothingToFold { only, newest: Some(newest) } if only.as_ref() != Some(newest) => {
                Some(format!("name the last of two or more migrations: `--to {newest}` folds them all"))
            }
            Kind::NothingToFold { .. } => None,
            Kind::NoSnapshot { .. } => Some("`seedbed check --fix` makes it anew".to_owned()),
            Kind::Skipped { .. } => {
                Some("fold the migrations before it, or those behind it by hand".to_owned())
            }
            Kind::Replay(error) => error.hint().map(str::to_owned),
            Kind::Elsewhere { missing } if missing.iter().any(|it| it.starts_with("the rows")) => {
                Some("`--no-rows` leaves rows out".to_owned())
            }
            _ => None,
        }
    }
}

impl fmt::Display for SquashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Folder(error) => error.fmt(f),
            Kind::Name(error) => error.fmt(f),
            Kind::File(error) => error.fmt(f),
            Kind::NothingToFold { only: Some(tag), .. } => {
                write!(f, "`{tag}` is the first migration: there is nothing to fold")
            }
            Kind::NothingToFold { only: None, .. } => f.write_str("there is nothing to fold"),
            Kind::NoSnapshot { tag } => write!(f, "migration `{tag}` has no snapshot"),
            Kind::Skipped { tag } => {
                write!(f, "`{tag}` is not run in memory (`skip-replay`), so what it makes is not known")
            }
            Kind::Replay(error) => error.fmt(f),
            Kind::Failure(failure) => write!(f, "the folded migration does not run: {failure}"),
            Kind::Inspect(_) | Kind::Sqlite(_) => f.write_str("what the migrations make could not be read"),
            Kind::Pull(error) => error.fmt(f),
            Kind::Elsewhere { missing } => {
                write!(
                    f,
                    "the folded migration does not make what they made; missing is {}",
                    missing.join(", ")
                )
            }
            Kind::NotEmpty => f.write_str("the way back of the folded migration leaves something behind"),
        }
    }
}

impl std::error::Error for SquashError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Folder(source) => source.source(),
            Kind::Replay(source) => source.source(),
            Kind::Inspect(source) => Some(source),
            Kind::Pull(source) => source.source(),
            Kind::Sqlite(source) => Some(source),
            _ => None,
        }
    }
}

impl From<FolderError> for SquashError {
    fn from(error: FolderError) -> Self {
        Self(Kind::Folder(error))
    }
}

impl From<rusqlite::Error> for SquashError {
    fn from(error: rusqlite::Error) -> Self {
        Self(Kind::Sqlite(error))
    }
}

impl From<Failure> for SquashError {
    fn from(failure: Failure) -> Self {
        Self(Kind::Failure(failure))
    }
}

impl From<NameError> for SquashError {
    fn from(error: NameError) -> Self {
        Self(Kind::File(error))
    }
}
