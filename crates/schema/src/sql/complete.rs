//! Tells whether a text can stand in SQL as one expression, without judging the expression itself.

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
