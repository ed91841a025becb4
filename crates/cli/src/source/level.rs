//! Takes from two schemas what one of their sources cannot know, so that only true differences are left.

use seedbed_schema::model::{Schema, StoredForm};

use super::Loaded;

/// Levels two schemas and returns what a person should know about it.
///
/// Triggers are compared when both sources can tell of them, and stored forms when both know them. What a folder's own
/// SQL made beside its schema is carried along when the other side is a declaration that does not name it.
pub(crate) fn level(from: &mut Loaded, to: &mut Loaded) -> Vec<String> {
    let mut notes = Vec::new();
    leave_hand_made(from, to, &mut notes);
    leave_hand_made(to, from, &mut notes);
    let has_triggers = !from.schema.triggers.is_empty() || !to.schema.triggers.is_empty();
    if !(from.holds_triggers && to.holds_triggers) {
        if has_triggers {
            let silent = if from.holds_triggers { &to.label } else { &from.label };
            notes.push(format!("triggers are not compared: `{silent}` cannot tell of them"));
        }
        from.schema.triggers.clear();
        to.schema.triggers.clear();
    }
    if !(from.knows_forms && to.knows_forms) {
        forget_forms(&mut from.schema);
        forget_forms(&mut to.schema);
    }
    notes
}

fn leave_hand_made(of: &mut Loaded, other: &Loaded, notes: &mut Vec<String>) {
    if !other.is_declared || of.made_by_hand.is_empty() {
        return;
    }
    let is_left =
        |name: &str, is_known: bool| !is_known && of.made_by_hand.contains(&name.to_ascii_lowercase());
    let mut left = Vec::new();
    let schema = &mut of.schema;
    schema.tables.retain(|table| {
        let goes = is_left(&table.name, other.schema.table(&table.name).is_some());
        left.extend(goes.then(|| table.name.clone()));
        !goes
    });
    for table in &mut schema.tables {
        let wanted =
            other.schema.table(&table.name).map(|table| table.indexes.as_slice()).unwrap_or_default();
        table.indexes.retain(|index| {
            let is_known = wanted.iter().any(|wanted| wanted.name.eq_ignore_ascii_case(&index.name));
            let goes = is_left(&index.name, is_known);
            left.extend(goes.then(|| index.name.clone()));
            !goes
        });
    }
    schema.views.retain(|view| {
        let goes = is_left(&view.name, other.schema.view(&view.name).is_some());
        left.extend(goes.then(|| view.name.clone()));
        !goes
    });
    if !left.is_empty() {
        notes.push(format!(
            "`{}` makes by hand, beside its schema, what is carried along and not compared: {}",
            of.label,
            left.join(", ")
        ));
    }
}

fn forget_forms(schema: &mut Schema) {
    for column in schema.tables.iter_mut().flat_map(|table| &mut table.columns) {
        column.form = StoredForm::Plain;
    }
}
