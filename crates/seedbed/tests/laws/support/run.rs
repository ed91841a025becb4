//! Runs planned scripts with the migrator, as migrations of a folder that grows.

use std::error::Error;

use seedbed::Connection;
use seedbed::migrate::{Back, EmbeddedMigrations, Migrator};

/// The migrations so far.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    /// Each with its way back, which may be empty.
    scripts: Vec<(String, String)>,
}

impl Runner {
    /// Appends a migration and brings the database up to it. The error is the whole chain of texts.
    pub(crate) fn run(&mut self, connection: &mut Connection, script: &str) -> Result<(), String> {
        self.run_with_a_way_back(connection, script, "")
    }

    /// Undoes the newest migration.
    pub(crate) fn roll_back(&self, connection: &mut Connection) -> Result<(), String> {
        let migrator = Migrator::new(EmbeddedMigrations::new(self.files()));
        migrator.rollback(connection, Back::Steps(1)).map(drop).map_err(|error| chain(&error))
    }

    /// Appends a migration with its way back and brings the database up to it.
    pub(crate) fn run_with_a_way_back(
        &mut self,
        connection: &mut Connection,
        script: &str,
        down: &str,
    ) -> Result<(), String> {
        self.scripts.push((script.to_owned(), down.to_owned()));
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
        for (at, (script, down)) in self.scripts.iter().enumerate() {
            files.push((leak(format!("{}.sql", tag(at))), leak(script.clone())));
            files.push((leak(format!("{}.down.sql", tag(at))), leak(down.clone())));
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
