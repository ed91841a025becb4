//! Databases that Drizzle's migrator made, taken over in place.

use seedbed::inspect::inspect;
use seedbed::migrate::{Folder, MigrateErrorKind, NewMigration};
use seedbed_schema::model::Dialect;
use seedbed_schema::snapshot::Snapshot;

use crate::support::{Project, dump, memory, one, rows};

const BASE: &str = "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL);\n\
    CREATE UNIQUE INDEX users_email_unique ON users (email);\n";
const EDGES: &str =
    "CREATE TABLE edges (id TEXT PRIMARY KEY NOT NULL, user_id TEXT NOT NULL REFERENCES users (id));\n";
const CARDS: &str = "ALTER TABLE edges ADD COLUMN cards TEXT;\n";

/// What Drizzle's migrator makes, with its own words for the same schema.
const DRIZZLE: &str = "CREATE TABLE `users` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`email` text NOT NULL\n);\n\
    CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);\n\
    CREATE TABLE `edges` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`user_id` text NOT NULL,\n\t\
    FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action\n);\n\
    CREATE TABLE \"__drizzle_migrations\" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);\n\
    INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('aa', 1), ('bb', 2);\n\
    INSERT INTO users VALUES ('u1', 'a@x'); INSERT INTO edges VALUES ('e1', 'u1');\n";

fn project() -> Project {
    let project = Project::new(&[]);
    let folder = Folder::new(project.folder());
    let mut so_far = String::new();
    let mut prev_id = None;
    for (tag, up) in [("0000_base", BASE), ("0001_edges", EDGES), ("0002_cards", CARDS)] {
        so_far.push_str(up);
        let schema = inspect(memory(&so_far).rusqlite()).expect("a schema");
        let snapshot = Snapshot::new(Dialect::Sqlite, prev_id.as_deref(), schema);
        prev_id = Some(snapshot.id.clone());
        folder
            .append(&NewMigration { tag, up, down: None, snapshot: &snapshot, when: 0 })
            .expect("a migration");
    }
    project
}

#[test]
fn a_database_of_drizzle_is_refused_until_it_is_adopted() {
    let project = project();
    let mut connection = memory(DRIZZLE);
    let error = project.run(&mut connection).unwrap_err();
    assert!(matches!(error.kind(), MigrateErrorKind::NotAdopted { migrations: 2 }), "{error}");
    assert!(error.hint().unwrap().contains("seedbed adopt"));

    assert_eq!(project.migrator().adopt(&mut connection).unwrap(), ["0000_base", "0001_edges"]);
    let report = project.run(&mut connection).unwrap();
    assert_eq!(report.migrations[0].tag, "0002_cards");
    assert_eq!(rows(&connection, "SELECT * FROM edges"), ["e1|u1|NULL"]);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM __drizzle_migrations"), 2);
    assert_eq!(
        rows(&connection, "SELECT name FROM __seedbed_objects"),
        [
            "edges.cards",
            "edges.id",
            "edges.user_id",
            "users.email",
            "users.id",
            "users_email_unique",
            "edges",
            "users"
        ]
    );
}

#[test]
fn a_table_of_somebody_else_is_no_hindrance_and_does_not_become_ours() {
    let mut connection =
        memory(&format!("{DRIZZLE}CREATE TABLE theirs (x); CREATE VIEW v AS SELECT x FROM theirs;"));
    project().migrator().adopt(&mut connection).unwrap();
    assert!(
        rows(&connection, "SELECT 1 FROM __seedbed_objects WHERE name IN ('theirs', 'theirs.x', 'v')")
            .is_empty()
    );
}

#[test]
fn a_schema_that_differs_is_refused_with_the_differences() {
    let project = project();
    let setup = format!("{DRIZZLE}DROP INDEX users_email_unique; ALTER TABLE users ADD COLUMN nick TEXT;");
    let mut connection = memory(&setup);
    let before = dump(&connection);
    let error = project.migrator().adopt(&mut connection).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("to be as after `0001_edges` it would need:"), "{text}");
    assert!(
        text.contains("\n  drop column users.nick")
            && text.contains("\n  create index users_email_unique on users"),
        "{text}"
    );
    assert_eq!(dump(&connection), before);
    assert!(connection.rusqlite().is_autocommit());
}

#[test]
fn a_database_is_adopted_once() {
    let project = project();
    let mut connection = memory(DRIZZLE);
    project.migrator().adopt(&mut connection).unwrap();
    let error = project.migrator().adopt(&mut connection).unwrap_err();
    assert_eq!(error.to_string(), "the database is taken over already");
    assert!(error.hint().unwrap().contains("seedbed migrate"));
}

#[test]
fn a_folder_without_snapshots_of_ours_proves_nothing() {
    let project = Project::new(&[("0000_base", BASE)]);
    project.write("meta/0000_snapshot.json", r#"{"version":"6","dialect":"sqlite","tables":{}}"#);
    let error = project.migrator().adopt(&mut memory(DRIZZLE)).unwrap_err();
    assert!(error.to_string().contains("no snapshot to compare"), "{error}");
}

#[test]
fn a_folder_of_drizzle_is_taken_over_in_place() {
    let statements = DRIZZLE.split("CREATE TABLE \"__drizzle").next().unwrap();
    let (base, edges) = statements.split_at(statements.find("CREATE TABLE `edges`").unwrap());
    let project = Project::new(&[("0000_brave_hulk", base), ("0001_late_thor", edges)]);
    project.write("meta/0000_snapshot.json", r#"{"version":"6","dialect":"sqlite","id":"x","tables":{}}"#);
    let folder = Folder::new(project.folder());
    assert_eq!(folder.adopt().unwrap(), ["0000_brave_hulk", "0001_late_thor"]);
    assert!(folder.adopt().unwrap().is_empty());

    let migrations = folder.migrations().unwrap();
    let snapshots: Vec<Snapshot> =
        migrations.iter().map(|migration| migration.snapshot().unwrap().unwrap()).collect();
    assert_eq!(snapshots[1].prev_id.as_ref(), Some(&snapshots[0].id));
    assert_eq!(snapshots[0].schema.tables.len(), 1);
    assert_eq!(snapshots[1].schema.tables.len(), 2);

    let mut connection = memory(DRIZZLE);
    assert_eq!(project.migrator().adopt(&mut connection).unwrap(), ["0000_brave_hulk", "0001_late_thor"]);
    assert!(project.run(&mut connection).unwrap().migrations.is_empty());
    assert_eq!(project.run(&mut memory("")).unwrap().migrations.len(), 2);
}

#[test]
fn a_folder_that_does_not_run_is_not_taken_over() {
    let project = Project::new(&[("0000_base", "CREATE TABLE t (a);"), ("0001_bad", "DROP TABLE nowhere;")]);
    let error = Folder::new(project.folder()).adopt().unwrap_err();
    assert!(error.to_string().contains("`0001_bad.sql` line 1: no such table: nowhere"), "{error}");
}
