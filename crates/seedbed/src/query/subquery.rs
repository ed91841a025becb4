//! Queries inside of queries.

use super::expression::{Expr, Fragment, In};
use super::nullness::{NotNull, Nullable};
use super::scope::{Provides, Subscope};
use super::sql::Sql;
use crate::codec::Codec;

/// A query that can stand inside of another.
pub trait Query: Sized {
    /// What it reads from.
    type Scope: Subscope;
    /// What a row is read as.
    type Out;
    /// How its columns are stored, see [`Kind`](super::Kind).
    type Stored;

    /// Returns the query, complete.
    fn into_query<'a>(self) -> Sql<'a>
    where
        Self: 'a;
}

/// A query that selects one expression.
#[diagnostic::on_unimplemented(
    message = "this query does not select a single expression",
    note = "give it one: `.select(Table::column)`"
)]
pub trait Single: Query {
    /// What its values are read as.
    type Value;
    /// How they are read.
    type Codec: Codec<Self::Value, Family = Self::Family>;
    /// What they can be compared with.
    type Family;
}

/// A query that selects one expression of the family `F`.
#[diagnostic::on_unimplemented(
    message = "this query does not select a single expression of the family `{F}`",
    label = "its rows are something else",
    note = "give it one: `.select(Table::column)`, of the type of what is compared with it"
)]
pub trait SingleOf<F>: Single<Family = F> {}

/// A query in parentheses.
#[derive(Debug, Clone)]
pub struct Subquery<Q>(pub(crate) Q);

impl<Q: Query> Fragment for Subquery<Q> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        sql.piece("(");
        sql.append(self.0.into_query());
        sql.piece(")");
    }
}

impl<Q: Query, S, I> In<S, I> for Subquery<Q>
where
    S: Provides<<Q::Scope as Subscope>::Needs, I>,
{
    type Null = Nullable;
}

/// Whether the query yields a row.
///
/// A query that names a table of the query around it starts with [`Select::within`](super::Select::within).
pub fn exists<Q: Query>(query: Q) -> Expr<(Subquery<Q>,), bool, NotNull> {
    Expr::new(&["EXISTS ", ""], (Subquery(query),))
}

/// Whether the query yields no row.
pub fn not_exists<Q: Query>(query: Q) -> Expr<(Subquery<Q>,), bool, NotNull> {
    Expr::new(&["NOT EXISTS ", ""], (Subquery(query),))
}

/// The value of a query that selects one expression: of its first row, or NULL when there is none.
pub fn scalar<Q: Single>(query: Q) -> Expr<(Subquery<Q>,), Q::Value, Nullable, Q::Codec> {
    Expr::new(&["", ""], (Subquery(query),))
}
