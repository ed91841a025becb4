//! `#[derive(Table)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use seedbed_schema::read::{DefaultDecl, TableDecl};
use syn::spanned::Spanned;

use super::row::{RowField, fallback_items, row_fields, row_items};
use super::{columns, new_row, relation};

/// Implements `Table`.
pub(super) fn expand(item: &syn::ItemStruct, decl: &TableDecl) -> TokenStream {
    let ident = &item.ident;
    let fields = row_fields(item, &decl.columns);
    let uses = uses(decl, &fields);
    let row = row_items(&decl.name.value, &decl.text(), &fields, &uses);
    let values = fields.iter().filter(|field| field.column.generated.is_none()).map(RowField::write);
    let columns = columns::expand(item, &decl.name.value, &fields, only_key(decl), |position, field| {
        relation::link(decl, position, field)
    });
    let relations = relation::expand(item, decl, &fields);
    let new_row = new_row::expand(item, decl, &fields);
    let rowid = has_rowid(ident, rowid_name(decl));
    let proofs = fields.iter().filter_map(|field| field.type_proof(&decl.name.value, decl.strict));
    quote! {
        #[automatically_derived]
        impl ::seedbed::__private::Table for #ident {
            #row

            fn values(&self) -> ::std::vec::Vec<::seedbed::__private::Value<'_>> {
                ::std::vec![#(#values),*]
            }
        }

        #columns
        #relations
        #new_row
        #rowid
        #(#proofs)*
    }
}

/// Returns the column that is the primary key by itself.
fn only_key(decl: &TableDecl) -> Option<&str> {
    let [only] = decl.primary_key.as_ref()?.columns.as_slice() else { return None };
    // Two keys that a collation of the key's own tells apart can be equal to the column's collation.
    only.collation.is_none().then_some(only.name.as_str())
}

/// Implements `Table` for a struct that has faults.
pub(super) fn fallback(item: &syn::ItemStruct) -> TokenStream {
    let ident = &item.ident;
    let row = fallback_items();
    let columns = columns::fallback(item);
    // A struct with parameters is no source of queries either.
    let rowid = has_rowid(ident, item.generics.params.is_empty().then_some(""));
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::seedbed::__private::Table for #ident #ty_generics #where_clause {
            #row

            fn values(&self) -> ::std::vec::Vec<::seedbed::__private::Value<'_>> {
                ::std::vec::Vec::new()
            }
        }

        #columns
        #rowid
    }
}

/// Returns what the rowid of the table is called, if it has one that can be named: a column may have the name itself.
fn rowid_name(decl: &TableDecl) -> Option<&'static str> {
    let is_free =
        |name: &&str| !decl.columns.iter().any(|column| column.name.value.eq_ignore_ascii_case(name));
    ["rowid", "_rowid_", "oid"].into_iter().find(is_free).filter(|_| !decl.without_rowid)
}

fn has_rowid(ident: &syn::Ident, name: Option<&'static str>) -> Option<TokenStream> {
    name.map(|name| {
        quote! {
            #[automatically_derived]
            impl ::seedbed::__private::query::HasRowid for #ident {
                const ROWID: &'static str = #name;
            }
        }
    })
}

/// Names everything that the attributes name, so that the compiler knows it is used and finds typing errors.
fn uses(decl: &TableDecl, fields: &[RowField<'_>]) -> TokenStream {
    let mut uses = TokenStream::new();
    for field in fields {
        if let Some(DefaultDecl::Path(path)) = field.column.default.as_ref().map(|default| &default.value) {
            let path = &path.0;
            uses.extend(quote_spanned!(path.span()=> let _ = #path;));
        }
        if let Some(function) = &field.column.default_fn {
            let path = &function.value.0;
            uses.extend(quote_spanned!(path.span()=> let _ = #path;));
        }
    }
    for key in &decl.foreign_keys {
        if let Some(target) = &key.target {
            let path = &target.value.0;
            uses.extend(quote_spanned!(path.span()=> let _ = <#path as ::seedbed::__private::Table>::NAME;));
        }
    }
    uses
}
