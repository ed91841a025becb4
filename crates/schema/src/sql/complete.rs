//! Tells whether a text can stand in SQL as one expression or as one type, without judging what it means.

use super::token::{TokenKind, tokenize};

/// Says what keeps a text from being one expression: a literal that does not end, a parenthesis too many or too few, a
/// semicolon, a parameter, nothing at all. `None` when nothing does; whether it means something is for SQLite to say.
///
/// ```
/// use seedbed_schema::sql::what_is_wrong;
///
/// assert_eq!(what_is_wrong("lower(name) || ';'"), None);
/// assert_eq!(what_is_wrong("'x'); DELETE FROM users; SELECT (1").as_deref(), Some("closes a parenthesis too many"));
/// ```
pub fn what_is_wrong(sql: &str) -> Option<String> {
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

/// Whether a text can stand behind a column's name as its type; no text at all is a column without a type.
pub(crate) fn is_type_name(text: &str) -> bool {
    let mut depth = 0;
    let is_type = tokenize(text).iter().all(|token| {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        let is_constraint = CONSTRAINT_WORDS.iter().any(|word| token.is_word(word));
        let is_name = token.kind == TokenKind::Word && matches!(depth, 0 | 1) && !is_constraint;
        let is_size = token.kind == TokenKind::Number && depth == 1;
        let is_mark =
            matches!(token.text, "(" | ")") || (matches!(token.text, "," | "-" | "+") && depth == 1);
        is_name || is_size || is_mark || token.kind == TokenKind::Space
    });
    let starts_well = text.is_empty() || text.starts_with(|c: char| c.is_ascii_alphabetic());
    is_type && depth == 0 && starts_well
}
