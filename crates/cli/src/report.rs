//! The one place that tells how a run ended: stdout, stderr, and the exit code.
//!
//! A verb hands back an [`Outcome`] or a [`CliError`]. As text, an outcome's data goes to stdout and an error to
//! stderr. With `--json` both are one object on stdout, whose shape is documented in `docs/command-line.md`:
//! `{"status": "ok" | "check" | "question" | "error", "command": …, …}`.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::cli_error::{CliError, Exit, Kind};
use crate::terminal::{Style, Terminal};

/// What a verb hands back when it did what it was asked to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Data for stdout, whole lines.
    pub(crate) data: String,
    /// The fields of the `--json` object.
    pub(crate) fields: Map<String, Value>,
    /// What a verb that looks found wrong. The data is told all the same, and this after it; it decides the exit code.
    pub(crate) found: Option<CliError>,
}

impl Outcome {
    /// Adds a line of data.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        self.data.push_str(line.as_ref());
        self.data.push('\n');
    }

    /// Adds a field of the `--json` object.
    pub(crate) fn field(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }
}

/// Tells how the run ended and returns the exit code.
pub(crate) fn finish(terminal: &Terminal, command: &str, result: Result<Outcome, CliError>) -> Exit {
    let (told, exit) = match &result {
        Ok(outcome) => {
            let exit = outcome.found.as_ref().map_or(Exit::Done, |found| found.kind.exit());
            (tell_outcome(terminal, command, outcome), exit)
        }
        Err(error) => (tell_error(terminal, command, error), error.kind.exit()),
    };
    match told {
        Ok(()) => exit,
        Err(error) => {
            // stdout is broken: what is left to say goes to stderr, whatever `--json` says.
            let stderr = Terminal { json: false, ..*terminal };
            stderr.say(error_text(terminal, &error).trim_end());
            error.kind.exit()
        }
    }
}

fn tell_outcome(terminal: &Terminal, command: &str, outcome: &Outcome) -> Result<(), CliError> {
    if !terminal.json {
        terminal.print(&outcome.data)?;
        if let Some(found) = &outcome.found {
            terminal.say(error_text(terminal, found).trim_end());
        }
        return Ok(());
    }
    let mut fields = outcome.fields.clone();
    let status = match &outcome.found {
        Some(found) => {
            fields.insert("error".to_owned(), Value::Object(error_fields(found)));
            status(found.kind)
        }
        None => "ok",
    };
    terminal.print(&object(status, command, fields))
}

fn tell_error(terminal: &Terminal, command: &str, error: &CliError) -> Result<(), CliError> {
    if terminal.json {
        return terminal.print(&error_object(command, error));
    }
    terminal.say(error_text(terminal, error).trim_end());
    Ok(())
}

/// Lays an error out for people: the message or its excerpt, the causes, the hints.
fn error_text(terminal: &Terminal, error: &CliError) -> String {
    let mut text = match &error.excerpt {
        Some(excerpt) => format!("{}\n", excerpt.trim_end()),
        None => format!("{}: {}\n", terminal.paint(Style::Error, "error"), error.message),
    };
    for cause in error.causes() {
        let _ = writeln!(text, "  {}: {}", terminal.paint(Style::Strong, "cause"), indent(&cause));
    }
    for hint in &error.hints {
        let _ = writeln!(text, "{}: {}", terminal.paint(Style::Hint, "hint"), indent(hint));
    }
    if error.kind == Kind::Internal {
        let _ = writeln!(text, "this is a fault of seedbed, please report it");
    }
    text
}

/// Lines after the first are set in, so that a reader sees where the next part begins.
fn indent(text: &str) -> String {
    text.trim_end().replace('\n', "\n    ")
}

fn error_object(command: &str, error: &CliError) -> String {
    let fields = Map::from_iter([("error".to_owned(), Value::Object(error_fields(error)))]);
    object(status(error.kind), command, fields)
}

fn error_fields(error: &CliError) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("kind".to_owned(), error.kind.as_str().into());
    fields.insert("message".to_owned(), error.message.as_str().into());
    fields.insert("causes".to_owned(), error.causes().into());
    fields.insert("hints".to_owned(), error.hints.clone().into());
    fields.extend(error.fields.clone());
    fields
}

fn status(kind: Kind) -> &'static str {
    match kind {
        Kind::Check => "check",
        Kind::Question => "question",
        _ => "error",
    }
}

/// One object on one line, `status` and `command` first.
fn object(status: &str, command: &str, fields: Map<String, Value>) -> String {
    // Written by hand at the top level only: a serde_json map would sort `status` behind everything else.
    let mut text = format!("{{\"status\":{},\"command\":{}", Value::from(status), Value::from(command));
    for (name, value) in fields {
        let _ = write!(text, ",{}:{value}", Value::from(name));
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Terminal = Terminal { json: false, color: false, interactive: false };

    #[test]
    fn an_error_is_told_with_its_causes_and_hints() {
        let error = CliError::new(Kind::Files, "cannot read `a`")
            .with_source(std::io::Error::other("line one\nline two"))
            .with_hint("pass `--schema`");
        let expected = "error: cannot read `a`\n  cause: line one\n    line two\nhint: pass `--schema`\n";
        assert_eq!(error_text(&PLAIN, &error), expected);
    }

    #[test]
    fn a_question_is_a_status_of_its_own() {
        let error = CliError::new(Kind::Question, "renamed?").with_field("questions", vec!["x"]);
        let expected = concat!(
            r#"{"status":"question","command":"generate","error":{"causes":[],"hints":[],"kind":"question","#,
            r#""message":"renamed?","questions":["x"]}}"#,
            "\n"
        );
        assert_eq!(error_object("generate", &error), expected);
    }
}
