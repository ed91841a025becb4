//! Going back: the newest applied migrations are undone, one transaction each, under the guarantees of a migration.
//!
//! What undoes a migration is the SQL that was recorded when it ran, so it does not matter which version of the folder
//! is at hand, or whether its file is there at all. Every step is read before the first one runs: a migration without
//! a way back stops the rollback while nothing has changed.

use std::cell::RefCell;
use std::collections::BTreeSet;

use seedbed_schema::diff::Change;
use seedbed_schema::model::Schema;

use crate::Connection;
use crate::inspect;

use super::arrival::Arrival;
use super::error::{MigrateError, MigrateErrorKind};
use super::failure::Failure;
use super::folder::Migration;
use super::forms;
use super::history::{self, AppliedRow, Objects};
use super::kept;
use super::migrator::Migrator;
use super::report::{MigrationReport, Progress, Report};
use super::run::{Applied, ApplyOptions, Aside, Proceed, apply_script};
use super::script::{Action, ObjectKind, Script};
use seedbed_schema::plan::{Backfill, Direction};

/// The word for the database before all migrations.
const EMPTY: &str = "empty";

/// How far a rollback goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back<'t> {
    /// So many migrations.
    Steps(usize),
    /// Until this one is the newest: its name, its number, or `empty` for the database before all of them.
    To(&'t str),
}

/// A migration that is to be undone.
struct Step {
    tag: String,
    sql: String,
    script: Script,
}

