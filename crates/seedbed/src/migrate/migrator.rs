//! The migrator: takes the lock, reads the history, refuses what does not fit, runs what is pending.

use std::cell::RefCell;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use seedbed_schema::diff::Change;
use seedbed_schema::model::Schema;
use seedbed_schema::plan::Backfill;

use crate::Connection;
use crate::inspect;
use crate::lint::lint;

use super::arrival::Arrival;
use super::before_loss;
use super::error::{MigrateError, MigrateErrorKind};
use super::failure::Failure;
use super::folded;
use super::folder::{Migration, MigrationSource};
use super::forms;
use super::history::{self, AppliedRow, NewRow, Objects};
use super::holders::Holders;
use super::in_the_way;
use super::lock::{self, FileLock, until_free};
use super::report::{MigrationReport, Progress, Report};
use super::run::{Applied, ApplyOptions, Aside, Proceed, apply_script};
use super::script::Script;
use super::status::first_pending;

/// Brings a database to the newest migration of a folder.
///
/// See the [module](crate::migrate) for an example.
#[derive(Debug, Clone)]
pub struct Migrator<'a> {
    source: MigrationSource,
    options: MigrateOptions<'a>,
}

/// How a migrator goes about it.
///
/// ```
/// use seedbed::migrate::{MigrateOptions, Migrator};
/// use std::time::Duration;
///
/// let tell = |progress: &seedbed::migrate::Progress<'_>| eprintln!("{progress}");
/// let options = MigrateOptions {
///     lock_timeout: Some(Duration::from_secs(30)),
///     progress: Some(&tell),
///     ..MigrateOptions::default()
/// };
/// let migrator = Migrator::new("migrations").options(options);
/// ```
#[derive(Clone, Copy, Default)]
pub struct MigrateOptions<'a> {
    /// How long to wait for another migrator, and for others who write to the database. `None` waits as long as
    /// they live.
    pub lock_timeout: Option<Duration>,
    /// Whether a pending file is refused that has a hazard of those that [`lint`](crate::lint) wants to be allowed: data
    /// can be lost, or rows can make it fail.
    pub deny_hazards: bool,
    /// Whether to report what would run instead of running it.
    pub dry_run: bool,
    /// Whether what migrations drop is kept in the database.
    pub keeping: Keeping,
    /// Whether a backup is made beside the database first.
    pub backup: BackupBefore,
    /// Values for rows that a migration which is rolled back does not know.
    pub backfills: &'a [Backfill],
    /// Called as the run goes on.
    pub progress: Option<&'a dyn Fn(&Progress<'_>)>,
}

/// What becomes of tables, columns and values that a migration drops or cannot cast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keeping {
    /// They are kept in hidden tables, until they are brought back by a rollback or [forgotten](super::forget).
    #[default]
    Aside,
    /// They are gone.
    Nothing,
}

/// Before what a run backs the database up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BackupBefore {
    /// Before nothing.
    #[default]
    Nothing,
    /// Before a run that drops or casts data, when the database is a file with rows in it.
    Losses,
}

impl fmt::Debug for MigrateOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrateOptions")
            .field("lock_timeout", &self.lock_timeout)
            .field("deny_hazards", &self.deny_hazards)
            .field("dry_run", &self.dry_run)
            .finish_non_exhaustive()
    }
}

impl MigrateOptions<'_> {
    /// Tells who keeps the migrator waiting.
    pub(super) fn tell_waiting(&self, connection: &rusqlite::Connection, waited: Duration) {
        let path = connection.path().filter(|path| !path.is_empty());
        let holder = path.and_then(|path| Holders::of(Path::new(path)).in_the_way());
        self.tell(&Progress::WaitingForDatabase { holder: holder.as_deref(), waited });
    }

    pub(super) fn tell(&self, progress: &Progress<'_>) {
        if let Some(tell) = self.progress {
            tell(progress);
        }
    }
}

impl<'a> Migrator<'a> {
    /// Makes a migrator for a folder's path, a [`Folder`](super::Folder) or
    /// [`EmbeddedMigrations`](super::EmbeddedMigrations).
    pub fn new(source: impl Into<MigrationSource>) -> Self {
        Self { source: source.into(), options: MigrateOptions::default() }
    }

    /// Sets the options.
    #[must_use]
    pub fn options(mut self, options: MigrateOptions<'a>) -> Self {
        self.options = options;
        self
    }

