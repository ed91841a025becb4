//! A struct with `#[derive(View)]` or `#[derive(Record)]`: its attributes and the columns it is read into.

use super::args::{attribute_args, unknown_key};
use super::column::read_field;
use super::decl::{ColumnDecl, Origin, RecordDecl, Spanned, ViewDecl};
use super::fault::{Fault, Faults};
use super::names::plain;
use super::sql_text::expression;
use super::table::named_fields;
use crate::naming::snake_case;

/// Reads a struct with `#[derive(View)]`.
///
/// Whether the SELECT yields the struct's fields is not known here; the engine proves it.
///
/// # Errors
///
/// Everything that is wrong with the struct.
///
/// ```
/// let item = syn::parse_str(r#"#[view(definition = "SELECT id FROM users")] struct UserId { id: i64 }"#)?;
/// let view = seedbed_schema::read::view_decl(&item).map_err(|faults| faults.to_string()).unwrap();
/// assert_eq!(view.name.value, "user_id");
/// # Ok::<(), syn::Error>(())
/// ```
pub fn view_decl(item: &syn::ItemStruct) -> Result<ViewDecl, Faults> {
    let mut faults = Faults::default();
    match read_view(item, &mut faults) {
        Some(view) => faults.into_result(view),
        None => Err(faults),
    }
}

/// Reads a view as far as it can be read.
pub(super) fn read_view(item: &syn::ItemStruct, faults: &mut Faults) -> Option<ViewDecl> {
    let fields = named_fields(item, "View", faults)?;
    let ident = Spanned { value: plain(&item.ident), span: item.ident.span() };
    let columns = fields.iter().filter_map(|field| read_view_field(field, faults)).collect();
    let (mut name, mut definition) = (None, None);
    let (mut has_definition, mut named_columns) = (false, false);
    for arg in attribute_args(&item.attrs, "view", faults) {
        match arg.key.as_str() {
            "name" if name.is_none() => name = arg.text(faults),
            "definition" if !has_definition => {
                has_definition = true;
                definition = arg.text(faults).and_then(|text| expression(&text, "definition", faults));
            }
            "named_columns" => named_columns = arg.flag(faults),
            "name" | "definition" => {
                faults.push(Fault::new(arg.span, format!("`{}` is given twice", arg.key)));
            }
            _ => faults.push(unknown_key(
                &arg,
                "`#[view(..)]`",
                &["name", "definition", "named_columns"],
                &[("as", "write `definition = \"SELECT …\"`"), ("sql", "write `definition = \"SELECT …\"`")],
            )),
        }
    }
    if !has_definition {
        faults.push(
            Fault::new(ident.span, format!("the view `{}` has no definition", ident.value))
                .with_hint("add `#[view(definition = \"SELECT …\")]`"),
        );
    }
    let name = name.unwrap_or_else(|| Spanned { value: snake_case(&ident.value), span: ident.span });
    Some(ViewDecl { ident, name, definition: definition?, named_columns, columns, origin: Origin::default() })
}

/// Reads a struct with `#[derive(Record)]`: what a query selects, and with a name what another one can read from.
///
/// # Errors
///
/// Everything that is wrong with the struct.
///
/// ```
/// let item = syn::parse_str(r#"#[record(name = "doomed")] struct Doomed { id: i64 }"#)?;
/// let record = seedbed_schema::read::record_decl(&item).map_err(|faults| faults.to_string()).unwrap();
/// assert_eq!(record.name.unwrap().value, "doomed");
/// # Ok::<(), syn::Error>(())
/// ```
pub fn record_decl(item: &syn::ItemStruct) -> Result<RecordDecl, Faults> {
    let mut faults = Faults::default();
    let Some(fields) = named_fields(item, "Record", &mut faults) else { return Err(faults) };
    let columns = fields.iter().filter_map(|field| read_view_field(field, &mut faults)).collect();
    let mut name = None;
    for arg in attribute_args(&item.attrs, "record", &mut faults) {
        match arg.key.as_str() {
            "name" if name.is_none() => name = arg.text(&mut faults),
            "name" => faults.push(Fault::new(arg.span, "`name` is given twice")),
            _ => faults.push(unknown_key(&arg, "`#[record(..)]`", &["name"], &[])),
        }
    }
    faults.into_result(RecordDecl { name, columns })
}

/// A field of a view has a name and a stored form; everything else belongs to the tables behind it.
fn read_view_field(field: &syn::Field, faults: &mut Faults) -> Option<ColumnDecl> {
    let mut own = Faults::default();
    let (column, _) = read_field(field, &mut own)?;
    let args = attribute_args(&field.attrs, "column", &mut Faults::default());
    let misplaced: Vec<_> =
        args.iter().filter(|arg| !matches!(arg.key.as_str(), "name" | "stored_as")).collect();
    for arg in &misplaced {
        let fault = Fault::new(arg.span, format!("`{}` means nothing in a view", arg.key));
        faults.push(fault.with_hint("a column of a view has `name` and `stored_as` only"));
    }
    if misplaced.is_empty() {
        faults.append(own);
    }
    Some(column)
}
