//! UNION, INTERSECT and EXCEPT.

use std::fmt;
use std::marker::PhantomData;

use super::scope::{Closed, From};
use super::select::Select;
use super::selection::Project;
use super::sql::{Clause, Sql};
use super::subquery::Query;
use crate::connection::Connection;
use crate::error::Error;
use crate::row::Row;
use crate::value::Value;

/// Queries whose rows are put together and read as an `O`; `F` is how they are stored.
#[must_use = "a query does nothing until it is run: `.all(&db)`"]
pub struct Compound<'q, O, F = O> {
    sql: Sql<'q>,
    read: Box<dyn Fn(&Row<'_>) -> Result<O, Error> + 'q>,
    limit: Option<u64>,
    stored: PhantomData<fn() -> F>,
}

/// A query whose rows are read as an `O` and stored as `F`, so that they can be put together with others.
#[diagnostic::on_unimplemented(
    message = "the rows of this query are not read as `{O}` and stored as such",
    label = "its rows are others",
    note = "the queries of a compound select the same types in the same order, stored in the same way",
    note = "a query that gets the name of a record selects it: `.select(NameSelect {{ … }})`"
)]
pub trait SameRows<O, F>: Query {}

impl<O, F> SameRows<O, F> for Compound<'_, O, F> {}

impl<'q, S: Closed + 'q, P: Project<S> + 'q> Select<'q, S, P> {
    /// The rows of both, equal ones once.
    pub fn union<Q: SameRows<P::Out, P::Stored> + 'q>(self, other: Q) -> Compound<'q, P::Out, P::Stored>
    where
        Q::Scope: Closed,
    {
        self.compound().union(other)
    }

    /// The rows of both.
    pub fn union_all<Q: SameRows<P::Out, P::Stored> + 'q>(self, other: Q) -> Compound<'q, P::Out, P::Stored>
    where
        Q::Scope: Closed,
    {
        self.compound().union_all(other)
    }

    /// The rows that are in both, once each.
    pub fn intersect<Q: SameRows<P::Out, P::Stored> + 'q>(self, other: Q) -> Compound<'q, P::Out, P::Stored>
    where
        Q::Scope: Closed,
    {
        self.compound().intersect(other)
    }

    /// The rows that are not in the other, once each.
    pub fn except<Q: SameRows<P::Out, P::Stored> + 'q>(self, other: Q) -> Compound<'q, P::Out, P::Stored>
    where
        Q::Scope: Closed,
    {
        self.compound().except(other)
    }

    fn compound(self) -> Compound<'q, P::Out, P::Stored> {
        let (first, project) = self.into_part();
        let mut sql = Sql::new();
        sql.enter(Clause::List);
        push(&mut sql, first);
        Compound { sql, read: Box::new(move |row| project.read(row)), limit: None, stored: PhantomData }
    }
}

/// Appends a part; one with an order or a limit of its own, and one that is a compound, has to be a subquery.
fn push<'q>(sql: &mut Sql<'q>, part: Sql<'q>) {
    let is_subquery =
        [Clause::With, Clause::Compound, Clause::Order, Clause::Limit].iter().any(|clause| part.has(*clause));
    sql.piece(if is_subquery { "SELECT * FROM (" } else { "" });
    sql.append(part);
    sql.piece(if is_subquery { ")" } else { "" });
}

impl<'q, O, F> Compound<'q, O, F> {
    /// The rows of both, equal ones once.
    pub fn union<Q: SameRows<O, F> + 'q>(self, other: Q) -> Self
    where
        Q::Scope: Closed,
    {
        self.with(" UNION ", other)
    }

    /// The rows of both.
    pub fn union_all<Q: SameRows<O, F> + 'q>(self, other: Q) -> Self
    where
        Q::Scope: Closed,
    {
        self.with(" UNION ALL ", other)
    }

    /// The rows that are in both, once each.
    pub fn intersect<Q: SameRows<O, F> + 'q>(self, other: Q) -> Self
    where
        Q::Scope: Closed,
    {
        self.with(" INTERSECT ", other)
    }

    /// The rows that are not in the other, once each.
    pub fn except<Q: SameRows<O, F> + 'q>(self, other: Q) -> Self
    where
        Q::Scope: Closed,
    {
        self.with(" EXCEPT ", other)
    }

    fn with<Q: SameRows<O, F> + 'q>(mut self, word: &'static str, other: Q) -> Self {
        self.sql.enter(Clause::Compound);
        self.sql.piece(word);
        push(&mut self.sql, other.into_query());
        self
    }

    /// Orders all rows by a column of the result, counted from 1.
    ///
    /// # Panics
    ///
    /// When the number is 0 or greater than 12.
    pub fn order_by_position(mut self, column: usize, direction: Direction) -> Self {
        const POSITIONS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
        assert!(
            (1..=POSITIONS.len()).contains(&column),
            "column {column} of a compound: they count from 1 to 12"
        );
        self.sql.part(Clause::Order, " ORDER BY ", ", ");
        self.sql.piece(POSITIONS[column - 1]);
        self.sql.piece(if direction == Direction::Descending { " DESC" } else { "" });
        self
    }

    /// Takes at most so many rows of all.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    fn finish(&mut self) {
        if let Some(rows) = self.limit.take() {
            self.sql.enter(Clause::Limit);
            self.sql.piece(" LIMIT ");
            self.sql.value(Value::Integer(i64::try_from(rows).unwrap_or(i64::MAX)));
        }
        self.sql.put_in_order();
    }

    /// Runs the queries and returns all rows.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the query, or a value does not fit what it is read into.
    pub fn all(mut self, db: &Connection) -> Result<Vec<O>, Error> {
        self.finish();
        db.all_rows(&self.sql, |row| (self.read)(row))
    }

    /// Runs the queries and returns their only row, if there is one.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all), and when there is more than one row.
    pub fn optional(mut self, db: &Connection) -> Result<Option<O>, Error> {
        self.finish();
        db.optional_row(&self.sql, None, |row| (self.read)(row))
    }

    /// Returns how many rows there are.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the query.
    pub fn count(mut self, db: &Connection) -> Result<u64, Error> {
        self.finish();
        let count: i64 = db.wrapped("SELECT count(*) FROM (", self.sql, ")")?;
        Ok(count.unsigned_abs())
    }

    /// Returns the SQL, with a `?` for each value.
    pub fn to_sql(mut self) -> String {
        self.finish();
        self.sql.text()
    }
}

/// A direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Small ones first.
    Ascending,
    /// Great ones first.
    Descending,
}

impl<O, F> Query for Compound<'_, O, F> {
    // It needs nothing of a query around it, like a query on one source.
    type Scope = From<()>;
    type Out = O;
    type Stored = F;

    fn into_query<'a>(mut self) -> Sql<'a>
    where
        Self: 'a,
    {
        self.finish();
        self.sql
    }
}

impl<O, F> fmt::Debug for Compound<'_, O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compound").field("sql", &self.sql).finish_non_exhaustive()
    }
}
