//! Cuts a script into statements, the way `sqlite3_complete` knows their ends.
//!
//! A statement ends at a semicolon outside literals and comments; a CREATE TRIGGER ends at the semicolon behind its
//! END. A comment of the form `--> statement-breakpoint` is just a comment here: it is never needed.

use super::token::{Token, TokenKind, tokenize};

/// A statement of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The text from the first token to the last, without the semicolon and without comments around it.
    pub text: &'a str,
    /// The byte offset of the text in the script.
    pub start: usize,
    /// The line of the first token, from 1.
    pub line: usize,
}

impl<'a> Statement<'a> {
    /// Returns the tokens without white space and comments.
    pub fn tokens(&self) -> Vec<Token<'a>> {
        tokenize(self.text).into_iter().filter(|token| !token.is_trivia()).collect()
    }
}

/// Returns the statements of a script in order; a script of comments only has none.
///
/// ```
/// use seedbed_schema::sql::split_statements;
///
/// let script = "INSERT INTO t VALUES (';');\n--> statement-breakpoint\nDELETE FROM t";
/// let statements = split_statements(script);
/// assert_eq!(statements.len(), 2);
/// assert_eq!((statements[1].text, statements[1].line), ("DELETE FROM t", 3));
/// ```
pub fn split_statements(script: &str) -> Vec<Statement<'_>> {
    let mut statements = Vec::new();
    let mut current: Vec<Token<'_>> = Vec::new();
    let mut line = 1;
    let mut counted_to = 0;
    let mut finish = |tokens: &mut Vec<Token<'_>>| {
        if let (Some(first), Some(last)) = (tokens.first(), tokens.last()) {
            line += script[counted_to..first.start].matches('\n').count();
            counted_to = first.start;
            statements.push(Statement { text: &script[first.start..last.end()], start: first.start, line });
        }
        tokens.clear();
    };
    for token in tokenize(script) {
        if token.is_trivia() {
            continue;
        }
        if token.is_symbol(";") && ends_statement(&current) {
            finish(&mut current);
        } else {
            current.push(token);
        }
    }
    finish(&mut current);
    statements
}

/// Whether a semicolon behind these tokens ends the statement.
fn ends_statement(tokens: &[Token<'_>]) -> bool {
    if !is_create_trigger(tokens) {
        return true;
    }
    // Inside a trigger's body every statement ends with a semicolon; only the body's END stands right behind one.
    matches!(tokens, [.., semicolon, end] if semicolon.is_symbol(";") && end.is_word("END"))
}

fn is_create_trigger(tokens: &[Token<'_>]) -> bool {
    let words: Vec<&Token<'_>> =
        tokens.iter().take(4).filter(|token| token.kind == TokenKind::Word).collect();
    let skip = usize::from(words.first().is_some_and(|word| word.is_word("EXPLAIN")));
    let Some(first) = words.get(skip) else { return false };
    let Some(second) = words.get(skip + 1) else { return false };
    let temporary = second.is_word("TEMP") || second.is_word("TEMPORARY");
    let kind = if temporary { words.get(skip + 2) } else { Some(second) };
    first.is_word("CREATE") && kind.is_some_and(|word| word.is_word("TRIGGER"))
}

#[cfg(test)]
mod tests {
    use super::split_statements;

    fn texts(script: &str) -> Vec<&str> {
        split_statements(script).iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn a_trigger_is_one_statement() {
        let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x = CASE WHEN 1 THEN 2 END; DELETE FROM c; END";
        assert_eq!(texts(&format!("{trigger}; SELECT 1;")), [trigger, "SELECT 1"]);
    }

    #[test]
    fn breakpoints_are_comments_even_where_drizzle_would_cut() {
        let script =
            "INSERT INTO t VALUES ('--> statement-breakpoint');--> statement-breakpoint\nSELECT 2;\n";
        assert_eq!(texts(script), ["INSERT INTO t VALUES ('--> statement-breakpoint')", "SELECT 2"]);
    }

    #[test]
    fn comments_and_empty_statements_are_nothing() {
        assert!(texts("-- only a comment\n;;/* ; */;").is_empty());
    }

    #[test]
    fn lines_count_from_one() {
        let lines: Vec<_> =
            split_statements("\n-- c\nSELECT 1;\n\nSELECT\n2;SELECT 3").iter().map(|s| s.line).collect();
        assert_eq!(lines, [3, 5, 6]);
    }
}
