//! What migrations drop or cannot cast is kept, and a rollback brings it back.

use seedbed::migrate::{
    Back, Backfill, FailureKind, Keeping, MigrateErrorKind, MigrateOptions, Migrator, forget, kept,
};
use seedbed_schema::sql::SqlExpr;

use crate::support::{Project, dump, failure_kind, offending, one, rows};

const SETUP: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, nick TEXT NOT NULL, age);
    CREATE TABLE posts (id TEXT PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id), size AS (length(text)), text);
    CREATE TABLE notes (text, at);";
const ROWS: &str =
    "INSERT INTO users VALUES (1, 'ada', 'a', '36'), (2, 'bob', 'b', 36), (7, 'eve', 'e', NULL);
    DELETE FROM users WHERE id = 7;
    INSERT INTO posts (id, user_id, text) VALUES ('p', 1, x'00ff'), ('q', 2, 'text');
    INSERT INTO notes (rowid, text, at) VALUES (5, 'five', 1.0), (9, NULL, 'x')";

/// A folder with the setup and one more migration, and a database where both are applied to rows.
fn project(up: &str, down: &str) -> (Project, seedbed::Connection, Vec<String>) {
    let project = Project::new(&[("0000_base", SETUP), ("0001_change", up)]);
    project.write("0001_change.down.sql", down);
    let mut connection = project.open();
    project.migrator().run_to(&mut connection, "0").expect("the setup to run");
    connection.execute_batch(ROWS).expect("good rows");
    let before = contents(&connection);
    project.run(&mut connection).expect("the change to run");
    (project, connection, before)
}

/// Everything but the history, which has times in it.
fn contents(connection: &seedbed::Connection) -> Vec<String> {
    let mut all = dump(connection);
    all.extend(rows(connection, "SELECT rowid, typeof(at) FROM notes"));
    all.retain(|line| {
        !line.starts_with("__seedbed") && !line.contains("|__seedbed") && !line.contains("sqlite_autoindex")
    });
    all.sort();
    all
}

fn back(project: &Project, connection: &mut seedbed::Connection) {
    if let Err(error) = project.migrator().rollback(connection, Back::Steps(1)) {
        panic!("{error}\nhint: {:?}", error.hint());
    }
}

const TABLES_UP: &str = "DROP TABLE posts; DROP TABLE users; DROP TABLE notes;";
const TABLES_DOWN: &str = "-- seedbed: restore users
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, nick TEXT NOT NULL, age);
INSERT INTO users (id, name, nick, age) SELECT id, name, nick, age FROM __seedbed_kept_users;
-- seedbed: restore posts
CREATE TABLE posts (id TEXT PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id), size AS (length(text)), text);
INSERT INTO posts (id, user_id, text) SELECT id, user_id, text FROM \"__seedbed_kept_posts\";
-- seedbed: restore notes
CREATE TABLE notes (text, at);
INSERT INTO notes (rowid, text, at) SELECT __seedbed_rowid, text, at FROM __seedbed_kept_notes;";

#[test]
fn dropped_tables_come_back_with_rows_rowids_and_counters() {
    let (project, mut connection, before) = project(TABLES_UP, TABLES_DOWN);
    let list = kept(&connection).unwrap();
    let told: Vec<_> = list.iter().map(|kept| (kept.part.table.as_str(), kept.part.rows)).collect();
    assert_eq!(told, [("posts", 2), ("users", 2), ("notes", 2)]);
    assert!(list.iter().all(|kept| kept.migration == "0001_change" && kept.bytes > 0));
    back(&project, &mut connection);
    assert_eq!(contents(&connection), before);
    assert_eq!(kept(&connection).unwrap(), []);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%kept%'"), 0);
    connection.execute_batch("INSERT INTO users (name, nick) VALUES ('new', 'n')").unwrap();
    assert_eq!(one::<i64>(&connection, "SELECT max(id) FROM users"), 8, "ids are not given out twice");
}

