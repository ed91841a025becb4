//! Why a database could not be taken as it is.

use std::fmt;

use seedbed_schema::diff::Change;

use crate::inspect::InspectError;
use crate::migrate::Failure;

/// A database that could not be taken as it is. Nothing was written.
#[derive(Debug)]
pub struct PullError(pub(super) Kind);

#[derive(Debug)]
pub(super) enum Kind {
    /// There is no table.
    Empty,
    Inspect(InspectError),
    Sqlite(rusqlite::Error),
    /// SQLite refuses in memory what the database has.
    Failure(Failure),
    /// It ran, and something else came out.
    Elsewhere(Vec<Change>),
}

impl PullError {
    /// Returns SQLite's own words where there are any.
    pub(super) fn words(&self) -> String {
        match &self.0 {
            Kind::Failure(failure) => failure.message().to_owned(),
            _ => self.to_string(),
        }
    }

    /// Whether the database has nothing to take.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Kind::Empty)
    }

    /// Whether this is a fault of the toolkit itself.
    pub fn is_internal(&self) -> bool {
        matches!(self.0, Kind::Elsewhere(_))
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<String> {
        match &self.0 {
            Kind::Empty => Some("correct the path, or begin with `seedbed init`".to_owned()),
            Kind::Failure(failure) => Some(format!(
                "statement {} of the database's own schema does not run by itself; correct it there, or write the Rust \
                 file alone with `--no-baseline`",
                failure.line().map_or_else(|| "?".to_owned(), |line| format!("at line {line}"))
            )),
            _ => None,
        }
    }
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("the database has no table"),
            Kind::Inspect(_) | Kind::Sqlite(_) => f.write_str("the database could not be read"),
            Kind::Failure(_) => {
                f.write_str("the database's schema cannot be made again on an empty database")
            }
            Kind::Elsewhere(changes) => {
                let list: Vec<String> = changes.iter().map(|change| format!("`{change}`")).collect();
                write!(
                    f,
                    "the baseline does not lead to this database; still to do would be {}",
                    list.join(", ")
                )
            }
        }
    }
}

impl std::error::Error for PullError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Inspect(source) => Some(source),
            Kind::Sqlite(source) => Some(source),
            Kind::Failure(source) => Some(source),
            Kind::Empty | Kind::Elsewhere(_) => None,
        }
    }
}

impl From<rusqlite::Error> for PullError {
    fn from(error: rusqlite::Error) -> Self {
        Self(Kind::Sqlite(error))
    }
}
