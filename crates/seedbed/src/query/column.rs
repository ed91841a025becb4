//! Columns: what `Node::title` is.

use std::fmt;
use std::marker::PhantomData;

use super::expression::{Expression, Fragment, In};
use super::nullness::{NotNull, Nullness};
use super::scope::{Has, Source};
use super::sql::Sql;
use crate::codec::{Codec, Plain};

/// A column of the source `T` that is read as a `V`, or as an `Option<V>` where `N` is
/// [`Nullable`](super::Nullable).
///
/// The derives make them: each field of a table is a constant of its name.
pub struct Col<T, V, N = NotNull, C = Plain> {
    name: &'static str,
    qualified: &'static str,
    reads: PhantomData<fn() -> (T, V, N, C)>,
}

impl<T, V, N, C> Col<T, V, N, C> {
    /// Names a column: quoted, and qualified with its source, or nothing where the source's alias has to be put before it.
    #[doc(hidden)]
    pub const fn new(name: &'static str, qualified: &'static str) -> Self {
        Self { name, qualified, reads: PhantomData }
    }

    /// Returns the column's name, quoted.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// The same column of another source with the same columns.
    #[doc(hidden)]
    pub const fn of_alias<A>(self) -> Col<A, V, N, C> {
        Col::new(self.name, "")
    }
}

impl<T, V, N, C> Clone for Col<T, V, N, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V, N, C> Copy for Col<T, V, N, C> {}

impl<T, V, N, C> fmt::Debug for Col<T, V, N, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.qualified.is_empty() { self.name } else { self.qualified })
    }
}

impl<T: Source, V, N, C> Fragment for Col<T, V, N, C> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        if self.qualified.is_empty() {
            sql.piece(T::ALIAS);
            sql.piece(".");
            sql.piece(self.name);
        } else {
            sql.piece(self.qualified);
        }
    }
}

impl<T: Source, V, N: Nullness, C, S: Has<T, I>, I> In<S, I> for Col<T, V, N, C> {
    type Null = <S::Side as Nullness>::Or<N>;
}

impl<T: Source, V, N: Nullness, C: Codec<V>> Expression for Col<T, V, N, C> {
    type Value = V;
    type Codec = C;
    type Family = C::Family;
}
