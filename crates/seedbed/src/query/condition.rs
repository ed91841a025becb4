//! Conditions whose type is forgotten: for those that are put together while the program runs.

use std::fmt;
use std::marker::PhantomData;

use super::expression::{Expression, Fragment, In};
use super::family::{Bool, Truth};
use super::nullness::Nullable;
use super::operand::Operand;
use super::sql::Sql;
use crate::codec::Plain;

/// A condition on the scope `S`, whatever it is made of.
///
/// Every condition has a type of its own, which says what it is made of; two of them cannot be items of one list. These can.
/// Several [`filter`](super::Select::filter)s that all have to hold need none of it.
///
/// ```
/// # use seedbed::prelude::*;
/// use seedbed::query::{Condition, From};
///
/// # #[derive(Table)]
/// # #[table(name = "trees")]
/// # struct Tree { #[column(primary_key)] id: i64, name: String, height: f64 }
/// fn search(words: &[String], tall: bool) -> Select<'_, From<Tree>> {
///     let any = Condition::any(words.iter().map(|word| Condition::new(Tree::name.contains(word))));
///     let mut all = vec![any];
///     if tall {
///         all.push(Condition::new(Tree::height.gt(25.0)));
///     }
///     Select::from::<Tree>().filter(Condition::all(all))
/// }
///
/// let words = ["oak".to_owned(), "elm".to_owned()];
/// assert_eq!(
///     search(&words, true).to_sql().split_once(" WHERE ").unwrap().1,
///     r#"(((instr("trees"."name", ?) > 0) OR (instr("trees"."name", ?) > 0)) AND ("trees"."height" > ?))"#,
/// );
/// ```
pub struct Condition<'q, S> {
    sql: Sql<'q>,
    scope: PhantomData<fn() -> S>,
}

impl<'q, S> Condition<'q, S> {
    /// Forgets what the condition is made of.
    pub fn new<E, I>(condition: E) -> Self
    where
        E: Expression<Family: Truth> + In<S, I> + 'q,
    {
        let mut sql = Sql::new();
        condition.write(&mut sql);
        Self { sql, scope: PhantomData }
    }

    /// All of the conditions hold; so they do when there is none.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, " AND ", "true")
    }

    /// One of the conditions holds, or several; none does when there is none.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, " OR ", "false")
    }

    fn joined(conditions: impl IntoIterator<Item = Self>, word: &'static str, nothing: &'static str) -> Self {
        let mut sql = Sql::new();
        sql.piece("(");
        let mut is_first = true;
        for condition in conditions {
            sql.piece(if is_first { "" } else { word });
            sql.append(condition.sql);
            is_first = false;
        }
        sql.piece(if is_first { nothing } else { "" });
        sql.piece(")");
        Self { sql, scope: PhantomData }
    }
}

impl<S> Clone for Condition<'_, S> {
    fn clone(&self) -> Self {
        Self { sql: self.sql.clone(), scope: PhantomData }
    }
}

impl<S> Fragment for Condition<'_, S> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        sql.append(self.sql);
    }
}

impl<S> In<S, ()> for Condition<'_, S> {
    type Null = Nullable;
}

impl<S> Expression for Condition<'_, S> {
    type Value = bool;
    type Codec = Plain;
    type Family = Bool;
}

impl<S> Operand<Bool> for Condition<'_, S> {
    type Out = Self;

    fn operand(self) -> Self {
        self
    }
}

impl<S> fmt::Debug for Condition<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sql.fmt(f)
    }
}
