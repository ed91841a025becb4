//! Rows to insert: the table's struct, and `New…` beside it with the columns that need a value.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use seedbed_schema::read::TableDecl;
use seedbed_schema::sql::quote_identifier;
use syn::spanned::Spanned;

use super::row::RowField;

/// Implements `NewRow` for the struct, and makes the struct of what needs a value.
pub(super) fn expand(item: &syn::ItemStruct, decl: &TableDecl, fields: &[RowField<'_>]) -> TokenStream {
    let ident = &item.ident;
    let table = quote_identifier(&decl.name.value);
    let stored: Vec<&RowField<'_>> = fields.iter().filter(|field| field.column.generated.is_none()).collect();
    let alias = rowid_alias(decl, fields);
    let defaults = defaults(decl, &table, alias, &stored);
    let whole = implement(ident, ident, &table, &defaults, &stored, &[]);
    let needs_value = |field: &RowField<'_>| {
        let column = field.column;
        let is_alias = alias.is_some_and(|alias| alias == column.name.value);
        !is_alias && !column.nullable && column.default.is_none() && column.default_fn.is_none()
    };
    let required: Vec<&RowField<'_>> = stored.iter().copied().filter(|field| needs_value(field)).collect();
    let filled: Vec<&RowField<'_>> =
        stored.iter().copied().filter(|field| field.column.default_fn.is_some()).collect();
    let new = format_ident!("New{}", ident);
    let visibility = &item.vis;
    let doc =
        format!("A row for `{}` that is to be inserted: the columns that need a value.", decl.name.value);
    let members = required.iter().filter_map(|field| {
        let item = item.fields.iter().find(|item| item.ident.as_ref() == Some(field.ident))?;
        let (visibility, name, ty) = (&item.vis, field.ident, field.ty);
        let doc = format!("The column `{}`.", field.column.name.value);
        Some(quote_spanned!(ty.span()=> #[doc = #doc] #visibility #name: #ty))
    });
    let implementation = implement(&new, ident, &table, &defaults, &required, &filled);
    quote! {
        #whole

        #[doc = #doc]
        #[allow(dead_code, reason = "a table need not get rows from the program")]
        #[allow(missing_debug_implementations, missing_copy_implementations, reason = "it has what its fields have not")]
        #visibility struct #new {
            #(#members),*
        }

        #implementation
    }
}

/// The column that SQLite gives a number by itself when it gets none.
fn rowid_alias<'a>(decl: &'a TableDecl, fields: &[RowField<'_>]) -> Option<&'a str> {
    let key = decl.primary_key.as_ref()?;
    let [only] = key.columns.as_slice() else { return None };
    let field = fields.iter().find(|field| field.column.name.value == only.name)?;
    let is_integer = ["i8", "i16", "i32", "i64", "u8", "u16", "u32"]
        .contains(&field.column.rust_type.text().rsplit("::").next().unwrap_or_default().trim());
    let is_declared =
        field.column.sql_type.as_ref().is_none_or(|it| it.value.eq_ignore_ascii_case("INTEGER"));
    let is_alias = (is_integer || key.autoincrement.is_some()) && is_declared;
    (is_alias && !decl.without_rowid && !only.descending).then_some(only.name.as_str())
}

/// A row of nothing but defaults: what stands before its places, and its places.
///
/// SQLite takes no ON CONFLICT behind DEFAULT VALUES, so a column gets the NULL that is its default anyway.
fn defaults(
    decl: &TableDecl,
    table: &str,
    alias: Option<&str>,
    stored: &[&RowField<'_>],
) -> (String, &'static str) {
    let null = |field: &&&RowField<'_>| field.column.nullable && field.column.default.is_none();
    let nullable = || stored.iter().find(null).map(|field| field.column.name.value.as_str());
    let is_free =
        |name: &&str| !decl.columns.iter().any(|column| column.name.value.eq_ignore_ascii_case(name));
    let rowid = || ["rowid", "_rowid_", "oid"].into_iter().find(is_free).filter(|_| !decl.without_rowid);
    match alias.or_else(nullable).or_else(rowid) {
        Some(column) => (format!("INSERT INTO {table} ({}) VALUES ", quote_identifier(column)), "(NULL)"),
        None => (format!("INSERT INTO {table} "), "DEFAULT VALUES"),
    }
}

fn implement(
    row: &syn::Ident,
    table_struct: &syn::Ident,
    table: &str,
    (defaults, default_places): &(String, &'static str),
    given: &[&RowField<'_>],
    filled: &[&RowField<'_>],
) -> TokenStream {
    let names: Vec<String> = given.iter().map(|field| quote_identifier(&field.column.name.value)).collect();
    let filled_names: Vec<String> =
        filled.iter().map(|field| quote_identifier(&field.column.name.value)).collect();
    let all: Vec<&str> = names.iter().chain(&filled_names).map(String::as_str).collect();
    let places = |count: usize| vec!["?"; count].join(", ");
    let (insert, many, row_places) = if all.is_empty() {
        (format!("{defaults}{default_places}"), defaults.clone(), (*default_places).to_owned())
    } else {
        let many = format!("INSERT INTO {table} ({}) VALUES ", all.join(", "));
        let row_places = format!("({})", places(all.len()));
        (format!("{many}{row_places}"), many, row_places)
    };
    let of_defaults = format!("{defaults}{default_places}");
    let head = format!("INSERT INTO {table} ({}", names.join(", "));
    let middle = format!(") VALUES ({}", places(names.len()));
    let values = given.iter().map(|field| field.write());
    let makers = filled.iter().filter_map(|field| {
        let path = &field.column.default_fn.as_ref()?.value.0;
        let name = quote_identifier(&field.column.name.value);
        let ty = field.ty;
        let encoded = field.encode(quote!(&__value));
        let make = quote_spanned!(path.span()=> || -> #ty { #path() });
        Some(quote! {
            (#name, (|| {
                let __make = #make;
                let __value = __make();
                #encoded.into_owned()
            }) as fn() -> ::seedbed::__private::Value<'static>)
        })
    });
    quote! {
        #[automatically_derived]
        impl ::seedbed::__private::query::NewRow for #row {
            type Table = #table_struct;
            const TEXT: &'static ::seedbed::__private::query::RowText = &::seedbed::__private::query::RowText {
                defaults: #of_defaults,
                insert: #insert,
                many: #many,
                places: #row_places,
                head: #head,
                middle: #middle,
                given: &[#(#names),*],
                filled: &[#(#makers),*],
            };

            fn bind<'a, B: ::seedbed::__private::query::Binder<'a>>(&'a self, __binder: &mut B) {
                let _ = &*__binder;
                #(::seedbed::__private::query::Binder::bind(__binder, #values);)*
            }
        }
    }
}
