//! A table WITHOUT ROWID has no order in which its rows were made.

use seedbed::prelude::*;
use seedbed::query::rowid;

#[derive(Table)]
#[table(name = "words", without_rowid)]
struct Word {
    #[column(primary_key)]
    text: String,
}

fn main() {
    let _ = Select::from::<Word>().order_by(rowid::<Word>());
}
