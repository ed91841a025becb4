//! `seedbed migrate` and `seedbed adopt`: what they say and how they exit.

use seedbed::Connection;

use crate::test_env::{TestEnv, USERS, assert_tells};

/// A project with a generated migration that was not run.
fn project() -> TestEnv {
    TestEnv::generated(USERS)
}

#[test]
fn pending_migrations_are_run_once() {
    let env = project();
    let run = env.run(&["migrate"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "0000_add_users\n"), "{}", run.stderr);
    assert!(
        run.stderr.contains("running 0000_add_users") && run.stderr.contains("1 migration done"),
        "{}",
        run.stderr
    );
    assert_eq!(env.database().query_row("SELECT count(*) FROM users", [], |row| row.get(0)), Ok(0));
    let again = env.run(&["migrate"]);
    assert_eq!((again.code, again.stdout.as_str(), again.stderr.as_str()), (0, "", "nothing is pending\n"));
}

#[test]
fn a_dry_run_prints_the_sql_and_makes_no_database() {
    let env = project();
    let stdout = env.run(&["migrate", "--dry-run"]).succeeded();
    assert!(
        stdout.starts_with("-- 0000_add_users.sql\n") && stdout.contains("CREATE TABLE \"users\""),
        "{stdout}"
    );
    let object = env.run(&["migrate", "--dry-run", "--json"]).json();
    assert_eq!(
        (&object["dry_run"], &object["migrations"][0]["tag"]),
        (&true.into(), &"0000_add_users".into())
    );
    assert!(!env.path("app.db").exists());
}

#[test]
fn json_tells_what_was_run() {
    let object = project().run(&["migrate", "--json"]).json();
    assert_eq!(object["status"], "ok");
    let migration = &object["migrations"][0];
    assert_eq!((&migration["tag"], &migration["statements"]), (&"0000_add_users".into(), &1.into()));
    assert!(migration["milliseconds"].is_f64());
}

#[test]
fn a_failing_statement_is_shown_with_its_file_line_and_rows() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    env.database().execute_batch("INSERT INTO users (id, name) VALUES (1, 'ada'), (2, 'ada')").unwrap();
    env.write("src/schema.rs", &USERS.replace("    name:", "    #[column(unique)]\n    name:"));
    env.run(&["generate", "--name", "unique names"]).succeeded();
    let stderr = env.run(&["migrate"]).failed(4);
    assert_tells(&stderr, &["0001_unique_names.sql", "line ", "UNIQUE", "'ada'"]);
    let run = env.run(&["migrate", "--json"]);
    assert_eq!(run.code, 4);
    let error = run.json()["error"].clone();
    assert_eq!((&error["kind"], error["line"].is_u64()), (&"database".into(), true), "{error}");
    assert!(error["rows"].as_array().is_some_and(|rows| !rows.is_empty()), "{error}");
}

#[test]
fn an_applied_file_that_was_edited_is_found() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    let file = "migrations/0000_add_users.sql";
    env.write(file, &env.read(file).replace("TEXT", "BLOB"));
    let stderr = env.run(&["migrate"]).failed(1);
    assert!(stderr.contains("0000_add_users.sql` was changed after it was applied"), "{stderr}");
    assert!(stderr.contains("hint: restore"), "{stderr}");
}

#[test]
fn hazards_can_be_denied() {
    let env = project();
    env.write("src/schema.rs", &USERS.replace("    name: String,\n", ""));
    env.run(&["generate", "--name", "nameless"]).succeeded();
    let stderr = env.run(&["migrate", "--deny-hazards"]).failed(1);
    assert!(stderr.contains("drop-column users.name"), "{stderr}");
    let file = "migrations/0001_nameless.sql";
    let allow = "-- seedbed: allow drop-column users.name because names are elsewhere now\n";
    env.write(file, &format!("{allow}{}", env.read(file)));
    assert_eq!(env.run(&["migrate", "--deny-hazards"]).succeeded(), "0000_add_users\n0001_nameless\n");

    env.run(&["generate", "--custom", "--name", "by hand"]).succeeded();
    env.write("migrations/0002_by_hand.sql", "\nDELETE FROM users;\n");
    let stderr = env.run(&["migrate", "--deny-hazards"]).failed(1);
    assert!(stderr.contains("`0002_by_hand.sql` line 2: delete-rows users"), "{stderr}");
    assert!(stderr.contains("-- seedbed: allow <code> <name> because"), "{stderr}");
    let allow = "-- seedbed: allow delete-rows users because they are test data\n";
    env.write("migrations/0002_by_hand.sql", &format!("{allow}DELETE FROM users;\n"));
    assert_eq!(env.run(&["migrate", "--deny-hazards"]).succeeded(), "0002_by_hand\n");
}

