//! A column is set to values of its own type.

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
    let _ = Update::table::<Person>().set(Person::name, 5).filter(Person::id.eq(1));
}
