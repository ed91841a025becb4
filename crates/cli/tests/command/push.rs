//! `seedbed push`: what it says, asks, and how it exits.

use seedbed::rusqlite;

use crate::test_env::TestEnv;

fn users(columns: &str) -> String {
    format!(
        "#[derive(Table)]\n#[table(name = \"users\")]\nstruct User {{\n    #[column(primary_key)]\n    id: i64,\n{columns}}}\n"
    )
}

/// A database with a user, pushed, and a schema that does without the name.
fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    env.write("src/schema.rs", &users("    name: String,\n"));
    env.run(&["push"]).succeeded();
    env.database().execute_batch("INSERT INTO users (id, name) VALUES (1, 'ada')").unwrap();
    env.write("src/schema.rs", &users(""));
    env
}

fn names(env: &TestEnv) -> rusqlite::Result<i64> {
    env.database().query_row("SELECT count(name) FROM users", [], |row| row.get(0))
}

#[test]
fn a_second_push_finds_nothing() {
    let env = TestEnv::new();
    env.write("src/schema.rs", &users("    name: String,\n"));
    let run = env.run(&["push", "--url", "app.db"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.contains("create table users"), "{}", run.stderr);
    let again = env.run(&["push", "--url", "app.db"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, "nothing changed: the database has this schema\n"));
    assert_eq!(env.run(&["push", "--url", "app.db", "--json"]).json()["changes"], serde_json::json!([]));
}

#[test]
fn a_dry_run_prints_the_sql_and_changes_nothing() {
    let env = project();
    let run = env.run(&["push", "--dry-run"]);
    assert!(run.stdout.contains("DROP COLUMN \"name\""), "{}", run.stdout);
    assert!(run.stderr.contains("hazard: drop-column users.name"), "{}", run.stderr);
    assert_eq!(names(&env), Ok(1));
    env.run(&["push", "--dry-run", "--url", "none.db"]).succeeded();
    assert!(!env.path("none.db").exists());
}

#[test]
fn losing_data_is_a_question_with_the_flag_that_answers_it() {
    let env = project();
    let stderr = env.run(&["push"]).failed(3);
    assert!(stderr.contains("--allow drop-column:users.name"), "{stderr}");
    let run = env.run(&["push", "--json"]);
    assert_eq!(run.code, 3);
    assert_eq!(run.json()["error"]["questions"][0]["flag"], "--allow drop-column:users.name");
    assert_eq!(names(&env), Ok(1));
    env.run(&["push", "--allow", "drop-column:users.other"]).failed(3);
    env.run(&["push", "--allow", "drop-column:users.name"]).succeeded();
    assert!(names(&env).is_err());
}

#[test]
fn consent_to_nothing_is_a_usage_error() {
    let env = project();
    for flag in ["nonsense", "drop-colum:users.name", "drop-column", "drop-column:"] {
        let stderr = env.run(&["push", "--allow", flag]).failed(2);
        assert!(stderr.contains(&format!("`--allow {flag}` names no hazard")), "{stderr}");
    }
}

#[test]
fn the_way_out_of_a_failed_push_speaks_of_no_migration() {
    let env = project();
    let stderr = |schema: &str, rows: &str| {
        env.write("src/schema.rs", schema);
        env.database().execute_batch(rows).unwrap();
        env.run(&["push", "--accept-data-loss"]).failed(4)
    };
    let by_hand = stderr(&users(""), "CREATE VIEW names AS SELECT name FROM users");
    let hint = "hint: the view `names` needs what goes: change its definition if the schema declares it; if it was made by \
        hand, drop it, push, and make it again\n";
    assert!(by_hand.ends_with(hint), "{by_hand}");
    let repeated = stderr(
        &users("    #[column(unique)]\n    name: String,\n"),
        "INSERT INTO users (name) VALUES ('ada')",
    );
    assert!(repeated.ends_with("hint: mend these rows first; the database is as it was\n"), "{repeated}");
}

#[test]
fn all_data_loss_can_be_accepted_at_once() {
    let env = project();
    env.run(&["push", "--accept-data-loss"]).succeeded();
    assert!(names(&env).is_err());
}

#[test]
fn tables_of_others_are_left_alone_and_named() {
    let env = project();
    env.database().execute_batch("CREATE TABLE audit (id INTEGER PRIMARY KEY)").unwrap();
    let run = env.run(&["push", "--accept-data-loss"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("left alone: table audit"), "{}", run.stderr);
    let count = env.database().query_row("SELECT count(*) FROM audit", [], |row| row.get::<_, i64>(0));
    assert_eq!(count, Ok(0));
    env.database().execute_batch("ALTER TABLE users ADD COLUMN by_hand TEXT").unwrap();
    let run = env.run(&["push"]);
    let told =
        "left alone: column users.by_hand, table audit\nnothing changed: the database has this schema\n";
    assert_eq!((run.code, run.stderr.as_str()), (0, told));
}

#[test]
fn a_rename_and_a_missing_value_are_questions_here_too() {
    let env = project();
    env.write("src/schema.rs", &users("    full_name: String,\n"));
    assert!(env.run(&["push"]).failed(3).contains("--rename users.name:full_name"));
    env.write("src/schema.rs", &users("    name: String,\n    state: String,\n"));
    assert!(env.run(&["push"]).failed(3).contains("--backfill users.state='…'"));
    env.run(&["push", "--backfill", "users.state='new'"]).succeeded();
    let state = env.database().query_row("SELECT state FROM users", [], |row| row.get::<_, String>(0));
    assert_eq!(state.as_deref(), Ok("new"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_is_asked_and_only_yes_is_yes() {
    let env = project();
    for answer in ["\n", "n\n", "\u{4}"] {
        let run = env.run_at_terminal(&["push"], &[("run this nevertheless? [y/N]", answer)]);
        assert_eq!(run.code, 3, "{answer:?}: {}", run.stdout);
        assert_eq!(names(&env), Ok(1));
    }
    let run = env.run_at_terminal(&["push"], &[("run this nevertheless? [y/N]", "y\n")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(names(&env).is_err());
}
