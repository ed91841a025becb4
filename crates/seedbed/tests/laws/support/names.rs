//! Names for tables, columns and constraints: half of them plain, half of them such that they break what forgets to
//! quote.

use std::collections::BTreeSet;

use seedbed_schema::sql::quote_identifier;

use super::random::Random;

const TABLES: [&str; 18] = [
    "users",
    "posts",
    "comments",
    "tags",
    "nodes",
    "edges",
    "events",
    "files",
    "order",
    "group",
    "Mixed Case",
    "we\"ird",
    "semi;colon",
    "na\u{ef}ve",
    "dash-ed",
    "it's",
    "dot.ted",
    "index",
];

const COLUMNS: [&str; 26] = [
    "id",
    "name",
    "title",
    "kind",
    "level",
    "score",
    "body",
    "created_at",
    "note",
    "amount",
    "flag",
    "order",
    "group",
    "desc",
    "a b",
    "quo\"te",
    "\u{e9}t\u{e9}",
    "x.y",
    "CamelCase",
    "from",
    "2nd",
    "back`tick",
    "sq[uare]",
    "semi;colon",
    "it's",
    "values",
];

const CONSTRAINTS: [&str; 10] = [
    "range",
    "check",
    "must hold",
    "semi;colon",
    "it's",
    "quo\"te",
    "(paren",
    "a,b",
    "\u{3b1}\u{3b2}",
    "unique",
];

/// Names that are taken, without regard to case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken(BTreeSet<String>);

impl Taken {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(str::to_lowercase).collect())
    }

    pub(crate) fn take(&mut self, name: &str) {
        self.0.insert(name.to_lowercase());
    }

    /// Returns a name that is free, the wanted one if possible, and takes it.
    pub(crate) fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while self.0.contains(&name.to_lowercase()) {
            number += 1;
            name = format!("{wanted}{number}");
        }
        self.take(&name);
        name
    }

    pub(crate) fn table(&mut self, random: &mut Random) -> String {
        self.free(TABLES[random.below(TABLES.len())])
    }

    pub(crate) fn column(&mut self, random: &mut Random) -> String {
        self.free(COLUMNS[random.below(COLUMNS.len())])
    }

    pub(crate) fn constraint(&mut self, random: &mut Random) -> String {
        self.free(CONSTRAINTS[random.below(CONSTRAINTS.len())])
    }
}

/// Returns a name for use in an expression: bare where it may be and the dice say so, otherwise quoted.
pub(crate) fn spelled(name: &str, random: &mut Random) -> String {
    let is_plain =
        ["name", "title", "kind", "level", "score", "body", "note", "amount", "flag"].contains(&name);
    if is_plain && random.one_in(2) { name.to_owned() } else { quote_identifier(name) }
}
