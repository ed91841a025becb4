//! Where a database stands: each migration of the folder and of the history, and whether the schema is theirs.
//!
//! ```text
//! folder   0000_a  0001_b  0002_c  0003_d           history   0000_a  0001_b  0003_d  0009_x
//!             │       │       │       │                                                  │
//!          applied  changed  out of  applied                                          unknown
//!                   or not   order
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Connection;

use super::drift::{self, Drift};
use super::error::{MigrateError, MigrateErrorKind};
use super::folded;
use super::folder::{Listing, Migration, Missing};
use super::history::{self, AppliedRow};
use super::migrator::Migrator;
use super::script::{Action, ObjectKind, Script};

/// How a migration stands to a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name.
    pub tag: String,
    /// How it stands.
    pub state: MigrationState,
    /// When it ran, in milliseconds since 1970.
    pub applied_at: Option<i64>,
    /// How long it took.
    pub duration: Option<Duration>,
}

/// How a migration stands to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrationState {
    /// It ran.
    Applied,
    /// It will run.
    Pending,
    /// It ran, and its file has other SQL now.
    Changed,
    /// The journal names it, and its file is gone.
    Missing,
    /// It did not run, and a later one did.
    OutOfOrder,
    /// It ran, and the folder does not have it.
    Unknown,
}

impl MigrationState {
    /// Whether it is as it should be: applied or pending.
    pub fn is_in_order(self) -> bool {
        matches!(self, Self::Applied | Self::Pending)
    }
}

/// Where a database stands.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Standing {
    /// The migrations: the folder's in their order, then those that only the history knows.
    pub migrations: Vec<MigrationStatus>,
    /// Whether the schema is what the applied migrations made.
    pub drift: Drift,
    /// What belongs to others, as it was there before our own tables: `table sessions`.
    pub foreign: Vec<String>,
    /// How many migrations Drizzle recorded in a database that is not taken over yet.
    pub drizzle: usize,
    /// The tables that pending migrations make and that are there already.
    pub in_the_way: Vec<String>,
    /// An unknown migration and the folder's one that has the same SQL: its files were given another name.
    pub renamed: Option<(String, String)>,
    /// Why a migration cannot take the place of those that were folded into it, and the way out: only a part of them was
    /// applied.
    pub partly_folded: Option<(String, String)>,
}

impl Standing {
    /// Whether nothing is wrong; pending migrations are nothing wrong.
    pub fn is_in_order(&self) -> bool {
        self.drizzle == 0
            && self.migrations.iter().all(|migration| migration.state.is_in_order())
            && !matches!(self.drift, Drift::Drifted(_))
    }

    /// Returns how many migrations will run.
    pub fn pending(&self) -> usize {
        self.migrations.iter().filter(|migration| migration.state == MigrationState::Pending).count()
    }
}

impl Migrator<'_> {
    /// Returns how every migration of the folder and of the history stands, without judging it.
    ///
    /// # Errors
    ///
    /// When the folder or the database cannot be read.
    pub fn status(&self, connection: &Connection) -> Result<Vec<MigrationStatus>, MigrateError> {
        let rows = self.history(connection.rusqlite())?;
        let listing = self.source().listing()?;
        let rows = as_folded(&listing, rows);
        Ok(statuses(&listing.migrations, &listing.missing, &rows))
    }

    /// Looks where the database stands: its migrations, and whether its schema is what they made. Nothing is written.
    ///
    /// Where the schema equals the newest applied snapshot, that is all; otherwise the applied files are run in
    /// memory, which tells what hand-written ones made, too.
    ///
    /// # Errors
    ///
    /// When the folder or the database cannot be read.
    ///
    /// ```
    /// # use seedbed::Connection;
    /// # use seedbed::migrate::{Drift, EmbeddedMigrations, Migrator};
    /// # static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
    /// #     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
    /// #         {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#),
    /// #     ("0000_base.sql", "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);"),
    /// # ]);
    /// let mut connection = Connection::open_in_memory()?;
    /// let migrator = Migrator::new(MIGRATIONS);
    /// assert_eq!(migrator.standing(&connection)?.pending(), 1);
    /// migrator.run(&mut connection)?;
    /// assert!(migrator.standing(&connection)?.is_in_order());
    ///
    /// connection.execute_batch("CREATE TABLE stray (x)")?;
    /// let Drift::Drifted(difference) = migrator.standing(&connection)?.drift else { panic!("it drifted") };
    /// assert!(difference.way_back.unwrap().contains("DROP TABLE \"stray\""));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn standing(&self, connection: &Connection) -> Result<Standing, MigrateError> {
        let connection = connection.rusqlite();
        self.standing_now(connection).map_err(|error| error.located(connection))
    }

    fn standing_now(&self, connection: &rusqlite::Connection) -> Result<Standing, MigrateError> {
        let listing = self.source().listing()?;
        // One state of the database for everything that is read, whatever others write meanwhile.
        self.when_free(|| connection.execute_batch("SAVEPOINT seedbed_standing"))?;
        let rows = self.when_free(|| history::applied(connection));
        let standing = rows
            .map_err(MigrateError::from)
            .and_then(|rows| look(connection, &listing, &as_folded(&listing, rows)));
        let ended = connection.execute_batch("RELEASE seedbed_standing");
        let standing = standing?;
        ended?;
        Ok(standing)
    }
}

/// Returns the history as the next migrator will write it: what was folded since is the one that stands for it. One
/// that has only a part of it is shown as it is.
pub(super) fn as_folded(listing: &Listing, rows: Vec<AppliedRow>) -> Vec<AppliedRow> {
    let folded = folded::fold(&listing.migrations, rows.clone());
    folded.map_or(rows, |(folded, _)| folded)
}

