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

    /// Gives every row what was found for it. `found` is in order, each with the position of its row.
    ///
    /// # Errors
    ///
    /// When a row that has to be there was not found.
    fn give<T>(key: K, found: Vec<T>, positions: &[usize], rows: usize) -> Result<Vec<Self::Out<T>>, Error>;
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

    fn give<T>(_: K, found: Vec<T>, positions: &[usize], rows: usize) -> Result<Vec<Vec<T>>, Error> {
        let mut counts = vec![0; rows];
        positions.iter().for_each(|at| counts[*at] += 1);
        let mut lists: Vec<Vec<T>> = counts.into_iter().map(Vec::with_capacity).collect();
        found.into_iter().zip(positions).for_each(|(row, at)| lists[*at].push(row));
        Ok(lists)
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

    fn give<T>(_: K, found: Vec<T>, positions: &[usize], rows: usize) -> Result<Vec<Option<T>>, Error> {
        Ok(first_found(found, positions, rows))
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

    fn give<T>(key: K, found: Vec<T>, positions: &[usize], rows: usize) -> Result<Vec<N::Out<T>>, Error> {
        first_found(found, positions, rows)
            .into_iter()
            .map(|found| {
                N::of_found(found).ok_or_else(|| {
                    let (key, parent) = (key.child_column().qualified, K::PARENT.qualified);
                    Error::message(format!(
                        "a row whose key {key} refers to no row that has it in {parent}: `PRAGMA foreign_key_check` finds it"
                    ))
                })
            })
            .collect()
    }
}

fn first_found<T>(found: Vec<T>, positions: &[usize], rows: usize) -> Vec<Option<T>> {
    let mut firsts: Vec<Option<T>> = std::iter::repeat_with(|| None).take(rows).collect();
    for (row, at) in found.into_iter().zip(positions) {
        firsts[*at].get_or_insert(row);
    }
    firsts
}
