//! The database: the file and those beside it, who holds it, what SQLite says about it, and where it stands.
//!
//! What a program that opens the file would tidy up, such as the journal of an interrupted transaction, is looked at
//! before it is opened.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use seedbed::backup::left_behind;
use seedbed::health::{self, Sizes};
use seedbed::migrate::{
    Folder, Holder, Holders, MigrateErrorKind, MigrateOptions, Migration, Migrator, Standing,
};
use seedbed::{Connection, Error};
use seedbed_schema::plan::HazardCode;

use super::{Findings, space};
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::quantity::{bytes, count};
use crate::settings::Settings;

/// From which size on a write-ahead log is worth a word.
const LARGE_LOG: u64 = 64 << 20;
/// What the journal of a transaction begins with, see <https://www.sqlite.org/fileformat.html>.
const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// How many damages and orphans are told.
const MOST: usize = 5;

pub(super) fn examine(settings: &Settings, findings: &mut Findings, thorough: bool) {
    const SUBJECT: &str = "database";
    let database = match settings.known_database() {
        Ok(Some(database)) => database,
        Ok(None) => {
            findings.warn(SUBJECT, "none is configured", "write `url = \"app.db\"` into seedbed.toml");
            return;
        }
        Err(error) => return findings.error(SUBJECT, &error),
    };
    let path = &database.value;
    let shown = settings.show(path);
    if !path.exists() {
        let message = format!("there is none at `{shown}` yet");
        findings.warn(SUBJECT, message, "`seedbed migrate` makes it; correct `url` if it should be there");
        return rights(path, &shown, findings);
    }
    let Some(header) = header(path, &shown, findings) else { return };
    rights(path, &shown, findings);
    let holders = Holders::of(path);
    who(&holders, findings);
    if beside(settings, path, &shown, &holders, findings) {
        findings.warn(
            "content",
            "not looked at, as that would roll the transaction back",
            "`seedbed status` does it",
        );
        return;
    }
    journal(&header, findings);
    match database::open(settings, &database, Access::Look) {
        Ok(connection) => inside(settings, &connection, path, findings, thorough),
        Err(error) if !holders.writers.is_empty() => {
            findings.warn("opening", error.message, "look again when nobody is writing");
        }
        Err(error) => findings.error("opening", &error),
    }
}

/// Reads the header, which begins as SQLite's do; an empty file is a database without tables. `None` when it is not.
fn header(path: &Path, shown: &str, findings: &mut Findings) -> Option<Vec<u8>> {
    const SUBJECT: &str = "database";
    match beginning(path, 20) {
        Err(error) => findings.fault(
            SUBJECT,
            format!("`{shown}` cannot be read: {error}"),
            format!("let this user read it: `chmod u+r {shown}`, or `chown`"),
        ),
        Ok(head) if head.is_empty() => {
            findings.warn(SUBJECT, format!("`{shown}` is empty"), "`seedbed migrate` makes its tables");
            return Some(head);
        }
        Ok(head) if !head.starts_with(b"SQLite format 3\0") => findings.fault(
            SUBJECT,
            format!("`{shown}` is not a SQLite database, or its beginning is damaged"),
            "correct `url`, or bring a backup back with `seedbed restore FILE`",
        ),
        Ok(head) => {
            let size = path.metadata().map_or(0, |metadata| metadata.len());
            findings.ok(SUBJECT, format!("{shown}, {}", bytes(size)));
            return Some(head);
        }
    }
    None
}

