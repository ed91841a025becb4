//! What tables and views have in common: fields that are read from a row, and the constants about them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use seedbed_schema::model::{Affinity, ColumnType};
use seedbed_schema::read::{ColumnDecl, StoredAs};
use syn::spanned::Spanned;

/// A field with its column.
pub(super) struct RowField<'a> {
    pub(super) ident: &'a syn::Ident,
    pub(super) ty: &'a syn::Type,
    pub(super) column: &'a ColumnDecl,
}

/// Pairs the fields of a struct with the columns that the reader made of them.
pub(super) fn row_fields<'a>(item: &'a syn::ItemStruct, columns: &'a [ColumnDecl]) -> Vec<RowField<'a>> {
    item.fields
        .iter()
        .zip(columns)
        .filter_map(|(field, column)| Some(RowField { ident: field.ident.as_ref()?, ty: &field.ty, column }))
        .collect()
}

/// The place of a type, for errors, with names looked up where the derive stands: a type that a `macro_rules!` macro
/// was given knows neither our `row` nor our `self`.
pub(super) fn at(ty: &syn::Type) -> Span {
    ty.span().resolved_at(Span::call_site())
}

impl RowField<'_> {
    /// The name of the codec of a column that is stored otherwise than its type says.
    pub(super) fn codec_name(&self) -> Option<TokenStream> {
        Some(match self.column.stored_as.as_ref()?.value {
            StoredAs::Text => return None,
            StoredAs::UnixSeconds => quote!(UnixSeconds),
            StoredAs::UnixMilliseconds => quote!(UnixMilliseconds),
            StoredAs::Blob => quote!(UuidBlob),
        })
    }

    /// The codec of a column that is stored otherwise than its type says.
    fn codec(&self) -> Option<TokenStream> {
        let name = self.codec_name()?;
        let ty = self.ty;
        let codec = quote!(::seedbed::__private::codec);
        Some(quote_spanned!(at(ty)=> <#codec::#name as #codec::Codec<#ty>>))
    }

    /// The trait that stores a column as its type says.
    fn db_type(&self) -> TokenStream {
        let ty = self.ty;
        quote_spanned!(at(ty)=> <#ty as ::seedbed::__private::DbType>)
    }

    /// The storage class of the field's values, a constant.
    fn storage(&self) -> TokenStream {
        let by = self.codec().unwrap_or_else(|| self.db_type());
        quote_spanned!(at(self.ty)=> #by::STORAGE)
    }

    /// The value of a `ColumnMeta`.
    fn meta(&self) -> TokenStream {
        let ColumnDecl { name, sql_type, nullable, .. } = self.column;
        let name = &name.value;
        let sql_type = match sql_type {
            Some(sql_type) => {
                let text = &sql_type.value;
                quote!(::core::option::Option::Some(#text))
            }
            None => quote!(::core::option::Option::None),
        };
        let storage = self.storage();
        quote! {
            ::seedbed::__private::ColumnMeta {
                name: #name,
                sql_type: #sql_type,
                storage: #storage,
                nullable: #nullable,
            }
        }
    }

    /// `field: value`, read from the row at that position behind its start.
    pub(super) fn read(&self, position: usize) -> TokenStream {
        let Self { ident, ty, .. } = self;
        let value = match self.codec() {
            Some(codec) => quote_spanned!(at(ty)=> #codec::decode(__row.value_at(__start + #position)?)),
            None => {
                let db_type = self.db_type();
                quote_spanned!(at(ty)=> #db_type::from_value(__row.value_at(__start + #position)?))
            }
        };
        quote_spanned! {at(ty)=>
            #ident: match #value {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return ::core::result::Result::Err(__row.column_error(__start + #position, &error));
                }
            }
        }
    }

    /// The field's value, as it is stored.
    pub(super) fn write(&self) -> TokenStream {
        let Self { ident, ty, .. } = self;
        self.encode(quote_spanned!(at(ty)=> &self.#ident))
    }

    /// A value of the field's type, as it is stored.
    pub(super) fn encode(&self, value: TokenStream) -> TokenStream {
        match self.codec() {
            Some(codec) => quote_spanned!(at(self.ty)=> #codec::encode(#value)),
            None => {
                let db_type = self.db_type();
                quote_spanned!(at(self.ty)=> #db_type::to_value(#value))
            }
        }
    }

    /// Proves at compile time that an explicit SQL type holds what the Rust type stores.
    pub(super) fn type_proof(&self, table: &str, strict: bool) -> Option<TokenStream> {
        let given = self.column.sql_type.as_ref()?;
        let column_type = ColumnType::new(&given.value);
        let classes = [
            (Affinity::Integer, quote!(Integer)),
            (Affinity::Real, quote!(Real)),
            (Affinity::Text, quote!(Text)),
            (Affinity::Blob, quote!(Blob)),
        ];
        let held =
            classes.into_iter().filter(|(class, _)| column_type.holds(strict, *class)).map(|(_, name)| name);
        let message = format!(
            "column `{table}.{}` is declared `{}`, which does not hold the values that its field's type stores",
            self.column.name.value, given.value
        );
        let storage = self.storage();
        Some(quote_spanned! {given.span=>
            const _: () = ::core::assert!(
                ::core::matches!(#storage, ::seedbed::__private::Storage::Any #(| ::seedbed::__private::Storage::#held)*),
                #message
            );
        })
    }
}

/// The constants and the function that every struct with rows has.
pub(super) fn row_items(
    name: &str,
    declaration: &str,
    fields: &[RowField<'_>],
    uses: &TokenStream,
) -> TokenStream {
    let metas = fields.iter().map(RowField::meta);
    quote! {
        const NAME: &'static str = #name;
        const COLUMNS: &'static [::seedbed::__private::ColumnMeta] = &[#(#metas),*];
        const SELECT: &'static str = <Self as ::seedbed::__private::query::Source>::START;
        const DECLARATION: &'static str = #declaration;

        fn from_row(
            __row: &::seedbed::__private::Row<'_>,
        ) -> ::core::result::Result<Self, ::seedbed::__private::Error> {
            #uses
            <Self as ::seedbed::__private::query::Source>::read(__row, 0)
        }
    }
}

/// The same for a struct that has faults: nothing of it is ever run.
pub(super) fn fallback_items() -> TokenStream {
    quote! {
        const NAME: &'static str = "";
        const COLUMNS: &'static [::seedbed::__private::ColumnMeta] = &[];
        const SELECT: &'static str = "";
        const DECLARATION: &'static str = "";

        fn from_row(
            _: &::seedbed::__private::Row<'_>,
        ) -> ::core::result::Result<Self, ::seedbed::__private::Error> {
            ::core::unreachable!()
        }
    }
}
