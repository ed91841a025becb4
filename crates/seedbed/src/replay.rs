//! A folder's migrations, run on an empty database in memory: what the files make, rather than what they say.
//!
//! ```
//! use seedbed::migrate::Folder;
//! use seedbed::replay::Replay;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # std::fs::create_dir(folder.path().join("meta"))?;
//! # std::fs::write(folder.path().join("meta/_journal.json"), r#"{"version":"7","dialect":"sqlite","entries":[
//! #     {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#)?;
//! # std::fs::write(folder.path().join("0000_base.sql"), "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);")?;
//! let migrations = Folder::new(folder.path()).migrations()?;
//! let replay = Replay::of(&migrations)?;
//! let schema = seedbed::inspect::inspect(replay.connection())?;
//! assert_eq!(schema.tables[0].name, "users");
//! # Ok(())
//! # }
//! ```
//!
//! The scripts run as the migrator would run them, with everything that hangs on rebuilt tables put back; nothing is
//! recorded. A file that says `-- seedbed: skip-replay` is left out and named by [`Replay::skipped`].

use std::fmt;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::migrate::run::{ApplyOptions, Aside, Proceed, apply_script};
use crate::migrate::script::Script;
use crate::migrate::{Failure, Migration};

/// A database in memory that grows by one migration after the other.
#[derive(Debug)]
pub struct Replay {
    connection: Connection,
    skipped: Vec<String>,
}

impl Replay {
    /// Begins with an empty database.
    ///
    /// # Errors
    ///
    /// When there is no memory left.
    pub fn empty() -> Result<Self, ReplayError> {
        Ok(Self::on(in_memory()?))
    }

    /// Begins with a database that the caller prepared: with functions of its own, or limits on what scripts may do.
    ///
    /// ```
    /// use seedbed::replay::Replay;
    /// use seedbed::rusqlite::{Connection, limits::Limit};
    ///
    /// # fn main() -> seedbed::rusqlite::Result<()> {
    /// let connection = Connection::open_in_memory()?;
    /// connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    /// let replay = Replay::on(connection);
    /// assert!(replay.connection().execute("ATTACH ':memory:' AS other", []).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(connection: Connection) -> Self {
        Self { connection, skipped: Vec::new() }
    }

    /// Runs the migrations in the order in which they come.
    ///
    /// # Errors
    ///
    /// At the first file that cannot be run.
    pub fn of<'a>(migrations: impl IntoIterator<Item = &'a Migration>) -> Result<Self, ReplayError> {
        let mut replay = Self::empty()?;
        for migration in migrations {
            replay.run(migration)?;
        }
        Ok(replay)
    }

    /// Runs one more migration.
    ///
    /// # Errors
    ///
    /// When its file cannot be run; unless it runs outside a transaction, it left no trace.
    pub fn run(&mut self, migration: &Migration) -> Result<(), ReplayError> {
        let file = migration.file_name();
        let script = Script::parse(&file, migration.up()).map_err(|error| Failure::script(&file, error))?;
        if script.skip_replay {
            self.skipped.push(migration.tag().to_owned());
            return Ok(());
        }
        Ok(apply(&self.connection, &script)?)
    }

    /// Returns the database.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Returns the database for good.
    pub fn into_connection(self) -> Connection {
        self.connection
    }

    /// Returns the tags of the migrations that asked to be left out.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }
}

/// Why the migrations could not be run in memory.
#[derive(Debug)]
pub struct ReplayError(Kind);

#[derive(Debug)]
enum Kind {
    Script(Failure),
    Sqlite(rusqlite::Error),
}

impl ReplayError {
    /// The file that could not be run, with the place in it; `None` when there was no memory for the database.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.0 {
            Kind::Script(failure) => Some(failure),
            Kind::Sqlite(_) => None,
        }
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.failure().and_then(Failure::way_out)
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Script(failure) => write!(f, "`{}` does not run on an in-memory database", failure.file()),
            Kind::Sqlite(_) => f.write_str("no database could be made in memory"),
        }
    }
}

impl std::error::Error for ReplayError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Script(source) => Some(source),
            Kind::Sqlite(source) => Some(source),
        }
    }
}

impl From<Failure> for ReplayError {
    fn from(failure: Failure) -> Self {
        Self(Kind::Script(failure))
    }
}

impl From<rusqlite::Error> for ReplayError {
    fn from(error: rusqlite::Error) -> Self {
        Self(Kind::Sqlite(error))
    }
}

/// Opens a database in memory that reads SQL as ours is read everywhere: no text literals in double quotes.
pub(crate) fn in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    refuse_quoted_texts(&connection)?;
    Ok(connection)
}

/// Takes what stands in double quotes for a name only.
pub(crate) fn refuse_quoted_texts(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    Ok(())
}

/// Runs a script as the migrator would, and records and keeps nothing.
pub(crate) fn apply(connection: &Connection, script: &Script) -> Result<(), Failure> {
    apply_aside(connection, script, Aside::Nothing)
}

/// Runs a script as the migrator would and calls `statement` before each statement, with its index.
pub(crate) fn apply_watched(
    connection: &Connection,
    script: &Script,
    statement: &dyn Fn(usize),
) -> Result<(), Failure> {
    apply_with(connection, script, Aside::Nothing, statement)
}

/// Runs a script as the migrator would, keeping or bringing back what is lost, and records nothing.
pub(crate) fn apply_aside(connection: &Connection, script: &Script, aside: Aside<'_>) -> Result<(), Failure> {
    apply_with(connection, script, aside, &|_| {})
}

fn apply_with(
    connection: &Connection,
    script: &Script,
    aside: Aside<'_>,
    statement: &dyn Fn(usize),
) -> Result<(), Failure> {
    let mut options = ApplyOptions {
        busy_timeout: None,
        waiting: &|_| {},
        statement,
        aside,
        after_begin: &mut |_| Ok(Proceed::Run),
        arrived: &|_| Ok(Vec::new()),
    };
    apply_script(connection, script, &mut options, &mut |_, _| Ok(())).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::Replay;
    use crate::migrate::{EmbeddedMigrations, MigrationSource};

    fn migrations(first: &'static str, second: &'static str) -> Vec<crate::migrate::Migration> {
        let files = Box::leak(Box::new([
            (
                "meta/_journal.json",
                r#"{"version":"7","dialect":"sqlite","entries":[
                    {"idx":0,"version":"6","when":0,"tag":"0000_a","breakpoints":true},
                    {"idx":1,"version":"6","when":0,"tag":"0001_b","breakpoints":true}]}"#,
            ),
            ("0000_a.sql", first),
            ("0001_b.sql", second),
        ]));
        MigrationSource::from(EmbeddedMigrations::new(files)).migrations().unwrap()
    }

    #[test]
    fn what_needs_live_data_is_left_out_and_named() {
        let replay =
            Replay::of(&migrations("CREATE TABLE a (x);", "-- seedbed: skip-replay\nDROP TABLE b;")).unwrap();
        assert_eq!(replay.skipped(), ["0001_b"]);
        let tables: i64 = replay
            .connection()
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 1);
    }

    #[test]
    fn a_file_that_cannot_run_is_named_with_its_line() {
        let error = Replay::of(&migrations("CREATE TABLE a (x);", "\nDROP TABLE b;")).unwrap_err();
        assert_eq!(error.to_string(), "`0001_b.sql` does not run on an in-memory database");
        let failure = error.failure().unwrap();
        assert_eq!((failure.line(), failure.message()), (Some(2), "no such table: b"));
    }
}
