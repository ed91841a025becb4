//! SELECT: what it reads from, which rows, in which order, and what of them.

use std::fmt;
use std::marker::PhantomData;

use super::compound::SameRows;
use super::expression::{Expr, Expression, In};
use super::family::Truth;
use super::operand::Operand;
use super::order::SequenceIn;
use super::scope::{self, Closed, From, Source, Subscope, Within};
use super::selection::{One, Picked, Project, Selection, Whole};
use super::sql::{Clause, Sql};
use super::subquery::{Query, Single, SingleOf};
use crate::codec::Codec;
use crate::connection::Connection;
use crate::error::Error;
use crate::value::Value;

/// A query. `S` is what it reads from, `P` what its rows are read into: whole rows unless [`select`](Self::select) says
/// otherwise.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(Debug, PartialEq, Table)]
/// #[table(name = "trees")]
/// pub struct Tree {
///     #[column(primary_key)]
///     pub id: i64,
///     pub name: String,
///     pub height: f64,
/// }
///
/// # fn main() -> Result<(), seedbed::Error> {
/// let db = Connection::open_in_memory()?;
/// db.execute_batch("CREATE TABLE trees (id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL NOT NULL);
///     INSERT INTO trees VALUES (1, 'oak', 21.5), (2, 'elm', 30.0)")?;
///
/// let tall = Select::from::<Tree>().filter(Tree::height.gt(25.0)).order_by(Tree::name.asc()).all(&db)?;
/// assert_eq!(tall, [Tree { id: 2, name: "elm".to_owned(), height: 30.0 }]);
///
/// let names: Vec<String> = Select::from::<Tree>().order_by(Tree::name).select(Tree::name).all(&db)?;
/// assert_eq!(names, ["elm", "oak"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "a query does nothing until it is run: `.all(&db)`"]
pub struct Select<'q, S, P = Whole> {
    pub(crate) sql: Sql<'q>,
    start: Option<&'static Start>,
    project: P,
    limit: i64,
    offset: i64,
    scope: PhantomData<fn() -> S>,
}

impl Select<'static, (), ()> {
    /// Starts a query on a table, a view, an alias or a [`Record`](macro@crate::Record).
    // Why always: a query is moved from call to call otherwise, and those moves are a third of what it costs.
    #[inline(always)]
    pub fn from<'q, T: Source>() -> Select<'q, From<T>> {
        Select::on::<T>(scope_of::<From<T>>())
    }

    /// Starts a subquery that names columns of `O`, a source of the query around it.
    pub fn within<O: Source>() -> Inside<(O,)> {
        Inside(PhantomData)
    }
}

/// The start of a subquery inside a query on `O`, a tuple of sources.
#[derive(Debug)]
pub struct Inside<O>(PhantomData<O>);

impl<O: Source> Inside<(O,)> {
    /// Names columns of one more source of the query around.
    pub fn and<U: Source>(self) -> Inside<(O, U)> {
        Inside(PhantomData)
    }

    /// The source of the subquery.
    pub fn from<'q, T: Source>(self) -> Select<'q, Within<O, From<T>>> {
        let () = Apart::<O, T>::IS_SO;
        Select::on::<T>(scope_of::<Within<O, From<T>>>())
    }
}

impl<O: Source, U: Source> Inside<(O, U)> {
    /// The source of the subquery.
    pub fn from<'q, T: Source>(self) -> Select<'q, Within<O, Within<U, From<T>>>> {
        let () = Apart::<O, T>::IS_SO;
        let () = Apart::<U, T>::IS_SO;
        Select::on::<T>(scope_of::<Within<O, Within<U, From<T>>>>())
    }
}

/// Two sources that SQL can tell apart: inside of a subquery the name of an outer one would mean the inner one.
struct Apart<O, T>(PhantomData<(O, T)>);

impl<O: Source, T: Source> Apart<O, T> {
    const IS_SO: () = assert!(
        !scope::is_same_name(O::ALIAS, T::ALIAS),
        "a subquery reads from a table of the same name as the query around it: give one of them an alias, `alias!(Other = Table)`"
    );
}

fn scope_of<S>() -> PhantomData<fn() -> S> {
    PhantomData
}

