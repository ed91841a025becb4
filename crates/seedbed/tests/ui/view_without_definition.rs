//! A view is its SELECT.

use seedbed::prelude::*;

#[derive(View)]
#[view(name = "tall_trees")]
struct TallTree {
    #[column(index)]
    name: String,
}

fn main() {}
