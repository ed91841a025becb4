//! `seedbed pull`: structs and a baseline of a database that is there.

use seedbed::Connection;

use crate::test_env::TestEnv;

/// Tables that nobody planned, views, triggers, a virtual table; and the structs of it, which a test of the derives
/// compiles.
const UNPLANNED: &str = include_str!("../../../seedbed/tests/declared/pulled.sql");
const STRUCTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../seedbed/tests/declared/pulled.rs");

fn project(sql: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    Connection::open(env.path("app.db")).unwrap().execute_batch(sql).unwrap();
    env
}

#[test]
fn an_unplanned_database_becomes_structs_and_a_baseline() {
    let env = project(UNPLANNED);
    let run = env.run(&["pull"]);
    for told in [
        "not in Rust: `ON CONFLICT REPLACE` of the table `conf`",
        "not in Rust: the trigger `users_ai`",
        "kept in 0001_by_hand.sql: table `rowdef`, table `search`, index `rd`, view `found`, trigger `users_ai`",
        "baseline: 0000_baseline, 0001_by_hand, which the database records as applied",
    ] {
        assert!(run.stderr.contains(told), "{told}\n{}", run.stderr);
    }
    let files = "src/schema.rs\nmigrations/0000_baseline.sql\nmigrations/0000_baseline.down.sql\n\
        migrations/0001_by_hand.sql\nmigrations/0001_by_hand.down.sql\n";
    assert_eq!(run.succeeded(), files);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(STRUCTS, env.read("src/schema.rs")).unwrap();
    }
    assert_eq!(env.read("src/schema.rs"), std::fs::read_to_string(STRUCTS).unwrap());

    let down = env.read("migrations/0001_by_hand.down.sql");
    assert!(
        down.contains("-- hazard: drop-table search: the table and all its rows are dropped\nDROP TABLE"),
        "{down}"
    );

    // Whatever looks at it finds nothing to do.
    env.run(&["generate", "--check"]).succeeded();
    env.run(&["check"]).succeeded();
    env.run(&["status"]).succeeded();
    assert!(env.run(&["migrate"]).stderr.contains("nothing is pending"));
    let push = env.run(&["push", "--dry-run"]);
    assert!(push.stderr.contains("nothing changed"), "{}", push.stderr);

    // The files make the same database, and it goes on from there.
    env.run(&["migrate", "--url", "new.db"]).succeeded();
    env.run(&["status", "--url", "new.db"]).succeeded();
    let text = env
        .read("src/schema.rs")
        .replace("pub struct Kv {", "pub struct Kv {\n    pub note: Option<String>,");
    env.write("src/schema.rs", &text);
    env.run(&["generate"]).succeeded();
    env.run(&["migrate"]).succeeded();
    let connection = Connection::open(env.path("app.db")).unwrap();
    connection.execute_batch("SELECT note FROM kv").unwrap();
}

#[test]
fn a_table_with_a_clause_that_only_the_database_knows_is_not_rebuilt() {
    let env = project(UNPLANNED);
    env.run(&["pull"]).succeeded();
    // The clause is remembered after a migration that leaves the table alone, too.
    for (from, to) in [
        ("pub struct Kv {", "pub struct Kv {\n    pub note: Option<String>,"),
        ("    pub name: Option<String>,\n    pub n: i64,", "    pub name: String,\n    pub n: f64,"),
    ] {
        env.write("src/schema.rs", &env.read("src/schema.rs").replace(from, to));
        if to.contains("note") {
            env.run(&["generate"]).succeeded();
        }
    }
    let stderr = env.run(&["generate", "--backfill", "conf.name=''"]).failed(3);
    assert!(stderr.contains("ON CONFLICT REPLACE"), "{stderr}");
}

#[test]
fn the_database_of_the_original_sprout_is_pulled() {
    let env = project(include_str!("../../../../sprout/tests/data/original.sql"));
    let run = env.run(&["pull", "--json"]).json();
    assert_eq!((run["tables"].as_i64(), run["migrations"].as_array().unwrap().len()), (Some(14), 1));
    assert_eq!(run["left_out"], serde_json::json!([]));
    env.run(&["generate", "--check"]).succeeded();
    env.run(&["check"]).succeeded();
    env.run(&["status"]).succeeded();
}

