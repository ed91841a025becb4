//! Queries: typed columns, and statements that are built from them.
//!
//! ```text
//! Select::from::<Node>() ‑ .join::<Branch>().on(…) ‑ .filter(…) ‑ .select(…) ‑ .all(&db)
//!         │                     │                       │            │            │
//!     a scope: which        a larger scope         a condition    what a row   the SQL, its values
//!     columns exist                                 in it         is read as    and the rows
//! ```
//!
//! [`Select`], [`Insert`], [`Update`] and [`Delete`] render as they are built: what they hold is the text so far and the
//! values so far. Their types know what they read from and what a row is read as, and nothing else. A condition or a list
//! is checked against the scope when it is given ([`In`], [`Has`]). The text is made of pieces of the program, see
//! [`Sql`]; values are always bound. What belongs to the rows of a query, [`has_many`] and [`belongs_to`] load.

#![expect(clippy::type_complexity, reason = "the type of an expression says what it is made of")]
#![expect(clippy::wrong_self_convention, reason = "expressions are consumed, and named in SQL's own words")]

mod aggregate;
mod alias;
mod bound;
mod case;
mod change;
mod column;
mod columns;
mod compound;
mod condition;
mod conflict;
mod cte;
mod expression;
pub mod family;
#[doc(hidden)]
pub mod fragment;
mod functions;
mod insert;
mod keyset;
mod list;
mod nullness;
mod operand;
mod order;
mod relation;
mod returning;
mod rowid;
mod run;
mod scope;
mod select;
mod selection;
mod sql;
mod subquery;
mod texts;

pub use aggregate::{
    Nothing, Of, Window, WindowPart, WindowPartIn, count_all, dense_rank, percent_rank, rank, row_number,
};
pub use case::{Branch, Case, Else, Start, case};
pub use change::{Delete, Filtered, SaysWhich, Unfiltered, Update};
pub use column::Col;
pub use columns::{Columns, Fills, FillsRow, FitsAll};
pub use compound::{Compound, Direction, SameRows};
pub use condition::Condition;
pub use conflict::{Conflicting, Excluded, OnConflict, excluded};
pub use cte::Record;
pub use expression::{Args, ArgsIn, Coalesce, Expr, Expression, Fragment, In};
pub use functions::{
    IntegerExpression, JsonExpression, MayBeJson, NumericExpression, RealExpression, TextExpression,
};
pub use insert::{Binder, Filled, Insert, NewRow, RowText};
pub use keyset::Keyset;
pub use list::List;
pub use nullness::{NotNull, Nullable, Nullness, Present, Rule, Strict};
pub use operand::{Assign, Bind, Bound, Fits, IntoExpression, Operand, Slot, value};
pub use order::{Order, Sequence, SequenceIn};
pub use relation::{
    Child, Children, Field, FieldColumn, ForeignKey, Loading, Loads, Parent, Refers, RefersTo, Related,
    Relation, Way, belongs_to, has_many, has_one,
};
pub use returning::Returning;
pub use rowid::{HasRowid, rowid};
pub use scope::{
    Append, Before, Closed, From, Has, Here, Join, LeftJoin, Optional, Outside, Provides, Rows, Source,
    Subscope, Within, is_same_name,
};
pub use select::{Inside, Joining, Rejoin, Select, Unselected};
pub use selection::{AllOf, Kind, Many, One, Picked, Project, Selection, Whole, all_of};
pub use sql::Sql;
pub use subquery::{Query, Single, SingleOf, Subquery, exists, not_exists, scalar};
pub(crate) use texts::Texts;

/// The guide, whose code runs.
#[cfg(doctest)]
#[doc = include_str!("../../../../docs/queries.md")]
struct Guide;
