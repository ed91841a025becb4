//! `seedbed rollback` and `migrate --to`: what they say and how they exit.

use seedbed::rusqlite;

use crate::test_env::TestEnv;

const USERS: &str = "#[derive(Table)]\n#[table(name = \"users\")]\nstruct User {\n    #[column(primary_key)]\n    id: i64,\n    \
    name: String,\n}\n";

/// A project with two migrations that were run, and a row.
fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    env.write("src/schema.rs", USERS);
    env.run(&["generate"]).succeeded();
    env.run(&["migrate"]).succeeded();
    database(&env).execute_batch("INSERT INTO users (id, name) VALUES (1, 'ada')").unwrap();
    env.write("src/schema.rs", &USERS.replace("    name:", "    age: Option<i64>,\n    name:"));
    env.run(&["generate", "--name", "add age"]).succeeded();
    env.run(&["migrate"]).succeeded();
    env
}

fn database(env: &TestEnv) -> rusqlite::Connection {
    rusqlite::Connection::open(env.path("app.db")).unwrap()
}

#[test]
fn the_newest_migration_is_rolled_back() {
    let env = project();
    let run = env.run(&["rollback"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "0001_add_age\n"), "{}", run.stderr);
    assert!(run.stderr.contains("rolling back 0001_add_age"), "{}", run.stderr);
    assert!(run.stderr.contains("1 migration rolled back"), "{}", run.stderr);
    assert_eq!(env.run(&["migrate"]).succeeded(), "0001_add_age\n");
    assert_eq!(env.run(&["rollback", "--to", "empty"]).succeeded(), "0001_add_age\n0000_add_users\n");
    let run = env.run(&["rollback"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "nothing is to be rolled back\n"));
}

#[test]
fn a_dry_run_prints_the_way_back() {
    let env = project();
    let stdout = env.run(&["rollback", "--dry-run"]).succeeded();
    assert!(
        stdout.starts_with("-- 0001_add_age.down.sql\n") && stdout.contains("DROP COLUMN \"age\""),
        "{stdout}"
    );
    let object = env.run(&["rollback", "--to", "0", "--json"]).json();
    assert_eq!(
        (&object["direction"], &object["migrations"][0]["tag"]),
        (&"back".into(), &"0001_add_age".into())
    );
}

#[test]
fn migrate_to_a_name_goes_back_or_forward() {
    let env = project();
    assert_eq!(env.run(&["migrate", "--to", "add_users"]).succeeded(), "0001_add_age\n");
    assert_eq!(env.run(&["migrate", "--to", "1"]).succeeded(), "0001_add_age\n");
    let stderr = env.run(&["migrate", "--to", "add_agee"]).failed(2);
    assert!(
        stderr.contains("there is no migration `add_agee`") && stderr.contains("0001_add_age"),
        "{stderr}"
    );
}

#[test]
fn what_cannot_be_rolled_back_is_said_before_anything_changes() {
    let env = project();
    env.run(&["generate", "--custom", "--name", "by hand"]).succeeded();
    env.write("migrations/0002_by_hand.sql", "UPDATE users SET name = 'eve';\n");
    env.run(&["migrate"]).succeeded();
    let stderr = env.run(&["rollback", "--steps", "2"]).failed(1);
    assert!(
        stderr.contains("`0002_by_hand` cannot be undone") && stderr.contains("nothing was rolled back"),
        "{stderr}"
    );
    assert!(env.run(&["rollback", "--steps", "4"]).failed(1).contains("3 migrations are applied"));
    assert!(env.run(&["rollback", "--steps", "0"]).failed(2).contains("0 is not in"));
    assert!(env.run(&["rollback", "--url", "missing.db"]).failed(2).contains("there is no database"));
}
