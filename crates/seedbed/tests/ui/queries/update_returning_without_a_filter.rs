//! An UPDATE that returns says which rows it is for.

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
    let _ = Update::table::<Person>().set(Person::name, "a").returning(Person::id);
}
