//! Whether an expression can be NULL, as a type: it decides between `T` and `Option<T>` in what is read.

use super::scope::Source;
use crate::codec::Codec;
use crate::error::Error;
use crate::row::Row;

/// Never NULL, or perhaps.
pub trait Nullness: 'static {
    /// What a value of the type is read as.
    type Out<T>;
    /// What comes of an operation on this and another.
    type Or<N: Nullness>: Nullness;

    /// Reads the column at a position.
    ///
    /// # Errors
    ///
    /// When the value does not fit; the error names the column.
    fn read<V, C: Codec<V>>(row: &Row<'_>, at: usize) -> Result<Self::Out<V>, Error>;

    /// Reads a whole row whose first column is at a position.
    ///
    /// # Errors
    ///
    /// When a value does not fit; the error names the column.
    fn read_row<T: Source>(row: &Row<'_>, start: usize) -> Result<Self::Out<T::Row>, Error>;

    /// Makes it of what was found; `None` when there has to be something and is not.
    fn of_found<T>(found: Option<T>) -> Option<Self::Out<T>>;
}

/// Never NULL.
#[derive(Debug)]
pub enum NotNull {}

/// NULL or a value.
#[derive(Debug)]
pub enum Nullable {}

/// Never NULL, as the orders of a keyset have to be.
#[diagnostic::on_unimplemented(
    message = "this can be NULL, and a page would lose the rows where it is",
    label = "a keyset goes by what is never NULL",
    note = "`.coalesce(…)` puts a value in the place of NULL; where there is none, `sql!(i64, \"{{}}\", Table::column)` promises it"
)]
pub trait Present {}

impl Present for NotNull {}

impl Nullness for NotNull {
    type Out<T> = T;
    type Or<N: Nullness> = N;

    #[inline]
    fn read<V, C: Codec<V>>(row: &Row<'_>, at: usize) -> Result<V, Error> {
        C::decode(row.value_at(at)?).map_err(|error| row.column_error(at, &error))
    }

    #[inline]
    fn read_row<T: Source>(row: &Row<'_>, start: usize) -> Result<T::Row, Error> {
        T::read(row, start)
    }

    fn of_found<T>(found: Option<T>) -> Option<T> {
        found
    }
}

impl Nullness for Nullable {
    type Out<T> = Option<T>;
    type Or<N: Nullness> = Self;

    #[inline]
    fn read<V, C: Codec<V>>(row: &Row<'_>, at: usize) -> Result<Option<V>, Error> {
        match row.value_at(at)? {
            crate::Value::Null => Ok(None),
            value => C::decode(value).map(Some).map_err(|error| row.column_error(at, &error)),
        }
    }

    #[inline]
    fn read_row<T: Source>(row: &Row<'_>, start: usize) -> Result<Option<T::Row>, Error> {
        T::read_optional(row, start)
    }

    fn of_found<T>(found: Option<T>) -> Option<Option<T>> {
        Some(found)
    }
}

/// How the arguments of a function decide whether its value can be NULL.
pub trait Rule: 'static {
    /// The answer, given whether some argument can be NULL.
    type Of<N: Nullness>: Nullness;
}

/// NULL when an argument is.
#[derive(Debug)]
pub enum Strict {}

impl Rule for Strict {
    type Of<N: Nullness> = N;
}

impl Rule for NotNull {
    type Of<N: Nullness> = Self;
}

impl Rule for Nullable {
    type Of<N: Nullness> = Self;
}
