//! `#[derive(Record)]`: a struct that a query selects, and with a name one that another query reads from.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use seedbed_schema::read::RecordDecl;
use seedbed_schema::sql::quote_identifier;
use syn::spanned::Spanned;

use super::columns;
use super::row::{RowField, row_fields};

/// Makes `…Select`, and implements `Source` and `Record` where the struct has a name.
pub(super) fn expand(item: &syn::ItemStruct, decl: &RecordDecl) -> TokenStream {
    let fields = row_fields(item, &decl.columns);
    let select = select(item, &fields, decl.name.is_some());
    let Some(name) = &decl.name else { return select };
    let ident = &item.ident;
    let source = columns::expand(item, &name.value, &fields, None, |_, _| None);
    let quoted: Vec<String> = fields.iter().map(|field| quote_identifier(&field.column.name.value)).collect();
    let list = format!("({})", quoted.join(", "));
    quote! {
        #select
        #source

        #[automatically_derived]
        impl ::seedbed::__private::query::Record for #ident {
            const COLUMNS: &'static str = #list;
        }
    }
}

/// A struct with an expression for each field, which a query selects.
fn select(item: &syn::ItemStruct, fields: &[RowField<'_>], is_named: bool) -> TokenStream {
    let ident = &item.ident;
    let visibility = &item.vis;
    let select = format_ident!("{}Select", ident);
    let doc = format!("What a query selects to be read into a [`{ident}`]: an expression for each field.");
    let query = quote!(::seedbed::__private::query);
    let names: Vec<&syn::Ident> = fields.iter().map(|field| field.ident).collect();
    let types: Vec<&syn::Type> = fields.iter().map(|field| field.ty).collect();
    let expressions: Vec<syn::Ident> = (0..fields.len()).map(|at| format_ident!("E{at}")).collect();
    let ways: Vec<syn::Ident> = (0..fields.len()).map(|at| format_ident!("I{at}")).collect();
    let visibilities = item.fields.iter().map(|field| &field.vis);
    let bounds = expressions.iter().zip(&ways).zip(fields).map(|((expression, way), field)| {
        let ty = field.ty;
        // What reads from the record reads its columns as the fields say they are stored.
        let stored = is_named.then(|| {
            let value = &field.column.rust_type.0;
            let codec = field.codec_name().unwrap_or_else(|| quote!(Plain));
            let codec = quote!(::seedbed::__private::codec::#codec);
            let family = quote!(<#codec as ::seedbed::__private::codec::Codec<#value>>::Family);
            quote!(, Kind: #query::Kind<Stored: #query::Fits<#family>>)
        });
        quote_spanned! {ty.span()=>
            #expression: #query::Selection<__S, #way, Out: #query::Fills<#ty> #stored>
        }
    });
    let kind = if is_named {
        quote!(#ident)
    } else {
        quote!((#(<<#expressions as #query::Selection<__S, #ways>>::Kind as #query::Kind>::Stored,)*))
    };
    let commas = (0..fields.len()).map(|at| if at == 0 { "" } else { ", " });
    let reads = names.iter().zip(&expressions).zip(&types).map(|((name, expression), ty)| {
        quote_spanned! {ty.span()=>
            #name: {
                let __read = <#expression as #query::Selection<__S, _>>::read(__row, __at)?;
                __at += <#expression as #query::Selection<__S, _>>::WIDTH;
                #query::Fills::<#ty>::fill(__read)
            }
        }
    });
    quote! {
        #[doc = #doc]
        #[derive(Debug, Clone, Copy)]
        #[allow(missing_docs, reason = "its fields are those of the record")]
        #visibility struct #select<#(#expressions),*> {
            #(#visibilities #names: #expressions),*
        }

        #[automatically_derived]
        impl<__S, #(#expressions,)* #(#ways),*> #query::Selection<__S, (#(#ways,)*)> for #select<#(#expressions),*>
        where
            #(#bounds,)*
        {
            type Out = #ident;
            type Kind = #query::Many<#kind>;
            const WIDTH: usize = 0 #(+ <#expressions as #query::Selection<__S, #ways>>::WIDTH)*;

            fn write_selection<'a>(self, __sql: &mut #query::Sql<'a>)
            where
                Self: 'a,
            {
                #(
                    __sql.piece(#commas);
                    #query::Selection::<__S, #ways>::write_selection(self.#names, __sql);
                )*
            }

            fn read(
                __row: &::seedbed::__private::Row<'_>,
                __start: usize,
            ) -> ::core::result::Result<#ident, ::seedbed::__private::Error> {
                let mut __at = __start;
                let __record = #ident { #(#reads),* };
                let _ = __at;
                ::core::result::Result::Ok(__record)
            }
        }
    }
}
