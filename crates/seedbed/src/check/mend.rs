//! Puts right what can be put right without a person: never an SQL file, which may have been applied somewhere.

use seedbed_schema::journal::{self, Journal};
use seedbed_schema::model::Dialect;
use seedbed_schema::snapshot::{self, Snapshot};

use super::files::{SnapshotState, can_be_numbered_by_tag, snapshot_of};
use super::finding::{Finding, Mend};
use super::layout::{JournalState, Layout, number};
use crate::migrate::folder::JOURNAL;
use crate::migrate::rewrite::{self, Rewrite};
use crate::migrate::{Folder, FolderError};

/// Mends what the findings say can be mended, all of it at once or nothing; returns what was done, in words.
pub(super) fn mend(
    folder: &Folder,
    layout: &Layout,
    findings: &[Finding],
) -> Result<Vec<String>, FolderError> {
    let mut done = Vec::new();
    if layout.is_interrupted {
        rewrite::finish(folder)?;
        // What was read is no longer what is there: the caller looks again.
        return Ok(vec!["finished the rewriting that was interrupted".to_owned()]);
    }
    done.extend(layout.unfinished.iter().map(|file| format!("removed `{file}`, left by a killed write")));
    let mut rewrite = Rewrite::default();
    let wants = |is: fn(&Mend) -> bool| findings.iter().any(|finding| finding.mend.as_ref().is_some_and(is));
    if wants(|mend| matches!(mend, Mend::Journal))
        && let JournalState::Read { journal, .. } = &layout.journal
    {
        rewrite.write(JOURNAL, journal::render(&sorted(layout, journal)));
        done.push(format!("wrote `{JOURNAL}` anew"));
    }
    if wants(|mend| matches!(mend, Mend::Snapshot { .. } | Mend::Chain)) && layout.is_in_order() {
        chain(layout, findings, &mut rewrite, &mut done);
    }
    if !rewrite.is_empty() || !layout.unfinished.is_empty() {
        rewrite.apply(folder)?;
    }
    Ok(done)
}

/// Returns the journal in order, each migration under the number of its name where the names have the same order.
fn sorted(layout: &Layout, journal: &Journal) -> Journal {
    let mut sorted = journal.clone();
    sorted.entries.sort_by_key(|entry| entry.idx);
    if can_be_numbered_by_tag(layout) {
        for entry in &mut sorted.entries {
            entry.idx = number(&entry.tag).unwrap_or(entry.idx);
        }
    }
    sorted
}

/// Writes the snapshots that differ, and chains all from the first of them on: each has the id of the one before it.
fn chain(layout: &Layout, findings: &[Finding], rewrite: &mut Rewrite, done: &mut Vec<String>) {
    let anew = |tag: &str| {
        findings.iter().find_map(|finding| match &finding.mend {
            Some(Mend::Snapshot { tag: of, schema }) if of == tag => Some(schema.clone()),
            _ => None,
        })
    };
    let mut previous: Option<String> = None;
    for entry in &layout.entries {
        let state = snapshot_of(layout, entry);
        let made = anew(entry.tag());
        let snapshot = match (&state, made) {
            (SnapshotState::Read(snapshot), None) if snapshot.prev_id == previous => {
                previous = Some(snapshot.id.clone());
                continue;
            }
            (SnapshotState::Read(snapshot), None) => {
                Snapshot::new(snapshot.dialect, previous.as_deref(), snapshot.schema.clone())
            }
            (_, Some(schema)) => Snapshot::new(Dialect::default(), previous.as_deref(), schema),
            // One that cannot be read and was not made anew: what follows keeps what it says.
            (_, None) => return,
        };
        previous = Some(snapshot.id.clone());
        rewrite.write(entry.snapshot_name(), snapshot::render(&snapshot));
        done.push(format!("wrote `{}` anew", entry.snapshot_name()));
    }
}