/// What a query has as long as it starts with [`Source::START`].
struct Start {
    write_source: fn(&mut Sql<'_>),
    key: Option<&'static str>,
}

/// A limit or an offset that was not given.
const NOT_GIVEN: i64 = -1;

fn write_source<T: Source>(sql: &mut Sql<'_>) {
    sql.enter(Clause::From);
    sql.piece(" FROM ");
    sql.piece(T::FROM);
    sql.piece(T::AS);
}

impl<'q, S> Select<'q, S, Whole> {
    #[inline(always)]
    fn on<T: Source>(scope: PhantomData<fn() -> S>) -> Self {
        let mut sql = Sql::new();
        let start = if T::START.is_empty() {
            sql.enter(Clause::Verb);
            sql.piece("SELECT ");
            sql.enter(Clause::List);
            T::write_list(&mut sql);
            write_source::<T>(&mut sql);
            None
        } else {
            sql.enter(Clause::Start);
            sql.piece(T::START);
            Some(const { &Start { write_source: write_source::<T>, key: T::KEY } })
        };
        Self { sql, start, project: Whole, limit: NOT_GIVEN, offset: NOT_GIVEN, scope }
    }
}

impl<'q, S, P> Select<'q, S, P> {
    /// Takes only rows for which the condition holds; several filters all have to hold.
    #[inline(always)]
    pub fn filter<E, I>(mut self, condition: E) -> Self
    where
        E: Expression<Family: Truth> + In<S, I> + 'q,
    {
        self.sql.part(Clause::Where, " WHERE ", " AND ");
        condition.write(&mut self.sql);
        self
    }

    /// Takes the condition if there is one, for filters that a caller may leave out.
    pub fn filter_option<E, I>(self, condition: Option<E>) -> Self
    where
        E: Expression<Family: Truth> + In<S, I> + 'q,
    {
        match condition {
            Some(condition) => self.filter(condition),
            None => self,
        }
    }

    /// Takes only rows in which an expression equals the value, if there is one: the most frequent filter that a caller may
    /// leave out.
    ///
    /// ```
    /// # use seedbed::prelude::*;
    /// # #[derive(Table)]
    /// # #[table(name = "trees")]
    /// # struct Tree { #[column(primary_key)] id: i64, kind: String, height: f64 }
    /// fn search(kind: Option<&str>, taller_than: Option<f64>) -> String {
    ///     Select::from::<Tree>()
    ///         .filter_eq_option(Tree::kind, kind)
    ///         .filter_option(taller_than.map(|height| Tree::height.gt(height)))
    ///         .select(Tree::id)
    ///         .to_sql()
    /// }
    /// assert_eq!(search(None, None), r#"SELECT "trees"."id" FROM "trees""#);
    /// # assert!(search(Some("oak"), Some(2.0)).ends_with(r#" WHERE ("trees"."kind" = ?) AND ("trees"."height" > ?)"#));
    /// ```
    pub fn filter_eq_option<E, V, I>(self, expression: E, value: Option<V>) -> Self
    where
        E: Expression,
        V: Operand<E::Family>,
        Expr<(E, V::Out), bool>: In<S, I> + 'q,
    {
        match value {
            Some(value) => self.filter(expression.eq(value)),
            None => self,
        }
    }

    /// Orders the rows, by an expression or a tuple of them; several calls go on.
    pub fn order_by<O: SequenceIn<S, I> + 'q, I>(mut self, order: O) -> Self {
        self.sql.part(Clause::Order, " ORDER BY ", ", ");
        order.write_sequence(&mut self.sql);
        self
    }

