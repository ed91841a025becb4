//! Every gap of a fragment gets a value.

use seedbed::prelude::*;

#[derive(Table)]
#[table(name = "people")]
struct Person {
    #[column(primary_key)]
    id: i64,
    name: String,
    nick: Option<String>,
}

fn main() {
    let _ = sql!(bool, "{} BETWEEN {} AND {}", Person::id, 1);
}
