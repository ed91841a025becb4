//! Settles two branches that were merged: the migrations of one are taken as given, those of the other are put behind.
//!
//! ```text
//! base ─┬─► 0001_add_nick            given: its files stay, byte for byte
//!       └─► 0001_add_age    ─►       0002_add_age: another number, a snapshot with both changes, and its SQL, kept
//!                                    where it is still right and planned anew where it is not
//! ```
//!
//! All is tried in memory before anything is written, and written at once or not at all.

mod error;
mod line;
mod moving;

use seedbed_schema::diff::Renames;
use seedbed_schema::journal::{self, Journal, JournalEntry};
use seedbed_schema::model::{Dialect, Schema};
use seedbed_schema::naming;
use seedbed_schema::plan::PlanOptions;
use seedbed_schema::snapshot;

pub use error::{RebaseError, RebaseErrorKind};

use crate::Connection;
use crate::check::branches::{Fork, Sign, fork};
use crate::check::layout::{Entry, JournalState, Layout, down_name, up_name};
use crate::generate::GenerateError;
use crate::migrate::folder::JOURNAL;
use crate::migrate::rewrite::Rewrite;
use crate::migrate::{Folder, FolderError, folded, history, writer};
use line::{Line, read_script, renames};
use moving::{Work, place};

/// What decides between the branches, and how SQL is planned.
#[derive(Debug, Clone)]
pub struct RebaseOptions<'a> {
    /// Migrations of the branch that is put behind the other.
    pub mine: Vec<String>,
    /// Migrations of the branch that is taken as given.
    pub onto: Vec<String>,
    /// The migrations that a database has applied, see [`applied_to`].
    pub applied: Vec<String>,
    /// Whether SQL that a person has written into may be planned anew.
    pub replan: bool,
    /// The schema in the code, where it is known: it says how values are stored, which no database does.
    pub declared: Option<&'a Schema>,
    /// The oldest SQLite that will run the migrations, as major, minor, patch.
    pub sqlite_version: (u32, u32, u32),
}

impl Default for RebaseOptions<'_> {
    fn default() -> Self {
        Self {
            mine: Vec::new(),
            onto: Vec::new(),
            applied: Vec::new(),
            replan: false,
            declared: None,
            sqlite_version: PlanOptions::default().sqlite_version,
        }
    }
}

/// Two branches settled, and not written.
#[derive(Debug)]
pub struct Draft {
    /// The migrations that stay as they are, in order.
    pub given: Vec<String>,
    /// Those that are put behind them.
    pub moved: Vec<Moved>,
    /// Why it is these and not those.
    pub reason: Reason,
    rewrite: Rewrite,
}

/// A migration that is put behind others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its name so far.
    pub from: String,
    /// Its new name.
    pub to: String,
    /// What became of its SQL.
    pub sql: MovedSql,
}

/// What became of a migration's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovedSql {
    /// It is still right.
    Kept,
    /// It was planned anew, for tables that the other branch changed.
    Planned,
    /// The other branch did the same.
    Nothing,
}

/// Why one branch is taken as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was said so.
    Named,
    /// The database has applied it.
    Applied,
    /// The journal lists it and not the other.
    Listed,
    /// The other one was generated later.
    Earlier,
}

/// Returns the names of the migrations that a database has applied; a file counts as applied where the database has
/// what was folded into it.
///
/// # Errors
///
/// When the database or the folder cannot be read.
pub fn applied_to(connection: &Connection, folder: &Folder) -> Result<Vec<String>, crate::Error> {
    let rows = history::applied(connection.rusqlite())?;
    let layout = Layout::read(folder)
        .map_err(|error| crate::Error::context("the migrations folder cannot be read", error))?;
    let mut tags: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    for entry in &layout.entries {
        if entry.up.as_deref().is_some_and(|up| folded::has_parts_of(up, &rows)) {
            tags.push(entry.tag().to_owned());
        }
    }
    Ok(tags)
}

