//! Every unknown key is shown at once, with the one that was meant.

use seedbed::prelude::*;

#[derive(Table)]
#[table(nmae = "users")]
struct User {
    #[column(primary)]
    id: i64,
    #[column(defualt = 5)]
    age: i64,
}

fn main() {
    let _ = User::NAME;
}
