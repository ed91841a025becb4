//! An explicit SQL type must give the values back as they were.

use seedbed::prelude::*;

type Count = i64;

#[derive(Table)]
#[table(name = "trees")]
struct Tree {
    #[column(type = "TEXT")]
    count: Count,
}

fn main() {}