#[test]
fn a_file_that_does_not_do_what_its_snapshot_says_is_stopped() {
    let env = project();
    let file = "migrations/0000_add_users.sql";
    let sql = env.read(file);
    env.write(file, &sql.replace("\"name\" TEXT NOT NULL", "\"name\" INTEGER NOT NULL"));
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(stderr.contains("snapshot says: it still needs `alter column users.name`"), "{stderr}");
    assert!(stderr.contains("`seedbed check --fix`"), "{stderr}");
    assert_eq!(env.database().query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)), Ok(0));
    // The file is meant: its snapshot follows.
    env.run(&["check", "--fix"]).succeeded();
    env.run(&["migrate"]).succeeded();
    env.run(&["status"]).succeeded();
}

#[test]
fn what_drifted_or_was_made_by_hand_stops_no_migration() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    env.database()
        .execute_batch("ALTER TABLE users ADD COLUMN extra TEXT; CREATE INDEX by_hand ON users (name); CREATE TABLE tags (x);")
        .unwrap();
    let tags = "#[derive(Table)]\n#[table(name = \"tags\")]\nstruct Tag {\n    #[column(primary_key)]\n    id: i64,\n}\n";
    let aged = USERS.replace("    name:", "    age: Option<i64>,\n    name:");
    env.write("src/schema.rs", &format!("{aged}{tags}"));
    env.run(&["generate", "--name", "more"]).succeeded();
    // Somebody did not want to hear that there is a table `tags`.
    let file = "migrations/0001_more.sql";
    env.write(file, &env.read(file).replace("CREATE TABLE \"tags\"", "CREATE TABLE IF NOT EXISTS \"tags\""));
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(stderr.contains("it still needs `add column tags.id`, `alter primary key of tags`"), "{stderr}");
    env.database().execute_batch("DROP TABLE tags").unwrap();
    let down = "migrations/0001_more.down.sql";
    env.write(down, &env.read(down).replace("DROP TABLE \"tags\"", "DELETE FROM \"tags\""));
    env.run(&["migrate"]).succeeded();
    // A way back is not stopped; what it leaves is said.
    let run = env.run(&["rollback"]);
    assert!(run.stderr.contains("the way back leaves something to do: drop table tags"), "{}", run.stderr);
    assert_eq!(run.succeeded(), "0001_more\n");
}

#[test]
fn a_folder_that_is_not_there_makes_no_database() {
    let env = TestEnv::new();
    let stderr = env.run(&["migrate", "--url", "app.db", "--out", "no/migrations"]).failed(2);
    assert!(stderr.contains("there is no migrations folder at `no/migrations` (from `--out`)"), "{stderr}");
    assert_eq!(env.files(), [""; 0]);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let env = project();
    env.write("app.db", &"this is no database\n".repeat(100));
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(stderr.contains("app.db") && stderr.contains("not a SQLite database"), "{stderr}");
}

#[test]
fn another_migrator_is_waited_for_no_longer_than_allowed() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    let holder = env.database();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    env.write("src/schema.rs", &USERS.replace("    name:", "    age: Option<i64>,\n    name:"));
    env.run(&["generate"]).succeeded();
    let stderr = env.run(&["migrate", "--lock-timeout", "50ms"]).failed(4);
    assert!(stderr.contains("locked"), "{stderr}");
    if cfg!(target_os = "linux") {
        let holder = format!("hint: process {} (", std::process::id());
        assert!(stderr.contains(&holder), "{holder} is missing in\n{stderr}");
    }
    assert!(env.run(&["migrate", "--lock-timeout", "soon"]).failed(2).contains("whole number"));
}

#[test]
fn a_database_of_another_tool_is_refused_until_it_is_adopted() {
    let env = project();
    let sql = env.read("migrations/0000_add_users.sql");
    let connection = env.database();
    connection.execute_batch(&sql).unwrap();
    let history =
        "CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
        INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 1)";
    connection.execute_batch(history).unwrap();
    drop(connection);
    let stderr = env.run(&["migrate"]).failed(1);
    assert!(stderr.contains("seedbed adopt"), "{stderr}");
    assert_eq!(env.run(&["adopt"]).succeeded(), "0000_add_users\n");
    assert_eq!(env.run(&["migrate"]).succeeded(), "");
    assert!(env.run(&["adopt"]).failed(1).contains("taken over already"));
}

