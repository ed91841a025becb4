//! SQL in attributes is looked at closely enough to point at a typing error.

use seedbed::prelude::*;

#[derive(Table)]
#[table(check(name = "age_range", "age BETWEEN (0 AND 150"))]
struct User {
    age: i64,
    #[column(check = "name <> 'x")]
    name: String,
}

fn main() {}
