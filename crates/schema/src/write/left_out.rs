//! Which tables no struct can say, and why: what the reader refuses, asked beforehand.

use crate::model::{DefaultValue, IndexTerm, Table};
use crate::sql::{SqlExpr, is_type_name, what_is_wrong};

/// Returns why the table cannot be a struct; `None` when it can.
pub(super) fn why(table: &Table) -> Option<String> {
    let has_default = |column: &str| {
        let default = table.column(column).and_then(|column| column.default.as_ref());
        default.is_some_and(|default| *default != DefaultValue::Null)
    };
    if table.columns.iter().all(|column| column.generated.is_some()) {
        return Some("every column of it is generated".to_owned());
    }
    if let Some(alias) = table.rowid_alias().filter(|alias| has_default(alias)) {
        return Some(format!("`{alias}` is the rowid and has a default, which SQLite never uses"));
    }
    for column in &table.columns {
        if column.name.is_empty() || column.name.contains('\0') {
            return Some("a column of it has no name".to_owned());
        }
        if !is_type_name(column.column_type.as_str()) {
            return Some(format!("`{}` is no type of the column `{}`", column.column_type, column.name));
        }
        if let Some(collation) = column.collation.as_deref().filter(|name| !is_word(name)) {
            return Some(format!("the collation `{collation}` of `{}` is no plain word", column.name));
        }
    }
    let key_parts = table.primary_key.iter().map(|key| &key.columns);
    for parts in key_parts.chain(table.uniques.iter().map(|unique| &unique.columns)) {
        for (at, part) in parts.iter().enumerate() {
            if parts[..at].iter().any(|other| other.name.eq_ignore_ascii_case(&part.name)) {
                return Some(format!("a key of it names the column `{}` twice", part.name));
            }
            if part.collation.as_deref().is_some_and(|name| !is_word(name)) {
                return Some(format!("the collation of `{}` in a key is no plain word", part.name));
            }
        }
    }
    odd_sql(table).or_else(|| same_names(table))
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// SQL that the reader would not take for an expression.
fn odd_sql(table: &Table) -> Option<String> {
    let wrong = |what: &str, expr: &SqlExpr| {
        what_is_wrong(expr.as_str()).map(|wrong| format!("the SQL of {what} {wrong}"))
    };
    let checks = table.checks.iter().find_map(|check| wrong("a check", &check.expr));
    let columns = || {
        table.columns.iter().find_map(|column| match (&column.generated, &column.default) {
            (Some(generated), _) => wrong("a generated column", &generated.expr),
            (None, Some(DefaultValue::Expr(expr))) => wrong("a default", expr),
            _ => None,
        })
    };
    let indexes = || {
        table.indexes.iter().find_map(|index| {
            let parts = index.columns.iter().find_map(|part| match &part.term {
                IndexTerm::Expr(expr) => wrong("an index", expr),
                IndexTerm::Column(_) => None,
            });
            parts.or_else(|| index.predicate.as_ref().and_then(|expr| wrong("an index", expr)))
        })
    };
    checks.or_else(columns).or_else(indexes)
}

/// Constraints of one table that share a name: SQLite does not mind, and none of them could be dropped by it.
fn same_names(table: &Table) -> Option<String> {
    let keys = table.primary_key.iter().filter_map(|key| key.name.as_ref());
    let uniques = table.uniques.iter().filter_map(|unique| unique.name.as_ref());
    let foreign_keys = table.foreign_keys.iter().filter_map(|key| key.name.as_ref());
    let checks = table.checks.iter().filter_map(|check| check.name.as_ref());
    let names: Vec<&String> = keys.chain(uniques).chain(foreign_keys).chain(checks).collect();
    let twice = names
        .iter()
        .enumerate()
        .find(|(at, name)| names[..*at].iter().any(|other| other.eq_ignore_ascii_case(name)));
    twice.map(|(_, name)| format!("two constraints of it are named `{name}`"))
}
