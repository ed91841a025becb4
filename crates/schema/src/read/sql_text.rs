//! SQL that stands in attributes: looked at closely enough to point at a typing error, and not judged further.

use crate::sql::{SqlExpr, TokenKind, tokenize, what_is_wrong};

use super::decl::Spanned;
use super::fault::{Fault, Faults};

/// Makes an expression of an attribute's text; text that cannot be one is a fault.
pub(super) fn expression(text: &Spanned<String>, key: &str, faults: &mut Faults) -> Option<SqlExpr> {
    if let Some(wrong) = what_is_wrong(&text.value) {
        faults.push(Fault::new(text.span, format!("the SQL of `{key}` {wrong}")));
        return None;
    }
    Some(SqlExpr::new(&text.value))
}

/// Words that begin a column constraint, so that no type can hold them.
const CONSTRAINT_WORDS: [&str; 11] = [
    "AS",
    "CHECK",
    "COLLATE",
    "CONSTRAINT",
    "DEFAULT",
    "GENERATED",
    "NOT",
    "NULL",
    "PRIMARY",
    "REFERENCES",
    "UNIQUE",
];

/// Whether an attribute's text is a column type; one that is none is a fault.
pub(super) fn type_name(text: &Spanned<String>, faults: &mut Faults) -> bool {
    let mut depth = 0;
    let is_type = tokenize(&text.value).iter().all(|token| {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        let is_constraint = CONSTRAINT_WORDS.iter().any(|word| token.is_word(word));
        let is_name = token.kind == TokenKind::Word && depth == 0 && !is_constraint;
        let is_size = token.kind == TokenKind::Number && depth == 1;
        let is_mark = matches!(token.text, "(" | ")") || (token.text == "," && depth == 1);
        is_name || is_size || is_mark || token.kind == TokenKind::Space
    });
    let starts_well = text.value.starts_with(|c: char| c.is_ascii_alphabetic());
    if !(is_type && depth == 0 && starts_well) {
        faults.push(Fault::new(text.span, format!("`{}` is no SQL type", text.value)).with_hint(
            "write a type such as `TEXT`, `VARCHAR(20)` or `DECIMAL(10, 2)`, without constraints",
        ));
    }
    is_type && depth == 0 && starts_well
}
