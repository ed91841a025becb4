//! Orders, and lists of expressions separated by commas.

use super::expression::{Fragment, In};
use super::sql::Sql;

/// An expression with a direction.
#[derive(Debug, Clone, Copy)]
pub struct Order<E> {
    expression: E,
    direction: &'static str,
    nulls: &'static str,
}

impl<E> Order<E> {
    pub(crate) fn new(expression: E, direction: &'static str) -> Self {
        Self { expression, direction, nulls: "" }
    }

    /// NULLs come before everything else; they do when ascending, if nothing is said.
    #[must_use]
    pub fn nulls_first(mut self) -> Self {
        self.nulls = " NULLS FIRST";
        self
    }

    /// NULLs come behind everything else.
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.nulls = " NULLS LAST";
        self
    }

    pub(crate) fn is_descending(&self) -> bool {
        !self.direction.is_empty()
    }

    pub(crate) fn into_expression(self) -> E {
        self.expression
    }
}

impl<E: Fragment> Fragment for Order<E> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.expression.write(sql);
        sql.piece(self.direction);
        sql.piece(self.nulls);
    }
}

impl<E: In<S, I>, S, I> In<S, I> for Order<E> {
    type Null = E::Null;
}

/// One fragment, or a tuple of them: what stands behind GROUP BY, ORDER BY and PARTITION BY.
pub trait Sequence {
    /// Appends them, separated by commas.
    fn write_sequence<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a;
}

/// A sequence all of whose columns are in the scope `S`.
pub trait SequenceIn<S, I>: Sequence {}

impl<F: Fragment> Sequence for F {
    fn write_sequence<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.write(sql);
    }
}

impl<F: In<S, I>, S, I> SequenceIn<S, I> for F {}

macro_rules! sequences {
    ($first:ident $first_way:ident $first_at:tt $(, $name:ident $way:ident $at:tt)*) => {
        impl<$first: Fragment $(, $name: Fragment)*> Sequence for ($first, $($name,)*) {
            fn write_sequence<'a>(self, sql: &mut Sql<'a>)
            where
                Self: 'a,
            {
                self.$first_at.write(sql);
                $(
                    sql.piece(", ");
                    self.$at.write(sql);
                )*
            }
        }

        impl<Scope, $first, $first_way $(, $name, $way)*> SequenceIn<Scope, ($first_way, $($way,)*)>
            for ($first, $($name,)*)
        where
            $first: In<Scope, $first_way>,
            $($name: In<Scope, $way>,)*
        {
        }
    };
}

sequences!(A J 0);
sequences!(A J 0, B K 1);
sequences!(A J 0, B K 1, D L 2);
sequences!(A J 0, B K 1, D L 2, E M 3);
sequences!(A J 0, B K 1, D L 2, E M 3, F O 4);
sequences!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5);