    /// Runs every pending migration, each in a transaction of its own.
    ///
    /// # Errors
    ///
    /// When the folder or the history is not in order, before anything is run; when a migration fails, which leaves
    /// no trace of it (a `no-transaction` one excepted), while those before it stay.
    pub fn run(&self, connection: &mut Connection) -> Result<Report, MigrateError> {
        self.reporting(connection, |connection, report| {
            let migrations = self.source.migrations()?;
            let _lock = self.lock_to_change(connection.rusqlite())?;
            self.forward(connection, &migrations, report)
        })
    }

    /// Returns the migrations that [`run`](Self::run) would run, in order.
    ///
    /// # Errors
    ///
    /// When the folder or the history is not in order.
    pub fn pending(&self, connection: &Connection) -> Result<Vec<Migration>, MigrateError> {
        let mut migrations = self.source.migrations()?;
        let first = self.first_pending(connection.rusqlite(), &migrations)?;
        Ok(migrations.split_off(first))
    }

    /// Whether the database has a history of ours.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn has_history(&self, connection: &Connection) -> Result<bool, MigrateError> {
        Ok(!self.history(connection.rusqlite())?.is_empty())
    }

    pub(super) fn source(&self) -> &MigrationSource {
        &self.source
    }

    pub(super) fn chosen(&self) -> &MigrateOptions<'a> {
        &self.options
    }

    /// Takes the lock of the database's file; `None` for a database without one.
    pub(super) fn lock(&self, connection: &rusqlite::Connection) -> Result<Option<FileLock>, MigrateError> {
        let waiting = |path: &std::path::Path, holder: Option<&lock::Holder>, waited| {
            let lock = path.display().to_string();
            self.options.tell(&Progress::WaitingForLock { lock: &lock, holder, waited });
        };
        Ok(lock::take(connection, self.options.lock_timeout, &waiting)?)
    }

    /// Does something as soon as nobody else writes to the database.
    pub(super) fn when_free<T>(&self, attempt: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let waiting = |waited| self.options.tell(&Progress::WaitingForDatabase { holder: None, waited });
        until_free(self.options.lock_timeout, &waiting, attempt)
    }

    /// Does the work of a run; what was done before it stopped goes along with the error.
    pub(super) fn reporting(
        &self,
        connection: &Connection,
        work: impl FnOnce(&Connection, &mut Report) -> Result<(), MigrateError>,
    ) -> Result<Report, MigrateError> {
        let mut report = Report { dry_run: self.options.dry_run, ..Report::default() };
        match work(connection, &mut report) {
            Ok(()) => Ok(report),
            Err(error) => {
                let mut error = error.located(connection.rusqlite()).with_report(report);
                self.withdraw_backup(&mut error);
                Err(error)
            }
        }
    }

    /// Removes the backup of a run that changed nothing, so that trying again does not fill the disk. One that may be
    /// needed stays: the database itself could be at fault.
    fn withdraw_backup(&self, error: &mut MigrateError) {
        if error.changed_nothing()
            && let Some(backup) = error.withdraw_backup(|backup| std::fs::remove_file(backup).is_ok())
        {
            self.options.tell(&Progress::BackupWithdrawn { from: &backup });
        }
    }

    /// Takes the lock unless nothing is going to change: a dry run need not keep others from changing something.
    pub(super) fn lock_to_change(
        &self,
        connection: &rusqlite::Connection,
    ) -> Result<Option<FileLock>, MigrateError> {
        if self.options.dry_run { Ok(None) } else { self.lock(connection) }
    }

    /// Runs what is pending of these migrations, which are the folder's or its first ones.
    pub(super) fn forward(
        &self,
        connection: &Connection,
        migrations: &[Migration],
        report: &mut Report,
    ) -> Result<(), MigrateError> {
        let whole = connection;
        let connection = connection.rusqlite();
        let first = self.first_pending(connection, migrations)?;
        let scripts = read_scripts(&migrations[first..])?;
        if self.options.deny_hazards {
            refuse_hazards(&migrations[first..])?;
        }
        if self.options.dry_run {
            let pending = migrations[first..].iter().zip(&scripts);
            report.migrations = pending
                .map(|(migration, script)| {
                    let would = Applied { statements: script.statements.len(), ..Applied::default() };
                    MigrationReport::new(migration.tag(), migration.up(), script, &would)
                })
                .collect();
            return Ok(());
        }
        let pending = migrations[first..].iter().map(Migration::tag).zip(&scripts);
        self.back_up(whole, pending, report)?;
        let reader = RefCell::new(inspect::Reader::default());
        let schema_before = |index: usize| match index.checked_sub(1) {
            None => Some(Schema::default()),
            Some(last) => migrations[last].declared(),
        };
        let (mut next, mut stands) = (first, schema_before(first));
        while let Some(migration) = migrations.get(next) {
            let script = &scripts[next - first];
            let declared = migration.declared();
            let arrival = stands.zip(declared.as_ref());
            let arrival = arrival.and_then(|(before, after)| Arrival::of(script, &before, after));
            let arrived = |connection: &rusqlite::Connection| match &arrival {
                Some(arrival) => arrival.demand(&script.name, connection, &mut reader.borrow_mut()),
                None => Ok(Vec::new()),
            };
            self.options.tell(&Progress::Started { tag: migration.tag(), left: migrations.len() - next });
            let pending = Pending { migrations, index: next, script, declared: declared.as_ref() };
            let applied = self.apply(connection, &pending, &arrived)?;
            if applied.ran {
                let done = MigrationReport::new(migration.tag(), migration.up(), script, &applied);
                report.migrations.push(done);
                self.options.tell(&Progress::Finished { tag: migration.tag(), duration: applied.duration });
                (next, stands) = (next + 1, declared);
            } else {
                // Somebody without our lock was faster; the history knows how far it is now.
                next = self.first_pending(connection, migrations)?.max(next + 1);
                stands = schema_before(next);
            }
        }
        Ok(())
    }

    /// Backs the database up before scripts that lose data, if that is wanted.
    pub(super) fn back_up<'s>(
        &self,
        connection: &Connection,
        scripts: impl Iterator<Item = (&'s str, &'s Script)>,
        report: &mut Report,
    ) -> Result<(), MigrateError> {
        if self.options.backup == BackupBefore::Losses {
            report.backup = before_loss::back_up(connection, scripts)?;
            if let Some(backup) = &report.backup {
                self.options.tell(&Progress::BackedUp { to: backup });
            }
        }
        Ok(())
    }

    fn apply(
        &self,
        connection: &rusqlite::Connection,
        pending: &Pending<'_>,
        arrived: &dyn Fn(&rusqlite::Connection) -> Result<Vec<Change>, Failure>,
    ) -> Result<Applied, MigrateError> {
        let Pending { migrations, index, script, declared } = *pending;
        let migration = &migrations[index];
        let (before, strangers) = (RefCell::new(Objects::new()), RefCell::new(None));
        let waiting = |waited| self.options.tell_waiting(connection, waited);
        let statement = |number: usize| {
            self.options.tell(&Progress::Statement {
                tag: migration.tag(),
                line: script.statements[number].line,
                number: number + 1,
                of: script.statements.len(),
            });
        };
        // Inside the transaction nobody else can write, so what the history says now is final.
        let mut after_begin = |connection: &rusqlite::Connection| {
            *before.borrow_mut() = history::objects(connection)?;
            *strangers.borrow_mut() = history::strangers(connection)?;
            let first = first_pending(migrations, &history::applied(connection)?);
            Ok(if first.is_ok_and(|first| first == index) { Proceed::Run } else { Proceed::Skip })
        };
        let mut record = |connection: &rusqlite::Connection, applied: &Applied| {
            history::create_tables(connection)?;
            if let Some(strangers) = &*strangers.borrow() {
                history::insert_foreign(connection, strangers)?;
            }
            let row = NewRow {
                name: migration.tag(),
                checksum: migration.checksum(),
                duration: applied.duration,
                down_sql: migration.down(),
            };
            history::insert(connection, &row)?;
            // A folder of another tool has no snapshot that says what is declared; then everything counts as ours.
            history::record_objects(connection, script, &before.borrow(), declared)?;
            declared.map_or(Ok(()), |schema| forms::record(connection, schema))
        };
        let mut options = ApplyOptions {
            busy_timeout: self.options.lock_timeout,
            waiting: &waiting,
            statement: &statement,
            aside: match self.options.keeping {
                Keeping::Aside => Aside::Keep(migration.tag()),
                Keeping::Nothing => Aside::Nothing,
            },
            arrived,
            after_begin: &mut after_begin,
        };
        let applied = apply_script(connection, script, &mut options, &mut record);
        Ok(applied.map_err(|failure| in_the_way::explain(connection, migrations, index, failure))?)
    }

    /// Returns the index of the first pending migration, or the number of migrations when all were applied.
    fn first_pending(
        &self,
        connection: &rusqlite::Connection,
        migrations: &[Migration],
    ) -> Result<usize, MigrateError> {
        Ok(first_pending(migrations, &self.own_history(connection)?)?)
    }

    /// Returns the history; a database that another tool migrated has to be taken over first. Migrations that were
    /// folded since give way to the one that stands for them.
    pub(super) fn own_history(
        &self,
        connection: &rusqlite::Connection,
    ) -> Result<Vec<AppliedRow>, MigrateError> {
        let rows = self.history(connection)?;
        if rows.is_empty() {
            let count = self.when_free(|| history::drizzle_rows(connection))?;
            if count > 0 {
                return Err(MigrateErrorKind::NotAdopted { migrations: count }.into());
            }
        }
        let Ok(migrations) = self.source().migrations() else { return Ok(rows) };
        let (rows, foldings) = folded::fold(&migrations, rows)?;
        if !foldings.is_empty() && !self.options.dry_run {
            folded::record(connection, &migrations, &foldings, &|progress| self.options.tell(progress))?;
        }
        Ok(rows)
    }

    pub(super) fn history(&self, connection: &rusqlite::Connection) -> Result<Vec<AppliedRow>, MigrateError> {
        Ok(self.when_free(|| history::applied(connection))?)
    }
}

