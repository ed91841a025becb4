//! Foreign keys as types: what the derive says of the fields of a table and of what they refer to.
//!
//! A column that is a foreign key has [`Refers`] as its last parameter, with the table that it refers to. The field there is
//! named by a number made of its name, because a derive sees of another struct no more than the path `User::id`.

use std::fmt;
use std::marker::PhantomData;

use crate::codec::Codec;
use crate::query::column::Col;
use crate::query::nullness::Nullness;
use crate::query::scope::Source;
use crate::query::sql::Sql;
use crate::value::Value;

/// That a column of the table `T` refers to the field `FIELD` of the table `P`.
pub struct Refers<T, P, const FIELD: u64> {
    column: FieldColumn,
    value: fn(&T) -> Value<'_>,
    parent: PhantomData<fn() -> P>,
}

impl<T, P, const FIELD: u64> Refers<T, P, FIELD> {
    #[doc(hidden)]
    pub const fn new(column: FieldColumn, value: fn(&T) -> Value<'_>) -> Self {
        Self { column, value, parent: PhantomData }
    }
}

impl<T, P, const FIELD: u64> Clone for Refers<T, P, FIELD> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, P, const FIELD: u64> Copy for Refers<T, P, FIELD> {}

impl<T, P, const FIELD: u64> fmt::Debug for Refers<T, P, FIELD> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refers").field("column", &self.column).finish_non_exhaustive()
    }
}

/// A field of a table that can be referred to, named by a number. The derive implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not have the column that the foreign key refers to",
    note = "a relation is between structs with `#[derive(Table)]`"
)]
pub trait Field<const NAME: u64> {
    /// What it is compared with.
    type Family;
    /// Its column.
    const COLUMN: FieldColumn;

    /// Returns the value that is stored.
    fn value(&self) -> Value<'_>;
}

/// Where a field's value is, and how it is compared.
#[derive(Debug, Clone, Copy)]
pub struct FieldColumn {
    /// The position among the fields.
    pub(crate) at: usize,
    /// The name with the table's, quoted.
    pub(crate) qualified: &'static str,
    collation: Collation,
}

/// When two texts are equal, see <https://www.sqlite.org/datatype3.html#collation>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collation {
    Binary,
    NoCase,
    RTrim,
}

impl FieldColumn {
    #[doc(hidden)]
    pub const fn new(at: usize, qualified: &'static str, collation: &'static str) -> Self {
        let collation = if collation.eq_ignore_ascii_case("NOCASE") {
            Collation::NoCase
        } else if collation.eq_ignore_ascii_case("RTRIM") {
            Collation::RTrim
        } else {
            Collation::Binary
        };
        Self { at, qualified, collation }
    }

    /// Appends the column, compared as `key` is: a foreign key goes by the collation of what it refers to.
    pub(crate) fn write_as(self, key: Self, sql: &mut Sql<'_>) {
        sql.piece(self.qualified);
        if self.collation != key.collation {
            sql.piece(match key.collation {
                Collation::Binary => " COLLATE BINARY",
                Collation::NoCase => " COLLATE NOCASE",
                Collation::RTrim => " COLLATE RTRIM",
            });
        }
    }

    pub(crate) fn collation(self) -> Collation {
        self.collation
    }
}

/// A column that is a foreign key: `Message::room_id`.
#[diagnostic::on_unimplemented(
    message = "this column is no foreign key, so there is no relation over it",
    label = "no foreign key",
    note = "a field is one by `#[column(references = Parent::id)]`; a relation is named by the key: `has_many(Child::parent_id)`"
)]
pub trait ForeignKey: Copy {
    /// The table that has the key.
    type Child: Source<Row = Self::Child>;
    /// The table that it refers to.
    type Parent: Source<Row = Self::Parent>;
    /// Whether the key can be NULL.
    type Null: Nullness;
    /// The column that it refers to.
    const PARENT: FieldColumn;

    /// Returns the key's column.
    fn child_column(self) -> FieldColumn;

    /// Returns the key of a row that has it.
    fn child_key(self, row: &Self::Child) -> Value<'_>;

    /// Returns the key of a row that can be referred to.
    fn parent_key(row: &Self::Parent) -> Value<'_>;
}

impl<T, V, N, C, P, const FIELD: u64> ForeignKey for Col<T, V, N, C, Refers<T, P, FIELD>>
where
    T: Source<Row = T>,
    N: Nullness,
    C: Codec<V, Family: RefersTo<P::Family>>,
    P: Field<FIELD> + Source<Row = P>,
{
    type Child = T;
    type Parent = P;
    type Null = N;
    const PARENT: FieldColumn = P::COLUMN;

    fn child_column(self) -> FieldColumn {
        self.link().column
    }

    fn child_key(self, row: &T) -> Value<'_> {
        (self.link().value)(row)
    }

    fn parent_key(row: &P) -> Value<'_> {
        row.value()
    }
}

/// A family of values by which a key can refer to a column of the family `F`: the same one.
#[diagnostic::on_unimplemented(
    message = "a key of the family `{Self}` does not refer to a column of the family `{F}`",
    note = "a foreign key has the type of the column that it refers to, and is stored as it is"
)]
pub trait RefersTo<F> {}

impl<F> RefersTo<F> for F {}