#[test]
fn nothing_is_kept_when_that_is_declined_and_the_way_back_works_without() {
    let project = Project::new(&[("0000_base", SETUP), ("0001_change", TABLES_UP)]);
    project.write("0001_change.down.sql", TABLES_DOWN);
    let mut connection = project.open();
    project.migrator().run_to(&mut connection, "0").unwrap();
    connection.execute_batch(ROWS).unwrap();
    let options = MigrateOptions { keeping: Keeping::Nothing, ..MigrateOptions::default() };
    project.migrator().options(options).run(&mut connection).unwrap();
    assert_eq!(kept(&connection).unwrap(), []);
    back(&project, &mut connection);
    assert_eq!(
        rows(&connection, "SELECT count(*) FROM users UNION ALL SELECT count(*) FROM notes"),
        ["0", "0"]
    );
}

const COLUMNS_UP: &str = "-- seedbed: rebuild users drops nick
-- seedbed: keep users key id drops nick casts age back (CAST(age AS TEXT))
CREATE TABLE __seedbed_new_users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, age INTEGER);
INSERT INTO __seedbed_new_users (id, name, age) SELECT id, name, CAST(age AS INTEGER) FROM users;
DROP TABLE users;
ALTER TABLE __seedbed_new_users RENAME TO users;";
const COLUMNS_DOWN: &str = "-- seedbed: rebuild users
-- seedbed: restore users key id drops nick casts age needs nick
CREATE TABLE __seedbed_new_users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, nick TEXT NOT NULL, age);
INSERT INTO __seedbed_new_users (id, name, nick, age)
SELECT id, name, CASE WHEN k.\"has nick\" THEN k.\"was nick\" ELSE '' END,
  CASE WHEN k.\"is kept\" AND k.\"now age\" IS users.age THEN k.\"was age\" ELSE CAST(age AS TEXT) END
FROM users LEFT JOIN __seedbed_kept_users AS k ON k.\"key id\" = +users.id;
DROP TABLE users;
ALTER TABLE __seedbed_new_users RENAME TO users;";

const USERS: &str = "SELECT id, name, nick, typeof(age), age FROM users ORDER BY id";

#[test]
fn a_value_that_was_changed_since_its_cast_stays_changed() {
    let (project, mut connection, _) = project(COLUMNS_UP, COLUMNS_DOWN);
    connection.execute_batch("UPDATE users SET age = 40 WHERE id = 2").unwrap();
    back(&project, &mut connection);
    assert_eq!(rows(&connection, USERS), ["1|ada|a|text|36", "2|bob|b|text|40"]);
}

#[test]
fn rows_that_were_added_since_need_a_value() {
    let (project, mut connection, _) = project(COLUMNS_UP, COLUMNS_DOWN);
    connection
        .execute_batch("INSERT INTO users (name, age) VALUES ('new', 1); DELETE FROM posts; DELETE FROM users WHERE id = 1")
        .unwrap();
    let before = dump(&connection);
    let error = project.migrator().rollback(&mut connection, Back::Steps(1)).unwrap_err();
    assert_eq!(failure_kind(&error), FailureKind::NoValue);
    assert!(
        error
            .to_string()
            .contains("1 row was added to `users` since the migration and has no value for `users.nick`"),
        "{error}"
    );
    assert_eq!(offending(&error), ["id = 8"]);
    assert!(error.hint().unwrap().contains("`--backfill \"users.nick="), "{:?}", error.hint());
    assert_eq!(dump(&connection), before, "nothing has changed");

    let backfill = |table: &str, expr: &str| Backfill {
        table: table.to_owned(),
        column: "nick".to_owned(),
        expr: SqlExpr::new(expr),
    };
    let roll = |connection: &mut seedbed::Connection, backfill: Backfill| {
        let backfills = [backfill];
        let options = MigrateOptions { backfills: &backfills, ..MigrateOptions::default() };
        Migrator::new(project.folder()).options(options).rollback(connection, Back::Steps(1)).map(drop)
    };
    let error = roll(&mut connection, backfill("people", "''")).unwrap_err();
    assert!(matches!(error.kind(), MigrateErrorKind::CannotRollBack { .. }), "{error}");
    assert!(error.hint().unwrap().contains("`users.nick`"));
    let error = roll(&mut connection, backfill("users", "nowhere")).unwrap_err();
    assert!(error.to_string().contains("no such column: nowhere"), "{error}");
    roll(&mut connection, backfill("users", "substr(name, 1, 1)")).unwrap();
    assert_eq!(rows(&connection, USERS), ["2|bob|b|integer|36", "8|new|n|text|1"]);
}

