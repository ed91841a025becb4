//! `columns(..)` takes Rust names.

use seedbed::prelude::*;

#[derive(Table)]
#[table(index(columns(kind, typ)))]
struct Node {
    #[column(name = "kind")]
    r#type: String,
}

fn main() {}
