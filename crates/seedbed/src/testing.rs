//! For tests: a migrated database for each, and a proof that every old version reaches the newest.
//!
//! ```
//! use std::sync::LazyLock;
//! use seedbed::migrate::EmbeddedMigrations;
//! use seedbed::params;
//! use seedbed::testing::{Template, upgrades};
//!
//! # static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
//! #     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
//! #         {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true},
//! #         {"idx":1,"version":"6","when":0,"tag":"0001_age","breakpoints":true}]}"#),
//! #     ("0000_base.sql", "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);"),
//! #     ("0001_age.sql", "ALTER TABLE users ADD COLUMN age INTEGER;"),
//! # ]);
//! // Migrated once, copied for every test; `MIGRATIONS` is what `embed_migrations!` made.
//! static TEMPLATE: LazyLock<Template> = LazyLock::new(|| Template::of(MIGRATIONS).expect("the migrations run"));
//!
//! // #[test]
//! fn a_user_is_kept() -> Result<(), seedbed::Error> {
//!     let database = TEMPLATE.database()?;
//!     database.execute("INSERT INTO users (id) VALUES (?1)", params!["ada"])?;
//!     Ok(())
//! }
//!
//! // #[test]
//! fn every_old_version_reaches_the_newest() -> Result<(), Box<dyn std::error::Error>> {
//!     for upgrade in upgrades(MIGRATIONS, 10, 1)? {
//!         assert_eq!(upgrade.lost(), [], "from {:?}", upgrade.from);
//!     }
//!     Ok(())
//! }
//! # a_user_is_kept().unwrap();
//! # every_old_version_reaches_the_newest().unwrap();
//! ```
//!
//! Nothing here needs more than the library has anyway, so it is behind no feature.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use rusqlite::backup::{Backup, StepResult};
use seedbed_schema::normalize::observable;

use crate::connection::Connection;
use crate::error::Error;
use crate::inspect::inspect;
use crate::migrate::{MigrateError, MigrateErrorKind, Migration, MigrationSource, Migrator};
use crate::pool::Pool;
use crate::replay::Replay;
use crate::reset::{self, TableRows};
use crate::rows;
use crate::transaction::Transaction;

/// A migrated database in memory, from which any number of tests get a copy of their own.
///
/// A copy takes a fraction of the time that the migrations take. See the [module](crate::testing) for an example.
pub struct Template {
    original: Mutex<Connection>,
}

impl Template {
    /// Runs the migrations on a new database in memory.
    ///
    /// # Errors
    ///
    /// When a migration fails.
    pub fn of(source: impl Into<MigrationSource>) -> Result<Self, MigrateError> {
        let mut original = Connection::open_in_memory().map_err(MigrateErrorKind::Database)?;
        Migrator::new(source).run(&mut original)?;
        Ok(Self { original: Mutex::new(original) })
    }

    /// Puts something into the database that every copy will hold.
    ///
    /// ```
    /// # use seedbed::migrate::EmbeddedMigrations;
    /// # use seedbed::testing::Template;
    /// # static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
    /// #     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
    /// #         {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#),
    /// #     ("0000_base.sql", "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);"),
    /// # ]);
    /// let template = Template::of(MIGRATIONS)?.with(|tx| tx.execute_batch("INSERT INTO users VALUES ('ada')"))?;
    /// let users = |database: seedbed::Connection| {
    ///     database.query_one("SELECT count(*) FROM users", &[], |row| row.get::<i64>(0))
    /// };
    /// assert_eq!(users(template.database()?)?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The closure's error; then nothing of what it did stays.
    pub fn with(self, fill: impl FnOnce(&Transaction<'_>) -> Result<(), Error>) -> Result<Self, Error> {
        self.original.lock().unwrap_or_else(PoisonError::into_inner).transaction(fill)?;
        Ok(self)
    }

    /// Returns a database in memory that holds what the template holds, and is nobody else's.
    ///
    /// # Errors
    ///
    /// When there is no memory left.
    pub fn database(&self) -> Result<Connection, Error> {
        // A test that panicked while it held the lock changed nothing.
        let original = self.original.lock().unwrap_or_else(PoisonError::into_inner);
        let mut copy = Connection::open_in_memory()?;
        let all_pages = -1;
        let step = Backup::new(original.rusqlite(), copy.rusqlite_mut())?.step(all_pages)?;
        if step == StepResult::Done { Ok(copy) } else { Err(Error::message("the template is busy")) }
    }

    /// Returns a [`Pool`] on such a database.
    ///
    /// # Errors
    ///
    /// When there is no memory left or no thread can be started.
    pub fn pool(&self) -> Result<Pool, Error> {
        Pool::from_connection(self.database()?)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").finish_non_exhaustive()
    }
}

/// What became of the rows of one old version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// The newest migration of the old version; `None` for the empty database.
    pub from: Option<String>,
    /// The tables that had rows before, with how many.
    pub before: Vec<TableRows>,
    /// The tables that have rows now.
    pub after: Vec<TableRows>,
    /// The migrations that ask not to be run without live data, and were not.
    pub skipped: Vec<String>,
}

