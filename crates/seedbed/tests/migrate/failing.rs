//! Migrations that fail, and files that Drizzle cannot run: rows 36 to 39 of the probe table.

use crate::support::{Project, after, attempt, failure_kind, memory, offending, one, refused, rows};
use seedbed::migrate::{FailureKind, MigrateErrorKind};

#[test]
fn earlier_migrations_stay_and_the_failing_one_leaves_no_trace() {
    let project = Project::new(&[
        ("0000_a", "CREATE TABLE a (x);"),
        (
            "0001_b",
            "CREATE TABLE b (x);\nINSERT INTO a VALUES (1);\n\n\nINSERT INTO nowhere\n  VALUES (1);\nCREATE TABLE c (x);",
        ),
        ("0002_d", "CREATE TABLE d (x);"),
    ]);
    let mut connection = memory("");
    let error = project.run(&mut connection).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`0001_b.sql` line 5: no such table: nowhere\n  | INSERT INTO nowhere\n  |   VALUES (1)"
    );
    assert_eq!(error.report().migrations.len(), 1);
    assert_eq!(rows(&connection, "SELECT name FROM __seedbed_migrations"), ["0000_a"]);
    assert_eq!(rows(&connection, "SELECT kind || name FROM __seedbed_objects"), ["columna.x", "tablea"]);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM a"), 0);
    assert!(rows(&connection, "SELECT name FROM sqlite_schema WHERE name IN ('b', 'c', 'd')").is_empty());

    project.write("0001_b.sql", "CREATE TABLE b (x);");
    assert_eq!(project.run(&mut connection).unwrap().migrations.len(), 2);
}

#[test]
fn breakpoints_are_never_needed_and_never_cut_a_literal() {
    let connection = after(
        "",
        "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x;--> statement-breakpoint\ny'); INSERT INTO t VALUES ('z')\n",
    );
    assert_eq!(rows(&connection, "SELECT a FROM t"), ["x;--> statement-breakpoint\ny", "z"]);
    let trigger = "CREATE TABLE t (a);\n--> statement-breakpoint\nCREATE TRIGGER tr AFTER INSERT ON t BEGIN\n  \
        UPDATE t SET a = 1;\n  DELETE FROM t WHERE a = ';END;';\nEND;--> statement-breakpoint\nINSERT INTO t VALUES (0);";
    assert_eq!(rows(&after("", trigger), "SELECT a FROM t"), ["1"]);
}

#[test]
fn a_file_of_comments_is_an_empty_migration() {
    for text in
        ["-- Custom SQL migration file, put your code below! --", "", "/* pulled\nCREATE TABLE t (a); */\n;;"]
    {
        let (connection, outcome) = attempt("", text);
        assert_eq!(outcome.unwrap().migrations[0].statements, 0);
        assert_eq!(rows(&connection, "SELECT name FROM __seedbed_migrations"), ["0000_change"]);
    }
}

#[test]
fn a_migration_that_fails_anywhere_leaves_no_trace() {
    let setup = "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT); INSERT INTO users VALUES (1, 'a'), (9, 'b');\n\
        CREATE TABLE posts (user_id INTEGER REFERENCES users (id) ON DELETE CASCADE); INSERT INTO posts VALUES (1), (9);\n\
        CREATE TABLE log (x); CREATE TRIGGER tr AFTER INSERT ON users BEGIN INSERT INTO log VALUES (new.id); END;\n\
        CREATE VIEW v AS SELECT name FROM users; CREATE VIEW w AS SELECT name FROM v;";
    let statements = [
        "DROP VIEW v",
        "ALTER TABLE posts RENAME TO notes",
        "CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL)",
        "INSERT INTO n (id, name) SELECT id, name FROM users",
        "DROP TABLE users",
        "ALTER TABLE n RENAME TO users",
        "CREATE INDEX i ON users (name)",
        "INSERT INTO users (name) VALUES ('c')",
        "CREATE VIEW v AS SELECT name FROM users",
    ];
    after(setup, &statements.join(";\n"));
    for fails_at in 0..=statements.len() {
        let (before, behind) = statements.split_at(fails_at);
        let script = [before, &["SELECT * FROM nowhere"], behind].concat().join(";\n");
        let error = refused(setup, &script);
        assert!(
            error.to_string().contains(&format!("line {}: no such table: nowhere", fails_at + 1)),
            "{error}"
        );
    }
}

const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, age INTEGER);\n\
    INSERT INTO users VALUES (1, 'a@x', 1), (2, 'b@x', -2), (3, 'A@X', NULL), (4, 'a@x', 4), (5, NULL, -5), (6, NULL, 6);\n";

