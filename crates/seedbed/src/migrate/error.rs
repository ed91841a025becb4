//! Why migrations were not run: the situation, and what had been done until then.

use std::fmt;
use std::path::{Path, PathBuf};

use seedbed_schema::diff::Change;

use super::failure::Failure;
use super::folder_error::FolderError;
use super::holders::Holders;
use super::lock::LockError;
use super::report::Report;
use crate::storage;

/// A run that stopped. What [`report`](Self::report) lists was done and stays.
///
/// ```
/// use seedbed::Connection;
/// use seedbed::migrate::{EmbeddedMigrations, MigrateErrorKind, Migrator};
///
/// let mut connection = Connection::open_in_memory()?;
/// let broken = EmbeddedMigrations::new(&[
///     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
///         {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#),
///     ("0000_base.sql", "-- a typing mistake\nCREATE TABEL users (id TEXT);"),
/// ]);
/// let error = Migrator::new(broken).run(&mut connection).unwrap_err();
/// assert!(matches!(error.kind(), MigrateErrorKind::Failed(_)));
/// assert_eq!(
///     error.to_string(),
///     "`0000_base.sql` line 2: near \"TABEL\": syntax error\n  | CREATE TABEL users (id TEXT)",
/// );
/// # Ok::<(), seedbed::Error>(())
/// ```
#[derive(Debug)]
pub struct MigrateError {
    kind: Box<MigrateErrorKind>,
    report: Report,
}

/// The situation in which a run stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum MigrateErrorKind {
    /// The folder's files cannot be read or do not belong together.
    Folder(FolderError),
    /// An applied file has other SQL now.
    Changed {
        /// The file.
        file: String,
    },
    /// A pending migration is older than the newest applied one.
    OutOfOrder {
        /// The pending file.
        file: String,
        /// The newest applied migration.
        newest: String,
    },
    /// The database has migrations that the folder does not have.
    Ahead {
        /// Their names.
        tags: Vec<String>,
        /// The folder's migration that has the same SQL as the first of them.
        renamed_to: Option<String>,
    },
    /// The database stands in the middle of what was folded into one migration.
    PartlyFolded {
        /// The folded migration.
        tag: String,
        /// The newest of its parts that is applied.
        applied: String,
        /// Its parts that are not.
        missing: Vec<String>,
    },
    /// The database applied a part of a folded migration with other SQL.
    FoldedOtherwise {
        /// The folded migration.
        tag: String,
        /// The part.
        replaced: String,
    },
    /// Drizzle's migrator made the database, and it was not taken over.
    NotAdopted {
        /// How many migrations Drizzle recorded.
        migrations: usize,
    },
    /// Pending files have hazards, and they were to be refused.
    Hazards {
        /// `file line n: hazard`.
        hazards: Vec<String>,
    },
    /// A migration did not go through.
    Failed(Failure),
    /// A name or a number means no migration.
    Unknown {
        /// What was given.
        name: String,
        /// The migrations that there are, the newest last.
        known: Vec<String>,
    },
    /// A name or a number means more than one migration.
    Ambiguous {
        /// What was given.
        name: String,
        /// The migrations that it can mean.
        tags: Vec<String>,
    },
    /// A migration that is to be undone has no SQL for it. Nothing was undone.
    NoWayBack {
        /// Its name.
        tag: String,
    },
    /// What was asked for cannot be reached by going back.
    CannotRollBack {
        /// Why.
        message: String,
        /// The way out.
        hint: String,
    },
    /// Another migrator did not let go in time.
    Locked {
        /// What is known about it.
        message: String,
    },
    /// The database is unlike every schema of the folder, so it cannot be taken over.
    Unlike {
        /// The migration whose schema was compared.
        tag: String,
        /// What would have to change in the database.
        differences: Vec<String>,
    },
    /// The database is taken over already, or the folder has nothing to compare it with.
    CannotAdopt {
        /// Why.
        message: String,
        /// The way out.
        hint: String,
    },
    /// The database speaks against a repair of the record. Nothing was changed.
    Unproved {
        /// The migration.
        tag: String,
        /// What was found.
        why: String,
        /// What the database would need.
        differences: Vec<Change>,
    },
    /// Nothing in the database tells whether a repair of the record is right. Nothing was changed.
    Unprovable {
        /// The migration.
        tag: String,
        /// Why.
        reason: String,
    },
    /// The record cannot be repaired like this.
    CannotRepair {
        /// Why.
        message: String,
        /// The way out.
        hint: String,
    },
    /// The database cannot be read.
    Database(crate::Error),
}

impl MigrateError {
    pub(super) fn new(kind: impl Into<MigrateErrorKind>) -> Self {
        Self { kind: Box::new(kind.into()), report: Report::default() }
    }

    pub(super) fn with_report(mut self, report: Report) -> Self {
        self.report = report;
        self
    }

