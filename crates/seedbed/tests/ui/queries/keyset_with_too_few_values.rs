//! A place in an order has a value for each part of it.

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
    let _ = Select::from::<Person>().keyset((Person::name.asc(), Person::id.asc()), Some(("a",)));
}
