//! A struct with `#[derive(Table)]`: its fields, its `#[table(..)]`, and whether they agree with each other.

use proc_macro2::Span;

use super::args::{Arg, attribute_args, unknown_key};
use super::column::{FieldExtras, read_field};
use super::constraint::{TableContext, Target, here};
use super::decl::{
    CheckDecl, ColumnDecl, DefaultDecl, ForeignKeyDecl, Origin, PrimaryKeyDecl, Spanned, TableDecl,
};
use super::fault::{Fault, Faults, Place};
use super::names::plain;
use crate::model::{Action, IndexColumn, IndexTerm, KeyColumn};
use crate::naming::snake_case;
use crate::sql::{SqlExpr, quote_identifier};

const KNOWN: [&str; 10] = [
    "name",
    "strict",
    "without_rowid",
    "renamed_from",
    "primary_key",
    "unique",
    "unique_constraint",
    "index",
    "foreign_key",
    "check",
];

const MEANT: [(&str, &str); 3] = [
    ("table_name", "write `name = \"…\"`"),
    ("rename", "write `name = \"…\"`, and `renamed_from = \"…\"` when the table had another name before"),
    ("references", "write `foreign_key(columns(a, b), references = Other(x, y))`"),
];

/// Reads a struct with `#[derive(Table)]`.
///
/// This is the only code that knows what `#[table(..)]` and `#[column(..)]` mean; the derive macro and the CLI
/// both call it.
///
/// # Errors
///
/// Everything that is wrong with the struct as far as the struct alone can tell.
///
/// ```
/// let item = syn::parse_str(r#"#[table(name = "users")] struct User { #[column(primary_key)] id: i64, r#type: String }"#)?;
/// let table = seedbed_schema::read::table_decl(&item).map_err(|faults| faults.to_string()).unwrap();
/// assert_eq!(table.name.value, "users");
/// assert_eq!(table.columns[1].name.value, "type");
/// # Ok::<(), syn::Error>(())
/// ```
pub fn table_decl(item: &syn::ItemStruct) -> Result<TableDecl, Faults> {
    let mut faults = Faults::default();
    match read_table(item, &mut faults) {
        Some(table) => faults.into_result(table),
        None => Err(faults),
    }
}

/// Reads a table as far as it can be read.
pub(super) fn read_table(item: &syn::ItemStruct, faults: &mut Faults) -> Option<TableDecl> {
    let fields = named_fields(item, "Table", faults)?;
    let ident = Spanned { value: plain(&item.ident), span: item.ident.span() };
    let (columns, extras): (Vec<ColumnDecl>, Vec<FieldExtras>) =
        fields.iter().filter_map(|field| read_field(field, faults)).unzip();
    let args = attribute_args(&item.attrs, "table", faults);
    let name = args.iter().find(|arg| arg.key == "name").and_then(|arg| arg.text(faults));
    let mut table = TableDecl {
        name: name.unwrap_or_else(|| Spanned { value: snake_case(&ident.value), span: ident.span }),
        ident,
        strict: false,
        without_rowid: false,
        columns,
        primary_key: None,
        uniques: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        renamed_from: None,
        origin: Origin::default(),
    };
    read_extras(&mut table, extras, faults);
    read_args(&mut table, &args, faults);
    check(&table, faults);
    Some(table)
}

/// Returns the fields of a struct that can be a row: one with names, without generics.
pub(super) fn named_fields<'a>(
    item: &'a syn::ItemStruct,
    derive: &str,
    faults: &mut Faults,
) -> Option<&'a syn::punctuated::Punctuated<syn::Field, syn::Token![,]>> {
    let name = plain(&item.ident);
    if let Some(parameter) = item.generics.params.first() {
        faults.push(
            Fault::new(syn::spanned::Spanned::span(parameter), format!("`{name}` has generic parameters"))
                .with_hint(format!("`#[derive({derive})]` is for plain structs: write the types out")),
        );
        return None;
    }
    match &item.fields {
        syn::Fields::Named(fields) if !fields.named.is_empty() => Some(&fields.named),
        _ => {
            faults.push(
                Fault::new(item.ident.span(), format!("`{name}` has no named fields"))
                    .with_hint(format!("write `struct {name} {{ field: Type }}`")),
            );
            None
        }
    }
}

