//! What lies in a migrations folder, in order or not: everything is read, and nothing is refused.
//!
//! A journal in which git left two versions side by side is read as both; a migration that only one of them lists is
//! known by its side. Judging is left to [`super::files`], the settling of two branches to [`crate::rebase`].

use std::collections::BTreeMap;
use std::fs;
use std::io;

use seedbed_schema::checksum::without_byte_order_mark;
use seedbed_schema::conflict;
use seedbed_schema::journal::{self, Journal, JournalEntry, JournalError};

use crate::migrate::folder::JOURNAL;
use crate::migrate::{Folder, FolderError, rewrite, writer};

/// The contents of a folder.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) journal: JournalState,
    /// The listed migrations, in the order of their numbers; those of one number in the order of the journal.
    pub(crate) entries: Vec<Entry>,
    /// Migrations that the journal does not list although their file is there.
    pub(crate) strays: Vec<Entry>,
    /// Down files that belong to no file.
    pub(crate) stray_downs: Vec<String>,
    /// Snapshot files by name.
    pub(crate) snapshots: BTreeMap<String, String>,
    /// Files that a killed write left behind.
    pub(crate) unfinished: Vec<String>,
    /// Whether a rewriting of the folder was not finished.
    pub(crate) is_interrupted: bool,
    /// Files that cannot be read as text, with the reason.
    pub(crate) unreadable: Vec<(String, String)>,
}

/// The journal.
#[derive(Debug)]
pub(crate) enum JournalState {
    /// There is none.
    Missing,
    /// It was read.
    Read { text: String, journal: Journal },
    /// Git left two versions of it, and both can be read.
    Conflict { line: usize, ours: Journal, theirs: Journal },
    /// It cannot be read; with the line of a conflict mark if there is one.
    Faulty { conflict: Option<usize>, error: JournalError },
}

/// Which version of a conflicting journal lists a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Both,
    Ours,
    Theirs,
}

/// A migration with its files.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) journal: JournalEntry,
    pub(crate) side: Side,
    pub(crate) up: Option<String>,
    pub(crate) down: Option<String>,
}

impl Entry {
    pub(crate) fn tag(&self) -> &str {
        &self.journal.tag
    }

    pub(crate) fn up_name(&self) -> String {
        up_name(self.tag())
    }

    pub(crate) fn down_name(&self) -> String {
        down_name(self.tag())
    }

    pub(crate) fn snapshot_name(&self) -> String {
        writer::snapshot_name(self.tag())
    }
}

pub(crate) fn up_name(tag: &str) -> String {
    format!("{tag}.sql")
}

pub(crate) fn down_name(tag: &str) -> String {
    format!("{tag}.down.sql")
}

/// Returns the number that a tag begins with, when it has the four digits that `generate` gives.
pub(crate) fn number(tag: &str) -> Option<u32> {
    let (digits, _) = tag.split_once('_')?;
    (digits.len() == 4).then(|| digits.parse().ok()).flatten()
}

impl Layout {
    /// Reads a folder; one that does not exist is empty.
    pub(crate) fn read(folder: &Folder) -> Result<Self, FolderError> {
        let mut reader = Reader { folder, unreadable: Vec::new() };
        let journal = read_journal(&mut reader);
        let mut files = writer::sql_files(folder)?;
        let mut entries = Vec::new();
        for (entry, side) in listed(&journal) {
            let (up, down) = (up_name(&entry.tag), down_name(&entry.tag));
            files.remove(&up);
            files.remove(&down);
            entries.push(Entry { up: reader.read(&up), down: reader.read(&down), journal: entry, side });
        }
        entries.sort_by_key(|entry| entry.journal.idx);
        let mut strays = Vec::new();
        let mut stray_downs = Vec::new();
        for file in &files {
            if let Some(up) = file.strip_suffix(".down.sql") {
                if !files.contains(&up_name(up)) {
                    stray_downs.push(file.clone());
                }
                continue;
            }
            let tag = file.trim_end_matches(".sql").to_owned();
            let entry = JournalEntry {
                idx: number(&tag).unwrap_or(u32::MAX),
                version: "6".to_owned(),
                when: 0,
                tag,
                breakpoints: true,
            };
            let down = down_name(&entry.tag);
            strays.push(Entry {
                up: reader.read(file),
                down: reader.read(&down),
                journal: entry,
                side: Side::Both,
            });
        }
        let (snapshots, mut unfinished) = read_meta(&mut reader);
        let left = writer::unfinished_files(folder).unwrap_or_default();
        unfinished.extend(left.into_iter().filter(|name| folder.path().join(name).exists()));
        let is_interrupted = rewrite::is_interrupted(folder);
        let unreadable = reader.unreadable;
        Ok(Self { journal, entries, strays, stray_downs, snapshots, unfinished, is_interrupted, unreadable })
    }

