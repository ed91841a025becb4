//! SQLite's functions on texts, numbers and JSON, and arithmetic.

use std::ops::{Add, Div, Mul, Rem, Sub};

use super::column::Col;
use super::expression::{Args, Expr, Expression};
use super::family::{Integer, Json, Numeric, Real, Text, Textual};
use super::nullness::{Nullable, Nullness, Rule, Strict};
use super::operand::{Bind, Operand};
use super::scope::Source;
use crate::codec::Codec;
use crate::db_type::DbType;

/// What can be done with texts.
pub trait TextExpression: Expression {
    /// `self LIKE pattern`: `%` is any text, `_` any character, capital letters of ASCII count as small ones.
    fn like<O: Operand<Text>>(self, pattern: O) -> Expr<(Self, O::Out), bool>
    where
        Self::Family: Textual,
    {
        Expr::new(&["(", " LIKE ", ")"], (self, pattern.operand()))
    }

    /// `self NOT LIKE pattern`
    fn not_like<O: Operand<Text>>(self, pattern: O) -> Expr<(Self, O::Out), bool>
    where
        Self::Family: Textual,
    {
        Expr::new(&["(", " NOT LIKE ", ")"], (self, pattern.operand()))
    }

    /// `self GLOB pattern`: `*` is any text, `?` any character, and capital letters count.
    fn glob<O: Operand<Text>>(self, pattern: O) -> Expr<(Self, O::Out), bool>
    where
        Self::Family: Textual,
    {
        Expr::new(&["(", " GLOB ", ")"], (self, pattern.operand()))
    }

    /// The other text is in it, whatever signs it has.
    fn contains<O: Operand<Text>>(self, part: O) -> Expr<(Self, O::Out), bool>
    where
        Self::Family: Textual,
    {
        Expr::new(&["(instr(", ", ", ") > 0)"], (self, part.operand()))
    }

    /// The text in small letters, those of ASCII only.
    fn lower(self) -> Expr<(Self,), String>
    where
        Self::Family: Textual,
    {
        Expr::new(&["lower(", ")"], (self,))
    }

    /// The text in capital letters, those of ASCII only.
    fn upper(self) -> Expr<(Self,), String>
    where
        Self::Family: Textual,
    {
        Expr::new(&["upper(", ")"], (self,))
    }

    /// How many characters it has.
    fn length(self) -> Expr<(Self,), i64>
    where
        Self::Family: Textual,
    {
        Expr::new(&["length(", ")"], (self,))
    }

    /// The text without spaces around it.
    fn trim(self) -> Expr<(Self,), String>
    where
        Self::Family: Textual,
    {
        Expr::new(&["trim(", ")"], (self,))
    }

    /// The part from a character on, counted from 1, of so many characters.
    fn substr(self, from: i64, characters: i64) -> Expr<(Self, Bind<'static>, Bind<'static>), String>
    where
        Self::Family: Textual,
    {
        let (from, characters) = (Bind::new(from.into()), Bind::new(characters.into()));
        Expr::new(&["substr(", ", ", ", ", ")"], (self, from, characters))
    }

    /// The text with every occurrence of one text replaced by another.
    fn replace<F: Operand<Text>, O: Operand<Text>>(
        self,
        from: F,
        to: O,
    ) -> Expr<(Self, F::Out, O::Out), String>
    where
        Self::Family: Textual,
    {
        Expr::new(&["replace(", ", ", ", ", ")"], (self, from.operand(), to.operand()))
    }

    /// The text with another behind it.
    fn concat<O: Operand<Text>>(self, other: O) -> Expr<(Self, O::Out), String>
    where
        Self::Family: Textual,
    {
        Expr::new(&["(", " || ", ")"], (self, other.operand()))
    }
}

impl<E: Expression> TextExpression for E {}

/// What can be done with numbers.
pub trait NumericExpression: Expression {
    /// The number without its sign.
    fn abs(self) -> Expr<(Self,), Self::Value, Strict, Self::Codec>
    where
        Self::Family: Numeric,
    {
        Expr::new(&["abs(", ")"], (self,))
    }

    /// The number rounded to so many digits behind the point.
    fn round(self, digits: u32) -> Expr<(Self, Bind<'static>), f64>
    where
        Self::Family: Numeric,
    {
        Expr::new(&["round(", ", ", ")"], (self, Bind::new(digits.into_value())))
    }
}

impl<E: Expression> NumericExpression for E {}

/// A family whose values can be JSON.
#[diagnostic::on_unimplemented(message = "`{Self}` is no family of JSON: use a text or a `Json<…>` column")]
pub trait MayBeJson {}

impl MayBeJson for Json {}
impl MayBeJson for Text {}

/// What can be done with JSON.
pub trait JsonExpression: Expression {
    /// The value at a path such as `$.cards[0].front`, as a number or a text; NULL when there is none.
    fn json_get<V: DbType>(self, path: &str) -> Expr<(Self, Bind<'_>), V, Nullable>
    where
        Self::Family: MayBeJson,
    {
        Expr::new(&["json_extract(", ", ", ")"], (self, Bind::new(path.into())))
    }

    /// How many items the array at a path has; NULL when there is nothing.
    fn json_array_length(self, path: &str) -> Expr<(Self, Bind<'_>), i64, Nullable>
    where
        Self::Family: MayBeJson,
    {
        Expr::new(&["json_array_length(", ", ", ")"], (self, Bind::new(path.into())))
    }
}

impl<E: Expression> JsonExpression for E {}

/// A pair of families that can be calculated with: numbers of one kind.
macro_rules! arithmetic {
    ($($trait:ident $method:ident $sign:literal $rule:ident;)+) => {$(
        impl<T: Source, V, N: Nullness, C: Codec<V, Family: Numeric>, L, O: Operand<C::Family>> $trait<O> for Col<T, V, N, C, L> {
            type Output = Expr<(Self, O::Out), V, $rule, C>;

            fn $method(self, other: O) -> Self::Output {
                Expr::new(&["(", $sign, ")"], (self, other.operand()))
            }
        }

        impl<A: Args, V, N: Rule, C: Codec<V, Family: Numeric>, O: Operand<C::Family>> $trait<O> for Expr<A, V, N, C> {
            type Output = Expr<(Self, O::Out), V, $rule, C>;

            fn $method(self, other: O) -> Self::Output {
                Expr::new(&["(", $sign, ")"], (self, other.operand()))
            }
        }
    )+};
}

arithmetic! {
    Add add " + " Strict;
    Sub sub " - " Strict;
    Mul mul " * " Strict;
    // By zero comes NULL.
    Div div " / " Nullable;
    Rem rem " % " Nullable;
}

/// Turns a whole number into a floating-point number, without which the mean of two whole numbers is one as well.
pub trait IntegerExpression: Expression<Family = Integer> {
    /// The number as a floating-point number.
    fn to_real(self) -> Expr<(Self,), f64> {
        self.cast::<f64>()
    }
}

impl<E: Expression<Family = Integer>> IntegerExpression for E {}

/// Turns a floating-point number into a whole one.
pub trait RealExpression: Expression<Family = Real> {
    /// The number without what is behind the point.
    fn truncated(self) -> Expr<(Self,), i64> {
        self.cast::<i64>()
    }
}

impl<E: Expression<Family = Real>> RealExpression for E {}