impl Migrator<'_> {
    /// Undoes the newest migrations, the newest first, each in a transaction of its own.
    ///
    /// ```
    /// use seedbed::Connection;
    /// use seedbed::migrate::{Back, EmbeddedMigrations, Migrator};
    ///
    /// static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
    ///     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
    ///         {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#),
    ///     ("0000_base.sql", "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);"),
    ///     ("0000_base.down.sql", "DROP TABLE users;"),
    /// ]);
    ///
    /// let mut connection = Connection::open_in_memory()?;
    /// Migrator::new(MIGRATIONS).run(&mut connection)?;
    /// let report = Migrator::new(MIGRATIONS).rollback(&mut connection, Back::Steps(1))?;
    /// assert_eq!(report.migrations[0].tag, "0000_base");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a migration on the way has no way back, before anything is undone; when the SQL of one fails, which leaves
    /// that one applied, while those after it stay undone.
    pub fn rollback(&self, connection: &mut Connection, back: Back<'_>) -> Result<Report, MigrateError> {
        self.reporting(connection, |connection, report| {
            report.direction = Direction::Reverse;
            let _lock = self.lock_to_change(connection.rusqlite())?;
            let rows = self.own_history(connection.rusqlite())?;
            let stays = match back {
                Back::Steps(steps) if rows.is_empty() || steps == 0 => rows.len(),
                Back::Steps(steps) => {
                    rows.len().checked_sub(steps).ok_or_else(|| too_far(steps, rows.len()))?
                }
                Back::To(name) => self.newest_to_stay(name, &rows)?,
            };
            self.back(connection, &rows, stays, report)
        })
    }

    /// Brings the database to a migration, given by its name or number, whichever way that is; `empty` stands for the
    /// database before all of them.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run) and [`rollback`](Self::rollback).
    pub fn run_to(&self, connection: &mut Connection, name: &str) -> Result<Report, MigrateError> {
        self.reporting(connection, |connection, report| {
            let _lock = self.lock_to_change(connection.rusqlite())?;
            let rows = self.own_history(connection.rusqlite())?;
            let folder = self.source().migrations();
            let tags = known_tags(&rows, folder.as_deref().unwrap_or_default());
            let Some(tag) = find(name, &tags)? else {
                report.direction = Direction::Reverse;
                return self.back(connection, &rows, 0, report);
            };
            if let Some(at) = rows.iter().position(|row| row.name == tag) {
                report.direction = Direction::Reverse;
                return self.back(connection, &rows, at + 1, report);
            }
            refuse_idle_backfills(self.chosen().backfills, &[])?;
            let migrations = folder?;
            let count = migrations.iter().position(|migration| migration.tag() == tag).map_or(0, |at| at + 1);
            self.forward(connection, &migrations[..count], report)
        })
    }

    /// Returns how many of the applied migrations stay when the named one is to be the newest.
    fn newest_to_stay(&self, name: &str, rows: &[AppliedRow]) -> Result<usize, MigrateError> {
        let folder = self.source().migrations().unwrap_or_default();
        let Some(tag) = find(name, &known_tags(rows, &folder))? else { return Ok(0) };
        let place = rows.iter().position(|row| row.name == tag);
        place.map(|at| at + 1).ok_or_else(|| {
            let message = format!("`{tag}` is not applied, so there is no way back to it");
            let hint = format!("`seedbed migrate --to {tag}` leads forward to it");
            MigrateErrorKind::CannotRollBack { message, hint }.into()
        })
    }

    /// Undoes every applied migration but the first `stays`.
    fn back(
        &self,
        connection: &Connection,
        rows: &[AppliedRow],
        stays: usize,
        report: &mut Report,
    ) -> Result<(), MigrateError> {
        let whole = connection;
        let connection = connection.rusqlite();
        let folder = self.source().migrations();
        let steps = rows[stays..].iter().rev().map(|row| read_step(connection, row, &folder));
        let steps = steps.collect::<Result<Vec<Step>, MigrateError>>()?;
        refuse_idle_backfills(self.chosen().backfills, &steps)?;
        if !report.dry_run {
            self.back_up(whole, steps.iter().map(|step| (step.tag.as_str(), &step.script)), report)?;
        }
        let migrations = folder.unwrap_or_default();
        let reader = RefCell::new(inspect::Reader::default());
        for (number, step) in steps.iter().enumerate() {
            if report.dry_run {
                let would = Applied { statements: step.script.statements.len(), ..Applied::default() };
                report.migrations.push(MigrationReport::new(&step.tag, &step.sql, &step.script, &would));
                continue;
            }
            self.chosen().tell(&Progress::RollingBack { tag: &step.tag, left: steps.len() - number });
            let before_it = rows[..rows.len() - 1 - number].last();
            let schema = schema_after(before_it, &migrations);
            let undone = schema_after(rows.get(rows.len() - 1 - number), &migrations);
            let arrival = undone.as_ref().zip(schema.as_ref());
            let arrival = arrival.and_then(|(from, to)| Arrival::of(&step.script, from, to));
            let arrived = |connection: &rusqlite::Connection| {
                let look = |arrival: &Arrival| arrival.look(connection, &mut reader.borrow_mut());
                Ok(arrival.as_ref().map(look).unwrap_or_default())
            };
            let applied = self.undo(connection, step, schema.as_ref(), &arrived)?;
            report.migrations.push(MigrationReport::new(&step.tag, &step.sql, &step.script, &applied));
            self.chosen().tell(&Progress::Finished { tag: &step.tag, duration: applied.duration });
        }
        Ok(())
    }

    /// Undoes one migration. `schema` is the one that it leads back to, where the folder knows it.
    fn undo(
        &self,
        connection: &rusqlite::Connection,
        step: &Step,
        schema: Option<&Schema>,
        arrived: &dyn Fn(&rusqlite::Connection) -> Result<Vec<Change>, Failure>,
    ) -> Result<Applied, MigrateError> {
        let options = self.chosen();
        let before = RefCell::new(Objects::new());
        let waiting = |waited| options.tell_waiting(connection, waited);
        let statement = |number: usize| {
            options.tell(&Progress::Statement {
                tag: &step.tag,
                line: step.script.statements[number].line,
                number: number + 1,
                of: step.script.statements.len(),
            });
        };
        // Somebody without our lock may have migrated meanwhile; then the newest one is another.
        let mut after_begin = |connection: &rusqlite::Connection| {
            *before.borrow_mut() = history::objects(connection)?;
            let rows = history::applied(connection)?;
            let is_newest = rows.last().is_some_and(|row| row.name == step.tag);
            Ok(if is_newest { Proceed::Run } else { Proceed::Skip })
        };
        let mut record = |connection: &rusqlite::Connection, _: &Applied| {
            history::remove(connection, &step.tag)?;
            history::create_tables(connection)?;
            history::record_objects(connection, &step.script, &before.borrow(), schema)?;
            match schema {
                Some(schema) => forms::record(connection, schema),
                None => {
                    changed_tables(&step.script).iter().try_for_each(|table| forms::forget(connection, table))
                }
            }
        };
        let mut apply = ApplyOptions {
            busy_timeout: options.lock_timeout,
            waiting: &waiting,
            statement: &statement,
            aside: Aside::Restore(&step.tag, options.backfills),
            arrived,
            after_begin: &mut after_begin,
        };
        let applied = apply_script(connection, &step.script, &mut apply, &mut record)?;
        if applied.ran {
            return Ok(applied);
        }
        Err(MigrateErrorKind::CannotRollBack {
            message: format!("`{}` is no longer the newest migration: another program was at work", step.tag),
            hint: "look where the database stands now, and try again".to_owned(),
        }
        .into())
    }
}

