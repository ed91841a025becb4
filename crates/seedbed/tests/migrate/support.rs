//! A migrations folder and a database for a test.

use seedbed::Connection;
use seedbed::migrate::{FailureKind, MigrateError, MigrateErrorKind, Migrator, Report};
use std::path::{Path, PathBuf};

/// A temporary directory with a migrations folder in it.
pub(crate) struct Project {
    directory: tempfile::TempDir,
}

impl Project {
    /// Makes a folder of migrations, given as `(tag, up)`.
    pub(crate) fn new(migrations: &[(&str, &str)]) -> Self {
        let project = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        project.write_all(migrations);
        project
    }

    /// Writes the migrations and a journal that lists them.
    pub(crate) fn write_all(&self, migrations: &[(&str, &str)]) {
        let mut entries = Vec::new();
        for (index, (tag, up)) in migrations.iter().enumerate() {
            self.write(&format!("{tag}.sql"), up);
            entries.push(format!(
                r#"{{"idx":{index},"version":"6","when":{index},"tag":"{tag}","breakpoints":true}}"#
            ));
        }
        let journal = format!(r#"{{"version":"7","dialect":"sqlite","entries":[{}]}}"#, entries.join(","));
        self.write("meta/_journal.json", &journal);
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a writable directory");
        std::fs::write(path, text).expect("a writable file");
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.folder().join(name)).expect("a file to remove");
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.directory.path().join("migrations")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.directory.path().join("app.db")
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn migrator(&self) -> Migrator<'static> {
        Migrator::new(self.folder())
    }

    pub(crate) fn open(&self) -> Connection {
        Connection::open(self.database()).expect("a database")
    }

    pub(crate) fn run(&self, connection: &mut Connection) -> Result<Report, MigrateError> {
        self.migrator().run(connection)
    }
}

/// Runs one script on a database that was made by another one, and gives the database back.
pub(crate) fn after(setup: &str, script: &str) -> Connection {
    let (connection, outcome) = attempt(setup, script);
    if let Err(error) = outcome {
        panic!("{error}\nhint: {:?}", error.hint());
    }
    connection
}

/// Runs one script on a database that was made by another one; it must fail and leave no trace.
pub(crate) fn refused(setup: &str, script: &str) -> MigrateError {
    let before = dump(&memory(setup));
    let (connection, outcome) = attempt(setup, script);
    let error = outcome.expect_err("the script to fail");
    assert_eq!(dump(&connection), before, "a failed migration left a trace");
    let foreign_keys: bool = one(&connection, "PRAGMA foreign_keys");
    assert!(foreign_keys, "the pragmas were not put back");
    error
}

/// Returns the kind of a script's failure.
pub(crate) fn failure_kind(error: &MigrateError) -> FailureKind {
    match error.kind() {
        MigrateErrorKind::Failed(failure) => failure.kind(),
        other => panic!("{other:?}"),
    }
}

/// Returns the rows that a script's failure names.
pub(crate) fn offending(error: &MigrateError) -> Vec<String> {
    match error.kind() {
        MigrateErrorKind::Failed(failure) => failure.offending_rows().to_vec(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn attempt(setup: &str, script: &str) -> (Connection, Result<Report, MigrateError>) {
    let project = Project::new(&[("0000_change", script)]);
    let mut connection = memory(setup);
    let outcome = project.run(&mut connection);
    (connection, outcome)
}

pub(crate) fn memory(setup: &str) -> Connection {
    let connection = Connection::open_in_memory().expect("a database");
    connection.execute_batch(setup).expect("a good setup");
    connection
}

/// Returns the one value of a query.
pub(crate) fn one<T: rusqlite::types::FromSql>(connection: &Connection, sql: &str) -> T {
    connection
        .rusqlite()
        .query_row(sql, [], |row| row.get(0))
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Returns all rows of a query, columns joined with `|`.
pub(crate) fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.rusqlite().prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let width = statement.column_count();
    let text = |row: &rusqlite::Row<'_>| {
        let values: rusqlite::Result<Vec<String>> = (0..width)
            .map(|column| {
                Ok(match row.get::<_, rusqlite::types::Value>(column)? {
                    rusqlite::types::Value::Null => "NULL".to_owned(),
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    rusqlite::types::Value::Real(number) => number.to_string(),
                    rusqlite::types::Value::Text(text) => text,
                    rusqlite::types::Value::Blob(bytes) => format!("{bytes:?}"),
                })
            })
            .collect();
        Ok(values?.join("|"))
    };
    let found = statement.query_map([], text).and_then(Iterator::collect);
    found.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Returns everything that a database holds, schema and rows.
pub(crate) fn dump(connection: &Connection) -> Vec<String> {
    let mut all = rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name");
    let tables = rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    for table in tables {
        let quoted = table.replace('"', "\"\"");
        all.extend(rows(connection, &format!("SELECT '{table}', * FROM \"{quoted}\"")));
    }
    all
}
