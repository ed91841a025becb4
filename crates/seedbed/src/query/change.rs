//! UPDATE and DELETE. Neither runs without a filter unless it says `.all_rows()`.

use std::fmt;
use std::marker::PhantomData;

use super::column::Col;
use super::expression::{Expression, Fragment, In};
use super::family::Truth;
use super::nullness::{Nullable, Nullness};
use super::operand::{Assign, Slot};
use super::returning::Returning;
use super::scope::{From, Join, Source};
use super::selection::{Picked, Selection};
use super::sql::{Clause, Sql};
use crate::codec::Codec;
use crate::connection::Connection;
use crate::error::Error;

/// A statement that does not say yet which rows it is for.
#[derive(Debug)]
pub enum Unfiltered {}

/// A statement that says which rows it is for.
#[derive(Debug)]
pub enum Filtered {}

/// Says which rows an UPDATE or a DELETE is for.
#[diagnostic::on_unimplemented(
    message = "this UPDATE or DELETE does not say which rows it is for",
    label = "without a filter it would touch every row of the table",
    note = "add `.filter(…)`; if every row is meant, say `.all_rows()`"
)]
pub trait SaysWhich {}

impl SaysWhich for Filtered {}

/// An UPDATE of the table `T`, with columns of the scope `S`.
///
/// ```
/// # use seedbed::prelude::*;
/// # #[derive(Table)]
/// # #[table(name = "trees")]
/// # struct Tree { #[column(primary_key)] id: i64, name: String, height: f64, note: Option<String> }
/// # fn main() -> Result<(), seedbed::Error> {
/// # let db = Connection::open_in_memory()?;
/// # db.execute_batch("CREATE TABLE trees (id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL NOT NULL, note TEXT)")?;
/// let changed = Update::table::<Tree>()
///     .set(Tree::height, Tree::height + 0.5)
///     .set_null(Tree::note)
///     .filter(Tree::name.eq("oak"))
///     .run(&db)?;
/// # assert_eq!(changed, 0);
/// # Ok(())
/// # }
/// ```
#[must_use = "an UPDATE does nothing until it is run: `.run(&db)`"]
pub struct Update<'q, T, S, F = Unfiltered> {
    pub(super) sql: Sql<'q>,
    says: PhantomData<fn() -> (T, S, F)>,
}

impl Update<'static, (), (), ()> {
    /// Starts an UPDATE.
    pub fn table<'q, T: Source>() -> Update<'q, T, From<T>> {
        let mut sql = Sql::new();
        sql.enter(Clause::Verb);
        sql.piece("UPDATE ");
        sql.piece(T::FROM);
        sql.piece(T::AS);
        Update { sql, says: PhantomData }
    }
}

impl<'q, T: Source, S, F> Update<'q, T, S, F> {
    /// Sets a column to a value, or to an expression of the row.
    pub fn set<V, N, C, L, A, I>(mut self, column: Col<T, V, N, C, L>, value: A) -> Self
    where
        N: Nullness,
        C: Codec<V>,
        A: Assign<Slot<C::Family, N>, Out: In<S, I>>,
        A::Out: 'q,
    {
        self.begin_set(column.name());
        value.assigned().write(&mut self.sql);
        self
    }

    /// Sets a column that may be NULL to NULL.
    pub fn set_null<V, C, L>(mut self, column: Col<T, V, Nullable, C, L>) -> Self {
        self.begin_set(column.name());
        self.sql.piece("NULL");
        self
    }

    /// Sets a column if there is a value for it, for changes that a caller may leave out.
    pub fn set_option<V, N, C, L, A, I>(self, column: Col<T, V, N, C, L>, value: Option<A>) -> Self
    where
        N: Nullness,
        C: Codec<V>,
        A: Assign<Slot<C::Family, N>, Out: In<S, I>>,
        A::Out: 'q,
    {
        match value {
            Some(value) => self.set(column, value),
            None => self,
        }
    }

