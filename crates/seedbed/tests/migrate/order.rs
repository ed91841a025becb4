//! Histories and folders that do not fit each other: rows 40 to 45 of the probe table.

use crate::support::{Project, memory, one, rows};
use seedbed::migrate::{MigrateErrorKind, MigrateOptions, MigrationState, Migrator};

const A: (&str, &str) = ("0000_a", "CREATE TABLE a (x);");
const B: (&str, &str) = ("0001_b", "CREATE TABLE b (x);\nINSERT INTO b VALUES (1);");
const C: (&str, &str) = ("0002_c", "CREATE TABLE c (x);");

#[test]
fn migrations_run_once_and_in_order() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    let tags = |report: seedbed::migrate::Report| -> Vec<String> {
        report.migrations.into_iter().map(|migration| migration.tag).collect()
    };
    assert_eq!(tags(project.run(&mut connection).unwrap()), ["0000_a", "0001_b"]);
    assert!(tags(project.run(&mut connection).unwrap()).is_empty());
    project.write_all(&[A, B, C]);
    assert_eq!(project.migrator().pending(&connection).unwrap()[0].tag(), "0002_c");
    assert_eq!(tags(project.run(&mut connection).unwrap()), ["0002_c"]);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM b"), 1);

    let history = "SELECT name, length(checksum), applied_at > 1700000000000, duration_ms >= 0, tool_version, \
                   down_sql FROM __seedbed_migrations ORDER BY rowid";
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        rows(&connection, history),
        ["0000_a", "0001_b", "0002_c"].map(|tag| format!("{tag}|64|1|1|{version}|NULL"))
    );
    let objects = rows(&connection, "SELECT kind || ' ' || name FROM __seedbed_objects");
    assert_eq!(objects, ["column a.x", "column b.x", "column c.x", "table a", "table b", "table c"]);
}

#[test]
fn the_way_back_is_kept_in_the_database() {
    let project = Project::new(&[A]);
    project.write("0000_a.down.sql", "DROP TABLE a;\n");
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    assert_eq!(rows(&connection, "SELECT down_sql FROM __seedbed_migrations"), ["DROP TABLE a;\n"]);
}

#[test]
fn an_applied_file_that_was_edited_is_refused() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    project.write_all(&[A, (B.0, "CREATE TABLE b (x, y);"), C]);
    let error = project.run(&mut connection).unwrap_err();
    assert!(matches!(error.kind(), MigrateErrorKind::Changed { .. }));
    assert_eq!(error.to_string(), "`0001_b.sql` was changed after it was applied");
    assert!(error.hint().unwrap().contains("new migration"));
    assert!(rows(&connection, "SELECT 1 FROM sqlite_schema WHERE name = 'c'").is_empty());

    // Comments, white space and line ends are no edit.
    project.write_all(&[A, (B.0, "-- b\r\nCREATE TABLE b(x);\r\n\r\nINSERT INTO b\r\nVALUES (1);"), C]);
    assert_eq!(project.run(&mut connection).unwrap().migrations.len(), 1);
}

#[test]
fn a_missing_file_is_named_even_when_it_was_applied() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    project.remove("0000_a.sql");
    let error = project.run(&mut connection).unwrap_err();
    assert!(error.to_string().contains("the journal names `0000_a.sql`, but there is no"), "{error}");
    assert!(error.hint().unwrap().contains("version control"));
}

