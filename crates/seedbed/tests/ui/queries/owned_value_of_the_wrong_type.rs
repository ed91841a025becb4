//! An owned value of another type, which a column of another kind could hold.

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
    let _ = Select::from::<Person>().filter(Person::id.eq(String::from("one")));
}
