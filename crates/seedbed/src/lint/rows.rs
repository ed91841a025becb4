//! What hazards meet in a database: pending migrations are run on a copy of it, and before each statement the rows that
//! it concerns are counted. The database itself is only read.

use std::cell::RefCell;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::limits::Limit;
use seedbed_schema::plan::{HazardCode, Severity};

use super::Finding;
use super::question::Question;
use crate::migrate::script::Script;
use crate::migrate::{Failure, Migration};
use crate::replay::{apply_watched, refuse_quoted_texts};
use crate::{Connection, Error};

/// Up to which size a database is copied.
const LARGEST: i64 = 512 << 20;

/// How long copying, running and counting may take together.
const TIME: Duration = Duration::from_secs(30);

/// What a hazard meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Count {
    /// These rows.
    Rows(Rows),
    /// They could not be counted, and why.
    Unknown(String),
}

/// Rows that a hazard concerns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rows {
    /// How many they are: rows that go, that hold a value, that would be refused.
    pub rows: u64,
    /// For a uniqueness, how many values are repeated.
    pub groups: Option<u64>,
    /// For a whole table, what it takes on the disk with its indexes.
    pub bytes: Option<u64>,
}

/// Counts what the hazards of pending migrations meet in a database, `findings` being those of each. Returns why one of
/// them does not run on these rows, if so.
///
/// The database is only read. A database of more than 512 MiB is not copied, and after half a minute what is left is
/// not counted; then the findings say so.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::lint::{Count, count, lint};
/// # use seedbed::migrate::{EmbeddedMigrations, Migrator};
/// # static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
/// #     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
/// #         {"idx":0,"version":"6","when":0,"tag":"0000_gone","breakpoints":true}]}"#),
/// #     ("0000_gone.sql", "DROP TABLE logs;"),
/// # ]);
/// # let migrator = Migrator::new(MIGRATIONS);
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE logs (text); INSERT INTO logs VALUES ('a'), ('b')")?;
/// let pending = migrator.pending(&connection)?;
/// let mut findings = vec![lint("0000_gone.sql", pending[0].up(), Some("SELECT 1"))?];
/// count(&connection, &pending, &mut findings)?;
/// assert!(matches!(&findings[0][0].count, Some(Count::Rows(found)) if found.rows == 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When the database cannot be read.
pub fn count(
    connection: &Connection,
    migrations: &[Migration],
    findings: &mut [Vec<Finding>],
) -> Result<Option<Failure>, Error> {
    let deadline = Instant::now() + TIME;
    let copy = match copy(connection.rusqlite(), deadline)? {
        Ok(copy) => copy,
        Err(reason) => {
            leave(findings, &reason);
            return Ok(None);
        }
    };
    for (at, migration) in migrations.iter().enumerate().take(findings.len()) {
        let file = migration.file_name();
        let failure = match Script::parse(&file, migration.up()) {
            Ok(script) => run(&copy, &script, &mut findings[at]).err(),
            Err(error) => Some(Failure::script(&file, error)),
        };
        let Some(failure) = failure else { continue };
        if Instant::now() >= deadline {
            leave(&mut findings[at..], &format!("it takes longer than {} s", TIME.as_secs()));
            return Ok(None);
        }
        leave(&mut findings[at..], &format!("`{file}` stops before"));
        return Ok(Some(failure));
    }
    Ok(None)
}

fn run(copy: &rusqlite::Connection, script: &Script, findings: &mut Vec<Finding>) -> Result<(), Failure> {
    let asked = RefCell::new(std::mem::take(findings));
    let ran = apply_watched(copy, script, &|index| {
        for finding in asked.borrow_mut().iter_mut().filter(|finding| finding.count.is_none()) {
            let question = Question { database: copy, script, index, hazard: &finding.hazard };
            finding.count = match question.answer() {
                Ok(rows) => rows.map(Count::Rows),
                Err(error) => Some(Count::Unknown(error.to_string())),
            };
        }
    });
    *findings = asked.into_inner();
    ran
}

/// Says of everything that was not counted why.
fn leave(findings: &mut [Vec<Finding>], reason: &str) {
    let is_about_rows = |code: HazardCode| code.severity() >= Severity::Cost && code != HazardCode::Noted;
    for finding in findings.iter_mut().flatten() {
        if finding.count.is_none() && is_about_rows(finding.hazard.code) {
            finding.count = Some(Count::Unknown(reason.to_owned()));
        }
    }
}

/// Copies a database, or says why not.
fn copy(
    from: &rusqlite::Connection,
    deadline: Instant,
) -> rusqlite::Result<Result<rusqlite::Connection, String>> {
    let pragma = |name: &str| -> rusqlite::Result<i64> {
        from.query_row(&format!("PRAGMA main.{name}"), [], |row| row.get(0))
    };
    if pragma("page_size")?.saturating_mul(pragma("page_count")?) > LARGEST {
        return Ok(Err(format!("a database of more than {} MiB is not copied for it", LARGEST >> 20)));
    }
    // A database without a name is a temporary one; what does not fit SQLite's cache goes to a file without a name.
    let mut copy = rusqlite::Connection::open("")?;
    refuse_quoted_texts(&copy)?;
    let backup = Backup::new(from, &mut copy)?;
    while backup.step(-1)? != StepResult::Done {
        if Instant::now() >= deadline {
            return Ok(Err("others write to the database all the time".to_owned()));
        }
        thread::sleep(Duration::from_millis(20));
    }
    drop(backup);
    // What the files do stays in the copy.
    copy.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    copy.progress_handler(10_000, Some(move || Instant::now() >= deadline))?;
    Ok(Ok(copy))
}
