//! `seedbed seed` and `seedbed reset`: rows for development, and a new beginning.

use seedbed::rusqlite::Connection;

use crate::test_env::TestEnv;

const SCHEMA: &str = "#[derive(Table)]\n#[table(name = \"users\")]\nstruct User {\n    #[column(primary_key)]\n    id: i64,\n    \
    #[column(unique)]\n    email: String,\n}\n#[derive(Table)]\n#[table(name = \"posts\")]\nstruct Post {\n    \
    #[column(primary_key)]\n    id: i64,\n    #[column(references = User::id)]\n    user_id: i64,\n    title: String,\n}\n";

/// A migrated database; `seed` is a line of seedbed.toml.
fn project(seed: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", &format!("url = \"app.db\"\n{seed}\n"));
    env.write("src/schema.rs", SCHEMA);
    env.write("seeds/dev.sql", "-- Two people.\nINSERT INTO users (id, email) VALUES (1, 'ada@example.org');\nINSERT INTO users (id, email) VALUES (2, 'bob@example.org');\n");
    env.run(&["generate", "--name", "base"]).succeeded();
    env.run(&["migrate"]).succeeded();
    env
}

fn count(env: &TestEnv, table: &str) -> i64 {
    let connection = Connection::open(env.path("app.db")).unwrap();
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn a_sql_file_runs_in_one_transaction() {
    let env = project("seed = \"seeds/dev.sql\"");
    let run = env.run(&["seed"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "seeded: 2 statements of seeds/dev.sql\n"));
    assert_eq!(count(&env, "users"), 2);
    env.write("bad.sql", "INSERT INTO users (id, email) VALUES (3, 'c@d.e');\n\nINSERT INTO posts (id, user_id, title)\n  VALUES (1, 9, 'x');\n");
    let json = env.run(&["seed", "bad.sql", "--json"]).json();
    assert_eq!((&json["error"]["file"], &json["error"]["line"]), (&"bad.sql".into(), &3.into()), "{json}");
    assert_eq!(count(&env, "users"), 2);
    let stderr = env.run(&["seed", "bad.sql"]).failed(4);
    assert!(stderr.contains("`bad.sql` line 3: FOREIGN KEY constraint failed"), "{stderr}");
}

#[test]
fn a_command_is_told_the_database() {
    let env = project("seed = { command = \"echo talk; echo \\\"$SEEDBED_URL\\\" > told\" }");
    let run = env.run_with(".", &[("PATH", "/usr/bin:/bin")], &["seed"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.starts_with("talk\n"), "{}", run.stderr);
    assert_eq!(env.read("told").trim_end(), env.path("app.db").to_str().unwrap());
    env.write("seedbed.toml", "url = \"app.db\"\nseed = { command = \"echo sorry; exit 7\" }\n");
    let stderr = env.run(&["seed"]).failed(2);
    assert!(stderr.contains("the seed `echo sorry; exit 7` failed: exit status: 7"), "{stderr}");
    assert_eq!(env.run(&["seed", "--json"]).json()["error"]["output"], "sorry\n");
}

#[test]
fn a_seed_that_is_none_is_a_fault_with_its_line() {
    let env = project("");
    assert!(env.run(&["seed"]).failed(2).contains("names no `seed`"));
    for (line, reason) in [
        ("seed = \"none.sql\"", "there is no seed at `none.sql`"),
        ("seed = 3", "expected the path of a SQL file"),
        ("seed = { comand = \"x\" }", "unknown field `comand`"),
        ("seed = {}", "missing field `command`"),
        ("seed = \"\"", "the seed is empty"),
    ] {
        env.write("seedbed.toml", &format!("url = \"app.db\"\n{line}\n"));
        let stderr = env.run(&["seed"]).failed(2);
        assert!(stderr.contains(reason) && stderr.contains("seedbed.toml:2"), "{line}: {stderr}");
    }
    env.write("seedbed.toml", "url = \"none.db\"\nseed = \"seeds/dev.sql\"");
    assert!(env.run(&["seed"]).failed(2).contains("`seedbed migrate` makes a new database"));
}

#[test]
fn a_seed_on_an_old_database_says_that_migrations_are_pending() {
    let env = project("seed = \"seeds/dev.sql\"");
    Connection::open(env.path("old.db")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let stderr = env.run(&["seed", "--url", "old.db"]).failed(4);
    assert!(
        stderr.contains("no such table: users") && stderr.contains("`seedbed migrate` first"),
        "{stderr}"
    );
}

#[test]
fn made_up_rows_fill_every_table() {
    let env = project("");
    let run = env.run(&["seed", "--rows", "40"]);
    assert!(run.stderr.starts_with("seeded: 80 rows in 2 tables"), "{}", run.stderr);
    assert_eq!(run.succeeded(), "users\t40\nposts\t40\n");
    assert_eq!((count(&env, "users"), count(&env, "posts")), (40, 40));
    let json = env.run(&["seed", "--rows", "5", "--seed", "9", "--table", "posts", "--json"]).json();
    assert_eq!((&json["rows"], &json["tables"]["posts"]["rows"]), (&5.into(), &5.into()), "{json}");
    assert!(
        env.run(&["seed", "--rows", "5", "--table", "post"])
            .failed(2)
            .contains("the tables are: users, posts")
    );
    env.run(&["seed", "--rows", "0"]).failed(2);
    env.run(&["seed", "--seed", "1"]).failed(2);
    env.run(&["seed", "seeds/dev.sql", "--rows", "1"]).failed(2);
}

#[test]
fn a_condition_that_nothing_meets_is_named_and_nothing_stays() {
    let env = project("");
    let connection = Connection::open(env.path("app.db")).unwrap();
    connection
        .execute_batch("CREATE TABLE never (a INTEGER NOT NULL CONSTRAINT never_a CHECK (a > 1 AND a < 1))")
        .unwrap();
    let stderr = env.run(&["seed", "--rows", "5"]).failed(4);
    assert!(stderr.contains("`never` takes no row: CHECK constraint failed: never_a"), "{stderr}");
    assert_eq!(count(&env, "users"), 0);
    env.run(&["seed", "--rows", "5", "--table", "users"]).succeeded();
}

#[test]
fn a_reset_asks_backs_up_migrates_and_seeds() {
    let env = project("seed = \"seeds/dev.sql\"");
    env.run(&["seed", "--rows", "30"]).succeeded();
    let server = Connection::open(env.path("app.db")).unwrap();
    server.execute_batch("CREATE TABLE extra (x); CREATE VIEW v AS SELECT 1; CREATE VIRTUAL TABLE search USING fts5(t); INSERT INTO search VALUES ('a')").unwrap();
    let stderr = env.run(&["reset"]).failed(3);
    assert!(
        stderr.contains("lost: 30 rows of posts") && stderr.contains("lost: 1 row of search"),
        "{stderr}"
    );
    assert_eq!(count(&env, "posts"), 30);
    let kept = env.run(&["reset", "--yes"]).succeeded();
    assert!(kept.starts_with("app.20") && kept.ends_with("Z.before-reset.db\n"), "{kept}");
    let users: i64 = server.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
    let others = "SELECT count(*) FROM sqlite_schema WHERE name IN ('extra', 'v', 'search', 'search_data')";
    let others: i64 = server.query_row(others, [], |row| row.get(0)).unwrap();
    assert_eq!((users, others), (2, 0));
    assert!(env.run(&["migrate"]).stderr.contains("nothing is pending"));
    let json = env.run(&["reset", "--yes", "--no-backup", "--no-seed", "--json"]).json();
    assert_eq!((&json["kept"], &json["lost"]["users"]), (&serde_json::Value::Null, &2.into()), "{json}");
    assert_eq!(count(&env, "users"), 0);
}

#[test]
fn a_reset_makes_a_database_that_is_not_there() {
    let env = project("");
    let run = env.run(&["reset", "--url", "new.db"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "reset: new.db, 1 migration\n"));
}

#[test]
fn a_reset_leaves_databases_of_others_alone() {
    let env = project("");
    let other = Connection::open(env.path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    let stderr = env.run(&["reset", "--yes", "--url", "other.db"]).failed(2);
    assert!(stderr.contains("no migration of `migrations` was run on it"), "{stderr}");
    other.execute_batch("CREATE TABLE __drizzle_migrations (id, hash, created_at); INSERT INTO __drizzle_migrations VALUES (1, 'x', 1)").unwrap();
    assert!(
        env.run(&["reset", "--yes", "--url", "other.db"]).failed(2).contains("`seedbed adopt` takes it over")
    );
}

#[test]
fn a_migration_that_fails_leaves_the_database_as_it_was() {
    let env = project("");
    env.run(&["seed", "--rows", "3"]).succeeded();
    env.run(&["generate", "--custom", "--name", "broken"]).succeeded();
    env.write("migrations/0001_broken.sql", "INSERT INTO nowhere VALUES (1);\n");
    let stderr = env.run(&["reset", "--yes"]).failed(4);
    assert!(stderr.contains("no such table: nowhere"), "{stderr}");
    assert_eq!(count(&env, "posts"), 3);
}

#[test]
fn a_seed_waits_for_who_writes_no_longer_than_allowed() {
    let env = project("seed = \"seeds/dev.sql\"");
    let holder = Connection::open(env.path("app.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    for arguments in
        [&["seed", "--rows", "3", "--lock-timeout", "1ms"][..], &["seed", "--lock-timeout", "1ms"]]
    {
        let stderr = env.run(arguments).failed(4);
        assert!(stderr.contains("database is locked"), "{stderr}");
        #[cfg(target_os = "linux")]
        {
            let process = format!("process {} (", std::process::id());
            assert!(stderr.starts_with(&format!("waiting: {process}")), "{stderr}");
            assert!(stderr.contains(&format!("hint: {process}")), "{stderr}");
        }
    }
    holder.execute_batch("ROLLBACK").unwrap();
    env.run(&["seed", "--rows", "3"]).succeeded();
}
