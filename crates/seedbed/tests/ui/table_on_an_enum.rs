//! A table is a struct with named fields.

use seedbed::prelude::*;

#[derive(Table)]
enum Node {
    Root,
}

#[derive(Table)]
struct Pair(i64, i64);

fn main() {}
