//! Runs planned scripts with the migrator, as migrations of a folder that grows.

use std::error::Error;

use seedbed::Connection;
use seedbed::migrate::{Back, EmbeddedMigrations, Migrator};
use seedbed_schema::model::{Dialect, Schema};
use seedbed_schema::snapshot::{self, Snapshot};

/// The migrations so far.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    scripts: Vec<Step>,
}

/// A migration.
#[derive(Debug)]
struct Step {
    up: String,
    /// May be empty.
    down: String,
    /// The schema that it leads to, where it says so.
    snapshot: Option<String>,
}

impl Runner {
    /// Appends a migration and brings the database up to it. The error is the whole chain of texts.
    pub(crate) fn run(&mut self, connection: &mut Connection, script: &str) -> Result<(), String> {
        self.run_step(connection, Step { up: script.to_owned(), down: String::new(), snapshot: None })
    }

    /// Undoes the newest migration; all of it, if the migrations said where they lead to.
    pub(crate) fn roll_back(&self, connection: &mut Connection) -> Result<(), String> {
        let migrator = Migrator::new(EmbeddedMigrations::new(self.files()));
        let report = migrator.rollback(connection, Back::Steps(1)).map_err(|error| chain(&error))?;
        match report.migrations.iter().flat_map(|migration| &migration.differs).next() {
            None => Ok(()),
            Some(change) => Err(format!("the way back leaves something to do: {change}")),
        }
    }

    /// Appends a migration with its way back, which says where it leads to, and brings the database up to it.
    pub(crate) fn run_with_a_way_back(
        &mut self,
        connection: &mut Connection,
        (up, down): (&str, &str),
        schema: &Schema,
    ) -> Result<(), String> {
        let snapshot = snapshot::render(&Snapshot::new(Dialect::Sqlite, None, schema.clone()));
        let step = Step { up: up.to_owned(), down: down.to_owned(), snapshot: Some(snapshot) };
        self.run_step(connection, step)
    }

    fn run_step(&mut self, connection: &mut Connection, step: Step) -> Result<(), String> {
        self.scripts.push(step);
        let migrated = Migrator::new(EmbeddedMigrations::new(self.files())).run(connection);
        migrated.map(|_| ()).map_err(|error| {
            self.scripts.pop();
            chain(&error)
        })
    }

    /// Embedded files live as long as the program, and so do these; a test run makes some megabytes of them.
    fn files(&self) -> &'static [(&'static str, &'static str)] {
        let tag = |at: usize| format!("{at:04}_step");
        let entry = |at: usize| {
            format!(r#"{{"idx":{at},"version":"6","when":{at},"tag":"{}","breakpoints":true}}"#, tag(at))
        };
        let entries: Vec<String> = (0..self.scripts.len()).map(entry).collect();
        let journal = format!(r#"{{"version":"7","dialect":"sqlite","entries":[{}]}}"#, entries.join(","));
        let mut files = vec![("meta/_journal.json", leak(journal))];
        for (at, Step { up, down, snapshot }) in self.scripts.iter().enumerate() {
            files.push((leak(format!("{}.sql", tag(at))), leak(up.clone())));
            files.push((leak(format!("{}.down.sql", tag(at))), leak(down.clone())));
            let snapshot = snapshot.iter().cloned();
            files.extend(snapshot.map(|text| (leak(format!("meta/{at:04}_snapshot.json")), leak(text))));
        }
        files.leak()
    }
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Returns the texts of an error and of everything that caused it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
