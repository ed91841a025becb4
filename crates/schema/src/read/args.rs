//! The arguments of an attribute, `name = "users", strict, index(columns(a, b))`, cut at their commas.
//!
//! Works on tokens, so a mistake in one argument hides no mistake in the next, and no expression is parsed unless
//! a key asks for one. What the keys mean is not known here.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::spanned::Spanned as _;

use super::decl::Spanned;
use super::fault::{Fault, Faults};
use super::names::nearest;

/// One argument.
pub(super) struct Arg {
    pub(super) key: String,
    pub(super) span: Span,
    pub(super) value: ArgValue,
}

/// What stands behind the key.
pub(super) enum ArgValue {
    /// Nothing.
    Flag,
    /// `= tokens`
    Equals(TokenStream),
    /// `(tokens)`
    List(TokenStream),
}

/// Cuts tokens at their commas; an empty piece at the end is no piece.
pub(super) fn pieces(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut pieces = vec![Vec::new()];
    for token in flat(tokens) {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => pieces.push(Vec::new()),
            _ => pieces.last_mut().expect("there is always a last piece").push(token),
        }
    }
    if pieces.last().is_some_and(Vec::is_empty) {
        pieces.pop();
    }
    pieces
}

/// Yields the tokens with invisible groups opened, which the compiler puts around what a `macro_rules!` macro was given.
pub(super) fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                all.extend(flat(group.stream()))
            }
            token => all.push(token),
        }
    }
    all
}

/// Returns the arguments of every attribute of that name, in order.
pub(super) fn attribute_args(attributes: &[syn::Attribute], name: &str, faults: &mut Faults) -> Vec<Arg> {
    let mut args = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        match &attribute.meta {
            syn::Meta::Path(_) => {}
            syn::Meta::List(list) => {
                args.extend(read_args(list.tokens.clone(), attribute.path().span(), faults));
            }
            syn::Meta::NameValue(pair) => faults.push(
                Fault::new(pair.eq_token.span, format!("`{name}` takes its arguments in parentheses"))
                    .with_hint(format!("write `#[{name}(key = value)]`")),
            ),
        }
    }
    args
}

/// Reads arguments; a piece that is none is a fault. An empty piece has no place, so the place around it stands for it.
pub(super) fn read_args(tokens: TokenStream, around: Span, faults: &mut Faults) -> Vec<Arg> {
    pieces(tokens).into_iter().filter_map(|piece| read_arg(piece, around, faults)).collect()
}

fn read_arg(piece: Vec<TokenTree>, around: Span, faults: &mut Faults) -> Option<Arg> {
    let mut tokens = piece.into_iter();
    let Some(first) = tokens.next() else {
        faults.push(Fault::new(around, "an argument is missing between two commas"));
        return None;
    };
    let span = first.span();
    let TokenTree::Ident(key) = first else {
        faults.push(
            Fault::new(span, format!("expected a key, found `{first}`"))
                .with_hint("write `key`, `key = value` or `key(..)`"),
        );
        return None;
    };
    let value = match tokens.next() {
        None => ArgValue::Flag,
        Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => {
            let value: TokenStream = tokens.by_ref().collect();
            if value.is_empty() {
                faults.push(Fault::new(span, format!("`{key} =` has no value")));
                return None;
            }
            ArgValue::Equals(value)
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            ArgValue::List(group.stream())
        }
        Some(other) => {
            faults.push(unexpected(&other));
            return None;
        }
    };
    if let Some(other) = tokens.next() {
        faults.push(unexpected(&other));
        return None;
    }
    Some(Arg { key: key.unraw().to_string(), span, value })
}

fn unexpected(token: &TokenTree) -> Fault {
    Fault::new(token.span(), format!("unexpected `{token}`")).with_hint("arguments are separated by commas")
}

/// Makes the fault of a key that is not known.
pub(super) fn unknown_key(arg: &Arg, place: &str, known: &[&str], meant: &[(&str, &str)]) -> Fault {
    let fault = Fault::new(arg.span, format!("unknown key `{}` in {place}", arg.key));
    if let Some((_, advice)) = meant.iter().find(|(word, _)| *word == arg.key) {
        return fault.with_hint(*advice);
    }
    match nearest(&arg.key, known.iter().copied()) {
        Some(key) => fault.with_hint(format!("did you mean `{key}`?")),
        None => fault.with_hint(format!("the known keys are {}", listed(known))),
    }
}

