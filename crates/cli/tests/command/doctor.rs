//! `seedbed doctor`: what it finds, and which command it names.

use serde_json::Value;

use crate::test_env::TestEnv;

const USERS: &str = "#[derive(Table)]\n#[table(name = \"users\")]\nstruct User {\n    #[column(primary_key)]\n    id: i64,\n    \
    #[column(references = User::id)]\n    parent: Option<i64>,\n}\n";

/// A project with a migration that was run.
fn project() -> TestEnv {
    TestEnv::migrated(USERS)
}

/// Returns the level and the text of what was found about a subject.
fn found(object: &Value, subject: &str) -> (String, String) {
    let findings = object["findings"].as_array().unwrap().iter();
    let about: Vec<&Value> = findings.filter(|finding| finding["subject"] == subject).collect();
    let first = about.first().unwrap_or_else(|| panic!("nothing about {subject} in {object}"));
    let text =
        format!("{} {}", first["message"].as_str().unwrap(), first["hint"].as_str().unwrap_or_default());
    (first["level"].as_str().unwrap().to_owned(), text)
}

fn doctor(env: &TestEnv, arguments: &[&str]) -> (i32, Value) {
    let run = env.run(&[&["doctor", "--json"], arguments].concat());
    (run.code, run.json())
}

#[test]
fn a_healthy_project_is_well() {
    let env = project();
    let files = env.files();
    let run = env.run(&["doctor"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "all is well\n"), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.starts_with("ok  ")), "{}", run.stdout);
    assert!(run.stdout.contains("ok       schema         src/schema.rs, 1 table\n"), "{}", run.stdout);
    assert_eq!(env.files(), files);
    let (_, object) = doctor(&env, &[]);
    for subject in ["configuration", "sqlite", "migrations", "generate", "database", "permissions", "locks"] {
        assert_eq!(found(&object, subject).0, "ok", "{subject}");
    }
    for subject in ["side files", "journal", "integrity", "foreign keys", "status", "disk space"] {
        assert_eq!(found(&object, subject).0, "ok", "{subject}");
    }
}

#[test]
fn an_empty_folder_is_told_what_to_begin_with() {
    let env = TestEnv::new();
    let (code, object) = doctor(&env, &[]);
    assert_eq!(code, 1);
    assert!(found(&object, "configuration").1.contains("seedbed init"));
    assert_eq!(found(&object, "schema").0, "fault");
    assert!(found(&object, "database").1.contains("url = "));
}

#[test]
fn faults_name_what_mends_them() {
    let env = project();
    let connection = env.database();
    connection.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO users VALUES (1, 7), (2, 8)").unwrap();
    connection.execute_batch("PRAGMA journal_mode = DELETE; ALTER TABLE users ADD COLUMN hand TEXT").unwrap();
    drop(connection);
    env.write("src/schema.rs", &USERS.replace("parent:", "parent: Option<Wrong>, other:"));
    env.write("migrations/0007_stray.sql", "SELECT 1;");
    let (code, object) = doctor(&env, &[]);
    assert_eq!(code, 1);
    assert!(found(&object, "foreign keys").1.contains("2 rows of `users` refer to nothing in `users`"));
    assert!(found(&object, "schema").1.contains("Wrong"), "{object}");
    assert!(found(&object, "migrations").1.contains("0007_stray.sql"), "{object}");
    assert_eq!(object.to_string().matches("0007_stray.sql").count(), 1, "{object}");
    assert_eq!(found(&object, "journal").0, "warning");
    std::fs::remove_file(env.path("migrations/0007_stray.sql")).unwrap();
    let (_, object) = doctor(&env, &["--quick"]);
    assert!(found(&object, "status").1.contains("seedbed status"), "{object}");
    assert!(!object.to_string().contains("foreign keys"), "{object}");
}

#[test]
fn a_damaged_database_is_found() {
    let env = project();
    env.database()
        .execute_batch("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO users SELECT i, NULL FROM n; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let mut bytes = std::fs::read(env.path("app.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 2000].fill(0xff);
    std::fs::write(env.path("app.db"), bytes).unwrap();
    let (code, object) = doctor(&env, &[]);
    assert_eq!((code, found(&object, "integrity").0.as_str()), (1, "fault"), "{object}");
    assert!(found(&object, "integrity").1.contains("seedbed restore"));
    env.write("app.db", &"this is no database\n".repeat(100));
    let (code, object) = doctor(&env, &[]);
    assert!(code == 1 && found(&object, "database").1.contains("not a SQLite database"), "{object}");
}

/// A rollback journal with its header, as a program that was killed leaves it.
#[test]
fn an_interrupted_transaction_is_named_and_left_as_it_is() {
    let env = project();
    env.database().execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    let mut journal = vec![0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    journal.extend([0; 1000]);
    std::fs::write(env.path("app.db-journal"), &journal).unwrap();
    let (code, object) = doctor(&env, &[]);
    let (level, text) = found(&object, "side files");
    assert!(code == 0 && level == "warning" && text.contains("interrupted transaction"), "{object}");
    assert_eq!(std::fs::read(env.path("app.db-journal")).unwrap(), journal);
}

#[test]
fn what_a_killed_backup_left_is_named_until_the_next_removes_it() {
    let env = project();
    env.write("app.2026-01-31T12-00-00Z.backup.db.4711.unfinished", "half");
    let (code, object) = doctor(&env, &[]);
    let (level, text) = found(&object, "side files");
    assert!(
        code == 0 && level == "warning" && text.contains("`app.2026-01-31T12-00-00Z.backup.db.47"),
        "{object}"
    );
    env.run(&["backup"]).succeeded();
    let (_, object) = doctor(&env, &[]);
    assert_eq!(found(&object, "side files").0, "ok");
}

#[cfg(target_os = "linux")]
#[test]
fn who_holds_the_database_is_named() {
    let env = project();
    let holder = env.database();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let name = format!("process {} (", std::process::id());
    let (code, object) = doctor(&env, &[]);
    assert_eq!(code, 0, "{object}");
    let (level, text) = found(&object, "locks");
    assert!(level == "warning" && text.contains(&name) && text.contains("is writing"), "{text}");
    holder.execute_batch("ROLLBACK; BEGIN; SELECT * FROM users").unwrap();
    let (level, text) = found(&doctor(&env, &[]).1, "locks");
    assert!(level == "ok" && text.contains(&name) && text.contains("is reading"), "{text}");
}

/// The fourth of the common troubles: a rename that became a drop and a new column.
#[test]
fn a_generated_migration_that_loses_data_is_pointed_out() {
    let env = project();
    env.write("src/schema.rs", &USERS.replace("parent:", "superior:"));
    let run = env.run(&["generate", "--no-renames"]);
    assert!(
        run.stderr.contains("hint: if this is not what you meant, `seedbed generate --undo`"),
        "{}",
        run.stderr
    );
    let (_, object) = doctor(&env, &[]);
    let text = object.to_string();
    assert!(
        text.contains("loses data: drop-column users.parent") && text.contains("generate --undo"),
        "{text}"
    );
    env.run(&["generate", "--undo"]).succeeded();
    env.run(&["generate", "--rename", "users.parent:superior"]).succeeded();
    env.run(&["migrate"]).succeeded();
    assert_eq!(env.run(&["status"]).stderr, "up to date\n");
}
