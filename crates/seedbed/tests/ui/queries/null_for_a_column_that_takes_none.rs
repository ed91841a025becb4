//! A column that is NOT NULL is not set to NULL.

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
    let _ = Update::table::<Person>().set(Person::name, None::<String>).filter(Person::id.eq(1));
}
