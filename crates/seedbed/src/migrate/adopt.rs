//! Takes over a database that another tool migrated: proves that it has a schema of the folder, and records the
//! migrations up to there as applied. No row and no table of the user is touched.

use rusqlite::Connection as Raw;
use seedbed_schema::diff::{Change, Renames, diff};
use seedbed_schema::model::Schema;
use seedbed_schema::normalize::observable;
use seedbed_schema::snapshot::Snapshot;

use crate::Connection;
use crate::inspect::inspect;

use super::drizzle_history::{self, DrizzleHistory};
use super::error::{MigrateError, MigrateErrorKind};
use super::folder::Migration;
use super::forms;
use super::history::{self, NewRow, Objects};
use super::migrator::Migrator;

impl Migrator<'_> {
    /// Records the migrations as applied whose schema the database has already, and returns their names.
    ///
    /// The newest migration whose snapshot equals the live schema is looked for; it and all before it are recorded.
    /// A table that no snapshot of the folder knows is somebody else's and is left out of the comparison.
    ///
    /// # Errors
    ///
    /// When the database has our history already, or equals no snapshot: then the differences to the nearest one are
    /// listed.
    pub fn adopt(&self, connection: &mut Connection) -> Result<Vec<String>, MigrateError> {
        let connection = connection.rusqlite();
        let migrations = self.source().migrations()?;
        let _lock = self.lock(connection)?;
        self.when_free(|| connection.execute_batch("BEGIN IMMEDIATE"))?;
        let adopted = self.adopt_locked(connection, &migrations);
        let end = if adopted.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.when_free(|| connection.execute_batch(end));
        if ended.is_err() && !connection.is_autocommit() {
            // The first error is the one to tell.
            let _ = connection.execute_batch("ROLLBACK");
        }
        let adopted = adopted?;
        ended?;
        Ok(adopted)
    }

    fn adopt_locked(&self, connection: &Raw, migrations: &[Migration]) -> Result<Vec<String>, MigrateError> {
        if !self.history(connection)?.is_empty() {
            return Err(MigrateError::new(MigrateErrorKind::CannotAdopt {
                message: "the database is taken over already".to_owned(),
                hint: "run `seedbed migrate`".to_owned(),
            }));
        }
        let live = inspect(connection).map_err(cannot_compare)?;
        let told = drizzle_history::read(connection, migrations)?;
        if live.tables.is_empty() && live.views.is_empty() && told.claimed.is_none() {
            // Nothing was ever run here, whatever tables the other tool made for itself.
            return Ok(Vec::new());
        }
        let snapshots = read_snapshots(migrations)?;
        let (count, schema) = find_equal(&snapshots, &live, &told)?;
        let strangers = history::strangers(connection)?.unwrap_or_default();
        history::create_tables(connection)?;
        let ours = names(schema);
        history::insert_foreign(connection, &strangers.difference(&ours).cloned().collect())?;
        let adopted = &migrations[..count];
        for migration in adopted {
            let row = NewRow {
                name: migration.tag(),
                checksum: migration.checksum(),
                duration: std::time::Duration::ZERO,
                down_sql: migration.down(),
            };
            history::insert(connection, &row)?;
        }
        let ours: Objects = history::objects(connection)?.intersection(&ours).cloned().collect();
        history::insert_objects(connection, &ours)?;
        forms::record(connection, schema)?;
        Ok(adopted.iter().map(|migration| migration.tag().to_owned()).collect())
    }
}

/// Returns each snapshot with the number of migrations that lead to it, the newest first.
fn read_snapshots(migrations: &[Migration]) -> Result<Vec<(usize, String, Snapshot)>, MigrateError> {
    let mut snapshots = Vec::new();
    for (index, migration) in migrations.iter().enumerate().rev() {
        match migration.snapshot() {
            Ok(Some(snapshot)) => snapshots.push((index + 1, migration.tag().to_owned(), snapshot)),
            Ok(None) => {}
            Err(error) if error.is_drizzle_snapshot() => {}
            Err(error) => return Err(error.into()),
        }
    }
    if snapshots.is_empty() {
        return Err(MigrateError::new(MigrateErrorKind::CannotAdopt {
            message: "the folder has no snapshot to compare the database with".to_owned(),
            hint: "make the migrations with `seedbed generate` first".to_owned(),
        }));
    }
    Ok(snapshots)
}