/// Reads what undoes a migration: the SQL that was recorded with it, or else the folder's file.
fn read_step(
    connection: &rusqlite::Connection,
    row: &AppliedRow,
    folder: &Result<Vec<Migration>, super::folder_error::FolderError>,
) -> Result<Step, MigrateError> {
    let file = format!("{}.down.sql", row.name);
    let read = |sql: String| match Script::parse(&file, &sql) {
        Ok(script) => Ok(Step { tag: row.name.clone(), sql, script }),
        Err(error) => Err(MigrateError::from(Failure::script(&file, error))),
    };
    let has_statements = |step: &Step| !step.script.statements.is_empty();
    let migration =
        folder.as_deref().unwrap_or_default().iter().find(|migration| migration.tag() == row.name);
    let step = match history::down_sql(connection, &row.name)?.map(read).transpose()? {
        Some(recorded) if has_statements(&recorded) => Some(recorded),
        recorded => {
            let written = migration.and_then(Migration::down).map(|sql| read(sql.to_owned())).transpose()?;
            written.or(recorded)
        }
    };
    // A migration that changes no more than the stored form of a column has no statement either way.
    let does_nothing = migration.is_some_and(|migration| {
        Script::parse(&migration.file_name(), migration.up()).is_ok_and(|script| script.statements.is_empty())
    });
    let step = step.filter(|step| does_nothing || has_statements(step));
    step.ok_or_else(|| MigrateErrorKind::NoWayBack { tag: row.name.clone() }.into())
}

/// A backfill that fills nothing is a slip of the pen, and the rows would go without.
fn refuse_idle_backfills(backfills: &[Backfill], steps: &[Step]) -> Result<(), MigrateError> {
    let restores = || steps.iter().flat_map(|step| &step.script.restores).map(|(_, restore)| restore);
    let takes = |backfill: &Backfill| {
        restores().any(|restore| {
            restore.columns.as_ref().is_some_and(|columns| kept::fits(backfill, restore, columns))
        })
    };
    let Some(idle) = backfills.iter().find(|backfill| !takes(backfill)) else { return Ok(()) };
    let columns: Vec<String> = restores()
        .flat_map(|restore| {
            restore
                .columns
                .iter()
                .flat_map(|columns| &columns.drops)
                .map(|column| format!("`{}.{column}`", restore.table))
        })
        .collect();
    let hint = if columns.is_empty() {
        "no column comes back: only a way back takes backfills".to_owned()
    } else {
        format!("the columns that come back are {}", columns.join(", "))
    };
    let message = format!("no row would take the backfill of `{}.{}`", idle.table, idle.column);
    Err(MigrateErrorKind::CannotRollBack { message, hint }.into())
}

/// Returns the schema that a migration led to, if the folder knows it; without a migration it is the empty one.
fn schema_after(row: Option<&AppliedRow>, migrations: &[Migration]) -> Option<Schema> {
    let Some(row) = row else { return Some(Schema::default()) };
    let migration = migrations.iter().find(|migration| migration.tag() == row.name)?;
    Some(migration.snapshot().ok()??.schema)
}

/// Returns the tables that a script changes, by their names afterwards.
fn changed_tables(script: &Script) -> BTreeSet<String> {
    let name = |action: &Action| match action {
        Action::Create(ObjectKind::Table, name)
        | Action::AlterTable(name)
        | Action::Update(name)
        | Action::RenameTable { to: name, .. }
        | Action::RenameColumn { table: name, .. } => Some(script.renamed_table(name)),
        _ => None,
    };
    script.statements.iter().filter_map(|statement| name(&statement.action)).collect()
}

fn too_far(steps: usize, applied: usize) -> MigrateError {
    let are = if applied == 1 { "1 migration is" } else { &format!("{applied} migrations are") };
    MigrateErrorKind::CannotRollBack {
        message: format!("{steps} migrations are to be rolled back, and {are} applied"),
        hint: format!("`--to {EMPTY}` rolls all of them back"),
    }
    .into()
}

