//! The two ways along a foreign key: from a row to those that refer to it, and to the one that it refers to.

use std::marker::PhantomData;

use super::key::{FieldColumn, ForeignKey};
use crate::error::Error;
use crate::query::nullness::{Nullable, Nullness};
use crate::query::scope::Source;
use crate::value::Value;

/// A way along the foreign key `K`.
pub trait Way<K> {
    /// The rows where it starts.
    type From;
    /// The rows where it leads.
    type To: Source<Row = Self::To>;
    /// What a row gets: a list, a row, or perhaps a row.
    type Out<T>;
    /// The same way when some of the rows are left out.
    type Filtered: Way<K, From = Self::From, To = Self::To>;
    /// Whether a row gets one at most.
    const IS_ONE: bool;

    /// Returns the column by which rows are found.
    fn column(key: K) -> FieldColumn;

    /// Returns the value of it by which rows are found for this one; NULL when there are none.
    fn wanted(key: K, row: &Self::From) -> Value<'_>;

    /// What a row has got so far.
    type Got<T>;

    /// Starts with nothing for a row.
    fn nothing<T>() -> Self::Got<T>;

    /// Gives a row the next of what was found for it.
    fn give<T>(got: &mut Self::Got<T>, found: T);

    /// Returns what a row has got in the end.
    ///
    /// # Errors
    ///
    /// When a row that has to be there was not found.
    fn all<T>(key: K, got: Self::Got<T>) -> Result<Self::Out<T>, Error>;
}

/// To all rows that refer to a row.
#[derive(Debug)]
pub enum Children {}

/// To the row that refers to a row, if there is one.
#[derive(Debug)]
pub enum Child {}

/// To the row that a row refers to.
#[derive(Debug)]
pub struct Parent<N>(PhantomData<N>);

impl<K: ForeignKey> Way<K> for Children {
    type From = K::Parent;
    type To = K::Child;
    type Out<T> = Vec<T>;
    type Filtered = Self;
    const IS_ONE: bool = false;

    fn column(key: K) -> FieldColumn {
        key.child_column()
    }

    fn wanted(_: K, row: &K::Parent) -> Value<'_> {
        K::parent_key(row)
    }

    type Got<T> = Vec<T>;

    fn nothing<T>() -> Vec<T> {
        Vec::new()
    }

    #[inline]
    fn give<T>(got: &mut Vec<T>, found: T) {
        got.push(found);
    }

    fn all<T>(_: K, got: Vec<T>) -> Result<Vec<T>, Error> {
        Ok(got)
    }
}

impl<K: ForeignKey> Way<K> for Child {
    type From = K::Parent;
    type To = K::Child;
    type Out<T> = Option<T>;
    type Filtered = Self;
    const IS_ONE: bool = true;

    fn column(key: K) -> FieldColumn {
        key.child_column()
    }

    fn wanted(_: K, row: &K::Parent) -> Value<'_> {
        K::parent_key(row)
    }

    type Got<T> = Option<T>;

    fn nothing<T>() -> Option<T> {
        None
    }

    #[inline]
    fn give<T>(got: &mut Option<T>, found: T) {
        got.get_or_insert(found);
    }

    fn all<T>(_: K, got: Option<T>) -> Result<Option<T>, Error> {
        Ok(got)
    }
}

impl<K: ForeignKey, N: Nullness> Way<K> for Parent<N> {
    type From = K::Child;
    type To = K::Parent;
    type Out<T> = N::Out<T>;
    type Filtered = Parent<Nullable>;
    const IS_ONE: bool = true;

    fn column(_: K) -> FieldColumn {
        K::PARENT
    }

    fn wanted(key: K, row: &K::Child) -> Value<'_> {
        key.child_key(row)
    }

    type Got<T> = Option<T>;

    fn nothing<T>() -> Option<T> {
        None
    }

    #[inline]
    fn give<T>(got: &mut Option<T>, found: T) {
        got.get_or_insert(found);
    }

    fn all<T>(key: K, got: Option<T>) -> Result<N::Out<T>, Error> {
        N::of_found(got).ok_or_else(|| {
            let (key, parent) = (key.child_column().qualified, K::PARENT.qualified);
            Error::message(format!(
                "a row whose key {key} refers to no row that has it in {parent}: `PRAGMA foreign_key_check` finds it"
            ))
        })
    }
}
