//! Putting the record right: what the database says about its migrations, after proving what it really has.
//!
//! The proof is a replay: the files that count as applied afterwards are run in memory, and what they make is compared
//! with the database. Nothing but the record is ever changed.
//!
//! ```text
//! --edited       every applied file, the edited one as it is now     = all of the database
//! --applied      the applied files and this one                      = the database, in what this one touches
//! --not-applied  the applied files without this one                  = the database, in what this one touches
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::Connection as Raw;
use seedbed_schema::diff::Change;
use seedbed_schema::model::Schema;

use crate::Connection;

use super::adopt::names;
use super::drift::{self, State};
use super::error::{MigrateError, MigrateErrorKind};
use super::folder::{Listing, Migration};
use super::forms;
use super::history::{self, AppliedRow, NewRow, Objects};
use super::migrator::Migrator;
use super::rollback::{find, known_tags};
use super::script::Script;
use super::status::as_folded;

/// What is to be put right in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair<'a> {
    /// An applied migration whose file was edited: the file as it is now is what ran.
    Edited(&'a str),
    /// A migration that the database has, and that is not recorded.
    Applied(&'a str),
    /// A migration that is recorded, and that the database does not have.
    NotApplied(&'a str),
    /// A table, view, trigger or index that another tool made: `sessions`, or `table sessions`.
    Foreign(&'a str),
}

/// How a repair goes about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RepairOptions {
    /// Whether the record is changed when the proof fails, too.
    pub force: bool,
    /// Whether nothing is changed.
    pub dry_run: bool,
}

/// What a repair did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// What it is about: a migration, or `table sessions`.
    pub subject: String,
    /// Whether the record was right already.
    pub was_right: bool,
    /// What the proof found against it; only a forced repair goes on then.
    pub against: Vec<Change>,
    /// Whether the schema told. A migration that changes rows only leaves no trace to look for.
    pub proved: bool,
}

impl Migrator<'_> {
    /// Puts the record of the migrations right, after proving what the database has.
    ///
    /// # Errors
    ///
    /// When the proof fails or cannot be had, unless it is forced; when the name means nothing; when the database or
    /// the folder cannot be read. Nothing was changed then.
    ///
    /// ```
    /// # use seedbed::Connection;
    /// # use seedbed::migrate::{EmbeddedMigrations, Migrator};
    /// use seedbed::migrate::{Repair, RepairOptions};
    /// # static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
    /// #     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
    /// #         {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#),
    /// #     ("0000_base.sql", "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);"),
    /// # ]);
    ///
    /// let mut connection = Connection::open_in_memory()?;
    /// let migrator = Migrator::new(MIGRATIONS);
    /// let repair = Repair::Applied("0000_base");
    /// assert!(migrator.repair(&mut connection, repair, RepairOptions::default()).is_err());
    ///
    /// connection.execute_batch("CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL)")?;
    /// let repaired = migrator.repair(&mut connection, repair, RepairOptions::default())?;
    /// assert!(repaired.proved);
    /// assert!(migrator.pending(&connection)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn repair(
        &self,
        connection: &mut Connection,
        repair: Repair<'_>,
        options: RepairOptions,
    ) -> Result<Repaired, MigrateError> {
        let connection = connection.rusqlite();
        self.repair_locked(connection, repair, options).map_err(|error| error.located(connection))
    }

    fn repair_locked(
        &self,
        connection: &Raw,
        repair: Repair<'_>,
        options: RepairOptions,
    ) -> Result<Repaired, MigrateError> {
        let listing = self.source().listing()?;
        let _lock = if options.dry_run { None } else { self.lock(connection)? };
        if !options.dry_run {
            // Refuses what is another tool's, and records what was folded since.
            self.own_history(connection)?;
        }
        self.when_free(|| connection.execute_batch("BEGIN IMMEDIATE"))?;
        let work = Work { connection, listing: &listing, options };
        let rows = self.history(connection).map(|rows| as_folded(&listing, rows));
        let repaired = rows.and_then(|rows| work.run(repair, &rows));
        let keep = repaired.is_ok() && !options.dry_run;
        let ended = self.when_free(|| connection.execute_batch(if keep { "COMMIT" } else { "ROLLBACK" }));
        if ended.is_err() && !connection.is_autocommit() {
            // The first error is the one to tell.
            let _ = connection.execute_batch("ROLLBACK");
        }
        let repaired = repaired?;
        ended?;
        Ok(repaired)
    }
}

