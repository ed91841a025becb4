//! A foreign key refers to a table.

use seedbed::prelude::*;

struct User;

#[derive(Table)]
struct Post {
    #[column(references = User::id)]
    user_id: i64,
    #[column(references = Author::id)]
    author_id: i64,
}

fn main() {}
