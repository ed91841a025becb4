//! Foreign keys: by the struct and its fields where the reader would follow, by SQL names where it would not.

use super::attribute::{Arg, string};
use super::names::Names;
use crate::model::{Action, ForeignKey, Table};
use crate::sql::quote_identifier;

/// Returns the `references = …` of a key, and what else it says: actions, `deferred`.
pub(super) fn args(table: &Table, key: &ForeignKey, tables: &[&Table], names: &Names) -> Vec<Arg> {
    let target = match by_struct(table, key, tables, names) {
        Some(path) => path,
        None => format!("sql({})", string(&by_sql(key))),
    };
    let mut args = vec![Arg::value("references", &target)];
    for (name, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
        let text = action.as_sql().to_ascii_lowercase();
        args.extend((!action.is_no_action()).then(|| Arg::text(name, &text)));
    }
    args.extend(key.deferred.then(|| Arg::flag("deferred")));
    args
}

/// Returns `User::id` or `User(first, second)`; `None` when the reader refuses such a key: a table that no struct
/// declares, columns that are not unique or of another type, an action that could never run.
fn by_struct(table: &Table, key: &ForeignKey, tables: &[&Table], names: &Names) -> Option<String> {
    let target = tables.iter().find(|other| other.name.eq_ignore_ascii_case(&key.referenced_table))?;
    let columns: Vec<String> = if key.referenced_columns.is_empty() {
        target.primary_key.as_ref()?.columns.iter().map(|part| part.name.clone()).collect()
    } else {
        key.referenced_columns.clone()
    };
    if columns.len() != key.columns.len() || !target.is_parent_key(&columns) {
        return None;
    }
    for (name, referenced) in key.columns.iter().zip(&columns) {
        let (column, other) = (table.column(name)?, target.column(referenced)?);
        let is_unknown = column.column_type.as_str().is_empty() || other.column_type.as_str().is_empty();
        let same = column.column_type.affinity() == other.column_type.affinity()
            && (column.form == other.form || column.form.is_plain() || other.form.is_plain());
        let could_run = [key.on_delete, key.on_update].iter().all(|action| match action {
            Action::SetNull => column.nullable,
            Action::SetDefault => column.nullable || column.default.is_some(),
            _ => true,
        });
        if !(could_run && (same || is_unknown)) {
            return None;
        }
    }
    let fields: Vec<&str> = columns.iter().map(|name| names.of_field(&target.name, name)).collect();
    let name = names.of_table(&target.name);
    Some(match fields.as_slice() {
        [field] => format!("{name}::{field}"),
        fields => format!("{name}({})", fields.join(", ")),
    })
}

fn by_sql(key: &ForeignKey) -> String {
    let table = sql_name(&key.referenced_table);
    if key.referenced_columns.is_empty() {
        return table;
    }
    let columns: Vec<String> = key.referenced_columns.iter().map(|name| sql_name(name)).collect();
    format!("{table}({})", columns.join(", "))
}

/// Returns a name for SQL in an attribute: in quotes only where it needs them.
pub(super) fn sql_name(name: &str) -> String {
    if crate::sql::is_bare_identifier(name) { name.to_owned() } else { quote_identifier(name) }
}