    /// Reads from another source as well; a filter says which of its rows belongs to which.
    pub fn from<U: Source>(mut self) -> Update<'q, T, Join<S, U>, F> {
        self.sql.part(Clause::From, " FROM ", ", ");
        self.sql.piece(U::FROM);
        self.sql.piece(U::AS);
        Update { sql: self.sql, says: PhantomData }
    }

    /// Takes only rows for which the condition holds; several filters all have to hold.
    pub fn filter<E, I>(mut self, condition: E) -> Update<'q, T, S, Filtered>
    where
        E: Expression<Family: Truth> + In<S, I> + 'q,
    {
        self.sql.part(Clause::Where, " WHERE ", " AND ");
        condition.write(&mut self.sql);
        Update { sql: self.sql, says: PhantomData }
    }

    /// Takes every row of the table.
    pub fn all_rows(self) -> Update<'q, T, S, Filtered> {
        Update { sql: self.sql, says: PhantomData }
    }

    /// Whether nothing is set so far.
    pub fn is_empty(&self) -> bool {
        !self.sql.has(Clause::Set)
    }

    fn begin_set(&mut self, column: &'static str) {
        self.sql.part(Clause::Set, " SET ", ", ");
        self.sql.piece(column);
        self.sql.piece(" = ");
    }

    fn finish(mut self) -> Result<Sql<'q>, Error> {
        if self.is_empty() {
            return Err(Error::message(format!("nothing is set in the UPDATE of {}", T::FROM)));
        }
        self.sql.put_in_order();
        Ok(self.sql)
    }

    /// Runs the UPDATE and returns how many rows it changed.
    ///
    /// # Errors
    ///
    /// When SQLite refuses a row ([`Error::is_unique_violation`] and its sisters), or nothing is set.
    pub fn run(self, db: &Connection) -> Result<usize, Error>
    where
        F: SaysWhich,
    {
        db.change(&self.finish()?)
    }

    /// Returns an expression of every row that was changed, as it is afterwards, or a tuple of them.
    pub fn returning<E, I>(mut self, selection: E) -> Returning<'q, Picked<E::Out, E::Kind>>
    where
        F: SaysWhich,
        E: Selection<From<T>, I> + 'q,
    {
        let fault =
            self.is_empty().then(|| Error::message(format!("nothing is set in the UPDATE of {}", T::FROM)));
        self.sql.enter(Clause::Returning);
        self.sql.piece(" RETURNING ");
        selection.write_selection(&mut self.sql);
        Returning::new(self.sql, Vec::new(), fault, Picked::new(E::read))
    }

    /// Returns the SQL, with a `?` for each value.
    pub fn to_sql(mut self) -> String {
        self.sql.put_in_order();
        self.sql.text()
    }
}

/// A DELETE from the table `T`.
///
/// ```
/// # use seedbed::prelude::*;
/// # #[derive(Table)]
/// # #[table(name = "trees")]
/// # struct Tree { #[column(primary_key)] id: i64, height: f64 }
/// # fn main() -> Result<(), seedbed::Error> {
/// # let db = Connection::open_in_memory()?;
/// # db.execute_batch("CREATE TABLE trees (id INTEGER PRIMARY KEY, height REAL NOT NULL)")?;
/// let felled: Vec<i64> = Delete::from::<Tree>().filter(Tree::height.lt(2.0)).returning(Tree::id).all(&db)?;
/// # assert!(felled.is_empty());
/// # Ok(())
/// # }
/// ```
#[must_use = "a DELETE does nothing until it is run: `.run(&db)`"]
pub struct Delete<'q, T, F = Unfiltered> {
    pub(super) sql: Sql<'q>,
    says: PhantomData<fn() -> (T, F)>,
}

impl Delete<'static, (), ()> {
    /// Starts a DELETE.
    pub fn from<'q, T: Source>() -> Delete<'q, T> {
        let mut sql = Sql::new();
        sql.enter(Clause::Verb);
        sql.piece("DELETE FROM ");
        sql.piece(T::FROM);
        sql.piece(T::AS);
        Delete { sql, says: PhantomData }
    }
}

impl<'q, T: Source, F> Delete<'q, T, F> {
    /// Takes only rows for which the condition holds; several filters all have to hold.
    pub fn filter<E, I>(mut self, condition: E) -> Delete<'q, T, Filtered>
    where
        E: Expression<Family: Truth> + In<From<T>, I> + 'q,
    {
        self.sql.part(Clause::Where, " WHERE ", " AND ");
        condition.write(&mut self.sql);
        Delete { sql: self.sql, says: PhantomData }
    }

    /// Takes every row of the table.
    pub fn all_rows(self) -> Delete<'q, T, Filtered> {
        Delete { sql: self.sql, says: PhantomData }
    }

    /// Runs the DELETE and returns how many rows it deleted.
    ///
    /// # Errors
    ///
    /// When SQLite refuses it, as when a row is still referred to ([`Error::is_foreign_key_violation`]).
    pub fn run(mut self, db: &Connection) -> Result<usize, Error>
    where
        F: SaysWhich,
    {
        self.sql.put_in_order();
        db.change(&self.sql)
    }

    /// Returns an expression of every row that was deleted, or a tuple of them.
    pub fn returning<E, I>(mut self, selection: E) -> Returning<'q, Picked<E::Out, E::Kind>>
    where
        F: SaysWhich,
        E: Selection<From<T>, I> + 'q,
    {
        self.sql.enter(Clause::Returning);
        self.sql.piece(" RETURNING ");
        selection.write_selection(&mut self.sql);
        Returning::new(self.sql, Vec::new(), None, Picked::new(E::read))
    }

    /// Returns the SQL, with a `?` for each value.
    pub fn to_sql(mut self) -> String {
        self.sql.put_in_order();
        self.sql.text()
    }
}

impl<T, S, F> fmt::Debug for Update<'_, T, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Update").field("sql", &self.sql).finish()
    }
}

impl<T, F> fmt::Debug for Delete<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delete").field("sql", &self.sql).finish()
    }
}
