//! Foreign keys: the target must be there, be of the same type, and be unique.

use proc_macro2::Span;

use crate::model::{ForeignKey, Table};
use crate::read::args::listed;
use crate::read::decl::{ForeignKeyDecl, Spanned, SqlTarget, TableDecl};
use crate::read::fault::{Fault, Faults};
use crate::read::names::{nearest, plain};
use crate::read::scope::{Item, Space, names_of};
use crate::read::tree::Declarations;

/// Makes a foreign key of the table at that index; `tables` has the columns and keys of all.
pub(super) fn resolve(
    declarations: &Declarations,
    tables: &[Table],
    at: usize,
    key: &ForeignKeyDecl,
    faults: &mut Faults,
) -> Option<ForeignKey> {
    let declared = &declarations.tables[at];
    let mut own = Faults::default();
    let resolved = resolve_into(declarations, tables, at, key, &mut own);
    faults.append_in_file(own, &declared.origin.file);
    resolved
}

fn resolve_into(
    declarations: &Declarations,
    tables: &[Table],
    at: usize,
    key: &ForeignKeyDecl,
    faults: &mut Faults,
) -> Option<ForeignKey> {
    if let Some(target) = &key.sql_target {
        return Some(by_sql_name(key, target));
    }
    let target = match target_index(declarations, at, key) {
        Ok(target) => target,
        Err(fault) => {
            faults.push(fault);
            return None;
        }
    };
    let declared_target = &declarations.tables[target];
    let mut referenced_columns = Vec::with_capacity(key.target_fields.len());
    for field in &key.target_fields {
        match declared_target.columns.iter().find(|column| column.field.value == field.value) {
            Some(column) => referenced_columns.push(column.name.value.clone()),
            None => faults.push(no_field(declared_target, field)),
        }
    }
    if referenced_columns.len() < key.target_fields.len() {
        return None;
    }
    let span = key.target_fields.first().map_or(key.span.span, |field| field.span);
    if referenced_columns.len() != key.columns.len() {
        let (count, other) = (key.columns.len(), referenced_columns.len());
        let message = format!(
            "the foreign key has {count} of the columns here and {other} of `{}`",
            declared_target.ident.value
        );
        faults.push(Fault::new(span, message).with_hint("name as many fields of the one as of the other"));
        return None;
    }
    check_types(&tables[at], &tables[target], key, &referenced_columns, span, faults);
    if !tables[target].is_parent_key(&referenced_columns) {
        faults.push(not_unique(declared_target, key, span));
    }
    Some(ForeignKey {
        name: key.name.as_ref().map(|name| name.value.clone()),
        columns: key.columns.clone(),
        referenced_table: tables[target].name.clone(),
        referenced_columns,
        on_delete: key.on_delete,
        on_update: key.on_update,
        deferred: key.deferred,
    })
}

/// A target by its SQL name is taken as it is given: it may be made by hand, or not be there at all.
fn by_sql_name(key: &ForeignKeyDecl, target: &SqlTarget) -> ForeignKey {
    ForeignKey {
        name: key.name.as_ref().map(|name| name.value.clone()),
        columns: key.columns.clone(),
        referenced_table: target.table.clone(),
        referenced_columns: target.columns.clone(),
        on_delete: key.on_delete,
        on_update: key.on_update,
        deferred: key.deferred,
    }
}

