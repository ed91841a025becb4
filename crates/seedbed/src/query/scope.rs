//! What a query reads from, as a type: which columns may be named, and which of them may be missing.
//!
//! ```text
//! Select::from::<Node>()                 From<Node>
//!     .left_join::<Branch>().on(…)       LeftJoin<From<Node>, Branch>
//! ```
//!
//! `S: Has<T, _>` says that the scope `S` has the source `T`; the second parameter is the way to it, which the compiler
//! finds. [`Has::Side`] says whether its rows can be missing.

use std::marker::PhantomData;

use super::nullness::{NotNull, Nullable, Nullness};
use super::sql::Sql;
use crate::error::Error;
use crate::row::Row;

/// A table, a view, an alias of one, or a query with a name: what can stand behind FROM.
#[diagnostic::on_unimplemented(
    message = "a query cannot read from `{Self}`",
    note = "derive `Table`, `View` or `Record` on the struct"
)]
pub trait Source: 'static {
    /// What a row of it is read as.
    type Row;
    /// The name that its columns are qualified with, quoted.
    const ALIAS: &'static str;
    /// What stands behind FROM.
    const FROM: &'static str;
    /// What stands behind that, ` AS "name"` for an alias.
    const AS: &'static str = "";
    /// The start of a query for whole rows of nothing else, `SELECT … FROM …`; empty for an alias. The columns are not
    /// qualified, because a shorter text is found sooner among the statements that are prepared.
    const START: &'static str;
    /// All columns, qualified and separated by commas; empty for an alias, whose columns are named one by one.
    const LIST: &'static str;
    /// The columns, quoted.
    const QUOTED: &'static [&'static str];
    /// The position of a column that is never NULL, by which a missing row is known.
    const PRESENT: Option<usize>;
    /// The condition that the column equals a value which no two rows have in common: the primary key where it is one column.
    const KEY: Option<&'static str> = None;

    /// Reads a row whose first column is at `start`.
    ///
    /// # Errors
    ///
    /// When a value does not fit its field; the error names the column.
    fn read(row: &Row<'_>, start: usize) -> Result<Self::Row, Error>;

    /// Reads a row that may be missing.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn read_optional(row: &Row<'_>, start: usize) -> Result<Option<Self::Row>, Error> {
        let is_null = |at: usize| Ok::<_, Error>(row.value_at(start + at)? == crate::Value::Null);
        let is_missing = match Self::PRESENT {
            Some(at) => is_null(at)?,
            // A row of nothing but NULLs cannot be told from one that is not there.
            None => (0..Self::QUOTED.len()).try_fold(true, |all, at| Ok::<_, Error>(all && is_null(at)?))?,
        };
        if is_missing { Ok(None) } else { Self::read(row, start).map(Some) }
    }

    /// Appends all columns.
    #[doc(hidden)]
    fn write_list(sql: &mut Sql<'_>) {
        if !Self::LIST.is_empty() {
            sql.piece(Self::LIST);
            return;
        }
        for (at, name) in Self::QUOTED.iter().enumerate() {
            sql.piece(if at == 0 { "" } else { ", " });
            sql.piece(Self::ALIAS);
            sql.piece(".");
            sql.piece(name);
        }
    }
}

/// Whether SQLite takes two names for the same.
#[doc(hidden)]
pub const fn is_same_name(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// One source.
#[derive(Debug)]
pub struct From<T>(PhantomData<T>);

/// A scope and one more source, whose rows are there.
#[derive(Debug)]
pub struct Join<S, T>(PhantomData<(S, T)>);

/// A scope and one more source, whose rows may be missing.
#[derive(Debug)]
pub struct LeftJoin<S, T>(PhantomData<(S, T)>);

/// A scope all of whose rows may be missing: what is left of a RIGHT or FULL JOIN.
#[derive(Debug)]
pub struct Optional<S>(PhantomData<S>);

/// The scope of a subquery that names a source `O` of the query around it.
#[derive(Debug)]
pub struct Within<O, S>(PhantomData<(O, S)>);

/// The way to a source: it is the last one.
#[derive(Debug)]
pub enum Here {}

/// The way to a source: it is before the last one.
#[derive(Debug)]
pub struct Before<I>(PhantomData<I>);

/// The way to a source of the query around.
#[derive(Debug)]
pub struct Outside<I>(PhantomData<I>);

/// A scope that has the source `T`.
#[diagnostic::on_unimplemented(
    message = "the query does not read from `{T}`",
    label = "a column of `{T}` is used here",
    note = "join it first: `.join::<…>().on(…)`, in an UPDATE `.from::<…>()`; an alias is a source of its own, and RETURNING sees the changed table only"
)]
pub trait Has<T, I> {
    /// Whether its rows can be missing.
    type Side: Nullness;
}

