//! A primary key is NOT NULL.

use seedbed::prelude::*;

#[derive(Table)]
struct User {
    #[column(primary_key)]
    id: Option<i64>,
}

fn main() {}
