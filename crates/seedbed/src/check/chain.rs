//! Runs a folder's migrations in memory, one by one: each has to make what its snapshot says, and each way back has
//! to lead to where it came from.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use rusqlite::Connection;
use rusqlite::backup::Backup;
use seedbed_schema::model::Schema;
use seedbed_schema::snapshot::Snapshot;

use super::files::{SnapshotState, look_at_snapshot, snapshot_of};
use super::finding::{Finding, FindingCode, Mend};
use super::layout::{Entry, Layout};
use super::state::{Reader, State, as_declared, declared_part, differences, hand_made, without};
use super::way_back::{self, WayBack, list, refused};
use crate::migrate::script::Script;
use crate::replay::{apply, in_memory};
use crate::rows;

/// How many of the newest migrations are tried on tables with rows; the older ones are tried on empty ones.
const WITH_ROWS: usize = 25;
/// From how many tables on rows take longer than they tell.
const TOO_MANY_TABLES: usize = 60;

/// How many ways back may wait for being tried: each holds a database.
const AHEAD: usize = 8;

/// Runs the migrations; returns how many were run.
pub(super) fn walk(
    layout: &Layout,
    entries: &[Entry],
    findings: &mut Vec<Finding>,
) -> Result<usize, rusqlite::Error> {
    // Ways back are tried beside: each needs nothing but the database that it starts from.
    let (ways_back, tried) = mpsc::sync_channel(AHEAD);
    let mut found = Vec::new();
    let (forward, back) = thread::scope(|scope| {
        let back = scope.spawn(|| way_back::try_all(tried));
        let forward = forward(layout, entries, &mut found, ways_back);
        (forward, back.join())
    });
    let back = back.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let run = forward?;
    found.extend(back);
    found.sort_by_key(|(at, _)| *at);
    findings.extend(found.into_iter().map(|(_, finding)| finding));
    Ok(run)
}

fn forward(
    layout: &Layout,
    entries: &[Entry],
    found: &mut Vec<(usize, Finding)>,
    ways_back: SyncSender<WayBack>,
) -> Result<usize, rusqlite::Error> {
    let mut walk = Walk {
        main: in_memory()?,
        reader: Reader::default(),
        live: State::default(),
        ways_back,
        known: Vec::new(),
        hand_made: BTreeSet::new(),
        told: Vec::new(),
        findings: Vec::new(),
    };
    let mut previous: Option<Snapshot> = None;
    for (at, entry) in entries.iter().enumerate() {
        let state = snapshot_of(layout, entry);
        let has_run = walk.forward(at, entry, at + WITH_ROWS >= entries.len())?;
        if has_run {
            walk.compare(entry, &state, previous.as_ref());
            previous = match state {
                SnapshotState::Read(snapshot) => Some(snapshot),
                _ => None,
            };
        } else {
            // The chain is broken here; the snapshots behind it can still be looked at by themselves.
            look_at_rest(layout, &entries[at..], previous.take(), &mut walk.findings);
        }
        found.extend(walk.findings.drain(..).map(|finding| (at, finding)));
        if !has_run {
            return Ok(at);
        }
    }
    Ok(entries.len())
}

fn look_at_rest(
    layout: &Layout,
    entries: &[Entry],
    mut previous: Option<Snapshot>,
    findings: &mut Vec<Finding>,
) {
    for entry in entries {
        let state = snapshot_of(layout, entry);
        findings.extend(look_at_snapshot(entry, &state, previous.as_ref(), None));
        previous = match state {
            SnapshotState::Read(snapshot) => Some(snapshot),
            _ => None,
        };
    }
}

struct Walk {
    /// The database as it is after the migrations so far.
    main: Connection,
    reader: Reader,
    /// What the database holds.
    live: State,
    /// Where ways back are tried.
    ways_back: SyncSender<WayBack>,
    /// The schema that the last good snapshot declared.
    known: Vec<Schema>,
    /// What was made by hand until then.
    hand_made: BTreeSet<String>,
    /// The differences that were told last: a fault goes on through the snapshots behind it and is told once.
    told: Vec<String>,
    findings: Vec<Finding>,
}