/// The files stay as drizzle-kit wrote them; its snapshot, which leaves out half of what SQLite has, gives way to ours.
#[test]
fn a_folder_of_drizzle_kit_is_adopted_with_its_database() {
    let env = project();
    let drizzle =
        r#"{"version":"6","dialect":"sqlite","id":"a","prevId":"b","tables":{},"views":{},"enums":{}}"#;
    env.write("migrations/meta/0000_snapshot.json", drizzle);
    let connection = env.database();
    connection.execute_batch(&env.read("migrations/0000_add_users.sql")).unwrap();
    drop(connection);
    let stderr = env.run(&["generate"]).failed(2);
    assert!(stderr.contains("seedbed adopt"), "{stderr}");
    assert_eq!(env.run(&["adopt"]).succeeded(), "0000_add_users\n");
    let run = env.run(&["generate"]);
    assert!(run.stderr.contains("nothing changed"), "{run:?}");
    assert_eq!(env.run(&["migrate"]).succeeded(), "");
}

/// The four cases of a table that exists already, told apart by what is there.
#[test]
fn a_table_that_is_there_already_has_a_way_out_of_its_own() {
    let env = project();
    env.database().execute_batch(&env.read("migrations/0000_add_users.sql")).unwrap();
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(
        stderr.contains("already exists") && stderr.contains("hint: ") && stderr.contains("`seedbed adopt`"),
        "{stderr}"
    );
    env.run(&["adopt"]).succeeded();
    env.write("src/schema.rs", &USERS.replace("    name:", "    age: Option<i64>,\n    name:"));
    env.run(&["generate"]).succeeded();
    env.database().execute_batch(&env.read("migrations/0001_add_age_to_users.sql")).unwrap();
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(stderr.contains("`seedbed repair --applied 0001_add_age_to_users`"), "{stderr}");

    let env = project();
    env.database().execute_batch("CREATE TABLE users (name)").unwrap();
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(stderr.contains("`seedbed pull`") && stderr.contains("in the way"), "{stderr}");
    env.database().execute_batch("DROP TABLE users").unwrap();
    env.run(&["migrate"]).succeeded();
    env.write(
        "src/schema.rs",
        &format!("{USERS}{}", USERS.replace("users", "notes").replace("User", "Note")),
    );
    env.run(&["generate"]).succeeded();
    env.database().execute_batch("CREATE TABLE notes (x)").unwrap();
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(stderr.contains("a table `notes` that no migration made"), "{stderr}");
}

#[test]
fn a_column_that_was_dropped_by_hand_is_missed_by_name() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    env.write("src/schema.rs", &USERS.replace("    name: String,\n", "    age: Option<i64>,\n"));
    env.run(&["generate", "--no-renames"]).succeeded();
    env.database().execute_batch("ALTER TABLE users DROP COLUMN name").unwrap();
    let stderr = env.run(&["migrate"]).failed(4);
    assert!(stderr.contains("table \"users\" has no column \"name\""), "{stderr}");
    assert!(stderr.contains("not what the migrations before this one make: `seedbed status`"), "{stderr}");
}

#[test]
fn a_migration_without_a_statement_is_noted() {
    let env = project();
    env.run(&["generate", "--custom", "--name", "fill"]).succeeded();
    let run = env.run(&["migrate"]);
    assert!(
        run.stderr.contains("note: 0001_fill has no statement; `seedbed rollback` takes it back"),
        "{}",
        run.stderr
    );
    assert_eq!(run.succeeded(), "0000_add_users\n0001_fill\n");
}

#[test]
fn a_database_unlike_the_folder_is_not_adopted() {
    let env = project();
    env.database().execute_batch("CREATE TABLE users (id INTEGER PRIMARY KEY)").unwrap();
    let stderr = env.run(&["adopt"]).failed(1);
    assert!(stderr.contains("add column users.name"), "{stderr}");
    let stderr = env.run(&["adopt", "--url", "missing.db"]).failed(2);
    assert!(stderr.contains("there is no database at `missing.db` (from `--url`)"), "{stderr}");
    assert!(!env.path("missing.db").exists());
}

/// What the command made, the library reads: the connection enforces keys and knows the file.
#[test]
fn the_library_opens_what_the_command_made() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    let connection = Connection::open(env.path("app.db")).unwrap();
    let tag = connection.query_one("SELECT name FROM __seedbed_migrations", seedbed::params![], |row| {
        row.get::<String>("name")
    });
    assert_eq!(tag.unwrap(), "0000_add_users");
}
