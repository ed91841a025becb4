//! `seedbed status`: what stands on stdout, what is wrong, and how it exits.

use seedbed::rusqlite;

use crate::test_env::{TestEnv, USERS};

/// A project with a migration that was run.
fn project() -> TestEnv {
    TestEnv::migrated(USERS)
}

#[test]
fn applied_and_pending_migrations_are_listed() {
    let env = project();
    env.write("src/schema.rs", &USERS.replace("name:", "age: Option<i64>,\n    name:"));
    env.run(&["generate"]).succeeded();
    let run = env.run(&["status"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(
        lines[0].starts_with("applied      0000_add_users         20") && lines[0].ends_with(" ms"),
        "{run:?}"
    );
    assert_eq!(lines[1], "pending      0001_add_age_to_users");
    assert_eq!((run.code, run.stderr.as_str()), (0, "1 migration pending; next: `seedbed migrate`\n"));
    assert_eq!(env.run(&["status", "--exit-pending"]).code, 1);
    let object = env.run(&["status", "--json"]).json();
    assert_eq!((&object["status"], &object["pending"]), (&"ok".into(), &1.into()));
    assert_eq!(object["migrations"][1]["state"], "pending");
    assert_eq!((&object["drift"]["state"], &object["next"]), (&"none".into(), &"seedbed migrate".into()));
}

#[test]
fn without_a_database_everything_is_pending_and_none_is_made() {
    let env = project();
    let run = env.run(&["status", "--url", "other.db"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "pending      0000_add_users\n"), "{}", run.stderr);
    assert!(run.stderr.contains("there is no database at `other.db` yet"), "{}", run.stderr);
    assert!(!env.path("other.db").exists());
}

#[test]
fn a_schema_that_was_changed_by_hand_is_shown_with_the_way_back() {
    let env = project();
    env.database().execute_batch("ALTER TABLE users ADD COLUMN nick TEXT; CREATE TABLE stray (x)").unwrap();
    let run = env.run(&["status"]);
    assert_eq!(run.code, 1);
    for part in
        ["since 0000_add_users", "add column users.nick", "DROP COLUMN \"nick\"", "DROP TABLE \"stray\""]
    {
        assert!(run.stdout.contains(part), "{part} is missing in\n{}", run.stdout);
    }
    assert!(run.stderr.contains("drifted by 2 changes"), "{}", run.stderr);
    let object = env.run(&["status", "--json"]).json();
    assert_eq!((&object["status"], &object["error"]["kind"]), (&"check".into(), &"check".into()));
    assert_eq!(object["drift"]["changes"][0]["change"], "create_table");
    assert!(object["drift"]["way_back"].as_str().is_some_and(|sql| sql.contains("DROP COLUMN")), "{object}");
}

/// A migration's way back takes kept values from a table that only the migrator makes.
#[test]
fn the_way_back_of_a_drift_runs_in_any_sqlite() {
    let env = project();
    env.database().execute_batch("ALTER TABLE users DROP COLUMN name").unwrap();
    let object = env.run(&["status", "--json"]).json();
    let way_back = object["drift"]["way_back"].as_str().unwrap();
    assert!(!way_back.contains("__seedbed_kept"), "{way_back}");
    env.database().execute_batch(way_back).unwrap();
    assert_eq!(env.run(&["status"]).code, 0);
}

#[test]
fn what_does_not_fit_is_named_with_its_way_out() {
    let env = project();
    let file = "migrations/0000_add_users.sql";
    let sql = env.read(file);
    env.write(file, &format!("{sql}\nSELECT 1;\n"));
    let run = env.run(&["status"]);
    assert!(run.stdout.starts_with("edited       0000_add_users"), "{run:?}");
    assert!(run.stderr.contains("seedbed repair --edited 0000_add_users"), "{}", run.stderr);
    std::fs::remove_file(env.path(file)).unwrap();
    let run = env.run(&["status"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.starts_with("missing      0000_add_users  20"), "{run:?}");
    assert!(run.stderr.contains("hint: restore `0000_add_users.sql`"), "{}", run.stderr);
}

#[test]
fn a_database_that_only_may_be_read_is_read() {
    let env = project();
    let read_only = |yes: bool| {
        let mut permissions = std::fs::metadata(env.path("app.db")).unwrap().permissions();
        permissions.set_readonly(yes);
        std::fs::set_permissions(env.path("app.db"), permissions).unwrap();
    };
    read_only(true);
    let run = env.run(&["status"]);
    read_only(false);
    assert_eq!((run.code, run.stderr.as_str()), (0, "up to date\n"));
    assert!(env.files().iter().all(|file| !file.ends_with("-wal") && !file.ends_with("-shm")));
}

#[test]
fn a_database_of_drizzle_is_told_apart() {
    let env = project();
    let connection = rusqlite::Connection::open(env.path("drizzle.db")).unwrap();
    connection.execute_batch("CREATE TABLE __drizzle_migrations (id, hash, created_at); INSERT INTO __drizzle_migrations VALUES (1, 'x', 1)").unwrap();
    let run = env.run(&["status", "--url", "drizzle.db"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("seedbed adopt"), "{}", run.stderr);
}

/// Another branch is checked out, and the database is the same.
#[test]
fn what_the_folder_does_not_have_is_undone_by_a_rollback() {
    let env = project();
    let files = ["users.sql", "users.down.sql"].map(|end| format!("migrations/0000_add_{end}"));
    files.iter().for_each(|file| std::fs::remove_file(env.path(file)).unwrap());
    std::fs::remove_file(env.path("migrations/meta/0000_snapshot.json")).unwrap();
    env.write("migrations/meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[]}"#);
    let stderr = env.run(&["migrate"]).failed(1);
    assert!(
        stderr.contains("the database is ahead") && stderr.contains("`seedbed rollback` undoes"),
        "{stderr}"
    );
    let run = env.run(&["status"]);
    assert!(run.code == 1 && run.stderr.contains("`seedbed rollback` undoes the newest without"), "{run:?}");
    assert_eq!(env.run(&["rollback"]).succeeded(), "0000_add_users\n");
    env.run(&["status"]).succeeded();
}
