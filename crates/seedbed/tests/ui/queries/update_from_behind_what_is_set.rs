//! An UPDATE names what it reads from before it sets something from it.

use seedbed::prelude::*;

#[derive(Table)]
#[table(name = "people")]
struct Person {
    #[column(primary_key)]
    id: i64,
    name: String,
    nick: Option<String>,
}

#[derive(Table)]
#[table(name = "nicks")]
struct Nick {
    #[column(primary_key)]
    person_id: i64,
    nick: String,
}

fn main() {
    let _ = Update::table::<Person>()
        .set(Person::nick, Nick::nick)
        .from::<Nick>()
        .filter(Nick::person_id.eq(Person::id));
}
