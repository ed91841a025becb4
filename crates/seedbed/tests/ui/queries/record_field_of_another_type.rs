//! A field of a record is filled with what has its type.

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
    #[derive(Record)]
    struct Short {
        id: i64,
        name: String,
    }
    let _ = Select::from::<Person>().select(ShortSelect { id: Person::id, name: Person::nick });
}
