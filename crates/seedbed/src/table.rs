//! What `#[derive(Table)]` implements: a struct whose values are rows.

use crate::error::Error;
use crate::row::Row;
use crate::value::{Storage, Value};

/// A struct that is a table. Derive it; the attributes are described at the derive.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    note = "a table is a struct with `#[derive(Table)]`"
)]
pub trait Table {
    /// The table's SQL name.
    const NAME: &'static str;
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [ColumnMeta];
    /// `SELECT` of every column in the order of the fields, up to and including `FROM` and the table's name.
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

    /// Returns the values of the columns that are not generated, in the order of the fields.
    fn values(&self) -> Vec<Value<'_>>;
}

/// A column as the derive knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnMeta {
    /// The SQL name.
    pub name: &'static str,
    /// The SQL type, when the code gives one.
    pub sql_type: Option<&'static str>,
    /// The storage class that the field's type is written as.
    pub storage: Storage,
    /// Whether the column accepts NULL.
    pub nullable: bool,
}
