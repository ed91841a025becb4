//! Whether the journal, the files and the snapshots of a folder belong together, before any SQL is run.

use std::collections::BTreeSet;

use seedbed_schema::conflict;
use seedbed_schema::journal::{self, Journal};
use seedbed_schema::snapshot::{self, Snapshot, SnapshotError};

use super::branches::{Fork, Sign};
use super::finding::{Finding, FindingCode, Mend};
use super::layout::{Entry, JournalState, Layout, number};
use crate::migrate::folder::JOURNAL;

/// A migration's snapshot, as far as it can be used.
#[derive(Debug)]
pub(crate) enum SnapshotState {
    Missing,
    Read(Snapshot),
    Conflict { line: usize },
    Faulty(SnapshotError),
}

/// Reads the snapshot of a migration.
pub(crate) fn snapshot_of(layout: &Layout, entry: &Entry) -> SnapshotState {
    let Some(text) = layout.snapshots.get(&entry.snapshot_name()) else { return SnapshotState::Missing };
    match (snapshot::parse(text), conflict::conflict_line(text)) {
        (Ok(snapshot), _) => SnapshotState::Read(snapshot),
        (Err(_), Some(line)) => SnapshotState::Conflict { line },
        (Err(error), None) => SnapshotState::Faulty(error),
    }
}

/// Looks at everything but the SQL.
pub(super) fn look(layout: &Layout, fork: Option<&Fork>, findings: &mut Vec<Finding>) {
    leftovers(layout, findings);
    for (file, reason) in &layout.unreadable {
        findings.push(
            Finding::new(FindingCode::Unreadable, file, reason.clone())
                .hint("restore it from version control"),
        );
    }
    look_at_journal(layout, findings);
    if let Some(fork) = fork {
        findings.push(two_branches(fork));
    }
    let of_other_branch: BTreeSet<&str> =
        fork.iter().flat_map(|fork| &fork.second).map(|entry| entry.tag()).collect();
    look_at_files(layout, &of_other_branch, findings);
    look_at_snapshots(layout, findings);
}

fn leftovers(layout: &Layout, findings: &mut Vec<Finding>) {
    if layout.is_interrupted {
        let message = "the folder was being rewritten, and the work was not finished";
        let finding = Finding::new(FindingCode::Leftovers, "meta/_rewrite", message);
        findings.push(finding.hint("`seedbed check --fix` finishes it").mend(Mend::Leftovers));
    }
    for file in &layout.unfinished {
        let finding = Finding::new(FindingCode::Leftovers, file, "left behind by a write that was killed");
        findings.push(finding.hint("`seedbed check --fix` removes it").mend(Mend::Leftovers));
    }
}

fn look_at_journal(layout: &Layout, findings: &mut Vec<Finding>) {
    match &layout.journal {
        JournalState::Missing if layout.strays.is_empty() => {}
        JournalState::Missing => {
            let message = "there are migrations, but no journal that lists them in order";
            findings.push(
                Finding::new(FindingCode::JournalMissing, JOURNAL, message)
                    .hint("restore it from version control"),
            );
        }
        // The two branches are a finding of their own.
        JournalState::Conflict { .. } => {}
        JournalState::Faulty { conflict: Some(line), .. } => {
            let message = "a merge conflict whose two sides are no journals";
            let hint = "keep the entries of both sides, each with its own `tag`; then `seedbed rebase` gives them \
                        their numbers";
            findings.push(Finding::new(FindingCode::Conflict, JOURNAL, message).at(*line).hint(hint));
        }
        JournalState::Faulty { conflict: None, error } => {
            let mut finding =
                Finding::new(FindingCode::JournalInvalid, JOURNAL, error.to_string()).hint(error.hint());
            if let Some((line, column)) = error.place() {
                (finding.line, finding.column) = (Some(line), Some(column));
            }
            findings.push(finding);
        }
        JournalState::Read { text, journal } => look_at_order(layout, text, journal, findings),
    }
}

