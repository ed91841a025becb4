//! Reads tables from Rust source: the one reader behind the derive macros and the CLI.
//!
//! ```text
//! source files ──syn──► items ──table_decl & co.──► Declarations ──resolve──► Schema
//!                                    ▲
//! #[derive(Table)] ──────────────────┘  (a macro sees one item and stops here)
//! ```
//!
//! Nothing is compiled, guessed or skipped: what cannot be known from the source is a [`Fault`] with its place and
//! with what to write instead, and all faults of a tree come back together.

mod args;
mod attributes;
mod column;
mod constraint;
mod db_type;
mod decl;
mod default_value;
mod depth;
mod fault;
mod module_path;
mod names;
mod resolve;
mod rust_type;
mod scope;
mod sql_text;
mod table;
mod text_enum;
mod tree;
mod view;

pub use db_type::db_type_decl;
pub use decl::{
    CheckDecl, ColumnDecl, DbTypeDecl, DefaultDecl, ForeignKeyDecl, GeneratedDecl, IndexDecl, Literal,
    PrimaryKeyDecl, RecordDecl, RustPath, RustType, Spanned, SqlTarget, StoredAs, TableDecl, TextEnumDecl,
    TextVariantDecl, UniqueDecl, ViewDecl,
};
pub use fault::{Fault, Faults, Place};
pub use resolve::resolve;
pub use table::table_decl;
pub use text_enum::text_enum_decl;
pub use tree::{Declarations, SourceFile};
pub use view::{record_decl, view_decl};

use crate::model::{Dialect, Schema};
use tree::Walker;

/// Reads a schema from the files given; `mod` lines are not followed, the files are all there is.
///
/// # Errors
///
/// Everything that is wrong in the files.
///
/// ```
/// use seedbed_schema::read::{SourceFile, read_sources};
///
/// let text = "#[derive(Table)] struct User { id: i64, #[column(defualt = 0)] age: u8 }";
/// let file = SourceFile { path: "src/schema.rs".to_owned(), text: text.to_owned() };
/// let faults = read_sources(&[file]).unwrap_err();
/// assert_eq!(
///     faults.to_string(),
///     "src/schema.rs:1:50: unknown key `defualt` in `#[column(..)]`\nhint: did you mean `default`?"
/// );
/// ```
pub fn read_sources(files: &[SourceFile]) -> Result<Schema, Faults> {
    let mut walker = Walker::new(None);
    for file in files {
        walker.read_root(file);
    }
    finish(walker)
}

/// Reads a schema from a file and from every module that its `mod` lines lead to.
///
/// `load` gets a path, made from the root's path as the compiler would, and answers with the file's text; with `None`
/// when there is no such file; with an error's text when it cannot be read.
///
/// # Errors
///
/// Everything that is wrong in the tree.
///
/// ```
/// use seedbed_schema::read::{SourceFile, read_tree};
///
/// let root = SourceFile { path: "src/schema.rs".to_owned(), text: "mod user;".to_owned() };
/// let schema = read_tree(&root, |path| {
///     Ok((path == "src/schema/user.rs").then(|| "#[derive(Table)] struct User { id: i64 }".to_owned()))
/// })?;
/// assert_eq!(schema.tables[0].name, "user");
/// # Ok::<(), seedbed_schema::read::Faults>(())
/// ```
pub fn read_tree(
    root: &SourceFile,
    mut load: impl FnMut(&str) -> Result<Option<String>, String>,
) -> Result<Schema, Faults> {
    let mut walker = Walker::new(Some(&mut load));
    walker.read_root(root);
    finish(walker)
}

/// Gathers what files declare, without looking up what it means.
///
/// # Errors
///
/// Everything that is wrong in single items.
pub fn declarations(files: &[SourceFile]) -> Result<Declarations, Faults> {
    let mut walker = Walker::new(None);
    for file in files {
        walker.read_root(file);
    }
    let (declarations, faults, _) = walker.finish();
    faults.into_result(declarations)
}

fn finish(walker: Walker<'_>) -> Result<Schema, Faults> {
    let (declarations, mut faults, is_incomplete) = walker.finish();
    // What is missing may be declared in a file that could not be read.
    let mut more = Faults::default();
    let schema = resolve::resolve_into(&declarations, Dialect::Sqlite, &mut more);
    if !is_incomplete {
        faults.append(more);
    }
    faults.into_result(schema)
}
