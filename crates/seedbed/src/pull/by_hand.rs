//! What a database has and Rust source does not say: triggers, virtual tables, tables and views that no struct can be.

use std::collections::BTreeSet;

use seedbed_schema::model::{Index, Schema};
use seedbed_schema::plan::{Hazard, HazardCode};
use seedbed_schema::sql::quote_identifier;
use seedbed_schema::write::LeftOut;

use super::{Pull, Text};
use crate::inspect::{Inspection, is_hidden};

/// The part of a database that structs may say.
pub(super) struct Sayable {
    pub(super) schema: Schema,
    pub(super) left_out: Vec<LeftOut>,
}

/// Leaves out the views that read what is made by hand, since that is made after them.
pub(super) fn sayable(live: &Inspection, unsaid: &[LeftOut]) -> Sayable {
    let mut schema = live.schema.clone();
    let mut left_out = Vec::new();
    let unsaid = unsaid.iter().filter(|it| matches!(it.kind, "table" | "view")).map(|it| &it.name);
    let mut later: BTreeSet<String> =
        live.virtual_tables.iter().chain(unsaid).map(|name| name.to_ascii_lowercase()).collect();
    for name in &live.virtual_tables {
        let reason = "a struct is no virtual table".to_owned();
        left_out.push(LeftOut { kind: "virtual table", name: name.clone(), reason });
    }
    loop {
        let reads_later = |name: &String| later.contains(&name.to_ascii_lowercase());
        let found =
            schema.views.iter().position(|view| view.definition.identifiers().any(|name| reads_later(&name)));
        let Some(at) = found else { return Sayable { schema, left_out } };
        let view = schema.views.remove(at);
        later.insert(view.name.to_ascii_lowercase());
        let reason = "it reads what no struct says".to_owned();
        left_out.push(LeftOut { kind: "view", name: view.name, reason });
    }
}

/// The statements of a migration by hand.
pub(super) struct ByHand<'p> {
    texts: Vec<&'p Text>,
    pub(super) up: Vec<String>,
    pub(super) down: Vec<String>,
}

impl<'p> ByHand<'p> {
    pub(super) fn of(pull: &'p Pull) -> Self {
        let is_by_hand = |text: &&Text| match text.kind.as_str() {
            "table" => {
                // The shadow tables of a virtual one are neither; SQLite makes them with it.
                let is_known = pull.live.schema.table(&text.name).is_some()
                    || pull.live.virtual_tables.contains(&text.name);
                is_known && pull.declared.table(&text.name).is_none()
            }
            "index" => {
                let declared = pull.declared.table(&text.table);
                let is_declared = |index: &Index| index.name.eq_ignore_ascii_case(&text.name);
                pull.live.schema.table(&text.table).is_some()
                    && declared.is_none_or(|table| !table.indexes.iter().any(is_declared))
            }
            "view" => pull.declared.view(&text.name).is_none(),
            _ => true,
        };
        let visible = pull.texts.iter().filter(|text| !is_hidden(&text.name) && !is_hidden(&text.table));
        let mut texts: Vec<&Text> = visible.filter(is_by_hand).collect();
        texts.sort_by_key(|text| {
            ["table", "index", "view", "trigger"].iter().position(|kind| *kind == text.kind)
        });
        let mut by_hand = Self { texts, up: Vec::new(), down: Vec::new() };
        by_hand.write();
        by_hand
    }

    fn write(&mut self) {
        self.up = self.texts.iter().map(|text| text.sql.clone()).collect();
        let drop = |text: &&&Text| {
            let drop = format!("DROP {} {}", text.kind.to_ascii_uppercase(), quote_identifier(&text.name));
            if text.kind != "table" {
                return drop;
            }
            let loss = Hazard::new(
                HazardCode::DropTable,
                &text.name,
                None,
                "the table and all its rows are dropped",
            );
            format!("-- hazard: {loss}\n{drop}")
        };
        // An index goes with its table.
        let dropped = self.texts.iter().rev().filter(|text| text.kind != "index");
        self.down = dropped.map(|text| drop(&text)).collect();
    }

    /// Runs the statements one by one. A view or a trigger that does not run is none that works in the database itself,
    /// so it is taken out and returned; whether all others run is returned, too.
    pub(super) fn try_out<E>(&mut self, run: impl Fn(&str) -> Result<(), E>) -> (bool, Vec<(&'p Text, E)>) {
        let (lazy, eager): (Vec<&Text>, Vec<&Text>) =
            self.texts.iter().copied().partition(|text| matches!(text.kind.as_str(), "view" | "trigger"));
        let runs = eager.iter().all(|text| run(&text.sql).is_ok());
        if !runs {
            return (false, Vec::new());
        }
        self.texts = eager;
        let mut waiting = lazy;
        // A view may read one that was made later.
        loop {
            let (before, mut broken) = (self.texts.len(), Vec::new());
            for text in std::mem::take(&mut waiting) {
                match run(&text.sql) {
                    Ok(()) => self.texts.push(text),
                    Err(error) => broken.push((text, error)),
                }
            }
            if self.texts.len() == before || broken.is_empty() {
                self.write();
                return (true, broken);
            }
            waiting = broken.into_iter().map(|(text, _)| text).collect();
        }
    }

    /// Returns the statements that make all but triggers.
    pub(super) fn before_triggers(&self) -> impl Iterator<Item = String> + '_ {
        self.texts.iter().filter(|text| text.kind != "trigger").map(|text| text.sql.clone())
    }

    /// Returns the statements that make the triggers.
    pub(super) fn triggers(&self) -> impl Iterator<Item = String> + '_ {
        self.texts.iter().filter(|text| text.kind == "trigger").map(|text| text.sql.clone())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Returns what is made, in words.
    pub(super) fn names(&self) -> Vec<String> {
        self.texts.iter().map(|text| format!("{} `{}`", text.kind, text.name)).collect()
    }
}
