//! What a run tells: while it goes on ([`Progress`]) and afterwards ([`Report`]).

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use seedbed_schema::diff::Change;
use seedbed_schema::plan::Direction;

use super::kept::KeptPart;
use super::lock::Holder;
use super::run::Applied;
use super::script::Script;

/// What a run did, or, for a dry run, would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Whether nothing was run.
    pub dry_run: bool,
    /// Which way it went: to newer migrations or back from them.
    pub direction: Direction,
    /// The backup that was made first.
    pub backup: Option<PathBuf>,
    /// The migrations that were run or undone, in order.
    pub migrations: Vec<MigrationReport>,
}

/// A migration that was run or undone, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// Its name.
    pub tag: String,
    /// Its SQL: the way forward, or, of one that was undone, the way back.
    pub sql: String,
    /// The `-- hazard:` lines of the file, without those words.
    pub hazards: Vec<String>,
    /// How many statements were run.
    pub statements: usize,
    /// Whether it ran in one transaction; a `no-transaction` file runs statement by statement.
    pub in_transaction: bool,
    /// What hung on rebuilt tables and was put back: `trigger users_audit`.
    pub restored: Vec<String>,
    /// What was kept before it was dropped or cast.
    pub kept: Vec<KeptPart>,
    /// What was kept when the migration ran, and is back.
    pub brought_back: Vec<KeptPart>,
    /// What was kept when the migration ran and is kept still, because its way back has no place for it.
    pub left_kept: Vec<KeptPart>,
    /// What the database still differs in from how it was before the migration, when its way back does not undo all.
    pub differs: Vec<Change>,
    /// How long it took.
    pub duration: Duration,
}

impl MigrationReport {
    pub(super) fn new(tag: &str, sql: &str, script: &Script, applied: &Applied) -> Self {
        Self {
            tag: tag.to_owned(),
            sql: sql.to_owned(),
            hazards: script.hazards.iter().map(|hazard| hazard.text.clone()).collect(),
            statements: applied.statements,
            in_transaction: !script.no_transaction,
            restored: applied.restored.clone(),
            kept: applied.kept.clone(),
            brought_back: applied.brought_back.clone(),
            left_kept: applied.left_kept.clone(),
            differs: applied.differs.clone(),
            duration: applied.duration,
        }
    }
}

/// Something that happens during a run. Its text is a line for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another migrator is at work on the database; said after a second and then at growing intervals.
    WaitingForLock {
        /// The lock's file.
        lock: &'a str,
        /// Who holds it, if that is known.
        holder: Option<&'a Holder>,
        /// How long it has been.
        waited: Duration,
    },
    /// Another connection is writing to the database.
    WaitingForDatabase {
        /// Who it is, where the system tells: `process 4711 (sqlite3)`.
        holder: Option<&'a str>,
        /// How long it has been.
        waited: Duration,
    },
    /// The history has all that a migration was folded from, and that one takes their place in it.
    Folded {
        /// The migration.
        tag: &'a str,
        /// Those that it stands for.
        folded: &'a [String],
        /// What they keep aside, which no rollback gets to from now on.
        kept: &'a [KeptPart],
    },
    /// A migration begins.
    Started {
        /// Its name.
        tag: &'a str,
        /// How many migrations are still to be run, this one included.
        left: usize,
    },
    /// The database was backed up, because data will be dropped.
    BackedUp {
        /// The backup.
        to: &'a Path,
    },
    /// The backup was removed: the first migration failed, and the database is as it was.
    BackupWithdrawn {
        /// Where it was.
        from: &'a Path,
    },
    /// The way back from a migration begins.
    RollingBack {
        /// Its name.
        tag: &'a str,
        /// How many migrations are still to be undone, this one included.
        left: usize,
    },
    /// A statement begins.
    Statement {
        /// The migration.
        tag: &'a str,
        /// The statement's line in the file.
        line: usize,
        /// Its number, from 1.
        number: usize,
        /// How many statements the file has.
        of: usize,
    },
    /// A migration is done.
    Finished {
        /// Its name.
        tag: &'a str,
        /// How long it took.
        duration: Duration,
    },
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WaitingForLock { lock, holder: Some(holder), waited } => {
                write!(f, "waiting for `{lock}`, held by {holder}, for {} s", waited.as_secs())
            }
            Self::WaitingForLock { lock, holder: None, waited } => {
                write!(f, "waiting for `{lock}`, held by another process, for {} s", waited.as_secs())
            }
            Self::WaitingForDatabase { holder, waited } => {
                let holder = holder.unwrap_or("another connection");
                write!(f, "waiting for {holder}, which is using the database, for {} s", waited.as_secs())
            }
            Self::Folded { tag, folded, kept } => {
                write!(f, "{tag} stands for {} from now on", folded.join(", "))?;
                let parts: Vec<String> = kept.iter().map(KeptPart::to_string).collect();
                if parts.is_empty() {
                    return Ok(());
                }
                write!(
                    f,
                    "; what they dropped is kept, and no rollback gets to it any more: {}",
                    parts.join(", ")
                )
            }
            Self::Started { tag, left: 1 } => write!(f, "running {tag}"),
            Self::Started { tag, left } => write!(f, "running {tag} ({left} to go)"),
            Self::BackupWithdrawn { from } => {
                write!(f, "nothing was changed, so the backup {} is removed again", from.display())
            }
            Self::BackedUp { to } => {
                write!(f, "data will be dropped: the database as it is was backed up to {}", to.display())
            }
            Self::RollingBack { tag, left: 1 } => write!(f, "rolling back {tag}"),
            Self::RollingBack { tag, left } => write!(f, "rolling back {tag} ({left} to go)"),
            Self::Statement { tag, line, number, of } => {
                write!(f, "{tag}: statement {number} of {of}, line {line}")
            }
            Self::Finished { tag, duration } => write!(f, "done {tag} in {} ms", duration.as_millis()),
        }
    }
}
