//! A field's type must be one that a column can hold.

use seedbed::prelude::*;

struct Point;

#[derive(Table)]
struct Place {
    #[column(primary_key)]
    id: i64,
    point: Option<Point>,
}

fn main() {}
