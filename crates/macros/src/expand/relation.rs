//! What relations need: which column refers to which, and the keys of a row.
//!
//! A derive knows of another struct only the path that an attribute names, `User::id`. So both sides make the same number
//! of a field's name, and the compiler finds `Field<number>` of the other struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use seedbed_schema::model::{IndexTerm, KeyColumn};
use seedbed_schema::read::{ColumnDecl, ForeignKeyDecl, TableDecl};
use seedbed_schema::sql::quote_identifier;
use syn::spanned::Spanned;

use super::row::{RowField, at};

/// Returns the type and the value of what a column refers to by itself; of several keys the first counts.
pub(super) fn link(decl: &TableDecl, position: usize, field: &RowField<'_>) -> Option<[TokenStream; 2]> {
    let key = decl.foreign_keys.iter().find(|key| is_of(key, field))?;
    let [theirs] = key.target_fields.as_slice() else { return None };
    let theirs = number(&theirs.value);
    let refers = quote!(::seedbed::__private::query::Refers);
    let ty = match &key.target {
        Some(target) => {
            let path = &target.value.0;
            quote_spanned!(path.span()=> #refers<Self, #path, #theirs>)
        }
        None => quote!(#refers<Self, Self, #theirs>),
    };
    let column = column(decl, position, field);
    let ident = field.ident;
    let value = field.encode(quote_spanned!(at(field.ty)=> &__row.#ident));
    Some([ty, quote!(#refers::new(#column, |__row: &Self| #value))])
}

/// Returns where a field's value is.
fn column(decl: &TableDecl, position: usize, field: &RowField<'_>) -> TokenStream {
    let ColumnDecl { name, collation, .. } = field.column;
    let qualified = format!("{}.{}", quote_identifier(&decl.name.value), quote_identifier(&name.value));
    let collation = collation.as_ref().map_or("", |collation| &collation.value);
    quote!(::seedbed::__private::query::FieldColumn::new(#position, #qualified, #collation))
}

fn is_of(key: &ForeignKeyDecl, field: &RowField<'_>) -> bool {
    key.sql_target.is_none() && key.columns == [field.column.name.value.as_str()]
}

/// Implements `Field` for the columns that are keys by themselves, to which others can refer.
pub(super) fn expand(item: &syn::ItemStruct, decl: &TableDecl, fields: &[RowField<'_>]) -> TokenStream {
    let ident = &item.ident;
    let query = quote!(::seedbed::__private::query);
    let codec = quote!(::seedbed::__private::codec);
    let implementations =
        fields.iter().enumerate().filter(|(_, field)| is_key(decl, field)).map(|(position, field)| {
            let number = number(&field.column.field.value);
            let column = column(decl, position, field);
            let value = &field.column.rust_type.0;
            let stored = field.codec_name().unwrap_or_else(|| quote!(Plain));
            let family = quote_spanned!(at(field.ty)=> <#codec::#stored as #codec::Codec<#value>>::Family);
            let write = field.write();
            quote! {
                #[automatically_derived]
                impl #query::Field<#number> for #ident {
                    type Family = #family;
                    const COLUMN: #query::FieldColumn = #column;

                    fn value(&self) -> ::seedbed::__private::Value<'_> {
                        #write
                    }
                }
            }
        });
    quote!(#(#implementations)*)
}

/// Whether a column identifies a row.
fn is_key(decl: &TableDecl, field: &RowField<'_>) -> bool {
    let name = field.column.name.value.as_str();
    let is_only = |columns: &[KeyColumn]| matches!(columns, [only] if only.name == name);
    decl.primary_key.as_ref().is_some_and(|key| is_only(&key.columns))
        || decl.uniques.iter().any(|unique| is_only(&unique.columns))
        || decl.indexes.iter().any(|index| {
            let is_only = matches!(index.columns.as_slice(), [only] if matches!(&only.term, IndexTerm::Column(column) if column == name));
            index.unique && is_only
        })
}

/// FNV-1a: short, and the same wherever it runs. Two fields of one struct with one number would not compile.
fn number(field: &str) -> u64 {
    field.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
