//! `default_fn` gives values of the field's type.

use seedbed::prelude::*;

fn new_id() -> i64 {
    1
}

#[derive(Table)]
struct User {
    #[column(primary_key, default_fn = new_id)]
    id: String,
}

fn main() {}
