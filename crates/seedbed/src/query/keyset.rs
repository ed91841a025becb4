//! Keyset paging: the next page begins behind the last row of this one, however many there are before it.
//!
//! `LIMIT 20 OFFSET 10000` reads 10,020 rows; a condition on the columns of the order reads 20, if they have an index.

use super::expression::{Expression, In};
use super::nullness::Present;
use super::operand::{Bound, Operand};
use super::order::{Order, SequenceIn};
use super::select::Select;
use super::sql::{Clause, Sql};

/// Orders that identify a row together, and what they are in the last row of a page.
#[diagnostic::on_unimplemented(
    message = "`{K}` is no place in the order `{Self}`",
    note = "give a tuple of orders, `(Table::a.desc(), Table::id.asc())`, and a tuple with a value for each"
)]
pub trait Keyset<S, I, K>: SequenceIn<S, I> + Clone {
    /// Appends the condition for the rows behind the place.
    fn write_after<'a>(self, place: K, sql: &mut Sql<'a>)
    where
        Self: 'a,
        K: 'a;
}

impl<'q, S, P> Select<'q, S, P> {
    /// Orders by a tuple of orders, and begins behind the row that has these values in them; without values at the start.
    ///
    /// The orders have to tell any two rows apart, so the last one is usually the primary key. None of them can be NULL.
    ///
    /// ```
    /// # use seedbed::prelude::*;
    /// # #[derive(Table)]
    /// # #[table(name = "trees")]
    /// # struct Tree { #[column(primary_key)] id: i64, height: f64 }
    /// let page = |after: Option<(f64, i64)>| {
    ///     Select::from::<Tree>().keyset((Tree::height.desc(), Tree::id.asc()), after).limit(20)
    /// };
    /// assert_eq!(
    ///     page(Some((21.5, 7))).to_sql().split_once(" WHERE ").unwrap().1,
    ///     r#"(("trees"."height" < ?) OR ("trees"."height" = ? AND "trees"."id" > ?)) ORDER BY "trees"."height" DESC, "trees"."id" LIMIT ?"#,
    /// );
    /// ```
    pub fn keyset<O, K, I>(mut self, orders: O, after: Option<K>) -> Self
    where
        O: Keyset<S, I, K> + 'q,
        K: 'q,
    {
        if let Some(place) = after {
            self.sql.part(Clause::Where, " WHERE ", " AND ");
            orders.clone().write_after(place, &mut self.sql);
        }
        self.order_by(orders)
    }
}

/// Appends `column = value`, or the comparison that is behind the value in the order.
fn compare<'a, E: Expression + 'a, B: Bound + 'a>(
    order: Order<E>,
    is_last: bool,
    value: B,
    sql: &mut Sql<'a>,
) {
    let sign = match (is_last, order.is_descending()) {
        (false, _) => " = ",
        (true, false) => " > ",
        (true, true) => " < ",
    };
    order.into_expression().write(sql);
    sql.piece(sign);
    sql.value(value.into_bound());
}

macro_rules! keysets {
    ($($column:ident $way:ident $value:ident $at:tt),+) => {
        impl<Scope, $($column, $way, $value),+> Keyset<Scope, ($($way,)+), ($($value,)+)> for ($(Order<$column>,)+)
        where
            $(
                $column: Expression + In<Scope, $way, Null: Present> + Clone,
                $value: Operand<$column::Family, Out: Bound>,
            )+
        {
            fn write_after<'a>(self, place: ($($value,)+), sql: &mut Sql<'a>)
            where
                Self: 'a,
                ($($value,)+): 'a,
            {
                keysets!(@write self place sql $($column $at),+)
            }
        }
    };
    (@write $self:ident $place:ident $sql:ident $($column:ident $at:tt),+) => {{
        let values = ($($place.$at.operand(),)+);
        const COUNT: usize = 0 $(+ keysets!(@one $column))+;
        $sql.piece("(");
        for last in 0..COUNT {
            $sql.piece(if last == 0 { "(" } else { " OR (" });
            $(
                let at: usize = $at;
                if at <= last {
                    $sql.piece(if at == 0 { "" } else { " AND " });
                    compare($self.$at.clone(), at == last, values.$at.clone(), $sql);
                }
            )+
            $sql.piece(")");
        }
        $sql.piece(")");
    }};
    (@one $column:ident) => { 1 };
}

keysets!(A J V 0);
keysets!(A J V 0, B K W 1);
keysets!(A J V 0, B K W 1, D L X 2);
