//! A conflict is about columns of the table that gets the row.

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
    let _ = Insert::row(&NewPerson { name: "a".to_owned() }).on_conflict(Post::title).do_nothing();
}
