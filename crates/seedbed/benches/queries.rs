//! What typed queries cost beside raw rusqlite with cached statements: the same work on the same file, settings and SQLite.
//!
//! `cargo bench -p seedbed --bench queries` prints medians of CPU time over interleaved rounds, and fails when a ratio is
//! over its limit. Where the system does not tell a thread's CPU time, it is the time of the clock.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]
#![expect(clippy::print_stdout, reason = "the figures are its output")]

use std::time::Instant;

use seedbed::prelude::*;
use seedbed::{OpenOptions, Synchronous};

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "authors")]
struct Author {
    #[column(primary_key)]
    id: i64,
    name: String,
    email: String,
    age: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(references = Author::id)]
    author_id: i64,
    title: String,
    body: Option<String>,
    score: f64,
}

const SCHEMA: &str = "
    CREATE TABLE authors (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, age INTEGER NOT NULL);
    CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL REFERENCES authors (id),
      title TEXT NOT NULL, body TEXT, score REAL NOT NULL);
    CREATE INDEX posts_author ON posts (author_id);
    CREATE TABLE inserted (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, age INTEGER NOT NULL);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO authors SELECT i, 'author ' || i, 'author' || i || '@example.org', 20 + i % 60 FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
    INSERT INTO posts SELECT i, 1 + i * 7919 % 1000, 'title ' || i, iif(i % 3, 'body of ' || i, NULL), i / 7.0 FROM n;";

/// The same columns as [`Author`], in a table that is emptied after each round.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "inserted")]
struct Inserted {
    #[column(primary_key)]
    id: i64,
    name: String,
    email: String,
    age: i64,
}

const ROUNDS: usize = 31;
const LIMIT: f64 = 1.05;
/// The limit of what reads rows together with those that belong to them.
const RELATION_LIMIT: f64 = 1.2;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() };
    let open = |name: &str| {
        let connection = options.open(folder.path().join(name)).unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection
    };
    let (raw, ours) = (open("raw.db"), open("ours.db"));
    println!("{:<44}{:>10}{:>10}{:>8}", "medians of CPU time, ms", "rusqlite", "seedbed", "ratio");
    let mut failed = false;
    // `-- insert` measures what has the word in its name.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for (name, by_hand, typed) in [
        ("select by key, 100,000 times", point_by_hand as Work, point_typed as Work),
        ("insert, 100,000 rows in a transaction", insert_by_hand, insert_typed),
        ("read 10,000 rows into structs, 20 times", scan_by_hand, scan_typed),
        ("join two tables, 1,000 rows, 100 times", join_by_hand, join_typed),
        ("relation, 1,000 parents of 10, 20 times", relation_by_hand, relation_typed),
        ("relation beside a join, 20 times", relation_by_join, relation_typed),
    ] {
        if !name.contains(&wanted) {
            continue;
        }
        let (mut theirs, mut mine) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            // In turn, so that neither always comes after the other.
            let turns: [(Work, &Connection, &mut Vec<f64>); 2] =
                [(by_hand, &raw, &mut theirs), (typed, &ours, &mut mine)];
            let order: Vec<_> =
                if round % 2 == 0 { turns.into_iter().collect() } else { turns.into_iter().rev().collect() };
            for (work, connection, times) in order {
                let started = cpu_seconds();
                work(connection);
                times.push((cpu_seconds() - started) * 1000.0);
                connection.execute_batch("DELETE FROM inserted").unwrap();
            }
        }
        let (theirs, mine) = (median(theirs), median(mine));
        let ratio = mine / theirs;
        let limit = if name.starts_with("relation") { RELATION_LIMIT } else { LIMIT };
        failed |= ratio > limit;
        let verdict = if ratio > limit { "  TOO MUCH" } else { "" };
        println!("{name:<44}{theirs:>10.1}{mine:>10.1}{ratio:>8.3}{verdict}");
    }
    if failed {
        std::process::exit(1);
    }
}

type Work = fn(&Connection);

fn keys() -> impl Iterator<Item = i64> {
    (0..100_000_i64).map(|number| 1 + number * 7919 % 100_000)
}

fn author(row: &seedbed::rusqlite::Row<'_>) -> seedbed::rusqlite::Result<Author> {
    Ok(Author { id: row.get(0)?, name: row.get(1)?, email: row.get(2)?, age: row.get(3)? })
}

fn point_by_hand(connection: &Connection) {
    let connection = connection.rusqlite();
    for id in keys() {
        let mut statement =
            connection.prepare_cached("SELECT id, name, email, age FROM authors WHERE id = ?1").unwrap();
        let author = statement.query_row([id], author).unwrap();
        assert_eq!(author.id, id);
    }
}

fn point_typed(connection: &Connection) {
    for id in keys() {
        let author = Select::from::<Author>().filter(Author::id.eq(id)).one(connection).unwrap();
        assert_eq!(author.id, id);
    }
}

fn rows() -> Vec<Inserted> {
    (1..=100_000)
        .map(|id| Inserted {
            id,
            name: format!("author {id}"),
            email: format!("a{id}@example.org"),
            age: id % 90,
        })
        .collect()
}

thread_local! {
    static ROWS: Vec<Inserted> = rows();
}

