//! A query that names a table of the query around it cannot be run by itself.

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
    let posts = Select::within::<Person>().from::<Post>().filter(Post::author_id.eq(Person::id));
    posts.all(&db).unwrap();
}
