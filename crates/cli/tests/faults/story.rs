//! The project that is disturbed: a blog with rows, a trigger and a view by hand, and three migrations ahead of it
//! that rebuild a large table, drop a column and a table, and rename.

use std::fs;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::workplace::{State, Workplace};

/// A prepared project; copies of it are what the tests work on.
pub(crate) struct Story {
    /// The folder holds all migrations; the database is at the first two, with rows.
    pub(crate) start: Workplace,
    /// The states that a database passes through on its way to the newest migration, the first and the last included.
    pub(crate) boundaries: Vec<State>,
}

const BASE: &str = r#"use seedbed::prelude::*;

#[derive(Table)]
#[table(name = "authors")]
pub struct Author {
    #[column(primary_key, autoincrement)]
    pub id: i64,
    #[column(unique)]
    pub name: String,
    pub born: Option<i64>,
}

#[derive(TextEnum)]
pub enum Mood { Calm, Wild }

#[derive(Table)]
#[table(name = "posts", index(columns(author_id, title)))]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = Author::id, on_delete = "cascade", index)]
    pub author_id: i64,
    pub title: String,
    pub words: i64,
    #[column(default = Mood::Calm)]
    pub mood: Mood,
    pub legacy: Option<String>,
}

#[derive(Table)]
#[table(name = "labels", primary_key(columns(post_id, label)), without_rowid)]
pub struct Label {
    #[column(references = Post::id, on_delete = "cascade")]
    pub post_id: i64,
    pub label: String,
}

#[derive(Table)]
#[table(name = "drafts")]
pub struct Draft {
    #[column(primary_key)]
    pub id: i64,
    pub body: String,
}

#[derive(View)]
#[view(name = "wild_posts", definition = "SELECT id, title FROM posts WHERE mood = 'wild'")]
pub struct WildPost {
    pub id: i64,
    pub title: String,
}
"#;

/// What a person made by hand, in a migration of its own.
const BY_HAND: &str = "CREATE TABLE log (post_id INTEGER NOT NULL, title TEXT);
CREATE TRIGGER posts_log AFTER UPDATE OF title ON posts BEGIN INSERT INTO log VALUES (old.id, old.title); END;
CREATE VIEW prolific AS SELECT author_id, count(*) AS posts, sum(words) AS words FROM posts GROUP BY author_id;
";

/// Replacements in the schema, and flags.
type Change = (&'static [(&'static str, &'static str)], &'static [&'static str]);

/// The changes of the schema, each a migration, with the flags that answer its questions.
const CHANGES: [Change; 3] = [
    (&[("pub words: i64,", "pub words: f64,")], &[]),
    (
        &[
            ("    pub legacy: Option<String>,\n", ""),
            (
                "#[derive(Table)]\n#[table(name = \"drafts\")]\npub struct Draft {\n    #[column(primary_key)]\n    pub id: i64,\n    pub body: String,\n}\n",
                "",
            ),
        ],
        &["--no-renames"],
    ),
    (
        &[
            (
                "    pub born: Option<i64>,\n",
                "    #[column(renamed_from = \"born\")]\n    pub birth_year: Option<i64>,\n    #[column(default = 0)]\n    pub rank: i64,\n",
            ),
            ("pub words: f64,", "#[column(default = 1.5)]\n    pub words: f64,"),
        ],
        &[],
    ),
];

/// Returns the schema after so many of the changes.
pub(crate) fn schema(changes: usize) -> String {
    let mut text = BASE.to_owned();
    for (replacements, _) in &CHANGES[..changes] {
        for (from, to) in *replacements {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
    }
    text
}

/// Makes the project with so many posts.
fn prepare(posts: usize) -> Story {
    let end = Workplace::new("story");
    end.write("seedbed.toml", "url = \"app.db\"\n");
    end.write("src/schema.rs", &schema(0));
    end.succeeds(&["generate", "--name", "base"]);
    let by_hand = end.succeeds(&["generate", "--custom", "--name", "by_hand"]);
    let mut files = by_hand.lines();
    end.write(files.next().unwrap(), BY_HAND);
    end.write(files.next().unwrap(), "DROP VIEW prolific;\nDROP TRIGGER posts_log;\nDROP TABLE log;\n");
    end.succeeds(&["migrate"]);
    end.execute(&rows(posts));
    let start = Workplace::new("story");
    start.become_copy_of(&end);

    let mut boundaries = vec![end.state()];
    for changes in 1..=CHANGES.len() {
        end.write("src/schema.rs", &schema(changes));
        end.succeeds(&[&["generate"], CHANGES[changes - 1].1].concat());
        end.succeeds(&["migrate"]);
        boundaries.push(end.state());
    }
    assert_eq!(boundaries[0].rows, boundaries[0].rows.max(posts), "the rows are there");
    // The folder with everything pending, beside the database with nothing of it done.
    let database = fs::read(start.path("app.db")).unwrap();
    start.become_copy_of(&end);
    for file in start.files().iter().filter(|file| file.starts_with("app.db")) {
        fs::remove_file(start.path(file)).unwrap();
    }
    fs::write(start.path("app.db"), database).unwrap();
    assert_eq!(start.state(), boundaries[0]);
    Story { start, boundaries }
}

/// Rows that are the same for the same number: posts of a hundred authors with labels, and drafts.
fn rows(posts: usize) -> String {
    format!(
        "PRAGMA foreign_keys = ON;
         BEGIN;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO authors (id, name, born) SELECT i, 'author ' || i, CASE WHEN i % 3 THEN 1900 + i END FROM n;
         DELETE FROM authors WHERE id = 100;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {posts})
         INSERT INTO posts (id, author_id, title, words, mood, legacy)
         SELECT i * 3, 1 + i * 7 % 99, 'title ' || (i * 7919 % 10007), i * 31 % 5000,
           CASE i % 4 WHEN 0 THEN 'wild' ELSE 'calm' END, CASE WHEN i % 5 THEN 'legacy ' || i END FROM n;
         INSERT INTO labels SELECT id, 'odd' FROM posts WHERE id % 2;
         INSERT INTO labels SELECT id, 'seventh' FROM posts WHERE id % 7 = 0;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {posts} / 10)
         INSERT INTO drafts SELECT i, 'draft ' || i FROM n;
         UPDATE posts SET title = title || '!' WHERE id % 100 = 0;
         COMMIT;
         PRAGMA wal_checkpoint(TRUNCATE);"
    )
}

/// Returns the project with rows enough that a migration takes a while.
pub(crate) fn large() -> Arc<Story> {
    static SHARED: Mutex<Weak<Story>> = Mutex::new(Weak::new());
    shared(&SHARED, crate::amount("SEEDBED_FAULTS_POSTS", 6_000))
}

/// Returns the project with some hundred rows.
pub(crate) fn small() -> Arc<Story> {
    static SHARED: Mutex<Weak<Story>> = Mutex::new(Weak::new());
    shared(&SHARED, 1_500)
}

/// Tests that run at the same time share a project, and the last of them takes its folders away.
fn shared(place: &Mutex<Weak<Story>>, posts: usize) -> Arc<Story> {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    place.upgrade().unwrap_or_else(|| {
        let story = Arc::new(prepare(posts));
        *place = Arc::downgrade(&story);
        story
    })
}
