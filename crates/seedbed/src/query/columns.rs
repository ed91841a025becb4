//! Lists of columns of one table: what an INSERT fills, and what a conflict is about.

use super::column::Col;
use super::nullness::Nullness;
use super::operand::Fits;
use super::sql::Sql;
use crate::codec::Codec;

/// A column, or a tuple of columns, of the table `T`.
#[diagnostic::on_unimplemented(message = "`{Self}` is no column of `{T}`, and no tuple of its columns")]
pub trait Columns<T>: Copy {
    /// What a row of these columns is.
    type Row;
    /// How they are stored, a tuple of families.
    type Stored;

    /// Appends their names.
    fn write_names(self, sql: &mut Sql<'_>);
}

impl<T, V, N: Nullness, C: Codec<V>, L: Copy> Columns<T> for Col<T, V, N, C, L> {
    type Row = (N::Out<V>,);
    type Stored = (C::Family,);

    fn write_names(self, sql: &mut Sql<'_>) {
        sql.piece(self.name());
    }
}

macro_rules! columns {
    ($($value:ident $null:ident $codec:ident $link:ident $from:ident $at:tt),+) => {
        impl<Table, $($value, $null: Nullness, $codec: Codec<$value>, $link: Copy),+> Columns<Table>
            for ($(Col<Table, $value, $null, $codec, $link>,)+)
        {
            type Row = ($($null::Out<$value>,)+);
            type Stored = ($($codec::Family,)+);

            fn write_names(self, sql: &mut Sql<'_>) {
                $(
                    sql.piece(if $at == 0 { "" } else { ", " });
                    sql.piece(self.$at.name());
                )+
            }
        }

        impl<$($from: Fills<$value>, $value),+> FillsRow<($($value,)+)> for ($($from,)+) {}
        impl<$($from: Fits<$value>, $value),+> FitsAll<($($value,)+)> for ($($from,)+) {}
    };
}

columns!(A A1 A2 A3 A4 0);
columns!(A A1 A2 A3 A4 0, B B1 B2 B3 B4 1);
columns!(A A1 A2 A3 A4 0, B B1 B2 B3 B4 1, D D1 D2 D3 D4 2);
columns!(A A1 A2 A3 A4 0, B B1 B2 B3 B4 1, D D1 D2 D3 D4 2, E E1 E2 E3 E4 3);
columns!(A A1 A2 A3 A4 0, B B1 B2 B3 B4 1, D D1 D2 D3 D4 2, E E1 E2 E3 E4 3, F F1 F2 F3 F4 4);
columns!(A A1 A2 A3 A4 0, B B1 B2 B3 B4 1, D D1 D2 D3 D4 2, E E1 E2 E3 E4 3, F F1 F2 F3 F4 4, G G1 G2 G3 G4 5);
columns!(A A1 A2 A3 A4 0, B B1 B2 B3 B4 1, D D1 D2 D3 D4 2, E E1 E2 E3 E4 3, F F1 F2 F3 F4 4, G G1 G2 G3 G4 5, H H1 H2 H3 H4 6);
columns!(A A1 A2 A3 A4 0, B B1 B2 B3 B4 1, D D1 D2 D3 D4 2, E E1 E2 E3 E4 3, F F1 F2 F3 F4 4, G G1 G2 G3 G4 5, H H1 H2 H3 H4 6, J J1 J2 J3 J4 7);

/// A value that fits a column: of its type, or where it may be NULL of the type without `Option`.
#[diagnostic::on_unimplemented(message = "a column that is read as `{C}` cannot be filled with `{Self}`")]
pub trait Fills<C> {
    /// Makes it the column's type.
    fn fill(self) -> C;
}

impl<T> Fills<T> for T {
    fn fill(self) -> T {
        self
    }
}

impl<T> Fills<Option<T>> for T {
    fn fill(self) -> Option<T> {
        Some(self)
    }
}

/// Rows of a query that fit the columns of an INSERT.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` do not fit columns that hold `{R}`",
    note = "the query selects a tuple with a value for each column: `.select((Table::a, Table::b))`"
)]
pub trait FillsRow<R> {}

/// Families of the columns of a query, each of which [fits](Fits) a column of an INSERT.
pub trait FitsAll<F> {}
