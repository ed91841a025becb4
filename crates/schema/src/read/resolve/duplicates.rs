//! Names that are there twice, compared as SQLite compares them: without regard to ASCII case.

use std::collections::BTreeMap;

use proc_macro2::Span;

use crate::model::Table;
use crate::read::decl::{ColumnDecl, Origin, Spanned};
use crate::read::fault::{Fault, Faults, Place};
use crate::read::tree::Declarations;

/// Names of one kind with the place where each was declared first.
#[derive(Default)]
struct Names<'a>(BTreeMap<String, (&'static str, &'a Origin, Span)>);

impl<'a> Names<'a> {
    /// Adds a name; one that was there is a fault that names both places.
    fn add(
        &mut self,
        what: &'static str,
        name: &str,
        (origin, span): (&'a Origin, Span),
        inside: Option<&str>,
        hint: &str,
        faults: &mut Faults,
    ) {
        let Some((first_what, first_origin, first_span)) = self.0.get(&name.to_ascii_lowercase()).copied()
        else {
            self.0.insert(name.to_ascii_lowercase(), (what, origin, span));
            return;
        };
        let place = inside.map(|table| format!(" of `{table}`")).unwrap_or_default();
        let (message, other) = if first_what == what {
            (format!("the {what} `{name}`{place} is declared twice"), "the first is at")
        } else {
            (format!("the {what} `{name}`{place} has the name of a {first_what}"), "that is at")
        };
        faults.push(
            Fault::new(span, message)
                .with_other(other, Place::new(&first_origin.file, first_span))
                .with_hint(hint)
                .in_file(&origin.file),
        );
    }
}

/// Checks all names of a schema.
pub(super) fn check(declarations: &Declarations, tables: &[Table], faults: &mut Faults) {
    let mut names = Names::default();
    for table in &declarations.tables {
        let hint = "give one of them another name: `#[table(name = \"…\")]`";
        check_name(&table.name, "table", &table.origin, faults);
        names.add("table", &table.name.value, (&table.origin, table.name.span), None, hint, faults);
    }
    for view in &declarations.views {
        let hint = "give one of them another name: `#[view(name = \"…\")]`";
        check_name(&view.name, "view", &view.origin, faults);
        names.add("view", &view.name.value, (&view.origin, view.name.span), None, hint, faults);
        check_columns(&view.ident.value, &view.columns, &view.origin, faults);
    }
    for table in &declarations.tables {
        for index in &table.indexes {
            let hint = "index names are shared by all tables: give one another name, `name = \"…\"`, or list the columns of one index in `#[table(index(columns(a, b)))]`";
            check_name(&index.name, "index", &table.origin, faults);
            names.add("index", &index.name.value, (&table.origin, index.name.span), None, hint, faults);
        }
    }
    for (declared, table) in declarations.tables.iter().zip(tables) {
        check_columns(&declared.ident.value, &declared.columns, &declared.origin, faults);
        check_constraints(declared, table, faults);
    }
}

fn check_columns(ident: &str, columns: &[ColumnDecl], origin: &Origin, faults: &mut Faults) {
    let mut names = Names::default();
    for column in columns {
        check_name(&column.name, "column", origin, faults);
        let hint = "give one of them another name: `#[column(name = \"…\")]`";
        names.add("column", &column.name.value, (origin, column.name.span), Some(ident), hint, faults);
    }
}

/// Constraints of a table share one set of names here, so that each can be named when it is dropped.
fn check_constraints(declared: &crate::read::decl::TableDecl, table: &Table, faults: &mut Faults) {
    let mut names = Names::default();
    let origin = &declared.origin;
    let mut given: Vec<(&str, Span)> = Vec::new();
    let named = |name: &Option<Spanned<String>>| name.as_ref().map(|name| (name.value.clone(), name.span));
    let keys: Vec<(String, Span)> = (declared.primary_key.iter().filter_map(|key| named(&key.name)))
        .chain(declared.uniques.iter().filter_map(|unique| named(&unique.name)))
        .chain(declared.foreign_keys.iter().filter_map(|key| named(&key.name)))
        .collect();
    given.extend(keys.iter().map(|(name, span)| (name.as_str(), *span)));
    // Checks of text enums are made, not declared: their place is the struct's name.
    let made = table.checks.len() - declared.checks.len();
    let made_names = table.checks.iter().take(made).filter_map(|check| check.name.as_deref());
    given.extend(made_names.map(|name| (name, declared.ident.span)));
    let named_checks = declared.checks.iter().filter_map(|check| check.name.as_ref());
    given.extend(named_checks.map(|name| (name.value.as_str(), name.span)));
    for (name, span) in given {
        let hint = "give one of them another name";
        names.add("constraint", name, (origin, span), Some(&declared.ident.value), hint, faults);
    }
}

/// Names that SQLite or Seedbed keep for themselves, and texts that are no names.
fn check_name(name: &Spanned<String>, what: &str, origin: &Origin, faults: &mut Faults) {
    let lower = name.value.to_ascii_lowercase();
    let fault = |message: String| Fault::new(name.span, message).in_file(&origin.file);
    if lower.is_empty() || lower.contains('\0') {
        faults.push(fault(format!("`{}` is no name of a {what}", name.value.escape_debug())));
    } else if what != "column" && (lower.starts_with("sqlite_") || lower.starts_with("__seedbed_")) {
        let owner = if lower.starts_with("sqlite_") { "SQLite" } else { "Seedbed" };
        faults.push(
            fault(format!("the name `{}` is reserved for {owner}", name.value))
                .with_hint("choose a name with another beginning"),
        );
    }
}