/// Returns the index of the table that is referred to.
fn target_index(declarations: &Declarations, at: usize, key: &ForeignKeyDecl) -> Result<usize, Fault> {
    let Some(path) = &key.target else { return Ok(at) };
    let module = declarations.tables[at].origin.module;
    let found = declarations.scopes.find(module, &names_of(&path.value.0), Space::Types);
    let text = path.value.text();
    match found.map(|found| found.item) {
        Some(Item::Table(target)) => Ok(target),
        Some(_) => Err(Fault::new(path.span, format!("`{text}` is no table"))
            .with_hint("a foreign key refers to a struct with `#[derive(Table)]`")),
        None => {
            let fault =
                Fault::new(path.span, format!("the table `{text}` is not declared in the schema's files"));
            let last = path.value.0.segments.last().map(|last| plain(&last.ident)).unwrap_or_default();
            if let Some(same) = declarations.tables.iter().find(|table| table.ident.value == last) {
                let module = &declarations.scopes.modules[same.origin.module].path;
                let full: Vec<&str> =
                    ["crate"].into_iter().chain(module.iter().map(String::as_str)).collect();
                return Err(fault.with_hint(format!("import it: `use {}::{last};`", full.join("::"))));
            }
            let known = declarations.tables.iter().map(|table| table.ident.value.as_str());
            Err(match nearest(&last, known) {
                Some(near) => fault.with_hint(format!("did you mean `{near}`?")),
                None => {
                    fault.with_hint("declare it with `#[derive(Table)]` in a module that the schema reaches")
                }
            })
        }
    }
}

fn no_field(target: &TableDecl, field: &Spanned<String>) -> Fault {
    let fault = Fault::new(field.span, format!("`{}` has no field `{}`", target.ident.value, field.value));
    if let Some(column) = target.columns.iter().find(|column| column.name.value == field.value) {
        return fault.with_hint(format!("write the Rust name, `{}`", column.field.value));
    }
    let names: Vec<&str> = target.columns.iter().map(|column| column.field.value.as_str()).collect();
    match nearest(&field.value, names.iter().copied()) {
        Some(near) => fault.with_hint(format!("did you mean `{near}`?")),
        None => fault.with_hint(format!("its fields are {}", listed(&names))),
    }
}

fn check_types(
    table: &Table,
    target: &Table,
    key: &ForeignKeyDecl,
    referenced: &[String],
    span: Span,
    faults: &mut Faults,
) {
    for (name, referenced_name) in key.columns.iter().zip(referenced) {
        let (Some(column), Some(other)) = (table.column(name), target.column(referenced_name)) else {
            continue;
        };
        // A column without a type has had its fault.
        let is_unknown = column.column_type.as_str().is_empty() || other.column_type.as_str().is_empty();
        let same = column.column_type.affinity() == other.column_type.affinity()
            && (column.form == other.form || column.form.is_plain() || other.form.is_plain());
        if !is_unknown && !same {
            faults.push(
                Fault::new(
                    span,
                    format!(
                        "`{}.{name}` is {} and refers to `{}.{referenced_name}`, which is {}",
                        table.name,
                        described(column),
                        target.name,
                        described(other)
                    ),
                )
                .with_hint("give both fields the same type"),
            );
        }
    }
}

fn described(column: &crate::model::Column) -> String {
    use crate::model::StoredForm;
    let form = match &column.form {
        StoredForm::Plain => return column.column_type.to_string(),
        StoredForm::Bool => "a `bool`",
        StoredForm::TimestampText => "a time as text",
        StoredForm::UnixSeconds => "a time in seconds",
        StoredForm::UnixMilliseconds => "a time in milliseconds",
        StoredForm::UuidText => "a UUID as text",
        StoredForm::UuidBlob => "a UUID as bytes",
        StoredForm::Json => "JSON",
        StoredForm::TextEnum(_) => "a text enum",
    };
    format!("{} ({form})", column.column_type)
}

fn not_unique(target: &TableDecl, key: &ForeignKeyDecl, span: Span) -> Fault {
    let fields: Vec<&str> = key.target_fields.iter().map(|field| field.value.as_str()).collect();
    let verb = if fields.len() == 1 { "is" } else { "are together" };
    let message = format!(
        "{} of `{}` {verb} not unique, so no foreign key can refer there",
        listed(&fields),
        target.ident.value
    );
    let fault = Fault::new(span, message);
    match fields.as_slice() {
        [field] => {
            fault.with_hint(format!("add `#[column(unique)]` to `{field}`, or refer to the primary key"))
        }
        _ => fault.with_hint(format!(
            "add `#[table(unique(columns({})))]` to `{}`",
            fields.join(", "),
            target.ident.value
        )),
    }
}
