//! An enum with `#[derive(TextEnum)]`: the text of every variant.

use super::args::{attribute_args, unknown_key};
use super::decl::{Origin, Spanned, TextEnumDecl, TextVariantDecl};
use super::fault::{Fault, Faults, Place};
use super::names::plain;
use crate::naming::snake_case;

/// Reads an enum with `#[derive(TextEnum)]`.
///
/// # Errors
///
/// Everything that is wrong with the enum.
///
/// ```
/// let item = syn::parse_str("enum Kind { Root, #[text_enum(rename = \"leaf\")] NodeWithoutChildren }")?;
/// let kind = seedbed_schema::read::text_enum_decl(&item).map_err(|faults| faults.to_string()).unwrap();
/// assert_eq!(kind.variants[0].text.value, "root");
/// assert_eq!(kind.variants[1].text.value, "leaf");
/// # Ok::<(), syn::Error>(())
/// ```
pub fn text_enum_decl(item: &syn::ItemEnum) -> Result<TextEnumDecl, Faults> {
    let mut faults = Faults::default();
    let decl = read_text_enum(item, &mut faults);
    faults.into_result(decl)
}

/// Reads a text enum as far as it can be read.
pub(super) fn read_text_enum(item: &syn::ItemEnum, faults: &mut Faults) -> TextEnumDecl {
    let ident = Spanned { value: plain(&item.ident), span: item.ident.span() };
    let mut no_check = false;
    for arg in attribute_args(&item.attrs, "text_enum", faults) {
        match arg.key.as_str() {
            "no_check" => no_check = arg.flag(faults),
            _ => faults.push(unknown_key(&arg, "`#[text_enum(..)]`", &["no_check"], &[])),
        }
    }
    if !item.generics.params.is_empty() {
        faults.push(Fault::new(ident.span, format!("`{}` has generic parameters", ident.value)));
    }
    if item.variants.is_empty() {
        faults.push(Fault::new(
            ident.span,
            format!("`{}` has no variants, so no text could be stored", ident.value),
        ));
    }
    let mut variants: Vec<TextVariantDecl> = Vec::with_capacity(item.variants.len());
    for variant in &item.variants {
        let variant = read_variant(variant, faults);
        if let Some(first) = variants.iter().find(|first| first.text.value == variant.text.value) {
            faults.push(
                Fault::new(
                    variant.text.span,
                    format!(
                        "`{}` and `{}` are both stored as `{}`",
                        first.ident.value, variant.ident.value, variant.text.value
                    ),
                )
                .with_hint("write `#[text_enum(rename = \"…\")]`")
                .with_other("the first is at", Place::new(&Origin::default().file, first.text.span)),
            );
        }
        variants.push(variant);
    }
    TextEnumDecl { ident, no_check, variants, origin: Origin::default() }
}

fn read_variant(variant: &syn::Variant, faults: &mut Faults) -> TextVariantDecl {
    let ident = Spanned { value: plain(&variant.ident), span: variant.ident.span() };
    if !matches!(variant.fields, syn::Fields::Unit) {
        faults.push(
            Fault::new(
                ident.span,
                format!("the variant `{}` has fields, which a text cannot hold", ident.value),
            )
            .with_hint("store a value with fields as `Json<T>`"),
        );
    }
    if let Some(condition) = variant.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
        faults.push(
            Fault::new(
                syn::spanned::Spanned::span(condition),
                format!("whether the variant `{}` exists depends on a `cfg`", ident.value),
            )
            .with_hint("a database has one schema: declare the variant always"),
        );
    }
    let (mut text, mut renamed_from) = (None, None);
    for arg in attribute_args(&variant.attrs, "text_enum", faults) {
        match arg.key.as_str() {
            "rename" => text = arg.text(faults),
            "renamed_from" => renamed_from = arg.text(faults),
            _ => faults.push(unknown_key(
                &arg,
                "`#[text_enum(..)]` of a variant",
                &["rename", "renamed_from"],
                &[("name", "write `rename = \"…\"`")],
            )),
        }
    }
    let text = text.unwrap_or_else(|| Spanned { value: snake_case(&ident.value), span: ident.span });
    TextVariantDecl { ident, text, renamed_from }
}
