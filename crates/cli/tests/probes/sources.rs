//! Schemas that contradict themselves, and the exit code that says so.

use crate::project::{Project, table, users};

/// Probe 29: of two exports with one table name, one wins in silence.
#[test]
fn two_tables_of_one_name_are_refused_with_both_places() {
    let project =
        Project::new(&(users("name: String,") + &table("others", "").replace("\"others\"", "\"users\"")));
    let stderr = project.run(&["generate"]).failed(2);
    assert!(stderr.contains("src/schema.rs:9:") && stderr.contains("src/schema.rs:2:"), "{stderr}");
    assert!(!project.env().path("migrations").exists());
}

/// Probe 30: two indexes of one name are found by SQLite, at migrate.
#[test]
fn two_indexes_of_one_name_are_refused_with_both_places() {
    let project = Project::new(&users(
        "#[column(index = \"i\")]\n    a: i64,\n    #[column(index = \"I\")]\n    b: i64,",
    ));
    let stderr = project.run(&["generate"]).failed(2);
    assert!(stderr.contains("src/schema.rs:8:") && stderr.contains("src/schema.rs:6:"), "{stderr}");
    assert!(!project.env().path("migrations").exists());
}

/// Probe 34: the order of columns is not a difference.
#[test]
fn columns_in_another_order_are_no_change() {
    let project = Project::with_rows(&users("a: i64,\n    b: i64,"), "");
    project.env().write("src/schema.rs", &users("b: i64,\n    a: i64,"));
    assert!(project.run(&["generate"]).stderr.starts_with("nothing changed"));
    let sql = project.generates(&users("b: i64,\n    c: Option<i64>,\n    a: i64,"), &[]);
    assert!(sql.contains("ADD COLUMN \"c\"") && !sql.contains("rebuild"), "{sql}");
}

/// Probe 35: a schema that can't be read is a message and exit code 0.
#[test]
fn a_schema_with_a_syntax_error_fails_with_its_line() {
    let project = Project::new("pub struct Users {\n    name: String\n    age: i64,\n}\n");
    let stderr = project.run(&["generate"]).failed(2);
    assert!(stderr.contains("src/schema.rs:3:5"), "{stderr}");
    assert!(!project.env().path("migrations").exists());
}

/// Probe 56: a flag makes Drizzle forget its configuration file.
#[test]
fn a_flag_replaces_one_setting_and_not_the_file() {
    let project = Project::new(&users("name: String,"));
    project.run(&["generate", "--out", "elsewhere"]).succeeded();
    assert!(project.env().path("elsewhere/0000_add_users.sql").exists());
    project.run(&["migrate", "--out", "elsewhere"]).succeeded();
    assert_eq!(project.rows("SELECT count(*) FROM users"), ["0"], "the database is that of seedbed.toml");
}
