//! What the macros make of values and texts: the expression of a `sql!`, and a value by reference of a program's own type.

use super::expression::{Args, Expr, Form};
use super::operand::{Bind, IntoExpression};
use crate::codec::Plain;
use crate::db_type::DbType;

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

/// Makes a value of one that stays where it is.
#[doc(hidden)]
pub fn borrowed<T: DbType>(value: &T) -> Bind<'_> {
    Bind::new(value.to_value())
}
