//! Aggregates and windows: values made of many rows.

use super::expression::{Args, ArgsIn, Expr, Form, Fragment, In};
use super::family::Bool;
use super::nullness::NotNull;
use super::operand::Operand;
use super::order::{Sequence, SequenceIn};
use super::sql::Sql;

/// The arguments of an aggregate or window function: what has them can have FILTER and OVER.
#[derive(Debug, Clone)]
pub struct Of<A>(pub(crate) A);

impl<A: Args> Args for Of<A> {
    fn write<'a>(self, form: Form, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.0.write(form, sql);
    }
}

impl<A: ArgsIn<S, I>, S, I> ArgsIn<S, I> for Of<A> {
    type Null = A::Null;
}

impl<A: Args, V, N, C> Expr<Of<A>, V, N, C> {
    /// Takes only the rows for which the condition holds: `FILTER (WHERE …)`.
    pub fn filter_where<P: Operand<Bool>>(self, condition: P) -> Expr<Of<(Self, P::Out)>, V, N, C> {
        Expr::new(&["", " FILTER (WHERE ", ")"], Of((self, condition.operand())))
    }

    /// Computes it over a window of rows instead of making one row of many: `OVER (…)`.
    pub fn over<P, O>(self, window: Window<P, O>) -> Expr<(Self, Window<P, O>), V, N, C> {
        Expr::new(&["", " OVER (", ")"], (self, window))
    }
}

/// How many rows there are: `count(*)`.
///
/// ```
/// # use seedbed::prelude::*;
/// # use seedbed::query::count_all;
/// # #[derive(Table)]
/// # #[table(name = "trees")]
/// # struct Tree { #[column(primary_key)] id: i64, kind: String }
/// let per_kind = Select::from::<Tree>().group_by(Tree::kind).select((Tree::kind, count_all()));
/// assert_eq!(
///     per_kind.to_sql(),
///     r#"SELECT "trees"."kind", count(*) FROM "trees" GROUP BY "trees"."kind""#,
/// );
/// ```
pub fn count_all() -> Expr<Of<()>, i64, NotNull> {
    Expr::new(&["count(*)"], Of(()))
}

/// The number of the row in its window, from 1.
pub fn row_number() -> Expr<Of<()>, i64, NotNull> {
    Expr::new(&["row_number()"], Of(()))
}

/// The rank of the row in its window: equal rows have one rank, and the next has a gap before it.
pub fn rank() -> Expr<Of<()>, i64, NotNull> {
    Expr::new(&["rank()"], Of(()))
}

/// The rank of the row in its window, without gaps.
pub fn dense_rank() -> Expr<Of<()>, i64, NotNull> {
    Expr::new(&["dense_rank()"], Of(()))
}

/// The rank of the row in its window as a number from 0 to 1.
pub fn percent_rank() -> Expr<Of<()>, f64, NotNull> {
    Expr::new(&["percent_rank()"], Of(()))
}

/// Which rows a window function sees.
#[derive(Debug, Clone)]
pub struct Window<P = Nothing, O = Nothing> {
    partition: P,
    order: O,
    frame: &'static str,
}

/// No part of a window.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl Window {
    /// All rows, in no order.
    pub fn new() -> Self {
        Self { partition: Nothing, order: Nothing, frame: "" }
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new()
    }
}

impl<O> Window<Nothing, O> {
    /// A window of its own for every value of an expression, or of several in a tuple.
    pub fn partition_by<P>(self, partition: P) -> Window<P, O> {
        Window { partition, order: self.order, frame: self.frame }
    }
}

impl<P> Window<P, Nothing> {
    /// The order of the rows. Without a [frame](Window::frame) a function then sees the rows up to the present one.
    pub fn order_by<O>(self, order: O) -> Window<P, O> {
        Window { partition: self.partition, order, frame: self.frame }
    }
}

impl<P, O> Window<P, O> {
    /// The frame in SQL: `"ROWS BETWEEN 2 PRECEDING AND CURRENT ROW"`.
    #[must_use]
    pub fn frame(mut self, frame: &'static str) -> Self {
        self.frame = frame;
        self
    }
}

/// A part of a window.
pub trait WindowPart {
    /// Appends it behind its keyword.
    fn write_part<'a>(self, keyword: &'static str, sql: &mut Sql<'a>)
    where
        Self: 'a;
}

/// A part of a window all of whose columns are in the scope `S`.
pub trait WindowPartIn<S, I>: WindowPart {}

impl WindowPart for Nothing {
    fn write_part<'a>(self, _: &'static str, _: &mut Sql<'a>)
    where
        Self: 'a,
    {
    }
}

impl<S> WindowPartIn<S, ()> for Nothing {}

impl<Q: Sequence> WindowPart for Q {
    fn write_part<'a>(self, keyword: &'static str, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        sql.piece(keyword);
        self.write_sequence(sql);
    }
}

impl<Q: SequenceIn<S, I>, S, I> WindowPartIn<S, (I,)> for Q {}

impl<P: WindowPart, O: WindowPart> Fragment for Window<P, O> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.partition.write_part("PARTITION BY ", sql);
        self.order.write_part(" ORDER BY ", sql);
        if !self.frame.is_empty() {
            sql.piece(" ");
            sql.piece(self.frame);
        }
    }
}

impl<P: WindowPartIn<S, I>, O: WindowPartIn<S, J>, S, I, J> In<S, (I, J)> for Window<P, O> {
    type Null = NotNull;
}
