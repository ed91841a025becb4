//! What `#[derive(View)]` implements: a struct that rows of a view are read into.

use crate::error::Error;
use crate::row::Row;
use crate::table::ColumnMeta;

/// A struct that is read from a view. Derive it; the attributes are described at the derive.
pub trait View {
    /// The view's SQL name.
    const NAME: &'static str;
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [ColumnMeta];
    /// `SELECT` of every column in the order of the fields, up to and including `FROM` and the view's name.
    const SELECT: &'static str;
    /// What the derive read, as the reader prints it; compared with what the command line reads from the same source.
    #[doc(hidden)]
    const DECLARATION: &'static str;

    /// Reads a row that [`SELECT`](Self::SELECT) yields.
    ///
    /// # Errors
    ///
    /// When a value does not fit its field; the error names the column.
    fn from_row(row: &Row<'_>) -> Result<Self, Error>
    where
        Self: Sized;
}
