//! A query that is inserted yields what the columns hold.

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
    let posts = Select::from::<Post>().select((Post::title, Post::id));
    let _ = Insert::query((Person::id, Person::name), posts);
}
