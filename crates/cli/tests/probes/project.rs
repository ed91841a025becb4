//! A project with a schema and a migrated database, as every story begins.

use std::fmt::Write;

use seedbed::rusqlite::types::ValueRef;
use seedbed::rusqlite::{Connection, Row};

use crate::test_env::{Run, TestEnv};

/// A project folder with `seedbed.toml`, `src/schema.rs`, `migrations/` and `app.db`.
pub(crate) struct Project {
    env: TestEnv,
}

impl Project {
    /// Writes the schema and does nothing with it yet.
    pub(crate) fn new(schema: &str) -> Self {
        let env = TestEnv::new();
        env.write("seedbed.toml", "url = \"app.db\"\n");
        env.write("src/schema.rs", schema);
        Self { env }
    }

    /// Generates and migrates the schema, and puts rows in by SQL, as another program would: with foreign keys on.
    pub(crate) fn with_rows(schema: &str, rows: &str) -> Self {
        let project = Self::new(schema);
        project.run(&["generate"]).succeeded();
        project.run(&["migrate"]).succeeded();
        project.execute(rows);
        project
    }

    /// Runs the command.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.env.run(arguments)
    }

    /// The project's folder.
    pub(crate) fn env(&self) -> &TestEnv {
        &self.env
    }

    /// Runs a command that prints data before it fails, and returns what it says.
    pub(crate) fn fails_midway(&self, arguments: &[&str], code: i32) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, code, "{}", run.stderr);
        run.stderr
    }

    /// Changes the schema, generates with the flags, and migrates; everything has to go well. Returns the SQL.
    pub(crate) fn becomes(&self, schema: &str, flags: &[&str]) -> String {
        let sql = self.generates(schema, flags);
        self.run(&["migrate"]).succeeded();
        let again = self.run(&["generate"]);
        assert!(again.stderr.starts_with("nothing changed"), "{}", again.stderr);
        sql
    }

    /// Changes the schema and generates with the flags, which has to go well. Returns the SQL.
    pub(crate) fn generates(&self, schema: &str, flags: &[&str]) -> String {
        self.env.write("src/schema.rs", schema);
        let files = self.run(&[&["generate"], flags].concat()).succeeded();
        self.env.read(files.lines().next().expect("a migration was written"))
    }

    /// Writes and runs a migration by hand.
    pub(crate) fn custom(&self, sql: &str) {
        let files = self.run(&["generate", "--custom"]).succeeded();
        self.env.write(files.lines().next().unwrap(), sql);
        self.run(&["migrate"]).succeeded();
    }

    /// Opens the database as another program would.
    pub(crate) fn database(&self) -> Connection {
        let connection = Connection::open(self.env.path("app.db")).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        connection
    }

    /// Runs SQL by hand.
    pub(crate) fn execute(&self, sql: &str) {
        self.database().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Returns what SQLite says against a statement.
    pub(crate) fn refusal(&self, sql: &str) -> String {
        self.database().execute_batch(sql).unwrap_err().to_string()
    }

    /// Returns rows as text: values with `|` between them, texts as they are, NULL as `-`.
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        let connection = self.database();
        let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| Ok(text(row, columns))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// Returns every row of every table that is not SQLite's or ours, to compare before with after.
    pub(crate) fn everything(&self) -> Vec<String> {
        let tables = self.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND name NOT LIKE '\\_\\_seedbed\\_%' ESCAPE '\\' ORDER BY name",
        );
        let mut all = Vec::new();
        for table in tables {
            let rows = self.rows(&format!("SELECT * FROM \"{table}\" ORDER BY 1"));
            all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        all
    }

    /// Returns the names of what hangs on tables: triggers, views and indexes that have SQL.
    pub(crate) fn hanging(&self) -> Vec<String> {
        self.rows(
            "SELECT name FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL\n\
             AND tbl_name NOT LIKE '\\_\\_seedbed\\_%' ESCAPE '\\' ORDER BY name",
        )
    }
}

fn text(row: &Row<'_>, columns: usize) -> String {
    let mut line = String::new();
    for at in 0..columns {
        let value = row.get_ref(at).unwrap();
        if at > 0 {
            line.push('|');
        }
        let _ = match value {
            ValueRef::Null => write!(line, "-"),
            ValueRef::Integer(number) => write!(line, "{number}"),
            ValueRef::Real(number) => write!(line, "{number:?}"),
            ValueRef::Text(text) => write!(line, "{}", String::from_utf8_lossy(text)),
            ValueRef::Blob(bytes) => write!(line, "{bytes:02x?}"),
        };
    }
    line
}

/// A table `users` with a number as its key and the columns that are given.
pub(crate) fn users(columns: &str) -> String {
    table("users", columns)
}

/// A table with a number as its key and the columns that are given; its struct is its name with a capital.
pub(crate) fn table(name: &str, columns: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!(
        "#[derive(Table)]\n#[table(name = \"{name}\")]\npub struct {}{rest} {{\n    #[column(primary_key)]\n    \
         pub id: i64,\n    {columns}\n}}\n",
        first.to_uppercase()
    )
}