fn insert_by_hand(connection: &Connection) {
    let connection = connection.rusqlite();
    ROWS.with(|rows| {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for row in rows {
            let mut statement = connection
                .prepare_cached("INSERT INTO inserted (id, name, email, age) VALUES (?1, ?2, ?3, ?4)")
                .unwrap();
            statement.execute(seedbed::rusqlite::params![row.id, row.name, row.email, row.age]).unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
    });
}

fn insert_typed(connection: &Connection) {
    ROWS.with(|rows| {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for row in rows {
            Insert::row(row).run(connection).unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
    });
}

fn scan_by_hand(connection: &Connection) {
    let connection = connection.rusqlite();
    for _ in 0..20 {
        let mut statement =
            connection.prepare_cached("SELECT id, author_id, title, body, score FROM posts").unwrap();
        let posts = statement
            .query_map([], |row| {
                Ok(Post {
                    id: row.get(0)?,
                    author_id: row.get(1)?,
                    title: row.get(2)?,
                    body: row.get(3)?,
                    score: row.get(4)?,
                })
            })
            .unwrap();
        let posts: Vec<Post> = posts.collect::<Result<_, _>>().unwrap();
        assert_eq!(posts.len(), 10_000);
    }
}

fn scan_typed(connection: &Connection) {
    for _ in 0..20 {
        let posts = Select::from::<Post>().all(connection).unwrap();
        assert_eq!(posts.len(), 10_000);
    }
}

fn join_by_hand(connection: &Connection) {
    let connection = connection.rusqlite();
    for _ in 0..100 {
        let mut statement = connection
            .prepare_cached(
                "SELECT p.id, p.title, p.score, a.name FROM posts AS p JOIN authors AS a ON p.author_id = a.id
                 WHERE p.id <= ?1",
            )
            .unwrap();
        let rows = statement
            .query_map([1_000], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .unwrap();
        let rows: Vec<(i64, String, f64, String)> = rows.collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 1_000);
    }
}

fn join_typed(connection: &Connection) {
    for _ in 0..100 {
        let rows: Vec<(i64, String, f64, String)> = Select::from::<Post>()
            .join::<Author>()
            .on(Post::author_id.eq(Author::id))
            .filter(Post::id.le(1_000))
            .select((Post::id, Post::title, Post::score, Author::name))
            .all(connection)
            .unwrap();
        assert_eq!(rows.len(), 1_000);
    }
}

type Authors = Vec<(Author, Vec<Post>)>;

fn post(row: &seedbed::rusqlite::Row<'_>, at: usize) -> seedbed::rusqlite::Result<Post> {
    Ok(Post {
        id: row.get(at)?,
        author_id: row.get(at + 1)?,
        title: row.get(at + 2)?,
        body: row.get(at + 3)?,
        score: row.get(at + 4)?,
    })
}

/// The second statement in the order of the first one's keys, so that both can be walked side by side.
fn relation_by_hand(connection: &Connection) {
    let connection = connection.rusqlite();
    for _ in 0..20 {
        let mut statement = connection
            .prepare_cached("SELECT id, name, email, age FROM authors WHERE id <= ?1 ORDER BY id")
            .unwrap();
        let rows = statement.query_map([1_000], author).unwrap();
        let mut authors: Authors = rows.map(|row| (row.unwrap(), Vec::new())).collect();
        let mut statement = connection
            .prepare_cached(
                "SELECT id, author_id, title, body, score FROM posts
                 WHERE author_id IN (SELECT id FROM authors WHERE id <= ?1) ORDER BY author_id",
            )
            .unwrap();
        let mut rows = statement.query([1_000]).unwrap();
        let mut at = 0;
        while let Some(row) = rows.next().unwrap() {
            let post = post(row, 0).unwrap();
            while authors[at].0.id != post.author_id {
                at += 1;
            }
            authors[at].1.push(post);
        }
        check(&authors);
    }
}

fn relation_by_join(connection: &Connection) {
    let connection = connection.rusqlite();
    for _ in 0..20 {
        let mut statement = connection
            .prepare_cached(
                "SELECT p.id, p.author_id, p.title, p.body, p.score, a.id, a.name, a.email, a.age FROM authors AS a
                 LEFT JOIN posts AS p ON p.author_id = a.id WHERE a.id <= ?1 ORDER BY a.id",
            )
            .unwrap();
        let mut rows = statement.query([1_000]).unwrap();
        let mut authors = Authors::new();
        while let Some(row) = rows.next().unwrap() {
            let id: i64 = row.get(5).unwrap();
            if authors.last().is_none_or(|(author, _)| author.id != id) {
                let author = Author {
                    id,
                    name: row.get(6).unwrap(),
                    email: row.get(7).unwrap(),
                    age: row.get(8).unwrap(),
                };
                authors.push((author, Vec::new()));
            }
            if row.get_ref(0).unwrap() != seedbed::rusqlite::types::ValueRef::Null {
                authors.last_mut().unwrap().1.push(post(row, 0).unwrap());
            }
        }
        check(&authors);
    }
}

fn relation_typed(connection: &Connection) {
    for _ in 0..20 {
        let authors: Authors = Select::from::<Author>()
            .filter(Author::id.le(1_000))
            .order_by(Author::id)
            .load(has_many(Post::author_id))
            .all(connection)
            .unwrap();
        check(&authors);
    }
}

fn check(authors: &Authors) {
    assert!(authors.len() == 1_000 && authors.iter().all(|(_, posts)| posts.len() == 10));
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The time that this thread has run, see proc(5), `/proc/pid/schedstat`.
fn cpu_seconds() -> f64 {
    thread_local! {
        static STARTED: Instant = Instant::now();
    }
    let by_clock = || STARTED.with(|started| started.elapsed().as_secs_f64());
    // Linux brings the figure up to date at a tick, and when a thread gives way.
    std::thread::yield_now();
    let Ok(text) = std::fs::read_to_string("/proc/thread-self/schedstat") else { return by_clock() };
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse::<f64>().ok());
    nanoseconds.map_or_else(by_clock, |nanoseconds| nanoseconds / 1e9)
}
