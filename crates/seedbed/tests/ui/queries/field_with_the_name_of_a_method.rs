//! A field is a constant of its name, so no method can have that name.

use seedbed::prelude::*;

#[derive(Table)]
#[table(name = "people")]
struct Person {
    #[column(primary_key)]
    id: i64,
    name: String,
    nick: Option<String>,
}

impl Person {
    fn name(&self) -> &str {
        &self.name
    }
}

fn main() {}