#[test]
fn rows_that_violate_a_constraint_are_named() {
    let copy = |declaration: &str| {
        format!(
            "CREATE TABLE n ({declaration});\nINSERT INTO n (id, email, age) SELECT id, email, age FROM users;\n\
             DROP TABLE users;\nALTER TABLE n RENAME TO users;"
        )
    };
    let cases: Vec<(String, &str, Vec<&str>)> = vec![
        (
            copy("id INTEGER PRIMARY KEY, email TEXT NOT NULL, age INTEGER"),
            "line 2: NOT NULL constraint failed: users.email",
            vec!["id = 5, email = NULL", "id = 6, email = NULL"],
        ),
        (
            copy("id INTEGER PRIMARY KEY, email TEXT UNIQUE, age INTEGER"),
            "line 2: UNIQUE constraint failed: users.email",
            vec!["email = 'a@x' in 2 rows: id = 1; id = 4"],
        ),
        (
            copy("id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE UNIQUE, age INTEGER"),
            "UNIQUE constraint failed: users.email",
            vec!["email = 'a@x' in 2 rows: id = 1; id = 4"],
        ),
        (
            copy("id INTEGER PRIMARY KEY, email TEXT, age INTEGER, CONSTRAINT grown CHECK (\"n\".\"age\" > 0)"),
            "line 2: CHECK constraint failed: grown",
            vec!["id = 2, age = -2", "id = 5, age = -5"],
        ),
        (
            copy("id INTEGER PRIMARY KEY, email TEXT, age INTEGER CHECK (age > 0)"),
            "line 2: CHECK constraint failed: age > 0",
            vec!["id = 2, age = -2", "id = 5, age = -5"],
        ),
        (
            "CREATE UNIQUE INDEX i ON users (lower(email), age > 0) WHERE age IS NOT NULL;".to_owned(),
            "UNIQUE constraint failed: index 'i'",
            vec!["lower(email) = 'a@x', age > 0 = 1 in 2 rows: id = 1; id = 4"],
        ),
        (
            "CREATE UNIQUE INDEX i ON users (email DESC);".to_owned(),
            "UNIQUE constraint failed: users.email",
            vec!["email = 'a@x' in 2 rows: id = 1; id = 4"],
        ),
        (
            "ALTER TABLE users ALTER COLUMN age SET NOT NULL;".to_owned(),
            "constraint failed",
            vec!["id = 3, age = NULL"],
        ),
        (
            "ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 0);".to_owned(),
            "constraint failed",
            vec!["id = 2, age = -2", "id = 5, age = -5"],
        ),
        (
            "CREATE UNIQUE INDEX one_age ON users (age);\nUPDATE users SET email = 'q', age = abs(age) + (id = 5) WHERE id > 3;"
                .to_owned(),
            "line 2: UNIQUE constraint failed: users.age",
            vec!["age = 6 in 2 rows: id = 5; id = 6"],
        ),
        (
            copy("id INTEGER PRIMARY KEY, email INTEGER, age INTEGER").replace(");\nINSERT", ") STRICT;\nINSERT"),
            "cannot store TEXT value in INTEGER column users.email",
            vec!["id = 1, email = 'a@x'", "id = 2, email = 'b@x'", "id = 3, email = 'A@X'", "id = 4, email = 'a@x'"],
        ),
    ];
    for (script, words, expected) in cases {
        let error = refused(USERS, &script);
        assert_eq!(failure_kind(&error), FailureKind::Constraint, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(offending(&error), expected, "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn at_most_five_rows_are_named_and_long_values_are_cut() {
    let setup = "CREATE TABLE t (a TEXT, b TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)\n\
        INSERT INTO t SELECT NULL, printf('%.*c', 1000, 'x') FROM n;";
    let error = refused(setup, "ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL AND b <> '');");
    let rows = offending(&error);
    assert_eq!(rows.len(), 5);
    assert!(rows[0].starts_with("rowid = 1, a = NULL, b = 'xxx") && rows[0].len() < 120, "{}", rows[0]);
}

#[test]
fn rows_that_still_refer_to_a_deleted_one_are_named() {
    let setup = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);\n\
        CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id)); INSERT INTO c VALUES (10, 1), (11, 2);";
    let error = refused(setup, "DELETE FROM p WHERE id = 2;");
    assert_eq!(failure_kind(&error), FailureKind::Constraint);
    assert_eq!(offending(&error), ["of `c`: id = 11, p_id = 2"]);

    let deferred = setup.replace("REFERENCES p (id)", "REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED");
    let error = refused(&deferred, "DELETE FROM p WHERE id = 2;");
    assert_eq!(failure_kind(&error), FailureKind::ForeignKey);
    assert!(error.to_string().contains("at the end of the file"), "{error}");
    assert_eq!(offending(&error), ["of `c`: id = 11, p_id = 2"]);
}

