//! What may stand where an expression of a family is wanted: an expression of that family, or a Rust value.
//!
//! [`Operand`] is what a column is compared with, [`Assign`] what it is set to (where NULL is a value like another), and
//! [`IntoExpression`] what can stand alone, as behind THEN.

use std::borrow::Cow;

use super::column::Col;
use super::expression::{Args, Expr, Expression, Fragment, In};
use super::family::{self, ComparedWith};
use super::nullness::{NotNull, Nullable, Nullness, Rule};
use super::scope::Source;
use super::sql::Sql;
use crate::codec::Codec;
use crate::db_type::DbType;
use crate::value::Value;

/// A value that is bound to the statement.
#[derive(Debug, Clone)]
pub struct Bind<'v>(Value<'v>);

impl<'v> Bind<'v> {
    pub(crate) fn new(value: Value<'v>) -> Self {
        Self(value)
    }

    pub(crate) fn into_value(self) -> Value<'v> {
        self.0
    }
}

/// A fragment that is a single value.
#[diagnostic::on_unimplemented(message = "a value is wanted here, and this is an expression")]
pub trait Bound: Fragment + Clone {
    /// Returns the value.
    fn into_bound<'a>(self) -> Value<'a>
    where
        Self: 'a;
}

impl Bound for Bind<'_> {
    fn into_bound<'a>(self) -> Value<'a>
    where
        Self: 'a,
    {
        self.0
    }
}

impl Fragment for Bind<'_> {
    const IS_VALUE: bool = true;

    #[inline]
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        sql.value(self.0);
    }

    #[inline]
    fn bind<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        sql.bind(self.0);
    }
}

impl<S> In<S, ()> for Bind<'_> {
    type Null = NotNull;
}

/// What can be compared with an expression of the family `F`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with values of the family `{F}`",
    label = "this is of another type",
    note = "a value that may be absent is compared by `.is(…)`; another type is converted by `.cast::<…>()`"
)]
pub trait Operand<F> {
    /// What is written.
    type Out: Fragment;

    /// Makes it a part of a statement.
    fn operand(self) -> Self::Out;
}

impl<T: DbType<Family: ComparedWith<F>>, F> Operand<F> for T {
    type Out = Bind<'static>;

    fn operand(self) -> Bind<'static> {
        Bind(self.into_value())
    }
}

impl<T: Source, V, N: Nullness, C: Codec<V>, L> Operand<C::Family> for Col<T, V, N, C, L> {
    type Out = Self;

    fn operand(self) -> Self {
        self
    }
}

impl<A: Args, V, N: Rule, C: Codec<V>> Operand<C::Family> for Expr<A, V, N, C> {
    type Out = Self;

    fn operand(self) -> Self {
        self
    }
}

/// A column that can be set: of the family `F`, to NULL as well where `N` is [`Nullable`].
#[derive(Debug)]
pub struct Slot<F, N>(std::marker::PhantomData<(F, N)>);

/// What a column can be set to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value for a column that is a `{K}`",
    label = "the column is set to something else",
    note = "the first type is the family of values that it holds; NULL, an `Option`, is for a `Nullable` column"
)]
pub trait Assign<K> {
    /// What is written.
    type Out: Fragment;

    /// Makes it a part of a statement.
    fn assigned(self) -> Self::Out;
}

/// A family that a column of the family `F` takes when it accepts NULL: itself, or perhaps nothing.
#[diagnostic::on_unimplemented(
    message = "a column of the family `{F}` cannot hold values of the family `{Self}`",
    note = "one Rust type can be stored in several ways, `stored_as` says in which; read the values and insert them as rows"
)]
pub trait Fits<F> {}

impl<F> Fits<F> for F {}
impl<F> Fits<F> for family::Maybe<F> {}

impl<T: DbType<Family = F>, F> Assign<Slot<F, NotNull>> for T {
    type Out = Bind<'static>;

    fn assigned(self) -> Bind<'static> {
        Bind(self.into_value())
    }
}

impl<T: DbType<Family: Fits<F>>, F> Assign<Slot<F, Nullable>> for T {
    type Out = Bind<'static>;

    fn assigned(self) -> Bind<'static> {
        Bind(self.into_value())
    }
}

impl<T: Source, V, M: Nullness, C: Codec<V>, L, N> Assign<Slot<C::Family, N>> for Col<T, V, M, C, L> {
    type Out = Self;

    fn assigned(self) -> Self {
        self
    }
}

impl<A: Args, V, M: Rule, C: Codec<V>, N> Assign<Slot<C::Family, N>> for Expr<A, V, M, C> {
    type Out = Self;

    fn assigned(self) -> Self {
        self
    }
}

/// Values that are no column type themselves: borrowed texts and bytes.
macro_rules! borrowed {
    ($($family:ident: $($target:ty),+;)+) => {$($(
        impl<'v> Operand<family::$family> for $target {
            type Out = Bind<'v>;

            fn operand(self) -> Bind<'v> {
                Bind(self.into())
            }
        }

        impl<'v, N> Assign<Slot<family::$family, N>> for $target {
            type Out = Bind<'v>;

            fn assigned(self) -> Bind<'v> {
                Bind(self.into())
            }
        }

        impl<'v> Assign<Slot<family::$family, Nullable>> for Option<$target> {
            type Out = Bind<'v>;

            fn assigned(self) -> Bind<'v> {
                Bind(self.map_or(Value::Null, Into::into))
            }
        }
    )+)+};
}

