//! A page would lose the rows that are NULL in its order.

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
    let _ = Select::from::<Person>().keyset((Person::nick.asc(), Person::id.asc()), Some(("a", 1)));
}
