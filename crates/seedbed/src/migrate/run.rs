//! Runs one script: in one transaction, with everything around it that keeps rows, triggers and views alive.
//!
//! ```text
//! remember pragmas, set them           foreign_keys is off for a rebuild, and only outside a transaction can it be
//! BEGIN IMMEDIATE
//!   after_begin                        the caller may find that there is nothing to do
//!   look: row counts, views            what was wrong before does not count later
//!   each statement
//!     before a DROP TABLE              nothing lost? record what hangs on it
//!     after a rebuild's RENAME         put it back, keep the counter
//!   put back the rest
//!   look again                         worse than before, or not what the snapshot says: stop
//!                                      rows that refer to nothing: were they there before? ROLLBACK, and all once more
//!   before_commit                      the caller's records
//! COMMIT
//! pragmas as they were
//! ```

use std::time::{Duration, Instant};

use rusqlite::Connection;
use seedbed_schema::conflict::conflict_line;
use seedbed_schema::diff::Change;
use seedbed_schema::plan::Backfill;

use super::failure::{Failure, FailureKind, words};
use super::foreign_keys::Violations;
use super::hanging::Hanging;
use super::kept::{Keeper, KeptPart, Restorer};
use super::lock::{is_busy, until_free};
use super::offending::offending_rows;
use super::pragmas::{self, CallersSettings};
use super::rebuild::{self, RowCounts};
use super::script::{Action, ObjectKind, Rebuild, Script};
use super::verify::Compiled;

/// How a script is run.
pub(crate) struct ApplyOptions<'a> {
    /// How long to wait for others who write to the database; `None`: as long as it takes.
    pub(crate) busy_timeout: Option<Duration>,
    /// Called while waiting, with the time so far.
    pub(crate) waiting: &'a dyn Fn(Duration),
    /// Called before each statement with its index.
    pub(crate) statement: &'a dyn Fn(usize),
    /// What becomes of values that the script drops, and where those come from that it brings back.
    pub(crate) aside: Aside<'a>,
    /// Called at the end: says what the database differs in from what the script is to make of it, or stops it.
    pub(crate) arrived: &'a dyn Fn(&Connection) -> Result<Vec<Change>, Failure>,
    /// Called right after BEGIN; the script runs only if it says so.
    pub(crate) after_begin: &'a mut dyn FnMut(&Connection) -> rusqlite::Result<Proceed>,
}

/// Whether values are kept, or brought back.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aside<'a> {
    /// What is dropped is gone, and nothing comes back.
    Nothing,
    /// What the script drops is kept under this migration's name.
    Keep(&'a str),
    /// What was kept under this migration's name comes back, and rows that it does not know get these values.
    Restore(&'a str, &'a [Backfill]),
}

/// Whether a script still has to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proceed {
    /// Run it.
    Run,
    /// Roll back: there is nothing to do any more.
    Skip,
}

/// What running a script did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Whether it ran at all.
    pub(crate) ran: bool,
    /// How many statements were run.
    pub(crate) statements: usize,
    /// What was put back after rebuilds: `trigger users_audit`.
    pub(crate) restored: Vec<String>,
    /// What was kept before it was dropped.
    pub(crate) kept: Vec<KeptPart>,
    /// What was kept before, and is back.
    pub(crate) brought_back: Vec<KeptPart>,
    /// What was kept before, and is kept still: the way back has no place for it.
    pub(crate) left_kept: Vec<KeptPart>,
    /// What the database still differs in from what it was to become.
    pub(crate) differs: Vec<Change>,
    /// How long it took.
    pub(crate) duration: Duration,
}

/// Runs a script and then `before_commit` in the same transaction; a failure of either leaves no trace. A
/// `no-transaction` script runs statement by statement, `before_commit` in a transaction of its own behind it.
pub(crate) fn apply_script(
    connection: &Connection,
    script: &Script,
    options: &mut ApplyOptions<'_>,
    before_commit: &mut dyn FnMut(&Connection, &Applied) -> rusqlite::Result<()>,
) -> Result<Applied, Failure> {
    let database = |error| Failure::database(&script.name, error);
    if !connection.is_autocommit() {
        return Err(Failure::new(
            FailureKind::Database,
            &script.name,
            "the connection has an open transaction, and a migration needs one of its own",
        )
        .hint("commit or roll back first"));
    }
    // Dropped at the end, on every path: rolls back what is open and puts the settings back.
    let _settings = CallersSettings::replace(connection, script).map_err(database)?;
    let mut run = Run { connection, script, started: Instant::now(), applied: Applied::default() };
    if script.no_transaction {
        run.without_transaction(options, before_commit)?;
    } else {
        run.in_transaction(options, before_commit)?;
    }
    run.applied.duration = run.started.elapsed();
    Ok(run.applied)
}