/// Returns the first bytes of a file, fewer when it is shorter.
fn beginning(path: &Path, count: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(count).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether this user can write the file, and beside it.
fn rights(path: &Path, shown: &str, findings: &mut Findings) {
    const SUBJECT: &str = "permissions";
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder_shown = if folder.as_os_str().is_empty() { ".".into() } else { folder.display().to_string() };
    if path.exists()
        && let Err(error) = OpenOptions::new().append(true).open(path)
    {
        let message = format!("`{shown}` cannot be written: {error}");
        findings.fault(SUBJECT, message, format!("let this user write it: `chmod u+w {shown}`, or `chown`"));
    } else if !space::is_writable(folder) {
        findings.fault(
            SUBJECT,
            format!(
                "the folder `{folder_shown}` takes no files, and SQLite has to write some beside the database"
            ),
            format!("let this user write it: `chmod u+wx {folder_shown}`, or `chown`"),
        );
    } else {
        findings.ok(SUBJECT, "the file and its folder can be written");
    }
}

fn who(holders: &Holders, findings: &mut Findings) {
    const SUBJECT: &str = "locks";
    let list = |holders: &[Holder]| holders.iter().map(Holder::to_string).collect::<Vec<_>>().join(", ");
    if let Some(migrator) = &holders.migrator {
        let message = format!("{migrator} is migrating the database");
        findings.warn(SUBJECT, message, format!("wait for it; if it hangs, `kill {}`", migrator.process));
    }
    if let Some(first) = holders.writers.first() {
        let message = format!("{} is writing to the database", list(&holders.writers));
        let hint = format!("nobody else can write meanwhile; if it hangs, `kill {}`", first.process);
        findings.warn(SUBJECT, message, hint);
    }
    if holders.migrator.is_none() && holders.writers.is_empty() {
        findings.ok(
            SUBJECT,
            match holders.readers.as_slice() {
                [] => "nobody holds the database".to_owned(),
                readers => format!("{} is reading; nobody is writing", list(readers)),
            },
        );
    }
}

/// The files that SQLite keeps beside the database. Returns whether a transaction was interrupted, which whoever opens
/// the file rolls back.
fn beside(settings: &Settings, path: &Path, shown: &str, holders: &Holders, findings: &mut Findings) -> bool {
    const SUBJECT: &str = "side files";
    let named = |ending: &str| {
        let mut name = OsString::from(path);
        name.push(ending);
        PathBuf::from(name)
    };
    let size = |ending: &str| fs::metadata(named(ending)).ok().map(|metadata| metadata.len());
    let is_used = !holders.writers.is_empty() || !holders.readers.is_empty();
    let before = findings.0.len();
    // One that is done with is kept in some modes, without its beginning.
    let is_hot = !is_used && beginning(&named("-journal"), 8).is_ok_and(|head| head == JOURNAL_MAGIC);
    if is_hot {
        let journal = size("-journal").unwrap_or_default();
        findings.warn(
            SUBJECT,
            format!("`{shown}-journal` ({}) is the journal of an interrupted transaction", bytes(journal)),
            format!("leave it beside `{shown}`: the next program that writes takes the half-done work back with it"),
        );
    }
    match size("-wal") {
        Some(log) if log > LARGE_LOG => findings.warn(
            SUBJECT,
            format!(
                "`{shown}-wal` has grown to {}: a long transaction keeps it from being emptied",
                bytes(log)
            ),
            "end the programs that read for long, or start them again",
        ),
        Some(log) if log > 0 && !is_used => findings.ok(
            SUBJECT,
            format!(
                "`{shown}-wal` holds {} that are part of the database; never move one without the other",
                bytes(log)
            ),
        ),
        _ => {}
    }
    for left in left_behind(path) {
        let size = bytes(fs::metadata(&left).map_or(0, |metadata| metadata.len()));
        let left = settings.show(&left);
        findings.warn(
            SUBJECT,
            format!("`{left}` ({size}) is a copy that was never finished"),
            format!("`rm {left}`; the next `seedbed backup` removes it, too"),
        );
    }
    if findings.0.len() == before {
        findings.ok(SUBJECT, "nothing was left behind");
    }
    is_hot
}

/// How the file is kept whole; its header says whether it has a write-ahead log.
fn journal(header: &[u8], findings: &mut Findings) {
    const SUBJECT: &str = "journal";
    match header.get(18) {
        // An empty file has none yet.
        None => {}
        Some(1) => findings.warn(
            SUBJECT,
            "no write-ahead log: readers and the writer wait for each other",
            "`seedbed::Connection::open` and `Pool` give the file one",
        ),
        Some(_) => findings.ok(SUBJECT, "write-ahead log: readers and the writer do not wait for each other"),
    }
}

fn inside(
    settings: &Settings,
    connection: &Connection,
    path: &Path,
    findings: &mut Findings,
    thorough: bool,
) {
    if thorough {
        content(connection, findings);
    }
    standing(settings, connection, findings);
    let sizes = match thorough.then(|| health::sizes(connection)) {
        Some(Ok(sizes)) => sizes,
        _ => Sizes { bytes: path.metadata().map_or(0, |metadata| metadata.len()), ..Sizes::default() },
    };
    if sizes.kept > 0 {
        let message = format!("migrations keep {} aside of what they dropped", bytes(sizes.kept));
        findings.add(super::Level::Ok, "kept", message, Some("`seedbed forget` frees it".to_owned()));
    }
    room(path, &sizes, findings);
}

fn content(connection: &Connection, findings: &mut Findings) {
    match health::damages(connection) {
        Ok(damages) if damages.is_empty() => findings.ok("integrity", "every page and every index is whole"),
        Ok(damages) => {
            let shown: Vec<&str> = damages.iter().take(MOST).map(String::as_str).collect();
            findings.fault(
                "integrity",
                format!("the file is damaged: {}", shown.join("; ")),
                "copy the file away as it is, then bring a backup back with `seedbed restore FILE`",
            );
        }
        Err(error) => findings.error("integrity", &unreadable(error)),
    }
    match health::orphans(connection) {
        Ok(orphans) if orphans.is_empty() => findings.ok("foreign keys", "every reference leads to a row"),
        Ok(orphans) => {
            let told = orphans.iter().take(MOST).map(|orphans| {
                let rows = count(usize::try_from(orphans.rows).unwrap_or(usize::MAX), "row");
                let refer = if orphans.rows == 1 { "refers" } else { "refer" };
                format!("{rows} of `{}` {refer} to nothing in `{}`", orphans.table, orphans.parent)
            });
            findings.fault(
                "foreign keys",
                told.collect::<Vec<_>>().join("; "),
                "mend or delete these rows: `seedbed open`, where the pragma `foreign_key_check` lists them",
            );
        }
        Err(error) => findings.error("foreign keys", &unreadable(error)),
    }
}

fn unreadable(error: Error) -> CliError {
    let hint = error.hint().map(str::to_owned);
    CliError::new(Kind::Database, "SQLite cannot read it").with_source(error).with_hints(hint)
}

/// Where the migrations stand, in a line; `seedbed status` tells the rest.
fn standing(settings: &Settings, connection: &Connection, findings: &mut Findings) {
    const SUBJECT: &str = "status";
    let Ok(out) = settings.out() else { return };
    let options = MigrateOptions { lock_timeout: Some(database::PATIENCE), ..MigrateOptions::default() };
    let migrator = Migrator::new(Folder::new(settings.show(&out.value))).options(options);
    match migrator.standing(connection) {
        Ok(standing) if !standing.is_in_order() => {
            let hint = match standing.drizzle {
                0 => "`seedbed status` tells what and how to mend it",
                _ => "`seedbed adopt` takes it over, and writes the schema where there is none",
            };
            findings.fault(SUBJECT, wrong(&standing), hint);
        }
        Ok(standing) if !standing.in_the_way.is_empty() => findings.warn(
            SUBJECT,
            format!(
                "the database has `{}` already, and no migration was applied",
                standing.in_the_way.join("`, `")
            ),
            "`seedbed adopt` records what it has; `seedbed pull` writes the schema of what is there",
        ),
        Ok(standing) => match standing.pending() {
            0 => findings.ok(SUBJECT, "up to date"),
            pending => {
                let message = format!("{} pending", count(pending, "migration"));
                findings.add(
                    super::Level::Ok,
                    SUBJECT,
                    message,
                    Some("`seedbed migrate` runs them".to_owned()),
                );
                warn_of_losses(&migrator.pending(connection).unwrap_or_default(), findings);
            }
        },
        // What is wrong with the folder was found before.
        Err(error) if matches!(error.kind(), MigrateErrorKind::Folder(_)) => {}
        Err(error) => findings.error(SUBJECT, &CliError::from(error)),
    }
}

/// Names the pending migrations that say of themselves that they lose data.
fn warn_of_losses(pending: &[Migration], findings: &mut Findings) {
    let loses = |hazard: &&str| {
        let code = hazard.split([' ', ':']).next().and_then(HazardCode::named);
        code.is_some_and(HazardCode::loses_data)
    };
    for migration in pending {
        let mut hazards = migration.up().lines().filter_map(|line| line.trim().strip_prefix("-- hazard: "));
        if let Some(hazard) = hazards.find(loses) {
            findings.warn(
                "status",
                format!("`{}` loses data: {hazard}", migration.tag()),
                "look at the file; if it is not what you meant, `seedbed generate --undo` takes the newest one back",
            );
        }
    }
}

fn wrong(standing: &Standing) -> String {
    if standing.drizzle > 0 {
        return format!("Drizzle made the database, with {}", count(standing.drizzle, "migration"));
    }
    let wrong = standing.migrations.iter().filter(|migration| !migration.state.is_in_order()).count();
    match wrong {
        0 => "the schema was changed by hand since the newest migration".to_owned(),
        1 => "1 migration not as it was applied".to_owned(),
        wrong => format!("{wrong} migrations not as they were applied"),
    }
}

/// Whether the disk has room for what migrations do: a rebuild of the largest table, and a backup.
fn room(path: &Path, sizes: &Sizes, findings: &mut Findings) {
    const SUBJECT: &str = "disk space";
    let folder = path.parent().unwrap_or(Path::new("."));
    let Some(free) = space::free(folder) else {
        return findings.ok(SUBJECT, "this system does not tell how much is free");
    };
    // The new table is written into the file and, before that, into the log.
    let rebuild = sizes.largest.as_ref().map(|(table, size)| (table, size.saturating_mul(2)));
    let needed = rebuild.map_or(0, |(_, size)| size).max(sizes.bytes);
    let mut message = format!("{} free", bytes(free));
    if let Some((table, size)) = rebuild {
        message
            .push_str(&format!("; a rebuild of the largest table, `{table}`, takes up to {}", bytes(size)));
    }
    message.push_str(&format!("; a backup takes {}", bytes(sizes.bytes)));
    if free < needed {
        findings.warn(
            SUBJECT,
            message,
            "make room before the next migration; old backups are a place to begin",
        );
    } else {
        findings.ok(SUBJECT, message);
    }
}