/// Finds two branches in a folder and settles them in memory; `None` when there is one only.
///
/// # Errors
///
/// When nothing tells which branch goes behind, when both touch the same thing, when a migration that would get another
/// name was applied, or the folder is not in order otherwise. Nothing is ever written here.
pub fn prepare(folder: &Folder, options: &RebaseOptions<'_>) -> Result<Option<Draft>, RebaseError> {
    let layout = Layout::read(folder)?;
    if layout.is_interrupted {
        folder.migrations()?;
    }
    let Some(fork) = fork(&layout) else { return Ok(None) };
    let (onto, mine, reason) = choose(&fork, options)?;
    let tags = |entries: &[Entry]| entries.iter().map(|entry| entry.tag().to_owned()).collect::<Vec<_>>();
    let (given, moving) = (tags(onto), tags(mine));
    let applied: Vec<String> = moving.iter().filter(|tag| options.applied.contains(tag)).cloned().collect();
    if !applied.is_empty() {
        let base = fork.base.last().map(|entry| entry.tag().to_owned());
        return Err(RebaseErrorKind::Applied { tags: applied, onto: given, base }.into());
    }

    let mut line = Line::empty()?;
    let mut rewrite = Rewrite::default();
    let mut journal = Journal::new(Dialect::Sqlite);
    for entry in &fork.base {
        line.advance(&layout, entry, true, options.declared)?;
        settle(&layout, entry, &line, &mut journal, &mut rewrite);
    }
    let mut branch = line.fork()?;
    let before_onto = line.schema.clone();
    let mut of_onto = Renames::default();
    let is_alone = |entry: &Entry| {
        let sharing = layout.entries.iter().chain(&layout.strays);
        sharing.filter(|other| other.snapshot_name() == entry.snapshot_name()).count() == 1
    };
    for entry in onto {
        line.advance(&layout, entry, is_alone(entry), options.declared)?;
        let script = read_script(&entry.up_name(), entry.up.as_deref())?;
        of_onto = renames(&before_onto, &of_onto, &script, &line.schema);
        settle(&layout, entry, &line, &mut journal, &mut rewrite);
    }
    let mut works = Vec::new();
    for entry in mine {
        let before = branch.schema.clone();
        branch.advance(&layout, entry, is_alone(entry), options.declared)?;
        let script = read_script(&entry.up_name(), entry.up.as_deref())?;
        let own = renames(&before, &Renames::default(), &script, &branch.schema);
        works.push(Work { entry, before, after: branch.schema.clone(), renames: own });
    }

    let mut moved = Vec::new();
    for work in &works {
        let words = work.entry.tag().split_once('_').map_or(work.entry.tag(), |(_, words)| words);
        let tag = naming::next_tag(&journal, words).map_err(|error| RebaseErrorKind::Plan {
            tag: work.entry.tag().to_owned(),
            error: GenerateError::from(error),
        })?;
        let placed = place(&mut line, work, &of_onto, &tag, &given, options)?;
        of_onto = carried_on(work, &of_onto, &placed.schema);
        line.take(read_script(&up_name(&tag), Some(&placed.up))?, placed.schema)?;
        let last = journal.entries.iter().map(|entry| entry.when).max();
        let when =
            last.map_or(work.entry.journal.when, |last| work.entry.journal.when.max(last.saturating_add(1)));
        journal.append(&tag, when);
        rewrite.write(up_name(&tag), placed.up);
        if let Some(down) = placed.down {
            rewrite.write(down_name(&tag), down);
        }
        write_snapshot(&tag, &line, &mut rewrite);
        moved.push(Moved { from: work.entry.tag().to_owned(), to: tag, sql: placed.sql });
    }
    let kept = |name: &str| fork.base.iter().chain(onto).any(|entry| entry.snapshot_name() == name);
    for entry in mine {
        rewrite.remove(entry.up_name());
        if entry.down.is_some() {
            rewrite.remove(entry.down_name());
        }
        if !kept(&entry.snapshot_name()) {
            rewrite.remove(entry.snapshot_name());
        }
    }
    if !matches!(&layout.journal, JournalState::Read { journal: known, .. } if *known == journal) {
        rewrite.write(JOURNAL, journal::render(&journal));
    }
    Ok(Some(Draft { given, moved, reason, rewrite }))
}

impl Draft {
    /// Writes it all: every file or none.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn write(&self, folder: &Folder) -> Result<(), FolderError> {
        self.rewrite.apply(folder)
    }

    /// The names of the files that are written, relative to the folder.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        self.rewrite.written()
    }

    /// The names of the files that are removed, relative to the folder.
    pub fn removed(&self) -> impl Iterator<Item = &str> {
        self.rewrite.removed()
    }
}

