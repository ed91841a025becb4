//! SQL as text: tokens, statements, expressions and the CREATE statements that SQLite keeps.
//!
//! Nothing here judges SQL; SQLite does that. The tokenizer follows SQLite's own
//! (<https://www.sqlite.org/lang_keywords.html>, `tokenize.c`), so text that SQLite accepts is cut where SQLite cuts it.
mod complete;
mod cursor;
mod ddl;
mod expr;
mod key_text;
mod quote;
mod split;
mod token;

pub(crate) use complete::is_type_name;
pub use complete::what_is_wrong;
pub use ddl::{DdlError, DdlObject, read_object};
pub use expr::SqlExpr;
pub(crate) use quote::is_bare_identifier;
pub use quote::{quote_identifier, quote_text};
pub use split::{Statement, split_statements};
pub use token::{Token, TokenKind, tokenize};

#[cfg(feature = "read")]
pub(crate) use ddl::{literal, read_target};
