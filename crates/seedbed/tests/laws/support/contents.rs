//! What is in the tables, and whether it is still there after a migration.
//!
//! Rows are told apart by rowid where both sides have the same one, otherwise by all values that both sides hold.
//! Values of a column that did not change must be the same; converted ones must mean the same.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::{Value, ValueRef};
use seedbed_schema::diff::Renames;
use seedbed_schema::model::{Affinity, Schema, StoredForm, Table};
use seedbed_schema::sql::quote_identifier;

use super::meet::{Shared, counterpart, shared_columns};

/// The rows of every table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contents {
    tables: BTreeMap<String, Vec<Row>>,
    /// The counters of AUTOINCREMENT.
    counters: BTreeMap<String, i64>,
}

/// A row: values by lower-case column name, the rowid under an empty one.
type Row = BTreeMap<String, Value>;

impl Contents {
    pub(crate) fn read(connection: &Connection, schema: &Schema) -> rusqlite::Result<Self> {
        let mut tables = BTreeMap::new();
        for table in &schema.tables {
            tables.insert(table.name.to_lowercase(), read_rows(connection, table)?);
        }
        let has_counters =
            connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'")?.exists([])?;
        let mut counters = BTreeMap::new();
        if has_counters {
            let mut select = connection.prepare("SELECT name, seq FROM sqlite_sequence")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                counters.insert(row.get::<_, String>(0)?.to_lowercase(), row.get(1)?);
            }
        }
        Ok(Self { tables, counters })
    }

    /// Says which rows are not among the others to the letter. The rowid counts where nothing else is a key.
    pub(crate) fn missing_from(&self, other: &Self, schema: &Schema) -> Vec<String> {
        let mut missing = Vec::new();
        for table in &schema.tables {
            let name = table.name.to_lowercase();
            let (Some(rows), Some(others)) = (self.tables.get(&name), other.tables.get(&name)) else {
                continue;
            };
            let values = |row: &Row| {
                row.iter()
                    .filter(|(name, _)| !name.is_empty())
                    .map(|(_, value)| value.clone())
                    .collect::<Vec<_>>()
            };
            let mut left: Vec<Vec<Value>> = others.iter().map(values).collect();
            for row in rows {
                let row = values(row);
                match left.iter().position(|other| *other == row) {
                    Some(at) => drop(left.swap_remove(at)),
                    None => missing.push(format!("{}: {row:?} among {left:?}", table.name)),
                }
            }
        }
        missing
    }

    pub(crate) fn row_count(&self) -> usize {
        self.tables.values().map(Vec::len).sum()
    }
}

fn read_rows(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Row>> {
    let mut names: Vec<String> = table.columns.iter().map(|column| column.name.to_lowercase()).collect();
    let mut selected: Vec<String> =
        table.columns.iter().map(|column| quote_identifier(&column.name)).collect();
    if !table.without_rowid && table.column("rowid").is_none() {
        names.push(String::new());
        selected.push("rowid".to_owned());
    }
    let sql = format!("SELECT {} FROM {}", selected.join(", "), quote_identifier(&table.name));
    let mut select = connection.prepare(&sql)?;
    let rows = select.query_map([], |row| {
        names.iter().enumerate().map(|(at, name)| Ok((name.clone(), stored(row.get_ref(at)?)))).collect()
    })?;
    rows.collect()
}

/// A text that is no UTF-8 (`lower(x'ff')` makes one) is looked at as bytes.
fn stored(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Blob(bytes.to_vec()),
        },
        other => Value::try_from(other).expect("only text can be malformed"),
    }
}

/// Says what was lost between two contents; nothing when all that both schemas can hold is there.
pub(crate) fn losses(
    (before, old): (&Schema, &Contents),
    (after, new): (&Schema, &Contents),
    renames: &Renames,
) -> Vec<String> {
    let mut losses = Vec::new();
    for table in &before.tables {
        let Some(wanted) = counterpart(table, after, renames) else { continue };
        let (Some(old_rows), Some(new_rows)) =
            (old.tables.get(&table.name.to_lowercase()), new.tables.get(&wanted.name.to_lowercase()))
        else {
            losses.push(format!("table {} was not read", table.name));
            continue;
        };
        if old_rows.len() != new_rows.len() {
            losses.push(format!("{}: {} rows became {}", table.name, old_rows.len(), new_rows.len()));
            continue;
        }
        let shared = shared_columns(table, wanted, renames);
        compare_rows(table, wanted, &shared, renames, (old_rows, new_rows), &mut losses);
        let counter = |contents: &Contents, table: &Table| {
            let counted = table.primary_key.as_ref().is_some_and(|key| key.autoincrement);
            contents.counters.get(&table.name.to_lowercase()).copied().filter(|_| counted)
        };
        if wanted.primary_key.as_ref().is_some_and(|key| key.autoincrement)
            && let Some(old_counter) = counter(old, table)
            && counter(new, wanted).is_none_or(|new_counter| new_counter < old_counter)
        {
            losses.push(format!("{}: the AUTOINCREMENT counter {old_counter} was lost", table.name));
        }
    }
    losses
}

