//! Folds the start of a folder into one migration.
//!
//! ```text
//! 0000_a 0001_b 0002_c │ 0003_d        0000_squashed_to_0002_c │ 0003_d
//!        run in memory │          ──►  what they made, in one file: tables, views, by hand, rows, triggers
//!                      │               `-- seedbed: replaces 0000_a <checksum>` and so on
//! ```
//!
//! What the files make is found out by running them, and the new file is run as well: both databases must be the same,
//! the rows that the files leave in an empty database included. A database that has applied the old files is recognised
//! by the lines that say what the new one stands for.
//!
//! ```
//! use seedbed::migrate::{Folder, NewMigration};
//! use seedbed::squash::{SquashOptions, squash};
//! # use seedbed_schema::{model::{Dialect, Schema}, snapshot::Snapshot};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let folder = Folder::new(directory.path());
//! # let snapshot = Snapshot::new(Dialect::Sqlite, None, Schema::default());
//! for (tag, up) in [("0000_a", "CREATE TABLE a (x);"), ("0001_b", "DROP TABLE a; CREATE TABLE b (x);")] {
//!     folder.append(&NewMigration { tag, up, down: None, snapshot: &snapshot, when: 0 })?;
//! }
//! let folded = squash(&folder, "0001_b", SquashOptions::default())?;
//! folded.write(&folder)?;
//! assert_eq!(folder.migrations()?[0].tag(), "0000_squashed_to_0001_b");
//! assert!(!folder.migrations()?[0].up().contains("\"a\""));
//! # Ok(())
//! # }
//! ```

mod error;
mod rows;

use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::journal::{self, Journal};
use seedbed_schema::naming;
use seedbed_schema::snapshot::{self, Snapshot};

pub use error::SquashError;

use crate::inspect::{Inspection, inspect_all};
use crate::migrate::before_loss::loses_data;
use crate::migrate::folder::JOURNAL;
use crate::migrate::rewrite::Rewrite;
use crate::migrate::script::{Action, Replaced, Script, is_of_the_moment, read_replaced};
use crate::migrate::writer::snapshot_name;
use crate::migrate::{Failure, Folder, FolderError, Migration, find_tag};
use crate::pull::Pull;
use crate::replay::{self, Replay};
use error::Kind;

/// How a folder is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SquashOptions {
    /// Whether the rows that the files leave in an empty database are put into the new file.
    pub rows: bool,
}

impl Default for SquashOptions {
    fn default() -> Self {
        Self { rows: true }
    }
}

/// A folded migration that is not written yet.
#[derive(Debug, Clone)]
pub struct Squash {
    /// Its name.
    pub tag: String,
    /// The names of those that it stands for.
    pub folded: Vec<String>,
    /// Those of them that lose data: what a database kept of them comes back by no rollback any more.
    pub losing: Vec<String>,
    /// The tables with rows that the files leave in an empty database, and how many.
    pub rows: Vec<(String, usize)>,
    /// Statements whose values are another at every run, as `file line n`; the rows have the values of this one.
    pub computed: Vec<String>,
    /// The SQL that leads forward.
    pub up: String,
    /// The SQL that leads back: it drops everything.
    pub down: String,
    snapshot: Snapshot,
    journal: Journal,
}

/// Folds the migrations up to the named one, given by its name or number, and proves that it makes the same database.
/// Nothing is written.
///
/// # Errors
///
/// When there is no such migration or nothing before it, a file does not run in memory, or what the one file makes is
/// not what the many made.
pub fn squash(folder: &Folder, to: &str, options: SquashOptions) -> Result<Squash, SquashError> {
    let migrations = folder.migrations()?;
    let tags: Vec<String> = migrations.iter().map(|migration| migration.tag().to_owned()).collect();
    let named = find_tag(to, &tags).map_err(|kind| SquashError(Kind::Name(kind.into())))?;
    let count = named.and_then(|named| tags.iter().position(|tag| *tag == named)).map_or(0, |at| at + 1);
    let (folded, later) = migrations.split_at(count);
    let [first, .., last] = folded else {
        let only = folded.first().map(|migration| migration.tag().to_owned());
        return Err(SquashError(Kind::NothingToFold { only, newest: tags.last().cloned() }));
    };
    let snapshot =
        last.snapshot()?.ok_or_else(|| SquashError(Kind::NoSnapshot { tag: last.tag().to_owned() }))?;
    let replay = Replay::of(folded).map_err(|error| SquashError(Kind::Replay(error)))?;
    if let Some(skipped) = replay.skipped().first() {
        return Err(SquashError(Kind::Skipped { tag: skipped.clone() }));
    }
    let before = inspect_all(replay.connection()).map_err(|error| SquashError(Kind::Inspect(error)))?;
    let filled = rows::of(replay.connection(), &before)?;
    let inserts = if options.rows { rows::inserts(&filled) } else { Vec::new() };
    let pull = Pull::with_declared(replay.connection(), &snapshot.schema)
        .map_err(|error| SquashError(Kind::Pull(error)))?;
    let (body, down) = pull.both_ways("", &inserts);
    let up = format!("{}{body}", head(folded));
    let number = first.tag().split_once('_').map_or("0000", |(number, _)| number);
    let words = naming::file_name(&format!("squashed_to_{}", last.tag()))?;
    let squash = Squash {
        tag: format!("{number}_{words}"),
        folded: tags[..count].to_vec(),
        losing: losing(folded),
        computed: if options.rows && !filled.is_empty() { computed(folded) } else { Vec::new() },
        rows: filled.iter().map(|table| (table.name.clone(), table.rows.len())).collect(),
        up,
        down,
        // What follows says which snapshot it follows, so that one keeps its id.
        snapshot: Snapshot { prev_id: None, ..snapshot },
        journal: Journal::new(folder.journal()?.map(|journal| journal.dialect).unwrap_or_default()),
    };
    squash.prove(&before, if options.rows { &filled } else { &[] })?;
    squash.with_journal(folder, first, last, later)
}