impl Upgrade {
    /// Returns the tables that have fewer rows than before, with how many are gone. A table that was renamed counts as gone:
    /// it is up to the test to say which loss is meant.
    pub fn lost(&self) -> Vec<TableRows> {
        let now =
            |table: &str| self.after.iter().find(|after| after.table == table).map_or(0, |after| after.rows);
        let gone = self.before.iter().filter(|before| now(&before.table) < before.rows);
        gone.map(|before| TableRows { table: before.table.clone(), rows: before.rows - now(&before.table) })
            .collect()
    }
}

/// Builds a database of every version that the migrations ever made, the empty one first, fills its tables with generated
/// rows, runs the migrations that follow, and checks what comes of it: every file runs, the schema is the newest, the
/// database is whole, and every foreign key finds its row.
///
/// The rows are as nasty as they can be ([`rows::Manner::Probing`]); another `seed` gives others. What a row count does not
/// tell, a test can look at with [`upgrades_with`].
///
/// # Errors
///
/// At the first version that does not arrive.
pub fn upgrades(
    source: impl Into<MigrationSource>,
    rows: usize,
    seed: u64,
) -> Result<Vec<Upgrade>, UpgradeError> {
    upgrades_with(source, rows, seed, |_, _| Ok(()))
}

/// Upgrades every old version as [`upgrades`] does, and hands each to `look` when it has arrived.
///
/// # Errors
///
/// At the first version that does not arrive, or that `look` refuses.
pub fn upgrades_with(
    source: impl Into<MigrationSource>,
    rows: usize,
    seed: u64,
    mut look: impl FnMut(&Connection, &Upgrade) -> Result<(), Error>,
) -> Result<Vec<Upgrade>, UpgradeError> {
    let failed = |from: Option<&str>, source: Box<dyn StdError + Send + Sync>| UpgradeError {
        from: from.map(str::to_owned),
        source,
    };
    let migrations = source.into().migrations().map_err(|error| failed(None, error.into()))?;
    let mut done = Vec::new();
    for count in 0..migrations.len() {
        let (old, new) = migrations.split_at(count);
        let from = old.last().map(Migration::tag);
        let (connection, upgrade) = upgrade(old, new, rows, seed).map_err(|error| failed(from, error))?;
        look(&connection, &upgrade).map_err(|error| failed(from, error.into()))?;
        done.push(upgrade);
    }
    Ok(done)
}

fn upgrade(
    old: &[Migration],
    new: &[Migration],
    rows: usize,
    seed: u64,
) -> Result<(Connection, Upgrade), Box<dyn StdError + Send + Sync>> {
    let mut replay = Replay::of(old)?;
    let schema = inspect(replay.connection())?;
    rows::fill(replay.connection(), &schema, None, rows, seed)?;
    let before = reset::counts(replay.connection())?;
    for migration in new {
        replay.run(migration)?;
    }
    let wanted = inspect(Replay::of(old.iter().chain(new))?.connection())?;
    if observable(&inspect(replay.connection())?) != observable(&wanted) {
        return Err("its schema is not that of a new database".into());
    }
    let verdict: String = replay.connection().query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(format!("the database is damaged: {verdict}").into());
    }
    let orphan: Option<String> =
        replay
            .connection()
            .query_row("SELECT min(\"table\") FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if let Some(table) = orphan {
        return Err(format!("a row of `{table}` refers to a row that does not exist").into());
    }
    let after = reset::counts(replay.connection())?;
    let skipped = replay.skipped().to_vec();
    let upgrade = Upgrade { from: old.last().map(|last| last.tag().to_owned()), before, after, skipped };
    Ok((Connection::from_parts(replay.into_connection(), false), upgrade))
}

/// An old version that did not reach the newest.
#[derive(Debug)]
pub struct UpgradeError {
    from: Option<String>,
    source: Box<dyn StdError + Send + Sync>,
}

impl UpgradeError {
    /// Returns the newest migration of the version; `None` for the empty database.
    pub fn old_version(&self) -> Option<&str> {
        self.from.as_deref()
    }
}

impl fmt::Display for UpgradeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.from {
            Some(from) => {
                write!(f, "a database that was migrated up to `{from}` does not reach the newest version")
            }
            None => f.write_str("an empty database does not reach the newest version"),
        }
    }
}

impl StdError for UpgradeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}