impl<T> Has<T, Here> for From<T> {
    type Side = NotNull;
}

impl<S, T> Has<T, Here> for Join<S, T> {
    type Side = NotNull;
}

impl<S: Has<T, I>, T, U, I> Has<T, Before<I>> for Join<S, U> {
    type Side = S::Side;
}

impl<S, T> Has<T, Here> for LeftJoin<S, T> {
    type Side = Nullable;
}

impl<S: Has<T, I>, T, U, I> Has<T, Before<I>> for LeftJoin<S, U> {
    type Side = S::Side;
}

impl<S: Has<T, I>, T, I> Has<T, I> for Optional<S> {
    type Side = Nullable;
}

impl<O, S> Has<O, Outside<Here>> for Within<O, S> {
    type Side = Nullable;
}

impl<S: Has<T, I>, T, O, I> Has<T, Outside<Before<I>>> for Within<O, S> {
    type Side = S::Side;
}

/// A scope that needs nothing of a query around it, so that its query can be run by itself.
#[diagnostic::on_unimplemented(
    message = "the query names a table of the query around it, so it cannot be run by itself",
    note = "it can stand in `exists`, `in_query` or `scalar` of a query that reads from that table"
)]
pub trait Closed {}

impl<T> Closed for From<T> {}
impl<S: Closed, T> Closed for Join<S, T> {}
impl<S: Closed, T> Closed for LeftJoin<S, T> {}
impl<S: Closed> Closed for Optional<S> {}

/// What a subquery needs of the query around it.
pub trait Subscope {
    /// The sources, as nested pairs.
    type Needs;
}

impl<T> Subscope for From<T> {
    type Needs = ();
}

impl<S: Subscope, T> Subscope for Join<S, T> {
    type Needs = S::Needs;
}

impl<S: Subscope, T> Subscope for LeftJoin<S, T> {
    type Needs = S::Needs;
}

impl<S: Subscope> Subscope for Optional<S> {
    type Needs = S::Needs;
}

impl<O, S: Subscope> Subscope for Within<O, S> {
    type Needs = (O, S::Needs);
}

/// A scope that has all sources that a subquery needs.
pub trait Provides<Needs, I> {}

impl<S> Provides<(), ()> for S {}

impl<S: Has<O, I> + Provides<N, J>, O, N, I, J> Provides<(O, N), (I, J)> for S {}

/// All rows of a scope, one beside the other.
#[diagnostic::on_unimplemented(
    message = "the whole rows of so many tables cannot be read as one tuple",
    note = "up to 8 can; select what is needed: `.select((all_of::<Table>(), Other::column))`"
)]
pub trait Rows {
    /// What they are read as: a row, or a tuple of rows.
    type Out;
    /// The same, always as a tuple.
    type Tuple;
    /// How many columns they have.
    const WIDTH: usize;

