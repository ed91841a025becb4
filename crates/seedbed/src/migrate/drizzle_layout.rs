//! Brings a folder that drizzle-kit 1.0 or the Rust crate `drizzle` wrote into our layout: a directory for each
//! migration becomes a file with a number, and a journal keeps the order.
//!
//! ```text
//! 20261126065215_orders/migration.sql  ──►  0001_orders.sql, meta/0001_snapshot.json, meta/_journal.json
//! ```
//!
//! All of it is written in one step or none. The directories stay where they are for whoever wants to look; nothing reads
//! them any more, and drizzle-kit itself refuses a folder with a journal, so that two tools cannot go on side by side.

use std::fs;

use seedbed_schema::journal::{self, Journal};
use seedbed_schema::model::Dialect;
use seedbed_schema::naming;
use seedbed_schema::snapshot::{self, Snapshot};

use super::adopt_folder::Stages;
use super::error::MigrateError;
use super::folder::{Folder, JOURNAL};
use super::folder_error::{FolderError, FolderErrorKind};
use super::rewrite::Rewrite;
use super::writer;

/// A migration as the other tool keeps it.
struct Foreign {
    directory: String,
    sql: String,
}

/// Writes our layout beside the directories, and returns the tags; none when there is a journal or no such directory.
pub(super) fn convert(folder: &Folder) -> Result<Vec<String>, MigrateError> {
    if folder.journal()?.is_some() {
        return Ok(Vec::new());
    }
    let foreign = read(folder)?;
    if foreign.is_empty() {
        return Ok(Vec::new());
    }
    let mut journal = Journal::new(Dialect::Sqlite);
    let mut rewrite = Rewrite::default();
    let mut stages = Stages::new()?;
    let mut previous: Option<String> = None;
    let mut before = 0;
    for Foreign { directory, sql } in &foreign {
        let tag = naming::next_tag(&journal, words_of(directory)).unwrap_or_else(|_| directory.clone());
        let when = moment_of(directory).unwrap_or(before + 1).max(before + 1);
        journal.append(&tag, when);
        before = when;
        let schema = stages.after(&format!("{directory}/migration.sql"), sql)?;
        let snapshot = Snapshot::new(Dialect::Sqlite, previous.as_deref(), schema);
        rewrite.write(format!("{tag}.sql"), sql);
        rewrite.write(writer::snapshot_name(&tag), snapshot::render(&snapshot));
        previous = Some(snapshot.id);
    }
    rewrite.write(JOURNAL, journal::render(&journal));
    folder.make()?;
    rewrite.apply(folder)?;
    Ok(journal.entries.into_iter().map(|entry| entry.tag).collect())
}

/// The directories in the order in which the other tool runs them: that of their names.
fn read(folder: &Folder) -> Result<Vec<Foreign>, MigrateError> {
    let mut foreign = Vec::new();
    for directory in writer::drizzle_1_0_directories(folder) {
        let name = format!("{directory}/migration.sql");
        let sql =
            fs::read_to_string(folder.path().join(&name)).map_err(|error| failed(folder, &name, error))?;
        foreign.push(Foreign { directory, sql });
    }
    Ok(foreign)
}

fn failed(folder: &Folder, file: &str, error: std::io::Error) -> FolderError {
    FolderError::new(Some(folder.path()), FolderErrorKind::Io { file: file.to_owned(), error })
}

/// Whether the directory is that of the migration: `20261126065215_orders` is that of `0001_orders`.
pub(super) fn is_of(directory: &str, tag: &str, when: i64) -> bool {
    let words = naming::file_name(words_of(directory)).unwrap_or_else(|_| directory.to_owned());
    let named_so = tag.split_once('_').is_some_and(|(_, rest)| rest == words);
    moment_of(directory).map_or(named_so, |moment| moment == when && named_so)
}

/// `20261126065215_orders` and `0001_orders` are about `orders`.
fn words_of(directory: &str) -> &str {
    match directory.split_once('_') {
        Some((stamp, words)) if stamp.bytes().all(|byte| byte.is_ascii_digit()) && !words.is_empty() => words,
        _ => directory,
    }
}

/// Returns the time that a history means: milliseconds as they are, and the Rust crate's `20261126065215` as well.
pub(super) fn moment_recorded(number: i64) -> i64 {
    moment_of(&number.to_string()).unwrap_or(number)
}

/// Returns the time in a directory's name, `YYYYMMDDHHMMSS` in UTC, as milliseconds since 1970.
fn moment_of(directory: &str) -> Option<i64> {
    let stamp = directory.get(..14).filter(|stamp| stamp.bytes().all(|byte| byte.is_ascii_digit()))?;
    let part = |from: usize, to: usize| stamp[from..to].parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let is_time =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    if !is_time {
        return None;
    }
    // Days since 1970 in a calendar whose year begins with March, so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
}

#[cfg(test)]
mod tests {
    use super::{is_of, moment_of, moment_recorded, words_of};

    #[test]
    fn a_directory_tells_its_time_and_its_words() {
        assert_eq!(moment_of("20261126065215_orders"), Some(1_795_675_935_000));
        assert_eq!(moment_of("19700101000000_x"), Some(0));
        assert_eq!(moment_of("20240229120000_leap"), Some(1_709_208_000_000));
        for none in ["0001_orders", "20261326065215_x", "2026112606521", "orders"] {
            assert_eq!(moment_of(none), None, "{none}");
        }
        assert_eq!(moment_recorded(20_261_126_065_215), moment_recorded(1_795_675_935_000));
        assert_eq!(words_of("20261126065215_orders_and_more"), "orders_and_more");
        assert_eq!(words_of("0000_init"), "init");
        assert_eq!(words_of("my_init"), "my_init");
        assert!(is_of("20261126065215_orders", "0001_orders", 1_795_675_935_000));
        assert!(!is_of("20261126065215_orders", "0001_orders", 1));
    }
}
