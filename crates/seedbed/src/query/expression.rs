//! Expressions: what stands in a condition, a list of columns or an order, and the operations on it.
//!
//! There are two kinds: a column ([`Col`](super::Col)) and what is made of expressions ([`Expr`]). An expression knows what
//! it is read as, its [family](super::family), and, for a given scope, whether it is allowed there and can be NULL ([`In`]).

use std::fmt;
use std::marker::PhantomData;

use super::aggregate::Of;
use super::family::{Bool, Numeric, Text};
use super::list::List;
use super::nullness::{NotNull, Nullable, Nullness, Rule, Strict};
use super::operand::{Assign, Bind, Operand, Slot};
use super::order::Order;
use super::sql::Sql;
use super::subquery::{SingleOf, Subquery};
use crate::codec::{Codec, Plain};
use crate::db_type::DbType;
use crate::value::Storage;

/// Something that is written into a statement.
pub trait Fragment: Sized {
    /// Whether it is a value, of which [`bind`](Self::bind) appends no text.
    const IS_VALUE: bool = false;

    /// Appends its text and its values.
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a;

    /// Returns the condition that it equals a value as one piece; nothing where there is none.
    fn equal(&self) -> &'static str {
        ""
    }

    /// Appends its values where their places are in a piece already.
    fn bind<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.write(sql);
    }
}

/// A fragment all of whose columns are in the scope `S`.
pub trait In<S, I>: Fragment {
    /// Whether it can be NULL there.
    type Null: Nullness;
}

/// An expression that is made of others: a text with gaps, and what stands in them.
///
/// `V` is what it is read as, `N` whether it can be NULL, `C` how it is read.
pub struct Expr<A, V, N = Strict, C = Plain> {
    form: Form,
    args: A,
    reads: PhantomData<fn() -> (V, N, C)>,
}

/// The text around the arguments: one piece more than there are arguments.
pub(crate) type Form = &'static [&'static str];

/// The form that is known by its address, because it is the most frequent: where a column equals a value, one piece is the
/// whole condition.
static EQUAL: [&str; 3] = ["(", " = ", ")"];

impl<A, V, N, C> Expr<A, V, N, C> {
    pub(crate) fn new(form: Form, args: A) -> Self {
        Self { form, args, reads: PhantomData }
    }
}

impl<A: Clone, V, N, C> Clone for Expr<A, V, N, C> {
    fn clone(&self) -> Self {
        Self::new(self.form, self.args.clone())
    }
}

impl<A: fmt::Debug, V, N, C> fmt::Debug for Expr<A, V, N, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.form, self.args)
    }
}

impl<A: Args, V, N, C> Fragment for Expr<A, V, N, C> {
    #[inline]
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.args.write(self.form, sql);
    }
}

impl<A: ArgsIn<S, I>, V, N: Rule, C, S, I> In<S, I> for Expr<A, V, N, C> {
    type Null = N::Of<A::Null>;
}

impl<A: Args, V, N: Rule, C: Codec<V>> Expression for Expr<A, V, N, C> {
    type Value = V;
    type Codec = C;
    type Family = C::Family;
}

/// The arguments of an [`Expr`].
pub trait Args {
    /// Appends them with the text around them.
    fn write<'a>(self, form: Form, sql: &mut Sql<'a>)
    where
        Self: 'a;
}

/// Arguments all of whose columns are in the scope `S`.
pub trait ArgsIn<S, I>: Args {
    /// Whether one of them can be NULL.
    type Null: Nullness;
}

impl Args for () {
    fn write<'a>(self, form: Form, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        form.iter().for_each(|piece| sql.piece(piece));
    }
}

impl<S> ArgsIn<S, ()> for () {
    type Null = NotNull;
}