#[test]
fn keys_are_on_in_a_file_without_a_rebuild() {
    let setup = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);\n\
        CREATE TABLE c (p_id INTEGER REFERENCES p (id) ON DELETE CASCADE); INSERT INTO c VALUES (1), (2);";
    let connection = after(setup, "DELETE FROM p WHERE id = 2;");
    assert_eq!(rows(&connection, "SELECT p_id FROM c"), ["1"]);
}

#[test]
fn a_table_that_nobody_declared_is_named_with_the_way_out() {
    let error =
        refused("CREATE TABLE users (x); INSERT INTO users VALUES (1);", "CREATE TABLE users (id TEXT);");
    assert!(error.to_string().contains("table users already exists"), "{error}");
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("a table `users` that no migration made") && hint.contains("seedbed pull"),
        "{hint}"
    );
}

#[test]
fn double_quotes_are_names_and_never_texts() {
    // On SQLite's default settings this would fill the column with the text `nick`.
    let setup = "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x');";
    let script = "CREATE TABLE n (a TEXT); INSERT INTO n (a) SELECT \"nick\" FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t;";
    let project = Project::new(&[("0000_change", script)]);
    let mut connection = memory(setup);
    let dqs = rusqlite::config::DbConfig::SQLITE_DBCONFIG_DQS_DML;
    connection.rusqlite().set_db_config(dqs, true).unwrap();
    let error = project.run(&mut connection).unwrap_err();
    assert!(error.to_string().contains("no such column: \"nick\""), "{error}");
    assert!(connection.rusqlite().db_config(dqs).unwrap());
}

#[test]
fn a_statement_that_ends_the_transaction_is_caught() {
    let setup = "CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1);";
    let error = refused(
        setup,
        "CREATE TABLE made (x);\nINSERT OR ROLLBACK INTO t VALUES (1);\nCREATE TABLE later (x);",
    );
    assert!(error.to_string().contains("line 2: UNIQUE constraint failed"), "{error}");
    for word in ["COMMIT", "BEGIN", "END", "ROLLBACK"] {
        let error = refused(setup, &format!("DELETE FROM t;\n{word};"));
        assert!(error.to_string().contains(&format!("line 2: `{word}` in a migration")), "{error}");
    }
}

#[test]
fn a_file_without_a_transaction_runs_statement_by_statement() {
    let script = "-- seedbed: no-transaction\nCREATE TABLE t (a);\nINSERT INTO t VALUES (1);\nVACUUM;";
    let (connection, outcome) = attempt("", script);
    assert!(!outcome.unwrap().migrations[0].in_transaction);
    assert_eq!(rows(&connection, "SELECT a FROM t"), ["1"]);
    assert_eq!(rows(&connection, "SELECT name FROM __seedbed_migrations"), ["0000_change"]);

    let error = refused("", "VACUUM;");
    assert!(error.hint().unwrap().contains("-- seedbed: no-transaction"), "{error}");

    let (connection, outcome) = attempt("", &format!("{script}\nINSERT INTO nowhere VALUES (1);"));
    let error = outcome.unwrap_err();
    assert!(error.to_string().contains("3 of its 4 statements were run and stay"), "{error}");
    assert_eq!(rows(&connection, "SELECT a FROM t"), ["1"]);
    assert!(rows(&connection, "SELECT 1 FROM sqlite_schema WHERE name = '__seedbed_migrations'").is_empty());

    let (connection, outcome) = attempt("", "-- seedbed: no-transaction\nBEGIN;\nCREATE TABLE t (a);");
    assert!(outcome.unwrap_err().to_string().contains("leaves a transaction open"));
    assert!(connection.rusqlite().is_autocommit());
}

#[test]
fn a_mistyped_directive_is_not_taken_for_a_comment() {
    let error = refused("", "CREATE TABLE t (a);\n-- seedbed: no-transactions\n");
    assert!(error.to_string().contains("line 2: unknown directive `-- seedbed: no-transactions`"), "{error}");
    assert!(
        matches!(error.kind(), MigrateErrorKind::Failed(failure) if failure.kind() == FailureKind::Script)
    );
}

#[test]
fn statements_that_yield_rows_are_run_to_their_end() {
    let script = "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3) RETURNING a; SELECT * FROM t; PRAGMA user_version = 7;";
    let connection = after("", script);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM t"), 3);
    assert_eq!(one::<i64>(&connection, "PRAGMA user_version"), 7);
}