    /// Makes one row of all that are equal in an expression, or in a tuple of them.
    pub fn group_by<G: SequenceIn<S, I> + 'q, I>(mut self, groups: G) -> Self {
        self.sql.part(Clause::Group, " GROUP BY ", ", ");
        groups.write_sequence(&mut self.sql);
        self
    }

    /// Takes only groups for which the condition holds.
    pub fn having<E, I>(mut self, condition: E) -> Self
    where
        E: Expression<Family: Truth> + In<S, I> + 'q,
    {
        self.sql.part(Clause::Having, " HAVING ", " AND ");
        condition.write(&mut self.sql);
        self
    }

    /// Takes at most so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = integer(rows);
        self
    }

    /// Leaves out so many rows at the start. It reads them all the same: a [keyset](Self::keyset) does not.
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = integer(rows);
        self
    }

    /// Yields equal rows once.
    pub fn distinct(mut self) -> Self {
        self.begin_anew(|_, _| ());
        self.sql.discard(Clause::Verb);
        self.sql.enter(Clause::Verb);
        self.sql.piece("SELECT DISTINCT ");
        self
    }

    /// Selects an expression, a tuple of them, or the fields of a struct with `#[derive(Record)]`, instead of whole rows.
    pub fn select<E, I>(mut self, selection: E) -> Select<'q, S, Picked<E::Out, E::Kind>>
    where
        E: Selection<S, I> + 'q,
    {
        let write = |sql: &mut Sql<'q>| {
            sql.enter(Clause::List);
            selection.write_selection(sql);
        };
        if self.start.is_some() {
            self.begin_anew(|_, sql| write(sql));
        } else {
            self.sql.discard(Clause::List);
            write(&mut self.sql);
        }
        self.projecting(Picked::new(E::read))
    }

    /// Joins another source; `.on(…)` says which of its rows belong to which. Rows without a partner are left out.
    pub fn join<T: Source>(self) -> Joining<'q, S, scope::Join<S, T>, P> {
        self.joining::<T, _>(" JOIN ")
    }

    /// Joins another source; rows without a partner have `None` in its place.
    pub fn left_join<T: Source>(self) -> Joining<'q, S, scope::LeftJoin<S, T>, P> {
        self.joining::<T, _>(" LEFT JOIN ")
    }

    /// Joins another source; its rows without a partner have `None` in place of all that was there before.
    pub fn right_join<T: Source>(self) -> Joining<'q, S, scope::Join<scope::Optional<S>, T>, P>
    where
        P: Unselected,
    {
        self.joining::<T, _>(" RIGHT JOIN ")
    }

    /// Joins another source; rows without a partner have `None` in place of what is missing, on both sides.
    pub fn full_join<T: Source>(self) -> Joining<'q, S, scope::LeftJoin<scope::Optional<S>, T>, P>
    where
        P: Unselected,
    {
        self.joining::<T, _>(" FULL JOIN ")
    }

    /// Puts every row beside every row of another source.
    pub fn cross_join<T: Source>(mut self) -> Select<'q, scope::Join<S, T>, P>
    where
        P: Rejoin,
    {
        self.source::<T>(" CROSS JOIN ");
        if P::IS_WHOLE {
            self.sql.discard(Clause::List);
        }
        self.rescoped()
    }

    fn joining<T: Source, J>(mut self, word: &'static str) -> Joining<'q, S, J, P> {
        self.source::<T>(word);
        Joining { select: self, joined: PhantomData }
    }

    /// Makes clauses of the start of the query if it is one piece: what `list` writes is the second.
    fn begin_anew(&mut self, list: impl FnOnce(&P, &mut Sql<'q>)) {
        let Some(start) = self.start.take() else { return };
        self.sql.discard_start();
        self.sql.enter(Clause::Verb);
        self.sql.piece("SELECT ");
        list(&self.project, &mut self.sql);
        (start.write_source)(&mut self.sql);
    }

    fn source<T: Source>(&mut self, word: &'static str) {
        self.begin_anew(|_, _| ());
        self.sql.enter(Clause::From);
        self.sql.piece(word);
        self.sql.piece(T::FROM);
        self.sql.piece(T::AS);
    }

    fn rescoped<J>(self) -> Select<'q, J, P> {
        let Self { sql, start, project, limit, offset, .. } = self;
        Select { sql, start, project, limit, offset, scope: PhantomData }
    }

    fn projecting<Q>(self, project: Q) -> Select<'q, S, Q> {
        let Self { sql, start, limit, offset, scope, .. } = self;
        Select { sql, start, project, limit, offset, scope }
    }
}

/// A join that lacks its condition.
#[must_use = "a join needs its condition: `.on(…)`"]
pub struct Joining<'q, S, J, P> {
    select: Select<'q, S, P>,
    joined: PhantomData<fn() -> J>,
}

impl<'q, S, J, P: Rejoin> Joining<'q, S, J, P> {
    /// Says which rows belong together.
    pub fn on<E, I>(mut self, condition: E) -> Select<'q, J, P>
    where
        E: Expression<Family: Truth> + In<J, I> + 'q,
    {
        self.select.sql.piece(" ON ");
        condition.write(&mut self.select.sql);
        if P::IS_WHOLE {
            // Another row is read now.
            self.select.sql.discard(Clause::List);
        }
        self.select.rescoped()
    }
}

/// A query of which nothing was selected yet.
#[diagnostic::on_unimplemented(
    message = "a RIGHT or FULL JOIN stands before `.select(…)`",
    label = "rows that it adds have NULL where a value was selected",
    note = "join first, then select: what may be missing is then an `Option`"
)]
pub trait Unselected {}

impl Unselected for Whole {}

/// Whether the rows of a joined source are read as well.
pub trait Rejoin {
    /// It is so unless something was selected.
    const IS_WHOLE: bool;
}

impl Rejoin for Whole {
    const IS_WHOLE: bool = true;
}

impl<O, K> Rejoin for Picked<O, K> {
    const IS_WHOLE: bool = false;
}

impl<'q, S, P: Project<S>> Select<'q, S, P> {
    /// Returns the query, complete, as a part of a statement: with its columns qualified, so that none can be taken for one of
    /// the query around it.
    pub(crate) fn into_part(mut self) -> (Sql<'q>, P) {
        self.begin_anew(|project, sql| {
            sql.enter(Clause::List);
            project.write_list(sql);
        });
        self.complete();
        (self.sql, self.project)
    }

