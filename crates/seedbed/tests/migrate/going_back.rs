//! Rollback: what the down SQL undoes, what stops it, and what the database remembers afterwards.

use seedbed::migrate::{Back, Direction, MigrateErrorKind, MigrateOptions};

use crate::support::{Project, one, rows};

const BASE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);";

/// A folder of three migrations with ways back.
fn project() -> Project {
    let project = Project::new(&[
        ("0000_base", BASE),
        ("0001_add_age", "ALTER TABLE users ADD COLUMN age INTEGER;"),
        (
            "0002_add_posts",
            "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));",
        ),
    ]);
    project.write("0000_base.down.sql", "DROP TABLE users;");
    project.write("0001_add_age.down.sql", "ALTER TABLE users DROP COLUMN age;");
    project.write("0002_add_posts.down.sql", "DROP TABLE posts;");
    project
}

const APPLIED: &str = "SELECT name FROM __seedbed_migrations ORDER BY rowid";
const OBJECTS: &str = "SELECT kind || ' ' || name FROM __seedbed_objects ORDER BY kind, name";

#[test]
fn the_newest_migration_is_undone_and_forgotten() {
    let project = project();
    let mut connection = project.open();
    project.migrator().run_to(&mut connection, "1").unwrap();
    let objects = rows(&connection, OBJECTS);
    project.run(&mut connection).unwrap();
    connection.execute_batch("INSERT INTO users VALUES (1, 'ada', 36)").unwrap();

    let report = project.migrator().rollback(&mut connection, Back::Steps(1)).unwrap();
    assert_eq!((report.direction, report.migrations[0].tag.as_str()), (Direction::Reverse, "0002_add_posts"));
    assert_eq!(rows(&connection, APPLIED), ["0000_base", "0001_add_age"]);
    assert_eq!(rows(&connection, OBJECTS), objects, "what is ours is as it was before");
    assert_eq!(rows(&connection, "SELECT * FROM users"), ["1|ada|36"]);

    let report = project.migrator().rollback(&mut connection, Back::To("empty")).unwrap();
    assert_eq!(report.migrations.len(), 2);
    assert_eq!(rows(&connection, OBJECTS), [""; 0]);
    assert_eq!(project.run(&mut connection).unwrap().migrations.len(), 3, "and forward again");
}

/// Another branch is checked out: the file is gone, the folder does not know the migration, or is gone itself.
#[test]
fn the_way_back_is_the_one_that_was_recorded() {
    let project = project();
    let mut connection = project.open();
    project.run(&mut connection).unwrap();
    project.write("0002_add_posts.down.sql", "SELECT broken FROM nowhere;");
    project.migrator().rollback(&mut connection, Back::Steps(1)).unwrap();
    project.remove("0001_add_age.sql");
    project.migrator().rollback(&mut connection, Back::Steps(1)).unwrap();
    std::fs::remove_dir_all(project.folder()).unwrap();
    project.migrator().rollback(&mut connection, Back::Steps(1)).unwrap();
    assert_eq!(rows(&connection, APPLIED), [""; 0]);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'users'"), 0);
}

#[test]
fn a_migration_without_a_way_back_stops_everything_before_anything_runs() {
    let project = project();
    project.write("0001_add_age.down.sql", "-- Write the SQL that undoes this migration below.\n");
    let mut connection = project.open();
    project.run(&mut connection).unwrap();
    let error = project.migrator().rollback(&mut connection, Back::To("0")).unwrap_err();
    assert!(matches!(error.kind(), MigrateErrorKind::NoWayBack { tag } if tag == "0001_add_age"), "{error}");
    assert!(error.hint().unwrap().contains("0001_add_age.down.sql"));
    assert_eq!(rows(&connection, APPLIED).len(), 3, "nothing was rolled back half-way");
    // What is written afterwards counts when nothing was recorded.
    project.write("0001_add_age.down.sql", "ALTER TABLE users DROP COLUMN age;");
    project.migrator().rollback(&mut connection, Back::To("0")).unwrap();
    assert_eq!(rows(&connection, APPLIED), ["0000_base"]);
}

#[test]
fn a_failing_way_back_leaves_its_migration_applied() {
    let project = project();
    project.write("0001_add_age.down.sql", "ALTER TABLE users DROP COLUMN age;\nDROP TABLE nowhere;");
    let mut connection = project.open();
    project.run(&mut connection).unwrap();
    let error = project.migrator().rollback(&mut connection, Back::Steps(2)).unwrap_err();
    assert!(error.to_string().contains("`0001_add_age.down.sql` line 2"), "{error}");
    assert_eq!(error.report().migrations[0].tag, "0002_add_posts");
    assert_eq!(rows(&connection, APPLIED), ["0000_base", "0001_add_age"]);
    connection.execute_batch("INSERT INTO users VALUES (1, 'ada', 36)").unwrap();
}

#[test]
fn migrating_to_a_migration_goes_either_way() {
    let project = project();
    let mut connection = project.open();
    let report = project.migrator().run_to(&mut connection, "add_age").unwrap();
    assert_eq!((report.direction, report.migrations.len()), (Direction::Forward, 2));
    project.run(&mut connection).unwrap();
    let report = project.migrator().run_to(&mut connection, "0000_base.sql").unwrap();
    assert_eq!((report.direction, report.migrations.len()), (Direction::Reverse, 2));
    let error = project.migrator().run_to(&mut connection, "7").unwrap_err();
    assert!(matches!(error.kind(), MigrateErrorKind::Unknown { .. }), "{error}");
    let error = project.migrator().rollback(&mut connection, Back::To("0002")).unwrap_err();
    assert!(error.to_string().contains("`0002_add_posts` is not applied"), "{error}");
    let error = project.migrator().rollback(&mut connection, Back::Steps(2)).unwrap_err();
    assert!(error.to_string().contains("1 migration is applied"), "{error}");
}

#[test]
fn a_dry_run_shows_the_way_back_and_goes_nowhere() {
    let project = project();
    let mut connection = project.open();
    project.run(&mut connection).unwrap();
    let options = MigrateOptions { dry_run: true, ..MigrateOptions::default() };
    let report = project.migrator().options(options).rollback(&mut connection, Back::Steps(2)).unwrap();
    let sql: Vec<&str> = report.migrations.iter().map(|migration| migration.sql.as_str()).collect();
    assert_eq!(sql, ["DROP TABLE posts;", "ALTER TABLE users DROP COLUMN age;"]);
    assert_eq!(rows(&connection, APPLIED).len(), 3);
}
