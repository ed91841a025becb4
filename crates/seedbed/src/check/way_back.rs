//! Runs ways back, each on a database of its own: it has to be as before the migration then.

use std::sync::mpsc::Receiver;

use rusqlite::Connection;

use super::finding::{Finding, FindingCode};
use super::state::{Reader, State};
use crate::migrate::Failure;
use crate::migrate::script::Script;
use crate::replay::apply;

/// A way back to be tried.
pub(super) struct WayBack {
    /// The migration's place among the others.
    pub(super) at: usize,
    /// The name of the migration's file.
    pub(super) up_name: String,
    /// The name of the file that leads back.
    pub(super) down_name: String,
    /// What it says.
    pub(super) down: Script,
    /// What the database held before the migration.
    pub(super) before: State,
    /// The database behind the migration, with rows that were made up, where there is one.
    pub(super) with_rows: Option<Connection>,
    /// The database behind the migration.
    pub(super) empty: Connection,
}

/// Tries all that come, and returns what is wrong, each with its migration's place.
pub(super) fn try_all(ways_back: Receiver<WayBack>) -> Vec<(usize, Finding)> {
    let mut reader = Reader::default();
    let mut found = Vec::new();
    for way_back in ways_back {
        found.extend(way_back.fault(&mut reader).map(|finding| (way_back.at, finding)));
    }
    found
}

impl WayBack {
    fn fault(&self, reader: &mut Reader) -> Option<Finding> {
        let (database, went) = self.go();
        if let Err(failure) = went {
            return Some(refused(FindingCode::WayBackRefused, &self.down_name, &failure));
        }
        let missing = reader.read(database).ok()?.missing(&self.before);
        if missing.is_empty() {
            return None;
        }
        let message = format!("does not lead back: still to do would be {}", list(&missing));
        let hint = format!("mend it, so that it undoes all that `{}` does", self.up_name);
        Some(Finding::new(FindingCode::WayBackDiffers, &self.down_name, message).hint(hint))
    }

    /// Rows that are made up may break what the way back demands of them; then it is tried without.
    fn go(&self) -> (&Connection, Result<(), Failure>) {
        if let Some(database) = &self.with_rows {
            let went = apply(database, &self.down);
            if !went.as_ref().is_err_and(Failure::is_about_rows) {
                return (database, went);
            }
        }
        (&self.empty, apply(&self.empty, &self.down))
    }
}

/// Returns the finding about a file that could not be run.
pub(super) fn refused(code: FindingCode, file: &str, failure: &Failure) -> Finding {
    let mut message = failure.message().to_owned();
    if let Some(row) = failure.offending_rows().first() {
        message.push_str(&format!(" (row {row})"));
    }
    let mut finding = Finding::new(code, file, message);
    finding.line = failure.line();
    finding.hint = failure.way_out().map(str::to_owned);
    finding
}

/// Lists the first of the words.
pub(super) fn list(words: &[String]) -> String {
    const MOST: usize = 5;
    let mut shown: Vec<String> = words.iter().take(MOST).map(|word| format!("`{word}`")).collect();
    if words.len() > MOST {
        shown.push(format!("{} more", words.len() - MOST));
    }
    shown.join(", ")
}