    /// Writes what is left of the query.
    #[inline]
    fn complete(&mut self) {
        if self.start.is_none() && !self.sql.has(Clause::List) {
            self.sql.enter(Clause::List);
            self.project.write_list(&mut self.sql);
        }
        if self.limit != NOT_GIVEN || self.offset != NOT_GIVEN {
            write_limit(&mut self.sql, self.limit, self.offset);
        }
        self.sql.put_in_order();
    }

    /// Returns the SQL of the query, with a `?` for each value.
    pub fn to_sql(mut self) -> String {
        self.complete();
        self.sql.text()
    }
}

fn write_limit(sql: &mut Sql<'_>, limit: i64, offset: i64) {
    sql.enter(Clause::Limit);
    sql.piece(" LIMIT ");
    // SQLite takes a negative number for no limit.
    sql.value(Value::Integer(limit));
    if offset != NOT_GIVEN {
        sql.piece(" OFFSET ");
        sql.value(Value::Integer(offset));
    }
}

fn integer(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl<S, P: Project<S>> Select<'_, S, P> {
    /// Runs the query and returns all rows.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the query, or a value does not fit what it is read into.
    pub fn all(mut self, db: &Connection) -> Result<Vec<P::Out>, Error>
    where
        S: Closed,
    {
        self.complete();
        db.all_rows(&self.sql, |row| self.project.read(row))
    }

    /// Runs the query and returns its only row.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all); when there is no row ([`Error::is_not_found`]) or more than one.
    #[inline]
    pub fn one(self, db: &Connection) -> Result<P::Out, Error>
    where
        S: Closed,
    {
        self.optional(db)?.ok_or_else(Error::not_found)
    }

    /// Runs the query and returns its only row, if there is one.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all), and when there is more than one row: then the query does not identify what it looks for. Where the
    /// primary key is one column, and all that is asked for is that it has a value, a second row is not looked for.
    #[inline]
    pub fn optional(mut self, db: &Connection) -> Result<Option<P::Out>, Error>
    where
        S: Closed,
    {
        self.complete();
        let key = self.start.and_then(|start| start.key);
        db.optional_row(&self.sql, key, |row| self.project.read(row))
    }

    /// Runs the query and returns the first row, if there is one.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all).
    pub fn first(self, db: &Connection) -> Result<Option<P::Out>, Error>
    where
        S: Closed,
    {
        let limit = if self.limit == 0 { 0 } else { 1 };
        self.limit(limit).optional(db)
    }

    /// Runs the query and hands over each row as it is found, without keeping them.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all), and what `each` returns, which ends the query.
    pub fn for_each<E: std::convert::From<Error>>(
        mut self,
        db: &Connection,
        mut each: impl FnMut(P::Out) -> Result<(), E>,
    ) -> Result<(), E>
    where
        S: Closed,
    {
        self.complete();
        db.each_row(&self.sql, |row| each(self.project.read(row)?))
    }

    /// Returns how many rows the query yields.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the query.
    pub fn count(self, db: &Connection) -> Result<u64, Error>
    where
        S: Closed,
    {
        let (sql, _) = self.into_part();
        let count: i64 = db.wrapped("SELECT count(*) FROM (", sql, ")")?;
        Ok(count.unsigned_abs())
    }

    /// Returns whether the query yields a row.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the query.
    pub fn exists(self, db: &Connection) -> Result<bool, Error>
    where
        S: Closed,
    {
        let (sql, _) = self.into_part();
        db.wrapped("SELECT EXISTS (", sql, ")")
    }
}

impl<'q, S: Subscope, P: Project<S>> Query for Select<'q, S, P> {
    type Scope = S;
    type Out = P::Out;
    type Stored = P::Stored;

    fn into_query<'a>(self) -> Sql<'a>
    where
        Self: 'a,
    {
        self.into_part().0
    }
}

impl<S: Subscope, P: Project<S>> SameRows<P::Out, P::Stored> for Select<'_, S, P> {}

impl<S: Subscope, O, V, C: Codec<V>> Single for Select<'_, S, Picked<O, One<V, C>>> {
    type Value = V;
    type Codec = C;
    type Family = C::Family;
}

impl<S: Subscope, O, V, C: Codec<V>> SingleOf<C::Family> for Select<'_, S, Picked<O, One<V, C>>> {}

impl<S, P: Clone> Clone for Select<'_, S, P> {
    fn clone(&self) -> Self {
        let Self { sql, start, project, limit, offset, scope } = self;
        let (sql, project) = (sql.clone(), project.clone());
        Self { sql, start: *start, project, limit: *limit, offset: *offset, scope: *scope }
    }
}

impl<S, P> fmt::Debug for Select<'_, S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select").field("sql", &self.sql).finish_non_exhaustive()
    }
}

impl<S, J, P> fmt::Debug for Joining<'_, S, J, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.select.fmt(f)
    }
}
