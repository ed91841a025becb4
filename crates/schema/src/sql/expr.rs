//! Expressions as text that compare by meaning of their tokens, not by their looks.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::quote::{is_bare_identifier, is_keyword, quote_identifier, quote_text};
use super::token::{Token, TokenKind, tokenize};

/// An SQL expression or SELECT statement, kept as it was written.
///
/// Two expressions are equal when their tokens are: white space, comments, the case of keywords and identifiers,
/// needless quotes around identifiers and parentheses around the whole make no difference.
///
/// ```
/// use seedbed_schema::sql::SqlExpr;
///
/// assert_eq!(SqlExpr::new("age > 21 and name <> 'A'"), SqlExpr::new("(\"age\">21 AND `name` <> 'A')"));
/// assert_ne!(SqlExpr::new("name <> 'A'"), SqlExpr::new("name <> 'a'"));
/// ```
#[derive(Debug, Clone, Default, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SqlExpr(String);

impl SqlExpr {
    /// Makes an expression from its text; white space around it and parentheses around the whole are removed.
    pub fn new(text: &str) -> Self {
        Self(strip_parentheses(text).to_owned())
    }

    /// Makes the condition that a column holds one of some texts, the CHECK of a text enum.
    ///
    /// ```
    /// use seedbed_schema::sql::SqlExpr;
    ///
    /// assert_eq!(SqlExpr::one_of("state", ["open", "done"]).as_str(), "\"state\" IN ('open', 'done')");
    /// ```
    pub fn one_of<'a>(column: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(quote_text).collect();
        Self(format!("{} IN ({})", quote_identifier(column), texts.join(", ")))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the one form that all equal expressions share. It is for comparing, not for writing into SQL.
    pub fn canonical(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        for token in significant(&self.0) {
            if !text.is_empty() {
                text.push(' ');
            }
            match token.kind {
                TokenKind::Word if is_keyword(token.text) => text.push_str(&token.text.to_ascii_uppercase()),
                TokenKind::Word | TokenKind::Blob | TokenKind::Number => {
                    text.push_str(&token.text.to_ascii_lowercase())
                }
                TokenKind::Quoted => {
                    let name = token.identifier().unwrap_or_default().to_ascii_lowercase();
                    text.push_str(&if is_bare_identifier(&name) { name } else { quote_identifier(&name) });
                }
                TokenKind::Symbol if token.text == "==" => text.push('='),
                TokenKind::Symbol if token.text == "!=" => text.push_str("<>"),
                _ => text.push_str(token.text),
            }
        }
        text
    }

    /// Whether the name occurs as an identifier anywhere in the text. A name that only happens to be spelled the
    /// same (an alias, say) counts too, so `false` is certain and `true` is not.
    pub fn mentions(&self, name: &str) -> bool {
        self.identifiers().any(|found| found.eq_ignore_ascii_case(name))
    }

    /// Returns every identifier of the text, keywords and function names left out.
    pub fn identifiers(&self) -> impl Iterator<Item = String> + '_ {
        let tokens: Vec<Token<'_>> = significant(&self.0).collect();
        let names: Vec<String> = (0..tokens.len()).filter_map(|at| column_name(&tokens, at)).collect();
        names.into_iter()
    }

    /// Returns the text with identifiers replaced: `rename` gets a name and answers with the new one, or `None`.
    /// Function names and keywords are left alone.
    pub fn rename_identifiers(&self, rename: impl Fn(&str) -> Option<String>) -> Self {
        let all = tokenize(&self.0);
        let positions: Vec<usize> = (0..all.len()).filter(|at| !all[*at].is_trivia()).collect();
        let tokens: Vec<Token<'_>> = positions.iter().map(|at| all[*at]).collect();
        let mut text = String::with_capacity(self.0.len());
        let mut copied = 0;
        for at in 0..tokens.len() {
            if let Some(new_name) = column_name(&tokens, at).and_then(|name| rename(&name)) {
                push_apart(&mut text, &self.0[copied..tokens[at].start]);
                push_apart(&mut text, &quote_identifier(&new_name));
                copied = tokens[at].end();
            }
        }
        push_apart(&mut text, &self.0[copied..]);
        Self(text)
    }

    /// Returns the text without `table.` in front of its columns, which SQLite leaves out or adds as it likes.
    pub fn without_qualifier(&self, table: &str) -> Self {
        let tokens: Vec<Token<'_>> = significant(&self.0).collect();
        let mut text = String::with_capacity(self.0.len());
        let mut copied = 0;
        for at in 0..tokens.len().saturating_sub(2) {
            let starts_name = at == 0 || !tokens[at - 1].is_symbol(".");
            let is_name = column_name(&tokens, at).is_some_and(|name| name.eq_ignore_ascii_case(table));
            if starts_name && is_name && tokens[at + 1].is_symbol(".") {
                text.push_str(&self.0[copied..tokens[at].start]);
                copied = tokens[at + 2].start;
            }
        }
        text.push_str(&self.0[copied..]);
        Self(text)
    }
}

/// Appends a piece so that two quoted names do not become one: `a"b"` is a name and an alias, `"a""b"` one name.
fn push_apart(text: &mut String, piece: &str) {
    if text.ends_with('"') && piece.starts_with('"') {
        text.push(' ');
    }
    text.push_str(piece);
}

