//! What a query takes by reference: `&UserId` where it takes a `UserId`.

use proc_macro2::TokenStream;
use quote::quote;

/// Lets values of a type be compared and set by reference, so that nothing is cloned for a query.
pub(super) fn expand(ident: &syn::Ident) -> TokenStream {
    let query = quote!(::seedbed::__private::query);
    quote! {
        #[automatically_derived]
        impl<'value> #query::Operand<#ident> for &'value #ident {
            type Out = #query::Bind<'value>;

            fn operand(self) -> #query::Bind<'value> {
                #query::borrowed(self)
            }
        }

        #[automatically_derived]
        impl<'value, N> #query::Assign<#query::Slot<#ident, N>> for &'value #ident {
            type Out = #query::Bind<'value>;

            fn assigned(self) -> #query::Bind<'value> {
                #query::borrowed(self)
            }
        }
    }
}
