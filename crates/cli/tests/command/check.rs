//! `seedbed check`: what it finds in a folder, what it says about it, and what `--fix` puts right.

use crate::test_env::TestEnv;

/// A project with two migrations: `users`, and an age for them.
fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("src/schema.rs", &users("pub name: String,"));
    env.run(&["generate"]).succeeded();
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

const SECOND: &str = "migrations/0001_add_age_to_users.sql";
const SECOND_DOWN: &str = "migrations/0001_add_age_to_users.down.sql";
const SNAPSHOT: &str = "migrations/meta/0001_snapshot.json";
const JOURNAL: &str = "migrations/meta/_journal.json";

#[test]
fn a_folder_in_order_is_told_so() {
    let env = project();
    let run = env.run(&["check"]);
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (0, "", "in order: 2 migrations, there and back\n")
    );
    let object = env.run(&["check", "--json"]).json();
    assert_eq!((&object["migrations"], &object["tried"]), (&2.into(), &2.into()));
    assert!(object["findings"].as_array().unwrap().is_empty());
}

#[test]
fn everything_that_is_wrong_comes_at_once_with_its_place() {
    let env = project();
    env.write("migrations/0007_stray.sql", "SELECT 1;");
    env.write(SECOND, "-- a slip\nALTER TABEL users ADD COLUMN age;");
    env.write(SNAPSHOT, "{\"version\":9,\"tool\":\"seedbed\"}");
    let stderr = env.run(&["check"]).failed(1);
    for part in [
        "error: migrations/0001_add_age_to_users.sql:2: near \"TABEL\": syntax error\n",
        "error: migrations/meta/0001_snapshot.json: this snapshot has version 9, and this seedbed reads up to 1\n",
        "error: migrations/meta/_journal.json: it does not list `0007_stray`\n  hint: `seedbed rebase` lists it",
        "  hint: update seedbed to the version that wrote it\n",
        "3 faults in 2 migrations, of which 1 could be tried\n",
    ] {
        assert!(stderr.contains(part), "{part}\n{stderr}");
    }
    let object = env.run(&["check", "--json"]).json();
    assert_eq!(object["status"], "check");
    let codes: Vec<&str> = object["error"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["two-branches", "refused", "snapshot-newer"]);
}

#[test]
fn a_snapshot_that_is_not_what_the_files_make_is_found_and_mended() {
    let env = project();
    env.write(SECOND, "ALTER TABLE users ADD COLUMN age INTEGER; ALTER TABLE users ADD COLUMN nick TEXT;");
    env.write(SECOND_DOWN, "ALTER TABLE users DROP COLUMN nick; ALTER TABLE users DROP COLUMN age;");
    let stderr = env.run(&["check"]).failed(1);
    assert!(
        stderr.contains(&format!(
            "error: {SNAPSHOT}: is not what the files make: to be so it would still take `drop column users.nick`"
        )),
        "{stderr}"
    );
    assert!(stderr.contains("`seedbed check --fix` mends 1"), "{stderr}");
    let (up, down) = (env.read(SECOND), env.read(SECOND_DOWN));
    let run = env.run(&["check", "--fix"]);
    assert!(run.stderr.starts_with("mended: wrote `meta/0001_snapshot.json` anew\n"), "{}", run.stderr);
    assert_eq!(run.code, 0);
    assert!(env.read(SNAPSHOT).contains("\"nick\""));
    assert_eq!((env.read(SECOND), env.read(SECOND_DOWN)), (up, down), "an SQL file is never touched");
    env.run(&["check"]).succeeded();
}

#[test]
fn a_snapshot_that_is_lost_is_made_anew_as_it_was() {
    let env = project();
    let was = env.read(SNAPSHOT);
    std::fs::remove_file(env.path(SNAPSHOT)).unwrap();
    let stderr = env.run(&["check"]).failed(1);
    assert!(stderr.contains("`0001_add_age_to_users` has no snapshot"), "{stderr}");
    assert!(env.run(&["generate"]).failed(2).contains("let `seedbed check --fix` make it anew"));
    let object = env.run(&["check", "--fix", "--json"]).json();
    assert_eq!(object["fixed"][0], "wrote `meta/0001_snapshot.json` anew");
    assert_eq!(env.read(SNAPSHOT), was);
}

#[test]
fn a_way_back_that_does_not_lead_back_is_found() {
    let env = project();
    env.write(SECOND_DOWN, "ALTER TABLE users RENAME COLUMN age TO years;");
    let stderr = env.run(&["check"]).failed(1);
    assert!(
        stderr.contains(&format!(
            "error: {SECOND_DOWN}: does not lead back: still to do would be `drop column users.years`"
        )),
        "{stderr}"
    );
    env.write(SECOND_DOWN, "\nALTER TABLE users DROP COLUMN years;");
    let stderr = env.run(&["check"]).failed(1);
    assert!(stderr.contains(&format!("error: {SECOND_DOWN}:2: no such column: \"years\"")), "{stderr}");
}

