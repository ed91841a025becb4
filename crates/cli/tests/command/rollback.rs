//! `seedbed rollback` and `migrate --to`: what they say and how they exit.

use seedbed::rusqlite;

use crate::test_env::{TestEnv, USERS};

/// A project with two migrations that were run, and a row.
fn project() -> TestEnv {
    let env = TestEnv::migrated(USERS);
    env.database().execute_batch("INSERT INTO users (id, name) VALUES (1, 'ada')").unwrap();
    env.write("src/schema.rs", &USERS.replace("    name:", "    age: Option<i64>,\n    name:"));
    env.run(&["generate", "--name", "add age"]).succeeded();
    env.run(&["migrate"]).succeeded();
    env
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

/// A project whose second migration has dropped the names of two people.
fn nameless() -> TestEnv {
    let env = TestEnv::migrated(USERS);
    env.database().execute_batch("INSERT INTO users (id, name) VALUES (1, 'ada'), (2, 'bob')").unwrap();
    env.write("src/schema.rs", &USERS.replace("    name: String,\n", ""));
    env.run(&["generate", "--name", "nameless"]).succeeded();
    env
}

fn names(env: &TestEnv) -> Vec<String> {
    let database = env.database();
    let mut select = database.prepare("SELECT id || name FROM users ORDER BY id").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_was_dropped_is_listed_and_comes_back() {
    let env = nameless();
    let run = env.run(&["migrate"]);
    assert!(run.stderr.contains("kept aside: users (name), 2 rows"), "{}", run.stderr);
    let line = env.run(&["kept"]).succeeded();
    assert!(line.starts_with("0001_nameless  users (name)") && line.contains("2 rows"), "{line}");
    let object = env.run(&["kept", "--json"]).json();
    assert_eq!((&object["kept"][0]["columns"][0], &object["kept"][0]["rows"]), (&"name".into(), &2.into()));
    env.database()
        .execute_batch("INSERT INTO users (id) VALUES (3); DELETE FROM users WHERE id = 1")
        .unwrap();
    let stderr = env.run(&["rollback"]).failed(4);
    assert!(stderr.contains("1 row was added to `users`") && stderr.contains("--backfill"), "{stderr}");
    assert!(env.run(&["rollback", "--backfill", "users.nam='x'"]).failed(1).contains("`users.name`"));
    assert!(env.run(&["migrate", "--backfill", "users.name='x'"]).failed(2).contains("--to"));
    let forward = env.run(&["migrate", "--to", "1", "--backfill", "users.name='x'", "--no-backup"]).failed(1);
    assert!(forward.contains("only a way back takes backfills") || forward.contains("no row"), "{forward}");
    let run = env.run(&["migrate", "--to", "0000_add_users", "--backfill", "users.name='number ' || id"]);
    assert!(run.stderr.contains("brought back: users (name), 2 rows"), "{}", run.stderr);
    assert_eq!(names(&env), ["2bob", "3number 3"]);
    assert_eq!(env.run(&["kept"]).stderr, "nothing is kept\n");
}

#[test]
fn what_is_kept_can_be_forgotten_or_declined() {
    let env = nameless();
    env.run(&["migrate"]).succeeded();
    assert!(env.run(&["forget", "--all"]).failed(3).contains("hint: pass `--yes`"));
    assert_eq!(env.run(&["forget", "--older-than", "1d", "--yes"]).stderr, "nothing is to be freed\n");
    assert!(env.run(&["forget", "7", "--yes"]).failed(2).contains("nothing is kept of a migration `7`"));
    assert!(env.run(&["forget"]).failed(2).contains("MIGRATION"));
    let run = env.run(&["forget", "1", "--yes"]);
    assert!(run.stdout.starts_with("0001_nameless  users (name)") && run.stderr.contains("freed"), "{run:?}");
    env.run(&["rollback"]).succeeded();
    assert_eq!(names(&env), ["1", "2"], "a placeholder");
    env.run(&["migrate", "--no-keep"]).succeeded();
    assert_eq!(env.run(&["kept"]).stderr, "nothing is kept\n");
}

#[test]
fn a_run_that_drops_data_makes_a_backup_first() {
    let env = nameless();
    let backups = |env: &TestEnv| -> Vec<String> {
        env.files().into_iter().filter(|file| file.contains(".before-")).collect()
    };
    let object = env.run(&["migrate", "--json"]).json();
    let [backup] = &backups(&env)[..] else { panic!("{:?}", env.files()) };
    assert!(backup.ends_with("Z.before-0001_nameless.db"), "{backup}");
    assert_eq!(object["backup"], backup.as_str());
    let copy = rusqlite::Connection::open(env.path(backup)).unwrap();
    assert_eq!(copy.query_row("SELECT count(name) FROM users", [], |row| row.get(0)), Ok(2));
    env.run(&["rollback"]).succeeded();
    assert_eq!(backups(&env).len(), 1, "going back loses nothing here");
    env.run(&["migrate", "--no-backup"]).succeeded();
    assert_eq!(backups(&env).len(), 1);
    let run = env.run(&["rollback", "--to", "empty"]);
    assert!(
        run.stderr.contains("was backed up to app.") && run.stderr.contains("before-0000_add_users.db"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_backup_before_a_migration_that_fails_at_once_is_removed_again() {
    let env = nameless();
    let file = "migrations/0001_nameless.sql";
    let whole = env.read(file);
    env.write(file, &format!("{whole}\n--> statement-breakpoint\nINSERT INTO users (nme) VALUES (1);\n"));
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(stderr.contains("nothing was changed, so the backup app."), "{stderr}");
    assert!(!env.files().iter().any(|file| file.contains(".before-")), "{:?}", env.files());
    env.write(file, &whole);
    env.run(&["migrate"]).succeeded();
    assert!(env.files().iter().any(|file| file.contains(".before-")), "{:?}", env.files());
}