    /// Appends all columns.
    fn write_list(sql: &mut Sql<'_>);

    /// Reads the rows.
    ///
    /// # Errors
    ///
    /// When a value does not fit its field; the error names the column.
    fn read(row: &Row<'_>) -> Result<Self::Out, Error>;

    /// Reads the rows as a tuple.
    ///
    /// # Errors
    ///
    /// When a value does not fit its field; the error names the column.
    fn read_tuple(row: &Row<'_>) -> Result<Self::Tuple, Error>;
}

impl<T: Source> Rows for From<T> {
    type Out = T::Row;
    type Tuple = (T::Row,);
    const WIDTH: usize = T::QUOTED.len();

    fn write_list(sql: &mut Sql<'_>) {
        T::write_list(sql);
    }

    fn read(row: &Row<'_>) -> Result<T::Row, Error> {
        T::read(row, 0)
    }

    fn read_tuple(row: &Row<'_>) -> Result<(T::Row,), Error> {
        T::read(row, 0).map(|row| (row,))
    }
}

impl<S: Rows<Tuple: Append<T::Row>>, T: Source> Rows for Join<S, T> {
    type Out = <S::Tuple as Append<T::Row>>::Longer;
    type Tuple = Self::Out;
    const WIDTH: usize = S::WIDTH + T::QUOTED.len();

    fn write_list(sql: &mut Sql<'_>) {
        S::write_list(sql);
        sql.piece(", ");
        T::write_list(sql);
    }

    fn read(row: &Row<'_>) -> Result<Self::Out, Error> {
        Ok(S::read_tuple(row)?.append(T::read(row, S::WIDTH)?))
    }

    fn read_tuple(row: &Row<'_>) -> Result<Self::Out, Error> {
        Self::read(row)
    }
}

impl<S: Rows<Tuple: Append<Option<T::Row>>>, T: Source> Rows for LeftJoin<S, T> {
    type Out = <S::Tuple as Append<Option<T::Row>>>::Longer;
    type Tuple = Self::Out;
    const WIDTH: usize = S::WIDTH + T::QUOTED.len();

    fn write_list(sql: &mut Sql<'_>) {
        S::write_list(sql);
        sql.piece(", ");
        T::write_list(sql);
    }

    fn read(row: &Row<'_>) -> Result<Self::Out, Error> {
        Ok(S::read_tuple(row)?.append(T::read_optional(row, S::WIDTH)?))
    }

    fn read_tuple(row: &Row<'_>) -> Result<Self::Out, Error> {
        Self::read(row)
    }
}

impl<T: Source> Rows for Optional<From<T>> {
    type Out = Option<T::Row>;
    type Tuple = (Option<T::Row>,);
    const WIDTH: usize = T::QUOTED.len();

    fn write_list(sql: &mut Sql<'_>) {
        T::write_list(sql);
    }

    fn read(row: &Row<'_>) -> Result<Option<T::Row>, Error> {
        T::read_optional(row, 0)
    }

    fn read_tuple(row: &Row<'_>) -> Result<(Option<T::Row>,), Error> {
        T::read_optional(row, 0).map(|row| (row,))
    }
}

/// A scope of several sources all of whose rows may be missing.
macro_rules! optional_rows {
    ($($joined:ident),+) => {$(
        impl<S, T: Source> Rows for Optional<$joined<S, T>>
        where
            Optional<S>: Rows<Tuple: Append<Option<T::Row>>>,
        {
            type Out = <<Optional<S> as Rows>::Tuple as Append<Option<T::Row>>>::Longer;
            type Tuple = Self::Out;
            const WIDTH: usize = <Optional<S>>::WIDTH + T::QUOTED.len();

            fn write_list(sql: &mut Sql<'_>) {
                <Optional<S>>::write_list(sql);
                sql.piece(", ");
                T::write_list(sql);
            }

            fn read(row: &Row<'_>) -> Result<Self::Out, Error> {
                let before = <Optional<S>>::read_tuple(row)?;
                Ok(before.append(T::read_optional(row, <Optional<S>>::WIDTH)?))
            }

            fn read_tuple(row: &Row<'_>) -> Result<Self::Out, Error> {
                Self::read(row)
            }
        }
    )+};
}

optional_rows!(Join, LeftJoin);

/// Scopes that have the rows of another.
macro_rules! rows_of {
    ($(($($parameter:ident),+) $scope:ty = $same:ty;)+) => {$(
        impl<$($parameter),+> Rows for $scope
        where
            $same: Rows,
        {
            type Out = <$same as Rows>::Out;
            type Tuple = <$same as Rows>::Tuple;
            const WIDTH: usize = <$same as Rows>::WIDTH;

            fn write_list(sql: &mut Sql<'_>) {
                <$same as Rows>::write_list(sql);
            }

            fn read(row: &Row<'_>) -> Result<Self::Out, Error> {
                <$same as Rows>::read(row)
            }

            fn read_tuple(row: &Row<'_>) -> Result<Self::Tuple, Error> {
                <$same as Rows>::read_tuple(row)
            }
        }
    )+};
}

rows_of! {
    (S) Optional<Optional<S>> = Optional<S>;
    (O, S) Optional<Within<O, S>> = Optional<S>;
    (O, S) Within<O, S> = S;
}

/// A tuple that can take one more.
#[diagnostic::on_unimplemented(
    message = "the whole rows of so many tables cannot be read as one tuple",
    note = "up to 8 can; select what is needed: `.select((all_of::<Table>(), Other::column))`"
)]
pub trait Append<T> {
    /// The tuple with it.
    type Longer;

    /// Puts it behind the others.
    fn append(self, last: T) -> Self::Longer;
}

impl<T> Append<T> for () {
    type Longer = (T,);

    fn append(self, last: T) -> (T,) {
        (last,)
    }
}

macro_rules! append {
    ($($name:ident),+) => {
        impl<$($name,)+ T> Append<T> for ($($name,)+) {
            type Longer = ($($name,)+ T);

            #[expect(non_snake_case, reason = "a value is named as its type")]
            fn append(self, last: T) -> Self::Longer {
                let ($($name,)+) = self;
                ($($name,)+ last)
            }
        }
    };
}

append!(A);
append!(A, B);
append!(A, B, C);
append!(A, B, C, D);
append!(A, B, C, D, E);
append!(A, B, C, D, E, F);
append!(A, B, C, D, E, F, G);
