//! The record of the migrations is put right only when the database bears it out.

use seedbed::Connection;
use seedbed::migrate::{Drift, MigrateError, MigrateErrorKind, Repair, RepairOptions, Repaired};

use crate::support::{Project, memory, rows};

const A: (&str, &str) = ("0000_a", "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT);");
const B: (&str, &str) = (
    "0001_b",
    "CREATE TABLE b (x);\nCREATE INDEX a_x ON a (x);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;",
);
const ROWS: (&str, &str) = ("0002_rows", "INSERT INTO b VALUES (1);");

fn repair(
    project: &Project,
    connection: &mut Connection,
    repair: Repair<'_>,
) -> Result<Repaired, MigrateError> {
    project.migrator().repair(connection, repair, RepairOptions::default())
}

fn forced(project: &Project, connection: &mut Connection, repair: Repair<'_>) -> Repaired {
    let options = RepairOptions { force: true, dry_run: false };
    project.migrator().repair(connection, repair, options).expect("a repair that is forced")
}

fn against(error: &MigrateError) -> Vec<String> {
    match error.kind() {
        MigrateErrorKind::Unproved { differences, .. } => {
            differences.iter().map(ToString::to_string).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn applied(connection: &Connection) -> Vec<String> {
    rows(connection, "SELECT name FROM __seedbed_migrations ORDER BY rowid")
}

#[test]
fn an_edited_file_is_taken_when_it_makes_what_the_database_has() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    let same = (
        "0000_a",
        "CREATE TABLE a (x TEXT);\nALTER TABLE a ADD COLUMN y;\nDROP TABLE a;\nCREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT);",
    );
    project.write_all(&[same, B]);
    project.write("0000_a.down.sql", "DROP TABLE a;");
    assert!(project.run(&mut connection).is_err());
    let repaired = repair(&project, &mut connection, Repair::Edited("0")).unwrap();
    assert!(repaired.proved && !repaired.was_right && repaired.subject == "0000_a", "{repaired:?}");
    assert_eq!(rows(&connection, "SELECT down_sql FROM __seedbed_migrations")[0], "DROP TABLE a;");
    assert!(project.run(&mut connection).unwrap().migrations.is_empty());
    assert!(repair(&project, &mut connection, Repair::Edited("0000_a")).unwrap().was_right);

    project.write_all(&[("0000_a", "CREATE TABLE a (id INTEGER PRIMARY KEY, x INT, z);"), B]);
    let error = repair(&project, &mut connection, Repair::Edited("0000_a")).unwrap_err();
    assert_eq!(against(&error), ["add column a.z", "alter column a.x"]);
    assert!(project.run(&mut connection).is_err());
    assert!(!forced(&project, &mut connection, Repair::Edited("0000_a")).proved);
    assert!(project.run(&mut connection).unwrap().migrations.is_empty());
}

#[test]
fn a_migration_that_the_database_has_is_recorded() {
    let project = Project::new(&[A, B]);
    let mut connection = memory(&format!("{} CREATE TABLE theirs (x); CREATE TABLE b (x)", A.1));
    let error = repair(&project, &mut connection, Repair::Applied("0001_b")).unwrap_err();
    assert!(error.to_string().contains("`0000_a` comes before"), "{error}");
    assert!(repair(&project, &mut connection, Repair::Applied("0000_a")).unwrap().proved);
    let error = repair(&project, &mut connection, Repair::Applied("0001_b")).unwrap_err();
    assert_eq!(against(&error), ["create index a_x on a", "create trigger t"]);
    assert_eq!(applied(&connection), ["0000_a"]);

    connection.execute_batch(&B.1.replace("CREATE TABLE b (x);", "")).unwrap();
    let dry = RepairOptions { force: false, dry_run: true };
    assert!(project.migrator().repair(&mut connection, Repair::Applied("1"), dry).unwrap().proved);
    assert_eq!(applied(&connection), ["0000_a"]);
    repair(&project, &mut connection, Repair::Applied("1")).unwrap();
    let standing = project.migrator().standing(&connection).unwrap();
    assert!(standing.is_in_order() && standing.pending() == 0, "{standing:?}");
    assert_eq!(standing.foreign, ["table theirs"]);
}

#[test]
fn a_migration_that_the_database_does_not_have_is_taken_out_of_the_record() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    let error = repair(&project, &mut connection, Repair::NotApplied("0000_a")).unwrap_err();
    assert!(error.to_string().contains("`0001_b` was applied after"), "{error}");
    let error = repair(&project, &mut connection, Repair::NotApplied("0001_b")).unwrap_err();
    assert_eq!(against(&error), ["drop index a_x of a", "drop table b", "drop trigger t"]);
    connection.execute_batch("DROP TABLE b; DROP TRIGGER t; DROP INDEX a_x").unwrap();
    repair(&project, &mut connection, Repair::NotApplied("0001_b")).unwrap();
    assert_eq!(applied(&connection), ["0000_a"]);
    assert!(!rows(&connection, "SELECT name FROM __seedbed_objects").contains(&"b".to_owned()));
    assert_eq!(project.run(&mut connection).unwrap().migrations.len(), 1);
}

#[test]
fn a_record_whose_file_is_gone_goes_when_nothing_is_left_of_it() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    project.remove("0001_b.sql");
    project.write_all(&[A]);
    let error = repair(&project, &mut connection, Repair::NotApplied("0001_b")).unwrap_err();
    assert_eq!(against(&error).len(), 3);
    connection.execute_batch("DROP TABLE b; DROP TRIGGER t; DROP INDEX a_x").unwrap();
    assert!(repair(&project, &mut connection, Repair::NotApplied("0001_b")).unwrap().proved);
    assert_eq!(project.migrator().standing(&connection).unwrap().drift, Drift::None);
}

#[test]
fn what_changes_rows_only_is_for_a_person_to_know() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    project.write_all(&[A, B, ROWS]);
    let error = repair(&project, &mut connection, Repair::Applied("rows")).unwrap_err();
    assert!(matches!(error.kind(), MigrateErrorKind::Unprovable { .. }), "{error}");
    assert!(error.hint().unwrap().contains("--force"));
    assert!(!forced(&project, &mut connection, Repair::Applied("rows")).proved);
    assert_eq!(applied(&connection), ["0000_a", "0001_b", "0002_rows"]);
    assert!(rows(&connection, "SELECT * FROM b").is_empty());
}

#[test]
fn what_another_tool_made_is_left_alone_from_then_on() {
    let project = Project::new(&[A]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    connection.execute_batch("CREATE TABLE Sessions (x)").unwrap();
    assert!(!project.migrator().standing(&connection).unwrap().is_in_order());
    repair(&project, &mut connection, Repair::Foreign("table sessions")).unwrap();
    let standing = project.migrator().standing(&connection).unwrap();
    assert!(standing.is_in_order());
    assert_eq!(standing.foreign, ["table Sessions"]);
    assert!(repair(&project, &mut connection, Repair::Foreign("sessions")).unwrap().was_right);
    let error = repair(&project, &mut connection, Repair::Foreign("a")).unwrap_err();
    assert!(error.to_string().contains("made by a migration"), "{error}");
    assert!(repair(&project, &mut connection, Repair::Foreign("nothing")).is_err());
}
