//! Diesel beside rusqlite by hand.

#![allow(clippy::unwrap_used)]

#[path = "../../baseline.rs"]
mod baseline;

use std::cell::RefCell;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! {
    authors (id) { id -> BigInt, name -> Text, email -> Text, age -> BigInt, }
}
diesel::table! {
    posts (id) { id -> BigInt, author_id -> BigInt, title -> Text, body -> Nullable<Text>, score -> Double, }
}
diesel::table! {
    inserted (id) { id -> BigInt, name -> Text, email -> Text, age -> BigInt, }
}
diesel::joinable!(posts -> authors (author_id));
diesel::allow_tables_to_appear_in_same_query!(authors, posts);

#[allow(dead_code)]
#[derive(Queryable, Selectable)]
#[diesel(table_name = authors)]
struct Author {
    id: i64,
    name: String,
    email: String,
    age: i64,
}

#[allow(dead_code)]
#[derive(Queryable, Selectable)]
#[diesel(table_name = posts)]
struct Post {
    id: i64,
    author_id: i64,
    title: String,
    body: Option<String>,
    score: f64,
}

#[derive(Insertable)]
#[diesel(table_name = inserted)]
struct Inserted<'a> {
    id: i64,
    name: &'a str,
    email: &'a str,
    age: i64,
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("peer.db");
    drop(baseline::database(&path));
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(baseline::SETTINGS).unwrap();
    let connection = RefCell::new(connection);
    let works = baseline::Works {
        select_by_key: Box::new(|| {
            let db = &mut *connection.borrow_mut();
            for key in baseline::keys() {
                let author = authors::table.find(key).select(Author::as_select()).first(db).unwrap();
                assert_eq!(author.id, key);
            }
        }),
        insert: Box::new(|| {
            let db = &mut *connection.borrow_mut();
            db.immediate_transaction(|db| {
                for (id, name, email, age) in baseline::rows() {
                    let row = Inserted { id, name: &name, email: &email, age };
                    diesel::insert_into(inserted::table).values(&row).execute(db)?;
                }
                diesel::QueryResult::Ok(())
            })
            .unwrap();
        }),
        scan: Box::new(|| {
            let db = &mut *connection.borrow_mut();
            for _ in 0..20 {
                let found: Vec<Post> = posts::table.select(Post::as_select()).load(db).unwrap();
                assert_eq!(found.len(), 10_000);
            }
        }),
        join: Box::new(|| {
            let db = &mut *connection.borrow_mut();
            for _ in 0..100 {
                let found: Vec<(i64, String, f64, String)> = posts::table
                    .inner_join(authors::table)
                    .filter(posts::id.le(1_000))
                    .select((posts::id, posts::title, posts::score, authors::name))
                    .load(db)
                    .unwrap();
                assert_eq!(found.len(), 1_000);
            }
        }),
    };
    let mut empty = || connection.borrow_mut().batch_execute("DELETE FROM inserted").unwrap();
    baseline::compare("diesel", folder.path(), works, &mut empty);
}
