//! Key and index columns as SQL text, `name COLLATE NOCASE DESC`, which is how a snapshot keeps them.

use std::fmt;

use super::quote::{is_bare_identifier, quote_identifier};
use super::token::{Token, TokenKind, tokenize};
use crate::model::{IndexColumn, IndexTerm, KeyColumn};
use crate::sql::SqlExpr;

impl fmt::Display for KeyColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, &self.name)?;
        write_order(f, self.collation.as_deref(), self.descending)
    }
}

impl fmt::Display for IndexColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.term {
            IndexTerm::Column(name) => write_name(f, name)?,
            IndexTerm::Expr(expr) => write!(f, "({expr})")?,
        }
        write_order(f, self.collation.as_deref(), self.descending)
    }
}

fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    if is_bare_identifier(name) { f.write_str(name) } else { f.write_str(&quote_identifier(name)) }
}

fn write_order(f: &mut fmt::Formatter<'_>, collation: Option<&str>, descending: bool) -> fmt::Result {
    if let Some(collation) = collation {
        write!(f, " COLLATE {collation}")?;
    }
    if descending { f.write_str(" DESC") } else { Ok(()) }
}

impl From<KeyColumn> for String {
    fn from(column: KeyColumn) -> Self {
        column.to_string()
    }
}

impl From<IndexColumn> for String {
    fn from(column: IndexColumn) -> Self {
        column.to_string()
    }
}

impl TryFrom<String> for KeyColumn {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let IndexColumn { term, descending, collation } = IndexColumn::try_from(text)?;
        match term {
            IndexTerm::Column(name) => Ok(Self { name, descending, collation }),
            IndexTerm::Expr(expr) => {
                Err(format!("a key ranges over columns, not over the expression `{expr}`"))
            }
        }
    }
}

impl TryFrom<String> for IndexColumn {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let tokens: Vec<Token<'_>> = tokenize(&text).into_iter().filter(|token| !token.is_trivia()).collect();
        read_index_column(&text, &tokens).ok_or_else(|| format!("`{text}` is no index column"))
    }
}

/// Reads `column-or-expression [COLLATE name] [ASC | DESC]`; the tokens are those of one part of an index.
pub(super) fn read_index_column(sql: &str, tokens: &[Token<'_>]) -> Option<IndexColumn> {
    let mut rest = tokens;
    let mut descending = false;
    if let [head @ .., last] = rest
        && (last.is_word("ASC") || last.is_word("DESC"))
    {
        descending = last.is_word("DESC");
        rest = head;
    }
    let mut collation = None;
    if let [head @ .., keyword, name] = rest
        && keyword.is_word("COLLATE")
        && !head.is_empty()
    {
        collation = Some(name.identifier()?.to_ascii_uppercase());
        rest = head;
    }
    let (first, last) = (rest.first()?, rest.last()?);
    if let [name] = rest
        && matches!(name.kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Text)
    {
        // A name in single quotes is a name here, too.
        return Some(IndexColumn { term: IndexTerm::Column(name.identifier()?), descending, collation });
    }
    if let [_, inner @ .., _] = rest
        && first.is_symbol("(")
        && last.is_symbol(")")
        && let Some(IndexColumn { term: term @ IndexTerm::Column(_), collation: own, .. }) =
            read_index_column(sql, inner)
    {
        // SQLite takes parentheses away before it looks whether a column is inside.
        return Some(IndexColumn { term, descending, collation: collation.or(own) });
    }
    let term = IndexTerm::Expr(SqlExpr::new(&sql[first.start..last.end()]));
    Some(IndexColumn { term, descending, collation })
}

#[cfg(test)]
mod tests {
    use crate::model::IndexColumn;

    #[test]
    fn text_and_value_say_the_same() {
        let spelled = |text: &str| IndexColumn::try_from(text.to_owned()).unwrap().to_string();
        assert_eq!(spelled("((\"name\" collate nocase)) desc"), "name COLLATE NOCASE DESC");
        assert_eq!(spelled("('a') || (b)"), "(('a') || (b))");
        for text in
            ["name", "\"order\" DESC", "name COLLATE NOCASE", "(lower(name)) COLLATE NOCASE DESC", "(a || b)"]
        {
            let column = IndexColumn::try_from(text.to_owned()).unwrap();
            assert_eq!(column.to_string(), text);
        }
        assert!(IndexColumn::try_from(String::new()).is_err());
    }
}