/// Takes over what the fields say about the table.
fn read_extras(table: &mut TableDecl, extras: Vec<FieldExtras>, faults: &mut Faults) {
    for (at, extra) in extras.into_iter().enumerate() {
        let column = &table.columns[at];
        let name = column.name.value.clone();
        let context = TableContext { name: &table.name.value, ident: &table.ident.value, columns: &[] };
        if let Some(span) = extra.primary_key {
            match &table.primary_key {
                Some(first) => {
                    faults.push(second_key(table, span, first).with_hint(
                        "write `#[table(primary_key(columns(a, b)))]` for a key of several columns",
                    ))
                }
                None => {
                    table.primary_key = Some(PrimaryKeyDecl {
                        span: here(span),
                        name: None,
                        columns: vec![KeyColumn::new(name.clone())],
                        autoincrement: extra.autoincrement.map(here),
                    });
                }
            }
        }
        for (wanted, unique) in [(extra.unique, true), (extra.index, false)] {
            let Some((span, given)) = wanted else { continue };
            let columns = vec![IndexColumn::new(name.clone())];
            let index_name = given.or_else(|| context.index_name(&columns, unique, span, faults));
            if let Some(name) = index_name {
                table.indexes.push(super::decl::IndexDecl { name, columns, unique, predicate: None });
            }
        }
        if let Some((span, Target { table: target, fields: target_fields, sql: sql_target })) =
            extra.reference
        {
            table.foreign_keys.push(ForeignKeyDecl {
                span: here(span),
                name: extra.constraint,
                columns: vec![name.clone()],
                target,
                target_fields,
                sql_target,
                on_delete: extra.on_delete.map(|(_, action)| action).unwrap_or_default(),
                on_update: extra.on_update.map(|(_, action)| action).unwrap_or_default(),
                deferred: extra.deferred.is_some(),
            });
        }
        if let Some(expr) = extra.check {
            let value = format!("{}_{name}_check", table.name.value);
            table.checks.push(CheckDecl { name: Some(Spanned { value, span: expr.span }), expr });
        }
    }
}

/// Takes over what `#[table(..)]` says.
fn read_args(table: &mut TableDecl, args: &[Arg], faults: &mut Faults) {
    let columns = std::mem::take(&mut table.columns);
    let (name, ident) = (table.name.value.clone(), table.ident.value.clone());
    let context = TableContext { name: &name, ident: &ident, columns: &columns };
    for (at, arg) in args.iter().enumerate() {
        let is_single = matches!(arg.key.as_str(), "name" | "strict" | "without_rowid" | "renamed_from");
        if is_single && args[..at].iter().any(|before| before.key == arg.key) {
            faults.push(Fault::new(arg.span, format!("`{}` is given twice", arg.key)));
            continue;
        }
        match arg.key.as_str() {
            "name" => {}
            "strict" => table.strict = arg.flag(faults),
            "without_rowid" => table.without_rowid = arg.flag(faults),
            "renamed_from" => table.renamed_from = arg.text(faults),
            "primary_key" => {
                if let Some(key) = context.primary_key(arg, faults) {
                    match &table.primary_key {
                        Some(first) => faults.push(second_key(table, arg.span, first)),
                        None => table.primary_key = Some(key),
                    }
                }
            }
            "unique" => table.indexes.extend(context.index(arg, true, faults)),
            "index" => table.indexes.extend(context.index(arg, false, faults)),
            "unique_constraint" => table.uniques.extend(context.unique_constraint(arg, faults)),
            "foreign_key" => table.foreign_keys.extend(context.foreign_key(arg, faults)),
            "check" => table.checks.extend(context.check(arg, faults)),
            _ => faults.push(unknown_key(arg, "`#[table(..)]`", &KNOWN, &MEANT)),
        }
    }
    table.columns = columns;
}

fn second_key(table: &TableDecl, span: Span, first: &PrimaryKeyDecl) -> Fault {
    Fault::new(span, format!("`{}` has two primary keys", table.ident.value))
        .with_other("the first is at", Place::new(&table.origin.file, first.span.span))
}

/// Checks what the struct alone can tell.
fn check(table: &TableDecl, faults: &mut Faults) {
    if table.without_rowid && table.primary_key.is_none() {
        faults.push(
            Fault::new(
                table.ident.span,
                format!("`{}` is WITHOUT ROWID and has no primary key", table.ident.value),
            )
            .with_hint("add `#[column(primary_key)]` to a field"),
        );
    }
    if table.columns.iter().all(|column| column.generated.is_some()) {
        faults.push(
            Fault::new(table.ident.span, format!("every column of `{}` is generated", table.ident.value))
                .with_hint("a table has at least one column with a value of its own"),
        );
    }
    check_primary_key(table, faults);
    check_nulls(table, faults);
    check_sql_names(table, faults);
    for column in &table.columns {
        check_null_default(column, faults);
    }
    // By an SQL name the author says what is there, and SQLite takes an action that could never run.
    for key in table.foreign_keys.iter().filter(|key| key.sql_target.is_none()) {
        check_actions(table, key, faults);
    }
}

