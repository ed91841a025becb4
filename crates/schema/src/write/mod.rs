//! Writes a schema as Rust source: the other way of `read`.
//!
//! ```text
//! Schema ──why_left_out──► tables that a struct can say ──names──► structs, fields, enums ──► text, as rustfmt lays it out
//!               │
//!               └────────► what it cannot say, each with the reason
//! ```
//!
//! The text is what the one reader reads back as the same schema, and the same schema always gives the same text.
//! Nothing is left out silently: what a struct has no words for comes back as a list. Nothing is guessed either: which
//! stored form a column has is the schema's to say, and [`infer_forms`] fills in what a database shows.

mod attribute;
mod column;
mod foreign_key;
mod forms;
mod left_out;
mod names;
mod table;
mod view;

use std::collections::BTreeMap;

use crate::model::{ColumnType, Schema, Table};
use names::Names;

pub use forms::infer_forms;

/// The columns of views by the view's name in lower case. A view's definition does not tell them without a database.
pub type ViewColumns = BTreeMap<String, Vec<ViewColumn>>;

/// A column of a view, as a database describes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewColumn {
    /// The SQL name.
    pub name: String,
    /// The declared type of the column behind it; empty for an expression.
    pub column_type: ColumnType,
}

/// A schema as Rust source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RustSource {
    /// The text of a file.
    pub text: String,
    /// What it does not say.
    pub left_out: Vec<LeftOut>,
}

impl RustSource {
    /// Whether the object is not in the text.
    pub fn leaves_out(&self, kind: &str, name: &str) -> bool {
        self.left_out.iter().any(|it| it.kind == kind && it.name.eq_ignore_ascii_case(name))
    }
}

/// Something that Rust source cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// `table`, `view`, `trigger` or `virtual table`, or `clause` when the table itself is there.
    pub kind: &'static str,
    /// The table, view or trigger.
    pub name: String,
    /// Why, a lowercase fragment.
    pub reason: String,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            "clause" => write!(f, "`{}` of the table `{}`", self.reason, self.name),
            kind => write!(f, "the {kind} `{}`: {}", self.name, self.reason),
        }
    }
}

/// Writes a schema as a file of Rust source; the lines of `heading` become its first comment.
///
/// ```
/// use seedbed_schema::model::{Column, Schema, Table};
/// use seedbed_schema::write::{ViewColumns, rust_source};
///
/// let column = Column { name: "userName".into(), ..Column::default() };
/// let schema = Schema { tables: vec![Table { name: "users".into(), columns: vec![column], ..Table::default() }], ..Schema::default() };
/// let source = rust_source(&schema, &ViewColumns::new(), "The tables.");
/// assert!(source.text.contains("pub struct User {\n    #[column(name = \"userName\", type = \"\")]\n    pub user_name: AnyValue,\n}"));
/// assert!(source.left_out.is_empty());
/// ```
pub fn rust_source(schema: &Schema, views: &ViewColumns, heading: &str) -> RustSource {
    let mut left_out = Vec::new();
    let mut tables: Vec<&Table> = Vec::new();
    for table in &schema.tables {
        match left_out::why(table) {
            Some(reason) => left_out.push(LeftOut { kind: "table", name: table.name.clone(), reason }),
            None => tables.push(table),
        }
        let clauses =
            table.unmodelled.iter().filter(|_| tables.last().is_some_and(|last| last.name == table.name));
        left_out.extend(clauses.map(|clause| LeftOut {
            kind: "clause",
            name: table.name.clone(),
            reason: clause.clone(),
        }));
    }
    let names = Names::new(&tables, &schema.views);
    let mut items: Vec<String> = Vec::new();
    let mut repeats_fields = false;
    for table in &tables {
        let written = table::item(table, &tables, &names);
        repeats_fields |= written.repeats_fields;
        items.push(written.text);
        items.extend(written.enums);
    }
    for known in &schema.views {
        match view::item(known, views, &names) {
            Ok(text) => items.push(text),
            Err(reason) => left_out.push(LeftOut { kind: "view", name: known.name.clone(), reason }),
        }
    }
    left_out.extend(schema.triggers.iter().map(|trigger| LeftOut {
        kind: "trigger",
        name: trigger.name.clone(),
        reason: "a struct declares no triggers".to_owned(),
    }));
    RustSource { text: file(heading, repeats_fields, &items), left_out }
}

fn file(heading: &str, repeats_fields: bool, items: &[String]) -> String {
    let mut text = String::new();
    for line in heading.lines() {
        text.push_str(format!("//! {line}").trim_end());
        text.push('\n');
    }
    if repeats_fields {
        text.push_str(
            "\n#![allow(\n    clippy::duplicated_attributes,\n    reason = \"a column may be in two indexes of its table\"\n)]\n",
        );
    }
    if !items.is_empty() {
        text.push_str("\nuse seedbed::prelude::*;\n");
    }
    for item in items {
        text.push('\n');
        text.push_str(item);
    }
    text
}