macro_rules! args {
    ($first:ident $first_way:ident $first_at:tt $(, $name:ident $way:ident $at:tt)*) => {
        impl<$first: Fragment $(, $name: Fragment)*> Args for ($first, $($name,)*) {
            #[inline]
            fn write<'a>(self, form: Form, sql: &mut Sql<'a>)
            where
                Self: 'a,
            {
                let is_equal = true $(&& $name::IS_VALUE)* && std::ptr::eq(form.as_ptr(), EQUAL.as_ptr());
                let equal = if is_equal { self.$first_at.equal() } else { "" };
                if !equal.is_empty() {
                    sql.piece(equal);
                    $(self.$at.bind(sql);)*
                    return;
                }
                sql.piece(form[0]);
                self.$first_at.write(sql);
                sql.piece(form[$first_at + 1]);
                $(
                    self.$at.write(sql);
                    sql.piece(form[$at + 1]);
                )*
            }
        }

        impl<Scope, $first, $first_way $(, $name, $way)*> ArgsIn<Scope, ($first_way, $($way,)*)> for ($first, $($name,)*)
        where
            $first: In<Scope, $first_way>,
            $($name: In<Scope, $way>,)*
        {
            type Null = args!(@or $first $first_way $(, $name $way)*);
        }
    };
    (@or $name:ident $way:ident) => { <$name as In<Scope, $way>>::Null };
    (@or $name:ident $way:ident, $($rest:tt)+) => {
        <<$name as In<Scope, $way>>::Null as Nullness>::Or<args!(@or $($rest)+)>
    };
}

args!(A J 0);
args!(A J 0, B K 1);
args!(A J 0, B K 1, D L 2);
args!(A J 0, B K 1, D L 2, E M 3);
args!(A J 0, B K 1, D L 2, E M 3, F O 4);
args!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5);
args!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5, H Q 6);
args!(A J 0, B K 1, D L 2, E M 3, F O 4, G P 5, H Q 6, T R 7);

/// A value that SQLite computes for each row.
#[diagnostic::on_unimplemented(message = "`{Self}` is no expression of a query")]
pub trait Expression: Fragment {
    /// What it is read as when it is not NULL.
    type Value;
    /// How it is read.
    type Codec: Codec<Self::Value>;
    /// What it can be compared with.
    type Family;

    /// `self = other`; never true when one of them is NULL.
    fn eq<O: Operand<Self::Family>>(self, other: O) -> Expr<(Self, O::Out), bool> {
        Expr::new(&EQUAL, (self, other.operand()))
    }

    /// `self <> other`; never true when one of them is NULL.
    fn ne<O: Operand<Self::Family>>(self, other: O) -> Expr<(Self, O::Out), bool> {
        Expr::new(&["(", " <> ", ")"], (self, other.operand()))
    }

    /// `self < other`
    fn lt<O: Operand<Self::Family>>(self, other: O) -> Expr<(Self, O::Out), bool> {
        Expr::new(&["(", " < ", ")"], (self, other.operand()))
    }

    /// `self <= other`
    fn le<O: Operand<Self::Family>>(self, other: O) -> Expr<(Self, O::Out), bool> {
        Expr::new(&["(", " <= ", ")"], (self, other.operand()))
    }

    /// `self > other`
    fn gt<O: Operand<Self::Family>>(self, other: O) -> Expr<(Self, O::Out), bool> {
        Expr::new(&["(", " > ", ")"], (self, other.operand()))
    }

    /// `self >= other`
    fn ge<O: Operand<Self::Family>>(self, other: O) -> Expr<(Self, O::Out), bool> {
        Expr::new(&["(", " >= ", ")"], (self, other.operand()))
    }

    /// `self BETWEEN low AND high`, both included.
    fn between<L, H>(self, low: L, high: H) -> Expr<(Self, L::Out, H::Out), bool>
    where
        L: Operand<Self::Family>,
        H: Operand<Self::Family>,
    {
        Expr::new(&["(", " BETWEEN ", " AND ", ")"], (self, low.operand(), high.operand()))
    }

    /// `self IS other`: equal, or both NULL. Takes an `Option`.
    fn is<O: Assign<Slot<Self::Family, Nullable>>>(self, other: O) -> Expr<(Self, O::Out), bool, NotNull> {
        Expr::new(&["(", " IS ", ")"], (self, other.assigned()))
    }

