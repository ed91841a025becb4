//! Folders on disk: what is written is read back, all of it or nothing is there, nothing is overwritten.

use seedbed::migrate::{EmbeddedMigrations, Folder, Migrator, NewMigration};
use seedbed_schema::model::{Column, ColumnType, Dialect, Schema, Table};
use seedbed_schema::snapshot::Snapshot;

use crate::support::{Project, memory, one, rows};

fn snapshot(prev_id: Option<&str>, column: &str) -> Snapshot {
    let column_type = ColumnType::new("TEXT");
    let columns = vec![Column { name: column.to_owned(), column_type, ..Column::default() }];
    let table = Table { name: "t".to_owned(), columns, ..Table::default() };
    Snapshot::new(Dialect::Sqlite, prev_id, Schema { tables: vec![table], ..Schema::default() })
}

fn files(folder: &Folder) -> Vec<String> {
    let mut names = Vec::new();
    for directory in [folder.path().to_owned(), folder.path().join("meta")] {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        names.extend(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()));
    }
    names.sort();
    names
}

#[test]
fn what_is_appended_is_read_back() {
    let project = Project::new(&[]);
    let folder = Folder::new(project.path().join("new/deep"));
    assert!(folder.journal().unwrap().is_none() && folder.migrations().unwrap().is_empty());

    let first = snapshot(None, "a");
    let second = snapshot(Some(&first.id), "b");
    let up = "CREATE TABLE t (a TEXT NOT NULL);\n";
    folder
        .append(&NewMigration {
            tag: "0000_base",
            up,
            down: Some("DROP TABLE t;\n"),
            snapshot: &first,
            when: 7,
        })
        .unwrap();
    folder
        .append(&NewMigration {
            tag: "0001_rename",
            up: "ALTER TABLE t RENAME COLUMN a TO b;\n",
            down: None,
            snapshot: &second,
            when: 8,
        })
        .unwrap();
    assert_eq!(
        files(&folder),
        [
            "0000_base.down.sql",
            "0000_base.sql",
            "0000_snapshot.json",
            "0001_rename.sql",
            "0001_snapshot.json",
            "_journal.json",
            "meta"
        ]
    );

    let migrations = folder.migrations().unwrap();
    let [base, rename] = migrations.as_slice() else { panic!("{migrations:?}") };
    assert_eq!((base.index(), base.tag(), base.when(), base.up()), (0, "0000_base", 7, up));
    assert_eq!((base.down(), rename.down()), (Some("DROP TABLE t;\n"), None));
    assert_eq!(rename.snapshot().unwrap().unwrap(), second);

    let mut connection = memory("");
    Migrator::new(folder).run(&mut connection).unwrap();
    assert_eq!(rows(&connection, "SELECT name FROM pragma_table_xinfo('t')"), ["b"]);
}

#[test]
fn nothing_is_overwritten_and_a_refused_migration_leaves_nothing() {
    let project = Project::new(&[("0000_a", "CREATE TABLE a (x);")]);
    let folder = Folder::new(project.folder());
    let snapshot = snapshot(None, "a");
    let new = NewMigration {
        tag: "0001_b",
        up: "SELECT 1;",
        down: Some("SELECT 2;"),
        snapshot: &snapshot,
        when: 0,
    };
    for taken in ["0001_b.sql", "0001_b.down.sql", "meta/0001_snapshot.json"] {
        project.write(taken, "by hand");
        let before = files(&folder);
        let error = folder.append(&new).unwrap_err();
        assert!(error.to_string().ends_with(&format!("{taken}` exists already")), "{error}");
        assert_eq!(files(&folder), before);
        assert_eq!(std::fs::read_to_string(project.folder().join(taken)).unwrap(), "by hand");
        project.remove(taken);
    }
    let error = folder.append(&NewMigration { tag: "0000_A", ..new }).unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    folder.append(&new).unwrap();
    assert_eq!(folder.journal().unwrap().unwrap().entries.len(), 2);
}

#[test]
fn what_a_killed_append_left_behind_is_ignored_and_cleaned() {
    let project = Project::new(&[("0000_a", "CREATE TABLE a (x);")]);
    let folder = Folder::new(project.folder());
    // As after step 2 of the writer: everything is there but the journal.
    let journal = std::fs::read_to_string(project.folder().join("meta/_journal.json")).unwrap();
    let entry = r#",{"idx":1,"version":"6","when":0,"tag":"0001_gone","breakpoints":true}]"#;
    project.write("meta/_journal.json.new", &journal.replace("]", entry));
    project.write("0001_gone.sql", "CREATE TABLE gone (x);");
    project.write("0001_gone.down.sql", "half of i");
    project.write("meta/0001_snapshot.json", "{}");

    let mut connection = memory("");
    let report = project.run(&mut connection).unwrap();
    assert_eq!(report.migrations.len(), 1);

    let snapshot = snapshot(None, "a");
    let new = NewMigration { tag: "0001_b", up: "SELECT 1;", down: None, snapshot: &snapshot, when: 0 };
    folder.append(&new).unwrap();
    assert_eq!(files(&folder), ["0000_a.sql", "0001_b.sql", "0001_snapshot.json", "_journal.json", "meta"]);

    // Killed even earlier, in the middle of writing the new journal.
    project.write("meta/_journal.json.new", "{\"version\":\"7\",");
    let later = NewMigration { tag: "0002_c", ..new };
    folder.append(&later).unwrap();
    assert_eq!(folder.migrations().unwrap().len(), 3);
}

#[test]
fn two_writers_at_once_get_different_numbers_or_an_error() {
    let project = Project::new(&[]);
    let folder = Folder::new(project.folder());
    let snapshot = snapshot(None, "a");
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (folder, snapshot) = (&folder, &snapshot);
            scope.spawn(move || {
                let tag = format!("{writer:04}_x");
                folder
                    .append(&NewMigration { tag: &tag, up: "SELECT 1;", down: None, snapshot, when: 0 })
                    .unwrap();
            });
        }
    });
    let indexes: Vec<u32> = folder.migrations().unwrap().iter().map(|migration| migration.index()).collect();
    assert_eq!(indexes, (0..8).collect::<Vec<_>>());
}

#[test]
fn embedded_files_are_a_folder_too() {
    static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
        (
            "meta/_journal.json",
            r#"{"version":"7","dialect":"sqlite","entries":[{"idx":0,"version":"6","when":0,"tag":"0000_a","breakpoints":true}]}"#,
        ),
        ("0000_a.sql", "CREATE TABLE a (x);"),
        ("0000_a.down.sql", "DROP TABLE a;"),
        ("meta/0000_snapshot.json", "{\"version\":\"6\",\"tables\":{}}"),
    ]);
    let mut connection = memory("");
    Migrator::new(MIGRATIONS).run(&mut connection).unwrap();
    assert_eq!(one::<String>(&connection, "SELECT down_sql FROM __seedbed_migrations"), "DROP TABLE a;");
    let pending = Migrator::new(MIGRATIONS).pending(&memory("")).unwrap();
    let error = pending[0].snapshot().unwrap_err();
    assert!(
        error.is_drizzle_snapshot()
            && error.to_string().contains("meta/0000_snapshot.json (built into the program)"),
        "{error}"
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_sql() {
    let project = Project::new(&[("0000_a", "\u{feff}CREATE TABLE a (x);")]);
    let mut connection = memory("");
    project.run(&mut connection).unwrap();
    project.write("0000_a.sql", "CREATE TABLE a (x);");
    assert!(project.run(&mut connection).unwrap().migrations.is_empty());
}