impl Walk {
    /// Runs a migration and tries its way back; `false` when it could not be run.
    fn forward(&mut self, at: usize, entry: &Entry, with_rows: bool) -> Result<bool, rusqlite::Error> {
        let Some(up) = &entry.up else { return Ok(false) };
        let script = match Script::parse(&entry.up_name(), up) {
            Ok(script) => script,
            Err(error) => {
                let finding = Finding::new(FindingCode::Script, entry.up_name(), error.message);
                self.findings.push(finding.at(error.line).hint(error.hint));
                return Ok(false);
            }
        };
        self.name_what_is_special(&script);
        if script.skip_replay {
            return Ok(true);
        }
        let down = self.down_script(entry, &script).filter(|_| !script.no_transaction);
        let with_rows = if down.is_some() && with_rows { self.forward_with_rows(&script)? } else { None };
        if let Err(failure) = apply(&self.main, &script) {
            self.findings.push(refused(FindingCode::Refused, &entry.up_name(), &failure));
            return Ok(false);
        }
        let live = match self.reader.read(&self.main) {
            Ok(state) => state,
            Err(error) => {
                let message = match std::error::Error::source(&error) {
                    Some(cause) => format!("{error}: {cause}"),
                    None => error.to_string(),
                };
                self.findings.push(Finding::new(FindingCode::Refused, entry.up_name(), message));
                return Ok(false);
            }
        };
        let before = std::mem::replace(&mut self.live, live);
        if let Some(down) = down {
            let (up_name, down_name) = (entry.up_name(), entry.down_name());
            let way_back = WayBack { at, up_name, down_name, down, before, with_rows, empty: self.copy()? };
            // Where nobody takes it any more something else is wrong, and is told.
            let _ = self.ways_back.send(way_back);
        }
        Ok(true)
    }

    /// Runs a migration on a copy with rows that are made up, if they let it.
    fn forward_with_rows(&self, script: &Script) -> Result<Option<Connection>, rusqlite::Error> {
        const ROWS: usize = 2;
        if self.live.schema.tables.len() >= TOO_MANY_TABLES {
            return Ok(None);
        }
        let copy = self.copy()?;
        let is_filled = rows::fill(&copy, &self.live.schema, None, ROWS, 1).is_ok();
        Ok((is_filled && apply(&copy, script).is_ok()).then_some(copy))
    }

    fn copy(&self) -> Result<Connection, rusqlite::Error> {
        let mut copy = in_memory()?;
        Backup::new(&self.main, &mut copy)?.step(-1)?;
        Ok(copy)
    }

    fn name_what_is_special(&mut self, script: &Script) {
        if script.skip_replay {
            let message = "not tried: it says `skip-replay`";
            self.findings.push(Finding::new(FindingCode::NotTried, &script.name, message));
        }
        if script.no_transaction {
            let message = "runs outside a transaction: it says `no-transaction`";
            self.findings.push(Finding::new(FindingCode::NoTransaction, &script.name, message));
        }
    }

    /// Reads the way back; one that does nothing is none.
    fn down_script(&mut self, entry: &Entry, up: &Script) -> Option<Script> {
        if up.statements.is_empty() {
            return None;
        }
        let name = entry.down_name();
        let script = match entry.down.as_deref().map(|down| Script::parse(&name, down)) {
            Some(Ok(script)) => Some(script),
            Some(Err(error)) => {
                let finding = Finding::new(FindingCode::Script, name, error.message);
                self.findings.push(finding.at(error.line).hint(error.hint));
                return None;
            }
            None => None,
        };
        let script = script.filter(|script| !script.statements.is_empty());
        if script.is_none() {
            let message = "has no way back; a rollback stops here";
            let hint = format!("write the SQL that undoes it into `{name}`");
            self.findings.push(Finding::new(FindingCode::NoWayBack, entry.up_name(), message).hint(hint));
        }
        script
    }

    /// Compares what the files make with the snapshot.
    fn compare(&mut self, entry: &Entry, state: &SnapshotState, previous: Option<&Snapshot>) {
        let live = &self.live;
        let own = match state {
            SnapshotState::Read(snapshot) => Some(&snapshot.schema),
            _ => None,
        };
        let known: Vec<&Schema> = own.into_iter().chain(self.known.iter()).collect();
        let anew = || {
            let part = without(&live.schema, &self.hand_made);
            Mend::Snapshot { tag: entry.tag().to_owned(), schema: as_declared(&part, &known) }
        };
        if let Some(finding) = look_at_snapshot(entry, state, previous, own.is_none().then(anew)) {
            self.findings.push(finding);
        }
        let Some(declared) = own else { return };
        let part = declared_part(&live.schema, declared);
        let missing = differences(&part, declared);
        if !missing.is_empty() {
            let mend = Mend::Snapshot { tag: entry.tag().to_owned(), schema: as_declared(&part, &known) };
            if missing == self.told {
                let message =
                    format!("is not what the files make either; the fault begins before `{}`", entry.tag());
                self.findings.push(
                    Finding::new(FindingCode::SnapshotDiffers, entry.snapshot_name(), message).mend(mend),
                );
            } else {
                let message =
                    format!("is not what the files make: to be so it would still take {}", list(&missing));
                let hint = format!(
                    "undo the edit of `{}`, or let `seedbed check --fix` make the snapshot anew from the files",
                    entry.up_name()
                );
                let finding = Finding::new(FindingCode::SnapshotDiffers, entry.snapshot_name(), message);
                self.findings.push(finding.hint(hint).mend(mend));
            }
        }
        self.told = missing;
        self.hand_made = hand_made(&live.schema, declared);
        self.known = vec![declared.clone()];
    }
}
