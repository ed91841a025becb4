//! One column as a field: its Rust type, and what `#[column(..)]` has to say beside it.

use super::attribute::{Arg, string};
use super::names::{Names, plain, variants};
use crate::model::{Affinity, Check, Column, ColumnType, DefaultValue, StoredForm, Table};
use crate::naming::snake_case;
use crate::normalize::is_never_null;
use crate::sql::{SqlExpr, quote_text};

/// What a field's type is, without the `Option` around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Real,
    Bytes,
    Bool,
    Timestamp,
    Uuid,
    Json,
    TextEnum,
    /// Any value: no one Rust type holds what the column may.
    Any,
}

impl Kind {
    /// Returns the type of a column without a form of its own.
    pub(super) fn of_type(column_type: &ColumnType, strict: bool) -> Self {
        let upper = column_type.as_str().to_ascii_uppercase();
        let has = |part: &str| upper.contains(part);
        match column_type.affinity() {
            Affinity::Integer => Self::Integer,
            Affinity::Real => Self::Real,
            Affinity::Text => Self::Text,
            Affinity::Blob if upper == "BLOB" || strict => Self::Bytes,
            Affinity::Blob => Self::Any,
            Affinity::Numeric if upper.starts_with("BOOL") => Self::Bool,
            Affinity::Numeric if has("DATE") || has("TIME") => Self::Text,
            Affinity::Numeric if has("NUM") || has("DEC") || has("MONEY") => Self::Real,
            Affinity::Numeric => Self::Any,
        }
    }

    /// Returns the type of a column. A form that its SQL type does not hold is none.
    pub(super) fn of(column: &Column, strict: bool) -> Self {
        let (kind, stored) = match &column.form {
            StoredForm::Plain => return Self::of_type(&column.column_type, strict),
            StoredForm::Bool => (Self::Bool, Affinity::Integer),
            StoredForm::TimestampText => (Self::Timestamp, Affinity::Text),
            StoredForm::UnixSeconds | StoredForm::UnixMilliseconds => (Self::Timestamp, Affinity::Integer),
            StoredForm::UuidText => (Self::Uuid, Affinity::Text),
            StoredForm::UuidBlob => (Self::Uuid, Affinity::Blob),
            StoredForm::Json => (Self::Json, Affinity::Text),
            StoredForm::TextEnum(_) => (Self::TextEnum, Affinity::Text),
        };
        let holds = column.column_type.holds(strict, stored);
        if holds { kind } else { Self::of_type(&column.column_type, strict) }
    }

    /// Returns the type as it is written; that of an enum has a name of its own.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "String",
            Self::Integer => "i64",
            Self::Real => "f64",
            Self::Bytes => "Vec<u8>",
            Self::Bool => "bool",
            Self::Timestamp => "Timestamp",
            Self::Uuid => "Uuid",
            Self::Json => "Json<serde_json::Value>",
            Self::TextEnum => "",
            Self::Any => "AnyValue",
        }
    }

    /// Returns the SQL type that the field has without being told; `None` where it has to be told.
    fn usual_type(self, form: &StoredForm) -> Option<&'static str> {
        Some(match (self, form) {
            (Self::Timestamp, StoredForm::UnixSeconds | StoredForm::UnixMilliseconds) => "INTEGER",
            (Self::Uuid, StoredForm::UuidBlob) => "BLOB",
            (Self::Text | Self::Timestamp | Self::Uuid | Self::Json | Self::TextEnum, _) => "TEXT",
            (Self::Integer | Self::Bool, _) => "INTEGER",
            (Self::Real, _) => "REAL",
            (Self::Bytes, _) => "BLOB",
            (Self::Any, _) => return None,
        })
    }
}

/// A column as it is written.
pub(super) struct Field {
    /// What the column itself says; the table adds keys, indexes and references.
    pub(super) args: Vec<Arg>,
    /// The type, with its `Option`.
    pub(super) rust_type: String,
    /// The enum of the column.
    pub(super) text_enum: Option<String>,
    /// The CHECK that comes with the enum, which must not be written again.
    pub(super) enum_check: Option<Check>,
}

/// Writes a column.
pub(super) fn field(table: &Table, column: &Column, names: &Names) -> Field {
    let kind = Kind::of(column, table.strict);
    let mut args = Vec::new();
    if snake_case(plain(names.of_field(&table.name, &column.name))) != column.name {
        args.push(Arg::text("name", &column.name));
    }
    let usual = kind.usual_type(&column.form).map(ColumnType::new);
    if usual.is_none_or(|usual| usual != column.column_type) {
        args.push(Arg::text("type", column.column_type.as_str()));
    }
    let stored_as = match (kind, &column.form) {
        (Kind::Timestamp, StoredForm::UnixSeconds) => Some("unix_seconds"),
        (Kind::Timestamp, StoredForm::UnixMilliseconds) => Some("unix_milliseconds"),
        (Kind::Uuid, StoredForm::UuidBlob) => Some("blob"),
        _ => None,
    };
    args.extend(stored_as.map(|form| Arg::text("stored_as", form)));
    if let Some(collation) = &column.collation {
        args.push(Arg::text("collate", collation));
    }
    let text_enum = match &column.form {
        StoredForm::TextEnum(_) if kind == Kind::TextEnum => Some(names.of_enum(&table.name, column)),
        _ => None,
    };
    if let Some(default) = &column.default {
        args.extend(default_arg(column, default, kind, text_enum));
    }
    if let Some(generated) = &column.generated {
        args.push(Arg::text("generated", generated.expr.as_str()));
        args.extend(generated.stored.then(|| Arg::flag("stored")));
    }
    let enum_check = text_enum.and_then(|_| own_check(table, column));
    if text_enum.is_some() && enum_check.is_none() {
        args.push(Arg::flag("no_check"));
    }
    let is_key = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns.iter().any(|part| part.name.eq_ignore_ascii_case(&column.name)));
    let nullable = column.nullable && !is_never_null(column, table);
    args.extend((nullable && is_key).then(|| Arg::flag("allows_null")));
    let name = text_enum.unwrap_or(kind.name());
    Field {
        args,
        rust_type: if nullable && !is_key { format!("Option<{name}>") } else { name.to_owned() },
        text_enum: text_enum.map(|name| enum_item(name, column)),
        enum_check,
    }
}