/// The way out when rows that come back have lost their parents.
const PARENTS_HAVE_GONE: &str = "rows that were kept refer to rows that have gone since: put those back first, or free what \
                                 was kept with `seedbed forget` and go back without it";

struct Run<'a> {
    connection: &'a Connection,
    script: &'a Script,
    started: Instant,
    applied: Applied,
}

/// How the database was before the script.
struct Before {
    compiled: Compiled,
    /// Asking takes as long as a scan of every table with a foreign key, so it is known only when it has to be.
    violations: Option<Violations>,
    row_counts: RowCounts,
}

/// What looking again has found.
#[derive(PartialEq, Eq)]
enum Afterwards {
    Sound,
    /// Some rows refer to nothing; whether they did before is not known.
    WithOrphans,
}

type BeforeCommit<'b> = &'b mut dyn FnMut(&Connection, &Applied) -> rusqlite::Result<()>;

impl Run<'_> {
    fn in_transaction(
        &mut self,
        options: &mut ApplyOptions<'_>,
        before_commit: BeforeCommit<'_>,
    ) -> Result<(), Failure> {
        // In most databases no row refers to nothing, before or after, and one look is enough.
        let mut knows_orphans = false;
        loop {
            self.begin(options)?;
            self.applied = Applied::default();
            if (options.after_begin)(self.connection).map_err(|error| self.database(error))? == Proceed::Skip
            {
                return self.execute("ROLLBACK");
            }
            self.started = Instant::now();
            let before = self.look(knows_orphans)?;
            self.statements(options, &before)?;
            if self.look_again(options, &before)? == Afterwards::Sound {
                return self.finish(options, before_commit);
            }
            self.execute("ROLLBACK")?;
            knows_orphans = true;
        }
    }

    fn without_transaction(
        &mut self,
        options: &mut ApplyOptions<'_>,
        before_commit: BeforeCommit<'_>,
    ) -> Result<(), Failure> {
        if (options.after_begin)(self.connection).map_err(|error| self.database(error))? == Proceed::Skip {
            return Ok(());
        }
        let before = self.look(true)?;
        self.statements(options, &before).map_err(|failure| self.remains(failure))?;
        if !self.connection.is_autocommit() {
            let failure =
                Failure::new(FailureKind::Script, &self.script.name, "the file leaves a transaction open")
                    .hint("end it with `COMMIT;`");
            return Err(failure);
        }
        self.look_again(options, &before).map_err(|failure| self.remains(failure))?;
        self.begin(options)?;
        self.finish(options, before_commit)
    }

    fn begin(&self, options: &ApplyOptions<'_>) -> Result<(), Failure> {
        let begin = || self.connection.execute_batch("BEGIN IMMEDIATE");
        until_free(options.busy_timeout, options.waiting, begin).map_err(|error| self.database(error))
    }

    fn finish(&mut self, options: &ApplyOptions<'_>, before_commit: BeforeCommit<'_>) -> Result<(), Failure> {
        self.applied.ran = true;
        self.applied.duration = self.started.elapsed();
        before_commit(self.connection, &self.applied).map_err(|error| self.database(error))?;
        // Readers of a database without WAL can be in the way of a COMMIT.
        let commit = || self.connection.execute_batch("COMMIT");
        until_free(options.busy_timeout, options.waiting, commit).map_err(|error| self.commit_failed(error))
    }

    fn look(&self, at_orphans: bool) -> Result<Before, Failure> {
        let database = |error| self.database(error);
        let compiled = Compiled::check(self.connection).map_err(database)?;
        let violations = if at_orphans && self.script.can_break_keys() {
            Some(Violations::collect(self.connection).map_err(database)?)
        } else {
            None
        };
        let row_counts = RowCounts::take(self.connection, self.script).map_err(database)?;
        Ok(Before { compiled, violations, row_counts })
    }

    fn statements(&mut self, options: &ApplyOptions<'_>, before: &Before) -> Result<(), Failure> {
        let mut hanging = Hanging::default();
        let mut counters: Vec<(usize, i64)> = Vec::new();
        let (connection, script) = (self.connection, self.script);
        let (mut keeper, kept) = match options.aside {
            Aside::Nothing => (None, None),
            Aside::Keep(migration) => (Some(Keeper::new(connection, script, migration)), None),
            Aside::Restore(migration, backfills) => (None, Some((migration, backfills))),
        };
        let mut restorer = Restorer::new(connection, script, kept);
        for index in 0..self.script.statements.len() {
            if self.script.is_hoisted(index) {
                continue;
            }
            (options.statement)(index);
            restorer.before(index)?;
            let rebuild = self.script.rebuild_at(index);
            if let (Action::Drop(ObjectKind::Table, _), Some(rebuild)) =
                (&self.script.statements[index].action, rebuild)
            {
                rebuild::check(self.connection, self.script, rebuild)?;
            }
            if let Some(keeper) = &mut keeper {
                keeper.before(index).map_err(|error| self.refused(index, error))?;
            }
            match (&self.script.statements[index].action, rebuild) {
                (Action::Drop(ObjectKind::Table, table), rebuild) => {
                    if let Some(rebuild) = rebuild {
                        let counter =
                            rebuild::counter(self.connection, table).map_err(|error| self.database(error))?;
                        counters.extend(counter.map(|counter| (rebuild.rename_at, counter)));
                    }
                    hanging.record(self.connection, table, index).map_err(|error| self.database(error))?;
                    self.statement(index)?;
                    if rebuild.is_none() {
                        self.set_aside(&mut hanging, index, before)?;
                    }
                }
                (Action::Drop(ObjectKind::View, view), _) => {
                    hanging.record(self.connection, view, index).map_err(|error| self.database(error))?;
                    self.statement(index)?;
                    self.set_aside(&mut hanging, index, before)?;
                }
                (Action::RenameTable { .. }, Some(rebuild)) => {
                    self.rename_rebuilt(rebuild, &counters)?;
                    hanging.restore_table(
                        self.connection,
                        self.script,
                        &rebuild.table,
                        index,
                        &mut self.applied.restored,
                    )?;
                }
                _ => self.statement(index)?,
            }
            self.applied.statements += 1;
        }
        hanging.restore_rest(self.connection, self.script, &mut self.applied.restored)?;
        if let Some(keeper) = keeper {
            self.applied.kept = keeper.finish().map_err(|error| self.database(error))?;
        }
        (self.applied.brought_back, self.applied.left_kept) =
            restorer.finish().map_err(|error| self.database(error))?;
        Ok(())
    }

    /// Between DROP and RENAME views and triggers name a table that is not there, which RENAME refuses; with
    /// `legacy_alter_table` it does not look at them, and leaves the children's references alone as well.
    fn rename_rebuilt(&self, rebuild: &Rebuild, counters: &[(usize, i64)]) -> Result<(), Failure> {
        pragmas::set(self.connection, "legacy_alter_table", true).map_err(|error| self.database(error))?;
        let renamed = self.statement(rebuild.rename_at);
        pragmas::set(self.connection, "legacy_alter_table", false).map_err(|error| self.database(error))?;
        renamed?;
        for (_, counter) in counters.iter().filter(|(rename_at, _)| *rename_at == rebuild.rename_at) {
            rebuild::keep_counter(self.connection, &rebuild.table, *counter)
                .map_err(|error| self.database(error))?;
        }
        Ok(())
    }

    fn set_aside(&self, hanging: &mut Hanging, index: usize, before: &Before) -> Result<(), Failure> {
        hanging
            .set_aside(self.connection, self.script, index, &before.compiled)
            .map_err(|error| self.database(error))
    }

    fn statement(&self, index: usize) -> Result<(), Failure> {
        self.run_to_end(&self.script.statements[index].text).map_err(|error| self.refused(index, error))?;
        if self.connection.is_autocommit() && !self.script.no_transaction {
            return Err(Failure::statement(
                FailureKind::Statement,
                self.script,
                index,
                "the statement ended the migration's transaction",
            )
            .hint("a conflict clause `OR ROLLBACK` does that; use `OR ABORT`"));
        }
        Ok(())
    }

    /// Steps through all rows that a statement yields: some statements do their work row by row.
    fn run_to_end(&self, sql: &str) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        Ok(())
    }

    fn look_again(&mut self, options: &ApplyOptions<'_>, before: &Before) -> Result<Afterwards, Failure> {
        let after = Compiled::check(self.connection).map_err(|error| self.database(error))?;
        if let Some((kind, name, fault)) = after.broken(&before.compiled).into_iter().next() {
            let kind = kind.word();
            let message = format!("the {kind} `{name}` would not work any more: {fault}");
            let hint = format!(
                "change the {kind} in the same migration: `DROP {} \"{name}\"`, and create it again as it should be",
                kind.to_uppercase()
            );
            return Err(Failure::new(FailureKind::Broken, &self.script.name, message)
                .hint(hint)
                .breaks(kind, name));
        }
        if self.script.can_break_keys() {
            let after = Violations::collect(self.connection).map_err(|error| self.database(error))?;
            match &before.violations {
                Some(violations) => {
                    after.refuse_new(self.connection, violations, self.script).map_err(|failure| {
                        if self.brings_back() { failure.hint(PARENTS_HAVE_GONE) } else { failure }
                    })?;
                }
                None if !after.is_empty() => return Ok(Afterwards::WithOrphans),
                None => {}
            }
        }
        before.row_counts.refuse_losses(self.connection, self.script)?;
        self.applied.differs = (options.arrived)(self.connection)?;
        Ok(Afterwards::Sound)
    }

    fn refused(&self, index: usize, error: rusqlite::Error) -> Failure {
        let said = words(&error);
        let rows = offending_rows(self.connection, self.script, index, &error);
        let is_constraint = error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
            || is_about_rows(&said);
        let kind = match (is_constraint, is_busy(&error)) {
            (true, _) => FailureKind::Constraint,
            (_, true) => FailureKind::Database,
            _ => FailureKind::Statement,
        };
        // The table that a rebuild fills is known to nobody by its own name.
        let message = self.script.rebuilds.iter().fold(said.clone(), |message, rebuild| {
            message.replace(&format!(" {}.", rebuild.new_table), &format!(" {}.", rebuild.table))
        });
        let failure = Failure::statement(kind, self.script, index, message).rows(rows);
        let failure = match broken_object(&said) {
            Some((kind, name)) => failure.breaks(kind, name),
            None => failure,
        };
        let failure =
            match hint_for(&said, &self.script.statements[index].text, &self.script.statements[index].action)
            {
                Some(hint) => failure.hint(hint),
                None if is_constraint => failure
                    .hint("mend these rows first, or change the migration before it is applied anywhere"),
                None => failure,
            };
        failure.sqlite(error)
    }

    /// Deferred foreign keys are checked by COMMIT, so it can be the statement that fails.
    fn commit_failed(&self, error: rusqlite::Error) -> Failure {
        if error.sqlite_error_code() != Some(rusqlite::ErrorCode::ConstraintViolation) {
            return self.database(error);
        }
        let orphans = Violations::collect(self.connection).unwrap_or_default();
        let rows = orphans.describe(self.connection, &Violations::default(), self.script);
        let message = format!("at the end of the file: {}", words(&error));
        let hint =
            if self.brings_back() { PARENTS_HAVE_GONE } else { "delete or mend these rows in the migration" };
        Failure::new(FailureKind::ForeignKey, &self.script.name, message).rows(rows).hint(hint).sqlite(error)
    }

    fn brings_back(&self) -> bool {
        !self.script.restores.is_empty() || !self.applied.brought_back.is_empty()
    }

    /// Says what a script without a transaction leaves behind.
    fn remains(&self, failure: Failure) -> Failure {
        let (done, all) = (self.applied.statements, self.script.statements.len());
        failure.remains(format!(
            "the file runs outside a transaction: {done} of its {all} statements were run and stay, and it is not \
             recorded as applied"
        ))
    }

    fn execute(&self, sql: &str) -> Result<(), Failure> {
        self.connection.execute_batch(sql).map_err(|error| self.database(error))
    }

    fn database(&self, error: rusqlite::Error) -> Failure {
        let is_busy = is_busy(&error);
        let failure = Failure::database(&self.script.name, error);
        if is_busy { failure.held_by_others(self.connection) } else { failure }
    }
}

