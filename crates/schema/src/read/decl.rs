//! Declarations: what the attributes of one Rust item say, before types and names of other items are known.
//!
//! A derive macro sees one item and stops here; the CLI goes on to [`resolve`](super::resolve). Names of the table's own
//! columns are SQL names already; what is said about other items is still a Rust path. The `Debug` text leaves out
//! spans, so two readings of the same item give the same text wherever the item stands.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::fmt;
use std::sync::Arc;

use crate::model::{Action, IndexColumn, KeyColumn};
use crate::sql::SqlExpr;

/// A value with its place in the source.
#[derive(Clone)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T: fmt::Debug> fmt::Debug for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// Where an item stands: its file and the module in the tree that was read.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) file: Arc<str>,
    pub(crate) module: usize,
}

impl Default for Origin {
    fn default() -> Self {
        Self { file: Arc::from(""), module: 0 }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

/// A struct with `#[derive(Table)]`.
#[derive(Debug, Clone)]
pub struct TableDecl {
    /// The struct's name.
    pub ident: Spanned<String>,
    /// The SQL name.
    pub name: Spanned<String>,
    /// Whether the table is STRICT.
    pub strict: bool,
    /// Whether the table is WITHOUT ROWID.
    pub without_rowid: bool,
    /// The columns, one for each field.
    pub columns: Vec<ColumnDecl>,
    /// The primary key.
    pub primary_key: Option<PrimaryKeyDecl>,
    /// UNIQUE constraints inside the table.
    pub uniques: Vec<UniqueDecl>,
    /// Indexes, those of `unique` included.
    pub indexes: Vec<IndexDecl>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKeyDecl>,
    /// CHECK constraints; those of text enums are not known yet.
    pub checks: Vec<CheckDecl>,
    /// The SQL name the table had before.
    pub renamed_from: Option<Spanned<String>>,
    pub(crate) origin: Origin,
}

impl TableDecl {
    /// Returns what was read as text; it is the same wherever the struct stands.
    pub fn text(&self) -> String {
        format!("{self:?}")
    }
}

/// A field of a table or a view.
#[derive(Debug, Clone)]
pub struct ColumnDecl {
    /// The field's name, without `r#`.
    pub field: Spanned<String>,
    /// The SQL name.
    pub name: Spanned<String>,
    /// The field's type, without the `Option` around it.
    pub rust_type: RustType,
    /// Whether the type is an `Option`.
    pub nullable: bool,
    /// `allows_null`: the column is a key that is not declared NOT NULL, and the application stores no NULL in it.
    pub allows_null: Option<Spanned<()>>,
    /// `type = "…"`
    pub sql_type: Option<Spanned<String>>,
    /// `stored_as = "…"`
    pub stored_as: Option<Spanned<StoredAs>>,
    /// `default = …`
    pub default: Option<Spanned<DefaultDecl>>,
    /// `default_fn = path`, which gives the value when a row is made in Rust and never reaches SQL.
    pub default_fn: Option<Spanned<RustPath>>,
    /// `collate = "…"`
    pub collation: Option<Spanned<String>>,
    /// `generated = "…"`, and whether it is stored.
    pub generated: Option<Spanned<GeneratedDecl>>,
    /// `backfill = "…"`
    pub backfill: Option<Spanned<SqlExpr>>,
    /// `no_check`
    pub no_check: Option<Spanned<()>>,
    /// The SQL name the column had before.
    pub renamed_from: Option<Spanned<String>>,
}

/// A type, as it is written.
#[derive(Clone)]
pub struct RustType(pub syn::Type);

impl RustType {
    /// Returns where the type stands.
    pub fn span(&self) -> Span {
        syn::spanned::Spanned::span(&self.0)
    }

    /// Returns the type as text.
    pub fn text(&self) -> String {
        token_text(self.0.to_token_stream())
    }
}

impl fmt::Debug for RustType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// A path, as it is written.
#[derive(Clone)]
pub struct RustPath(pub syn::Path);

impl RustPath {
    /// Returns the path as text.
    pub fn text(&self) -> String {
        token_text(self.0.to_token_stream())
    }
}

impl fmt::Debug for RustPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Another way to store a value than the one its Rust type has by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredAs {
    /// As text: the usual form of a time and a UUID.
    Text,
    /// A time as seconds since 1970.
    UnixSeconds,
    /// A time as milliseconds since 1970.
    UnixMilliseconds,
    /// A UUID as 16 bytes.
    Blob,
}

/// What `default =` says.
#[derive(Debug, Clone)]
pub enum DefaultDecl {
    /// A literal.
    Literal(Literal),
    /// A const, or a variant of a text enum.
    Path(RustPath),
    /// `sql("…")`
    Sql(SqlExpr),
    /// `now`
    Now,
    /// `None`
    Null,
}

/// A literal value.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `true` or `false`
    Bool(bool),
    /// `5`, `-5`
    Integer(i128),
    /// `0.5`
    Real(f64),
    /// `"text"`
    Text(String),
    /// `'c'`
    Char(char),
    /// `b"bytes"`
    Bytes(Vec<u8>),
}

/// A generated column's expression.
#[derive(Debug, Clone)]
pub struct GeneratedDecl {
    /// The expression.
    pub expr: SqlExpr,
    /// STORED rather than VIRTUAL.
    pub stored: bool,
}

/// A primary key.
#[derive(Debug, Clone)]
pub struct PrimaryKeyDecl {
    /// Its place.
    pub span: Spanned<()>,
    /// The constraint's name.
    pub name: Option<Spanned<String>>,
    /// The columns, by SQL name.
    pub columns: Vec<KeyColumn>,
    /// AUTOINCREMENT.
    pub autoincrement: Option<Spanned<()>>,
}

/// A UNIQUE constraint.
#[derive(Debug, Clone)]
pub struct UniqueDecl {
    /// Its place.
    pub span: Spanned<()>,
    /// The constraint's name.
    pub name: Option<Spanned<String>>,
    /// The columns, by SQL name.
    pub columns: Vec<KeyColumn>,
}

/// An index.
#[derive(Debug, Clone)]
pub struct IndexDecl {
    /// The name, given or made from the columns.
    pub name: Spanned<String>,
    /// The columns by SQL name, and expressions.
    pub columns: Vec<IndexColumn>,
    /// UNIQUE.
    pub unique: bool,
    /// The condition of a partial index.
    pub predicate: Option<Spanned<SqlExpr>>,
}

/// A foreign key.
#[derive(Debug, Clone)]
pub struct ForeignKeyDecl {
    /// Its place.
    pub span: Spanned<()>,
    /// The constraint's name.
    pub name: Option<Spanned<String>>,
    /// The referencing columns, by SQL name.
    pub columns: Vec<String>,
    /// The struct that is referred to; `None` for the table itself (`Self`).
    pub target: Option<Spanned<RustPath>>,
    /// The fields that are referred to, by Rust name.
    pub target_fields: Vec<Spanned<String>>,
    /// `references = sql("table(a, b)")`: a table by its SQL name, which no struct need declare.
    pub sql_target: Option<SqlTarget>,
    /// ON DELETE.
    pub on_delete: Action,
    /// ON UPDATE.
    pub on_update: Action,
    /// DEFERRABLE INITIALLY DEFERRED.
    pub deferred: bool,
}

/// The target of a foreign key by SQL names.
#[derive(Debug, Clone)]
pub struct SqlTarget {
    /// The table.
    pub table: String,
    /// The columns; empty when the primary key is meant.
    pub columns: Vec<String>,
}

/// A CHECK constraint.
#[derive(Debug, Clone)]
pub struct CheckDecl {
    /// The name, given or made from the column; `None` when it is declared `unnamed`.
    pub name: Option<Spanned<String>>,
    /// The condition.
    pub expr: Spanned<SqlExpr>,
}

/// A struct with `#[derive(View)]`.
#[derive(Debug, Clone)]
pub struct ViewDecl {
    /// The struct's name.
    pub ident: Spanned<String>,
    /// The SQL name.
    pub name: Spanned<String>,
    /// The SELECT statement.
    pub definition: SqlExpr,
    /// Whether the view names its columns itself, `CREATE VIEW name (a, b)`: after its fields.
    pub named_columns: bool,
    /// The fields.
    pub columns: Vec<ColumnDecl>,
    pub(crate) origin: Origin,
}

/// A struct with `#[derive(Record)]`.
#[derive(Debug, Clone)]
pub struct RecordDecl {
    /// The name that a query with these columns is given.
    pub name: Option<Spanned<String>>,
    /// The fields.
    pub columns: Vec<ColumnDecl>,
}

impl ViewDecl {
    /// Returns what was read as text; it is the same wherever the struct stands.
    pub fn text(&self) -> String {
        format!("{self:?}")
    }
}

/// An enum with `#[derive(TextEnum)]`.
#[derive(Debug, Clone)]
pub struct TextEnumDecl {
    /// The enum's name.
    pub ident: Spanned<String>,
    /// Whether columns of this type do without a CHECK.
    pub no_check: bool,
    /// The variants.
    pub variants: Vec<TextVariantDecl>,
    pub(crate) origin: Origin,
}

/// A variant of a text enum.
#[derive(Debug, Clone)]
pub struct TextVariantDecl {
    /// The variant's name, without `r#`.
    pub ident: Spanned<String>,
    /// The stored text.
    pub text: Spanned<String>,
    /// The text it was stored as before.
    pub renamed_from: Option<Spanned<String>>,
}

/// A struct of one field with `#[derive(DbType)]`, stored as that field is.
#[derive(Debug, Clone)]
pub struct DbTypeDecl {
    /// The struct's name.
    pub ident: Spanned<String>,
    /// The field's type.
    pub inner: RustType,
    pub(crate) origin: Origin,
}

/// Writes tokens with one space between them, so that the text does not depend on who made the tokens.
pub(crate) fn token_text(tokens: TokenStream) -> String {
    let mut text = String::new();
    write_tokens(tokens, &mut text);
    text
}

fn write_tokens(tokens: TokenStream, text: &mut String) {
    let write = |part: &str, text: &mut String| {
        let no_space = text.is_empty()
            || text.ends_with([':', '<', '(', '[', '&', '\''])
            || part.starts_with([':', '<', '>', '(', ')', '[', ']', ',', ';']);
        if !no_space {
            text.push(' ');
        }
        text.push_str(part);
    };
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                write(open, text);
                write_tokens(group.stream(), text);
                text.push_str(close);
            }
            token => write(&token.to_string(), text),
        }
    }
}
