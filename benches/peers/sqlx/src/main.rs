//! sqlx beside rusqlite by hand. One connection; its statements are cached by itself.

#![allow(clippy::unwrap_used)]

#[path = "../../baseline.rs"]
mod baseline;

use std::cell::RefCell;

use sqlx::{Connection, SqliteConnection};

#[allow(dead_code)]
#[derive(sqlx::FromRow)]
struct Author {
    id: i64,
    name: String,
    email: String,
    age: i64,
}

#[allow(dead_code)]
#[derive(sqlx::FromRow)]
struct Post {
    id: i64,
    author_id: i64,
    title: String,
    body: Option<String>,
    score: f64,
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("peer.db");
    drop(baseline::database(&path));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let connection = runtime.block_on(async {
        let mut db = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
        sqlx::raw_sql(baseline::SETTINGS).execute(&mut db).await.unwrap();
        db
    });
    let connection = RefCell::new(connection);
    let works = baseline::Works {
        select_by_key: Box::new(|| {
            let db = &mut *connection.borrow_mut();
            runtime.block_on(async {
                for key in baseline::keys() {
                    let author: Author = sqlx::query_as("SELECT id, name, email, age FROM authors WHERE id = ?1")
                        .bind(key)
                        .fetch_one(&mut *db)
                        .await
                        .unwrap();
                    assert_eq!(author.id, key);
                }
            });
        }),
        insert: Box::new(|| {
            let db = &mut *connection.borrow_mut();
            runtime.block_on(async {
                let mut transaction = db.begin().await.unwrap();
                for (id, name, email, age) in baseline::rows() {
                    sqlx::query("INSERT INTO inserted (id, name, email, age) VALUES (?1, ?2, ?3, ?4)")
                        .bind(id)
                        .bind(name)
                        .bind(email)
                        .bind(age)
                        .execute(&mut *transaction)
                        .await
                        .unwrap();
                }
                transaction.commit().await.unwrap();
            });
        }),
        scan: Box::new(|| {
            let db = &mut *connection.borrow_mut();
            runtime.block_on(async {
                for _ in 0..20 {
                    let posts: Vec<Post> = sqlx::query_as("SELECT id, author_id, title, body, score FROM posts")
                        .fetch_all(&mut *db)
                        .await
                        .unwrap();
                    assert_eq!(posts.len(), 10_000);
                }
            });
        }),
        join: Box::new(|| {
            let db = &mut *connection.borrow_mut();
            runtime.block_on(async {
                for _ in 0..100 {
                    let rows: Vec<(i64, String, f64, String)> = sqlx::query_as(
                        "SELECT p.id, p.title, p.score, a.name FROM posts AS p JOIN authors AS a ON p.author_id = a.id
                         WHERE p.id <= ?1",
                    )
                    .bind(1_000)
                    .fetch_all(&mut *db)
                    .await
                    .unwrap();
                    assert_eq!(rows.len(), 1_000);
                }
            });
        }),
    };
    let mut empty = || {
        let db = &mut *connection.borrow_mut();
        runtime.block_on(async { sqlx::raw_sql("DELETE FROM inserted").execute(db).await.unwrap() });
    };
    baseline::compare("sqlx", folder.path(), works, &mut empty);
}
