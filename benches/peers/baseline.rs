//! What every peer is measured beside: the same work by hand on rusqlite with cached statements, on a file of its own with
//! the same settings. The work is that of `crates/seedbed/benches/queries.rs`.

use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, params};

pub const SCHEMA: &str = "
    CREATE TABLE authors (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, age INTEGER NOT NULL);
    CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL REFERENCES authors (id),
      title TEXT NOT NULL, body TEXT, score REAL NOT NULL);
    CREATE INDEX posts_author ON posts (author_id);
    CREATE TABLE inserted (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, age INTEGER NOT NULL);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO authors SELECT i, 'author ' || i, 'author' || i || '@example.org', 20 + i % 60 FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
    INSERT INTO posts SELECT i, 1 + i * 7919 % 1000, 'title ' || i, iif(i % 3, 'body of ' || i, NULL), i / 7.0 FROM n;";

pub const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;";

/// The four works of a peer, in the order in which they are shown.
pub struct Works<'a> {
    pub select_by_key: Box<dyn FnMut() + 'a>,
    pub insert: Box<dyn FnMut() + 'a>,
    pub scan: Box<dyn FnMut() + 'a>,
    pub join: Box<dyn FnMut() + 'a>,
}

const ROUNDS: usize = 9;

/// Makes a database file and opens it by hand. What made it is closed first, so that nobody reads from a long write-ahead
/// log.
pub fn database(path: &Path) -> Connection {
    Connection::open(path).unwrap().execute_batch(&format!("{SETTINGS} {SCHEMA}")).unwrap();
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(SETTINGS).unwrap();
    connection
}

/// Prints the medians of the process's CPU time, in turns.
pub fn compare(peer: &str, folder: &Path, mut peers: Works<'_>, empty: &mut dyn FnMut()) {
    let raw = database(&folder.join("raw.db"));
    println!("{:<44}{:>10}{:>10}{:>8}", "medians of CPU time, ms", "rusqlite", peer, "ratio");
    let by_hand: [(&str, fn(&Connection)); 4] = [
        ("select by key, 100,000 times", select_by_key),
        ("read 10,000 rows into structs, 20 times", scan),
        ("join two tables, 1,000 rows, 100 times", join),
        // The last, because it leaves a write-ahead log behind.
        ("insert, 100,000 rows in a transaction", insert),
    ];
    let works = [&mut peers.select_by_key, &mut peers.scan, &mut peers.join, &mut peers.insert];
    for ((name, hand), work) in by_hand.into_iter().zip(works) {
        let (mut theirs, mut hands) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            hands.push(timed(|| hand(&raw)));
            theirs.push(timed(&mut *work));
            raw.execute_batch("DELETE FROM inserted").unwrap();
            empty();
        }
        let (hand, theirs) = (median(hands), median(theirs));
        println!("{name:<44}{hand:>10.1}{theirs:>10.1}{:>8.2}", theirs / hand);
    }
}

fn timed(work: impl FnOnce()) -> f64 {
    let started = cpu_seconds();
    work();
    (cpu_seconds() - started) * 1000.0
}

/// The time that all threads of the process have run, see proc(5): some peers work on threads of their own. In ticks of
/// 10 ms, which is why the works are long.
fn cpu_seconds() -> f64 {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else {
        return Instant::now().elapsed().as_secs_f64();
    };
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

pub fn keys() -> impl Iterator<Item = i64> {
    (0..100_000_i64).map(|number| 1 + number * 7919 % 100_000)
}

pub fn rows() -> impl Iterator<Item = (i64, String, String, i64)> {
    (1..=100_000).map(|id| (id, format!("author {id}"), format!("a{id}@example.org"), id % 90))
}

#[allow(dead_code)]
struct Author {
    id: i64,
    name: String,
    email: String,
    age: i64,
}

#[allow(dead_code)]
struct Post {
    id: i64,
    author_id: i64,
    title: String,
    body: Option<String>,
    score: f64,
}

fn select_by_key(connection: &Connection) {
    for id in keys() {
        let mut statement =
            connection.prepare_cached("SELECT id, name, email, age FROM authors WHERE id = ?1").unwrap();
        let author = statement
            .query_row([id], |row| {
                Ok(Author { id: row.get(0)?, name: row.get(1)?, email: row.get(2)?, age: row.get(3)? })
            })
            .unwrap();
        assert_eq!(author.id, id);
    }
}

fn insert(connection: &Connection) {
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    for (id, name, email, age) in rows() {
        let mut statement = connection
            .prepare_cached("INSERT INTO inserted (id, name, email, age) VALUES (?1, ?2, ?3, ?4)")
            .unwrap();
        statement.execute(params![id, name, email, age]).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
}

fn scan(connection: &Connection) {
    for _ in 0..20 {
        let mut statement =
            connection.prepare_cached("SELECT id, author_id, title, body, score FROM posts").unwrap();
        let posts = statement.query_map([], |row| {
            Ok(Post {
                id: row.get(0)?,
                author_id: row.get(1)?,
                title: row.get(2)?,
                body: row.get(3)?,
                score: row.get(4)?,
            })
        });
        let posts: Vec<Post> = posts.unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(posts.len(), 10_000);
    }
}

fn join(connection: &Connection) {
    for _ in 0..100 {
        let mut statement = connection
            .prepare_cached(
                "SELECT p.id, p.title, p.score, a.name FROM posts AS p JOIN authors AS a ON p.author_id = a.id
                 WHERE p.id <= ?1",
            )
            .unwrap();
        let rows = statement.query_map([1_000], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
        let rows: Vec<(i64, String, f64, String)> = rows.unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 1_000);
    }
}