    /// `self IS NOT other`: not equal, or one of them NULL. Takes an `Option`.
    fn is_not<O: Assign<Slot<Self::Family, Nullable>>>(
        self,
        other: O,
    ) -> Expr<(Self, O::Out), bool, NotNull> {
        Expr::new(&["(", " IS NOT ", ")"], (self, other.assigned()))
    }

    /// `self IS NULL`
    fn is_null(self) -> Expr<(Self,), bool, NotNull> {
        Expr::new(&["(", " IS NULL)"], (self,))
    }

    /// `self IS NOT NULL`
    fn is_not_null(self) -> Expr<(Self,), bool, NotNull> {
        Expr::new(&["(", " IS NOT NULL)"], (self,))
    }

    /// `self IN (…)`: one of the values. An empty list has none.
    fn in_list<'v, L>(self, values: L) -> Expr<(Self, List<'v>), bool>
    where
        L: IntoIterator<Item: Operand<Self::Family, Out = Bind<'v>>>,
    {
        Expr::new(&["(", " IN ", ")"], (self, List::of(values)))
    }

    /// `self NOT IN (…)`: none of the values.
    fn not_in_list<'v, L>(self, values: L) -> Expr<(Self, List<'v>), bool>
    where
        L: IntoIterator<Item: Operand<Self::Family, Out = Bind<'v>>>,
    {
        Expr::new(&["(", " NOT IN ", ")"], (self, List::of(values)))
    }

    /// `self IN (SELECT …)`: the query selects one expression.
    fn in_query<Q: SingleOf<Self::Family>>(self, query: Q) -> Expr<(Self, Subquery<Q>), bool> {
        Expr::new(&["(", " IN ", ")"], (self, Subquery(query)))
    }

    /// `self NOT IN (SELECT …)`; never true when the query yields a NULL.
    fn not_in_query<Q: SingleOf<Self::Family>>(self, query: Q) -> Expr<(Self, Subquery<Q>), bool> {
        Expr::new(&["(", " NOT IN ", ")"], (self, Subquery(query)))
    }

    /// The other when this is NULL: `coalesce(self, other)`.
    fn coalesce<O: Operand<Self::Family>>(
        self,
        other: O,
    ) -> Expr<(Coalesce<Self, O::Out>,), Self::Value, Strict, Self::Codec> {
        Expr::new(&["coalesce(", ")"], (Coalesce(self, other.operand()),))
    }

    /// `CAST(self AS …)`, with SQLite's type for `V`.
    fn cast<V: DbType>(self) -> Expr<(Self,), V> {
        let form: Form = match V::STORAGE {
            Storage::Integer => &["CAST(", " AS INTEGER)"],
            Storage::Real => &["CAST(", " AS REAL)"],
            Storage::Text => &["CAST(", " AS TEXT)"],
            Storage::Blob => &["CAST(", " AS BLOB)"],
            Storage::Any => &["(", ")"],
        };
        Expr::new(form, (self,))
    }

    /// `self COLLATE NOCASE`: capital letters of ASCII count as small ones.
    fn ignoring_case(self) -> Expr<(Self,), Self::Value, Strict, Self::Codec>
    where
        Self: Expression<Family = Text>,
    {
        Expr::new(&["(", " COLLATE NOCASE)"], (self,))
    }

    /// Ascending order.
    fn asc(self) -> Order<Self> {
        Order::new(self, "")
    }

    /// Descending order.
    fn desc(self) -> Order<Self> {
        Order::new(self, " DESC")
    }

    /// How many rows have a value here.
    fn count(self) -> Expr<Of<(Self,)>, i64, NotNull> {
        Expr::new(&["count(", ")"], Of((self,)))
    }

    /// How many different values there are.
    fn count_distinct(self) -> Expr<Of<(Self,)>, i64, NotNull> {
        Expr::new(&["count(DISTINCT ", ")"], Of((self,)))
    }

    /// The smallest value; NULL when there is none.
    fn min(self) -> Expr<Of<(Self,)>, Self::Value, Nullable, Self::Codec> {
        Expr::new(&["min(", ")"], Of((self,)))
    }

    /// The greatest value; NULL when there is none.
    fn max(self) -> Expr<Of<(Self,)>, Self::Value, Nullable, Self::Codec> {
        Expr::new(&["max(", ")"], Of((self,)))
    }

    /// The sum; NULL when there is no value.
    fn sum(self) -> Expr<Of<(Self,)>, <Self::Family as Numeric>::Sum, Nullable>
    where
        Self::Family: Numeric,
    {
        Expr::new(&["sum(", ")"], Of((self,)))
    }

    /// The sum as a floating-point number; 0.0 when there is no value.
    fn total(self) -> Expr<Of<(Self,)>, f64, NotNull>
    where
        Self::Family: Numeric,
    {
        Expr::new(&["total(", ")"], Of((self,)))
    }

    /// The mean; NULL when there is no value.
    fn avg(self) -> Expr<Of<(Self,)>, f64, Nullable>
    where
        Self::Family: Numeric,
    {
        Expr::new(&["avg(", ")"], Of((self,)))
    }

    /// All values as one text, with the other between them; NULL when there is none.
    fn group_concat<O: Operand<Text>>(self, separator: O) -> Expr<Of<(Self, O::Out)>, String, Nullable> {
        Expr::new(&["group_concat(", ", ", ")"], Of((self, separator.operand())))
    }

    /// The value of the row so many rows before in the window; NULL when there is none.
    fn lag(self, rows: u32) -> Expr<Of<(Self, Bind<'static>)>, Self::Value, Nullable, Self::Codec> {
        Expr::new(&["lag(", ", ", ")"], Of((self, Bind::new(rows.into_value()))))
    }

    /// The value of the row so many rows behind in the window; NULL when there is none.
    fn lead(self, rows: u32) -> Expr<Of<(Self, Bind<'static>)>, Self::Value, Nullable, Self::Codec> {
        Expr::new(&["lead(", ", ", ")"], Of((self, Bind::new(rows.into_value()))))
    }

    /// The value of the first row of the window.
    fn first_value(self) -> Expr<Of<(Self,)>, Self::Value, Nullable, Self::Codec> {
        Expr::new(&["first_value(", ")"], Of((self,)))
    }

    /// The value of the last row of the window.
    fn last_value(self) -> Expr<Of<(Self,)>, Self::Value, Nullable, Self::Codec> {
        Expr::new(&["last_value(", ")"], Of((self,)))
    }

    /// Both conditions hold.
    fn and<O: Operand<Bool>>(self, other: O) -> Expr<(Self, O::Out), bool>
    where
        Self: Expression<Family = Bool>,
    {
        Expr::new(&["(", " AND ", ")"], (self, other.operand()))
    }

    /// One of the conditions holds, or both.
    fn or<O: Operand<Bool>>(self, other: O) -> Expr<(Self, O::Out), bool>
    where
        Self: Expression<Family = Bool>,
    {
        Expr::new(&["(", " OR ", ")"], (self, other.operand()))
    }

    /// The condition does not hold.
    fn not(self) -> Expr<(Self,), bool>
    where
        Self: Expression<Family = Bool>,
    {
        Expr::new(&["(NOT ", ")"], (self,))
    }
}

/// Two expressions of which the second stands in for a NULL of the first.
#[derive(Debug, Clone)]
pub struct Coalesce<A, B>(A, B);

impl<A: Fragment, B: Fragment> Fragment for Coalesce<A, B> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        self.0.write(sql);
        sql.piece(", ");
        self.1.write(sql);
    }
}

impl<A: In<S, I>, B: In<S, J>, S, I, J> In<S, (I, J)> for Coalesce<A, B> {
    type Null = B::Null;
}
