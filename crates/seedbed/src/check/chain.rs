//! Runs a folder's migrations in memory, one by one: each has to make what its snapshot says, and each way back has
//! to lead to where it came from.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::backup::Backup;
use seedbed_schema::model::Schema;
use seedbed_schema::snapshot::Snapshot;

use super::files::{SnapshotState, look_at_snapshot, snapshot_of};
use super::finding::{Finding, FindingCode, Mend};
use super::layout::{Entry, Layout};
use super::state::{Reader, State, as_declared, declared_part, differences, hand_made, without};
use crate::migrate::Failure;
use crate::migrate::script::Script;
use crate::replay::{apply, in_memory};
use crate::rows;

/// How many of the newest migrations are tried on tables with rows; the older ones are tried on empty ones.
const WITH_ROWS: usize = 25;
/// From how many tables on rows take longer than they tell.
const TOO_MANY_TABLES: usize = 60;

/// Runs the migrations; returns how many were run.
pub(super) fn walk(
    layout: &Layout,
    entries: &[Entry],
    findings: &mut Vec<Finding>,
) -> Result<usize, rusqlite::Error> {
    let mut walk = Walk {
        main: in_memory()?,
        back: in_memory()?,
        reader: Reader::default(),
        known: Vec::new(),
        hand_made: BTreeSet::new(),
        told: Vec::new(),
        findings,
    };
    let mut previous: Option<Snapshot> = None;
    for (at, entry) in entries.iter().enumerate() {
        let state = snapshot_of(layout, entry);
        let with_rows = at + WITH_ROWS >= entries.len();
        let Some(live) = walk.forward(entry, with_rows)? else {
            // The chain is broken here; the snapshots behind it can still be looked at by themselves.
            look_at_rest(layout, &entries[at..], previous, walk.findings);
            return Ok(at);
        };
        walk.compare(entry, &state, previous.as_ref(), &live);
        previous = match state {
            SnapshotState::Read(snapshot) => Some(snapshot),
            _ => None,
        };
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

struct Walk<'f> {
    /// The database as it is after the migrations so far.
    main: Connection,
    /// A copy on which ways back are tried.
    back: Connection,
    reader: Reader,
    /// The schema that the last good snapshot declared.
    known: Vec<Schema>,
    /// What was made by hand until then.
    hand_made: BTreeSet<String>,
    /// The differences that were told last: a fault goes on through the snapshots behind it and is told once.
    told: Vec<String>,
    findings: &'f mut Vec<Finding>,
}

impl Walk<'_> {
    /// Runs a migration and tries its way back; `None` when it could not be run.
    fn forward(&mut self, entry: &Entry, with_rows: bool) -> Result<Option<State>, rusqlite::Error> {
        let Some(up) = &entry.up else { return Ok(None) };
        let script = match Script::parse(&entry.up_name(), up) {
            Ok(script) => script,
            Err(error) => {
                let finding = Finding::new(FindingCode::Script, entry.up_name(), error.message);
                self.findings.push(finding.at(error.line).hint(error.hint));
                return Ok(None);
            }
        };
        self.name_what_is_special(&script);
        let Some(before) = self.read(entry)? else { return Ok(None) };
        if script.skip_replay {
            return Ok(Some(before));
        }
        let down = self.down_script(entry, &script);
        if let Some(down) = &down
            && !script.no_transaction
        {
            self.there_and_back(entry, &script, down, &before, with_rows)?;
        }
        if let Err(failure) = apply(&self.main, &script) {
            self.findings.push(refused(FindingCode::Refused, &entry.up_name(), &failure));
            return Ok(None);
        }
        self.read(entry)
    }

    fn read(&mut self, entry: &Entry) -> Result<Option<State>, rusqlite::Error> {
        match self.reader.read(&self.main) {
            Ok(state) => Ok(Some(state)),
            Err(error) => {
                let message = match std::error::Error::source(&error) {
                    Some(cause) => format!("{error}: {cause}"),
                    None => error.to_string(),
                };
                self.findings.push(Finding::new(FindingCode::Refused, entry.up_name(), message));
                Ok(None)
            }
        }
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

    /// Goes forward and back again on a copy, which has to be as before then. What is wrong with the way forward is
    /// told when it is gone for good.
    fn there_and_back(
        &mut self,
        entry: &Entry,
        up: &Script,
        down: &Script,
        before: &State,
        with_rows: bool,
    ) -> Result<(), rusqlite::Error> {
        let with_rows = with_rows && before.schema.tables.len() < TOO_MANY_TABLES;
        // Rows that are made up may break what the migration demands of them; fewer do so less.
        let tries: &[usize] = if with_rows { &[2, 0] } else { &[0] };
        for rows in tries {
            Backup::new(&self.main, &mut self.back)?.step(-1)?;
            if *rows > 0 && rows::fill(&self.back, &before.schema, None, *rows, 1).is_err() {
                continue;
            }
            if apply(&self.back, up).is_err() {
                continue;
            }
            match apply(&self.back, down) {
                Err(failure) if *rows > 0 && failure.is_about_rows() => continue,
                Err(failure) => {
                    self.findings.push(refused(FindingCode::WayBackRefused, &entry.down_name(), &failure));
                    return Ok(());
                }
                Ok(()) => {}
            }
            if let Ok(after) = self.reader.read(&self.back) {
                let missing = after.missing(before);
                if !missing.is_empty() {
                    let message = format!("does not lead back: still to do would be {}", list(&missing));
                    let hint = format!("mend it, so that it undoes all that `{}` does", entry.up_name());
                    self.findings.push(
                        Finding::new(FindingCode::WayBackDiffers, entry.down_name(), message).hint(hint),
                    );
                }
            }
            return Ok(());
        }
        Ok(())
    }

    /// Compares what the files make with the snapshot.
    fn compare(&mut self, entry: &Entry, state: &SnapshotState, previous: Option<&Snapshot>, live: &State) {
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

fn refused(code: FindingCode, file: &str, failure: &Failure) -> Finding {
    let mut message = failure.message().to_owned();
    if let Some(row) = failure.offending_rows().first() {
        message.push_str(&format!(" (row {row})"));
    }
    let mut finding = Finding::new(code, file, message);
    finding.line = failure.line();
    finding.hint = failure.way_out().map(str::to_owned);
    finding
}

fn list(words: &[String]) -> String {
    const MOST: usize = 5;
    let mut shown: Vec<String> = words.iter().take(MOST).map(|word| format!("`{word}`")).collect();
    if words.len() > MOST {
        shown.push(format!("{} more", words.len() - MOST));
    }
    shown.join(", ")
}
