//! A join says which rows belong together.

use seedbed::prelude::*;

#[derive(Table)]
#[table(name = "people")]
struct Person {
    #[column(primary_key)]
    id: i64,
    name: String,
    nick: Option<String>,
}

#[derive(Table)]
#[table(name = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    author_id: i64,
    title: String,
}

fn main() {
    let db = Connection::open_in_memory().unwrap();
    Select::from::<Person>().join::<Post>().all(&db).unwrap();
}
