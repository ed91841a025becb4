//! One column: its SQL type, its stored form, its default, and the CHECK of a text enum.

use super::default;
use super::types::{Kind, kind_of};
use crate::model::{Check, Column, ColumnType, EnumVariant, Generated, StoredForm};
use crate::read::decl::{ColumnDecl, Spanned, StoredAs, TableDecl, TextEnumDecl};
use crate::read::fault::{Fault, Faults};
use crate::read::rust_type::Builtin;
use crate::read::tree::Declarations;
use crate::sql::SqlExpr;

/// Makes a column, and its check if its type is a text enum.
pub(super) fn resolve(
    declarations: &Declarations,
    table: &TableDecl,
    declared: &ColumnDecl,
    faults: &mut Faults,
) -> (Column, Option<Check>) {
    let kind = kind_of(declarations, table.origin.module, &declared.rust_type.0);
    let kind = match (kind, &declared.sql_type) {
        (Ok(kind), _) => Some(kind),
        (Err(_), Some(_)) => None,
        (Err(unknown), None) => {
            let field = format!("{}.{}", table.ident.value, declared.field.value);
            let message = format!("`{field}` has no column type: {}", unknown.message);
            faults.push(Fault::new(declared.rust_type.span(), message).with_hint(unknown.hint));
            None
        }
    };
    let (own_type, form) = stored(declared, kind.as_ref(), faults);
    let column_type = match &declared.sql_type {
        Some(given) => {
            if let Some(kind) = &kind {
                check_given_type(table, declared, given, kind, &own_type, faults);
            }
            ColumnType::new(&given.value)
        }
        None => own_type,
    };
    check_strict(table, declared, &column_type, faults);
    let check = enum_check(table, declared, kind.as_ref(), faults);
    let column = Column {
        name: declared.name.value.clone(),
        default: default::resolve(declarations, table, declared, kind.as_ref(), &form, faults),
        column_type,
        form,
        nullable: declared.nullable || declared.allows_null.is_some(),
        collation: declared.collation.as_ref().map(|collation| collation.value.clone()),
        generated: declared.generated.as_ref().map(|generated| Generated {
            expr: generated.value.expr.clone(),
            stored: generated.value.stored,
        }),
        backfill: declared.backfill.as_ref().map(|backfill| backfill.value.clone()),
        renamed_from: declared.renamed_from.as_ref().map(|name| name.value.clone()),
    };
    (column, check)
}

/// Returns the SQL type and the stored form that the Rust type and `stored_as` say.
fn stored(declared: &ColumnDecl, kind: Option<&Kind<'_>>, faults: &mut Faults) -> (ColumnType, StoredForm) {
    let (name, form) = match kind {
        None => return (ColumnType::default(), StoredForm::Plain),
        Some(Kind::TextEnum(text_enum)) => ("TEXT", StoredForm::TextEnum(variants(text_enum))),
        Some(Kind::Builtin(builtin)) => builtin.column_type(),
    };
    let usual = (ColumnType::new(name), form);
    let Some(stored_as) = &declared.stored_as else { return usual };
    let (name, form) = match (kind, stored_as.value) {
        (Some(Kind::Builtin(Builtin::Timestamp | Builtin::Uuid)), StoredAs::Text) => return usual,
        (Some(Kind::Builtin(Builtin::Timestamp)), StoredAs::UnixSeconds) => {
            ("INTEGER", StoredForm::UnixSeconds)
        }
        (Some(Kind::Builtin(Builtin::Timestamp)), StoredAs::UnixMilliseconds) => {
            ("INTEGER", StoredForm::UnixMilliseconds)
        }
        (Some(Kind::Builtin(Builtin::Uuid)), StoredAs::Blob) => ("BLOB", StoredForm::UuidBlob),
        _ => {
            let message = format!("`{}` has no such stored form", declared.rust_type.text());
            faults.push(Fault::new(stored_as.span, message).with_hint(
                "a `Timestamp` is stored as `text`, `unix_seconds` or `unix_milliseconds`, a `Uuid` as `text` or `blob`",
            ));
            return usual;
        }
    };
    (ColumnType::new(name), form)
}

fn variants(text_enum: &TextEnumDecl) -> Vec<EnumVariant> {
    let variant = |variant: &crate::read::decl::TextVariantDecl| EnumVariant {
        value: variant.text.value.clone(),
        renamed_from: variant.renamed_from.as_ref().map(|name| name.value.clone()),
    };
    text_enum.variants.iter().map(variant).collect()
}

/// A given SQL type must give every value of the Rust type back as it was.
fn check_given_type(
    table: &TableDecl,
    declared: &ColumnDecl,
    given: &Spanned<String>,
    kind: &Kind<'_>,
    own_type: &ColumnType,
    faults: &mut Faults,
) {
    let stored = match kind {
        // What is given up by `Unfit` types is known to the person who wrote the SQL type.
        Kind::Builtin(_) | Kind::TextEnum(_) => own_type.affinity(),
    };
    if !ColumnType::new(&given.value).holds(table.strict, stored) {
        faults.push(
            Fault::new(
                given.span,
                format!(
                    "`{}` does not hold `{}`, which is stored as {own_type}",
                    given.value,
                    declared.rust_type.text()
                ),
            )
            .with_hint(format!("write a type of {own_type} affinity, or change the field's type")),
        );
    }
}

fn check_strict(table: &TableDecl, declared: &ColumnDecl, column_type: &ColumnType, faults: &mut Faults) {
    const STRICT_TYPES: [&str; 6] = ["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"];
    let Some(given) = declared.sql_type.as_ref().filter(|_| table.strict) else { return };
    if !STRICT_TYPES.iter().any(|name| column_type.as_str().eq_ignore_ascii_case(name)) {
        faults.push(
            Fault::new(given.span, format!("`{}` is no type of a STRICT table", given.value))
                .with_hint("a STRICT table has INT, INTEGER, REAL, TEXT, BLOB and ANY"),
        );
    }
}

/// Makes the CHECK that keeps other texts out of a text enum's column.
fn enum_check(
    table: &TableDecl,
    declared: &ColumnDecl,
    kind: Option<&Kind<'_>>,
    faults: &mut Faults,
) -> Option<Check> {
    let Some(Kind::TextEnum(text_enum)) = kind else {
        if let Some(no_check) = &declared.no_check {
            faults.push(
                Fault::new(
                    no_check.span,
                    format!("`{}` is no text enum, so it has no check of its own", declared.field.value),
                )
                .with_hint("remove `no_check`"),
            );
        }
        return None;
    };
    if text_enum.no_check || declared.no_check.is_some() {
        return None;
    }
    let texts = text_enum.variants.iter().map(|variant| variant.text.value.as_str());
    Some(Check {
        name: Some(format!("{}_{}_enum", table.name.value, declared.name.value)),
        expr: SqlExpr::one_of(&declared.name.value, texts),
    })
}
