//! Two branches that were merged: where they part, and which migrations each has.
//!
//! ```text
//!            ┌─► 0001_add_age                 the journal keeps both in conflict marks, or both under one number,
//! 0000_base ─┤                                or one of them only; or the second was renumbered by hand and its
//!            └─► 0001_add_nick ─► 0002_x      snapshot still says that it follows `0000_base`
//! ```

use seedbed_schema::snapshot;

use super::layout::{Entry, JournalState, Layout, Side, number};

/// Two branches.
#[derive(Debug)]
pub(crate) struct Fork {
    /// What both have, in order.
    pub(crate) base: Vec<Entry>,
    /// What only one has, in order: the branch whose migrations stand first in the journal.
    pub(crate) first: Vec<Entry>,
    /// What only the other has.
    pub(crate) second: Vec<Entry>,
    /// What gives them away.
    pub(crate) sign: Sign,
}

/// What gives two branches away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Conflict marks in the journal.
    Conflict {
        /// The line of the first mark.
        line: usize,
    },
    /// Two migrations of one number.
    SameNumber,
    /// Two snapshots that follow the same one.
    SamePrevious,
    /// Files that the journal does not list.
    NotListed,
}

/// Finds two branches; `None` when there is one.
pub(crate) fn fork(layout: &Layout) -> Option<Fork> {
    let fork = match &layout.journal {
        JournalState::Missing | JournalState::Faulty { .. } => return None,
        JournalState::Conflict { line, .. } => by_side(layout, *line),
        JournalState::Read { journal, .. } => {
            let order: Vec<&str> = journal.entries.iter().map(|entry| entry.tag.as_str()).collect();
            by_number(layout, &order).or_else(|| by_previous(layout))
        }
    };
    fork.or_else(|| by_listing(layout)).filter(|fork| !fork.second.is_empty())
}

fn by_side(layout: &Layout, line: usize) -> Option<Fork> {
    let of =
        |side: Side| layout.entries.iter().filter(|entry| entry.side == side).cloned().collect::<Vec<_>>();
    let (base, first, second) = (of(Side::Both), of(Side::Ours), of(Side::Theirs));
    (!first.is_empty()).then_some(Fork { base, first, second, sign: Sign::Conflict { line } })
}

/// A journal that keeps the entries of both branches lists those of one and then those of the other, so the second
/// branch begins where the numbers fall back.
fn by_number(layout: &Layout, order: &[&str]) -> Option<Fork> {
    let repeated = layout.entries.windows(2).find(|pair| pair[0].journal.idx == pair[1].journal.idx)?;
    let from = repeated[0].journal.idx;
    let place = |entry: &Entry| order.iter().position(|tag| *tag == entry.tag()).unwrap_or(usize::MAX);
    let mut tail: Vec<Entry> =
        layout.entries.iter().filter(|entry| entry.journal.idx >= from).cloned().collect();
    tail.sort_by_key(place);
    let (mut first, mut second): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
    for entry in tail {
        let follows =
            |branch: &[Entry]| branch.last().is_none_or(|last| last.journal.idx < entry.journal.idx);
        // Sorted by number the two are interleaved: then a number's first goes to the one, its second to the other.
        if second.is_empty() && follows(&first) {
            first.push(entry);
        } else if follows(&second) {
            second.push(entry);
        } else {
            first.push(entry);
        }
    }
    let base = layout.entries.iter().filter(|entry| entry.journal.idx < from).cloned().collect();
    Some(Fork { base, first, second, sign: Sign::SameNumber })
}

/// Two snapshots that follow the same one: the later was renumbered, and does not know what the earlier made.
fn by_previous(layout: &Layout) -> Option<Fork> {
    let heads: Vec<Option<(String, Option<String>)>> = layout
        .entries
        .iter()
        .map(|entry| {
            let text = layout.snapshots.get(&entry.snapshot_name())?;
            snapshot::parse(text).ok().map(|snapshot| (snapshot.id, snapshot.prev_id))
        })
        .collect();
    for (at, head) in heads.iter().enumerate() {
        let Some((_, previous)) = head else { continue };
        // Where the branches begin; without a snapshot before it is the empty folder.
        let start = match previous {
            None => 0,
            Some(previous) => {
                let is_previous =
                    |other: &Option<(String, _)>| matches!(other, Some((id, _)) if id == previous);
                let Some(parent) = heads[..at].iter().position(is_previous) else { continue };
                parent + 1
            }
        };
        let is_sibling =
            |other: &Option<(String, Option<String>)>| matches!(other, Some((_, of)) if of == previous);
        if heads[start..at].iter().any(is_sibling) {
            let entries = &layout.entries;
            return Some(Fork {
                base: entries[..start].to_vec(),
                first: entries[start..at].to_vec(),
                second: entries[at..].to_vec(),
                sign: Sign::SamePrevious,
            });
        }
    }
    None
}

/// A journal that was taken from one branch lists nothing of the other.
fn by_listing(layout: &Layout) -> Option<Fork> {
    let second: Vec<Entry> =
        layout.strays.iter().filter(|entry| number(entry.tag()).is_some()).cloned().collect();
    let from = second.iter().map(|entry| entry.journal.idx).min()?;
    let (base, first) = layout.entries.iter().cloned().partition(|entry: &Entry| entry.journal.idx < from);
    Some(Fork { base, first, second, sign: Sign::NotListed })
}