/// Decides which branch is given and which is put behind it.
fn choose<'f>(
    fork: &'f Fork,
    options: &RebaseOptions<'_>,
) -> Result<(&'f [Entry], &'f [Entry], Reason), RebaseError> {
    let (first, second) = (fork.first.as_slice(), fork.second.as_slice());
    let has = |branch: &[Entry], tag: &str| branch.iter().any(|entry| entry.tag() == tag);
    let names = |branch: &[Entry]| branch.iter().map(|entry| entry.tag().to_owned()).collect::<Vec<_>>();
    for tag in options.mine.iter().chain(&options.onto) {
        if !has(first, tag) && !has(second, tag) {
            let known = names(first).into_iter().chain(names(second)).collect();
            return Err(RebaseErrorKind::Unknown { tag: tag.clone(), known }.into());
        }
    }
    let open = || RebaseError::from(RebaseErrorKind::Open { first: names(first), second: names(second) });
    let is_named = |given: &[Entry], behind: &[Entry]| {
        options.mine.iter().any(|tag| has(behind, tag)) || options.onto.iter().any(|tag| has(given, tag))
    };
    match (is_named(first, second), is_named(second, first)) {
        (true, true) => return Err(open()),
        (true, false) => return Ok((first, second, Reason::Named)),
        (false, true) => return Ok((second, first, Reason::Named)),
        (false, false) => {}
    }
    let is_applied =
        |branch: &[Entry]| branch.iter().any(|entry| options.applied.iter().any(|tag| tag == entry.tag()));
    match (is_applied(first), is_applied(second)) {
        (true, false) => return Ok((first, second, Reason::Applied)),
        (false, true) => return Ok((second, first, Reason::Applied)),
        _ => {}
    }
    let began = |branch: &[Entry]| branch.first().map(|entry| entry.journal.when);
    match fork.sign {
        Sign::NotListed => Ok((first, second, Reason::Listed)),
        _ if began(first) < began(second) => Ok((first, second, Reason::Earlier)),
        _ if began(second) < began(first) => Ok((second, first, Reason::Earlier)),
        _ => Err(open()),
    }
}

/// Takes a migration into the journal as it is; its snapshot is written where another branch's lies in its place.
fn settle(layout: &Layout, entry: &Entry, line: &Line, journal: &mut Journal, rewrite: &mut Rewrite) {
    let last = journal.entries.iter().map(|entry| entry.when).max().unwrap_or(0);
    let when = if entry.journal.when == 0 && last > 0 { last.saturating_add(1) } else { entry.journal.when };
    journal.entries.push(JournalEntry { when, ..entry.journal.clone() });
    let text = line.snapshot.as_ref().map(snapshot::render);
    let is_there = layout.snapshots.get(&entry.snapshot_name());
    let is_same = match (is_there.and_then(|there| snapshot::parse(there).ok()), &line.snapshot) {
        (Some(there), Some(snapshot)) => there == *snapshot,
        _ => false,
    };
    if let (Some(text), false) = (text, is_same) {
        rewrite.write(entry.snapshot_name(), text);
    }
}

fn write_snapshot(tag: &str, line: &Line, rewrite: &mut Rewrite) {
    if let Some(snapshot) = &line.snapshot {
        rewrite.write(writer::snapshot_name(tag), snapshot::render(snapshot));
    }
}

/// Returns the renames that lead from the schema behind a migration, on its own branch, to what it has become: those of
/// the other branch, by the names that it has left.
fn carried_on(work: &Work<'_>, others: &Renames, placed: &Schema) -> Renames {
    let mut renames = Renames::default();
    for table in &work.after.tables {
        let old = work.renames.old_table(&table.name);
        let is_mine = !old.eq_ignore_ascii_case(&table.name);
        let to = if is_mine { table.name.clone() } else { others.new_table(&old) };
        let Some(target) = placed.table(&to) else { continue };
        if !to.eq_ignore_ascii_case(&table.name) {
            renames = renames.table(&table.name, &target.name);
        }
        let in_others = others.new_table(&old);
        for column in &table.columns {
            let old_column = work.renames.old_column(&table.name, &column.name);
            if !old_column.eq_ignore_ascii_case(&column.name) {
                continue;
            }
            let renamed = others.columns.iter().find(|rename| {
                rename.table.eq_ignore_ascii_case(&in_others)
                    && rename.from.eq_ignore_ascii_case(&column.name)
            });
            if let Some(rename) = renamed.filter(|rename| target.column(&rename.to).is_some()) {
                renames = renames.column(&target.name, &column.name, &rename.to);
            }
        }
    }
    renames
}