fn look_at_order(layout: &Layout, text: &str, journal: &Journal, findings: &mut Vec<Finding>) {
    let line_of = |tag: &str| {
        let quoted = format!("\"{tag}\"");
        text.lines().position(|line| line.contains(&quoted)).map(|line| line + 1)
    };
    let mut tags = BTreeSet::new();
    for entry in &journal.entries {
        if !tags.insert(entry.tag.to_ascii_lowercase()) {
            let message = format!("`{}` is listed twice", entry.tag);
            let mut finding =
                Finding::new(FindingCode::SameTag, JOURNAL, message).hint("keep one of its entries");
            finding.line = line_of(&entry.tag);
            findings.push(finding);
        }
    }
    let falls = journal.entries.windows(2).find(|pair| pair[1].idx < pair[0].idx);
    if let (Some(pair), true) = (falls, layout.is_in_order()) {
        let message =
            format!("`{}` is listed behind `{}`, though its number is smaller", pair[1].tag, pair[0].tag);
        let mut finding = Finding::new(FindingCode::JournalOrder, JOURNAL, message)
            .hint("`seedbed check --fix` sorts the entries by their numbers")
            .mend(Mend::Journal);
        finding.line = line_of(&pair[1].tag);
        findings.push(finding);
    }
    for entry in
        journal.entries.iter().filter(|entry| number(&entry.tag).is_some_and(|number| number != entry.idx))
    {
        let message = format!("`{}` has the number {}", entry.tag, entry.idx);
        let mut finding = Finding::new(FindingCode::JournalOrder, JOURNAL, message);
        finding.line = line_of(&entry.tag);
        let finding = if can_be_numbered_by_tag(layout) {
            finding.hint("`seedbed check --fix` gives it the number of its name").mend(Mend::Journal)
        } else {
            finding.hint("give it the number of its name, or the name of its number")
        };
        findings.push(finding);
    }
    let is_as_written = text.replace("\r\n", "\n").trim_end() == journal::render(journal).trim_end();
    if !is_as_written && !findings.iter().any(|finding| matches!(finding.mend, Some(Mend::Journal))) {
        let message = "laid out in another way than it is written, which the next migration changes";
        let finding = Finding::new(FindingCode::JournalFormat, JOURNAL, message);
        findings.push(finding.hint("`seedbed check --fix` lays it out").mend(Mend::Journal));
    }
}

/// Whether the numbers in the names give the migrations the order that they have.
pub(super) fn can_be_numbered_by_tag(layout: &Layout) -> bool {
    layout.is_in_order()
        && layout.entries.windows(2).all(|pair| match (number(pair[0].tag()), number(pair[1].tag())) {
            (Some(first), Some(second)) => first < second,
            _ => false,
        })
}

fn two_branches(fork: &Fork) -> Finding {
    let list = |entries: &[Entry]| {
        let tags: Vec<String> = entries.iter().map(|entry| format!("`{}`", entry.tag())).collect();
        if tags.is_empty() { "nothing".to_owned() } else { tags.join(", ") }
    };
    if matches!(fork.sign, Sign::NotListed) && fork.first.is_empty() {
        let message = format!("it does not list {}", list(&fork.second));
        return Finding::new(FindingCode::TwoBranches, JOURNAL, message).hint(
            "`seedbed rebase` lists it behind the others, as a branch that was merged; a stray file is to be removed",
        );
    }
    let behind = fork.base.last().map_or("the start".to_owned(), |entry| format!("`{}`", entry.tag()));
    let (first, second) = (list(&fork.first), list(&fork.second));
    let message = match fork.sign {
        Sign::NotListed => {
            format!("two branches were merged: the journal lists {first} behind {behind}, and not {second}")
        }
        _ => format!("two branches were merged: {first} and {second} both follow {behind}"),
    };
    let finding = Finding::new(FindingCode::TwoBranches, JOURNAL, message)
        .hint("`seedbed rebase` puts the migrations of one branch behind those of the other");
    match fork.sign {
        Sign::Conflict { line } => finding.at(line),
        _ => finding,
    }
}

