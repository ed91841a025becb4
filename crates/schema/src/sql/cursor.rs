//! A cursor over the tokens of one statement, for the readers in this folder.

use super::ddl::DdlError;
use super::token::{Token, TokenKind, tokenize};

/// Walks over tokens that are neither white space nor comments.
pub(super) struct Cursor<'a> {
    /// The statement.
    pub(super) sql: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(sql: &'a str) -> Self {
        let tokens = tokenize(sql).into_iter().filter(|token| !token.is_trivia()).collect();
        Self { sql, tokens, at: 0 }
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Returns the byte offset of the next token, or the statement's length at the end.
    pub(super) fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.sql.len(), |token| token.start)
    }

    /// Returns the statement's text from the next token on.
    pub(super) fn rest(&self) -> &'a str {
        self.sql[self.offset()..].trim_end()
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.peek_is_word(0, word)
    }

    pub(super) fn peek_is_word(&self, ahead: usize, word: &str) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|token| token.is_word(word))
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|token| token.is_symbol(symbol))
    }

    /// Returns the next token and goes on; at the end an empty one.
    pub(super) fn bump(&mut self) -> Token<'a> {
        let end = Token { kind: TokenKind::Bad, text: "", start: self.sql.len() };
        let token = self.tokens.get(self.at).copied().unwrap_or(end);
        self.at += 1;
        token
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), DdlError> {
        if self.take_word(word) { Ok(()) } else { Err(self.error(&format!("expected {word}"))) }
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Result<(), DdlError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.error(&format!("expected `{symbol}`"))) }
    }

    pub(super) fn expect_name(&mut self) -> Result<String, DdlError> {
        let name = self.tokens.get(self.at).and_then(Token::identifier);
        let name = name.ok_or_else(|| self.error("expected a name"))?;
        self.at += 1;
        Ok(name)
    }

    /// Passes over `( … )` and returns the byte offset behind it.
    pub(super) fn skip_parentheses(&mut self) -> usize {
        let mut depth = 0_usize;
        loop {
            let token = self.bump();
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
            }
            if depth == 0 || token.text.is_empty() {
                return token.end();
            }
        }
    }

    /// Reads `( … )` and returns the text between the parentheses.
    pub(super) fn expect_parenthesized(&mut self) -> Result<&'a str, DdlError> {
        if !self.is_symbol("(") {
            return Err(self.error("expected `(`"));
        }
        let start = self.offset() + 1;
        let end = self.skip_parentheses();
        if end <= start || !self.sql[..end].ends_with(')') {
            return Err(self.error("expected `)`"));
        }
        Ok(self.sql[start..end - 1].trim())
    }

    /// Reads `( part, part, … )` and returns the tokens of each part.
    pub(super) fn expect_list(&mut self) -> Result<Vec<Vec<Token<'a>>>, DdlError> {
        self.expect_symbol("(")?;
        let mut parts = vec![Vec::new()];
        let mut depth = 0_usize;
        while !self.at_end() {
            let token = self.bump();
            if depth == 0 && token.is_symbol(")") {
                return Ok(parts);
            }
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth -= 1;
            }
            if depth == 0 && token.is_symbol(",") {
                parts.push(Vec::new());
            } else if let Some(part) = parts.last_mut() {
                part.push(token);
            }
        }
        Err(self.error("expected `)`"))
    }

    pub(super) fn error(&self, message: &str) -> DdlError {
        DdlError { message: message.to_owned(), offset: self.offset() }
    }
}
