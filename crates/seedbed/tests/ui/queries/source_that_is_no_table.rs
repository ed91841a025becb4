//! A query reads from what derives `Table`, `View` or `Record`.

use seedbed::prelude::*;

#[derive(Table)]
#[table(name = "people")]
struct Person {
    #[column(primary_key)]
    id: i64,
    name: String,
    nick: Option<String>,
}

fn main() {
    struct Plain;
    let _ = Select::from::<Plain>();
}
