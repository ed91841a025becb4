//! What the attributes of an item say about whether it is compiled and where it is, and which derives a macro hides.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned as _;

pub(super) fn has_attribute(attributes: &[syn::Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident(name))
}

/// Whether an item is compiled.
pub(super) enum Condition {
    Always,
    Never,
    Sometimes(Span),
}

/// Tests are never part of the application's schema; any other condition is not known here.
pub(super) fn condition_of(attributes: &[syn::Attribute]) -> Condition {
    let mut condition = Condition::Always;
    for attribute in attributes {
        let syn::Meta::List(list) = &attribute.meta else { continue };
        if attribute.path().is_ident("cfg") {
            match list.tokens.to_string().replace(' ', "").as_str() {
                "test" => return Condition::Never,
                "not(test)" => {}
                all if all.starts_with("all(test,") => return Condition::Never,
                _ => condition = Condition::Sometimes(attribute.span()),
            }
        }
        let names = ["Table", "View", "TextEnum", "DbType", "table", "view", "text_enum", "path"];
        if attribute.path().is_ident("cfg_attr") && names.iter().any(|name| has_word(&list.tokens, name)) {
            condition = Condition::Sometimes(attribute.span());
        }
    }
    condition
}

pub(super) fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find(|attribute| attribute.path().is_ident("path")).and_then(|attribute| {
        match &attribute.meta {
            syn::Meta::NameValue(syn::MetaNameValue {
                value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }),
                ..
            }) => Some(path.value()),
            _ => None,
        }
    })
}

/// Whether a word stands anywhere in the tokens.
pub(super) fn has_word(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(&group.stream(), word),
        _ => false,
    })
}

/// Finds `derive(.. Table ..)` in the tokens of a macro.
pub(super) fn derive_in(tokens: TokenStream) -> Option<(Span, &'static str)> {
    let mut after_derive = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let found = ["Table", "View"]
                    .into_iter()
                    .find(|name| after_derive && has_word(&group.stream(), name));
                if let Some(name) = found {
                    return Some((group.span_open(), name));
                }
                if let Some(found) = derive_in(group.stream()) {
                    return Some(found);
                }
                after_derive = false;
            }
            TokenTree::Ident(ident) => after_derive = ident == "derive",
            _ => after_derive = false,
        }
    }
    None
}