fn compare_rows(
    before: &Table,
    after: &Table,
    shared: &[Shared<'_>],
    renames: &Renames,
    (old_rows, new_rows): (&[Row], &[Row]),
    losses: &mut Vec<String>,
) {
    let old_alias = before.rowid_alias().and_then(|name| before.column(name));
    let alias_kept = match (old_alias, after.rowid_alias()) {
        (None, None) => true,
        (Some(old), Some(new)) => {
            shared.iter().any(|pair| pair.before.name == old.name && pair.after.name == new)
        }
        _ => false,
    };
    let by_rowid = alias_kept && !before.without_rowid && !after.without_rowid;
    let fits = |old: &Row, new: &Row| {
        let same_rowid = !by_rowid || old.get("") == new.get("");
        same_rowid
            && shared.iter().all(|pair| {
                let (old, new) = (value(old, &pair.before.name), value(new, &pair.after.name));
                is_kept(pair, &after.name, renames, old, new)
            })
    };
    let same = |old: &Row, new: &Row| {
        fits(old, new)
            && shared.iter().all(|pair| value(old, &pair.before.name) == value(new, &pair.after.name))
    };
    let mut left: Vec<&Row> = new_rows.iter().collect();
    // What is the same to the letter belongs together; a NULL that took a default could then be any of the rest.
    let mut open: Vec<&Row> = Vec::new();
    for old in old_rows {
        match left.iter().position(|new| same(old, new)) {
            Some(at) => {
                left.swap_remove(at);
            }
            None => open.push(old),
        }
    }
    // Those that fit fewest choose first.
    open.sort_by_key(|old| left.iter().filter(|new| fits(old, new)).count());
    for old in open {
        match left.iter().position(|new| fits(old, new)) {
            Some(at) => {
                left.swap_remove(at);
            }
            None => losses.push(format!("{}: no row means {old:?} among {left:?}", before.name)),
        }
    }
}

fn value<'a>(row: &'a Row, column: &str) -> &'a Value {
    row.get(&column.to_lowercase()).unwrap_or(&Value::Null)
}

/// Whether a value is there still, as far as the new column can hold it.
fn is_kept(pair: &Shared<'_>, table: &str, renames: &Renames, old: &Value, new: &Value) -> bool {
    if *old == Value::Null {
        // NOT NULL takes the default or the backfill.
        return *new == Value::Null || !pair.after.nullable;
    }
    match (&pair.before.form, &pair.after.form) {
        (StoredForm::TextEnum(_), StoredForm::TextEnum(_)) => {
            let renamed = renames.variants.iter().find(|rename| {
                rename.table.eq_ignore_ascii_case(table)
                    && rename.column.eq_ignore_ascii_case(&pair.after.name)
                    && text(old) == Some(rename.from.as_str())
            });
            renamed.map_or(old == new, |rename| text(new) == Some(rename.to.as_str()))
        }
        (one, other) if one == other && !pair.is_converted() => old == new,
        (one, other) if is_time(one) && is_time(other) => {
            let (old, new) = (milliseconds(one, old), milliseconds(other, new));
            // A second is as exact as the coarser form gets.
            old.zip(new).is_some_and(|(old, new)| (old - new).abs() < 1_000)
        }
        (StoredForm::UuidText | StoredForm::UuidBlob, StoredForm::UuidText | StoredForm::UuidBlob) => {
            hexadecimal(old) == hexadecimal(new)
        }
        _ => is_cast(old, new, pair.after.column_type.affinity()),
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn is_time(form: &StoredForm) -> bool {
    matches!(form, StoredForm::TimestampText | StoredForm::UnixSeconds | StoredForm::UnixMilliseconds)
}

/// Returns a stored time in milliseconds since 1970.
fn milliseconds(form: &StoredForm, value: &Value) -> Option<i64> {
    match (form, value) {
        (StoredForm::UnixSeconds, Value::Integer(seconds)) => Some(seconds * 1_000),
        (StoredForm::UnixMilliseconds, Value::Integer(milliseconds)) => Some(*milliseconds),
        (StoredForm::TimestampText, Value::Text(text)) => {
            let judge = Connection::open_in_memory().ok()?;
            let sql = "SELECT CAST(round(unixepoch(?1, 'subsec') * 1000) AS INTEGER)";
            judge.query_row(sql, [text], |row| row.get::<_, Option<i64>>(0)).ok().flatten()
        }
        _ => None,
    }
}

fn hexadecimal(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.replace('-', "").to_lowercase()),
        Value::Blob(bytes) => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        _ => None,
    }
}

/// Whether `new` is what a cast leaves of `old`: the same number or text, or anything where there was no number.
fn is_cast(old: &Value, new: &Value, affinity: Affinity) -> bool {
    let number = |value: &Value| match value {
        Value::Integer(whole) => Some(*whole as f64),
        Value::Real(real) => Some(*real),
        Value::Text(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    let bytes = |value: &Value| match value {
        Value::Text(text) => Some(text.as_bytes().to_vec()),
        Value::Blob(bytes) => Some(bytes.clone()),
        _ => None,
    };
    // A number becomes a blob by way of its digits.
    let digits = |value: &Value| match value {
        Value::Blob(bytes) => std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<f64>().ok()),
        other => number(other),
    };
    let same_digits =
        digits(old).zip(digits(new)).is_some_and(|(old, new)| (old - new).abs() <= new.abs() * 1e-9);
    if old == new || same_digits || (bytes(old).is_some() && bytes(old) == bytes(new)) {
        return true;
    }
    match (number(old), number(new)) {
        // What is too large becomes the largest integer.
        (Some(old), Some(_)) if affinity == Affinity::Integer && old.abs() >= 9.2e18 => true,
        // An integer column cuts off what is behind the point.
        (Some(old), Some(new)) if affinity == Affinity::Integer => {
            (old.trunc() - new).abs() <= new.abs() * 1e-9
        }
        (Some(old), Some(new)) => (old - new).abs() <= new.abs() * 1e-9,
        (None, Some(_)) => true,
        _ => false,
    }
}
