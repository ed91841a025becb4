//! A rebuild of a large table beside what SQLite itself takes for the same copy: the INSERT…SELECT and the CREATE INDEX
//! statements, in one transaction on a connection with the same settings. And its memory, which must not grow with rows.

use std::fs;
use std::path::{Path, PathBuf};

use seedbed::OpenOptions;

use crate::measure::{Measured, Plan};
use crate::{Figure, figure, prepare, seedbed, text};

const ROWS: usize = 1_000_000;

/// How much longer than SQLite's own work a rebuild may take, and how much more memory at ten times the rows.
const FACTOR: f64 = 1.3;
const GROWTH_MIB: f64 = 8.0;

const BEFORE: &str = r#"use seedbed::prelude::*;
#[derive(Table)]
#[table(name = "authors")]
pub struct Author {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
}
#[derive(Table)]
#[table(name = "posts", index(columns(author_id, created_at)))]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = Author::id, on_delete = "cascade")]
    pub author_id: i64,
    #[column(index)]
    pub title: String,
    pub body: Option<String>,
    pub score: f64,
    pub created_at: i64,
}
"#;

/// What SQLite has to do in any case.
const BARE: &str = r#"BEGIN IMMEDIATE;
CREATE TABLE "new_posts" (
  "id" INTEGER PRIMARY KEY NOT NULL, "author_id" INTEGER NOT NULL, "title" TEXT NOT NULL, "body" TEXT,
  "score" REAL DEFAULT 0.5 NOT NULL, "created_at" INTEGER NOT NULL,
  FOREIGN KEY ("author_id") REFERENCES "authors" ("id") ON DELETE CASCADE
);
INSERT INTO "new_posts" ("id", "author_id", "title", "body", "score", "created_at")
SELECT "id", "author_id", "title", "body", "score", "created_at" FROM "posts";
CREATE INDEX "new_posts_author_id_created_at_idx" ON "new_posts" ("author_id", "created_at");
CREATE INDEX "new_posts_title_idx" ON "new_posts" ("title");
COMMIT;"#;

/// Measures both.
pub(crate) fn figures(folder: &Path) -> Vec<Figure> {
    let (small, few_rows) = project(folder, ROWS / 10);
    let (large, database) = project(folder, ROWS);
    let work = folder.join("rebuild.db");
    let migrate = |source: &Path, config: &str| {
        Plan::new(&[seedbed(), "migrate", "--config", config, "--url", &text(&work)])
            .removing_database(&work)
            .restoring(source, &work)
            .times(3)
    };
    let bench = std::env::current_exe().expect("a running program has a path");
    let bare = Plan::new(&[&text(&bench), "bare-rebuild", &text(&work)])
        .removing_database(&work)
        .restoring(&database, &work)
        .times(3);
    let bare = figure(&format!("INSERT…SELECT and indexes alone, {ROWS} rows"), &bare, None, None);
    let few = figure(
        &format!("migrate, a rebuild of {} rows", ROWS / 10),
        &migrate(&few_rows, &text(&small)),
        None,
        None,
    );
    let rebuild = figure(
        &format!("migrate, a rebuild of {ROWS} rows"),
        &migrate(&database, &text(&large)),
        Some(bare.measured.wall_ms * FACTOR),
        Some(few.measured.mib + GROWTH_MIB),
    );
    let cpu = Figure {
        name: "the same by processor time".to_owned(),
        measured: Measured { by_cpu: true, mib: f64::NAN, ..rebuild.measured },
        limit_ms: Some(bare.measured.cpu_ms * FACTOR),
        limit_mib: None,
    };
    vec![bare, few, rebuild, cpu]
}

/// Makes a project with a pending rebuild; returns its configuration and its database.
fn project(folder: &Path, rows: usize) -> (PathBuf, PathBuf) {
    let project = folder.join(format!("rebuild-{rows}"));
    fs::create_dir_all(&project).expect("the target folder takes files");
    let (schema, config) = (project.join("schema.rs"), project.join("seedbed.toml"));
    fs::write(&config, "schema = \"schema.rs\"\nurl = \"seedbed.db\"\n").expect("the folder takes files");
    let run =
        |verb: &str| prepare(std::process::Command::new(seedbed()).args([verb, "--config", &text(&config)]));
    fs::write(&schema, BEFORE).expect("the folder takes files");
    run("generate");
    run("migrate");
    let database = project.join("seedbed.db");
    let connection = OpenOptions::default().open(&database).expect("migrate made it");
    let fill = format!(
        "BEGIN;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO authors SELECT i, 'author ' || i FROM n;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO posts SELECT i, 1 + i * 7919 % 1000, 'title ' || (i * 7919 % 1000003),
           printf('%.*c', 20 + i % 100, 'x'), i / 7.0, 1700000000 + i FROM n;
         COMMIT;
         PRAGMA wal_checkpoint(TRUNCATE);"
    );
    connection.execute_batch(&fill).expect("rows fit");
    drop(connection);
    let after = BEFORE.replace("    pub score: f64,", "    #[column(default = 0.5)]\n    pub score: f64,");
    fs::write(&schema, after).expect("the folder takes files");
    run("generate");
    (config, database)
}

/// The measured process of the bare work.
pub(crate) fn bare(arguments: &[String]) {
    let [path] = arguments else { panic!("the path of a database is missing") };
    let connection = OpenOptions::default().open(path).expect("the database is there");
    connection.execute_batch(BARE).expect("the copy fits");
}