fn look_at_files(layout: &Layout, of_other_branch: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    let is_unreadable = |file: &str| layout.unreadable.iter().any(|(name, _)| name == file);
    for entry in layout.entries.iter().filter(|entry| entry.up.is_none() && !is_unreadable(&entry.up_name()))
    {
        let finding = Finding::new(
            FindingCode::MissingFile,
            entry.up_name(),
            "the journal lists it, but it is not there",
        );
        findings.push(match layout.strays.first() {
            Some(stray) => finding.hint(format!("if `{}` was renamed, name it so again", stray.up_name())),
            None => finding.hint("restore it from version control"),
        });
    }
    if !matches!(layout.journal, JournalState::Faulty { .. } | JournalState::Missing) {
        let strays = layout.strays.iter().filter(|entry| !of_other_branch.contains(entry.tag()));
        for file in strays.map(Entry::up_name).chain(layout.stray_downs.iter().cloned()) {
            let finding = Finding::new(FindingCode::StrayFile, file, "the journal does not list it");
            findings
                .push(finding.hint("remove it; migrations are made by `seedbed generate`, which lists them"));
        }
    }
    for entry in &layout.entries {
        for (name, text) in [(entry.up_name(), &entry.up), (entry.down_name(), &entry.down)] {
            if let Some(line) = text.as_deref().and_then(conflict::conflict_line) {
                let finding =
                    Finding::new(FindingCode::Conflict, name, "a merge conflict that is not resolved");
                findings.push(finding.at(line).hint("keep the version that was applied, if one was"));
            }
        }
    }
}

fn look_at_snapshots(layout: &Layout, findings: &mut Vec<Finding>) {
    let known: BTreeSet<String> =
        layout.entries.iter().chain(&layout.strays).map(Entry::snapshot_name).collect();
    for name in layout.snapshots.keys().filter(|name| !known.contains(*name)) {
        let finding = Finding::new(FindingCode::SnapshotStray, name, "it belongs to no migration");
        findings.push(finding.hint("remove it, or restore its migration from version control"));
    }
}

/// Looks at one snapshot by itself and at its place in the chain. `schema` is what the files make up to here, if they
/// were run; with it the snapshot can be made anew.
pub(super) fn look_at_snapshot(
    entry: &Entry,
    state: &SnapshotState,
    previous: Option<&Snapshot>,
    mend: Option<Mend>,
) -> Option<Finding> {
    let file = entry.snapshot_name();
    let anew = "`seedbed check --fix` makes it anew from the files";
    let mendable = |finding: Finding| match &mend {
        Some(mend) => finding.hint(anew).mend(mend.clone()),
        None => finding.hint("restore it from version control"),
    };
    match state {
        SnapshotState::Missing => {
            let message = format!("`{}` has no snapshot", entry.tag());
            Some(mendable(Finding::new(FindingCode::SnapshotMissing, file, message)))
        }
        SnapshotState::Conflict { line } => {
            let finding = Finding::new(FindingCode::Conflict, file, "a merge conflict that is not resolved");
            Some(mendable(finding.at(*line)))
        }
        SnapshotState::Faulty(error) => {
            let code = match error {
                error if error.is_newer() => FindingCode::SnapshotNewer,
                error if error.is_drizzle() => FindingCode::SnapshotForeign,
                _ => FindingCode::SnapshotInvalid,
            };
            let mut finding = Finding::new(code, file, error.to_string());
            if let Some((line, column)) = error.place() {
                (finding.line, finding.column) = (Some(line), Some(column));
            }
            Some(match (code, error.hint()) {
                (FindingCode::SnapshotInvalid, _) => mendable(finding),
                (_, Some(hint)) => finding.hint(hint),
                (_, None) => finding,
            })
        }
        SnapshotState::Read(snapshot) => {
            let previous = previous?;
            if snapshot.prev_id.as_deref() == Some(previous.id.as_str()) {
                return None;
            }
            let message = "it does not follow the snapshot before it";
            let finding = Finding::new(FindingCode::SnapshotChain, file, message);
            Some(finding.hint("`seedbed check --fix` chains the snapshots anew").mend(Mend::Chain))
        }
    }
}