/// Returns the names of the applied migrations and of those in the folder, each once.
pub(super) fn known_tags(rows: &[AppliedRow], migrations: &[Migration]) -> Vec<String> {
    let mut tags: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    for migration in migrations {
        if !tags.iter().any(|tag| tag == migration.tag()) {
            tags.push(migration.tag().to_owned());
        }
    }
    tags
}

/// Finds the migration that a person means: by its name, its file's name, its number, or the name behind the number.
/// `None` is the database before all of them.
pub(crate) fn find(name: &str, tags: &[String]) -> Result<Option<String>, MigrateErrorKind> {
    let wanted = name.strip_suffix(".sql").unwrap_or(name);
    if let Some(tag) = tags.iter().find(|tag| *tag == wanted) {
        return Ok(Some(tag.clone()));
    }
    if wanted.eq_ignore_ascii_case(EMPTY) {
        return Ok(None);
    }
    let found: Vec<String> = tags.iter().filter(|tag| means(wanted, tag)).cloned().collect();
    match found.as_slice() {
        [] => Err(MigrateErrorKind::Unknown { name: name.to_owned(), known: tags.to_vec() }),
        [only] => Ok(Some(only.clone())),
        _ => Err(MigrateErrorKind::Ambiguous { name: name.to_owned(), tags: found }),
    }
}

/// Returns the migration that somebody means: by its tag, its file, its number, or its name without the number. `None`
/// stands for the database before all of them, `empty`.
///
/// ```
/// use seedbed::migrate::{Folder, named};
///
/// # let folder = tempfile::tempdir()?;
/// # std::fs::create_dir(folder.path().join("meta"))?;
/// # std::fs::write(folder.path().join("meta/_journal.json"), r#"{"version":"7","dialect":"sqlite","entries":[
/// #     {"idx":0,"version":"6","when":0,"tag":"0000_add_users","breakpoints":true}]}"#)?;
/// # std::fs::write(folder.path().join("0000_add_users.sql"), "CREATE TABLE users (id INTEGER PRIMARY KEY);")?;
/// let migrations = Folder::new(folder.path()).migrations()?;
/// for name in ["0000_add_users", "migrations/0000_add_users.sql", "0", "add_users"] {
///     assert_eq!(named(&migrations, name)?.unwrap().tag(), "0000_add_users");
/// }
/// assert!(named(&migrations, "empty")?.is_none() && named(&migrations, "add_posts").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When there is none, or more than one is meant.
pub fn named<'m>(migrations: &'m [Migration], name: &str) -> Result<Option<&'m Migration>, MigrateError> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let tags: Vec<String> = migrations.iter().map(|migration| migration.tag().to_owned()).collect();
    let tag = find(file, &tags)?;
    Ok(tag.and_then(|tag| migrations.iter().find(|migration| migration.tag() == tag)))
}

fn means(wanted: &str, tag: &str) -> bool {
    let (number, rest) = tag.split_once('_').unwrap_or((tag, ""));
    let same_number = |one: &str, other: &str| {
        one.parse::<u64>().is_ok_and(|one| other.parse::<u64>().is_ok_and(|other| one == other))
    };
    same_number(wanted, number) || (!rest.is_empty() && rest == wanted)
}

#[cfg(test)]
mod tests {
    use super::{MigrateErrorKind, find};

    #[test]
    fn a_migration_is_found_by_name_number_or_the_words_behind_it() {
        let tags = ["0000_base", "0001_add_age", "0010_drop_age"].map(str::to_owned);
        let found = |name: &str| find(name, &tags).unwrap();
        for name in ["0001_add_age", "0001_add_age.sql", "1", "0001", "add_age"] {
            assert_eq!(found(name).as_deref(), Some("0001_add_age"), "{name}");
        }
        assert_eq!(found("0").as_deref(), Some("0000_base"));
        assert_eq!(found("empty"), None);
        assert!(matches!(find("2", &tags), Err(MigrateErrorKind::Unknown { known, .. }) if known.len() == 3));
        let twins = ["0001_a", "0001_b"].map(str::to_owned);
        assert!(
            matches!(find("1", &twins), Err(MigrateErrorKind::Ambiguous { tags, .. }) if tags.len() == 2)
        );
    }
}
