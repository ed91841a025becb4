//! SQL expressions that carry a column's values over: casts, stored forms, renamed enum values, placeholders.

use super::render::value_expression;
use crate::diff::{ColumnDiff, VariantRename};
use crate::model::{Affinity, Column, DefaultValue, StoredForm, Table};
use crate::sql::{quote_identifier, quote_text};

/// How values get from the column of before to the column of afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Conversion {
    /// They stay as they are.
    None,
    /// They go through an expression over the old column.
    Expr {
        /// The expression.
        expr: String,
        /// What can be lost, if anything.
        loss: Option<String>,
    },
}

/// Decides how the values of a changed column are carried over; `strict` is the table's option afterwards.
pub(super) fn conversion(change: &ColumnDiff, strict: bool) -> Conversion {
    let name = quote_identifier(&change.before.name);
    if !change.variants.is_empty() {
        return Conversion::Expr { expr: variants_expression(&name, &change.variants), loss: None };
    }
    if change.after.generated.is_some() {
        return Conversion::None;
    }
    if let Some((expr, loss)) = form_expression(&name, &change.before.form, &change.after.form) {
        return Conversion::Expr { expr, loss };
    }
    cast(&name, &change.before, &change.after, strict)
}

fn variants_expression(name: &str, renames: &[VariantRename]) -> String {
    let arms: Vec<String> = renames
        .iter()
        .map(|rename| format!("WHEN {} THEN {}", quote_text(&rename.from), quote_text(&rename.to)))
        .collect();
    format!("CASE {name} {} ELSE {name} END", arms.join(" "))
}

