//! A row of a result: values by position or by name.

use crate::db_type::DbType;
use crate::error::Error;
use crate::value::{Value, ValueError};

/// A row of a query's result, valid until the next row is fetched.
///
/// ```
/// use seedbed::{Connection, params};
///
/// let connection = Connection::open_in_memory()?;
/// let tree = connection.query_one("SELECT 'oak' AS name, 21.5 AS height", params![], |row| {
///     Ok((row.get::<String>("name")?, row.get::<f64>(1)?))
/// })?;
/// assert_eq!(tree, ("oak".to_owned(), 21.5));
/// # Ok::<(), seedbed::Error>(())
/// ```
#[derive(Debug)]
pub struct Row<'stmt> {
    row: &'stmt rusqlite::Row<'stmt>,
}

impl<'stmt> Row<'stmt> {
    #[inline]
    pub(crate) fn new(row: &'stmt rusqlite::Row<'stmt>) -> Self {
        Self { row }
    }

    /// Reads a column as a `T`.
    ///
    /// # Errors
    ///
    /// When there is no such column, or its value does not fit; the error names the column.
    #[inline]
    pub fn get<T: DbType>(&self, column: impl ColumnIndex) -> Result<T, Error> {
        let index = column.index_in(self)?;
        T::from_value(self.value_at(index)?).map_err(|error| self.column_error(index, &error))
    }

    /// Returns the value of the column at a position, counted from 0, borrowed from the row.
    ///
    /// # Errors
    ///
    /// When there is no such column, or its text is not UTF-8.
    // Why always: see the head of `db_type.rs`.
    #[inline(always)]
    pub fn value_at(&self, index: usize) -> Result<Value<'_>, Error> {
        let Ok(value) = self.row.get_ref(index) else { return Err(self.no_column(index)) };
        Value::from_sqlite(value).map_err(|error| self.column_error(index, &error))
    }

    #[cold]
    fn no_column(&self, index: usize) -> Error {
        Error::message(format!("there is no column {index}: the result has {} columns", self.column_count()))
    }

    /// Returns how many columns the row has.
    pub fn column_count(&self) -> usize {
        self.row.as_ref().column_count()
    }

    /// Returns the name of the column at a position.
    pub fn column_name(&self, index: usize) -> Option<&str> {
        self.row.as_ref().column_name(index).ok()
    }

    /// Returns the error of a column whose value does not fit.
    #[cold]
    pub fn column_error(&self, index: usize, error: &ValueError) -> Error {
        Error::column(self.column_name(index).unwrap_or("?"), error)
    }
}

/// A position or a name of a column.
pub trait ColumnIndex {
    /// Returns the position, counted from 0.
    ///
    /// # Errors
    ///
    /// When the row has no column of that name.
    fn index_in(&self, row: &Row<'_>) -> Result<usize, Error>;
}

impl ColumnIndex for usize {
    fn index_in(&self, _row: &Row<'_>) -> Result<usize, Error> {
        Ok(*self)
    }
}

impl ColumnIndex for &str {
    fn index_in(&self, row: &Row<'_>) -> Result<usize, Error> {
        row.row.as_ref().column_index(self).map_err(|_| {
            let names = row.row.as_ref().column_names().collect::<Vec<_>>().join("`, `");
            Error::message(format!("there is no column `{self}` in the result, which has `{names}`"))
        })
    }
}
