//! Questions at a terminal, typed by a person: `script`(1) is the terminal.
#![cfg(target_os = "linux")]

use crate::test_env::{TestEnv, assert_tells};

fn project(before: &str, after: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write("src/schema.rs", before);
    env.run(&["generate"]).succeeded();
    env.write("src/schema.rs", after);
    env
}

fn users(columns: &str) -> String {
    format!(
        "#[derive(Table)]\n#[table(name = \"users\")]\nstruct User {{\n    #[column(primary_key)]\n    id: i64,\n{columns}}}\n"
    )
}

#[test]
fn a_rename_is_chosen_by_its_number() {
    let env = project(&users("    name: String,\n"), &users("    full_name: String,\n"));
    let run = env.run_at_terminal(&["generate"], &[("1-2, or q", "x\n"), ("1-2, or q", "2\n")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_tells(
        &run.stdout,
        &[
            "is column `users.full_name` new, or renamed?",
            "1) it is new",
            "2) renamed from `name`",
            "please answer 1-2",
        ],
    );
    assert!(env.path("migrations/0001_rename_name_to_full_name_in_users.sql").exists(), "{:?}", env.files());
}

/// The answer about a table decides which of its columns are asked about next.
#[test]
fn tables_are_asked_about_before_their_columns() {
    let people = users("    full_name: String,\n").replace("\"users\"", "\"people\"");
    let env = project(&users("    name: String,\n"), &people);
    let run = env.run_at_terminal(
        &["generate", "--name", "people"],
        &[("`people` new, or renamed?", "2\n"), ("`people.full_name` new, or renamed?", "2\n")],
    );
    assert_eq!(run.code, 0, "{}", run.stdout);
    let sql = env.read("migrations/0001_people.sql");
    assert!(
        sql.contains("RENAME TO \"people\"") && sql.contains("RENAME COLUMN \"name\" TO \"full_name\""),
        "{sql}"
    );
}

#[test]
fn a_value_for_rows_is_asked_for() {
    let env = project(&users(""), &users("    state: String,\n"));
    let run = env.run_at_terminal(&["generate", "--name", "state"], &[("an SQL expression", "'new'\n")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(env.read("migrations/0001_state.sql").contains("'new'"));
}

#[test]
fn leaving_a_question_or_ending_the_input_changes_nothing() {
    let env = project(&users("    name: String,\n"), &users("    full_name: String,\n"));
    let before = env.files();
    for input in ["q\n", "\u{4}", ""] {
        let run = env.run_at_terminal(&["generate"], &[("or q to leave", input)]);
        assert_eq!(run.code, 3, "{input:?}: {}", run.stdout);
        assert!(run.stdout.contains("--rename users.name:full_name"), "{}", run.stdout);
    }
    assert_eq!(env.files(), before);
}

#[test]
fn ctrl_c_changes_nothing() {
    let env = project(&users("    name: String,\n"), &users("    full_name: String,\n"));
    let before = env.files();
    let run = env.run_at_terminal(&["generate"], &[("or q to leave", "\u{3}")]);
    assert_eq!(run.code, 130, "{}", run.stdout);
    assert_eq!(env.files(), before);
}

#[test]
fn a_check_and_json_ask_nobody() {
    let env = project(&users("    name: String,\n"), &users("    full_name: String,\n"));
    assert_eq!(env.run_at_terminal(&["generate", "--check"], &[]).code, 1);
    let run = env.run_at_terminal(&["generate", "--json"], &[]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("{\"status\":\"question\""), "{}", run.stdout);
}
