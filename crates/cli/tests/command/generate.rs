//! `seedbed generate`: what it says and how it exits. What it writes is tested in the crates below.

use crate::test_env::TestEnv;

/// A project with a table, generated.
fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("src/schema.rs", &users("pub name: String,\n    pub age: Option<i64>,"));
    env.run(&["generate"]).succeeded();
    env
}

fn users(columns: &str) -> String {
    format!(
        "#[derive(Table)]\n#[table(name = \"users\")]\npub struct User {{\n    #[column(primary_key)]\n    \
         pub id: i64,\n    {columns}\n}}\n"
    )
}

#[test]
fn the_first_migration_makes_the_tables() {
    let env = TestEnv::new();
    env.write("src/schema.rs", &users("pub name: String,"));
    let run = env.run(&["generate"]);
    assert_eq!(run.stdout, "migrations/0000_add_users.sql\nmigrations/0000_add_users.down.sql\n");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(env.read("migrations/0000_add_users.sql").contains("CREATE TABLE \"users\""));
    assert_eq!(
        env.files(),
        [
            "migrations/0000_add_users.down.sql",
            "migrations/0000_add_users.sql",
            "migrations/meta/0000_snapshot.json",
            "migrations/meta/_journal.json",
            "src/schema.rs",
        ]
    );
}

