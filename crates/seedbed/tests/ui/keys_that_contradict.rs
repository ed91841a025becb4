//! What could never work is said at once.

use seedbed::prelude::*;

#[derive(Table)]
#[table(without_rowid)]
struct User {
    #[column(autoincrement)]
    id: i64,
    #[column(references = User::id, on_delete = "set null")]
    parent_id: i64,
    #[column(generated = "id + 1", default = 5)]
    next: i64,
}

fn main() {}
