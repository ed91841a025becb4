//! Files of the migrations folder: how they are cut into statements, and what happens when they change behind its back.

use std::fs;

use crate::project::{Project, users};

const ADA: &str = "INSERT INTO users VALUES (1, 'ada')";

fn project() -> Project {
    Project::with_rows(&users("name: String,"), ADA)
}

/// Writes a migration by hand and does not run it; returns its path.
fn pending(project: &Project, sql: &str) -> String {
    let files = project.run(&["generate", "--custom"]).succeeded();
    let file = files.lines().next().unwrap().to_owned();
    project.env().write(&file, sql);
    file
}

/// Probe 36: one transaction holds all pending migrations, so that the good ones go with the bad; and nothing is printed.
#[test]
fn a_failing_statement_is_shown_and_earlier_migrations_stay() {
    let project = project();
    pending(&project, "CREATE TABLE good (x);");
    let file = pending(&project, "CREATE TABLE half (x);\nINSERT INTO nowhere VALUES (1);");
    let stderr = project.fails_midway(&["migrate"], 4);
    let name = file.trim_start_matches("migrations/");
    assert!(stderr.contains(&format!("`{name}` line 2: no such table: nowhere")), "{stderr}");
    assert!(stderr.contains("| INSERT INTO nowhere VALUES (1)"), "{stderr}");
    let tables = project.rows("SELECT name FROM sqlite_schema WHERE name IN ('good', 'half')");
    assert_eq!(tables, ["good"]);
}

/// Probes 37 and 39: Drizzle needs its comment between two statements, and cuts there inside of a text, too.
#[test]
fn statements_are_cut_where_they_end_and_nowhere_else() {
    let project = project();
    project.custom(
        "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('a;\n--> statement-breakpoint\nb');\n\
         CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes WHERE text = ';'; END; INSERT INTO notes VALUES (';')",
    );
    assert_eq!(project.rows("SELECT text FROM notes"), ["a;\n--> statement-breakpoint\nb"]);
}

/// Probe 38: a custom migration that nobody filled in is an error.
#[test]
fn an_empty_custom_migration_is_nothing_to_do_and_no_error() {
    let project = project();
    let files = project.run(&["generate", "--custom"]).succeeded();
    assert_eq!(files, "migrations/0001_custom.sql\nmigrations/0001_custom.down.sql\n");
    assert_eq!(project.run(&["migrate"]).succeeded(), "0001_custom\n");
    assert!(project.run(&["migrate"]).stderr.starts_with("nothing is pending"));
}

/// Probe 40: a file that was edited after it ran goes unnoticed. Comments and line ends don't count.
#[test]
fn an_applied_file_that_was_edited_is_refused() {
    let project = project();
    let file = "migrations/0000_add_users.sql";
    let text = project.env().read(file);
    project.env().write(file, &format!("-- reviewed\r\n{}", text.replace('\n', "\r\n")));
    project.run(&["migrate"]).succeeded();
    project.env().write(file, &text.replace("TEXT", "BLOB"));
    let stderr = project.run(&["migrate"]).failed(1);
    assert!(stderr.contains("`0000_add_users.sql` was changed after it was applied"), "{stderr}");
}

/// Probe 41: a file that was deleted after it ran is missed late, or never.
#[test]
fn an_applied_file_that_is_gone_is_missed_by_every_command() {
    let project = project();
    fs::remove_file(project.env().path("migrations/0000_add_users.sql")).unwrap();
    for command in [&["migrate"][..], &["migrate", "--dry-run"], &["generate"], &["generate", "--check"]] {
        let stderr = project.run(command).failed(1);
        assert!(stderr.contains("there is no `migrations/0000_add_users.sql`"), "{command:?}: {stderr}");
    }
}

/// Probe 45: a renamed migration runs again in Drizzle 1.0, and its rows are there twice.
#[test]
fn a_renamed_migration_does_not_run_again() {
    let project = project();
    let file = pending(&project, "INSERT INTO users VALUES (2, 'bob');");
    project.run(&["migrate"]).succeeded();
    let renamed = file.replace("custom", "bob");
    fs::rename(project.env().path(&file), project.env().path(&renamed)).unwrap();
    let stderr = project.run(&["migrate"]).failed(1);
    assert!(stderr.contains("was renamed"), "{stderr}");
    let down = file.replace(".sql", ".down.sql");
    fs::rename(project.env().path(&down), project.env().path(&down.replace("custom", "bob"))).unwrap();
    let journal = project.env().read("migrations/meta/_journal.json");
    project.env().write("migrations/meta/_journal.json", &journal.replace("0001_custom", "0001_bob"));
    let stderr = project.run(&["migrate"]).failed(1);
    assert!(stderr.contains("0001_custom"), "{stderr}");
    assert_eq!(project.rows("SELECT count(*) FROM users"), ["2"]);
}

/// Probe 42: a column that somebody dropped by hand is seen by nobody but `push`. Here it is named by every migration
/// that needs it, and by `push --dry-run`.
#[test]
fn a_column_that_was_dropped_by_hand_is_noticed() {
    let project = Project::with_rows(&users("name: String,\n    age: Option<i64>,"), "");
    project.execute("ALTER TABLE users DROP COLUMN age");
    let run = project.run(&["push", "--dry-run"]);
    assert!(run.stdout.contains("ADD COLUMN \"age\""), "{}", run.stdout);
    project.generates(&users("name: String,\n    #[column(default = 0)]\n    age: i64,"), &[]);
    let stderr = project.run(&["migrate"]).failed(4);
    assert!(stderr.contains("age"), "{stderr}");
}
