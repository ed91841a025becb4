//! What hangs on rebuilt tables and replaced views: rows 10 and 11 of the probe table.

use crate::support::{after, attempt, failure_kind, refused, rows};
use seedbed::migrate::FailureKind;

const SETUP: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);\n\
    INSERT INTO users VALUES (1, 'ann', 30), (2, 'bob', 40);\n\
    CREATE TABLE log (entry TEXT);\n\
    CREATE INDEX users_age_idx ON users (age);\n\
    CREATE INDEX by_hand ON users (lower(name)) WHERE age > 1;\n\
    CREATE TRIGGER audit AFTER INSERT ON users BEGIN INSERT INTO log VALUES ('new ' || new.name); END;\n\
    CREATE TRIGGER elsewhere AFTER DELETE ON log BEGIN UPDATE users SET age = age + 1; END;\n\
    CREATE VIEW adults AS SELECT name FROM users WHERE age > 17;\n\
    CREATE VIEW names AS SELECT upper(name) AS loud FROM adults;\n\
    CREATE TRIGGER through AFTER INSERT ON log BEGIN UPDATE users SET name = name WHERE id IN (SELECT 1 FROM adults); END;\n";

const REBUILD: &str = "-- seedbed: rebuild \"users\"\n\
    CREATE TABLE \"__seedbed_new_users\" (\"id\" INTEGER PRIMARY KEY, \"name\" TEXT NOT NULL, \"age\" INTEGER);\n\
    INSERT INTO \"__seedbed_new_users\" (\"id\", \"name\", \"age\") SELECT \"id\", \"name\", \"age\" FROM \"users\";\n\
    DROP TABLE \"users\";\n\
    ALTER TABLE \"__seedbed_new_users\" RENAME TO \"users\";\n";

fn objects(connection: &seedbed::Connection) -> Vec<String> {
    rows(
        connection,
        "SELECT type || ' ' || name || ' on ' || tbl_name FROM sqlite_schema \
         WHERE type <> 'table' AND name NOT LIKE '%seedbed%' AND sql IS NOT NULL ORDER BY 1",
    )
}

const ALL: [&str; 7] = [
    "index by_hand on users",
    "index users_age_idx on users",
    "trigger audit on users",
    "trigger elsewhere on log",
    "trigger through on log",
    "view adults on adults",
    "view names on names",
];

#[test]
fn triggers_indexes_and_views_survive_a_rebuild() {
    for script in
        [REBUILD.to_owned(), format!("{REBUILD}CREATE INDEX \"users_age_idx\" ON \"users\" (\"age\");")]
    {
        let connection = after(SETUP, &script);
        assert_eq!(objects(&connection), ALL);
        connection.execute("INSERT INTO users VALUES (3, 'cid', 50)", &[]).unwrap();
        assert_eq!(rows(&connection, "SELECT entry FROM log"), ["new cid"]);
        assert_eq!(rows(&connection, "SELECT loud FROM names"), ["ANN", "BOB", "CID"]);
        connection.execute("DELETE FROM log", &[]).unwrap();
        assert_eq!(rows(&connection, "SELECT age FROM users"), ["31", "41", "51"]);
    }
}

#[test]
fn the_copy_of_a_rebuild_fires_no_trigger() {
    let connection = after(SETUP, REBUILD);
    assert!(rows(&connection, "SELECT entry FROM log").is_empty());
}

#[test]
fn what_the_file_drops_by_name_stays_away() {
    let script = format!("DROP INDEX users_age_idx; DROP TRIGGER audit;\n{REBUILD}DROP INDEX by_hand;");
    let connection = after(SETUP, &script);
    assert_eq!(objects(&connection), ALL[3..]);
}

#[test]
fn what_the_file_makes_anew_is_not_put_back_over_it() {
    let script = format!("{REBUILD}CREATE UNIQUE INDEX by_hand ON users (age);");
    let connection = after(SETUP, &script);
    assert_eq!(
        rows(&connection, "SELECT \"unique\" FROM pragma_index_list('users') WHERE name = 'by_hand'"),
        ["1"]
    );
}

#[test]
fn triggers_work_again_right_behind_the_rebuild() {
    let connection = after(SETUP, &format!("{REBUILD}INSERT INTO users VALUES (3, 'cid', 50);"));
    assert_eq!(rows(&connection, "SELECT entry FROM log"), ["new cid"]);
}

#[test]
fn what_hangs_on_a_table_follows_its_renames() {
    let script = format!(
        "ALTER TABLE people RENAME TO users; ALTER TABLE users RENAME COLUMN years TO age;\n{REBUILD}\
         ALTER TABLE users RENAME COLUMN age TO years; ALTER TABLE users RENAME TO persons;"
    );
    let connection = after(&SETUP.replace("users", "people").replace("age", "years"), &script);
    connection.execute("INSERT INTO persons (name, years) VALUES ('cid', 50)", &[]).unwrap();
    assert_eq!(rows(&connection, "SELECT entry FROM log"), ["new cid"]);
    assert_eq!(rows(&connection, "SELECT loud FROM names"), ["ANN", "BOB", "CID"]);
    assert_eq!(objects(&connection)[0], "index by_hand on persons");
}

