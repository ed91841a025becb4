//! The keys and conditions of a table that both branches changed, and whether all that they name is still there.

use super::{Clash, Fate, fate};
use crate::model::{Check, Column, ForeignKey, IndexTerm, Schema, StoredForm, Table, Unique};
use crate::sql::SqlExpr;

/// UNIQUE constraints are what they range over: one that a branch adds is added, one that a branch drops goes.
pub(super) fn merge_uniques(base: &Table, onto: &Table, mine: &Table) -> Vec<Unique> {
    merge_sets(&base.uniques, &onto.uniques, &mine.uniques)
}

fn merge_sets<T: PartialEq + Clone>(base: &[T], onto: &[T], mine: &[T]) -> Vec<T> {
    let mut merged: Vec<T> =
        onto.iter().filter(|one| mine.contains(one) || !base.contains(one)).cloned().collect();
    merged.extend(mine.iter().filter(|one| !base.contains(one) && !onto.contains(one)).cloned());
    merged
}

/// Foreign keys go by the columns that refer.
pub(super) fn merge_foreign_keys(
    base: &Table,
    onto: &Table,
    mine: &Table,
    clashes: &mut Vec<Clash>,
) -> Vec<ForeignKey> {
    let find = |table: &'_ Table, columns: &[String]| {
        table.foreign_keys.iter().position(|key| key.columns == columns)
    };
    let mut merged: Vec<ForeignKey> = Vec::new();
    let mut seen: Vec<&[String]> = Vec::new();
    for key in onto.foreign_keys.iter().chain(&mine.foreign_keys) {
        if seen.contains(&key.columns.as_slice()) {
            continue;
        }
        seen.push(&key.columns);
        let was = find(base, &key.columns).map(|at| &base.foreign_keys[at]);
        let one = find(onto, &key.columns).map(|at| &onto.foreign_keys[at]);
        let other = find(mine, &key.columns).map(|at| &mine.foreign_keys[at]);
        let subject = format!("foreign key {} ({})", onto.name, key.columns.join(", "));
        let words = |key: &ForeignKey| {
            format!(
                "makes it refer to {} ({}) ON DELETE {} ON UPDATE {}",
                key.referenced_table,
                key.referenced_columns.join(", "),
                key.on_delete.as_sql(),
                key.on_update.as_sql()
            )
        };
        match fate(was, one, other, |one, other| one == other) {
            Fate::Is(key) => merged.push(key.clone()),
            Fate::Gone => {}
            Fate::Both(_, one, other) => {
                clashes.push(Clash { subject, onto: words(one), mine: words(other) })
            }
            Fate::DroppedByOnto(_, other) => {
                clashes.push(Clash { subject, onto: "drops it".to_owned(), mine: words(other) });
            }
            Fate::DroppedByMine(_, one) => {
                clashes.push(Clash { subject, onto: words(one), mine: "drops it".to_owned() });
            }
        }
    }
    merged
}

/// Conditions go by name. That of an enum follows the values of its column.
pub(super) fn merge_checks(
    base: &Table,
    onto: &Table,
    mine: &Table,
    columns: &[Column],
    clashes: &mut Vec<Clash>,
) -> Vec<Check> {
    let is_named = |check: &&Check| check.name.is_some();
    let unnamed =
        |table: &Table| table.checks.iter().filter(|check| !is_named(check)).cloned().collect::<Vec<_>>();
    let named = |table: &Table| table.checks.iter().filter(is_named).cloned().collect::<Vec<_>>();
    let follows_enum = |check: &Check, table: &Table| {
        table
            .columns
            .iter()
            .find(|column| enum_condition(column).is_some_and(|expr| expr == check.expr))
            .map(|column| column.name.clone())
    };
    let mut checks: [Vec<Check>; 3] = [named(base), named(onto), named(mine)];
    // In all three the condition of the column's enum: whatever the values became, it says them.
    for (list, table) in checks.iter_mut().zip([base, onto, mine]) {
        for check in list.iter_mut() {
            let merged = follows_enum(check, table)
                .and_then(|name| columns.iter().find(|column| column.name.eq_ignore_ascii_case(&name)))
                .and_then(enum_condition);
            if let Some(expr) = merged {
                check.expr = expr;
            }
        }
    }
    let [in_base, in_onto, in_mine] = &checks;
    let mut merged = super::merge_named(
        "check",
        [in_base, in_onto, in_mine],
        |check: &Check| check.name.clone().unwrap_or_default(),
        clashes,
    );
    merged.extend(merge_sets(&unnamed(base), &unnamed(onto), &unnamed(mine)));
    merged
}