impl Squash {
    /// Writes the new files and the journal and removes the old files: all of it or nothing.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn write(&self, folder: &Folder) -> Result<(), FolderError> {
        let mut rewrite = Rewrite::default();
        rewrite.write(format!("{}.sql", self.tag), &self.up);
        rewrite.write(format!("{}.down.sql", self.tag), &self.down);
        rewrite.write(snapshot_name(&self.tag), snapshot::render(&self.snapshot));
        rewrite.write(JOURNAL, journal::render(&self.journal));
        let kept: Vec<String> = self.journal.entries.iter().map(|entry| snapshot_name(&entry.tag)).collect();
        for tag in &self.folded {
            let files = [format!("{tag}.sql"), format!("{tag}.down.sql"), snapshot_name(tag)];
            for file in
                files.into_iter().filter(|file| folder.path().join(file).exists() && !kept.contains(file))
            {
                rewrite.remove(file);
            }
        }
        rewrite.apply(folder)
    }

    /// Puts the journal together: one entry for those that were folded, the others as they are.
    fn with_journal(
        mut self,
        folder: &Folder,
        first: &Migration,
        last: &Migration,
        later: &[Migration],
    ) -> Result<Self, SquashError> {
        let Some(known) = folder.journal()? else { return Ok(self) };
        let is_later = |tag: &str| later.iter().any(|migration| migration.tag() == tag);
        let own = known.entries.iter().find(|entry| entry.tag == last.tag()).cloned();
        self.journal.entries.extend(own.map(|mut entry| {
            entry.idx = first.index();
            entry.tag.clone_from(&self.tag);
            entry
        }));
        self.journal.entries.extend(known.entries.into_iter().filter(|entry| is_later(&entry.tag)));
        Ok(self)
    }

    /// Runs the new file on an empty database, compares, and runs its way back.
    fn prove(&self, wanted: &Inspection, rows: &[rows::Filled]) -> Result<(), SquashError> {
        let connection = replay::in_memory()?;
        let run = |name: String, text: &str| -> Result<(), SquashError> {
            let script = Script::parse(&name, text).map_err(|error| Failure::script(&name, error))?;
            Ok(replay::apply(&connection, &script)?)
        };
        run(format!("{}.sql", self.tag), &self.up)?;
        let made = inspect_all(&connection).map_err(|error| SquashError(Kind::Inspect(error)))?;
        let renames = Renames::default().nothing_else();
        let found = diff(&made.schema, &wanted.schema, &renames).map(|found| found.changes());
        let mut missing: Vec<String> =
            found.unwrap_or_default().iter().map(|change| format!("`{change}`")).collect();
        let is_made = |name: &&String| made.virtual_tables.contains(name);
        let virtuals = wanted.virtual_tables.iter().filter(|name| !is_made(name));
        missing.extend(virtuals.map(|name| format!("`create virtual table {name}`")));
        let filled = rows::of(&connection, &made)?;
        let differs = rows.iter().find(|table| !filled.contains(table));
        missing.extend(differs.map(|table| format!("the rows of `{}`", table.name)));
        if !missing.is_empty() {
            return Err(SquashError(Kind::Elsewhere { missing }));
        }
        run(format!("{}.down.sql", self.tag), &self.down)?;
        let left = inspect_all(&connection).map_err(|error| SquashError(Kind::Inspect(error)))?;
        if left == Inspection::default() { Ok(()) } else { Err(SquashError(Kind::NotEmpty)) }
    }
}

/// The lines that say what the file stands for, and what those stood for that were folded before.
fn head(folded: &[Migration]) -> String {
    let mut text = format!("-- {} migrations, folded into one that makes what they made.\n", folded.len());
    for migration in folded {
        let own =
            Replaced { tag: migration.tag().to_owned(), checksum: migration.checksum().to_owned(), of: None };
        let before = read_replaced(migration.up())
            .into_iter()
            .map(|it| Replaced { of: Some(it.of.unwrap_or_else(|| migration.tag().to_owned())), ..it });
        for it in std::iter::once(own).chain(before) {
            text.push_str(&it.line());
            text.push('\n');
        }
    }
    text
}

fn losing(folded: &[Migration]) -> Vec<String> {
    let loses = |migration: &&Migration| {
        Script::parse(&migration.file_name(), migration.up()).is_ok_and(|script| loses_data(&script))
    };
    folded.iter().filter(loses).map(|migration| migration.tag().to_owned()).collect()
}

fn computed(folded: &[Migration]) -> Vec<String> {
    let mut places = Vec::new();
    for migration in folded {
        let Ok(script) = Script::parse(&migration.file_name(), migration.up()) else { continue };
        for statement in &script.statements {
            let writes = matches!(statement.action, Action::Insert(_) | Action::Update(_));
            if writes && is_of_the_moment(&statement.text) {
                places.push(format!("{} line {}", migration.file_name(), statement.line));
            }
        }
    }
    places
}
