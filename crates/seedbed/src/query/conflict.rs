//! ON CONFLICT: what happens to a row that is there already.

use std::fmt;
use std::marker::PhantomData;

use super::column::Col;
use super::expression::{Expression, Fragment, In};
use super::family::Truth;
use super::insert::Insert;
use super::nullness::{Nullable, Nullness};
use super::operand::{Assign, Slot};
use super::scope::{From, Join, Source};
use super::sql::{Clause, Sql};
use crate::codec::Codec;
use crate::error::Error;
use crate::row::Row;

/// An INSERT that lacks what is to be done on a conflict.
#[must_use = "say what to do with a row that is there: `.do_nothing()` or `.do_update(…)`"]
pub struct Conflicting<'q, T> {
    pub(super) insert: Insert<'q, T>,
}

impl<'q, T: Source> Conflicting<'q, T> {
    /// The row that is there stays as it is.
    pub fn do_nothing(mut self) -> Insert<'q, T> {
        self.insert.statements().for_each(|sql| sql.piece(" DO NOTHING"));
        self.insert
    }

    /// The row that is there is changed; [`excluded`] is what would have been inserted.
    pub fn do_update(mut self, change: impl Fn(OnConflict<'q, T>) -> OnConflict<'q, T>) -> Insert<'q, T> {
        let mut is_empty = false;
        for sql in self.insert.statements() {
            // A statement of its own, whose clauses are put in order among themselves: there may be several conflicts.
            let change = change(OnConflict { sql: Sql::new(), table: PhantomData }).sql;
            is_empty |= !change.has(Clause::ConflictSet);
            sql.append(change);
        }
        if is_empty {
            let message = format!("nothing is set in the ON CONFLICT of {}", T::FROM);
            self.insert.fault = Some(Error::message(message));
        }
        self.insert
    }
}

/// The change of a row that is there already.
pub struct OnConflict<'q, T> {
    sql: Sql<'q>,
    table: PhantomData<fn() -> T>,
}

impl<'q, T: Source> OnConflict<'q, T> {
    /// Sets a column.
    #[must_use]
    pub fn set<V, N, C, L, A, I>(mut self, column: Col<T, V, N, C, L>, value: A) -> Self
    where
        N: Nullness,
        C: Codec<V>,
        A: Assign<Slot<C::Family, N>, Out: In<Join<From<T>, Excluded<T>>, I>>,
        A::Out: 'q,
    {
        self.begin_set(column.name());
        value.assigned().write(&mut self.sql);
        self
    }

    /// Sets a column that may be NULL to NULL.
    #[must_use]
    pub fn set_null<V, C, L>(mut self, column: Col<T, V, Nullable, C, L>) -> Self {
        self.begin_set(column.name());
        self.sql.piece("NULL");
        self
    }

    /// Sets a column if there is a value for it; otherwise it stays as it is.
    #[must_use]
    pub fn set_option<V, N, C, L, A, I>(self, column: Col<T, V, N, C, L>, value: Option<A>) -> Self
    where
        N: Nullness,
        C: Codec<V>,
        A: Assign<Slot<C::Family, N>, Out: In<Join<From<T>, Excluded<T>>, I>>,
        A::Out: 'q,
    {
        match value {
            Some(value) => self.set(column, value),
            None => self,
        }
    }

    fn begin_set(&mut self, column: &'static str) {
        self.sql.part(Clause::ConflictSet, " DO UPDATE SET ", ", ");
        self.sql.piece(column);
        self.sql.piece(" = ");
    }

    /// Changes the row only if the condition holds; otherwise it stays as it is.
    #[must_use]
    pub fn filter<E, I>(mut self, condition: E) -> Self
    where
        E: Expression<Family: Truth> + In<Join<From<T>, Excluded<T>>, I> + 'q,
    {
        self.sql.part(Clause::ConflictWhere, " WHERE ", " AND ");
        condition.write(&mut self.sql);
        self
    }
}

/// The row that would have been inserted, as a source of columns.
#[derive(Debug)]
pub struct Excluded<T>(PhantomData<T>);

impl<T: Source> Source for Excluded<T> {
    type Row = T::Row;
    const ALIAS: &'static str = "excluded";
    const FROM: &'static str = "excluded";
    const START: &'static str = "";
    const LIST: &'static str = "";
    const QUOTED: &'static [&'static str] = T::QUOTED;
    const PRESENT: Option<usize> = T::PRESENT;

    fn read(row: &Row<'_>, start: usize) -> Result<T::Row, Error> {
        T::read(row, start)
    }
}

/// The value that a column would have been inserted with.
pub fn excluded<T: Source, V, N, C, L: Copy>(column: Col<T, V, N, C, L>) -> Col<Excluded<T>, V, N, C, L> {
    column.of_alias()
}

impl<T> fmt::Debug for Conflicting<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.insert.fmt(f)
    }
}

impl<T> fmt::Debug for OnConflict<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sql.fmt(f)
    }
}
