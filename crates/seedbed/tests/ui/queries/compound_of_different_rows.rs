//! The queries of a compound yield the same rows.

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
    let names = Select::from::<Person>().select((Person::id, Person::name));
    let titles = Select::from::<Post>().select(Post::title);
    let _ = names.union(titles);
}
