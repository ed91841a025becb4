//! Turns declarations into a [`Schema`] of one dialect: types, defaults and names of other items are looked up here,
//! and what only the whole tree can tell is checked.

mod column;
mod default;
mod duplicates;
mod foreign_key;
mod types;

use super::args::listed;
use super::decl::{IndexDecl, TableDecl, ViewDecl};
use super::fault::{Fault, Faults};
use super::names::nearest;
use super::tree::Declarations;
use crate::model::{Check, Dialect, ForeignKey, Index, IndexTerm, PrimaryKey, Schema, Table, Unique, View};

/// Makes a schema of declarations.
///
/// # Errors
///
/// Everything that is wrong between the declarations: types that cannot be known, foreign keys that lead nowhere,
/// names that are there twice.
///
/// ```
/// use seedbed_schema::model::Dialect;
/// use seedbed_schema::read::{SourceFile, declarations, resolve};
///
/// let file = SourceFile {
///     path: "src/schema.rs".to_owned(),
///     text: "#[derive(Table)] struct User { #[column(primary_key)] id: i64 }".to_owned(),
/// };
/// let declarations = declarations(&[file])?;
/// let schema = resolve(&declarations, Dialect::Sqlite)?;
/// assert_eq!(schema.tables[0].columns[0].column_type.as_str(), "INTEGER");
/// # Ok::<(), seedbed_schema::read::Faults>(())
/// ```
pub fn resolve(declarations: &Declarations, dialect: Dialect) -> Result<Schema, Faults> {
    let mut faults = Faults::default();
    let schema = resolve_into(declarations, dialect, &mut faults);
    faults.into_result(schema)
}

/// Makes as much of a schema as can be made, and tells the rest.
pub(super) fn resolve_into(declarations: &Declarations, dialect: Dialect, faults: &mut Faults) -> Schema {
    let Dialect::Sqlite = dialect;
    let mut tables: Vec<Table> =
        declarations.tables.iter().map(|table| resolve_table(declarations, table, faults)).collect();
    for (at, declared) in declarations.tables.iter().enumerate() {
        let keys: Vec<ForeignKey> = declared
            .foreign_keys
            .iter()
            .filter_map(|key| foreign_key::resolve(declarations, &tables, at, key, faults))
            .collect();
        tables[at].foreign_keys = keys;
    }
    duplicates::check(declarations, &tables, faults);
    let views = declarations.views.iter().map(resolve_view).collect();
    Schema { tables, views, ..Schema::default() }
}

fn resolve_view(view: &ViewDecl) -> View {
    let names = || view.columns.iter().map(|column| column.name.value.clone()).collect();
    let columns = if view.named_columns { names() } else { Vec::new() };
    View { name: view.name.value.clone(), definition: view.definition.clone(), columns }
}

fn resolve_table(declarations: &Declarations, declared: &TableDecl, faults: &mut Faults) -> Table {
    let mut own = Faults::default();
    let mut table = Table {
        name: declared.name.value.clone(),
        strict: declared.strict,
        without_rowid: declared.without_rowid,
        renamed_from: declared.renamed_from.as_ref().map(|name| name.value.clone()),
        ..Table::default()
    };
    for column in &declared.columns {
        let (column, check) = column::resolve(declarations, declared, column, &mut own);
        table.columns.push(column);
        table.checks.extend(check);
    }
    table.primary_key = declared.primary_key.as_ref().map(|key| PrimaryKey {
        name: key.name.as_ref().map(|name| name.value.clone()),
        columns: key.columns.clone(),
        autoincrement: key.autoincrement.is_some(),
    });
    table.uniques = declared
        .uniques
        .iter()
        .map(|unique| Unique {
            name: unique.name.as_ref().map(|name| name.value.clone()),
            columns: unique.columns.clone(),
        })
        .collect();
    table.checks.extend(declared.checks.iter().map(|check| Check {
        name: check.name.as_ref().map(|name| name.value.clone()),
        expr: check.expr.value.clone(),
    }));
    table.indexes = declared.indexes.iter().map(|index| resolve_index(declared, index, &mut own)).collect();
    check_rowid(declared, &table, &mut own);
    faults.append_in_file(own, &declared.origin.file);
    table
}

fn resolve_index(table: &TableDecl, index: &IndexDecl, faults: &mut Faults) -> Index {
    for column in &index.columns {
        let IndexTerm::Column(name) = &column.term else { continue };
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.value.as_str()).collect();
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let fault = Fault::new(index.name.span, format!("`{}` has no column `{name}`", table.name.value));
            faults.push(match nearest(name, names.iter().copied()) {
                Some(near) => fault.with_hint(format!("did you mean `{near}`?")),
                None => fault.with_hint(format!("its columns are {}", listed(&names))),
            });
        }
    }
    Index {
        name: index.name.value.clone(),
        columns: index.columns.clone(),
        unique: index.unique,
        predicate: index.predicate.as_ref().map(|predicate| predicate.value.clone()),
    }
}

/// Checks what hangs on the rowid: AUTOINCREMENT, and defaults that could never be used.
fn check_rowid(declared: &TableDecl, table: &Table, faults: &mut Faults) {
    let Some(key) = &declared.primary_key else { return };
    if let Some(autoincrement) = &key.autoincrement
        && !declared.without_rowid
        && table.rowid_alias().is_none()
    {
        faults.push(
            Fault::new(
                autoincrement.span,
                format!("AUTOINCREMENT needs an INTEGER key, and `{}` has another", declared.ident.value),
            )
            .with_hint("make the key an `i64`, or remove `autoincrement`"),
        );
    }
    let Some(alias) = table.rowid_alias() else { return };
    let Some(column) = super::table::column_of(declared, alias) else { return };
    if let Some(default) = &column.default {
        faults.push(
            Fault::new(
                default.span,
                format!("`{}` is the rowid, and SQLite never uses a default for it", column.field.value),
            )
            .with_hint("remove the default: SQLite gives the next number"),
        );
    }
}