/// Conversions between ways of writing the same value, see <https://www.sqlite.org/lang_datefunc.html>.
fn form_expression(name: &str, before: &StoredForm, after: &StoredForm) -> Option<(String, Option<String>)> {
    use StoredForm::{TimestampText, UnixMilliseconds, UnixSeconds, UuidBlob, UuidText};
    let unreadable = || Some("a text that is no time becomes NULL".to_owned());
    let fraction = || Some("fractions of a second are cut off".to_owned());
    Some(match (before, after) {
        (UnixSeconds, UnixMilliseconds) => (format!("{name} * 1000"), None),
        (UnixMilliseconds, UnixSeconds) => (floor_division(name), fraction()),
        (TimestampText, UnixSeconds) => (format!("unixepoch({name})"), unreadable()),
        (TimestampText, UnixMilliseconds) => {
            // The Julian day has the precision of a millisecond; seconds and fraction are taken apart so that none is lost.
            let fraction = format!("CAST(substr(strftime('%f', {name}), 4) AS INTEGER)");
            (format!("unixepoch({name}) * 1000 + {fraction}"), unreadable())
        }
        (UnixSeconds, TimestampText) => {
            (format!("strftime('%Y-%m-%dT%H:%M:%S.000Z', {name}, 'unixepoch')"), None)
        }
        (UnixMilliseconds, TimestampText) => {
            let seconds = floor_division(name);
            let fraction = format!("printf('%03d', {name} - 1000 * ({seconds}))");
            (format!("strftime('%Y-%m-%dT%H:%M:%S.', {seconds}, 'unixepoch') || {fraction} || 'Z'"), None)
        }
        (UuidText, UuidBlob) => (
            format!("unhex(replace({name}, '-', ''))"),
            Some("a text that is no UUID becomes NULL".to_owned()),
        ),
        (UuidBlob, UuidText) => {
            let part = |from: usize, length: usize| format!("substr(hex({name}), {from}, {length})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
            // hex(NULL) is an empty text, so NULL has to be kept by hand.
            (format!("CASE WHEN {name} IS NOT NULL THEN lower({}) END", parts.join(" || '-' || ")), None)
        }
        _ => return None,
    })
}

/// Whether values are rewritten between the two forms, in one direction at least.
pub(super) fn changes_form(one: &StoredForm, other: &StoredForm) -> bool {
    form_expression("", one, other).or_else(|| form_expression("", other, one)).is_some()
}

/// Milliseconds to the second they lie in, before 1970 as well, where `/` would round the other way.
fn floor_division(name: &str) -> String {
    format!("({name} - (({name} % 1000) + 1000) % 1000) / 1000")
}

fn cast(name: &str, before: &Column, after: &Column, strict: bool) -> Conversion {
    let (from, to) = (before.column_type.affinity(), after.column_type.affinity());
    let is_any = |column: &Column| column.column_type.as_str().eq_ignore_ascii_case("ANY");
    // NUMERIC keeps what is no number as it is; a cast would make a number of it.
    let takes_anything =
        to == Affinity::Numeric || after.column_type.as_str().is_empty() || (strict && is_any(after));
    if takes_anything || (from == to && is_any(before) == is_any(after)) {
        return Conversion::None;
    }
    let target = match to {
        Affinity::Text => "TEXT",
        Affinity::Numeric => return Conversion::None,
        Affinity::Integer => "INTEGER",
        Affinity::Real => "REAL",
        Affinity::Blob => "BLOB",
    };
    let loss = match (from, to) {
        (Affinity::Integer | Affinity::Numeric, Affinity::Text) => None,
        (Affinity::Text, Affinity::Blob) => None,
        (Affinity::Real, Affinity::Integer) => Some("fractions are cut off"),
        (Affinity::Real, Affinity::Text) => Some("digits beyond the fifteenth are cut off"),
        (Affinity::Integer, Affinity::Real) => Some("whole numbers beyond 2^53 lose digits"),
        (_, Affinity::Integer | Affinity::Real) => Some("a value that is no number becomes 0"),
        _ => Some("a value that does not fit the type is changed"),
    };
    // A cast of `'1e3'` to INTEGER stops at the letter; read as a number first it is 1000.
    let value = match (from, to) {
        (Affinity::Text | Affinity::Blob | Affinity::Numeric, Affinity::Integer) => {
            format!("CAST({name} AS NUMERIC)")
        }
        _ => name.to_owned(),
    };
    Conversion::Expr { expr: format!("CAST({value} AS {target})"), loss: loss.map(str::to_owned) }
}

/// Returns the value that fills NULLs of a column that becomes NOT NULL: what the author gave, or the default.
pub(super) fn filling(column: &Column, backfill: Option<&str>) -> Option<String> {
    let default =
        column.default.as_ref().filter(|default| **default != DefaultValue::Null).map(value_expression);
    backfill.map(|expr| format!("({expr})")).or(default)
}

/// Returns a value that stands for one that is lost, or `None` when none can be made up.
/// `before` is the table that the rows are copied from, and `rowid` what its rows are numbered by.
pub(super) fn placeholder(
    before: &Table,
    table: &Table,
    column: &Column,
    rowid: Option<&str>,
) -> Option<String> {
    let is = |name: &str| name.eq_ignore_ascii_case(&column.name);
    let is_foreign = table.foreign_keys.iter().any(|key| key.columns.iter().any(|name| is(name)));
    let is_enum = matches!(column.form, StoredForm::TextEnum(_));
    let is_checked = table.checks.iter().any(|check| check.expr.mentions(&column.name));
    if is_foreign || (is_checked && !is_enum) {
        return None;
    }
    if table.has_unique_over(&column.name) {
        return distinct_placeholder(column, rowid.filter(|_| !before.without_rowid)?);
    }
    Some(match &column.form {
        StoredForm::TextEnum(variants) => {
            quote_text(variants.first().map_or("", |variant| variant.value.as_str()))
        }
        StoredForm::TimestampText => "'1970-01-01T00:00:00.000Z'".to_owned(),
        StoredForm::UuidText => "'00000000-0000-0000-0000-000000000000'".to_owned(),
        StoredForm::UuidBlob => "zeroblob(16)".to_owned(),
        StoredForm::Json => "'null'".to_owned(),
        _ => match column.column_type.affinity() {
            Affinity::Text => "''".to_owned(),
            Affinity::Real => "0.0".to_owned(),
            Affinity::Blob if column.column_type.as_str().is_empty() => "''".to_owned(),
            Affinity::Blob => "x''".to_owned(),
            Affinity::Integer | Affinity::Numeric => "0".to_owned(),
        },
    })
}

/// A placeholder of which every row gets another; it needs a rowid to count by.
fn distinct_placeholder(column: &Column, rowid: &str) -> Option<String> {
    match (&column.form, column.column_type.affinity()) {
        (StoredForm::Plain, Affinity::Integer | Affinity::Numeric) => Some(rowid.to_owned()),
        (StoredForm::Plain, Affinity::Text) => Some(format!("'placeholder-' || {rowid}")),
        (StoredForm::UuidText, _) => Some(format!("printf('00000000-0000-0000-0000-%012x', {rowid})")),
        _ => None,
    }
}

/// Returns a name of the rowid that no column of the tables hides.
pub(super) fn free_rowid_name(tables: &[&Table]) -> Option<&'static str> {
    let is_free = |name: &&str| tables.iter().all(|table| table.column(name).is_none());
    ["rowid", "_rowid_", "oid"].into_iter().find(is_free)
}
