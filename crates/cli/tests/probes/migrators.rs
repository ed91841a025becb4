//! Several migrators at once, and one that is killed.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::project::{Project, users};

/// Inserts so many numbers one by one, which takes a while and shows in the rows.
fn slow(rows: u32) -> String {
    format!(
        "CREATE TABLE runs (n INTEGER);\nINSERT INTO runs WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c \
         WHERE n < {rows}) SELECT n FROM c;\nDELETE FROM runs WHERE n > 1;"
    )
}

fn pending(sql: &str) -> Project {
    let project = Project::with_rows(&users("name: String,"), "INSERT INTO users VALUES (1, 'ada')");
    let files = project.run(&["generate", "--custom"]).succeeded();
    project.env().write(files.lines().next().unwrap(), sql);
    project
}

fn start(project: &Project) -> Child {
    Command::new(env!("CARGO_BIN_EXE_seedbed"))
        .arg("migrate")
        .current_dir(project.env().path("."))
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Probes 54 and 55: three of Drizzle's migrators run everything three times, or fail as locked when it takes longer.
#[test]
fn migrators_at_once_run_everything_once_and_all_succeed() {
    let project = pending(&slow(300_000));
    let migrators: Vec<Child> = (0..3).map(|_| start(&project)).collect();
    let mut ran = Vec::new();
    for migrator in migrators {
        let output = migrator.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        ran.extend(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned));
    }
    assert_eq!(ran, ["0001_custom"]);
    assert_eq!(project.rows("SELECT n FROM runs"), ["1"]);
}

/// Probe 53: a migrator that is killed in the middle leaves the database as it was, and the next one is not kept out.
#[test]
fn a_killed_migrator_leaves_the_database_as_it_was() {
    let project = pending(&slow(5_000_000));
    let mut migrator = start(&project);
    // A transaction that outgrows SQLite's cache writes into the log, so it is killed in the middle of one.
    let log = project.env().path("app.db-wal");
    while fs::metadata(&log).map_or(0, |file| file.len()) < 500_000 {
        assert!(migrator.try_wait().unwrap().is_none(), "it has more to do than that");
        std::thread::yield_now();
    }
    migrator.kill().unwrap();
    assert!(!migrator.wait().unwrap().success());
    assert_eq!(project.rows("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(project.everything(), ["users: 1|ada"]);
    project.env().write("migrations/0001_custom.sql", &slow(10));
    project.run(&["migrate"]).succeeded();
    assert_eq!(project.rows("SELECT n FROM runs"), ["1"]);
}
