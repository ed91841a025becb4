//! `seedbed diff`: any two schema sources, what it prints, asks, and how it exits.

use seedbed::rusqlite::Connection;
use seedbed::{inspect::inspect_all, sql_source};
use seedbed_schema::normalize::observable;

use crate::test_env::{TestEnv, assert_tells};

const BEFORE: &str = "CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  age TEXT
);
CREATE TABLE log (line TEXT);
CREATE VIEW adults AS SELECT name FROM users WHERE age > 17;
CREATE TRIGGER added AFTER INSERT ON users BEGIN INSERT INTO log (line) VALUES (NEW.name); END;
";

const AFTER: &str = "CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  full_name TEXT NOT NULL, -- @renamed from=name
  age INTEGER CHECK (age >= 0)
);
CREATE INDEX users_age ON users (age);
CREATE TABLE log (line TEXT);
CREATE VIEW adults AS SELECT full_name FROM users WHERE age > 17;
CREATE TRIGGER added AFTER INSERT ON users BEGIN INSERT INTO log (line) VALUES (NEW.full_name); END;
";

fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("before.sql", BEFORE);
    env.write("after.sql", AFTER);
    env
}

fn database(env: &TestEnv, name: &str, sql: &str) -> Connection {
    let connection = Connection::open(env.path(name)).unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

#[test]
fn the_sql_leads_from_one_to_the_other_and_back_in_any_sqlite() {
    let env = project();
    let connection = database(&env, "app.db", BEFORE);
    let sql = env.run(&["diff", "--from", "app.db", "--to", "after.sql"]).succeeded();
    assert!(sql.contains("hazard: lossy-cast users.age"), "{sql}");
    connection.execute_batch(&sql).unwrap();
    let same = |wanted: &str| {
        let wanted = sql_source::read(wanted).unwrap().found.schema;
        assert_eq!(observable(&inspect_all(&connection).unwrap().schema), observable(&wanted));
    };
    same(AFTER);
    let run = env.run(&["diff", "--from", "app.db", "--to", "after.sql", "--exit-code"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert_eq!(run.stderr, "no difference between `app.db` and `after.sql`\n");

    let back = env.run(&["diff", "--from", "before.sql", "--to", "after.sql", "--reverse"]).succeeded();
    connection.execute_batch(&back).unwrap();
    same(BEFORE);
}

#[test]
fn a_difference_is_an_exit_code_when_it_is_asked_for() {
    let env = project();
    let arguments = ["diff", "--from", "before.sql", "--to", "after.sql"];
    assert_eq!(env.run(&arguments).code, 0);
    let run = env.run(&[&arguments[..], &["--exit-code"]].concat());
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("RENAME COLUMN \"name\" TO \"full_name\""), "{}", run.stdout);
    assert!(run.stderr.contains("`before.sql` and `after.sql` differ by"), "{}", run.stderr);
    let run = env.run(&[&arguments[..], &["--exit-code", "--json"]].concat());
    assert_eq!(run.code, 1);
    let json = run.json();
    assert_eq!((json["status"].as_str(), json["differ"].as_bool()), (Some("check"), Some(true)));
    assert_eq!(json["changes"][0]["change"], "rename_column");
}

#[test]
fn questions_are_those_of_generate() {
    let env = project();
    env.write(
        "other.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, nam TEXT NOT NULL, at INT NOT NULL);",
    );
    let arguments = ["diff", "--from", "before.sql", "--to", "other.sql"];
    let stderr = env.run(&arguments).failed(3);
    assert!(stderr.contains("--rename users.name:nam"), "{stderr}");
    let renamed = [&arguments[..], &["--rename", "users.name:nam", "--no-renames"]].concat();
    let stderr = env.run(&renamed).failed(3);
    assert!(stderr.contains("--backfill users.at="), "{stderr}");
    let sql = env.run(&[&renamed[..], &["--backfill", "users.at=7"]].concat()).succeeded();
    assert!(sql.contains("RENAME COLUMN") && sql.contains("(7)"), "{sql}");
    let stderr = env.run(&[&renamed[..], &["--backfill", "users.oat=7"]].concat()).failed(2);
    assert!(stderr.contains("backfill of `users.oat`: the schema declares no such column"), "{stderr}");
}

#[test]
fn every_source_tells_the_same_schema() {
    let env = project();
    env.write(
        "src/schema.rs",
        "#[derive(Table)]\n#[table(name = \"notes\")]\nstruct Note {\n    #[column(primary_key)]\n    id: i64,\n    \
         #[column(stored_as = \"unix_seconds\")]\n    at: Timestamp,\n}\n",
    );
    env.run(&["generate", "--name", "notes"]).succeeded();
    env.run(&["migrate", "--url", "app.db"]).succeeded();
    env.run(&["export", "--from", "src/schema.rs", "--as", "sql", "--out", "notes.sql"]).succeeded();
    env.run(&["export", "--as", "json", "--out", "notes.json"]).succeeded();
    env.write(
        "migrations/0001_more.sql",
        "CREATE TABLE more (x TEXT); CREATE TRIGGER t AFTER INSERT ON more BEGIN SELECT 1; END;",
    );
    let snapshot = env.read("migrations/meta/0000_snapshot.json");
    env.write("migrations/meta/0001_snapshot.json", &snapshot);
    let journal = env.read("migrations/meta/_journal.json");
    let entry = r#"{"idx":1,"version":"6","when":9999999999999,"tag":"0001_more","breakpoints":true}"#;
    let end = journal.rfind(']').unwrap();
    env.write(
        "migrations/meta/_journal.json",
        &format!("{},{entry}{}", &journal[..end].trim_end(), &journal[end..]),
    );

    let sources = [
        "src",
        "src/schema.rs",
        "notes.sql",
        "notes.json",
        "migrations@0",
        "migrations@0000_notes",
        "migrations@note",
        "app.db",
        "sqlite:app.db",
    ];
    for from in sources {
        for to in ["src/schema.rs", "notes.sql", "app.db", "migrations@0"] {
            let run = env.run(&["diff", "--from", from, "--to", to, "--exit-code"]);
            assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{from} {to}: {}", run.stderr);
        }
    }
    // What was made by hand is carried where the other side is a declaration, and compared where it is not.
    let run = env.run(&["diff"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.contains("carried along and not compared: more"), "{}", run.stderr);
    assert!(
        run.stderr.contains("triggers are not compared: `src/schema.rs` cannot tell of them"),
        "{}",
        run.stderr
    );
    let run = env.run(&["diff", "--from", "app.db", "--to", "migrations"]);
    assert!(
        run.stdout.contains("CREATE TABLE \"more\"") && run.stdout.contains("CREATE TRIGGER \"t\""),
        "{}",
        run.stdout
    );
    let run = env.run(&["diff", "--from", "app.db", "--to", "empty"]);
    assert!(run.stdout.contains("DROP TABLE \"notes\""), "{}", run.stdout);
}

#[test]
fn a_fault_in_sql_is_shown_in_sqlites_words_with_its_place() {
    let env = project();
    env.write("wrong.sql", "CREATE TABLE a (x TEXT);\n\nCREATE INDEX i ON a (x, yy);\n");
    let stderr = env.run(&["diff", "--from", "empty", "--to", "wrong.sql"]).failed(2);
    assert_tells(
        &stderr,
        &["error: no such column: yy", "wrong.sql:3:25", "CREATE INDEX i ON a (x, yy);", "^^"],
    );
    let run = env.run(&["diff", "--from", "empty", "--to", "wrong.sql", "--json"]);
    let error = &run.json()["error"];
    assert_eq!((error["line"].as_u64(), error["column"].as_u64()), (Some(3), Some(25)));
}

#[test]
fn what_is_no_source_is_refused_with_what_was_looked_for() {
    let env = project();
    env.write("notes.txt", "x");
    env.write("fake.db", "not a database at all");
    env.write("both/meta/_journal.json", "{}");
    env.write("both/mod.rs", "");
    env.write("void/readme.md", "");
    for (source, said) in [
        ("before.sq", "there is no such file or folder"),
        ("nowhere@3", "no folder `nowhere`"),
        ("notes.txt", "ends in none of `.rs`, `.sql`, `.json`"),
        ("fake.db", "is not a SQLite database"),
        ("both", "can be read in two ways"),
        ("void", "no schema source"),
        ("", "names nothing"),
        ("sqlite:none.db", "there is no database at `none.db`"),
        ("postgres://localhost/app", "`postgres` is not a database"),
    ] {
        let stderr = env.run(&["diff", "--from", source, "--to", "after.sql"]).failed(2);
        assert!(stderr.contains(said), "{source}: {stderr}");
    }
    let stderr = env.run(&["diff", "--from", "before.sq", "--to", "after.sql"]).failed(2);
    assert!(stderr.contains("hint: there is `before.sql`"), "{stderr}");
    let stderr = env.run(&["diff", "--from", "-", "--to", "-"]).failed(2);
    assert!(stderr.contains("can be read once"), "{stderr}");
}