fn find_equal<'s>(
    snapshots: &'s [(usize, String, Snapshot)],
    live: &Schema,
    told: &DrizzleHistory,
) -> Result<(usize, &'s Schema), MigrateError> {
    let is_known =
        |name: &str| snapshots.iter().any(|(_, _, snapshot)| snapshot.schema.table(name).is_some());
    let mut live = live.clone();
    live.tables.retain(|table| is_known(&table.name));
    let mut nearest: Option<(&str, Vec<Change>)> = None;
    // What the other tool recorded counts where the schema agrees: two migrations in a row can lead to one schema, and
    // only the record tells which was the last. A schema that is further than the record was brought there otherwise.
    let (recorded, others): (Vec<_>, Vec<_>) =
        snapshots.iter().partition(|(count, _, _)| Some(*count) == told.claimed);
    let is_behind = |count: usize| told.claimed.is_some_and(|claimed| count < claimed);
    for (count, tag, snapshot) in recorded.into_iter().chain(others) {
        let changes = differences(&live, &snapshot.schema)?;
        if changes.is_empty() && is_behind(*count) {
            return Err(behind(tag, told));
        }
        if changes.is_empty() {
            return Ok((*count, &snapshot.schema));
        }
        if nearest.as_ref().is_none_or(|(_, least)| changes.len() < least.len()) {
            nearest = Some((tag, changes));
        }
    }
    let (tag, changes) = nearest.unwrap_or_default();
    let differences = changes.iter().map(Change::to_string).collect();
    Err(MigrateError::new(MigrateErrorKind::Unlike { tag: tag.to_owned(), differences }))
}

/// The record says more than the schema shows.
fn behind(tag: &str, told: &DrizzleHistory) -> MigrateError {
    let message = match told.skipped.first() {
        Some(skipped) => format!(
            "`{skipped}` was never run here, though later ones were: the database is as after `{tag}`"
        ),
        None => format!("the database's history says more than was done: its schema is as after `{tag}`"),
    };
    let hint =
        "bring the database to the schema that its history says, by running what is missing, then adopt it";
    MigrateError::new(MigrateErrorKind::CannotAdopt { message, hint: hint.to_owned() })
}

/// Returns what would have to change in the database; views that the schema does not know are nobody's business.
fn differences(live: &Schema, wanted: &Schema) -> Result<Vec<Change>, MigrateError> {
    let mut live = live.clone();
    live.views.retain(|view| wanted.view(&view.name).is_some());
    let difference = diff(&observable(&live), &observable(wanted), &Renames::default().nothing_else());
    Ok(difference.map_err(cannot_compare)?.changes())
}

fn cannot_compare(error: impl std::error::Error + Send + Sync + 'static) -> MigrateError {
    MigrateError::new(MigrateErrorKind::Database(crate::Error::context(
        "the database could not be compared with the folder",
        error,
    )))
}

/// Returns the names of everything that a schema declares.
pub(super) fn names(schema: &Schema) -> Objects {
    let pair = |kind: &str, name: String| (kind.to_owned(), name);
    let mut names = Objects::new();
    for table in &schema.tables {
        names.insert(pair("table", table.name.clone()));
        names.extend(
            table.columns.iter().map(|column| pair("column", format!("{}.{}", table.name, column.name))),
        );
        names.extend(table.indexes.iter().map(|index| pair("index", index.name.clone())));
    }
    names.extend(schema.views.iter().map(|view| pair("view", view.name.clone())));
    names
}