#[test]
fn a_rust_file_that_is_there_is_replaced_only_when_asked() {
    let env = project("CREATE TABLE trees (name TEXT PRIMARY KEY NOT NULL, height REAL)");
    let mine =
        "#[derive(Table)] #[table(name = \"trees\")] struct Tree { #[column(primary_key)] name: String }\n";
    env.write("src/schema.rs", mine);
    let stderr = env.run(&["pull"]).failed(2);
    assert!(stderr.contains("add column trees.height"), "{stderr}");
    assert!(stderr.contains("`--force` replaces it"), "{stderr}");
    assert_eq!(env.read("src/schema.rs"), mine);
    assert!(!env.path("migrations").exists());

    assert_eq!(env.run(&["pull", "--force", "--no-baseline"]).succeeded(), "src/schema.rs\n");
    assert!(env.read("src/schema.rs").contains("pub height: Option<f64>"));
    assert!(!env.path("migrations").exists());
    // With the baseline that was declined, and again, when there is nothing to write.
    env.run(&["pull"]).succeeded();
    let run = env.run(&["pull"]);
    assert!(run.stderr.contains("no baseline is written: there are migrations already"), "{}", run.stderr);
    assert_eq!(run.succeeded(), "");
}

#[test]
fn a_pull_that_was_stopped_before_the_database_knew_is_finished_by_the_next() {
    let env = project("CREATE TABLE trees (name TEXT PRIMARY KEY NOT NULL)");
    env.run(&["pull"]).succeeded();
    let connection = Connection::open(env.path("app.db")).unwrap();
    connection.execute_batch("DROP TABLE __seedbed_migrations; DROP TABLE __seedbed_objects").unwrap();
    drop(connection);
    let run = env.run(&["pull"]);
    assert!(run.stderr.contains("the database records it as applied now"), "{}", run.stderr);
    env.run(&["status"]).succeeded();
    assert!(env.run(&["migrate"]).stderr.contains("nothing is pending"));
}

#[test]
fn the_example_of_init_gives_way() {
    let env = project("CREATE TABLE trees (name TEXT PRIMARY KEY NOT NULL)");
    std::fs::remove_file(env.path("seedbed.toml")).unwrap();
    env.run(&["init"]).succeeded();
    env.run(&["pull"]).succeeded();
    assert!(env.read("src/schema.rs").contains("pub struct Tree"));
}

#[test]
fn a_database_without_tables_has_nothing_to_pull() {
    let env = project("");
    assert!(env.run(&["pull"]).failed(2).contains("the database has no table"));
    assert!(env.run(&["pull", "--url", "gone.db"]).failed(2).contains("there is no database at `gone.db`"));
    let folder = env.run(&["pull", "--schema", "."]).failed(2);
    assert!(folder.contains("is a folder"), "{folder}");
}

/// Other tools make such databases, and whoever has one can go on with it.
#[test]
fn what_does_not_work_in_the_database_itself_is_named_and_in_no_ones_way() {
    let env = project(
        "CREATE TABLE trees (name TEXT, height REAL); CREATE TABLE leaves (tree TEXT NOT NULL REFERENCES trees(name));
         CREATE TABLE gone (x TEXT); CREATE VIEW empty_view AS SELECT x FROM gone; DROP TABLE gone",
    );
    let run = env.run(&["pull"]);
    let told = "does not work, and is in no file: the view `empty_view`: ";
    assert!(run.stderr.contains(told) && run.stderr.contains("no such table: main.gone"), "{}", run.stderr);
    assert!(!run.succeeded().contains("by_hand"));
    // A key to what is not unique was there before, so it is no question now.
    assert!(env.read("src/schema.rs").contains("#[column(references = sql(\"trees(name)\"))]"));
    assert!(env.run(&["push", "--dry-run"]).stderr.contains("nothing changed"));
    let text = env.read("src/schema.rs").replace("pub height:", "pub age: Option<i64>,\n    pub height:");
    env.write("src/schema.rs", &text);
    env.run(&["generate"]).succeeded();
    env.run(&["migrate"]).succeeded();
    env.run(&["migrate", "--url", "new.db"]).succeeded();
}
