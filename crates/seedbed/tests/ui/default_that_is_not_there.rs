//! A const or a variant in a default must exist.

use seedbed::prelude::*;

#[derive(TextEnum)]
enum Status {
    Active,
}

#[derive(Table)]
struct User {
    #[column(default = Status::Activ)]
    status: Status,
    #[column(default = LIMIT)]
    limit: i64,
}

fn main() {}