/// What is kept is the value that the row got, not the one that the expression would give a moment before or later.
#[test]
fn values_that_were_filled_in_by_the_moment_give_way_to_those_of_before() {
    let up = "-- seedbed: keep users key id casts age to (coalesce(nullif(age, '36'), random())) back (age)
UPDATE users SET age = random() WHERE age = '36';";
    let down = "-- seedbed: restore users key id casts age
UPDATE users SET age = k.\"was age\" FROM __seedbed_kept_users AS k
WHERE k.\"key id\" = users.id AND k.\"is kept\" AND k.\"now age\" IS users.age;";
    let (project, mut connection, before) = project(up, down);
    assert_ne!(contents(&connection), before);
    back(&project, &mut connection);
    assert_eq!(contents(&connection), before);
}

/// Files of older versions, of other tools and of people say nothing about keeping.
#[test]
fn columns_are_kept_without_being_told() {
    let up = "ALTER TABLE users DROP COLUMN nick; ALTER TABLE users DROP age; ALTER TABLE notes DROP COLUMN \"at\";";
    let down = "-- seedbed: restore users key id drops nick, age
ALTER TABLE users ADD COLUMN nick TEXT;
UPDATE users SET nick = k.\"was nick\" FROM __seedbed_kept_users AS k WHERE k.\"key id\" = users.id;
-- seedbed: restore notes key rowid same text drops at
ALTER TABLE notes ADD COLUMN at;
UPDATE notes SET at = k.\"was at\" FROM __seedbed_kept_notes AS k WHERE k.\"key rowid\" = notes.rowid AND k.\"same text\" IS notes.text;";
    let (project, mut connection, _) = project(up, down);
    let list = kept(&connection).unwrap();
    assert_eq!(list[0].part.columns, ["nick", "age"]);
    assert_eq!(
        (list[1].part.table.as_str(), list[1].part.columns.as_slice()),
        ("notes", &["at".to_owned()][..])
    );
    back(&project, &mut connection);
    assert_eq!(rows(&connection, "SELECT id, nick FROM users"), ["1|a", "2|b"]);
    assert_eq!(rows(&connection, "SELECT rowid, at, typeof(at) FROM notes"), ["5|1|real", "9|x|text"]);
}

/// The ways back of other tools' files are written by hand, and know nothing of what is kept.
#[test]
fn what_a_way_back_leaves_empty_is_filled_without_being_asked_for() {
    let untold: String =
        TABLES_DOWN.lines().filter(|line| !line.starts_with("-- ") && !line.starts_with("INSERT")).collect();
    // Children before their parents, and a trigger to which old rows are no news.
    let (users, rest) = untold.split_once(';').unwrap();
    let down = format!(
        "{rest}{users};CREATE TRIGGER t AFTER INSERT ON users BEGIN UPDATE users SET name = 'fired'; END;"
    );
    let (project, mut connection, before) = project(TABLES_UP, &down);
    let report = project.migrator().rollback(&mut connection, Back::Steps(1)).unwrap();
    assert_eq!(report.migrations[0].brought_back.len(), 3);
    connection.execute_batch("DROP TRIGGER t").unwrap();
    assert_eq!(contents(&connection), before);
    assert_eq!(kept(&connection).unwrap(), []);
}

#[test]
fn columns_that_a_way_back_leaves_empty_are_filled_too() {
    let up = "ALTER TABLE users DROP COLUMN nick; ALTER TABLE notes DROP COLUMN \"at\";";
    let down =
        "ALTER TABLE users ADD COLUMN nick TEXT NOT NULL DEFAULT '-'; ALTER TABLE notes ADD COLUMN at;";
    let (project, mut connection, _) = project(up, down);
    connection.execute_batch("INSERT INTO users (id, name) VALUES (8, 'new')").unwrap();
    back(&project, &mut connection);
    assert_eq!(rows(&connection, "SELECT id, nick FROM users"), ["1|a", "2|b", "8|-"]);
    assert_eq!(rows(&connection, "SELECT rowid, at, typeof(at) FROM notes"), ["5|1|real", "9|x|text"]);
    assert_eq!(kept(&connection).unwrap(), []);
}

