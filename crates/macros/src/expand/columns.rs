//! The columns of a struct as constants, `Node::title`, and the struct as a source of queries.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use seedbed_schema::sql::quote_identifier;
use syn::spanned::Spanned;

use super::row::{RowField, at};

/// Implements the constants and `Source`. `key` is the column that no two rows have in common, if one is; `link` gives the
/// type and the value of what a column refers to, if it does.
pub(super) fn expand(
    item: &syn::ItemStruct,
    name: &str,
    fields: &[RowField<'_>],
    key: Option<&str>,
    link: impl Fn(usize, &RowField<'_>) -> Option<[TokenStream; 2]>,
) -> TokenStream {
    let ident = &item.ident;
    let table = quote_identifier(name);
    let quoted: Vec<String> = fields.iter().map(|field| quote_identifier(&field.column.name.value)).collect();
    let qualified: Vec<String> = quoted.iter().map(|column| format!("{table}.{column}")).collect();
    let equal = |qualified: &str| format!("({qualified} = ?)");
    let list = qualified.join(", ");
    let start = format!("SELECT {} FROM {table}", quoted.join(", "));
    let constants = fields.iter().enumerate().zip(quoted.iter().zip(&qualified)).map(
        |((position, field), (quoted, qualified))| {
            let RowField { ident, ty, column } = field;
            let visibility = &item.vis;
            let value = &column.rust_type.0;
            let null = if column.nullable { quote!(Nullable) } else { quote!(NotNull) };
            let codec = field.codec_name().unwrap_or_else(|| quote!(Plain));
            let equal = equal(qualified);
            let doc = format!("The column `{}`.", column.name.value);
            let query = quote!(::seedbed::__private::query);
            let (link, make) = match link(position, field) {
                Some([link, value]) => (quote!(, #link), quote!(linked(#quoted, #qualified, #equal, #value))),
                None => (TokenStream::new(), quote!(new(#quoted, #qualified, #equal))),
            };
            let of = quote_spanned! {at(ty)=>
                #query::Col<Self, #value, #query::#null, ::seedbed::__private::codec::#codec #link>
            };
            quote_spanned! {ident.span()=>
                #[doc = #doc]
                #visibility const #ident: #of = #query::Col::#make;
            }
        },
    );
    let present = match fields.iter().position(|field| !field.column.nullable) {
        Some(position) => quote!(::core::option::Option::Some(#position)),
        None => quote!(::core::option::Option::None),
    };
    let key = key.map(|key| {
        let equal = equal(&format!("{table}.{}", quote_identifier(key)));
        quote!(const KEY: ::core::option::Option<&'static str> = ::core::option::Option::Some(#equal);)
    });
    let reads = fields.iter().enumerate().map(|(position, field)| field.read(position));
    let names = fields.iter().map(|field| field.ident);
    quote! {
        // A column that only queries name is no field that nobody reads.
        const _: fn(&#ident) = |__row| {
            #(let _ = &__row.#names;)*
        };

        #[allow(
            dead_code,
            non_upper_case_globals,
            private_interfaces,
            reason = "a column is named as its field, need not be used, and may refer to a table that is less visible"
        )]
        impl #ident {
            #(#constants)*
        }

        #[automatically_derived]
        impl ::seedbed::__private::query::Source for #ident {
            type Row = Self;
            const ALIAS: &'static str = #table;
            const FROM: &'static str = #table;
            const START: &'static str = #start;
            const LIST: &'static str = #list;
            const QUOTED: &'static [&'static str] = &[#(#quoted),*];
            const PRESENT: ::core::option::Option<usize> = #present;
            #key

            fn read(
                __row: &::seedbed::__private::Row<'_>,
                __start: usize,
            ) -> ::core::result::Result<Self, ::seedbed::__private::Error> {
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
    }
}

/// Implements `Source` for a struct that has faults.
pub(super) fn fallback(item: &syn::ItemStruct) -> TokenStream {
    let ident = &item.ident;
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    if !item.generics.params.is_empty() {
        return TokenStream::new();
    }
    let query = quote!(::seedbed::__private::query);
    let constants = item.fields.iter().filter_map(|field| {
        let (ident, ty, visibility) = (field.ident.as_ref()?, &field.ty, &field.vis);
        Some(quote_spanned! {ty.span()=>
            #visibility const #ident: #query::Col<Self, #ty> = #query::Col::new("", "", "");
        })
    });
    quote! {
        #[allow(dead_code, non_upper_case_globals, missing_docs, reason = "faults are to be all that is seen")]
        impl #ident {
            #(#constants)*
        }

        #[automatically_derived]
        impl #impl_generics #query::Source for #ident #ty_generics #where_clause {
            type Row = Self;
            const ALIAS: &'static str = "";
            const FROM: &'static str = "";
            const START: &'static str = "";
            const LIST: &'static str = "";
            const QUOTED: &'static [&'static str] = &[];
            const PRESENT: ::core::option::Option<usize> = ::core::option::Option::None;

            fn read(
                _: &::seedbed::__private::Row<'_>,
                _: usize,
            ) -> ::core::result::Result<Self, ::seedbed::__private::Error> {
                ::core::unreachable!()
            }
        }
    }
}
