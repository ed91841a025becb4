//! `seedbed push`, where Drizzle's loses data, takes others' tables, or does half of it.

use crate::project::{Project, table, users};

fn pushed(schema: &str, rows: &str) -> Project {
    let project = Project::new(schema);
    project.run(&["push"]).succeeded();
    project.execute(rows);
    project
}

/// Probes 46 and 47: without a terminal the question is exit code 3 with its flag, and the flag works there, too.
#[test]
fn losing_data_takes_a_flag_that_works_without_a_terminal() {
    let project = pushed(&users("name: String,"), "INSERT INTO users VALUES (1, 'ada')");
    project.env().write("src/schema.rs", &users(""));
    let stderr = project.run(&["push"]).failed(3);
    assert!(stderr.contains("--allow drop-column:users.name") && stderr.contains("(1 row)"), "{stderr}");
    assert_eq!(project.rows("SELECT name FROM users"), ["ada"]);
    project.run(&["push", "--allow", "drop-column:users.name"]).succeeded();
    assert_eq!(project.rows("SELECT * FROM users"), ["1"]);
}

/// Probe 48: for a NOT NULL column Drizzle's push offers to empty the table, and `--force` does it.
#[test]
fn a_column_without_a_value_never_empties_the_table() {
    let project = pushed(&users("name: String,"), "INSERT INTO users VALUES (1, 'ada')");
    project.env().write("src/schema.rs", &users("name: String,\n    slug: String,"));
    let stderr = project.run(&["push", "--accept-data-loss"]).failed(3);
    assert!(stderr.contains("--backfill users.slug='…'"), "{stderr}");
    assert_eq!(project.rows("SELECT name FROM users"), ["ada"]);
    project.run(&["push", "--backfill", "users.slug=name"]).succeeded();
    assert_eq!(project.rows("SELECT name, slug FROM users"), ["ada|ada"]);
}

/// Probe 49: whatever is in the database and not in the schema is proposed for dropping.
#[test]
fn the_tables_of_other_tools_are_never_proposed_for_dropping() {
    let project = pushed(&users("name: String,"), "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    project.env().write("src/schema.rs", &table("posts", "title: String,"));
    let run = project.run(&["push", "--no-renames", "--accept-data-loss"]);
    assert!(run.stderr.contains("left alone: table theirs"), "{}", run.stderr);
    assert_eq!((run.code, project.everything()), (0, vec!["theirs: 1".to_owned()]));
    assert!(project.rows("SELECT name FROM sqlite_schema WHERE name = 'users'").is_empty(), "ours went");
}

/// Probe 49, nearer home: what a custom migration made by hand is in no schema either, and push would take it for a
/// table, a view and an index that were declared once and are not any more.
#[test]
fn what_a_custom_migration_made_is_left_alone() {
    let project = Project::with_rows(&users("name: String,"), "INSERT INTO users VALUES (1, 'ada')");
    project.custom(
        "CREATE TABLE log (what TEXT); CREATE VIEW names AS SELECT name FROM users; \
         CREATE INDEX lower_names ON users (lower(name));",
    );
    let run = project.run(&["push"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("view names\nnothing changed"), "{}", run.stderr);
    project.env().write("src/schema.rs", &table("posts", "title: String,"));
    let run = project.run(&["push", "--no-renames", "--accept-data-loss"]);
    assert_eq!(run.code, 4, "a view of somebody else reads the table");
    assert!(run.stderr.contains("`names`"), "{}", run.stderr);
    assert_eq!(project.rows("SELECT name FROM names"), ["ada"]);
}

/// Probe 50: a second push of a rich schema rebuilds three tables, dies, and leaves a half-made one behind.
#[test]
fn a_second_push_of_a_rich_schema_finds_nothing() {
    let schema = "#[derive(TextEnum)]\npub enum State { Open, Done }\n".to_owned()
        + &users(
            "#[column(collate = \"nocase\", unique)]\n    email: String,\n    \
             #[column(default = sql(\"CURRENT_TIMESTAMP\"))]\n    created: String,\n    \
             #[column(check = \"age BETWEEN 0 AND 150\")]\n    age: Option<i64>,\n    #[column(default = -0.5)]\n    ratio: f64,\n    \
             #[column(generated = \"lower(email)\", stored)]\n    lower: String,\n    state: State,\n    \
             #[column(default = \"it's; x\")]\n    text: String,",
        )
        .replace(
            "name = \"users\"",
            "name = \"users\", index(name = \"some\", columns(age desc), where = \"age > 1\"), \
             index(name = \"loud\", expressions(\"upper(email)\"))",
        )
        + &table(
            "posts",
            "#[column(references = Users::id, constraint = \"author\", on_delete = \"cascade\", deferred)]\n    user_id: i64,",
        )
        + "#[derive(View)]\n#[view(name = \"old\", definition = \"SELECT id FROM users WHERE age > 99\")]\npub struct Old { id: i64 }\n";
    let rows = "INSERT INTO users (id, email, age, state) VALUES (1, 'A@b', 7, 'open'); INSERT INTO posts VALUES (1, 1)";
    let project = pushed(&schema, rows);
    let everything = project.everything();
    let run = project.run(&["push"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "nothing changed: the database has this schema\n"));
    assert_eq!(project.everything(), everything);
    assert!(project.run(&["push", "--json"]).json()["changes"].as_array().unwrap().is_empty());
}

/// Probe 51: Drizzle pushes statement by statement without a transaction.
#[test]
fn a_push_that_fails_changes_nothing() {
    let project = pushed(&users("name: String,"), "INSERT INTO users VALUES (1, 'ada'), (2, 'ada')");
    let wanted =
        table("first", "x: i64,") + &users("#[column(unique)]\n    name: String,\n    age: Option<i64>,");
    project.env().write("src/schema.rs", &wanted);
    let stderr = project.run(&["push", "--accept-data-loss"]).failed(4);
    assert!(stderr.contains("UNIQUE constraint failed: users.name"), "{stderr}");
    assert_eq!(project.everything(), ["users: 1|ada", "users: 2|ada"]);
    assert!(project.rows("SELECT name FROM sqlite_schema WHERE name = 'first'").is_empty());
}