fn look(
    connection: &rusqlite::Connection,
    listing: &Listing,
    rows: &[AppliedRow],
) -> Result<Standing, MigrateError> {
    let migrations = statuses(&listing.migrations, &listing.missing, rows);
    let drizzle = if rows.is_empty() { history::drizzle_rows(connection)? } else { 0 };
    let (drift, expected) = drift::of(connection, listing, &migrations)?;
    let there = history::named_objects(connection)?;
    let ours = history::recorded_objects(connection)?;
    let foreign = history::foreign_objects(connection)?;
    let foreign = foreign.intersection(&there).filter(|object| !ours.contains(*object));
    let foreign =
        foreign.filter(|(kind, name)| (kind == "table" || kind == "view") && !expected.has(kind, name));
    let foreign = foreign.map(|(kind, name)| format!("{kind} {name}")).collect();
    let mut in_the_way = Vec::new();
    if rows.is_empty() {
        let is_there = |made: &String| {
            there.iter().any(|(kind, name)| kind == "table" && name.eq_ignore_ascii_case(made))
        };
        in_the_way.extend(tables_made(&listing.migrations).into_iter().filter(is_there));
    }
    let partly_folded = folded::fold(&listing.migrations, rows.to_vec()).err().map(|kind| {
        let error = MigrateError::from(kind);
        (error.to_string(), error.hint().unwrap_or_default())
    });
    Ok(Standing {
        partly_folded,
        renamed: renamed(&listing.migrations, rows),
        migrations,
        drift,
        foreign,
        drizzle,
        in_the_way,
    })
}

/// Returns the names of the tables that migrations make.
fn tables_made(migrations: &[Migration]) -> Vec<String> {
    let scripts =
        migrations.iter().filter_map(|migration| Script::parse(migration.tag(), migration.up()).ok());
    let mut names = Vec::new();
    for statement in scripts.flat_map(|script| script.statements) {
        if let Action::Create(ObjectKind::Table, name) = statement.action
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// Compares the folder with the history.
pub(super) fn statuses(
    migrations: &[Migration],
    missing: &[Missing],
    rows: &[AppliedRow],
) -> Vec<MigrationStatus> {
    let mut missing = missing.iter().peekable();
    let mut by_name: BTreeMap<&str, &AppliedRow> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
    let newest = migrations.iter().rposition(|migration| by_name.contains_key(migration.tag()));
    let status = |tag: &str, state, row: Option<&AppliedRow>| MigrationStatus {
        tag: tag.to_owned(),
        state,
        applied_at: row.map(|row| row.applied_at),
        duration: row.map(|row| row.duration),
    };
    let mut statuses = Vec::with_capacity(migrations.len());
    for index in 0..=migrations.len() {
        while let Some(Missing { tag, .. }) = missing.next_if(|missing| missing.before == index) {
            statuses.push(status(tag, MigrationState::Missing, by_name.remove(tag.as_str())));
        }
        let Some(migration) = migrations.get(index) else { break };
        let row = by_name.remove(migration.tag());
        let state = match row {
            Some(row) if row.checksum == migration.checksum() => MigrationState::Applied,
            Some(_) => MigrationState::Changed,
            None if newest.is_some_and(|newest| index < newest) => MigrationState::OutOfOrder,
            None => MigrationState::Pending,
        };
        statuses.push(status(migration.tag(), state, row));
    }
    let unknown = rows.iter().filter(|row| by_name.contains_key(row.name.as_str()));
    statuses.extend(unknown.map(|row| status(&row.name, MigrationState::Unknown, Some(row))));
    statuses
}

/// Returns the first migration that the folder does not know, and the one that has its SQL under another name.
fn renamed(migrations: &[Migration], rows: &[AppliedRow]) -> Option<(String, String)> {
    let unknown = rows.iter().find(|row| migrations.iter().all(|migration| migration.tag() != row.name))?;
    let is_pending = |migration: &&Migration| rows.iter().all(|row| row.name != migration.tag());
    let same =
        migrations.iter().filter(is_pending).find(|migration| migration.checksum() == unknown.checksum)?;
    Some((unknown.name.clone(), same.tag().to_owned()))
}

/// Returns the index of the first pending migration, or why none may be run.
pub(super) fn first_pending(
    migrations: &[Migration],
    rows: &[AppliedRow],
) -> Result<usize, MigrateErrorKind> {
    let statuses = statuses(migrations, &[], rows);
    let with = |state: MigrationState| statuses.iter().filter(move |status| status.state == state);
    let unknown: Vec<String> = with(MigrationState::Unknown).map(|status| status.tag.clone()).collect();
    if !unknown.is_empty() {
        let renamed_to = renamed(migrations, rows).map(|(_, renamed)| renamed);
        return Err(MigrateErrorKind::Ahead { tags: unknown, renamed_to });
    }
    if let Some(changed) = with(MigrationState::Changed).next() {
        return Err(MigrateErrorKind::Changed { file: format!("{}.sql", changed.tag) });
    }
    if let Some(late) = with(MigrationState::OutOfOrder).next() {
        let newest =
            with(MigrationState::Applied).next_back().map(|status| status.tag.clone()).unwrap_or_default();
        return Err(MigrateErrorKind::OutOfOrder { file: format!("{}.sql", late.tag), newest });
    }
    Ok(statuses.iter().position(|status| status.state == MigrationState::Pending).unwrap_or(statuses.len()))
}
