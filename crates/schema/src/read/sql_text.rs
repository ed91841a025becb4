//! SQL that stands in attributes: looked at closely enough to point at a typing error, and not judged further.

use crate::sql::{SqlExpr, TokenKind, tokenize};

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

fn what_is_wrong(sql: &str) -> Option<String> {
    let mut depth = 0_usize;
    let mut is_empty = true;
    for token in tokenize(sql).iter().filter(|token| !token.is_trivia()) {
        is_empty = false;
        match (token.kind, token.text) {
            (TokenKind::Bad, text) if text.len() > 1 => {
                return Some("has a literal that does not end".to_owned());
            }
            (TokenKind::Bad, text) => return Some(format!("holds the stray character `{text}`")),
            (TokenKind::Parameter, text) => {
                return Some(format!("holds the parameter `{text}`, and nothing could give it a value"));
            }
            (TokenKind::Symbol, ";") => return Some("holds a semicolon outside of quotes".to_owned()),
            (TokenKind::Symbol, "(") => depth += 1,
            (TokenKind::Symbol, ")") if depth == 0 => {
                return Some("closes a parenthesis too many".to_owned());
            }
            (TokenKind::Symbol, ")") => depth -= 1,
            _ => {}
        }
    }
    if is_empty {
        return Some("is empty".to_owned());
    }
    (depth > 0).then(|| "leaves a parenthesis open".to_owned())
}
