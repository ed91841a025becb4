//! Full-text search over documents and active contents.
//!
//! What a user types is never a query language: each word is looked for as it stands, all of them have to occur, and the
//! last one may be the beginning of a word. Operators and quotes of FTS5 are texts like any other.

use schemars::JsonSchema;
use seedbed::prelude::*;
use serde::Serialize;

use super::new_id;
use crate::schema::{ContentStatus, Node, NodeContent, SearchEntry, TopicDocument};

/// The index itself, which is no table of the schema.
#[derive(Record)]
#[record(name = "search_index")]
struct SearchIndex {
    #[column(name = "rowid")]
    id: i64,
}

/// What is looked for, and where; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What the user typed.
    pub text: String,
    /// The user whose nodes are searched.
    pub user_id: Option<String>,
    /// The branch whose nodes are searched.
    pub branch_id: Option<String>,
    /// The node whose documents and contents are searched.
    pub node_id: Option<String>,
    /// How many are returned at most.
    pub limit: u32,
}

/// A document or a content that was found, exactly one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The document.
    pub document_id: Option<String>,
    /// The content.
    pub content_id: Option<String>,
    /// The node it belongs to.
    pub node_id: String,
    /// The title of that node.
    pub node_title: String,
    /// The name of the document's file.
    pub filename: Option<String>,
    /// The place in the text, piece by piece.
    pub snippet: Vec<Piece>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub is_match: bool,
}

/// What the index answers.
#[derive(Record)]
#[record(name = "hits")]
struct Row {
    document_id: Option<String>,
    content_id: Option<String>,
    node_id: String,
    node_title: String,
    filename: Option<String>,
    snippet: String,
}

/// Words beyond these are not looked for.
const MOST_WORDS: usize = 32;

/// Returns what has all words, the best first; nothing when there is no word.
///
/// # Errors
///
/// When the database refuses.
pub fn matching(db: &Connection, search: &Search) -> Result<Vec<Hit>, Error> {
    let Some(wanted) = match_expression(&search.text) else { return Ok(Vec::new()) };
    // A text can hold every mark but one that was not known when it was written.
    let mark = new_id();
    let node_id = || TopicDocument::node_id.coalesce(NodeContent::node_id);
    let rows = Select::from::<SearchIndex>()
        .join::<SearchEntry>()
        .on(SearchEntry::id.eq(SearchIndex::id))
        .left_join::<TopicDocument>()
        .on(TopicDocument::id.eq(SearchEntry::document_id))
        .left_join::<NodeContent>()
        .on(NodeContent::id.eq(SearchEntry::content_id))
        .join::<Node>()
        .on(Node::id.eq(node_id()))
        .filter(sql!(bool, "search_index MATCH {}", wanted))
        .filter(NodeContent::status.is_null().or(NodeContent::status.eq(ContentStatus::Active)))
        .filter_eq_option(Node::user_id, search.user_id.as_ref())
        .filter_eq_option(Node::branch_id, search.branch_id.as_ref())
        .filter_eq_option(Node::id, search.node_id.as_ref())
        .order_by((sql!(f64, "search_index.rank"), SearchEntry::id))
        .limit(search.limit.into())
        .select(RowSelect {
            document_id: SearchEntry::document_id,
            content_id: SearchEntry::content_id,
            node_id: Node::id,
            node_title: Node::title,
            filename: TopicDocument::original_filename,
            snippet: sql!(
                String,
                "coalesce(snippet(search_index, -1, {}, {}, '…', 24), '')",
                mark.as_str(),
                mark.as_str()
            ),
        })
        .all(db)?;
    Ok(rows.into_iter().map(|row| row.cut_at(&mark)).collect())
}

impl Row {
    fn cut_at(self, mark: &str) -> Hit {
        Hit {
            document_id: self.document_id,
            content_id: self.content_id,
            node_id: self.node_id,
            node_title: self.node_title,
            filename: self.filename,
            snippet: pieces(&self.snippet, mark),
        }
    }
}

/// Cuts a snippet at its marks, between which everything else is what was looked for.
fn pieces(snippet: &str, mark: &str) -> Vec<Piece> {
    let pieces = snippet.split(mark).enumerate();
    let pieces = pieces.map(|(index, text)| Piece { text: text.to_owned(), is_match: index % 2 == 1 });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

/// Returns what FTS5 is to look for; `None` when the text has no word.
///
/// A text in double quotes is cut into words by the index itself, whatever it holds.
fn match_expression(text: &str) -> Option<String> {
    let text = text.replace(|letter: char| letter == '"' || letter.is_control(), " ");
    let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric));
    let quoted: Vec<String> = words.take(MOST_WORDS).map(|word| format!("\"{word}\"")).collect();
    (!quoted.is_empty()).then(|| format!("{} *", quoted.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_cut_at_its_marks() {
        let list = pieces("a |b| c|d|", "|");
        let list: Vec<_> = list.iter().map(|piece| (piece.text.as_str(), piece.is_match)).collect();
        assert_eq!(list, [("a ", false), ("b", true), (" c", false), ("d", true)]);
        assert_eq!(pieces("", "|"), []);
    }

    #[test]
    fn every_word_is_quoted_and_the_last_may_go_on() {
        assert_eq!(match_expression("red OR oa").as_deref(), Some("\"red\" \"OR\" \"oa\" *"));
        assert_eq!(match_expression("a\"b NEAR(c)").as_deref(), Some("\"a\" \"b\" \"NEAR(c)\" *"));
        for text in ["", " \t", "\"", "* ^ - + () :", "\0", "?!"] {
            assert_eq!(match_expression(text), None, "{text:?}");
        }
        let long = match_expression(&"word ".repeat(1_000)).unwrap_or_default();
        assert_eq!(long.matches("word").count(), MOST_WORDS);
    }
}
