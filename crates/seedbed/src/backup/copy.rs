//! The copying itself: page by page into a new file, of one state of the database.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{ErrorCode, OpenFlags};

use super::{BackupOptions, Check, Progress};
use crate::connection::Connection;
use crate::error::Error;

/// How many pages are copied before the caller is told.
const PAGES_A_STEP: i32 = 1_024;

/// Copies what is committed into a new file at `path` and returns what is wrong with it, if anything is; `named` is what
/// the file will be called.
pub(super) fn to_file(
    connection: &Connection,
    path: &Path,
    named: &Path,
    options: &BackupOptions<'_>,
) -> Result<Option<String>, Error> {
    let mut target = rusqlite::Connection::open(path)?;
    // Nobody relies on the file before it is whole, so no journal guards it; it is brought to the disk at the end.
    target.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    target.pragma_update(None, "synchronous", "OFF")?;
    {
        let _snapshot = Snapshot::begin(connection)?;
        let backup = Backup::new(connection.rusqlite(), &mut target)?;
        run(&backup, page_size(connection)?, options.progress)?;
    }
    target.close().map_err(|(_, error)| error)?;
    say_that_there_is_no_log(path)
        .map_err(|error| Error::context("the header of the copy could not be written", error))?;
    if let Some(tell) = options.progress {
        tell(&Progress::Checking { path: named });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(fault(&rusqlite::Connection::open_with_flags(path, flags)?, options.check)?)
}

/// Turns the header of a closed database with a write-ahead log, which its copy has taken over, into that of a single file,
/// see <https://www.sqlite.org/fileformat2.html#file_format_version_numbers>. `PRAGMA journal_mode` would open a log and
/// an index of it first, which need space and outlive a kill.
fn say_that_there_is_no_log(path: &Path) -> io::Result<()> {
    const VERSIONS: SeekFrom = SeekFrom::Start(18);
    let mut file = File::options().read(true).write(true).open(path)?;
    let mut versions = [0; 2];
    file.seek(VERSIONS)?;
    match file.read_exact(&mut versions) {
        // A database without a page has no header.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
        read => read?,
    }
    if versions[1] == 2 {
        file.seek(VERSIONS)?;
        file.write_all(&[1, 1])?;
    }
    Ok(())
}

/// Copies until all is done.
pub(super) fn run(
    backup: &Backup<'_, '_>,
    page_size: u64,
    progress: Option<&dyn Fn(&Progress<'_>)>,
) -> Result<(), Error> {
    loop {
        let step = backup.step(PAGES_A_STEP)?;
        if let Some(tell) = progress {
            let pages = backup.progress();
            let bytes = |pages: i32| u64::try_from(pages).unwrap_or(0) * page_size;
            let of = bytes(pages.pagecount);
            tell(&Progress::Copying { bytes: of.saturating_sub(bytes(pages.remaining)), of });
        }
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(Error::message("the database is busy")),
        }
    }
}

/// Returns the size of a database's pages in bytes.
pub(super) fn page_size(connection: &Connection) -> Result<u64, Error> {
    Ok(connection.rusqlite().query_row("PRAGMA page_size", [], |row| row.get(0))?)
}

/// Returns what is wrong with a database, in SQLite's words.
pub(super) fn fault(connection: &rusqlite::Connection, check: Check) -> rusqlite::Result<Option<String>> {
    let sql = match check {
        Check::Quick => "PRAGMA quick_check(1)",
        Check::Full => "PRAGMA integrity_check(1)",
    };
    match connection.query_row(sql, [], |row| row.get::<_, String>(0)) {
        Ok(verdict) => Ok((verdict != "ok").then_some(verdict)),
        // A file may be so damaged that the check itself cannot run.
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Ok(Some(error.to_string())),
            _ => Err(error),
        },
    }
}

/// A transaction that reads. While it is open the backup interface sees one state; without it, every commit of another
/// process would make it begin again.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn begin(connection: &'a Connection) -> Result<Self, Error> {
        connection.execute("BEGIN", &[])?;
        let snapshot = Self(connection);
        // BEGIN alone takes no lock; the first read does.
        connection.rusqlite().query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(snapshot)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // Nothing was written, so there is nothing that could fail to be undone.
        let _ = self.0.execute_batch("ROLLBACK");
    }
}