#[test]
fn what_cannot_be_tried_is_named_and_is_no_fault() {
    let env = project();
    env.run(&["generate", "--custom", "--name", "mend data"]).succeeded();
    env.write("migrations/0002_mend_data.sql", "-- seedbed: skip-replay\nUPDATE legacy SET x = 1;");
    env.run(&["generate", "--custom", "--name", "shrink"]).succeeded();
    env.write("migrations/0003_shrink.sql", "-- seedbed: no-transaction\nVACUUM;");
    env.run(&["generate", "--custom", "--name", "hand made"]).succeeded();
    env.write("migrations/0004_hand_made.sql", "CREATE TABLE audit (x); CREATE TRIGGER t AFTER INSERT ON users BEGIN INSERT INTO audit VALUES (1); END;");
    let run = env.run(&["check"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in [
        "note: migrations/0002_mend_data.sql: not tried: it says `skip-replay`\n",
        "note: migrations/0003_shrink.sql: runs outside a transaction: it says `no-transaction`\n",
        "note: migrations/0004_hand_made.sql: has no way back; a rollback stops here\n",
    ] {
        assert!(run.stderr.contains(part), "{part}\n{}", run.stderr);
    }
}

#[test]
fn a_down_that_leaves_a_trigger_does_not_lead_back() {
    let env = project();
    env.run(&["generate", "--custom", "--name", "hand made"]).succeeded();
    env.write(
        "migrations/0002_hand_made.sql",
        "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END; CREATE TABLE audit (x);",
    );
    env.write("migrations/0002_hand_made.down.sql", "DROP TABLE audit;");
    let stderr = env.run(&["check"]).failed(1);
    assert!(stderr.contains("still to do would be `drop trigger t`"), "{stderr}");
}

#[test]
fn conflict_marks_in_the_journal_are_two_branches() {
    let env = project();
    let journal = env.read(JOURNAL);
    let entry = "      \"tag\": \"0001_add_age_to_users\",\n";
    let other = "      \"tag\": \"0001_add_nick\",\n";
    env.write(
        JOURNAL,
        &journal.replace(entry, &format!("<<<<<<< HEAD\n{entry}=======\n{other}>>>>>>> nick\n")),
    );
    env.write("migrations/0001_add_nick.sql", "ALTER TABLE users ADD COLUMN nick TEXT;");
    let stderr = env.run(&["check"]).failed(1);
    assert!(
        stderr.contains(&format!(
            "error: {JOURNAL}:16: two branches were merged: `0001_add_age_to_users` and `0001_add_nick` both follow \
             `0000_add_users`\n  hint: `seedbed rebase` "
        )),
        "{stderr}"
    );
}

#[test]
fn a_journal_in_disorder_is_put_in_order() {
    let env = project();
    let journal = env.read(JOURNAL);
    env.write(JOURNAL, &journal.replace("\"idx\": 1,", "\"idx\": 4,").replace("  ", "\t"));
    let stderr = env.run(&["check"]).failed(1);
    assert!(
        stderr.contains(&format!("error: {JOURNAL}:16: `0001_add_age_to_users` has the number 4")),
        "{stderr}"
    );
    env.run(&["check", "--fix"]).succeeded();
    assert_eq!(env.read(JOURNAL), journal);
}

#[test]
fn what_a_killed_write_left_is_removed() {
    let env = project();
    let files = env.files();
    let journal = env.read(JOURNAL);
    env.write("migrations/meta/_journal.json.new", &journal.replace("0001_add_age_to_users", "0001_killed"));
    env.write("migrations/0001_killed.sql", "CREATE TABLE half");
    let stderr = env.run(&["check"]).failed(1);
    assert!(
        stderr.contains("migrations/0001_killed.sql: left behind by a write that was killed"),
        "{stderr}"
    );
    env.run(&["check", "--fix"]).succeeded();
    assert_eq!(env.files(), files);
}

#[test]
fn a_rewriting_that_was_killed_is_finished() {
    let env = project();
    env.write("migrations/meta/_rewrite/list", "write 0 0001_add_age_to_users.down.sql\nremove 1 gone.sql\n");
    env.write("migrations/meta/_rewrite/0", "ALTER TABLE users DROP COLUMN age;\n");
    env.write("migrations/gone.sql", "");
    let stderr = env.run(&["migrate", "--url", "app.db"]).failed(2);
    assert!(
        stderr.contains("`migrations` are being rewritten") && stderr.contains("seedbed check --fix"),
        "{stderr}"
    );
    let run = env.run(&["check", "--fix"]);
    assert!(
        run.stderr.starts_with("mended: finished the rewriting that was interrupted\n"),
        "{}",
        run.stderr
    );
    assert_eq!(run.code, 0);
    assert_eq!(env.read(SECOND_DOWN), "ALTER TABLE users DROP COLUMN age;\n");
    assert!(!env.path("migrations/gone.sql").exists() && !env.path("migrations/meta/_rewrite").exists());
}

#[test]
fn a_file_that_the_journal_does_not_list_is_listed_by_rebase() {
    let env = project();
    env.write("migrations/0002_fill.sql", "UPDATE users SET age = 1 WHERE age IS NULL;");
    let run = env.run(&["rebase"]);
    assert!(run.stderr.starts_with("listed: 0002_fill (its SQL is kept)\n"), "{}", run.stderr);
    assert_eq!(run.code, 0);
    env.run(&["check"]).succeeded();
}
