//! What a LEFT JOIN may not find is an `Option`.

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
    let _: Vec<(String, String)> = Select::from::<Person>()
        .left_join::<Post>()
        .on(Post::author_id.eq(Person::id))
        .select((Person::name, Post::title))
        .all(&db)
        .unwrap();
}