/// One repair, inside its transaction.
struct Work<'a> {
    connection: &'a Raw,
    listing: &'a Listing,
    options: RepairOptions,
}

impl Work<'_> {
    fn run(&self, repair: Repair<'_>, rows: &[AppliedRow]) -> Result<Repaired, MigrateError> {
        match repair {
            Repair::Edited(name) => self.edited(&self.tag(name, rows)?, rows),
            Repair::Applied(name) => self.applied(&self.tag(name, rows)?, rows),
            Repair::NotApplied(name) => self.not_applied(&self.tag(name, rows)?, rows),
            Repair::Foreign(name) => self.foreign(name, rows),
        }
    }

    fn edited(&self, tag: &str, rows: &[AppliedRow]) -> Result<Repaired, MigrateError> {
        let migration = self.file_of(tag)?;
        let Some(row) = rows.iter().find(|row| row.name == tag) else {
            return Err(cannot(
                format!("`{tag}` was not applied, so there is no record of another text"),
                "an unapplied file can be edited as you like".to_owned(),
            ));
        };
        if row.checksum == migration.checksum() {
            return Ok(Repaired::nothing(tag));
        }
        let (applied, edited) = (self.applied_files(rows), [migration]);
        let repaired = match self.replayed(&applied, &edited) {
            Err(reason) => self.unprovable(tag, reason)?,
            Ok((expected, unclear)) => {
                let against = self.needed(&expected, &unclear, None)?;
                self.judge(tag, "the database does not have what the folder makes with it", against)?
            }
        };
        history::rewrite(self.connection, tag, migration.checksum(), migration.down())?;
        Ok(repaired)
    }

    fn applied(&self, tag: &str, rows: &[AppliedRow]) -> Result<Repaired, MigrateError> {
        let migration = self.file_of(tag)?;
        let is_recorded = |tag: &str| rows.iter().any(|row| row.name == tag);
        if is_recorded(tag) {
            return Ok(Repaired::nothing(tag));
        }
        let earlier = self.listing.migrations.iter().take_while(|migration| migration.tag() != tag);
        if let Some(first) = earlier.into_iter().find(|migration| !is_recorded(migration.tag())) {
            return Err(cannot(
                format!("`{}` comes before `{tag}` and is not applied either", first.tag()),
                format!(
                    "begin with it: `seedbed migrate --to {0}` or `seedbed repair --applied {0}`",
                    first.tag()
                ),
            ));
        }
        let before = self.applied_files(rows);
        let after = self.files(|tag_of| tag_of == tag || is_recorded(tag_of));
        let (repaired, made) = match self.both(&before, &after, migration) {
            Err(reason) => (self.unprovable(tag, reason)?, Schema::default()),
            Ok((_, after, unclear)) => {
                let against = self.needed(&after, &unclear, Some(&drift::subjects(migration)))?;
                (self.judge(tag, "the database does not have what it makes", against)?, after.schema)
            }
        };
        self.record(migration, made)?;
        Ok(repaired)
    }

    fn not_applied(&self, tag: &str, rows: &[AppliedRow]) -> Result<Repaired, MigrateError> {
        if rows.iter().all(|row| row.name != tag) {
            return Ok(Repaired::nothing(tag));
        }
        let migrations = &self.listing.migrations;
        let place = migrations.iter().position(|migration| migration.tag() == tag);
        let without = self.files(|tag_of| tag_of != tag && rows.iter().any(|row| row.name == tag_of));
        let repaired = match place {
            Some(place) => {
                let is_later = |migration: &&Migration| rows.iter().any(|row| row.name == migration.tag());
                if let Some(later) = migrations[place + 1..].iter().rfind(is_later) {
                    return Err(cannot(
                        format!("`{}` was applied after `{tag}`", later.tag()),
                        format!("begin with the newest: `seedbed repair --not-applied {}`", later.tag()),
                    ));
                }
                let with = self.applied_files(rows);
                match self.both(&with, &without, &migrations[place]) {
                    Err(reason) => self.unprovable(tag, reason)?,
                    Ok((_, expected, unclear)) => {
                        let subjects = drift::subjects(&migrations[place]);
                        let against = self.needed(&expected, &unclear, Some(&subjects))?;
                        self.judge(tag, "the database has what it makes", against)?
                    }
                }
            }
            // What it made is not known; nothing may be left of it.
            None => match self.replayed(&without, &[]) {
                Err(reason) => self.unprovable(tag, reason)?,
                Ok((expected, unclear)) => {
                    let against = self.needed(&expected, &unclear, None)?;
                    self.judge(tag, "the database has more than the folder's migrations make", against)?
                }
            },
        };
        history::remove(self.connection, tag)?;
        history::forget_gone(self.connection)?;
        if let Some(newest) = without.last()
            && let Ok(Some(snapshot)) = newest.snapshot()
        {
            forms::record(self.connection, &snapshot.schema)?;
        }
        Ok(repaired)
    }

    fn foreign(&self, name: &str, rows: &[AppliedRow]) -> Result<Repaired, MigrateError> {
        let there = history::named_objects(self.connection)?;
        let (kind, name) = match name.split_once(' ') {
            Some((kind, rest)) if super::script::ObjectKind::from_word(kind).is_some() => (Some(kind), rest),
            _ => (None, name),
        };
        let is_meant = |(of, found): &&(String, String)| {
            found.eq_ignore_ascii_case(name) && kind.is_none_or(|kind| of.eq_ignore_ascii_case(kind))
        };
        let Some(object) = there.iter().find(is_meant).cloned() else {
            return Err(cannot(
                format!("the database has no table, view, trigger or index `{name}`"),
                "`seedbed status` lists what is there and not from a migration".to_owned(),
            ));
        };
        let subject = format!("{} {}", object.0, object.1);
        if history::foreign_objects(self.connection)?.contains(&object) {
            return Ok(Repaired::nothing(&subject));
        }
        let applied = self.applied_files(rows);
        let is_ours = history::recorded_objects(self.connection)?.contains(&object)
            || self.replayed(&applied, &[]).is_ok_and(|(state, _)| state.has(&object.0, &object.1));
        if is_ours {
            return Err(cannot(
                format!("the {subject} was made by a migration or by push"),
                "what is ours is changed by a migration".to_owned(),
            ));
        }
        let strangers = history::strangers(self.connection)?.unwrap_or_default();
        history::create_tables(self.connection)?;
        history::insert_foreign(self.connection, &strangers)?;
        history::insert_foreign(self.connection, &Objects::from([object]))?;
        Ok(Repaired { subject, was_right: false, against: Vec::new(), proved: true })
    }

    /// Returns the migration that a name means, of the history or of the folder.
    fn tag(&self, name: &str, rows: &[AppliedRow]) -> Result<String, MigrateError> {
        let mut tags = known_tags(rows, &self.listing.migrations);
        tags.extend(self.listing.missing.iter().map(|missing| missing.tag.clone()));
        tags.dedup();
        let unknown = || MigrateErrorKind::Unknown { name: name.to_owned(), known: tags.clone() };
        Ok(find(name, &tags)?.ok_or_else(unknown)?)
    }

    fn file_of(&self, tag: &str) -> Result<&Migration, MigrateError> {
        let found = self.listing.migrations.iter().find(|migration| migration.tag() == tag);
        found.ok_or_else(|| {
            cannot(
                format!("the folder does not have `{tag}.sql`"),
                "restore it from version control, or use the folder that has it".to_owned(),
            )
        })
    }

    fn files(&self, wanted: impl Fn(&str) -> bool) -> Vec<&Migration> {
        self.listing.migrations.iter().filter(|migration| wanted(migration.tag())).collect()
    }

    /// Returns the recorded migrations that have a file, in the folder's order.
    fn applied_files(&self, rows: &[AppliedRow]) -> Vec<&Migration> {
        self.files(|tag| rows.iter().any(|row| row.name == tag))
    }

    /// Runs migrations in memory; says why when that tells nothing about those in question.
    fn replayed(
        &self,
        migrations: &[&Migration],
        in_question: &[&Migration],
    ) -> Result<(State, BTreeSet<String>), String> {
        for migration in in_question {
            let script = Script::parse(migration.tag(), migration.up());
            if script.is_ok_and(|script| script.skip_replay) {
                return Err(format!("`{}` asks to be left out of a replay", migration.file_name()));
            }
        }
        State::replayed(migrations)
    }

    /// Runs migrations in memory without and with the one in question. When both make the same schema, the schema
    /// does not tell whether it ran.
    fn both(
        &self,
        before: &[&Migration],
        after: &[&Migration],
        in_question: &Migration,
    ) -> Result<(State, State, BTreeSet<String>), String> {
        let (before, _) = self.replayed(before, &[in_question])?;
        let (after, unclear) = self.replayed(after, &[in_question])?;
        let difference = drift::compare(&before, &after, &Objects::new(), &BTreeSet::new());
        match difference.map_err(|error| error.to_string())? {
            Some(_) => Ok((before, after, unclear)),
            None => Err(format!("`{}` leaves the schema as it was", in_question.tag())),
        }
    }

    /// Returns what would have to change in the database to be as expected, in what the subjects name.
    fn needed(
        &self,
        expected: &State,
        unclear: &BTreeSet<String>,
        subjects: Option<&BTreeSet<String>>,
    ) -> Result<Vec<Change>, MigrateError> {
        drift::needed(self.connection, expected, unclear, subjects)
    }

    fn judge(&self, tag: &str, why: &str, against: Vec<Change>) -> Result<Repaired, MigrateError> {
        if against.is_empty() || self.options.force {
            let proved = against.is_empty();
            return Ok(Repaired { subject: tag.to_owned(), was_right: false, against, proved });
        }
        let why = why.to_owned();
        Err(MigrateErrorKind::Unproved { tag: tag.to_owned(), why, differences: against }.into())
    }

    fn unprovable(&self, tag: &str, reason: String) -> Result<Repaired, MigrateError> {
        if !self.options.force {
            return Err(MigrateErrorKind::Unprovable { tag: tag.to_owned(), reason }.into());
        }
        Ok(Repaired { subject: tag.to_owned(), was_right: false, against: Vec::new(), proved: false })
    }

    /// Records a migration as if it had just run. What it leads to is what its snapshot declares, or else what the
    /// replay made.
    fn record(&self, migration: &Migration, made: Schema) -> Result<(), MigrateError> {
        let strangers = history::strangers(self.connection)?.unwrap_or_default();
        history::create_tables(self.connection)?;
        let row = NewRow {
            name: migration.tag(),
            checksum: migration.checksum(),
            duration: Duration::ZERO,
            down_sql: migration.down(),
        };
        history::insert(self.connection, &row)?;
        let declared = match migration.snapshot() {
            Ok(snapshot) => snapshot.map(|snapshot| snapshot.schema),
            Err(error) if error.is_drizzle_snapshot() => None,
            Err(error) => return Err(error.into()),
        };
        let declared = declared.unwrap_or(made);
        let ours = names(&declared);
        history::insert_foreign(self.connection, &strangers.difference(&ours).cloned().collect())?;
        let there: Objects = history::objects(self.connection)?.intersection(&ours).cloned().collect();
        let recorded = history::recorded_objects(self.connection)?;
        history::insert_objects(self.connection, there.difference(&recorded))?;
        forms::record(self.connection, &declared)?;
        Ok(())
    }
}

impl Repaired {
    fn nothing(subject: &str) -> Self {
        Self { subject: subject.to_owned(), was_right: true, against: Vec::new(), proved: true }
    }
}

fn cannot(message: String, hint: String) -> MigrateError {
    MigrateErrorKind::CannotRepair { message, hint }.into()
}
