//! `#[derive(DbType)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// Implements `DbType` by the only field.
pub(super) fn expand(item: &syn::ItemStruct) -> TokenStream {
    let ident = &item.ident;
    let Some(field) = item.fields.iter().next() else { return TokenStream::new() };
    let ty = &field.ty;
    let member = field
        .ident
        .as_ref()
        .map_or_else(|| syn::Member::Unnamed(syn::Index::from(0)), |name| syn::Member::Named(name.clone()));
    let inner =
        quote_spanned!(ty.span().resolved_at(Span::call_site())=> <#ty as ::seedbed::__private::DbType>);
    let by_reference = super::by_reference::expand(ident);
    quote! {
        #[automatically_derived]
        impl ::seedbed::__private::DbType for #ident {
            const STORAGE: ::seedbed::__private::Storage = #inner::STORAGE;
            type Family = Self;

            fn to_value(&self) -> ::seedbed::__private::Value<'_> {
                #inner::to_value(&self.#member)
            }

            fn from_value(
                value: ::seedbed::__private::Value<'_>,
            ) -> ::core::result::Result<Self, ::seedbed::__private::ValueError> {
                #inner::from_value(value).map(|value| Self { #member: value })
            }
        }

        #by_reference
    }
}

/// Implements `DbType` for a struct that has faults.
pub(super) fn fallback(item: &syn::ItemStruct) -> TokenStream {
    let ident = &item.ident;
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::seedbed::__private::DbType for #ident #ty_generics #where_clause {
            const STORAGE: ::seedbed::__private::Storage = ::seedbed::__private::Storage::Any;
            type Family = Self;

            fn to_value(&self) -> ::seedbed::__private::Value<'_> {
                ::core::unreachable!()
            }

            fn from_value(
                _: ::seedbed::__private::Value<'_>,
            ) -> ::core::result::Result<Self, ::seedbed::__private::ValueError> {
                ::core::unreachable!()
            }
        }
    }
}