    /// Takes the backup out of the report, which is no longer there when `remove` says so.
    pub(super) fn withdraw_backup(&mut self, remove: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        self.report.backup.take_if(|backup| remove(backup))
    }

    /// Says what the disk refused in words that name the database, where that is what stopped the run, and who was in
    /// the way.
    pub(super) fn located(mut self, connection: &rusqlite::Connection) -> Self {
        *self.kind = match *self.kind {
            MigrateErrorKind::Failed(failure) => MigrateErrorKind::Failed(failure.located(connection)),
            MigrateErrorKind::Database(error) if error.is_busy() => {
                let path = connection.path().filter(|path| !path.is_empty());
                let holder = path.and_then(|path| Holders::of(Path::new(path)).in_the_way());
                let holder = holder.unwrap_or_else(|| "another program".to_owned());
                let hint = format!("{holder} is using the database: wait for it, or end it");
                MigrateErrorKind::Database(error.with_hint(hint))
            }
            MigrateErrorKind::Database(error) => MigrateErrorKind::Database(error.located(connection)),
            other => other,
        };
        self
    }

    /// The situation.
    pub fn kind(&self) -> &MigrateErrorKind {
        &self.kind
    }

    /// What was done before it stopped, and stays.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Whether the database is as it was and nothing is the matter with it: no migration ran before, and the one that failed
    /// was at fault itself, or the rows were. A backup that was made for the run is not needed then.
    pub fn changed_nothing(&self) -> bool {
        self.report.migrations.is_empty()
            && matches!(self.kind(), MigrateErrorKind::Failed(failure) if failure.left_no_trace())
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<String> {
        let text = match &*self.kind {
            MigrateErrorKind::Folder(error) => return error.hint(),
            MigrateErrorKind::Failed(failure) => return failure.way_out().map(str::to_owned),
            MigrateErrorKind::Database(error) => return error.hint().map(str::to_owned),
            MigrateErrorKind::Changed { file } => {
                format!("restore `{file}` from version control, and put the change into a new migration")
            }
            MigrateErrorKind::OutOfOrder { file, newest } => format!(
                "give `{file}` a number behind `{newest}`, in its file names and in the journal: remove it and run \
                 `seedbed generate` again"
            ),
            MigrateErrorKind::Ahead { tags, renamed_to: Some(renamed) } => {
                format!("`{renamed}` has the same SQL: name its files `{}` again", tags[0])
            }
            MigrateErrorKind::Ahead { .. } => {
                "use the version of the program or folder that the database was migrated with, or a newer one; \
                 `seedbed rollback` undoes what the folder does not have"
                    .to_owned()
            }
            MigrateErrorKind::PartlyFolded { missing, .. } => format!(
                "check out the version of the folder that still has `{}.sql`, run `seedbed migrate` there, and come back",
                missing.first().map_or("", String::as_str)
            ),
            MigrateErrorKind::FoldedOtherwise { replaced, .. } => format!(
                "check out the version of the folder that still has `{replaced}.sql`, and settle it there with `seedbed repair`"
            ),
            MigrateErrorKind::NotAdopted { .. } => {
                "take it over with `seedbed adopt`, which proves the schema equal and changes no row"
                    .to_owned()
            }
            MigrateErrorKind::Hazards { .. } => {
                "review the files; `-- seedbed: allow <code> <name> because …` in a file allows a hazard, and without \
                 `--deny-hazards` all are"
                    .to_owned()
            }
            MigrateErrorKind::Unknown { known, .. } if known.is_empty() => {
                "there are no migrations yet: make one with `seedbed generate`".to_owned()
            }
            MigrateErrorKind::Unknown { known, .. } => {
                let shown = &known[known.len().saturating_sub(5)..];
                let left_out = if shown.len() < known.len() { "the newest are " } else { "there is " };
                format!(
                    "{left_out}`{}`; `empty` stands for the database before all of them",
                    shown.join("`, `")
                )
            }
            MigrateErrorKind::Ambiguous { .. } => "give the whole name".to_owned(),
            MigrateErrorKind::NoWayBack { tag } => format!(
                "write what undoes it into `{tag}.down.sql` (`SELECT 1;` when there is nothing to undo), or restore a backup"
            ),
            MigrateErrorKind::CannotRollBack { hint, .. } => hint.clone(),
            MigrateErrorKind::Locked { .. } => {
                "wait for it, or allow more time with `--lock-timeout`".to_owned()
            }
            MigrateErrorKind::Unlike { .. } => {
                "bring the database to a schema that the folder has, then adopt it".to_owned()
            }
            MigrateErrorKind::CannotAdopt { hint, .. } | MigrateErrorKind::CannotRepair { hint, .. } => {
                hint.clone()
            }
            MigrateErrorKind::Unproved { .. } => {
                "bring the database there first, or record it without the proof with `--force`".to_owned()
            }
            MigrateErrorKind::Unprovable { .. } => {
                "if you know that it is so, `--force` records it without a proof".to_owned()
            }
        };
        Some(text)
    }
}

/// How many names of migrations an error lists.
const MOST: usize = 3;

/// Lists names, and of those that are too many the number.
pub(super) fn the_first<T: fmt::Display>(names: &[T], most: usize) -> String {
    let shown: Vec<String> = names.iter().take(most).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(most) {
        0 => shown.join(", "),
        others => format!("{} and {others} more", shown.join(", ")),
    }
}

impl fmt::Display for MigrateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            MigrateErrorKind::Folder(error) => write!(f, "{error}"),
            MigrateErrorKind::Failed(failure) => write!(f, "{failure}"),
            MigrateErrorKind::Database(error) => write!(f, "{error}"),
            MigrateErrorKind::Changed { file } => {
                write!(f, "`{file}` was changed after it was applied")
            }
            MigrateErrorKind::OutOfOrder { file, newest } => {
                write!(f, "`{file}` is pending, but it is older than `{newest}`, which was applied")
            }
            MigrateErrorKind::Ahead { tags, .. } => {
                let (was, it) = if tags.len() == 1 { ("was", "it") } else { ("were", "them") };
                let tags = the_first(tags, MOST);
                write!(
                    f,
                    "the database is ahead: {tags} {was} applied to it, and the folder does not have {it}"
                )
            }
            MigrateErrorKind::PartlyFolded { tag, applied, missing } => {
                write!(
                    f,
                    "the database is as after `{applied}`, which was folded into `{tag}` together with {}",
                    the_first(missing, MOST)
                )
            }
            MigrateErrorKind::FoldedOtherwise { tag, replaced } => {
                write!(
                    f,
                    "the database applied another `{replaced}` than the one that was folded into `{tag}`"
                )
            }
            MigrateErrorKind::NotAdopted { migrations } => {
                write!(
                    f,
                    "the database was made by Drizzle, with {migrations} migrations, and is not taken over yet"
                )
            }
            MigrateErrorKind::Hazards { hazards } => {
                f.write_str("pending migrations have hazards")?;
                hazards.iter().try_for_each(|hazard| write!(f, "\n  {hazard}"))
            }
            MigrateErrorKind::Unknown { name, .. } => write!(f, "there is no migration `{name}`"),
            MigrateErrorKind::Ambiguous { name, tags } => {
                write!(f, "`{name}` can mean `{}`", tags.join("` or `"))
            }
            MigrateErrorKind::NoWayBack { tag } => write!(
                f,
                "`{tag}` cannot be undone: neither the database nor the folder has SQL that leads back; nothing was rolled back"
            ),
            MigrateErrorKind::Locked { message }
            | MigrateErrorKind::CannotAdopt { message, .. }
            | MigrateErrorKind::CannotRollBack { message, .. } => f.write_str(message),
            MigrateErrorKind::CannotRepair { message, .. } => f.write_str(message),
            MigrateErrorKind::Unproved { tag, why, differences } => {
                write!(f, "the record of `{tag}` stays as it is: {why}; it would need:")?;
                differences.iter().try_for_each(|difference| write!(f, "\n  {difference}"))
            }
            MigrateErrorKind::Unprovable { tag, reason } => {
                write!(f, "nothing proves what the database has of `{tag}`: {reason}")
            }
            MigrateErrorKind::Unlike { tag, differences } => {
                write!(
                    f,
                    "the database is unlike every schema of the folder; to be as after `{tag}` it would need:"
                )?;
                differences.iter().try_for_each(|difference| write!(f, "\n  {difference}"))
            }
        }
    }
}

impl std::error::Error for MigrateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The others are told in full by this error's own text.
        match &*self.kind {
            MigrateErrorKind::Database(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

impl From<FolderError> for MigrateErrorKind {
    fn from(error: FolderError) -> Self {
        Self::Folder(error)
    }
}

impl From<Failure> for MigrateErrorKind {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<rusqlite::Error> for MigrateErrorKind {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<LockError> for MigrateErrorKind {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Timeout { path, holder, waited } => {
                let holder = holder.map_or("another process".to_owned(), |holder| holder.to_string());
                let (path, waited) = (path.display(), waited.as_millis());
                Self::Locked { message: format!("`{path}` is still held by {holder} after {waited} ms") }
            }
            LockError::Io { path, error } => {
                let hint =
                    storage::way_out(&error).unwrap_or("the folder of the database has to be writable");
                let doing = format!("the lock `{}` could not be taken", path.display());
                Self::Database(crate::Error::context(doing, error).with_hint(hint))
            }
        }
    }
}

impl<K: Into<MigrateErrorKind>> From<K> for MigrateError {
    fn from(kind: K) -> Self {
        Self::new(kind)
    }
}
