//! A new row has the columns that need a value.

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
    let _ = Insert::row(&NewPerson {});
}
