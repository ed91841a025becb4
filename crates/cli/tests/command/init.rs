//! `seedbed init`.

use crate::test_env::TestEnv;

#[test]
fn init_writes_the_two_files_and_says_what_comes_next() {
    let env = TestEnv::new();
    let run = env.run(&["init"]);
    assert_eq!(run.stdout, "seedbed.toml\nsrc/schema.rs\n");
    assert!(
        run.stderr.contains("1. add the `seedbed` crate to the dependencies in Cargo.toml"),
        "{}",
        run.stderr
    );
    assert_eq!(run.code, 0);
    assert_eq!(env.files(), ["seedbed.toml", "src/schema.rs"]);
    assert!(env.read("seedbed.toml").contains("schema = \"src/schema.rs\"\n"));
}

#[test]
fn init_leaves_existing_files_alone() {
    let env = TestEnv::new();
    env.write("src/schema.rs", "// mine\n");
    let run = env.run(&["init"]);
    assert_eq!(run.stdout, "seedbed.toml\n");
    assert!(run.stderr.starts_with("src/schema.rs is there already and stays as it is\n"), "{}", run.stderr);
    assert_eq!(env.read("src/schema.rs"), "// mine\n");
    assert_eq!(env.run(&["init"]).succeeded(), "");
}

#[test]
fn init_writes_where_the_flags_say() {
    let env = TestEnv::new();
    env.write("Cargo.toml", "[dependencies]\nseedbed = \"1\"\n");
    let arguments =
        ["init", "--config", "db/seedbed.toml", "--schema", "tables.rs", "--url", "a\"b.db", "--json"];
    let object = env.run(&arguments).json();
    assert_eq!(object["written"], serde_json::json!(["db/seedbed.toml", "db/tables.rs"]));
    assert!(env.read("db/seedbed.toml").contains("url = \"a\\\"b.db\"\n"));
}

#[test]
fn init_that_cannot_write_fails() {
    let env = TestEnv::new();
    env.write("src", "a file, where a folder should be");
    let stderr = env.run(&["init", "--json"]).json();
    assert_eq!(stderr["status"], "error");
    assert_eq!(stderr["error"]["message"], "cannot write `src/schema.rs`");
}

#[test]
fn init_writes_the_schema_that_the_configuration_names() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "schema = \"db/tables.rs\"\n");
    let run = env.run(&["init"]);
    assert!(run.stderr.contains("declare your tables in db/tables.rs"), "{}", run.stderr);
    assert_eq!(run.succeeded(), "db/tables.rs\n");
    env.write("seedbed.toml", "shcema = \"db/tables.rs\"\n");
    env.run(&["init"]).failed(2);
    assert_eq!(env.files(), ["db/tables.rs", "seedbed.toml"]);
}

#[test]
fn init_below_a_project_says_that_it_begins_another() {
    let env = TestEnv::new();
    env.run(&["init"]).succeeded();
    let run = env.run_with("src", &[], &["init"]);
    assert!(run.stderr.starts_with("note: here and below, the new seedbed.toml counts"), "{}", run.stderr);
    assert_eq!(run.succeeded(), "seedbed.toml\nsrc/schema.rs\n");
    assert!(!env.run_with("src", &[], &["init"]).stderr.contains("note: "));
}

#[test]
fn init_in_a_repository_says_what_not_to_commit() {
    let env = TestEnv::new();
    env.write(".git/HEAD", "ref: refs/heads/main\n");
    env.write(".gitignore", "/target\n");
    assert!(env.run(&["init"]).stderr.contains("add `*.db*` to .gitignore"));
    env.write(".gitignore", "/target\n*.db*\n");
    assert!(!env.run(&["init"]).stderr.contains(".gitignore"));
}
