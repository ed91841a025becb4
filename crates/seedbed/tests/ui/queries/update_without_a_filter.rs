//! An UPDATE says which rows it is for.

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
    let db = Connection::open_in_memory().unwrap();
    Update::table::<Person>().set(Person::name, "a").run(&db).unwrap();
}
