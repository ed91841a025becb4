//! `sql!`: a fragment of SQL with gaps, typed by hand.
//!
//! The text is a literal of the program, so nothing that a user has typed can be part of it; what stands in a gap is an
//! expression, or a value that is bound.

use proc_macro2::TokenStream;
use quote::quote;
use seedbed_schema::sql::TokenKind;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;

/// `type, "text with {}", argument, …`
struct Fragment {
    ty: syn::Type,
    text: syn::LitStr,
    arguments: Punctuated<syn::Expr, syn::Token![,]>,
}

impl Parse for Fragment {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ty = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        let text = input.parse()?;
        let arguments = if input.is_empty() {
            Punctuated::new()
        } else {
            input.parse::<syn::Token![,]>()?;
            Punctuated::parse_terminated(input)?
        };
        Ok(Self { ty, text, arguments })
    }
}

/// Expands `sql!`.
pub(crate) fn sql(input: TokenStream) -> TokenStream {
    syn::parse2(input).and_then(|fragment| expand(&fragment)).unwrap_or_else(syn::Error::into_compile_error)
}

fn expand(Fragment { ty, text, arguments }: &Fragment) -> syn::Result<TokenStream> {
    let pieces = split(&text.value()).map_err(|message| syn::Error::new(text.span(), message))?;
    if let Some(message) = what_is_wrong(&pieces) {
        return Err(syn::Error::new(text.span(), message));
    }
    let (gaps, given) = (pieces.len() - 1, arguments.len());
    if gaps != given {
        let message = format!("the text has {gaps} gaps `{{}}`, and {given} expressions follow it");
        return Err(syn::Error::new(text.span(), message));
    }
    if given > 8 {
        return Err(syn::Error::new(text.span(), "a fragment has at most 8 gaps"));
    }
    let (value, null) = match option_of(ty) {
        Some(inner) => (inner, quote!(Nullable)),
        None => (ty, quote!(NotNull)),
    };
    // In parentheses, so that it stays one expression among others.
    let pieces = in_parentheses(pieces);
    let query = quote!(::seedbed::__private::query);
    let arguments = arguments.iter();
    Ok(quote! {
        #query::fragment::<_, #value, #query::#null>(&[#(#pieces),*], (#(#query::argument(#arguments),)*))
    })
}

/// Splits at the gaps; `{{` and `}}` are the signs themselves.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut pieces = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let piece = pieces.last_mut().ok_or("the text has no end")?;
        match (letter, letters.peek()) {
            ('{', Some('{')) | ('}', Some('}')) => {
                piece.push(letter);
                letters.next();
            }
            ('{', Some('}')) => {
                letters.next();
                pieces.push(String::new());
            }
            ('{' | '}', _) => {
                return Err(format!("a gap is `{{}}`, and a `{letter}` itself is written twice"));
            }
            _ => piece.push(letter),
        }
    }
    Ok(pieces)
}

/// What stands in a gap when the text is looked at; no name begins so.
const GAP: &str = "__seedbed_gap";

/// Says what keeps the text from being one expression with its gaps in it.
fn what_is_wrong(pieces: &[String]) -> Option<String> {
    let text = pieces.join(&format!(" {GAP} "));
    let tokens = seedbed_schema::sql::tokenize(&text);
    let gaps = tokens.iter().filter(|token| token.is_word(GAP)).count();
    if gaps + 1 != pieces.len() {
        return Some(
            "a gap `{}` stands in quotes or in a comment, where no value can be\nhint: write `{}` without quotes".to_owned(),
        );
    }
    if tokens.iter().any(|token| token.kind == TokenKind::Comment && token.text.starts_with("--")) {
        return Some("a comment `--` would hide what follows the text\nhint: write `/* … */`".to_owned());
    }
    if let Some(token) = tokens.iter().find(|token| token.kind == TokenKind::Parameter) {
        let name = token.text;
        return Some(format!(
            "nothing gives `{name}` a value\nhint: write `{{}}`, and the value behind the text"
        ));
    }
    seedbed_schema::sql::what_is_wrong(&text).map(|wrong| format!("the text {wrong}"))
}

fn in_parentheses(mut pieces: Vec<String>) -> Vec<String> {
    if let Some(first) = pieces.first_mut() {
        first.insert(0, '(');
    }
    if let Some(last) = pieces.last_mut() {
        last.push(')');
    }
    pieces
}

fn option_of(ty: &syn::Type) -> Option<&syn::Type> {
    let syn::Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{split, what_is_wrong};

    #[test]
    fn gaps_are_told_from_braces() {
        assert_eq!(split("a {} b").unwrap(), ["a ", " b"]);
        assert_eq!(split("{{}} {}").unwrap(), ["{} ", ""]);
        assert!(split("a {x}").is_err());
    }

    #[test]
    fn a_text_is_one_expression_with_its_gaps() {
        let wrong = |text: &str| what_is_wrong(&split(text).unwrap());
        for text in ["{} = '?:a'", "NULL", "count(*)", "{}->>'$.a'", "{} /* why */ + {}", "x GLOB '*[?]'"] {
            assert_eq!(wrong(text), None, "{text}");
        }
        for text in
            ["", "'{}'", "{} --", "{} = ?", "{} = :a", "({}", "{}) OR (1", "1; 2", "{} = 'x", "/* {} */ 1"]
        {
            assert!(wrong(text).is_some(), "{text}");
        }
    }
}