/// Returns the CHECK that the reader makes for the enum, if the table has exactly that one.
fn own_check(table: &Table, column: &Column) -> Option<Check> {
    let StoredForm::TextEnum(variants) = &column.form else { return None };
    let texts = variants.iter().map(|variant| variant.value.as_str());
    let check = Check {
        name: Some(format!("{}_{}_enum", table.name, column.name)),
        expr: SqlExpr::one_of(&column.name, texts),
    };
    table.checks.contains(&check).then_some(check)
}

fn enum_item(name: &str, column: &Column) -> String {
    let StoredForm::TextEnum(values) = &column.form else { return String::new() };
    let mut text = format!("#[derive(Debug, Clone, Copy, PartialEq, Eq, TextEnum)]\npub enum {name} {{\n");
    for (variant, value) in variants(values).iter().zip(values) {
        if snake_case(variant) != value.value {
            text.push_str(&super::attribute::attribute("text_enum", &[Arg::text("rename", &value.value)], 4));
        }
        text.push_str(&format!("    {variant},\n"));
    }
    text.push_str("}\n");
    text
}

/// The usual default of a time that is the time at which a row is made.
const NOW: [(StoredForm, &str); 3] = [
    (StoredForm::TimestampText, "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"),
    (StoredForm::UnixSeconds, "unixepoch()"),
    (StoredForm::UnixMilliseconds, "CAST(unixepoch('subsec') * 1000 AS INTEGER)"),
];

/// Returns what `now` stands for in a column of that form.
pub(super) fn now_of(form: &StoredForm) -> Option<SqlExpr> {
    NOW.iter().find(|(of, _)| of == form).map(|(_, sql)| SqlExpr::new(sql))
}

/// Writes a default as a value of the field's type where it is one, else as SQL.
fn default_arg(column: &Column, default: &DefaultValue, kind: Kind, text_enum: Option<&str>) -> Option<Arg> {
    let value = match (default, kind) {
        // It is what a column without a default has.
        (DefaultValue::Null, _) => return None,
        (DefaultValue::Bool(value), Kind::Bool) => value.to_string(),
        (DefaultValue::Integer(value @ (0 | 1)), Kind::Bool) => (*value == 1).to_string(),
        (DefaultValue::Integer(value), Kind::Integer) => value.to_string(),
        (DefaultValue::Integer(value), Kind::Timestamp) if column.form != StoredForm::TimestampText => {
            value.to_string()
        }
        // SQLite gives the one back as the other.
        (DefaultValue::Integer(value), Kind::Real) if value.unsigned_abs() < 1 << 53 => {
            format!("{:?}", *value as f64)
        }
        (DefaultValue::Real(value), Kind::Real) if value.is_finite() => format!("{value:?}"),
        (DefaultValue::Text(text), Kind::Text) => string(text),
        (DefaultValue::Text(text), Kind::TextEnum) => match (&column.form, text_enum) {
            (StoredForm::TextEnum(values), Some(name)) => {
                let at = values.iter().position(|value| value.value == *text);
                match at.and_then(|at| variants(values).into_iter().nth(at)) {
                    Some(variant) => format!("{name}::{variant}"),
                    None => sql_call(&quote_text(text)),
                }
            }
            _ => sql_call(&quote_text(text)),
        },
        (DefaultValue::Expr(expr), Kind::Timestamp) if now_of(&column.form).as_ref() == Some(expr) => {
            "now".to_owned()
        }
        (other, _) => sql_call(&default_sql(other)),
    };
    Some(Arg::value("default", &value))
}

fn sql_call(sql: &str) -> String {
    format!("sql({})", string(sql))
}

fn default_sql(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Null => "NULL".to_owned(),
        DefaultValue::Bool(true) => "TRUE".to_owned(),
        DefaultValue::Bool(false) => "FALSE".to_owned(),
        DefaultValue::Integer(value) => value.to_string(),
        DefaultValue::Real(value) if value.is_infinite() => {
            if *value > 0.0 {
                "9e999".to_owned()
            } else {
                "-9e999".to_owned()
            }
        }
        DefaultValue::Real(value) => format!("{value:?}"),
        DefaultValue::Text(text) => quote_text(text),
        DefaultValue::Blob(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{digits}'")
        }
        DefaultValue::Expr(expr) => expr.as_str().to_owned(),
    }
}
