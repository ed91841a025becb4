//! A relation is named by a foreign key that fits, and loaded for the rows at its ends.

use seedbed::prelude::*;

#[derive(Table)]
struct User {
    #[column(primary_key)]
    id: i64,
}

#[derive(Table)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(references = User::id)]
    user_id: i64,
    #[column(references = User::id)]
    approver: Option<String>,
}

fn main() {
    let _ = has_many(Post::id);
    let _ = has_many(Post::approver);
    let _ = Select::from::<User>().load(belongs_to(Post::user_id));
    let _ = Select::from::<User>().load(has_many(Post::user_id).filter(User::id.eq(1)));
}
