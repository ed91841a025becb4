//! One Rust type can be stored in several ways, and an INSERT of a query converts nothing.

use seedbed::prelude::*;

#[derive(Table)]
#[table(name = "visits")]
struct Visit {
    #[column(primary_key)]
    id: i64,
    at: Timestamp,
    #[column(stored_as = "unix_seconds")]
    until: Timestamp,
}

fn main() {
    let starts = Select::from::<Visit>().select((Visit::id, Visit::at));
    let _ = Insert::query((Visit::id, Visit::until), starts);
}
