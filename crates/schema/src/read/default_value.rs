//! What stands behind `default =`: a literal, a path, `now`, `None` or `sql("…")`.
//!
//! The usual forms are read from their tokens; a whole expression is parsed for the others only.

use proc_macro2::{Delimiter, TokenTree};

use super::args::{Arg, ArgValue, first_span, flat, text_literal};
use super::decl::{DefaultDecl, Literal, RustPath, Spanned};
use super::fault::{Fault, Faults};
use super::sql_text::expression;

const HINT: &str = "write a literal, a const, `now`, `None`, a variant of a text enum, or `sql(\"…\")`";

/// Reads the default of a field.
pub(super) fn read_default(arg: &Arg, field: &str, faults: &mut Faults) -> Option<Spanned<DefaultDecl>> {
    let ArgValue::Equals(tokens) = &arg.value else {
        faults.push(Fault::new(arg.span, "`default` takes a value").with_hint(HINT));
        return None;
    };
    let span = first_span(tokens.clone()).unwrap_or(arg.span);
    let value = match flat(tokens.clone()).as_slice() {
        [TokenTree::Literal(literal)] => {
            literal_value(&syn::Lit::new(literal.clone())).map(DefaultDecl::Literal)
        }
        [TokenTree::Ident(word)] if word == "now" => Some(DefaultDecl::Now),
        [TokenTree::Ident(word)] if word == "None" => Some(DefaultDecl::Null),
        [TokenTree::Ident(word)] if word == "true" || word == "false" => {
            Some(DefaultDecl::Literal(Literal::Bool(word == "true")))
        }
        [TokenTree::Ident(word), TokenTree::Group(group)]
            if word == "sql" && group.delimiter() == Delimiter::Parenthesis =>
        {
            match text_literal(group.stream()) {
                Some(text) => Some(DefaultDecl::Sql(expression(&text, "default", faults)?)),
                None => None,
            }
        }
        _ => match syn::parse2::<syn::Expr>(tokens.clone()) {
            Ok(syn::Expr::Path(path)) if path.qself.is_none() => Some(DefaultDecl::Path(RustPath(path.path))),
            Ok(other) => literal_of(&other).map(DefaultDecl::Literal),
            Err(_) => None,
        },
    };
    if value.is_none() {
        let message = format!("the default of `{field}` is no value that can be known here");
        faults.push(Fault::new(span, message).with_hint(HINT));
    }
    value.map(|value| Spanned { value, span })
}

/// Returns the value of an expression that is a literal, with a minus before it or in parentheses too.
pub(super) fn literal_of(expr: &syn::Expr) -> Option<Literal> {
    match expr {
        syn::Expr::Lit(literal) => literal_value(&literal.lit),
        syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => match literal_of(expr)? {
            Literal::Integer(value) => value.checked_neg().map(Literal::Integer),
            Literal::Real(value) => Some(Literal::Real(-value)),
            _ => None,
        },
        syn::Expr::Paren(inner) => literal_of(&inner.expr),
        syn::Expr::Group(inner) => literal_of(&inner.expr),
        syn::Expr::Reference(inner) => literal_of(&inner.expr),
        _ => None,
    }
}

fn literal_value(literal: &syn::Lit) -> Option<Literal> {
    match literal {
        syn::Lit::Bool(value) => Some(Literal::Bool(value.value)),
        syn::Lit::Int(value) => value.base10_parse().ok().map(Literal::Integer),
        syn::Lit::Float(value) => value.base10_parse().ok().map(Literal::Real),
        syn::Lit::Str(value) => Some(Literal::Text(value.value())),
        syn::Lit::Char(value) => Some(Literal::Char(value.value())),
        syn::Lit::ByteStr(value) => Some(Literal::Bytes(value.value())),
        _ => None,
    }
}
