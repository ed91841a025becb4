//! Columns: what `Node::title` is.

use std::fmt;
use std::marker::PhantomData;

use super::expression::{Expression, Fragment, In};
use super::nullness::{NotNull, Nullness};
use super::scope::{Has, Source};
use super::sql::Sql;
use crate::codec::{Codec, Plain};

/// A column of the source `T` that is read as a `V`, or as an `Option<V>` where `N` is
/// [`Nullable`](super::Nullable). `C` is how it is stored, and `L` what it refers to: nothing, or [`Refers`](super::Refers)
/// for a foreign key.
///
/// The derives make them: each field of a table is a constant of its name.
pub struct Col<T, V, N = NotNull, C = Plain, L = ()> {
    name: &'static str,
    qualified: &'static str,
    equal: &'static str,
    link: L,
    reads: PhantomData<fn() -> (T, V, N, C)>,
}

impl<T, V, N, C> Col<T, V, N, C> {
    /// Names a column: quoted, and qualified with its source; `equal` is the condition that it equals a value. Both are
    /// nothing where the source's alias has to be put before the name.
    #[doc(hidden)]
    pub const fn new(name: &'static str, qualified: &'static str, equal: &'static str) -> Self {
        Self::linked(name, qualified, equal, ())
    }
}

impl<T, V, N, C, L> Col<T, V, N, C, L> {
    /// Names a column that refers to another.
    #[doc(hidden)]
    pub const fn linked(name: &'static str, qualified: &'static str, equal: &'static str, link: L) -> Self {
        Self { name, qualified, equal, link, reads: PhantomData }
    }

    /// Returns what the column refers to.
    pub(crate) const fn link(&self) -> &L {
        &self.link
    }

    /// Returns the column's name, quoted.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// The same column of another source with the same columns.
    #[doc(hidden)]
    pub const fn of_alias<A>(self) -> Col<A, V, N, C, L>
    where
        L: Copy,
    {
        Col::linked(self.name, "", "", self.link)
    }
}

impl<T, V, N, C, L: Copy> Clone for Col<T, V, N, C, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V, N, C, L: Copy> Copy for Col<T, V, N, C, L> {}

impl<T, V, N, C, L> fmt::Debug for Col<T, V, N, C, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.qualified.is_empty() { self.name } else { self.qualified })
    }
}

impl<T: Source, V, N, C, L> Fragment for Col<T, V, N, C, L> {
    #[inline]
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

    #[inline]
    fn equal(&self) -> &'static str {
        self.equal
    }
}

impl<T: Source, V, N: Nullness, C, L, S: Has<T, I>, I> In<S, I> for Col<T, V, N, C, L> {
    type Null = <S::Side as Nullness>::Or<N>;
}

impl<T: Source, V, N: Nullness, C: Codec<V>, L> Expression for Col<T, V, N, C, L> {
    type Value = V;
    type Codec = C;
    type Family = C::Family;
}