#[test]
fn a_renamed_file_is_not_run_again() {
    let project = Project::new(&[A, B]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();

    // Only the file: the journal has the old name.
    std::fs::rename(project.folder().join("0001_b.sql"), project.folder().join("0001_other.sql")).unwrap();
    let error = project.run(&mut connection).unwrap_err();
    assert!(error.to_string().contains("only `0001_other.sql`, which the journal does not name"), "{error}");
    assert!(error.hint().unwrap().contains("name it `0001_b.sql` again"));

    // File and journal: the history has the old name.
    project.write_all(&[A, ("0001_other", B.1)]);
    let error = project.run(&mut connection).unwrap_err();
    assert!(matches!(error.kind(), MigrateErrorKind::Ahead { .. }), "{error}");
    assert!(error.hint().unwrap().contains("`0001_other` has the same SQL: name its files `0001_b` again"));
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM b"), 1);
}

#[test]
fn a_pending_migration_older_than_an_applied_one_is_refused() {
    let project = Project::new(&[A, C]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    project.write_all(&[A, B, C]);
    let error = project.run(&mut connection).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`0001_b.sql` is pending, but it is older than `0002_c`, which was applied"
    );
    assert!(error.hint().unwrap().contains("a number behind `0002_c`"));
    let states: Vec<MigrationState> =
        project.migrator().status(&connection).unwrap().iter().map(|status| status.state).collect();
    assert_eq!(states, [MigrationState::Applied, MigrationState::OutOfOrder, MigrationState::Applied]);
}

#[test]
fn a_database_ahead_of_the_folder_is_refused() {
    let project = Project::new(&[A, B, C]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    let older = Project::new(&[A]);
    let error = older.run(&mut connection).unwrap_err();
    assert!(error.to_string().contains("`0001_b`, `0002_c` were applied to it"), "{error}");
    assert!(error.hint().unwrap().contains("newer"));
    let states = older.migrator().status(&connection).unwrap();
    assert_eq!(states[1].state, MigrationState::Unknown);
    assert!(states[1].applied_at.is_some());
}

#[test]
fn folders_that_make_no_sense_are_refused_with_the_file() {
    let journal = |entries: &str| format!(r#"{{"version":"7","dialect":"sqlite","entries":[{entries}]}}"#);
    let entry = |index: u32, tag: &str| {
        format!(r#"{{"idx":{index},"version":"6","when":0,"tag":"{tag}","breakpoints":true}}"#)
    };
    let cases: [(&str, String, &str); 5] = [
        ("stray", journal(&entry(0, "0000_a")), "0001_b.sql` is a stray file"),
        ("same number", journal(&[entry(0, "0000_a"), entry(0, "0001_b")].join(",")), "both have number 0"),
        (
            "same tag",
            journal(&[entry(0, "0000_a"), entry(1, "0000_a")].join(",")),
            "`0000_a` is listed twice",
        ),
        ("conflict", format!("<<<<<<< HEAD\n{}", journal("")), "_journal.json` line 1: a merge conflict"),
        ("unknown field", journal(r#"{"idx":0,"hash":"x"}"#), "unknown field `hash`"),
    ];
    for (name, text, words) in cases {
        let project = Project::new(&[A, B]);
        project.write("meta/_journal.json", &text);
        let mut connection = memory("");
        let error = project.run(&mut connection).unwrap_err();
        assert!(error.to_string().contains(words), "{name}: {error}");
        assert!(error.hint().is_some(), "{name}");
        assert!(rows(&connection, "SELECT name FROM sqlite_schema").is_empty(), "{name}");
    }
    let project = Project::new(&[A]);
    project.remove("meta/_journal.json");
    let error = project.run(&mut memory("")).unwrap_err();
    assert!(error.to_string().contains("but no `"), "{error}");
}

#[test]
fn a_folder_of_drizzle_1_0_is_not_taken_for_an_empty_one() {
    let project = Project::new(&[]);
    project.remove("meta/_journal.json");
    project.write("20261122213407_neat_pete/migration.sql", "CREATE TABLE a (x);");
    let error = project.run(&mut memory("")).unwrap_err();
    assert!(
        error.to_string().contains("20261122213407_neat_pete` was written by drizzle-kit 1.0"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("seedbed adopt"));
}

#[test]
fn the_journals_numbers_are_the_order_not_its_lines() {
    let project = Project::new(&[A, B]);
    project.write(
        "meta/_journal.json",
        r#"{"version":"7","dialect":"sqlite","entries":[
            {"idx":1,"version":"6","when":0,"tag":"0001_b","breakpoints":true},
            {"idx":0,"version":"6","when":0,"tag":"0000_a","breakpoints":true}]}"#,
    );
    let report = project.run(&mut memory("")).unwrap();
    assert_eq!(report.migrations[0].tag, "0000_a");
}

#[test]
fn an_empty_folder_and_no_folder_are_nothing_to_do() {
    let project = Project::new(&[]);
    assert!(project.run(&mut memory("")).unwrap().migrations.is_empty());
    let nowhere = Migrator::new(project.path().join("nowhere"));
    let mut connection = memory("");
    assert!(nowhere.run(&mut connection).unwrap().migrations.is_empty());
    assert!(rows(&connection, "SELECT name FROM sqlite_schema").is_empty());
}

#[test]
fn a_dry_run_says_what_would_run_and_runs_nothing() {
    let project = Project::new(&[A, B]);
    let mut connection = project.open();
    let dry = MigrateOptions { dry_run: true, ..MigrateOptions::default() };
    let report = project.migrator().options(dry).run(&mut connection).unwrap();
    assert!(report.dry_run);
    assert_eq!(report.migrations[1].sql, B.1);
    assert_eq!(report.migrations[1].statements, 2);
    assert!(rows(&connection, "SELECT name FROM sqlite_schema").is_empty());
}

#[test]
fn hazards_can_be_denied() {
    let hazard = "CREATE TABLE d (x);\n-- hazard: drop-table a: drops every row\nDROP TABLE a;";
    let project = Project::new(&[A, ("0001_drop", hazard)]);
    let mut connection = memory("");
    let deny = MigrateOptions { deny_hazards: true, ..MigrateOptions::default() };
    let error = project.migrator().options(deny).run(&mut connection).unwrap_err();
    assert!(error.to_string().contains("`0001_drop.sql` line 2: drop-table a: drops every row"), "{error}");
    assert!(
        rows(&connection, "SELECT name FROM sqlite_schema").is_empty(),
        "nothing runs when something is denied"
    );
    let report = project.run(&mut connection).unwrap();
    assert_eq!(report.migrations[1].hazards, ["drop-table a: drops every row"]);
    // What was applied is no hazard any more.
    project.migrator().options(deny).run(&mut connection).unwrap();
}
