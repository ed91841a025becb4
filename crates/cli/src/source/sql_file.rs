//! SQL as a source: read by running it on an in-memory database, faults shown with their lines.

use std::io;

use seedbed::sql_source::{self, SqlFault};

use super::{Loaded, read_text};
use crate::cli_error::{CliError, Kind};
use crate::excerpt;
use crate::terminal::Terminal;

/// Reads the schema that a script makes; `name` is the file as the person knows it.
pub(super) fn load(
    terminal: &Terminal,
    name: &str,
    read: impl FnOnce() -> io::Result<Vec<u8>>,
) -> Result<Loaded, CliError> {
    let text = read_text(name, read)?;
    let source = sql_source::read(&text).map_err(|fault| fault_error(terminal, name, &text, &fault))?;
    let mut loaded = Loaded::found(name.to_owned(), source.found);
    if source.has_double_quoted_texts {
        loaded.notes.push(format!(
            "`{name}` has texts in double quotes, which Seedbed's own connections take for names; single quotes are for texts"
        ));
    }
    Ok(loaded)
}

fn fault_error(terminal: &Terminal, name: &str, text: &str, fault: &SqlFault) -> CliError {
    let (line, column) = excerpt::line_column(text, fault.span.start);
    let shown = excerpt::Fault {
        path: name,
        text,
        span: fault.span.clone(),
        message: &fault.message,
        note: None,
        help: fault.hint.as_deref(),
    };
    CliError::new(Kind::Schema, format!("{name}:{line}:{column}: {}", fault.message))
        .with_excerpt(excerpt::render(terminal, &shown))
        .with_field("file", name)
        .with_field("line", line)
        .with_field("column", column)
}