/// A migration that is to be run.
#[derive(Clone, Copy)]
struct Pending<'m> {
    /// It and its neighbours.
    migrations: &'m [Migration],
    index: usize,
    script: &'m Script,
    /// The schema that it leads to.
    declared: Option<&'m Schema>,
}

fn read_scripts(migrations: &[Migration]) -> Result<Vec<Script>, MigrateError> {
    let read = |migration: &Migration| {
        let file = migration.file_name();
        Script::parse(&file, migration.up()).map_err(|error| Failure::script(&file, error).into())
    };
    migrations.iter().map(read).collect()
}

fn refuse_hazards(migrations: &[Migration]) -> Result<(), MigrateError> {
    let mut hazards = Vec::new();
    for migration in migrations {
        let file = migration.file_name();
        let found = lint(&file, migration.up(), migration.down())?;
        let open = found.iter().filter(|finding| finding.needs_consent());
        hazards.extend(open.map(|finding| format!("`{file}` line {}: {}", finding.line, finding.hazard)));
    }
    if hazards.is_empty() { Ok(()) } else { Err(MigrateErrorKind::Hazards { hazards }.into()) }
}

#[cfg(test)]
mod tests {
    use super::{MigrateOptions, Migrator, Progress};
    use crate::Connection;
    use crate::migrate::EmbeddedMigrations;
    use std::cell::RefCell;

