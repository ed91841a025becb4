//! The one error of the command: what went wrong, why, and the way out.
//!
//! Every verb returns a [`CliError`]; [`crate::report`] prints it, as text or as JSON, and [`Kind::exit`] alone
//! decides the exit code. A message is a lowercase fragment that names the thing in backticks; causes come from
//! the source chain, hints are separate lines. Nothing here prints.

use std::error::Error;
use std::fmt;

use serde_json::{Map, Value};

/// What sort of failure it is, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A check found something: not broken, but not as it should be.
    Check,
    /// The command line is wrong.
    Usage,
    /// `seedbed.toml`, `.env` or an environment variable is wrong.
    Config,
    /// The schema source is wrong.
    Schema,
    /// A file can't be read or written.
    Files,
    /// Only a person or a flag can answer.
    Question,
    /// The database refused.
    Database,
    /// A fault of Seedbed itself.
    Internal,
}

/// The exit codes, the whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// A check found something.
    Found = 1,
    /// Usage, configuration, or what they name can't be used.
    Usage = 2,
    /// A question that only a person or a flag can answer.
    Question = 3,
    /// The database refused.
    Database = 4,
}

impl Kind {
    /// Returns the exit code of a failure of this kind.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Check => Exit::Found,
            Self::Usage | Self::Config | Self::Schema | Self::Files | Self::Internal => Exit::Usage,
            Self::Question => Exit::Question,
            Self::Database => Exit::Database,
        }
    }

    /// Returns the word that `--json` uses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Schema => "schema",
            Self::Files => "files",
            Self::Question => "question",
            Self::Database => "database",
            Self::Internal => "internal",
        }
    }
}

/// A failure of a verb.
#[derive(Debug)]
pub(crate) struct CliError {
    /// What sort of failure it is.
    pub(crate) kind: Kind,
    /// What went wrong, without its causes.
    pub(crate) message: String,
    /// The cause, if there is one.
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
    /// What to do about it, one line each.
    pub(crate) hints: Vec<String>,
    /// Text that is already laid out for people, such as a source excerpt; shown instead of the message.
    pub(crate) excerpt: Option<String>,
    /// More for `--json`: merged into the `error` object.
    pub(crate) fields: Map<String, Value>,
}

impl CliError {
    /// Makes an error from its message.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            hints: Vec::new(),
            excerpt: None,
            fields: Map::new(),
        }
    }

    /// A wrong command line.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A wrong configuration.
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message)
    }

    /// A file that can't be read or written.
    pub(crate) fn files(message: impl Into<String>, source: std::io::Error) -> Self {
        Self::new(Kind::Files, message).with_source(source)
    }

    /// Adds the cause.
    pub(crate) fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Adds a way out.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds ways out, if some are known; one that several causes know stands there once.
    pub(crate) fn with_hints(mut self, hints: impl IntoIterator<Item = String>) -> Self {
        for hint in hints {
            if !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
        }
        self
    }

    /// Adds the text that people see instead of the message.
    pub(crate) fn with_excerpt(mut self, excerpt: String) -> Self {
        self.excerpt = Some(excerpt);
        self
    }

    /// Adds a field of the `error` object of `--json`.
    pub(crate) fn with_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Takes a field of the `error` object of `--json` away.
    pub(crate) fn without_field(mut self, name: &str) -> Self {
        self.fields.remove(name);
        self
    }

    /// Returns the messages of the causes, outermost first; a cause that repeats the one above it is left out.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = self.source.as_deref().map(|source| source as &dyn Error);
        while let Some(cause) = next {
            let text = cause.to_string();
            let above = causes.last().unwrap_or(&self.message);
            if !above.contains(&text) {
                causes.push(text);
            }
            next = cause.source();
        }
        causes
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_the_message_already_tells_is_not_told_again() {
        let told =
            CliError::new(Kind::Files, "cannot read `a`: gone").with_source(std::io::Error::other("gone"));
        assert!(told.causes().is_empty());
        let untold = CliError::new(Kind::Files, "cannot read `a`").with_source(std::io::Error::other("gone"));
        assert_eq!(untold.causes(), ["gone"]);
    }

    #[test]
    fn a_hint_of_several_causes_stands_there_once() {
        let hints = ["make room".to_owned(), "make room".to_owned(), "delete it".to_owned()];
        let error = CliError::new(Kind::Files, "cannot write").with_hint("delete it").with_hints(hints);
        assert_eq!(error.hints, ["delete it", "make room"]);
    }

    #[test]
    fn every_failure_has_a_code_that_is_not_zero() {
        let kinds = [
            (Kind::Check, 1),
            (Kind::Usage, 2),
            (Kind::Config, 2),
            (Kind::Schema, 2),
            (Kind::Files, 2),
            (Kind::Internal, 2),
            (Kind::Question, 3),
            (Kind::Database, 4),
        ];
        for (kind, code) in kinds {
            assert_eq!(kind.exit() as u8, code, "{}", kind.as_str());
        }
    }
}
