//! `#[derive(View)]`.

use proc_macro2::TokenStream;
use quote::quote;
use seedbed_schema::read::ViewDecl;

use super::columns;
use super::row::{fallback_items, row_fields, row_items};

/// Implements `View`.
pub(super) fn expand(item: &syn::ItemStruct, decl: &ViewDecl) -> TokenStream {
    let ident = &item.ident;
    let fields = row_fields(item, &decl.columns);
    let row = row_items(&decl.name.value, &decl.text(), &fields, &TokenStream::new());
    let columns = columns::expand(item, &decl.name.value, &fields, None, |_, _| None);
    quote! {
        #[automatically_derived]
        impl ::seedbed::__private::View for #ident {
            #row
        }

        #columns
    }
}

/// Implements `View` for a struct that has faults.
pub(super) fn fallback(item: &syn::ItemStruct) -> TokenStream {
    let ident = &item.ident;
    let row = fallback_items();
    let columns = columns::fallback(item);
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::seedbed::__private::View for #ident #ty_generics #where_clause {
            #row
        }

        #columns
    }
}