    /// Whether the journal gives one order to all of its migrations.
    pub(crate) fn is_in_order(&self) -> bool {
        matches!(self.journal, JournalState::Read { .. })
            && self.entries.windows(2).all(|pair| pair[0].journal.idx < pair[1].journal.idx)
    }
}

struct Reader<'a> {
    folder: &'a Folder,
    unreadable: Vec<(String, String)>,
}

impl Reader<'_> {
    /// Reads a file; `None` when it is not there or is no text.
    fn read(&mut self, name: &str) -> Option<String> {
        match fs::read_to_string(self.folder.path().join(name)) {
            Ok(text) => Some(match text.strip_prefix('\u{feff}') {
                Some(text) => text.to_owned(),
                None => text,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let reason = match error.kind() {
                    io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
                    _ => error.to_string(),
                };
                self.unreadable.push((name.to_owned(), reason));
                None
            }
        }
    }
}

fn read_journal(reader: &mut Reader<'_>) -> JournalState {
    let Some(text) = reader.read(JOURNAL) else { return JournalState::Missing };
    let error = match journal::parse(&text) {
        Ok(journal) => return JournalState::Read { text, journal },
        Err(error) => error,
    };
    if let Some(sides) = conflict::sides(without_byte_order_mark(&text))
        && let (Ok(ours), Ok(theirs)) = (journal::parse(&sides.ours), journal::parse(&sides.theirs))
    {
        return JournalState::Conflict { line: sides.line, ours, theirs };
    }
    JournalState::Faulty { conflict: conflict::conflict_line(&text), error }
}

/// Returns every migration that the journal lists, with the version that does.
fn listed(journal: &JournalState) -> Vec<(JournalEntry, Side)> {
    let (ours, theirs) = match journal {
        JournalState::Missing | JournalState::Faulty { .. } => return Vec::new(),
        JournalState::Read { journal, .. } => {
            return journal.entries.iter().map(|entry| (entry.clone(), Side::Both)).collect();
        }
        JournalState::Conflict { ours, theirs, .. } => (ours, theirs),
    };
    let lists =
        |journal: &Journal, entry: &JournalEntry| journal.entries.iter().any(|other| other.tag == entry.tag);
    let of_ours = ours.entries.iter().map(|entry| {
        let side = if lists(theirs, entry) { Side::Both } else { Side::Ours };
        (entry.clone(), side)
    });
    let of_theirs = theirs.entries.iter().filter(|entry| !lists(ours, entry));
    of_ours.chain(of_theirs.map(|entry| (entry.clone(), Side::Theirs))).collect()
}

/// Reads the snapshots, and finds what a killed write left beside them.
fn read_meta(reader: &mut Reader<'_>) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut snapshots, mut unfinished) = (BTreeMap::new(), Vec::new());
    let Ok(entries) = fs::read_dir(reader.folder.path().join("meta")) else { return (snapshots, unfinished) };
    let mut names: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    for name in names {
        let path = format!("meta/{name}");
        if name.ends_with("_snapshot.json") {
            if let Some(text) = reader.read(&path) {
                snapshots.insert(path, text);
            }
        } else if name == "_journal.json.new"
            || name.ends_with("_snapshot.json.new")
            || name == "_rewrite.new"
        {
            unfinished.push(path);
        }
    }
    (snapshots, unfinished)
}
