//! Typed SQL for what the builder has no words for: what `sql!` makes.

use super::expression::{Args, Expr, Form};
use super::operand::IntoExpression;
use crate::codec::Plain;

/// Makes the expression of a `sql!`.
#[doc(hidden)]
pub fn fragment<A: Args, V, N>(form: Form, args: A) -> Expr<A, V, N, Plain> {
    Expr::new(form, args)
}

/// Makes an argument of a `sql!`.
#[doc(hidden)]
pub fn argument<E: IntoExpression>(value: E) -> E::Expression {
    value.into_expression()
}
