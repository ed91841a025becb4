//! One table that both branches changed.

use super::parts::{merge_checks, merge_foreign_keys, merge_uniques};
use super::{Clash, Fate, fate, merge_named, union};
use crate::diff::{Renames, diff};
use crate::model::{Column, DefaultValue, EnumVariant, Index, Schema, StoredForm, Table};

/// Merges column by column, key by key.
pub(super) fn merge(base: &Table, onto: &Table, mine: &Table, clashes: &mut Vec<Clash>) -> Table {
    let mut merged = onto.clone();
    merged.columns = merge_columns(base, onto, mine, clashes);
    let subject = |what: &str| format!("{what} of {}", onto.name);
    let mut pick = |what: &str, is_onto: bool, is_mine: bool, is_both: bool| {
        if is_onto && is_mine && !is_both {
            clashes.push(Clash {
                subject: subject(what),
                onto: "changes it".to_owned(),
                mine: "changes it in another way".to_owned(),
            });
        }
        is_mine && !is_onto
    };
    if pick(
        "the primary key",
        base.primary_key != onto.primary_key,
        base.primary_key != mine.primary_key,
        onto.primary_key == mine.primary_key,
    ) {
        merged.primary_key.clone_from(&mine.primary_key);
    }
    // A switch that both change is changed the same way.
    if base.strict != mine.strict {
        merged.strict = mine.strict;
    }
    if base.without_rowid != mine.without_rowid {
        merged.without_rowid = mine.without_rowid;
    }
    merged.uniques = merge_uniques(base, onto, mine);
    merged.foreign_keys = merge_foreign_keys(base, onto, mine, clashes);
    merged.checks = merge_checks(base, onto, mine, &merged.columns, clashes);
    merged.indexes = merge_named(
        "index",
        [&base.indexes, &onto.indexes, &mine.indexes],
        |index: &Index| index.name.clone(),
        clashes,
    );
    merged
}

fn merge_columns(base: &Table, onto: &Table, mine: &Table, clashes: &mut Vec<Clash>) -> Vec<Column> {
    let mut merged = Vec::new();
    for name in union(onto.columns.iter().chain(&mine.columns).map(|column| column.name.as_str())) {
        let subject = || format!("{}.{name}", onto.name);
        let [was, one, other] = [base.column(name), onto.column(name), mine.column(name)];
        match fate(was, one, other, |one, other| one == other) {
            Fate::Is(column) => merged.push(column.clone()),
            Fate::Gone => {}
            Fate::Both(None, one, other) => clashes.push(Clash {
                subject: subject(),
                onto: format!("adds it as {}", describe(one)),
                mine: format!("adds it as {}", describe(other)),
            }),
            Fate::Both(Some(was), one, other) => {
                merged.push(merge_column(was, one, other, &subject(), clashes))
            }
            Fate::DroppedByOnto(was, other) => clashes.push(Clash {
                subject: subject(),
                onto: "drops it".to_owned(),
                mine: changes_to(was, other),
            }),
            Fate::DroppedByMine(was, one) => clashes.push(Clash {
                subject: subject(),
                onto: changes_to(was, one),
                mine: "drops it".to_owned(),
            }),
        }
    }
    merged
}

/// Merges one column side by side: its type with the stored form, NULL, default, collation, expression.
fn merge_column(
    was: &Column,
    onto: &Column,
    mine: &Column,
    subject: &str,
    clashes: &mut Vec<Clash>,
) -> Column {
    let mut merged = onto.clone();
    let mut clash =
        |onto: String, mine: String| clashes.push(Clash { subject: subject.to_owned(), onto, mine });
    let type_of = |column: &Column| (column.column_type.clone(), column.form.clone());
    match three_ways(&type_of(was), &type_of(onto), &type_of(mine)) {
        Some(mine_counts) if mine_counts => {
            merged.column_type = mine.column_type.clone();
            merged.form = mine.form.clone();
        }
        Some(_) => {}
        None => match both_enums(was, onto, mine) {
            Some(form) => merged.form = form,
            None => clash(format!("makes it {}", type_words(onto)), format!("makes it {}", type_words(mine))),
        },
    }
    // Either NULL is allowed or it is not, so two changes are the same change.
    if was.nullable != mine.nullable {
        merged.nullable = mine.nullable;
    }
    match three_ways(&was.default, &onto.default, &mine.default) {
        Some(true) => merged.default.clone_from(&mine.default),
        Some(false) => {}
        None => clash(default_words(onto), default_words(mine)),
    }
    match three_ways(&was.collation, &onto.collation, &mine.collation) {
        Some(true) => merged.collation.clone_from(&mine.collation),
        Some(false) => {}
        None => clash("changes its collation".to_owned(), "changes its collation in another way".to_owned()),
    }
    match three_ways(&was.generated, &onto.generated, &mine.generated) {
        Some(true) => merged.generated.clone_from(&mine.generated),
        Some(false) => {}
        None => {
            clash("changes its expression".to_owned(), "changes its expression in another way".to_owned())
        }
    }
    merged
}