/// Knows the way out of what SQLite says most often.
fn hint_for(said: &str, text: &str, action: &Action) -> Option<String> {
    // SQLite repeats a name as it was written, quotes and all.
    let between = |before: &str, after: &str| {
        let name = said.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        name.map(|name| name.trim_matches(['"', '`']).to_owned())
    };
    if let (Some(name), Action::Create(kind, _)) = (between("table ", " already exists"), action) {
        let kind = kind.word();
        return Some(format!(
            "the database has a table `{name}` that no migration made: rename or drop it if it is in the way of this \
             {kind}; `seedbed status` shows how the schema differs"
        ));
    }
    if let Some(name) = between("index ", " already exists").or_else(|| between("view ", " already exists")) {
        return Some(format!("the database has a `{name}` that no migration made: drop or rename it"));
    }
    if said.ends_with("from within a transaction") || said.ends_with("within transaction") {
        return Some("write `-- seedbed: no-transaction` into the file".to_owned());
    }
    if let (Some(column), Action::AlterTable(table)) = (said.strip_prefix("duplicate column name: "), action)
    {
        return Some(format!(
            "the database has a column `{table}.{column}` that no migration made: add it to the struct as it is, or \
             rename or drop it by hand"
        ));
    }
    if said.starts_with("Cannot add a NOT NULL column") {
        return Some(
            "give the column a default, or generate with `--backfill table.column='expr'`".to_owned(),
        );
    }
    if said.ends_with("\": syntax error") && conflict_line(text).is_some() {
        return Some("the file holds a merge conflict that is not resolved".to_owned());
    }
    if let Some((kind, name)) = broken_object(said) {
        let upper = kind.to_uppercase();
        return Some(format!(
            "the {kind} `{name}` uses what this statement changes: `DROP {upper} \"{name}\"` before it, and create it \
             again behind it"
        ));
    }
    None
}