/// Joins names for a message: `a`, `b`, `c`.
pub(super) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

impl Arg {
    /// Whether the argument is a bare key; a value behind it is a fault.
    pub(super) fn flag(&self, faults: &mut Faults) -> bool {
        if matches!(self.value, ArgValue::Flag) {
            return true;
        }
        faults.push(
            Fault::new(self.span, format!("`{}` takes no value", self.key))
                .with_hint(format!("write `{}` alone, or leave it out", self.key)),
        );
        false
    }

    /// Returns the text of `key = "text"`.
    pub(super) fn text(&self, faults: &mut Faults) -> Option<Spanned<String>> {
        let ArgValue::Equals(tokens) = &self.value else {
            return self.no_text("…", faults);
        };
        match flat(tokens.clone()).as_slice() {
            [TokenTree::Literal(literal)] => match text_of(literal.clone()) {
                Some(text) => Some(text),
                None => self.no_text("…", faults),
            },
            [TokenTree::Ident(word)] => self.no_text(&word.to_string(), faults),
            [TokenTree::Literal(_), other, ..] => {
                faults.push(unexpected(other));
                None
            }
            _ => self.no_text("…", faults),
        }
    }

    fn no_text(&self, example: &str, faults: &mut Faults) -> Option<Spanned<String>> {
        let fault = Fault::new(self.span, format!("`{}` takes a text", self.key));
        faults.push(fault.with_hint(format!("write `{} = \"{example}\"`", self.key)));
        None
    }

    /// Returns the tokens of `key(tokens)`.
    pub(super) fn list(&self, faults: &mut Faults) -> Option<TokenStream> {
        if let ArgValue::List(tokens) = &self.value {
            return Some(tokens.clone());
        }
        faults.push(
            Fault::new(self.span, format!("`{}` takes its parts in parentheses", self.key))
                .with_hint(format!("write `{}(..)`", self.key)),
        );
        None
    }

    /// Returns the value of `key = value` as whatever the parser reads.
    pub(super) fn parsed<T>(
        &self,
        parser: impl Parser<Output = T>,
        wanted: &str,
        faults: &mut Faults,
    ) -> Option<Spanned<T>> {
        if let ArgValue::Equals(tokens) = &self.value {
            let span = first_span(tokens.clone()).unwrap_or(self.span);
            if let Ok(value) = parser.parse2(tokens.clone()) {
                return Some(Spanned { value, span });
            }
        }
        faults.push(
            Fault::new(self.span, format!("`{}` takes {wanted}", self.key))
                .with_hint(format!("write `{} = …`", self.key)),
        );
        None
    }
}

/// Returns the value of tokens that are one text literal.
pub(super) fn text_literal(tokens: TokenStream) -> Option<Spanned<String>> {
    let mut tokens = flat(tokens).into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Literal(literal)), None) => text_of(literal),
        _ => None,
    }
}

/// Returns the value of a text literal.
pub(super) fn text_of(literal: Literal) -> Option<Spanned<String>> {
    let span = literal.span();
    match syn::Lit::new(literal) {
        syn::Lit::Str(text) => Some(Spanned { value: text.value(), span }),
        _ => None,
    }
}

/// Returns the place of the first token.
pub(super) fn first_span(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().next().map(|token| token.span())
}

/// Reads `a, b, c`: Rust names, one a piece.
pub(super) fn identifiers(tokens: TokenStream, faults: &mut Faults) -> Vec<Ident> {
    let mut names = Vec::new();
    for piece in pieces(tokens) {
        match piece.as_slice() {
            [TokenTree::Ident(name)] => names.push(name.clone()),
            [] => {}
            [TokenTree::Ident(_), second, ..] => faults.push(unexpected(second)),
            [first, ..] => faults.push(
                Fault::new(first.span(), format!("expected the name of a field, found `{first}`"))
                    .with_hint("write the Rust names of fields, separated by commas"),
            ),
        }
    }
    names
}