/// Whether the value of mine counts; `None` when both changed it, each in another way.
fn three_ways<T: PartialEq>(was: &T, onto: &T, mine: &T) -> Option<bool> {
    if onto == mine || was == mine {
        Some(false)
    } else if was == onto {
        Some(true)
    } else {
        None
    }
}

/// Two branches that each add or remove values of an enum: what one adds is added, what one removes goes.
fn both_enums(was: &Column, onto: &Column, mine: &Column) -> Option<StoredForm> {
    let (StoredForm::TextEnum(was), StoredForm::TextEnum(onto_values), StoredForm::TextEnum(mine_values)) =
        (&was.form, &onto.form, &mine.form)
    else {
        return None;
    };
    if onto.column_type != mine.column_type {
        return None;
    }
    let has = |values: &[EnumVariant], value: &str| values.iter().any(|other| other.value == value);
    let mut values: Vec<EnumVariant> = onto_values
        .iter()
        .filter(|variant| has(mine_values, &variant.value) || !has(was, &variant.value))
        .cloned()
        .collect();
    let added =
        mine_values.iter().filter(|variant| !has(was, &variant.value) && !has(onto_values, &variant.value));
    values.extend(added.cloned());
    Some(StoredForm::TextEnum(values))
}

fn type_words(column: &Column) -> String {
    match &column.form {
        StoredForm::Plain => column.column_type.to_string(),
        StoredForm::TextEnum(values) => {
            let values: Vec<&str> = values.iter().map(|variant| variant.value.as_str()).collect();
            format!("one of {}", values.join(", "))
        }
        form => format!("{} ({form:?})", column.column_type),
    }
}

fn describe(column: &Column) -> String {
    let null = if column.nullable { "" } else { " NOT NULL" };
    let default = column.default.as_ref().map(|default| format!(" DEFAULT {}", value_words(default)));
    format!("{}{null}{}", type_words(column), default.unwrap_or_default())
}

fn default_words(column: &Column) -> String {
    match &column.default {
        Some(default) => format!("makes its default {}", value_words(default)),
        None => "takes its default away".to_owned(),
    }
}

fn value_words(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Null => "NULL".to_owned(),
        DefaultValue::Bool(value) => value.to_string().to_uppercase(),
        DefaultValue::Integer(value) => value.to_string(),
        DefaultValue::Real(value) => value.to_string(),
        DefaultValue::Text(value) => format!("'{value}'"),
        DefaultValue::Blob(_) => "a blob".to_owned(),
        DefaultValue::Expr(expr) => format!("({expr})"),
    }
}

fn changes_to(was: &Column, is: &Column) -> String {
    format!("changes it from {} to {}", describe(was), describe(is))
}

/// Both branches make a table of that name: told column by column.
pub(super) fn both_made(onto: &Table, mine: &Table, clashes: &mut Vec<Clash>) {
    let before = clashes.len();
    for name in union(onto.columns.iter().chain(&mine.columns).map(|column| column.name.as_str())) {
        let words = |column: Option<&Column>| match column {
            Some(column) => format!("makes it as {}", describe(column)),
            None => "makes the table without it".to_owned(),
        };
        if onto.column(name) != mine.column(name) {
            clashes.push(Clash {
                subject: format!("{}.{name}", onto.name),
                onto: words(onto.column(name)),
                mine: words(mine.column(name)),
            });
        }
    }
    if clashes.len() == before {
        clashes.push(Clash {
            subject: onto.name.clone(),
            onto: "makes it".to_owned(),
            mine: "makes it with other keys, conditions or indexes".to_owned(),
        });
    }
}

/// Says what a branch does to a table that the other one drops.
pub(super) fn what_changes(base: &Table, after: &Table) -> String {
    let schema = |table: &Table| Schema { tables: vec![table.clone()], ..Schema::default() };
    let changes = diff(&schema(base), &schema(after), &Renames::default().nothing_else())
        .map(|difference| difference.changes())
        .unwrap_or_default();
    let words: Vec<String> = changes.iter().map(|change| format!("`{change}`")).collect();
    if words.is_empty() { "changes it".to_owned() } else { format!("changes it: {}", words.join(", ")) }
}
