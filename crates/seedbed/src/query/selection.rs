//! What a query selects: one expression, a tuple of them, whole rows, or the fields of a struct.

use std::marker::PhantomData;

use super::expression::{Expression, In};
use super::nullness::Nullness;
use super::scope::{Has, Rows, Source};
use super::sql::Sql;
use crate::codec::Codec;
use crate::error::Error;
use crate::row::Row;

/// Something that rows are read into, in the scope `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected here",
    label = "this query reads from `{S}`",
    note = "every column belongs to a table that the query reads from; a field of a record gets what has its type, an `Option` for what can be NULL",
    note = "select an expression, `all_of::<Table>()`, a value as `value(…)`, a tuple of these, or a struct with `#[derive(Record)]`"
)]
pub trait Selection<S, I> {
    /// What a row is read as.
    type Out;
    /// `One` for a single expression, by which a subquery can be compared.
    type Kind: Kind;
    /// How many columns it has.
    const WIDTH: usize;

    /// Appends the columns.
    fn write_selection<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a;

    /// Reads a row whose first column is at `start`.
    ///
    /// # Errors
    ///
    /// When a value does not fit; the error names the column.
    fn read(row: &Row<'_>, start: usize) -> Result<Self::Out, Error>;
}

/// A single column that is read as a `V` by the codec `C`.
#[derive(Debug)]
pub struct One<V, C>(PhantomData<(V, C)>);

/// Several columns that are stored as `F`.
#[derive(Debug)]
pub struct Many<F>(PhantomData<F>);

/// How many columns a selection has, and how they are stored.
pub trait Kind {
    /// The family of a single column, a tuple of families, or a struct for its whole rows: what two queries have in common
    /// whose rows can be put together. One Rust type can be stored in several ways.
    type Stored;
}

impl<V, C: Codec<V>> Kind for One<V, C> {
    type Stored = C::Family;
}

impl<F> Kind for Many<F> {
    type Stored = F;
}

impl<E: Expression + In<S, I>, S, I> Selection<S, I> for E {
    type Out = <E::Null as Nullness>::Out<E::Value>;
    type Kind = One<E::Value, E::Codec>;
    const WIDTH: usize = 1;

    fn write_selection<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.write(sql);
    }

    fn read(row: &Row<'_>, start: usize) -> Result<Self::Out, Error> {
        E::Null::read::<E::Value, E::Codec>(row, start)
    }
}

/// All columns of one source of the query.
#[derive(Debug)]
pub struct AllOf<T>(PhantomData<T>);

impl<T> Clone for AllOf<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for AllOf<T> {}

/// Selects whole rows of one source: a `T`, or an `Option<T>` where its rows may be missing.
pub fn all_of<T: Source>() -> AllOf<T> {
    AllOf(PhantomData)
}

impl<T: Source, S: Has<T, I>, I> Selection<S, I> for AllOf<T> {
    type Out = <S::Side as Nullness>::Out<T::Row>;
    type Kind = Many<T::Row>;
    const WIDTH: usize = T::QUOTED.len();

    fn write_selection<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        T::write_list(sql);
    }

    fn read(row: &Row<'_>, start: usize) -> Result<Self::Out, Error> {
        S::Side::read_row::<T>(row, start)
    }
}

macro_rules! selections {
    ($first:ident $first_way:ident $first_at:tt $(, $name:ident $way:ident $at:tt)*) => {
        impl<Scope, $first, $first_way $(, $name, $way)*> Selection<Scope, ($first_way, $($way,)*)> for ($first, $($name,)*)
        where
            $first: Selection<Scope, $first_way>,
            $($name: Selection<Scope, $way>,)*
        {
            type Out = ($first::Out, $($name::Out,)*);
            type Kind = Many<(<$first::Kind as Kind>::Stored, $(<$name::Kind as Kind>::Stored,)*)>;
            const WIDTH: usize = $first::WIDTH $(+ $name::WIDTH)*;

            fn write_selection<'a>(self, sql: &mut Sql<'a>)
            where
                Self: 'a,
            {
                self.$first_at.write_selection(sql);
                $(
                    sql.piece(", ");
                    self.$at.write_selection(sql);
                )*
            }

            #[expect(unused_assignments, reason = "the last column has no next one")]
            fn read(row: &Row<'_>, start: usize) -> Result<Self::Out, Error> {
                let mut at = start;
                Ok((
                    {
                        let read = $first::read(row, at)?;
                        at += $first::WIDTH;
                        read
                    },
                    $({
                        let read = $name::read(row, at)?;
                        at += $name::WIDTH;
                        read
                    },)*
                ))
            }
        }
    };
}

selections!(A J 0);
selections!(A J 0, B K 1);
selections!(A J 0, B K 1, D L 2);
selections!(A J 0, B K 1, D L 2, E M 3);
selections!(A J 0, B K 1, D L 2, E M 3, F O 4);
selections!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5);
selections!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5, H Q 6);
selections!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5, H Q 6, T R 7);
selections!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5, H Q 6, T R 7, U W 8);
selections!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5, H Q 6, T R 7, U W 8, V X 9);
selections!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5, H Q 6, T R 7, U W 8, V X 9, A1 J1 10);
selections!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5, H Q 6, T R 7, U W 8, V X 9, A1 J1 10, B1 K1 11);

/// What a query reads rows into.
pub trait Project<S> {
    /// What a row is read as.
    type Out;
    /// How its columns are stored, see [`Kind`].
    type Stored;

    /// Appends the columns, unless they were given.
    fn write_list(&self, sql: &mut Sql<'_>);

    /// Reads a row.
    ///
    /// # Errors
    ///
    /// When a value does not fit; the error names the column.
    fn read(&self, row: &Row<'_>) -> Result<Self::Out, Error>;
}

/// The whole rows of all sources.
#[derive(Debug, Clone, Copy)]
pub struct Whole;

impl<S: Rows> Project<S> for Whole {
    type Out = S::Out;
    type Stored = S::Out;

    fn write_list(&self, sql: &mut Sql<'_>) {
        S::write_list(sql);
    }

    fn read(&self, row: &Row<'_>) -> Result<S::Out, Error> {
        S::read(row)
    }
}

/// What was selected.
#[derive(Debug)]
pub struct Picked<O, K> {
    read: fn(&Row<'_>, usize) -> Result<O, Error>,
    kind: PhantomData<K>,
}

impl<O, K> Picked<O, K> {
    pub(crate) fn new(read: fn(&Row<'_>, usize) -> Result<O, Error>) -> Self {
        Self { read, kind: PhantomData }
    }
}

impl<O, K> Clone for Picked<O, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, K> Copy for Picked<O, K> {}

impl<S, O, K: Kind> Project<S> for Picked<O, K> {
    type Out = O;
    type Stored = K::Stored;

    fn write_list(&self, _: &mut Sql<'_>) {}

    fn read(&self, row: &Row<'_>) -> Result<O, Error> {
        (self.read)(row, 0)
    }
}
