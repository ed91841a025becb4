//! The database at start: opened, refused when it is not ours to migrate, backed up, migrated, given its first user.

use std::error::Error as StdError;
use std::fmt;
use std::fs;
use std::path::Path;

use seedbed::backup::{BackupOptions, Series};
use seedbed::migrate::{
    EmbeddedMigrations, MigrateError, MigrateErrorKind, MigrateOptions, Migrator, Progress,
};
use seedbed::{Connection, OpenOptions, Pool, PoolOptions, embed_migrations};

use crate::schema::IsoTime;
use crate::store::{tables, users};

/// The migrations of every version up to this one, built into the program.
pub static MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Brings the database up to date and opens it for the server; `say` is told what happens.
///
/// # Errors
///
/// When the file cannot be opened, belongs to the original Sprout or to a newer one, or a migration fails.
pub fn prepare(path: &Path, say: impl Fn(&str)) -> Result<Pool, StartError> {
    let mut connection = Connection::open(path)?;
    let tell = |progress: &Progress<'_>| {
        if !matches!(progress, Progress::Statement { .. } | Progress::Finished { .. }) {
            say(&format!("  {progress}"));
        }
    };
    let options = MigrateOptions { progress: Some(&tell), ..MigrateOptions::default() };
    let migrator = Migrator::new(MIGRATIONS).options(options);
    let pending = migrator.pending(&connection).map_err(|error| refused(path, &error))?;
    let mut copy = None;
    if !pending.is_empty() && tables::exist(&connection)? {
        let series = Series::beside(path, "before-migrate");
        let file = series.back_up(&connection, &BackupOptions::default())?;
        say(&format!("The database was copied to `{}`.", file.display()));
        copy = Some(file);
    }
    let begun = IsoTime::now();
    say("Running migrations…");
    migrator.run(&mut connection).map_err(|error| {
        // A service that is started again and again would fill the disk with copies of what is still there.
        if let Some(copy) = copy.filter(|copy| error.changed_nothing() && fs::remove_file(copy).is_ok()) {
            say(&format!("Nothing was changed, so the copy `{}` is removed again.", copy.display()));
        }
        refused(path, &error)
    })?;
    let set_aside = if pending.is_empty() { 0 } else { tables::set_aside_since(&connection, &begun)? };
    if set_aside > 0 {
        say(&format!(
            "Rows that were mended or taken away: {set_aside}; the table `set_aside` has them as they were."
        ));
    }
    say("Migrations complete.");
    users::seed_default(&connection)?;
    // The first connection stays until the pool has its own, so that the write-ahead log need not be made twice.
    let pool = Pool::open(path, PoolOptions::default())?;
    drop(connection);
    Ok(pool)
}

/// Opens a database that is there and up to date, for work beside a server; nothing is migrated.
///
/// # Errors
///
/// When there is no such database, or this is not the version for it.
pub fn open(path: &Path) -> Result<Pool, StartError> {
    let connection = OpenOptions { create: false, ..OpenOptions::default() }.open(path)?;
    let pending = Migrator::new(MIGRATIONS).pending(&connection).map_err(|error| refused(path, &error))?;
    if !pending.is_empty() {
        let shown = path.display();
        return Err(StartError::new(format!("the database `{shown}` is of an older Sprout"))
            .with_hint("start the server once, which migrates it"));
    }
    Ok(Pool::open(path, PoolOptions::default())?)
}

/// Takes over a database that the original Sprout made: its tables are compared with ours, and our migrations recorded as
/// applied. Nothing else is changed.
///
/// # Errors
///
/// When there is no such database, or its tables are not those of any version.
pub fn adopt(path: &Path, say: impl Fn(&str)) -> Result<(), StartError> {
    let mut connection = OpenOptions { create: false, ..OpenOptions::default() }.open(path)?;
    let adopted = Migrator::new(MIGRATIONS).adopt(&mut connection).map_err(|error| refused(path, &error))?;
    say(&format!("The database `{}` is taken over; these migrations are applied to it:", path.display()));
    for name in adopted {
        say(&format!("  {name}"));
    }
    Ok(())
}

/// Says why the migrator refuses, in the words of this program.
fn refused(path: &Path, error: &MigrateError) -> StartError {
    let shown = path.display();
    match error.kind() {
        MigrateErrorKind::NotAdopted { .. } => StartError::new(format!(
            "the database `{shown}` was made by the original Sprout and is not taken over yet"
        ))
        .with_hint("`sprout adopt` takes it over and changes none of its rows"),
        MigrateErrorKind::Ahead { tags, .. } => StartError::new(format!(
            "the database `{shown}` was migrated by a newer Sprout: it has `{}`, which this one does not know",
            tags.join("`, `")
        ))
        .with_hint("start the newer Sprout, or go back to the copy that it made beside the database"),
        _ => StartError {
            text: format!("the database `{shown}` cannot be migrated: {}", chain(error)),
            hint: error.hint(),
        },
    }
}

/// Why the program cannot start, and the way out if there is one.
#[derive(Debug)]
pub struct StartError {
    text: String,
    hint: Option<String>,
}

impl StartError {
    /// Makes an error from a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), hint: None }
    }

    /// Adds the way out.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the way out.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for StartError {}

impl From<seedbed::Error> for StartError {
    fn from(error: seedbed::Error) -> Self {
        Self { text: chain(&error), hint: error.hint().map(str::to_owned) }
    }
}

/// Returns the text of an error and of what caused it, in one line.
fn chain(error: &dyn StdError) -> String {
    let (mut text, mut source) = (error.to_string(), error.source());
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
