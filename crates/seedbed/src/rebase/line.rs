//! A branch that is run in memory, migration after migration, with what each leads to.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::backup::Backup;
use seedbed_schema::conflict;
use seedbed_schema::diff::Renames;
use seedbed_schema::model::{Dialect, Schema};
use seedbed_schema::snapshot::{self, Snapshot};

use super::error::{RebaseError, RebaseErrorKind};
use crate::check::layout::{Entry, Layout};
use crate::check::state::{Reader, State, as_declared, declared_part, differences, hand_made, without};
use crate::migrate::script::Script;
use crate::replay::{apply, in_memory};

/// A database in memory and what is declared about it.
pub(super) struct Line {
    pub(super) connection: Connection,
    reader: Reader,
    /// What the migrations so far declare.
    pub(super) schema: Schema,
    /// What they made beside that.
    hand_made: BTreeSet<String>,
    /// The snapshot of the newest migration.
    pub(super) snapshot: Option<Snapshot>,
    /// The scripts so far, those left out that ask for it.
    pub(super) scripts: Vec<Script>,
}

impl Line {
    pub(super) fn empty() -> Result<Self, RebaseError> {
        Ok(Self {
            connection: in_memory()?,
            reader: Reader::default(),
            schema: Schema::default(),
            hand_made: BTreeSet::new(),
            snapshot: None,
            scripts: Vec::new(),
        })
    }

    /// Begins another branch here.
    pub(super) fn fork(&self) -> Result<Self, RebaseError> {
        Ok(Self {
            connection: self.copy()?,
            reader: Reader::default(),
            schema: self.schema.clone(),
            hand_made: self.hand_made.clone(),
            snapshot: self.snapshot.clone(),
            scripts: self.scripts.clone(),
        })
    }

    /// Returns a copy of the database, to try something on.
    pub(super) fn copy(&self) -> Result<Connection, RebaseError> {
        let mut copy = in_memory()?;
        Backup::new(&self.connection, &mut copy)?.step(-1)?;
        Ok(copy)
    }

    /// Runs a migration and finds out what it declares. A snapshot that is this migration's is believed; where another
    /// branch's lies in its place, what it says is made anew. `known` tells of stored forms that no database knows.
    pub(super) fn advance(
        &mut self,
        layout: &Layout,
        entry: &Entry,
        is_alone: bool,
        known: Option<&Schema>,
    ) -> Result<(), RebaseError> {
        let script = read_script(&entry.up_name(), entry.up.as_deref())?;
        if !script.skip_replay {
            apply(&self.connection, &script)
                .map_err(|failure| RebaseErrorKind::Refused { tag: entry.tag().to_owned(), failure })?;
        }
        let live = self.read()?;
        let text = layout.snapshots.get(&entry.snapshot_name());
        let chosen = text.and_then(|text| self.choose(text, &live, is_alone));
        let schema = match &chosen {
            Some(snapshot) => snapshot.schema.clone(),
            None => {
                let known: Vec<&Schema> = std::iter::once(&self.schema).chain(known).collect();
                as_declared(&without(&live.schema, &self.hand_made), &known)
            }
        };
        self.keep(script, &live, schema, chosen);
        Ok(())
    }

    /// Takes a migration over whose outcome is known.
    pub(super) fn take(&mut self, script: Script, schema: Schema) -> Result<(), RebaseError> {
        if !script.skip_replay {
            apply(&self.connection, &script)
                .map_err(|failure| RebaseErrorKind::Refused { tag: script.name.clone(), failure })?;
        }
        let live = self.read()?;
        self.keep(script, &live, schema, None);
        Ok(())
    }

    fn keep(&mut self, script: Script, live: &State, schema: Schema, snapshot: Option<Snapshot>) {
        let previous = self.snapshot.as_ref().map(|snapshot| snapshot.id.as_str());
        let is_next = |snapshot: &Snapshot| snapshot.prev_id.as_deref() == previous;
        let snapshot = snapshot
            .filter(is_next)
            .unwrap_or_else(|| Snapshot::new(Dialect::Sqlite, previous, schema.clone()));
        self.hand_made = hand_made(&live.schema, &schema);
        self.schema = schema;
        self.snapshot = Some(snapshot);
        if !script.skip_replay {
            self.scripts.push(script);
        }
    }

    fn choose(&self, text: &str, live: &State, is_alone: bool) -> Option<Snapshot> {
        let candidates: Vec<Snapshot> = match conflict::sides(text) {
            Some(sides) => {
                [sides.ours, sides.theirs].iter().filter_map(|text| snapshot::parse(text).ok()).collect()
            }
            None => snapshot::parse(text).ok().into_iter().collect(),
        };
        let is_made = |snapshot: &&Snapshot| {
            differences(&declared_part(&live.schema, &snapshot.schema), &snapshot.schema).is_empty()
        };
        // What the snapshot does not name would pass for made by hand: it may be new only where nothing is declared,
        // in a migration by hand.
        let fits = |snapshot: &&Snapshot| {
            is_made(snapshot)
                && (hand_made(&live.schema, &snapshot.schema).is_subset(&self.hand_made)
                    || is_alone
                    || differences(&self.schema, &snapshot.schema).is_empty())
        };
        candidates.iter().find(fits).cloned()
    }

    pub(super) fn read(&mut self) -> Result<State, RebaseError> {
        Ok(self.reader.read(&self.connection)?)
    }

    pub(super) fn read_other(&mut self, connection: &Connection) -> Result<State, RebaseError> {
        Ok(self.reader.read(connection)?)
    }
}

pub(super) fn read_script(name: &str, text: Option<&str>) -> Result<Script, RebaseError> {
    let Some(text) = text else {
        return Err(RebaseErrorKind::NotInOrder {
            file: name.to_owned(),
            fault: "it is not there".to_owned(),
        }
        .into());
    };
    Script::parse(name, text).map_err(|error| {
        let fault = format!("line {}: {}", error.line, error.message);
        RebaseErrorKind::NotInOrder { file: name.to_owned(), fault }.into()
    })
}

/// Returns what a script renames on the way from one schema to the other, added to the `earlier` renames that lead from
/// `first` to `before`.
pub(super) fn renames(first: &Schema, earlier: &Renames, script: &Script, after: &Schema) -> Renames {
    let mut renames = Renames::default();
    for table in &first.tables {
        let was = earlier.new_table(&table.name);
        let is = script.renamed_table(&was);
        let Some(target) = after.table(&is) else { continue };
        if !is.eq_ignore_ascii_case(&table.name) {
            renames = renames.table(&table.name, &target.name);
        }
        for column in &table.columns {
            let of_table = earlier.columns.iter().find(|rename| {
                rename.table.eq_ignore_ascii_case(&was) && rename.from.eq_ignore_ascii_case(&column.name)
            });
            let name = of_table.map_or(column.name.as_str(), |rename| rename.to.as_str());
            let is = script.renamed_column(&was, name);
            if !is.eq_ignore_ascii_case(&column.name)
                && let Some(column_after) = target.column(&is)
            {
                renames = renames.column(&target.name, &column.name, &column_after.name);
            }
        }
    }
    renames
}