#[test]
fn what_a_way_back_has_no_empty_place_for_stays_kept_until_it_is_forgotten() {
    let up = "ALTER TABLE users DROP COLUMN nick; DROP TABLE notes; DROP TABLE posts";
    let down = "ALTER TABLE users ADD COLUMN nick TEXT; UPDATE users SET nick = upper(name);
        CREATE TABLE notes (text NOT NULL, at);
        CREATE TABLE posts (id TEXT PRIMARY KEY NOT NULL, user_id INTEGER, size TEXT);";
    let (project, mut connection, _) = project(up, down);
    assert!(kept(&connection).unwrap().iter().all(|kept| kept.in_reach));
    let report = project.migrator().rollback(&mut connection, Back::Steps(1)).unwrap();
    let left: Vec<String> = report.migrations[0].left_kept.iter().map(ToString::to_string).collect();
    assert_eq!(left, ["users (nick)", "notes", "posts"]);
    assert_eq!(rows(&connection, "SELECT nick FROM users"), ["ADA", "BOB"], "computed values are meant");
    let list = kept(&connection).unwrap();
    assert!(list.len() == 3 && list.iter().all(|kept| !kept.in_reach), "{list:?}");
    // By hand, as the documentation says.
    let kept_table = &list[1].kept_table;
    connection
        .execute_batch(&format!("INSERT INTO notes SELECT coalesce(text, ''), at FROM {kept_table}"))
        .unwrap();
    assert_eq!(forget(&mut connection, |_| false).unwrap(), []);
    assert_eq!(forget(&mut connection, |kept| kept.part.table == "notes").unwrap().len(), 1);
    assert_eq!(kept(&connection).unwrap().len(), 2);
}

/// A way back that takes a part of the rows loses nothing either.
#[test]
fn what_a_way_back_leaves_out_stays_kept() {
    let down = "-- seedbed: restore notes
CREATE TABLE notes (text, at);
INSERT INTO notes (text, at) SELECT text, at FROM __seedbed_kept_notes WHERE text IS NOT NULL;";
    let (project, mut connection, _) = project("DROP TABLE notes;", down);
    back(&project, &mut connection);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM notes"), 1);
    assert_eq!(kept(&connection).unwrap()[0].part.rows, 2);
}

#[test]
fn kept_rows_whose_parents_have_gone_stop_the_way_back() {
    let down = "-- seedbed: restore posts
CREATE TABLE posts (id TEXT PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id), text);
INSERT INTO posts (id, user_id, text) SELECT id, user_id, text FROM __seedbed_kept_posts;";
    // And a file that asks for nothing.
    let untold = down.lines().nth(1).unwrap();
    for down in [down, untold] {
        let (project, mut connection, _) = project("DROP TABLE posts;", down);
        connection.execute_batch("DELETE FROM users WHERE id = 2").unwrap();
        let error = project.migrator().rollback(&mut connection, Back::Steps(1)).unwrap_err();
        assert_eq!(failure_kind(&error), FailureKind::ForeignKey);
        assert!(error.to_string().contains("`posts`"), "{error}");
        assert!(error.hint().unwrap().contains("seedbed forget"), "{:?}", error.hint());
        assert_eq!(kept(&connection).unwrap().len(), 1);
    }
}

#[test]
fn a_failed_migration_keeps_nothing() {
    let project =
        Project::new(&[("0000_base", SETUP), ("0001_change", "DROP TABLE notes; DROP TABLE nowhere;")]);
    let mut connection = project.open();
    project.migrator().run_to(&mut connection, "0").unwrap();
    connection.execute_batch(ROWS).unwrap();
    project.run(&mut connection).unwrap_err();
    assert_eq!(kept(&connection).unwrap(), []);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM notes"), 2);
}
