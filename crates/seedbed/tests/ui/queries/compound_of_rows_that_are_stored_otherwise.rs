//! One Rust type can be stored in several ways, which a compound would mix.

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
    let starts = Select::from::<Visit>().select(Visit::at);
    let ends = Select::from::<Visit>().select(Visit::until);
    let _ = starts.union(ends);
}