#[test]
fn a_trigger_that_needs_a_dropped_column_stops_the_migration() {
    let script = "-- seedbed: rebuild \"users\" drops \"name\"\n\
        CREATE TABLE n (id INTEGER PRIMARY KEY, age INTEGER);\nINSERT INTO n (id, age) SELECT id, age FROM users;\n\
        DROP TABLE users;\nALTER TABLE n RENAME TO users;\n";
    let setup = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER); INSERT INTO users VALUES (1, 'a', 1);\n";
    let trigger = "CREATE TRIGGER audit AFTER UPDATE ON users BEGIN SELECT new.name; END;\n\
        CREATE TRIGGER good AFTER UPDATE ON users BEGIN SELECT new.age; END;";
    let error = refused(&format!("{setup}{trigger}"), script);
    assert_eq!(failure_kind(&error), FailureKind::Broken);
    assert!(
        error.to_string().contains("the trigger `audit` would not work any more: no such column: new.name"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("DROP TRIGGER \"audit\""));

    let error = refused(&format!("{setup}CREATE INDEX by_hand ON users (name);"), script);
    assert!(
        error.to_string().contains("the index `by_hand` on `users` cannot be put back: no such column: name"),
        "{error}"
    );
    after(
        &format!("{setup}CREATE INDEX by_hand ON users (name);"),
        &format!("DROP INDEX by_hand;\n{script}"),
    );

    let error = refused(&format!("{setup}CREATE VIEW v AS SELECT name FROM users;"), script);
    assert!(
        error.to_string().contains("the view `v` would not work any more: no such column: name"),
        "{error}"
    );
}

#[test]
fn what_was_broken_before_does_not_block() {
    let setup = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);\n\
        CREATE VIEW broken AS SELECT missing FROM nowhere;\n\
        CREATE TRIGGER bad AFTER INSERT ON users BEGIN INSERT INTO nowhere VALUES (1); END;";
    let connection = after(setup, REBUILD);
    assert_eq!(objects(&connection), ["trigger bad on users", "view broken on broken"]);
}

#[test]
fn a_view_replaced_under_others_takes_nothing_with_it() {
    let setup = format!(
        "{SETUP}CREATE TRIGGER add_adult INSTEAD OF INSERT ON adults BEGIN INSERT INTO users (name, age) VALUES (new.name, 18); END;\n\
         CREATE TRIGGER add_name INSTEAD OF INSERT ON names BEGIN INSERT INTO adults VALUES (new.loud); END;"
    );
    let script = "DROP VIEW adults;\nALTER TABLE users RENAME COLUMN age TO years;\n\
        CREATE VIEW adults AS SELECT name FROM users WHERE years > 17;";
    // `add_adult` names the column by its old name, so it cannot come back as it was.
    let error = refused(&setup, script);
    assert!(error.to_string().contains("the trigger `add_adult` would not work any more"), "{error}");

    let script = script.replace(" age TO years", " name TO name").replace("years", "age");
    let (connection, outcome) = attempt(&setup, &script);
    let report = outcome.unwrap();
    assert_eq!(
        report.migrations[0].restored,
        ["view names", "trigger add_adult", "trigger add_name", "trigger through"]
    );
    connection.execute("INSERT INTO names VALUES ('dora')", &[]).unwrap();
    assert_eq!(rows(&connection, "SELECT loud FROM names"), ["DORA", "ANN", "BOB"]);
}

#[test]
fn triggers_that_are_switched_off_are_looked_after_all_the_same() {
    let script = "-- seedbed: triggers-off\nDROP VIEW adults;\nALTER TABLE users RENAME COLUMN age TO years;\n\
        CREATE VIEW adults AS SELECT name FROM users WHERE years > 17;\nUPDATE users SET years = 90;";
    let (connection, outcome) = attempt(SETUP, script);
    assert_eq!(outcome.unwrap().migrations[0].restored, ["view names", "trigger through"]);
    assert_eq!(objects(&connection), ALL);

    let error = refused(SETUP, "-- seedbed: triggers-off\nDROP VIEW adults; DROP VIEW names;");
    assert!(error.to_string().contains("the trigger `through` would not work"), "{error}");
}

#[test]
fn a_view_that_loses_what_it_shows_stops_the_migration() {
    let error = refused(SETUP, "DROP VIEW adults;");
    assert!(error.to_string().contains("no such table: main.adults"), "{error}");
    let connection = after(SETUP, "DROP VIEW adults; DROP VIEW names; DROP TRIGGER through;");
    assert_eq!(objects(&connection), ALL[..4]);
    let connection = after(SETUP, "DROP VIEW names; DROP TRIGGER through; DROP VIEW adults;");
    assert_eq!(objects(&connection), ALL[..4]);
    let error = refused(SETUP, "DROP TABLE users;");
    assert!(error.to_string().contains("would not work any more"), "{error}");
}

#[test]
fn a_table_dropped_and_made_again_keeps_its_triggers() {
    let script = "DROP TABLE users;\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);";
    let connection = after(SETUP, script);
    assert_eq!(objects(&connection), ALL);
}

#[test]
fn a_table_that_goes_takes_its_own_indexes_and_triggers_along() {
    let setup = "CREATE TABLE t (a); CREATE INDEX i ON t (a); CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END;";
    assert!(objects(&after(setup, "DROP TABLE t;")).is_empty());
}

#[test]
fn a_column_under_a_hand_made_view_is_told_with_the_way_out() {
    let error = refused(SETUP, "ALTER TABLE users DROP COLUMN age;");
    let hint = error.hint().unwrap();
    assert!(hint.contains("`DROP") && hint.contains("before it"), "{error}\n{hint}");
}
