//! The diagram as Mermaid's `erDiagram`, which many pages and editors draw where it stands in Markdown.
//!
//! Mermaid's names are narrower than SQL's: what it cannot read is replaced, and the true name of a column stands behind
//! it in quotes.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::entities::{Entities, Relation, Row};
use crate::model::Schema;

/// Draws the tables as Mermaid.
///
/// ```
/// use seedbed_schema::diagram::mermaid;
/// use seedbed_schema::model::{Column, Schema, Table};
///
/// let column = Column { name: "full name".into(), nullable: true, ..Column::default() };
/// let schema = Schema { tables: vec![Table { name: "users".into(), columns: vec![column], ..Table::default() }], ..Schema::default() };
/// assert_eq!(mermaid(&schema), "erDiagram\n    \"users\" {\n        any full_name \"full name, NULL\"\n    }\n");
/// ```
pub fn mermaid(schema: &Schema) -> String {
    let entities = Entities::new(schema);
    let mut taken = BTreeSet::new();
    let names: Vec<String> =
        entities.boxes.iter().map(|entity| unique(&quoted(entity.name), &mut taken)).collect();
    let mut text = "erDiagram\n".to_owned();
    for (entity, name) in entities.boxes.iter().zip(&names) {
        let _ = writeln!(text, "    \"{name}\" {{");
        let mut taken = BTreeSet::new();
        for row in &entity.rows {
            let _ = writeln!(text, "        {}", attribute(row, &mut taken));
        }
        text.push_str("    }\n");
    }
    for relation in &entities.relations {
        let _ = writeln!(
            text,
            "    \"{}\" {} \"{}\" : \"{}\"",
            names[relation.parent],
            line(relation),
            names[relation.child],
            quoted(&relation.key.columns.join(", ")),
        );
    }
    text
}

fn line(relation: &Relation<'_>) -> String {
    let parent = if relation.is_optional { "|o" } else { "||" };
    let child = if relation.is_one_to_one { "o|" } else { "o{" };
    format!("{parent}--{child}")
}

fn attribute(row: &Row<'_>, taken: &mut BTreeSet<String>) -> String {
    let or = |word: String, otherwise: &str| if word.is_empty() { otherwise.to_owned() } else { word };
    let column_type = or(word(row.column_type), "any");
    let name = unique(&or(word(row.name), "_"), taken);
    let mut notes = Vec::new();
    if name != row.name {
        notes.push(quoted(row.name));
    }
    if row.nullable {
        notes.push("NULL".to_owned());
    }
    let mut text = format!("{column_type} {name}");
    let marks = row.marks();
    if !marks.is_empty() {
        let _ = write!(text, " {}", marks.join(", "));
    }
    if !notes.is_empty() {
        let _ = write!(text, " \"{}\"", notes.join(", "));
    }
    text
}

/// Makes text that may stand in double quotes. A percent sign begins a comment even there, and the words `direction LR`
/// are obeyed wherever they are.
fn quoted(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|character| match character {
            '"' => '\'',
            '%' | '\\' | ';' | '#' => '_',
            '<' => '‹',
            '>' => '›',
            other if other.is_control() => ' ',
            other => other,
        })
        .collect();
    let lower = clean.to_ascii_lowercase();
    let is_order =
        lower.match_indices("direction").any(|(at, _)| clean[at + 9..].starts_with(char::is_whitespace));
    match clean.trim() {
        "" => "_".to_owned(),
        _ if is_order => clean.split_whitespace().collect::<Vec<_>>().join("_"),
        _ => clean,
    }
}

/// Makes a word of letters, digits and underscores, and of parentheses in a type.
fn word(text: &str) -> String {
    let mut word = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '(' | ')' => word.push(character),
            ',' => word.push('-'),
            other if other == '_' || other.is_ascii_alphanumeric() => word.push(other),
            other if ('\u{c0}'..='\u{d7ff}').contains(&other) && other.is_alphanumeric() => word.push(other),
            _ => word.push('_'),
        }
    }
    let is_mark = ["PK", "FK", "UK"].iter().any(|mark| word.eq_ignore_ascii_case(mark));
    let starts_well = word.starts_with(|first: char| first == '_' || first.is_alphabetic());
    if is_mark || !(starts_well || word.is_empty()) { format!("_{word}") } else { word }
}

/// Appends a number to a name that is taken. Mermaid would take two for one.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_usize..).map(|number| format!("{name}_{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.expect("numbers do not end");
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::{quoted, word};

    #[test]
    fn names_that_mermaid_reads_otherwise_are_replaced() {
        assert_eq!(quoted("a\"b%%c\\"), "a'b__c_");
        assert_eq!(quoted("the direction LR"), "the_direction_LR");
        assert_eq!(quoted("\n"), "_");
        assert_eq!(word("pk"), "_pk");
        assert_eq!(word("2nd name"), "_2nd_name");
        assert_eq!(word("DECIMAL(10,2)"), "DECIMAL(10-2)");
    }
}
