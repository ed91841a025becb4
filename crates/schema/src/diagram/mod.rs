//! Entity-relationship diagrams of a schema, as text of three languages.
//!
//! ```text
//! Schema ─ entities ─► boxes with rows, and lines between rows ─┬─► mermaid
//!                                                               ├─► dot
//!                                                               └─ layout ─► svg
//! ```
//!
//! Tables are drawn with their columns and foreign keys; views, triggers, CHECKs and indexes are not. A table that is
//! referred to and not in the schema is an empty box. The same schema always gives the same text, and no name of a table
//! or a column, whatever is in it, breaks the text.

mod dot;
mod entities;
mod layout;
mod mermaid;
mod svg;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;

/// Escapes text for HTML and XML. Characters that XML does not have become the sign for an unknown character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
