//! Takes over a folder that drizzle-kit 0.31 wrote: the SQL files and the journal stay as they are, and its
//! snapshots, which leave out half of what SQLite has, give way to ours.
//!
//! What a migration leads to is not read from Drizzle's snapshot but found out: the folder is run on a database in
//! memory, which is inspected after every file.

use rusqlite::Connection as Raw;
use seedbed_schema::model::Dialect;
use seedbed_schema::snapshot::Snapshot;

use crate::inspect::inspect;

use super::error::{MigrateError, MigrateErrorKind};
use super::failure::Failure;
use super::folder::{Folder, Migration};
use super::run::{ApplyOptions, Proceed, apply_script};
use super::script::Script;
use super::writer;

impl Folder {
    /// Gives every migration that has none a snapshot of ours, and returns their names; none for a folder of ours.
    ///
    /// Stopped in the middle, it can simply be done again.
    ///
    /// # Errors
    ///
    /// When the folder is not in order, or a file of it does not run on an empty database.
    pub fn adopt(&self) -> Result<Vec<String>, MigrateError> {
        let migrations = self.migrations()?;
        let mut adopted = Vec::new();
        let mut prev_id: Option<String> = None;
        let connection = Raw::open_in_memory()?;
        let journal = self.journal()?;
        let dialect = journal.map_or_else(Dialect::default, |journal| journal.dialect);
        for migration in &migrations {
            run(&connection, migration)?;
            let snapshot = match migration.snapshot() {
                Ok(Some(snapshot)) => snapshot,
                Err(error) if !error.is_drizzle_snapshot() => return Err(error.into()),
                Ok(None) | Err(_) => {
                    let schema = inspect(&connection).map_err(|error| {
                        MigrateErrorKind::Database(crate::Error::context(
                            format!("what `{}` leads to could not be read", migration.file_name()),
                            error,
                        ))
                    })?;
                    let snapshot = Snapshot::new(dialect, prev_id.as_deref(), schema);
                    writer::replace_snapshot(self, migration.tag(), &snapshot)?;
                    adopted.push(migration.tag().to_owned());
                    snapshot
                }
            };
            prev_id = Some(snapshot.id);
        }
        Ok(adopted)
    }
}

fn run(connection: &Raw, migration: &Migration) -> Result<(), MigrateError> {
    let file = migration.file_name();
    let script = Script::parse(&file, migration.up()).map_err(|error| Failure::script(&file, error))?;
    if script.skip_replay {
        return Ok(());
    }
    let mut options = ApplyOptions {
        busy_timeout: None,
        waiting: &|_| (),
        statement: &|_| (),
        after_begin: &mut |_| Ok(Proceed::Run),
    };
    apply_script(connection, &script, &mut options, &mut |_, _| Ok(()))?;
    Ok(())
}
