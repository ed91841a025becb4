//! The rowid: the number by which SQLite keeps the rows of a table, whether or not a column shows it.

use super::column::Col;
use super::scope::Source;

/// A table whose rows have a rowid: every table that is not WITHOUT ROWID. The derive implements it.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` have no rowid",
    note = "a table has one unless it is WITHOUT ROWID; a view and a record have none",
    note = "that of an alias is `Alias::of(rowid::<Table>())`"
)]
pub trait HasRowid: Source {
    /// What it is called: `rowid`, or another of SQLite's names where a column took that one.
    const ROWID: &'static str;
}

/// The rowid of a table's rows, which is the value of its `INTEGER PRIMARY KEY` if it has one.
///
/// A new row gets a number above all others unless it brings its own, so that this is the order in which rows were made.
/// VACUUM may give other numbers, in the same order: they are nothing to keep or to refer to.
///
/// ```
/// use seedbed::prelude::*;
/// use seedbed::query::rowid;
///
/// #[derive(Table)]
/// #[table(name = "trees")]
/// pub struct Tree {
///     #[column(primary_key)]
///     pub name: String,
/// }
///
/// # fn main() -> Result<(), seedbed::Error> {
/// let db = Connection::open_in_memory()?;
/// db.execute_batch("CREATE TABLE trees (name TEXT PRIMARY KEY NOT NULL)")?;
/// Insert::rows(&["oak", "elm", "fir"].map(|name| NewTree { name: name.to_owned() })).run(&db)?;
///
/// let names = Select::from::<Tree>().order_by(rowid::<Tree>()).select(Tree::name).all(&db)?;
/// assert_eq!(names, ["oak", "elm", "fir"]);
/// # Ok(())
/// # }
/// ```
pub fn rowid<T: HasRowid>() -> Col<T, i64> {
    Col::new(T::ROWID, "", "")
}
