//! `#[derive(TextEnum)]`.

use proc_macro2::TokenStream;
use quote::quote;
use seedbed_schema::read::TextEnumDecl;

/// Implements `TextEnum` and `DbType`.
pub(super) fn expand(item: &syn::ItemEnum, decl: &TextEnumDecl) -> TokenStream {
    let ident = &item.ident;
    let variants: Vec<&syn::Ident> = item.variants.iter().map(|variant| &variant.ident).collect();
    let texts: Vec<&str> = decl.variants.iter().map(|variant| variant.text.value.as_str()).collect();
    let text_enum = quote! {
        const VARIANTS: &'static [Self] = &[#(Self::#variants),*];

        fn text(&self) -> &'static str {
            match self {
                #(Self::#variants => #texts,)*
            }
        }

        fn from_text(text: &str) -> ::core::option::Option<Self> {
            match text {
                #(#texts => ::core::option::Option::Some(Self::#variants),)*
                _ => ::core::option::Option::None,
            }
        }
    };
    let listed: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
    let expected = match listed.as_slice() {
        [only] => only.clone(),
        _ => format!("one of {}", listed.join(", ")),
    };
    implement(ident, text_enum, &expected)
}

/// Implements the traits for an enum that has faults.
pub(super) fn fallback(item: &syn::ItemEnum) -> TokenStream {
    let text_enum = quote! {
        const VARIANTS: &'static [Self] = &[];

        fn text(&self) -> &'static str {
            ::core::unreachable!()
        }

        fn from_text(_: &str) -> ::core::option::Option<Self> {
            ::core::unreachable!()
        }
    };
    if item.generics.params.is_empty() { implement(&item.ident, text_enum, "") } else { TokenStream::new() }
}

fn implement(ident: &syn::Ident, text_enum: TokenStream, expected: &str) -> TokenStream {
    let by_reference = super::by_reference::expand(ident);
    quote! {
        #[automatically_derived]
        impl ::seedbed::__private::TextEnum for #ident {
            #text_enum
        }

        #[automatically_derived]
        impl ::seedbed::__private::DbType for #ident {
            const STORAGE: ::seedbed::__private::Storage = ::seedbed::__private::Storage::Text;
            type Family = Self;

            fn to_value(&self) -> ::seedbed::__private::Value<'_> {
                let text = ::seedbed::__private::TextEnum::text(self);
                ::seedbed::__private::Value::Text(::std::borrow::Cow::Borrowed(text))
            }

            fn from_value(
                value: ::seedbed::__private::Value<'_>,
            ) -> ::core::result::Result<Self, ::seedbed::__private::ValueError> {
                if let ::seedbed::__private::Value::Text(text) = &value
                    && let ::core::option::Option::Some(variant) = ::seedbed::__private::TextEnum::from_text(text)
                {
                    return ::core::result::Result::Ok(variant);
                }
                ::core::result::Result::Err(::seedbed::__private::ValueError::mismatch(#expected, &value))
            }
        }

        #by_reference
    }
}
