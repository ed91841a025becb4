//! The journal of a migrations folder, `meta/_journal.json`, in the form of drizzle-kit 0.31.
//!
//! It lists the migrations in order. The form is Drizzle's to the letter, so that a folder can be taken over and
//! tools that read Drizzle's folders can read ours:
//!
//! ```json
//! {
//!   "version": "7",
//!   "dialect": "sqlite",
//!   "entries": [
//!     {
//!       "idx": 0,
//!       "version": "6",
//!       "when": 1735689600000,
//!       "tag": "0000_base",
//!       "breakpoints": true
//!     }
//!   ]
//! }
//! ```

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::checksum::without_byte_order_mark;
use crate::model::Dialect;

/// The version drizzle-kit 0.31 writes for every dialect.
const VERSION: &str = "7";

/// The list of a folder's migrations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    version: String,
    /// The database the migrations are written for.
    pub dialect: Dialect,
    /// The migrations, in the order in which they run.
    pub entries: Vec<JournalEntry>,
}

/// One migration of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalEntry {
    /// The migration's number, from 0.
    pub idx: u32,
    /// The version of the dialect's snapshots in drizzle-kit, "6" for SQLite; it says nothing about ours.
    pub version: String,
    /// When the migration was generated, in milliseconds since 1970.
    pub when: i64,
    /// The file's name without `.sql`.
    pub tag: String,
    /// Whether the file has `--> statement-breakpoint` lines.
    pub breakpoints: bool,
}

impl Journal {
    /// Makes a journal without migrations.
    ///
    /// ```
    /// use seedbed_schema::journal::{Journal, parse, render};
    /// use seedbed_schema::model::Dialect;
    ///
    /// let mut journal = Journal::new(Dialect::Sqlite);
    /// journal.append("0000_base", 1_735_689_600_000);
    /// assert_eq!(journal.next_index(), 1);
    /// assert_eq!(parse(&render(&journal)).unwrap(), journal);
    /// ```
    pub fn new(dialect: Dialect) -> Self {
        Self { version: VERSION.to_owned(), dialect, entries: Vec::new() }
    }

    /// Adds a migration at the end; `when` is milliseconds since 1970.
    pub fn append(&mut self, tag: &str, when: i64) -> &JournalEntry {
        let version = match self.dialect {
            Dialect::Sqlite => "6",
        };
        let entry = JournalEntry {
            idx: self.next_index(),
            version: version.to_owned(),
            when,
            tag: tag.to_owned(),
            breakpoints: true,
        };
        self.entries.push(entry);
        &self.entries[self.entries.len() - 1]
    }

    /// Returns the number of the migration that comes next.
    pub fn next_index(&self) -> u32 {
        self.entries.iter().map(|entry| entry.idx.saturating_add(1)).max().unwrap_or(0)
    }
}

/// Returns the text of a journal file, byte for byte as drizzle-kit would write it.
pub fn render(journal: &Journal) -> String {
    serde_json::to_string_pretty(journal).expect("a journal has no map with keys that are no text")
}

/// Reads a journal file.
///
/// # Errors
///
/// Broken JSON, unknown or missing fields, another version: the error says the line and column.
pub fn parse(text: &str) -> Result<Journal, JournalError> {
    let text = without_byte_order_mark(text);
    let head: Head = serde_json::from_str(text).map_err(JournalError::json)?;
    if head.version.as_str().is_some_and(|version| version != VERSION) {
        return Err(JournalError { kind: JournalErrorKind::Version(head.version) });
    }
    serde_json::from_str(text).map_err(JournalError::json)
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    version: serde_json::Value,
}

/// Why a journal cannot be read.
#[derive(Debug)]
pub struct JournalError {
    kind: JournalErrorKind,
}

#[derive(Debug)]
enum JournalErrorKind {
    Version(serde_json::Value),
    Json(serde_json::Error),
}

impl JournalError {
    fn json(error: serde_json::Error) -> Self {
        Self { kind: JournalErrorKind::Json(error) }
    }

    /// The line and column of the fault, from 1, where the text itself is at fault.
    pub fn place(&self) -> Option<(usize, usize)> {
        match &self.kind {
            JournalErrorKind::Json(error) => Some((error.line(), error.column())),
            JournalErrorKind::Version(_) => None,
        }
    }

    /// Says what to do about it.
    pub fn hint(&self) -> &'static str {
        match &self.kind {
            JournalErrorKind::Version(_) => "bring the folder up to date with `drizzle-kit up` first",
            JournalErrorKind::Json(_) => {
                "restore it from version control; after a merge keep the entries of both branches, and `seedbed rebase` \
                 puts them in order"
            }
        }
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            JournalErrorKind::Version(version) => {
                write!(f, "the journal has version {version}, and only version \"{VERSION}\" is known")
            }
            JournalErrorKind::Json(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for JournalError {}

#[cfg(test)]
mod tests {
    use super::{Journal, parse, render};
    use crate::model::Dialect;

    const DRIZZLE: &str = r#"{
  "version": "7",
  "dialect": "sqlite",
  "entries": [
    {
      "idx": 0,
      "version": "6",
      "when": 1735689600000,
      "tag": "0000_brave_hulk",
      "breakpoints": true
    }
  ]
}"#;

    #[test]
    fn a_journal_of_drizzle_is_read_and_written_back_unchanged() {
        let journal = parse(DRIZZLE).unwrap();
        assert_eq!(journal.entries[0].tag, "0000_brave_hulk");
        assert_eq!(render(&journal), DRIZZLE);
        assert_eq!(parse(&format!("\u{feff}{DRIZZLE}")).unwrap(), journal);
    }

    #[test]
    fn an_appended_entry_has_drizzles_fields() {
        let mut journal = Journal::new(Dialect::Sqlite);
        journal.append("0000_brave_hulk", 1_735_689_600_000);
        assert_eq!(render(&journal), DRIZZLE);
        assert_eq!(journal.append("0001_x", 0).idx, 1);
    }

    #[test]
    fn the_next_number_follows_the_largest() {
        let mut journal = Journal::new(Dialect::Sqlite);
        journal.append("a", 0);
        journal.entries[0].idx = 7;
        assert_eq!(journal.next_index(), 8);
    }

    #[test]
    fn unknown_fields_and_broken_text_are_refused_with_their_place() {
        let error = parse(&DRIZZLE.replace("\"tag\"", "\"name\"")).unwrap_err();
        assert_eq!(error.place(), Some((9, 12)));
        assert!(error.to_string().contains("unknown field `name`"), "{error}");

        let conflict = DRIZZLE.replace("    {\n", "<<<<<<< HEAD\n    {\n");
        let error = parse(&conflict).unwrap_err();
        assert_eq!(error.place(), Some((5, 1)));
        assert!(error.hint().contains("branches"));
    }

    #[test]
    fn another_version_is_refused() {
        let error = parse(&DRIZZLE.replace("\"7\"", "\"5\"")).unwrap_err();
        assert!(error.to_string().contains("version \"5\""), "{error}");
        assert!(error.place().is_none());
        assert!(parse("{}").is_err());
    }
}
