//! A query that names a table of the query around it stands in a query that reads from that table.

use seedbed::prelude::*;
use seedbed::query::exists;

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
    let posts = Select::within::<Person>().from::<Post>().filter(Post::author_id.eq(Person::id));
    let _ = Select::from::<Post>().filter(exists(posts));
}
