//! CASE: a value by the first condition that holds.

use std::marker::PhantomData;

use super::expression::{Expr, Expression, Fragment, In};
use super::family::Bool;
use super::nullness::{NotNull, Nullable, Nullness, Strict};
use super::operand::{IntoExpression, Operand};
use super::sql::Sql;

/// Branches without an ELSE; `B` are the branches, `E` is the expression of the first one.
#[derive(Debug, Clone)]
pub struct Case<B, E> {
    branches: B,
    first: PhantomData<E>,
}

/// Starts a CASE: the value when the condition holds.
///
/// ```
/// # use seedbed::prelude::*;
/// # use seedbed::query::case;
/// # #[derive(Table)]
/// # #[table(name = "trees")]
/// # struct Tree { #[column(primary_key)] id: i64, height: f64 }
/// let size = case(Tree::height.gt(25.0), "tall").when(Tree::height.gt(10.0), "middling").otherwise("small");
/// let query = Select::from::<Tree>().select((Tree::id, size));
/// # assert!(query.to_sql().contains("CASE WHEN"));
/// ```
pub fn case<C: Operand<Bool>, V: IntoExpression>(
    condition: C,
    value: V,
) -> Case<Branch<Start, C::Out, V::Expression>, V::Expression> {
    let branches = Branch { before: Start, condition: condition.operand(), value: value.into_expression() };
    Case { branches, first: PhantomData }
}

impl<B, E: Expression> Case<B, E> {
    /// The value when none of the conditions before holds and this one does.
    pub fn when<C: Operand<Bool>, V: Operand<E::Family>>(
        self,
        condition: C,
        value: V,
    ) -> Case<Branch<B, C::Out, V::Out>, E> {
        let branches =
            Branch { before: self.branches, condition: condition.operand(), value: value.operand() };
        Case { branches, first: self.first }
    }

    /// The value when no condition holds.
    pub fn otherwise<V: Operand<E::Family>>(
        self,
        value: V,
    ) -> Expr<(Else<B, V::Out>,), E::Value, Strict, E::Codec> {
        Expr::new(&["CASE", " END"], (Else { branches: self.branches, value: value.operand() },))
    }

    /// NULL when no condition holds.
    pub fn or_null(self) -> Expr<(B,), E::Value, Nullable, E::Codec> {
        Expr::new(&["CASE", " END"], (self.branches,))
    }
}

/// One WHEN and those before it.
#[derive(Debug, Clone)]
pub struct Branch<B, C, V> {
    before: B,
    condition: C,
    value: V,
}

/// No branch before the first.
#[derive(Debug, Clone, Copy)]
pub struct Start;

impl Fragment for Start {
    fn write<'a>(self, _: &mut Sql<'a>)
    where
        Self: 'a,
    {
    }
}

impl<S> In<S, ()> for Start {
    type Null = NotNull;
}

impl<B: Fragment, C: Fragment, V: Fragment> Fragment for Branch<B, C, V> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.before.write(sql);
        sql.piece(" WHEN ");
        self.condition.write(sql);
        sql.piece(" THEN ");
        self.value.write(sql);
    }
}

impl<B: In<S, I>, C: In<S, J>, V: In<S, K>, S, I, J, K> In<S, (I, J, K)> for Branch<B, C, V> {
    type Null = <B::Null as Nullness>::Or<V::Null>;
}

/// The branches and what comes behind ELSE.
#[derive(Debug, Clone)]
pub struct Else<B, V> {
    branches: B,
    value: V,
}

impl<B: Fragment, V: Fragment> Fragment for Else<B, V> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.branches.write(sql);
        sql.piece(" ELSE ");
        self.value.write(sql);
    }
}

impl<B: In<S, I>, V: In<S, J>, S, I, J> In<S, (I, J)> for Else<B, V> {
    type Null = <B::Null as Nullness>::Or<V::Null>;
}
