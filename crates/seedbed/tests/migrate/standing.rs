//! Where a database stands: the state of every migration, and what was changed by hand since.

use std::fs;

use seedbed::Connection;
use seedbed::migrate::{Difference, Drift, MigrationState, Standing};

use crate::support::{Project, memory};

const A: (&str, &str) =
    ("0000_a", "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT);\nCREATE INDEX a_x ON a (x);");
const B: (&str, &str) = (
    "0001_b",
    "CREATE TABLE log (x);\nCREATE TRIGGER a_log AFTER INSERT ON a BEGIN INSERT INTO log (x) VALUES (new.x); END;\n\
     CREATE VIRTUAL TABLE words USING fts5(text);\nCREATE VIEW a_view AS SELECT x FROM a;",
);
const C: (&str, &str) = ("0002_c", "CREATE TABLE c (x);");

fn states(standing: &Standing) -> Vec<(&str, MigrationState)> {
    standing.migrations.iter().map(|migration| (migration.tag.as_str(), migration.state)).collect()
}

fn drifted(standing: Standing) -> (Vec<String>, String) {
    let Drift::Drifted(Difference { changes, way_back, .. }) = standing.drift else {
        panic!("it did not drift: {standing:?}")
    };
    (changes.iter().map(ToString::to_string).collect(), way_back.expect("a way back"))
}

#[test]
fn every_migration_has_its_state() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    project.write_all(&[("0000_a", "CREATE TABLE a (y)"), ("0000_b", "SELECT 1"), B, C, ("0003_d", "")]);
    project.remove("0003_d.sql");
    connection
        .execute_batch("INSERT INTO __seedbed_migrations VALUES ('0009_x', 'x', 1, 7, '', NULL)")
        .unwrap();
    let standing = project.migrator().standing(&connection).unwrap();
    assert_eq!(
        states(&standing),
        [
            ("0000_a", MigrationState::Changed),
            ("0000_b", MigrationState::OutOfOrder),
            ("0001_b", MigrationState::Applied),
            ("0002_c", MigrationState::Pending),
            ("0003_d", MigrationState::Missing),
            ("0009_x", MigrationState::Unknown),
        ]
    );
    assert!(!standing.is_in_order());
    assert_eq!(standing.migrations[5].duration, Some(std::time::Duration::from_millis(7)));
    assert!(matches!(standing.drift, Drift::NotCompared { .. }));
}

#[test]
fn what_hand_written_files_made_is_no_drift() {
    let rename = ("0002_c", "ALTER TABLE log RENAME TO journal;\nALTER TABLE journal ADD COLUMN at TEXT;");
    let project = Project::new(&[A, B, rename]);
    let mut connection = memory(
        "CREATE TABLE theirs (x); CREATE VIEW their_view AS SELECT x FROM theirs;
         CREATE VIRTUAL TABLE their_words USING fts5(text)",
    );
    project.run(&mut connection).unwrap();
    let standing = project.migrator().standing(&connection).unwrap();
    assert_eq!(standing.drift, Drift::None);
    assert_eq!(standing.foreign, ["table their_words", "table theirs", "view their_view"]);
    assert!(standing.is_in_order());
}

#[test]
fn what_was_changed_by_hand_is_found_and_led_back() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE stray (x); ALTER TABLE a ADD COLUMN y TEXT; DROP INDEX a_x; DROP TRIGGER a_log;
             DROP VIEW a_view; CREATE VIEW a_view AS SELECT id FROM a; DROP TABLE words;
             CREATE VIRTUAL TABLE others USING fts5(text);
             CREATE TRIGGER mine AFTER DELETE ON a BEGIN SELECT 1; END",
        )
        .unwrap();
    let (changes, way_back) = drifted(project.migrator().standing(&connection).unwrap());
    for expected in [
        "create table stray",
        "add column a.y",
        "drop index a_x of a",
        "drop trigger a_log",
        "alter view a_view",
        "drop table words",
        "create table others",
        "create trigger mine",
    ] {
        assert!(changes.iter().any(|change| change == expected), "{expected}: {changes:?}");
    }
    assert_eq!(changes.len(), 8, "{changes:?}");
    connection.execute_batch(&way_back).unwrap();
    assert_eq!(project.migrator().standing(&connection).unwrap().drift, Drift::None);
}

#[test]
fn tables_that_are_in_the_way_are_named_before_anything_ran() {
    let project = Project::new(&[A]);
    let connection = memory("CREATE TABLE A (x); CREATE TABLE other (x)");
    let standing = project.migrator().standing(&connection).unwrap();
    assert_eq!((standing.pending(), standing.in_the_way.as_slice()), (1, ["a".to_owned()].as_slice()));
    assert!(standing.is_in_order());
}

/// A reader needs the files of a write-ahead log; one that leaves them behind writes after all.
#[test]
fn looking_leaves_no_file_behind_and_others_files_as_they_are() {
    let project = Project::new(&[A]);
    let mut writer = project.open();
    project.run(&mut writer).unwrap();
    let files = || {
        let mut names: Vec<String> = fs::read_dir(project.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("app.db"))
            .collect();
        names.sort();
        names
    };
    // While another connection has a transaction open.
    writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO a (x) VALUES ('not yet')").unwrap();
    let look = || {
        let connection = Connection::open_to_look(project.database()).unwrap();
        assert!(project.migrator().standing(&connection).unwrap().is_in_order());
        assert!(connection.execute_batch("DELETE FROM a").is_err());
    };
    look();
    writer.execute_batch("COMMIT").unwrap();
    let log = || fs::metadata(project.path().join("app.db-wal")).unwrap().len();
    let size = log();
    look();
    assert_eq!((files(), log()), (["app.db", "app.db-shm", "app.db-wal"].map(str::to_owned).to_vec(), size));
    drop(writer);
    look();
    assert_eq!(files(), ["app.db"]);
    assert_eq!(
        Connection::open(project.database())
            .unwrap()
            .query_one("PRAGMA journal_mode", &[], |row| row.get::<String>(0))
            .unwrap(),
        "wal"
    );
}