borrowed! {
    Text: &'v str, &'v String, Cow<'v, str>;
    Blob: &'v [u8], &'v Vec<u8>;
}

/// Values by reference, as the items of a list that is kept have them. The derives do the same for types of a program; no single
/// implementation can, because a program may make a reference to its own type a column type.
macro_rules! by_reference {
    ($($family:ident: $($target:ty),+;)+) => {$($(
        impl<'v> Operand<family::$family> for &'v $target {
            type Out = Bind<'v>;

            fn operand(self) -> Bind<'v> {
                Bind(self.to_value())
            }
        }

        impl<'v, N> Assign<Slot<family::$family, N>> for &'v $target {
            type Out = Bind<'v>;

            fn assigned(self) -> Bind<'v> {
                Bind(self.to_value())
            }
        }

        impl<'v> Assign<Slot<family::$family, Nullable>> for Option<&'v $target> {
            type Out = Bind<'v>;

            fn assigned(self) -> Bind<'v> {
                Bind(self.map_or(Value::Null, DbType::to_value))
            }
        }
    )+)+};
}

by_reference! {
    Text: char;
    Integer: i8, i16, i32, i64, u8, u16, u32;
    Real: f32, f64;
    Bool: bool;
}

#[cfg(feature = "time")]
by_reference! {
    Time: crate::Timestamp;
}

#[cfg(feature = "uuid")]
by_reference! {
    Uuid: crate::Uuid;
}

/// Values that a codec stores in a family of its own.
macro_rules! encoded {
    ($($feature:literal $codec:ident $family:ident $target:ty;)+) => {$(
        #[cfg(feature = $feature)]
        impl Operand<family::$family> for $target {
            type Out = Bind<'static>;

            fn operand(self) -> Bind<'static> {
                Bind(<crate::codec::$codec as Codec<$target>>::encode(&self).into_owned())
            }
        }

        #[cfg(feature = $feature)]
        impl Operand<family::$family> for &$target {
            type Out = Bind<'static>;

            fn operand(self) -> Bind<'static> {
                Operand::<family::$family>::operand(*self)
            }
        }

        #[cfg(feature = $feature)]
        impl<N> Assign<Slot<family::$family, N>> for $target {
            type Out = Bind<'static>;

            fn assigned(self) -> Bind<'static> {
                Operand::<family::$family>::operand(self)
            }
        }

        #[cfg(feature = $feature)]
        impl Assign<Slot<family::$family, Nullable>> for Option<$target> {
            type Out = Bind<'static>;

            fn assigned(self) -> Bind<'static> {
                self.map_or(Bind(Value::Null), Operand::<family::$family>::operand)
            }
        }
    )+};
}

encoded! {
    "time" UnixSeconds UnixSeconds crate::Timestamp;
    "time" UnixMilliseconds UnixMilliseconds crate::Timestamp;
    "uuid" UuidBlob UuidBlob crate::Uuid;
}

/// What can stand alone as an expression: an expression, or a value.
pub trait IntoExpression {
    /// The expression.
    type Expression: Expression;

    /// Makes it one.
    fn into_expression(self) -> Self::Expression;
}

/// A value among the columns of a query, bound as everywhere: `select((Tree::name, value("tree")))`.
///
/// ```
/// # use seedbed::prelude::*;
/// # #[derive(Table)]
/// # #[table(name = "trees")]
/// # struct Tree { #[column(primary_key)] name: String }
/// # #[derive(Table)]
/// # #[table(name = "herbs")]
/// # struct Herb { #[column(primary_key)] name: String }
/// let trees = Select::from::<Tree>().select((Tree::name, value("tree")));
/// let herbs = Select::from::<Herb>().select((Herb::name, value("herb")));
/// let plants = trees.union_all(herbs);
/// # assert_eq!(plants.to_sql(), r#"SELECT "trees"."name", ? FROM "trees" UNION ALL SELECT "herbs"."name", ? FROM "herbs""#);
/// ```
pub fn value<V: IntoExpression>(value: V) -> V::Expression {
    value.into_expression()
}

impl<T: DbType> IntoExpression for T {
    type Expression = Expr<(Bind<'static>,), T, NotNull>;

    fn into_expression(self) -> Self::Expression {
        Expr::new(&["", ""], (Bind(self.into_value()),))
    }
}

impl<'v> IntoExpression for &'v str {
    type Expression = Expr<(Bind<'v>,), String, NotNull>;

    fn into_expression(self) -> Self::Expression {
        Expr::new(&["", ""], (Bind(self.into()),))
    }
}

impl<T: Source, V, N: Nullness, C: Codec<V>, L> IntoExpression for Col<T, V, N, C, L> {
    type Expression = Self;

    fn into_expression(self) -> Self {
        self
    }
}

impl<A: Args, V, N: Rule, C: Codec<V>> IntoExpression for Expr<A, V, N, C> {
    type Expression = Self;

    fn into_expression(self) -> Self {
        self
    }
}
