//! What `seedbed doctor` looks at: the project first, then the database that it names. Nothing is changed.
//!
//! Every look ends in a [`Finding`]; one that fails does not keep the others from looking, unless they need what it
//! did not find.

mod database;
mod project;
mod space;

use serde_json::{Value, json};

use crate::cli_error::CliError;
use crate::settings::{Overrides, Settings};
use crate::terminal::Terminal;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// As it should be.
    Ok,
    /// Worth knowing; everything works.
    Warning,
    /// Something does not work, or will not.
    Fault,
}

impl Level {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
pub(crate) struct Finding {
    /// How serious it is.
    pub(crate) level: Level,
    /// What was looked at, a word or two.
    pub(crate) subject: &'static str,
    /// What was found.
    pub(crate) message: String,
    /// What mends it.
    pub(crate) hint: Option<String>,
}

impl Finding {
    /// Returns what `--json` tells.
    pub(crate) fn json(&self) -> Value {
        json!({
            "level": self.level.word(),
            "subject": self.subject,
            "message": self.message,
            "hint": self.hint,
        })
    }
}

/// Collects findings.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    fn add(&mut self, level: Level, subject: &'static str, message: impl Into<String>, hint: Option<String>) {
        self.0.push(Finding { level, subject, message: message.into(), hint });
    }

    fn ok(&mut self, subject: &'static str, message: impl Into<String>) {
        self.add(Level::Ok, subject, message, None);
    }

    fn warn(&mut self, subject: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Level::Warning, subject, message, Some(hint.into()));
    }

    fn fault(&mut self, subject: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Level::Fault, subject, message, Some(hint.into()));
    }

    /// Takes an error as a fault, with its causes and its hint.
    fn error(&mut self, subject: &'static str, error: &CliError) {
        let mut message = error.message.clone();
        for cause in error.causes() {
            message.push_str(": ");
            message.push_str(&cause);
        }
        self.add(Level::Fault, subject, message, error.hints.first().cloned());
    }

    /// Counts the findings of a level.
    pub(crate) fn count(&self, level: Level) -> usize {
        self.0.iter().filter(|finding| finding.level == level).count()
    }
}

/// Looks at everything. `thorough` reads the whole database.
pub(crate) fn examine(terminal: &Terminal, overrides: Overrides, thorough: bool) -> Findings {
    let mut findings = Findings::default();
    // What the parts would say to a person is in the findings.
    let silent = Terminal { json: true, ..*terminal };
    match Settings::load(&silent, overrides) {
        Ok(settings) => {
            project::examine(&silent, &settings, &mut findings);
            database::examine(&settings, &mut findings, thorough);
        }
        Err(error) => findings.error("configuration", &error),
    }
    findings
}