impl SqlExpr {
    /// Returns every word that can be a name, those in front of a parenthesis too: `INSERT INTO log (at)`.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> + '_ {
        significant(&self.0).filter_map(|token| match token.kind {
            TokenKind::Word if !is_keyword(token.text) => token.identifier(),
            TokenKind::Quoted => token.identifier(),
            _ => None,
        })
    }

    /// Writes words in double quotes as texts where they are no names. Functions, collations, types and what a dot
    /// stands beside are left alone.
    pub(crate) fn quote_texts(&mut self, is_name: &dyn Fn(&str) -> bool) {
        if !self.0.contains('"') {
            return;
        }
        let tokens: Vec<Token<'_>> = significant(&self.0).collect();
        let is_rowid =
            |name: &str| ["rowid", "oid", "_rowid_"].iter().any(|own| name.eq_ignore_ascii_case(own));
        let (mut text, mut copied) = (String::new(), 0);
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text.starts_with('"')) {
            let before = at.checked_sub(1).map(|at| tokens[at]);
            let is_after = before.is_some_and(|before| {
                before.is_symbol(".") || before.is_word("COLLATE") || before.is_word("AS")
            });
            let is_before = tokens.get(at + 1).is_some_and(|next| next.is_symbol(".") || next.is_symbol("("));
            let Some(word) = token.identifier().filter(|_| token.kind == TokenKind::Quoted) else { continue };
            if is_after || is_before || is_name(&word) || is_rowid(&word) {
                continue;
            }
            text.push_str(&self.0[copied..token.start]);
            text.push_str(&quote_text(&word));
            copied = token.end();
        }
        if copied > 0 {
            text.push_str(&self.0[copied..]);
            self.0 = text;
        }
    }

    /// Returns a trigger's definition without the words that change nothing: BEFORE at its start, FOR EACH ROW in
    /// front of its condition or body.
    pub(crate) fn without_trigger_defaults(&self) -> Self {
        let tokens: Vec<Token<'_>> = significant(&self.0).collect();
        let start = match tokens.as_slice() {
            [before, next, ..] if before.is_word("BEFORE") => next.start,
            _ => 0,
        };
        let head_end = tokens.iter().position(|token| token.is_word("BEGIN")).unwrap_or(tokens.len());
        let each_row = tokens[..head_end]
            .windows(3)
            .find(|three| three[0].is_word("FOR") && three[1].is_word("EACH") && three[2].is_word("ROW"));
        Self(match each_row {
            Some(three) => format!("{}{}", &self.0[start..three[0].start], &self.0[three[2].end()..]),
            None => self.0[start..].to_owned(),
        })
    }
}

impl PartialEq for SqlExpr {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.canonical() == other.canonical()
    }
}

impl fmt::Display for SqlExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for SqlExpr {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

fn significant(sql: &str) -> impl Iterator<Item = Token<'_>> {
    tokenize(sql).into_iter().filter(|token| !token.is_trivia())
}

/// Returns the name at that place if it can be a column's or a table's.
fn column_name(tokens: &[Token<'_>], at: usize) -> Option<String> {
    let token = tokens[at];
    let is_function = tokens.get(at + 1).is_some_and(|next| next.is_symbol("("));
    match token.kind {
        TokenKind::Word if !is_keyword(token.text) && !is_function => token.identifier(),
        TokenKind::Quoted if !is_function => token.identifier(),
        _ => None,
    }
}

/// Removes white space, comments and parentheses around the whole.
fn strip_parentheses(text: &str) -> &str {
    let tokens: Vec<Token<'_>> = significant(text).collect();
    let (Some(mut first), Some(mut last)) = (tokens.first(), tokens.last()) else { return text.trim() };
    // Where each parenthesis that is opened is closed.
    let mut closes = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_symbol("(") {
            open.push(at);
        } else if token.is_symbol(")")
            && let Some(opened) = open.pop()
        {
            closes[opened] = Some(at);
        }
    }
    let mut depth = 0;
    while closes[depth] == Some(tokens.len() - 1 - depth) {
        depth += 1;
        if depth * 2 >= tokens.len() {
            return "";
        }
        (first, last) = (&tokens[depth], &tokens[tokens.len() - 1 - depth]);
    }
    // A comment at the end would swallow whatever is written behind the expression.
    &text[first.start..last.end()]
}

#[cfg(test)]
mod tests {
    use super::SqlExpr;

    #[test]
    fn parentheses_around_the_whole_do_not_count() {
        assert_eq!(SqlExpr::new(" ((a + b)) ").as_str(), "a + b");
        assert_eq!(SqlExpr::new("(a) + (b)").as_str(), "(a) + (b)");
        assert_eq!(SqlExpr::new("(')')").as_str(), "')'");
        assert_eq!(SqlExpr::new("/* a */ (a > 0) -- positive").as_str(), "a > 0");
    }

    #[test]
    fn renaming_leaves_functions_and_literals_alone() {
        let expr = SqlExpr::new("lower(name) <> 'name' AND \"name\" > name");
        let renamed = expr.rename_identifiers(|name| (name == "name").then(|| "title".to_owned()));
        assert_eq!(renamed.as_str(), "lower(\"title\") <> 'name' AND \"title\" > \"title\"");
    }

    #[test]
    fn a_renamed_name_stays_apart_from_the_quoted_one_beside_it() {
        let expr = SqlExpr::new("SELECT name\"title\"FROM users");
        let renamed = expr.rename_identifiers(|name| (name == "name").then(|| "full".to_owned()));
        assert_eq!(renamed.as_str(), "SELECT \"full\" \"title\"FROM users");
    }

    #[test]
    fn a_qualifier_is_dropped_only_for_its_own_table() {
        let expr = SqlExpr::new("\"users\".\"age\" > users.min AND posts.users > 1");
        assert_eq!(expr.without_qualifier("users").as_str(), "\"age\" > min AND posts.users > 1");
    }
}