/// ADD COLUMN looks at the rows itself and reports what it finds as an error like any other.
fn is_about_rows(said: &str) -> bool {
    matches!(said, "NOT NULL constraint failed" | "CHECK constraint failed")
}

/// Reads the kind and the name out of `error in view v after drop column: …`.
fn broken_object(said: &str) -> Option<(&'static str, &str)> {
    let (kind, rest) = said.strip_prefix("error in ")?.split_once(' ')?;
    let kind = ["view", "trigger", "index"].into_iter().find(|known| *known == kind)?;
    Some((kind, rest.split_once([' ', ':'])?.0))
}

#[cfg(test)]
mod tests {
    use super::{Action, hint_for};
    use crate::migrate::script::ObjectKind;

    #[test]
    fn common_refusals_have_a_way_out() {
        let create = Action::Create(ObjectKind::Table, "users".to_owned());
        let hint = |said: &str| hint_for(said, "", &create).unwrap_or_default();
        assert!(hint("table users already exists").contains("`users` that no migration made"));
        assert!(hint("table \"users\" already exists").contains("`users` that no migration made"));
        assert!(hint("cannot VACUUM from within a transaction").contains("no-transaction"));
        assert!(hint("error in view v after drop column: no such column: a").contains("DROP VIEW \"v\""));
        assert!(hint("error in trigger t: no such column: a").contains("the trigger `t`"));
        assert_eq!(hint("error in table t after rename: no such column: id"), "");
        let alter = Action::AlterTable("users".to_owned());
        assert!(
            hint_for("duplicate column name: nick", "", &alter)
                .unwrap()
                .contains("column `users.nick` that no migration")
        );
        assert_eq!(hint("near \"x\": syntax error"), "");
        let conflict = hint_for("near \"<<\": syntax error", "<<<<<<< HEAD\nDROP TABLE a", &create);
        assert!(conflict.unwrap().contains("merge conflict"));
    }
}