    static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
        (
            "meta/_journal.json",
            r#"{"version":"7","dialect":"sqlite","entries":[
                {"idx":0,"version":"6","when":0,"tag":"0000_a","breakpoints":true},
                {"idx":1,"version":"6","when":0,"tag":"0001_b","breakpoints":true}]}"#,
        ),
        ("0000_a.sql", "CREATE TABLE a (x);"),
        ("0001_b.sql", "INSERT INTO a VALUES (1);"),
    ]);

    #[test]
    fn the_history_is_read_again_inside_the_transaction() {
        // Connections to one database in memory share no lock file, so the second one can run in between.
        let open = || {
            let raw = rusqlite::Connection::open("file:/read_again?vfs=memdb").unwrap();
            Connection::from_parts(raw, false)
        };
        let mut connection = open();
        let other = RefCell::new(open());
        let tell = |progress: &Progress<'_>| {
            if let Progress::Started { tag: "0000_a", .. } = progress {
                Migrator::new(MIGRATIONS).run(&mut other.borrow_mut()).unwrap();
            }
        };
        let options = MigrateOptions { progress: Some(&tell), ..MigrateOptions::default() };
        let report = Migrator::new(MIGRATIONS).options(options).run(&mut connection).unwrap();
        assert!(report.migrations.is_empty());
        let rows: i64 =
            connection.rusqlite().query_row("SELECT count(*) FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }
}