fn check_primary_key(table: &TableDecl, faults: &mut Faults) {
    let Some(key) = &table.primary_key else { return };
    for part in &key.columns {
        let Some(column) = column_of(table, &part.name) else { continue };
        let field = &column.field;
        if column.nullable {
            faults.push(
                Fault::new(
                    field.span,
                    format!("`{}` is part of the primary key and an `Option`", field.value),
                )
                .with_hint("a primary key is NOT NULL: remove the `Option`"),
            );
        }
        if column.generated.is_some() && key.columns.len() > 1 {
            faults.push(Fault::new(
                field.span,
                format!("`{}` is generated, so it cannot be part of the primary key", field.value),
            ));
        }
    }
    if let Some(autoincrement) = &key.autoincrement
        && table.without_rowid
    {
        faults.push(
            Fault::new(
                autoincrement.span,
                format!("`{}` is WITHOUT ROWID, so it has no AUTOINCREMENT", table.ident.value),
            )
            .with_hint("remove `autoincrement` or `without_rowid`"),
        );
    }
}

fn check_null_default(column: &ColumnDecl, faults: &mut Faults) {
    let Some(default) = &column.default else { return };
    let is_null = match &default.value {
        DefaultDecl::Null => true,
        DefaultDecl::Sql(expr) => expr.canonical() == "NULL",
        _ => false,
    };
    if is_null && !column.nullable {
        faults.push(
            Fault::new(default.span, format!("`{}` is NOT NULL and its default is NULL", column.field.value))
                .with_hint("make the field an `Option`, or remove the default"),
        );
    }
}

/// `allows_null` is about keys: any other column says by an `Option` that it can be NULL.
fn check_nulls(table: &TableDecl, faults: &mut Faults) {
    let is_key = |column: &ColumnDecl| {
        let mut parts = table.primary_key.iter().flat_map(|key| &key.columns);
        parts.any(|part| part.name == column.name.value)
    };
    for column in table.columns.iter().filter(|column| !is_key(column)) {
        let Some(allows_null) = &column.allows_null else { continue };
        faults.push(
            Fault::new(
                allows_null.span,
                format!("`allows_null` of `{}` belongs to a primary key", column.field.value),
            )
            .with_hint("make the field an `Option`"),
        );
    }
}

/// An action that sets columns to something they refuse could never run.
fn check_actions(table: &TableDecl, key: &ForeignKeyDecl, faults: &mut Faults) {
    for action in [key.on_delete, key.on_update] {
        let refuses = |column: &&ColumnDecl| match action {
            Action::SetNull => !column.nullable,
            Action::SetDefault => !column.nullable && column.default.is_none(),
            _ => false,
        };
        let refusing = key.columns.iter().filter_map(|name| column_of(table, name)).find(refuses);
        let Some(column) = refusing else { continue };
        let field = &column.field.value;
        let fault = Fault::new(
            key.span.span,
            format!("`{}` could never run: `{field}` is NOT NULL", action.as_sql()),
        );
        faults.push(fault.with_hint(match action {
            Action::SetNull => format!("make `{field}` an `Option`, or choose another action"),
            _ => format!("give `{field}` a default, or choose another action"),
        }));
        return;
    }
}

/// SQL in attributes takes SQL names; a field whose column is called otherwise is not known there.
fn check_sql_names(table: &TableDecl, faults: &mut Faults) {
    let is_column =
        |name: &str| table.columns.iter().any(|column| column.name.value.eq_ignore_ascii_case(name));
    let renamed: Vec<&ColumnDecl> =
        table.columns.iter().filter(|column| !is_column(&column.field.value)).collect();
    if renamed.is_empty() {
        return;
    }
    let mut check = |expr: &SqlExpr, span: Span| {
        for column in renamed.iter().filter(|column| expr.mentions(&column.field.value)) {
            faults.push(
                Fault::new(span, format!("the field `{}` is no name that SQL knows", column.field.value))
                    .with_hint(format!(
                        "write the column's name, `{}`",
                        quote_identifier(&column.name.value)
                    )),
            );
        }
    };
    for check_decl in &table.checks {
        check(&check_decl.expr.value, check_decl.expr.span);
    }
    for column in &table.columns {
        if let Some(generated) = &column.generated {
            check(&generated.value.expr, generated.span);
        }
    }
    for index in &table.indexes {
        if let Some(predicate) = &index.predicate {
            check(&predicate.value, predicate.span);
        }
        for column in &index.columns {
            if let IndexTerm::Expr(expr) = &column.term {
                check(expr, index.name.span);
            }
        }
    }
}

/// Returns the column of that SQL name.
pub(super) fn column_of<'a>(table: &'a TableDecl, name: &str) -> Option<&'a ColumnDecl> {
    table.columns.iter().find(|column| column.name.value == name)
}
