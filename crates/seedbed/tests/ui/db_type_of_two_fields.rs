//! A newtype is around one value.

use seedbed::prelude::*;

#[derive(DbType)]
struct Point {
    x: f64,
    y: f64,
}

fn main() {}