fn enum_condition(column: &Column) -> Option<SqlExpr> {
    let StoredForm::TextEnum(values) = &column.form else { return None };
    Some(SqlExpr::one_of(&column.name, values.iter().map(|variant| variant.value.as_str())))
}

/// A key or an index of one branch that names a column or a table which the other one drops.
pub(super) fn refuse_dangling(merged: &Schema, onto: &Schema, mine: &Schema, clashes: &mut Vec<Clash>) {
    for table in &merged.tables {
        let lacks = |name: &str| table.column(name).is_none();
        let was_column = |schema: &Schema, name: &str| {
            schema.table(&table.name).is_some_and(|table| table.column(name).is_some())
        };
        let mut refuse = |what: String, column: &str| {
            let (uses, drops) = (format!("has {what} on it"), "drops it".to_owned());
            // Who still has the column is who uses it.
            let (of_onto, of_mine) = if was_column(mine, column) { (drops, uses) } else { (uses, drops) };
            let subject = format!("{}.{column}", table.name);
            clashes.push(Clash { subject, onto: of_onto, mine: of_mine });
        };
        for (what, column) in named_columns(table) {
            if lacks(&column) {
                refuse(what, &column);
            }
        }
        for key in &table.foreign_keys {
            let parent = merged.table(&key.referenced_table);
            let dropped_column = key
                .referenced_columns
                .iter()
                .find(|name| parent.is_some_and(|parent| parent.column(name).is_none()));
            let subject = match (parent, dropped_column) {
                (None, _) => key.referenced_table.clone(),
                (Some(parent), Some(column)) => format!("{}.{column}", parent.name),
                _ => continue,
            };
            let refers = format!("has `{}` ({}) refer to it", table.name, key.columns.join(", "));
            let drops = "drops it".to_owned();
            let is_gone_in_onto = match dropped_column {
                Some(column) => {
                    onto.table(&key.referenced_table).is_none_or(|parent| parent.column(column).is_none())
                }
                None => onto.table(&key.referenced_table).is_none(),
            };
            let is_in_mine = mine.table(&key.referenced_table).is_some();
            if !is_gone_in_onto && !is_in_mine {
                clashes.push(Clash { subject, onto: refers, mine: drops });
            } else if is_gone_in_onto && is_in_mine {
                clashes.push(Clash { subject, onto: drops, mine: refers });
            }
        }
    }
}

/// Returns the columns that keys, conditions and indexes name, with what names them.
fn named_columns(table: &Table) -> Vec<(String, String)> {
    let mut named = Vec::new();
    for part in table.primary_key.iter().flat_map(|key| &key.columns) {
        named.push(("the primary key".to_owned(), part.name.clone()));
    }
    for part in table.uniques.iter().flat_map(|unique| &unique.columns) {
        named.push(("a UNIQUE constraint".to_owned(), part.name.clone()));
    }
    for key in &table.foreign_keys {
        named.extend(key.columns.iter().map(|name| ("a foreign key".to_owned(), name.clone())));
    }
    for index in &table.indexes {
        for part in &index.columns {
            if let IndexTerm::Column(name) = &part.term {
                named.push((format!("index `{}`", index.name), name.clone()));
            }
        }
    }
    named
}
