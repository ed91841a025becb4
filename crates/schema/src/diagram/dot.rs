//! The diagram for Graphviz, which lays it out: `dot -Tsvg`.

use std::fmt::Write;

use super::entities::{Entities, Entity};
use super::escape;
use crate::model::Schema;

const GRAPH: &str = "digraph schema {
  graph [rankdir=\"LR\", bgcolor=\"white\", pad=\"0.4\", nodesep=\"0.4\", ranksep=\"1.1\"]
  node [shape=\"plain\", fontname=\"monospace\", fontsize=\"11\", fontcolor=\"#1e293b\"]
  edge [dir=\"both\", color=\"#64748b\", arrowsize=\"0.8\"]
";

/// Draws the tables for Graphviz, a node with a port for each column and an edge for each foreign key.
///
/// ```
/// use seedbed_schema::diagram::dot;
/// use seedbed_schema::model::{Column, Schema, Table};
///
/// let column = Column { name: "a<b".into(), ..Column::default() };
/// let schema = Schema { tables: vec![Table { name: "users".into(), columns: vec![column], ..Table::default() }], ..Schema::default() };
/// assert!(dot(&schema).contains("\"users\" [") && dot(&schema).contains(">a&lt;b<"));
/// ```
pub fn dot(schema: &Schema) -> String {
    let entities = Entities::new(schema);
    let mut text = GRAPH.to_owned();
    let names: Vec<String> = entities.boxes.iter().map(|entity| quoted(entity.name)).collect();
    for (entity, name) in entities.boxes.iter().zip(&names) {
        let _ = writeln!(text, "\n  {name} [tooltip={name}, label=<{}\n  >]", label(entity));
    }
    if !entities.relations.is_empty() {
        text.push('\n');
    }
    for relation in &entities.relations {
        let port = |row: Option<usize>, side: char, compass: char| match row {
            Some(row) => format!(":{side}{row}:{compass}"),
            None => format!(":{compass}"),
        };
        let sentence = quoted(&relation.sentence(entities.boxes[relation.child].name));
        let _ = writeln!(
            text,
            "  {}{} -> {}{} [arrowtail=\"{}\", arrowhead=\"{}\", tooltip={sentence}]",
            names[relation.parent],
            port(relation.parent_row, 'r', 'e'),
            names[relation.child],
            port(relation.child_row, 'l', 'w'),
            if relation.is_optional { "teeodot" } else { "teetee" },
            if relation.is_one_to_one { "teeodot" } else { "crowodot" },
        );
    }
    text.push_str("}\n");
    text
}

/// Writes the table that Graphviz draws. A port is a cell, so each row has one at its left and one at its right.
fn label(entity: &Entity<'_>) -> String {
    let mut text =
        "\n    <table border=\"1\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"4\" color=\"#64748b\" bgcolor=\"white\">"
            .to_owned();
    let color = if entity.is_missing { "#f8fafc" } else { "#e2e8f0" };
    let _ = write!(text, "\n      <tr><td colspan=\"4\" bgcolor=\"{color}\">{}</td></tr>", bold(entity.name));
    for (at, row) in entity.rows.iter().enumerate() {
        let name = if row.is_primary { bold(row.name) } else { escape(row.name) };
        let null = if row.nullable { "NULL" } else { "" };
        let _ = write!(
            text,
            "\n      <tr><td port=\"l{at}\">{}</td><td align=\"left\">{name}</td>\
             <td align=\"left\">{}</td><td port=\"r{at}\">{null}</td></tr>",
            row.marks().join(" "),
            escape(row.column_type),
        );
    }
    text.push_str("\n    </table>");
    text
}

/// Graphviz has no empty text inside of a tag.
fn bold(text: &str) -> String {
    let text = escape(text);
    if text.is_empty() { text } else { format!("<b>{text}</b>") }
}

/// Makes an identifier or an attribute; a backslash would begin one of Graphviz's own escapes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\0', '\n', '\r'], " "))
}
