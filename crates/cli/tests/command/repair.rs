//! `seedbed repair`: what it records, what it asks, and how it exits.

use crate::test_env::{TestEnv, USERS};

/// A project with a generated migration that was not run.
fn project() -> TestEnv {
    TestEnv::generated(USERS)
}

#[test]
fn a_migration_is_recorded_once_the_database_has_it() {
    let env = project();
    env.database().execute_batch("CREATE TABLE notes (x)").unwrap();
    let stderr = env.run(&["repair", "--applied", "0"]).failed(1);
    assert!(stderr.contains("create table users") && stderr.contains("--force"), "{stderr}");
    let object = env.run(&["repair", "--applied", "0", "--json"]).json();
    assert_eq!(object["error"]["differences"][0]["change"], "create_table");

    env.database().execute_batch(&env.read("migrations/0000_add_users.sql")).unwrap();
    let object = env.run(&["repair", "--applied", "add_users", "--dry-run", "--json"]).json();
    assert_eq!((&object["proved"], &object["changed"]), (&true.into(), &false.into()));
    let run = env.run(&["repair", "--applied", "add_users"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "`0000_add_users` recorded as applied\n"));
    assert_eq!(env.run(&["migrate"]).succeeded(), "");
    assert_eq!(env.run(&["status"]).code, 0);
    assert!(env.run(&["repair", "--applied", "0"]).stderr.contains("recorded so already"));
}

#[test]
fn an_edited_file_is_blessed_again() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    let file = "migrations/0000_add_users.sql";
    env.write(file, &env.read(file).replace("CREATE TABLE", "create table"));
    assert_eq!(env.run(&["status"]).code, 1);
    env.run(&["repair", "--edited", "0000_add_users"]).succeeded();
    assert_eq!(env.run(&["status"]).code, 0);
}

#[test]
fn what_only_a_person_can_know_is_a_question() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    env.run(&["generate", "--custom", "--name", "fill"]).succeeded();
    env.write("migrations/0001_fill.sql", "INSERT INTO users (id, name) VALUES (1, 'ada');\n");
    let stderr = env.run(&["repair", "--applied", "fill"]).failed(3);
    assert!(stderr.contains("leaves the schema as it was") && stderr.contains("--force"), "{stderr}");
    let run = env.run(&["repair", "--applied", "fill", "--force"]);
    assert!(run.code == 0 && run.stderr.contains("forced; nothing proves it"), "{run:?}");
    assert_eq!(env.run(&["repair", "--not-applied", "fill", "--force", "--json"]).json()["changed"], true);
    assert!(env.run(&["status"]).stdout.contains("pending      0001_fill"));
}

#[test]
fn a_repair_names_exactly_one_thing() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    assert!(env.run(&["repair"]).failed(2).contains("--edited"));
    assert!(env.run(&["repair", "--applied", "0", "--edited", "0"]).failed(2).contains("cannot be used"));
    assert!(env.run(&["repair", "--applied", "7"]).failed(2).contains("there is no migration `7`"));
}

/// The history of a database may still have the names from before the start of the folder was folded.
#[test]
fn what_was_folded_since_is_known_by_its_new_name() {
    let env = project();
    env.write("src/schema.rs", &USERS.replace("name:", "age: Option<i64>,\n    name:"));
    env.run(&["generate"]).succeeded();
    env.run(&["migrate"]).succeeded();
    env.run(&["squash", "--to", "1"]).succeeded();
    assert_eq!(env.run(&["repair", "--applied", "0", "--dry-run", "--json"]).json()["changed"], false);
    assert!(env.run(&["repair", "--applied", "0"]).stderr.contains("recorded so already"));
    let stderr = env.run(&["repair", "--not-applied", "0"]).failed(1);
    assert!(stderr.contains("drop table users"), "{stderr}");
    assert_eq!(env.run(&["status"]).stderr, "up to date\n");
}