#[test]
fn nothing_changed_writes_nothing_and_is_no_failure() {
    let env = project();
    let before = env.files();
    let run = env.run(&["generate"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert_eq!(run.stderr, "nothing changed: the newest migration leads to this schema\n");
    assert_eq!(env.run(&["generate", "--json"]).json()["migration"], serde_json::Value::Null);
    assert_eq!(env.run(&["generate", "--check"]).succeeded(), "");
    assert_eq!(env.files(), before);
}

#[test]
fn a_file_without_tables_is_told_before_everything_is_dropped() {
    let warning = "warning: `src/schema.rs` declares no table; other files are found by its `mod` lines\n";
    let env = TestEnv::new();
    env.write("src/schema.rs", "fn main() {}\n");
    let run = env.run(&["generate"]);
    assert_eq!((run.code, run.stderr), (0, format!("{warning}nothing changed\n")));
    let env = project();
    env.write("src/schema.rs", "fn main() {}\n");
    let run = env.run(&["generate"]);
    assert!(run.stderr.starts_with(warning) && run.stderr.contains("hazard: drop-table"), "{}", run.stderr);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let env = project();
    let stderr = env.run(&["generate", "--out", "src/schema.rs/x"]).failed(2);
    assert!(stderr.starts_with("error: `src/schema.rs/x` can't be read or written: "), "{stderr}");
}

#[test]
fn a_merge_conflict_is_called_by_its_name() {
    let env = project();
    for file in ["migrations/meta/0000_snapshot.json", "migrations/meta/_journal.json"] {
        let text = env.read(file);
        env.write(file, &format!("{{\n<<<<<<< HEAD\n{text}\n=======\n{text}\n>>>>>>> theirs\n"));
        let stderr = env.run(&["generate"]).failed(2);
        assert!(
            stderr.contains(&format!("`{file}` line 2: a merge conflict that is not resolved")),
            "{stderr}"
        );
        assert!(stderr.contains("hint: two branches were merged: `seedbed rebase` "), "{stderr}");
    }
}

#[test]
fn a_check_finds_a_missing_migration_and_writes_nothing() {
    let env = project();
    let before = env.files();
    env.write(
        "src/schema.rs",
        &users("pub name: String,\n    pub age: Option<i64>,\n    pub born: Option<i64>,"),
    );
    let stderr = env.run(&["generate", "--check"]).failed(1);
    assert_eq!(
        stderr,
        "error: a migration is missing: the schema asks for `add column users.born`\n\
         hint: `seedbed generate` writes it\n"
    );
    let run = env.run(&["generate", "--check", "--json"]);
    assert_eq!(run.code, 1);
    let object = run.json();
    assert_eq!(
        (&object["status"], &object["error"]["changes"][0]["column"]),
        (&"check".into(), &"born".into())
    );
    assert_eq!(env.files(), before);
}

#[test]
fn a_hazard_is_told_and_written_down() {
    let env = project();
    env.write("src/schema.rs", &users("pub name: String,"));
    let run = env.run(&["generate", "--name", "forget ages"]);
    assert_eq!(run.stdout.lines().next(), Some("migrations/0001_forget_ages.sql"));
    assert!(run.stderr.contains("hazard: drop-column users.age: "), "{}", run.stderr);
    assert!(env.read("migrations/0001_forget_ages.sql").contains("-- hazard: drop-column users.age: "));
}

#[test]
fn a_rename_is_a_question_with_the_flags_that_answer_it() {
    let env = project();
    let before = env.files();
    env.write("src/schema.rs", &users("pub full_name: String,\n    pub age: Option<i64>,"));
    let stderr = env.run(&["generate"]).failed(3);
    assert!(stderr.contains("is column `users.full_name` new, or renamed?"), "{stderr}");
    assert!(stderr.contains("--rename users.name:full_name"), "{stderr}");
    assert!(stderr.contains("--no-renames"), "{stderr}");
    assert!(env.run(&["generate", "--check"]).failed(1).contains("--rename users.name:full_name"));
    let run = env.run(&["generate", "--json"]);
    assert_eq!(run.code, 3);
    let object = run.json();
    assert_eq!(object["status"], "question");
    let question = &object["error"]["questions"][0];
    assert_eq!(question["candidates"][0]["flag"], "--rename users.name:full_name");
    assert_eq!(env.files(), before);

    let stdout = env.run(&["generate", "--rename", "users.name:full_name"]).succeeded();
    assert_eq!(stdout.lines().next(), Some("migrations/0001_rename_name_to_full_name_in_users.sql"));
    assert!(env.read(stdout.lines().next().unwrap()).contains("RENAME COLUMN \"name\" TO \"full_name\""));
}

#[test]
fn a_rename_that_cannot_be_is_a_usage_error() {
    let env = project();
    let stderr = env.run(&["generate", "--rename", "users.nme:name"]).failed(2);
    assert!(stderr.contains("table `users` has no column `nme` to rename"), "{stderr}");
    let stderr = env.run(&["generate", "--rename", "users"]).failed(2);
    assert!(stderr.contains("not of the form `table:new` or `table.column:new`"), "{stderr}");
}

#[test]
fn rows_without_a_value_are_a_question_that_backfill_answers() {
    let env = project();
    env.write(
        "src/schema.rs",
        &users("pub name: String,\n    pub age: Option<i64>,\n    pub state: String,"),
    );
    let stderr = env.run(&["generate"]).failed(3);
    assert!(stderr.contains("--backfill users.state='…'"), "{stderr}");
    assert_eq!(env.run(&["generate", "--json"]).json()["error"]["questions"][0]["column"], "state");
    let stdout = env.run(&["generate", "--backfill", "users.state='new'"]).succeeded();
    assert!(env.read(stdout.lines().next().unwrap()).contains("'new'"));
}

#[test]
fn a_backfill_that_sqlite_refuses_writes_nothing() {
    let env = project();
    let before = env.files();
    env.write(
        "src/schema.rs",
        &users("pub name: String,\n    pub age: Option<i64>,\n    pub state: String,"),
    );
    let stderr = env.run(&["generate", "--backfill", "users.state=no_such_function()"]).failed(4);
    assert!(stderr.contains("no_such_function"), "{stderr}");
    assert_eq!(env.files(), before);
}

#[test]
fn rows_that_were_made_up_are_not_to_be_mended() {
    let env = project();
    env.write("src/schema.rs", &users("pub name: String,\n    pub age: Option<i64>,\n    pub slug: String,"));
    let stderr = env.run(&["generate", "--backfill", "users.slug=NULL"]).failed(4);
    assert!(stderr.contains("hint: the rows were made up for the try"), "{stderr}");
}

#[test]
fn a_custom_migration_is_an_empty_pair() {
    let env = project();
    let stdout = env.run(&["generate", "--custom", "--name", "by hand"]).succeeded();
    assert_eq!(stdout, "migrations/0001_by_hand.sql\nmigrations/0001_by_hand.down.sql\n");
    assert_eq!(env.run(&["generate"]).succeeded(), "", "the schema is what it was");
    assert!(env.run(&["generate", "--custom", "--check"]).failed(2).contains("cannot be used with"));
}

#[test]
fn faults_of_the_schema_come_all_at_once_with_their_lines() {
    let env = TestEnv::new();
    env.write(
        "src/schema.rs",
        "mod users;\n#[derive(Table)]\nstruct Note {\n    #[column(defualt = 0)]\n    age: i64,\n}\n",
    );
    env.write("src/schema/users.rs", "#[derive(Table)]\nstruct User {\n    id: Wrong,\n}\n");
    let stderr = env.run(&["generate"]).failed(2);
    for part in
        ["src/schema.rs:4:14", "#[column(defualt = 0)]", "did you mean `default`?", "src/schema/users.rs:3:"]
    {
        assert!(stderr.contains(part), "{part} is missing in\n{stderr}");
    }
    let run = env.run(&["generate", "--json"]);
    assert_eq!(run.code, 2);
    let error = run.json()["error"].clone();
    assert_eq!((&error["kind"], error["faults"].as_array().map(Vec::len)), (&"schema".into(), Some(2)));
    assert!(!env.path("migrations").exists());
}

#[test]
fn a_folder_that_does_not_fit_together_is_refused() {
    let env = project();
    std::fs::remove_file(env.path("migrations/0000_add_users.sql")).unwrap();
    let stderr = env.run(&["generate"]).failed(1);
    assert!(stderr.contains("`migrations/0000_add_users.sql`"), "{stderr}");
}

#[test]
fn a_migration_that_was_not_applied_is_taken_back() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    env.write("src/schema.rs", &users("name: String,"));
    env.run(&["generate"]).succeeded();
    env.run(&["migrate"]).succeeded();
    let files = env.files();
    env.write("src/schema.rs", &users("name: String, age: Option<i64>,"));
    env.run(&["generate"]).succeeded();
    assert_eq!(
        env.run(&["generate", "--undo"]).succeeded(),
        "migrations/0001_add_age_to_users.sql\nmigrations/0001_add_age_to_users.down.sql\n\
         migrations/meta/0001_snapshot.json\n"
    );
    assert_eq!(env.files(), files);
    assert!(env.run(&["generate", "--check"]).failed(1).contains("add column users.age"));
    let stderr = env.run(&["generate", "--undo"]).failed(1);
    assert!(stderr.contains("`0000_add_users` was applied to `app.db`"), "{stderr}");
    std::fs::remove_file(env.path("app.db")).unwrap();
    env.run(&["generate", "--undo"]).succeeded();
    assert!(env.run(&["generate", "--undo"]).failed(1).contains("no migration to take back"));
}
