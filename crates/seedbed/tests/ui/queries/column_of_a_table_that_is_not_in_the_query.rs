//! A column belongs to a table that the query reads from.

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
    let _ = Select::from::<Person>().filter(Post::title.eq("a"));
}
