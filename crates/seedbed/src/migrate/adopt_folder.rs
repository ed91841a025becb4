//! Takes over a folder that drizzle-kit wrote. Of one by 0.31 the SQL files and the journal stay as they are, and its
//! snapshots, which leave out half of what SQLite has, give way to ours; one by 1.0 gets our layout beside its own.
//!
//! What a migration leads to is not read from Drizzle's snapshot but found out: the folder is run on a database in
//! memory, which is inspected after every file.

use rusqlite::Connection as Raw;
use seedbed_schema::model::{Dialect, Schema};
use seedbed_schema::snapshot::Snapshot;
use seedbed_schema::write::{ViewColumns, rust_source};

use crate::inspect::inspect;
use crate::replay;

use super::drizzle_layout;
use super::error::{MigrateError, MigrateErrorKind};
use super::failure::Failure;
use super::folder::Folder;
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
        let converted = drizzle_layout::convert(self)?;
        if !converted.is_empty() {
            return Ok(converted);
        }
        let migrations = self.migrations()?;
        let mut adopted = Vec::new();
        let mut prev_id: Option<String> = None;
        let mut stages = Stages::new()?;
        let journal = self.journal()?;
        let dialect = journal.map_or_else(Dialect::default, |journal| journal.dialect);
        for migration in &migrations {
            let schema = stages.after(&migration.file_name(), migration.up())?;
            let snapshot = match migration.snapshot() {
                Ok(Some(snapshot)) => snapshot,
                Err(error) if !error.is_drizzle_snapshot() => return Err(error.into()),
                Ok(None) | Err(_) => {
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

/// A database in memory that every file of a folder is run on, one after the other.
pub(super) struct Stages(Raw);

impl Stages {
    pub(super) fn new() -> Result<Self, MigrateError> {
        Ok(Self(Raw::open_in_memory()?))
    }

    /// Runs a file and returns what it leads to, apart from what no struct could say, which is carried along.
    pub(super) fn after(&mut self, file: &str, sql: &str) -> Result<Schema, MigrateError> {
        let connection = &self.0;
        let script = Script::parse(file, sql).map_err(|error| Failure::script(file, error))?;
        if !script.skip_replay {
            replay::apply(connection, &script)?;
        }
        let mut schema = inspect(connection).map_err(|error| {
            MigrateErrorKind::Database(crate::Error::context(
                format!("what `{file}` leads to could not be read"),
                error,
            ))
        })?;
        let source = rust_source(&schema, &ViewColumns::new(), "");
        schema.tables.retain(|table| !source.leaves_out("table", &table.name));
        Ok(schema)
    }
}
