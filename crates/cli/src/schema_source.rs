//! The declared schema: reads the Rust source that the settings name, and shows what is wrong with it.
//!
//! The reading itself is `seedbed_schema::read`, which does no I/O; the files that it follows `mod` lines to are
//! read here. All faults of a tree come back as one error, each with its lines.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use seedbed_schema::model::Schema;
use seedbed_schema::read::{Fault, Faults, SourceFile, read_tree};
use serde_json::{Value, json};

use crate::cli_error::{CliError, Kind};
use crate::excerpt;
use crate::settings::{Setting, Settings};
use crate::terminal::{Style, Terminal};

/// Reads the schema.
///
/// # Errors
///
/// When a file can't be read, or with everything that is wrong in the source.
pub(crate) fn read(
    terminal: &Terminal,
    settings: &Settings,
    source: &Setting<PathBuf>,
) -> Result<Schema, CliError> {
    let path = settings.show(&source.value).replace('\\', "/");
    let text = fs::read_to_string(&source.value).map_err(|error| {
        let from = settings.describe(&source.origin);
        CliError::config(format!("cannot read the schema `{path}` ({from})")).with_source(error)
    })?;
    let texts = RefCell::new(BTreeMap::from([(path.clone(), text.clone())]));
    // Shown paths are relative to the current folder, so they open the files, too.
    let load = |path: &str| match fs::read_to_string(Path::new(path)) {
        Ok(text) => {
            texts.borrow_mut().insert(path.to_owned(), text.clone());
            Ok(Some(text))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error.to_string()),
    };
    let schema = read_tree(&SourceFile { path: path.clone(), text }, load)
        .map_err(|faults| fault_error(terminal, &faults, &texts.borrow()))?;
    if schema.tables.is_empty() {
        let warning = terminal.paint(Style::Warning, "warning");
        terminal
            .say(&format!("{warning}: `{path}` declares no table; other files are found by its `mod` lines"));
    }
    Ok(schema)
}

fn fault_error(terminal: &Terminal, faults: &Faults, texts: &BTreeMap<String, String>) -> CliError {
    let shown: Vec<String> = faults.iter().map(|fault| show(terminal, fault, texts)).collect();
    let message = match faults.iter().next() {
        Some(only) if faults.len() == 1 => format!("{}: {}", only.place(), only.message()),
        Some(first) => format!(
            "the schema has {} faults, the first at {}: {}",
            faults.len(),
            first.place(),
            first.message()
        ),
        None => "the schema can't be read".to_owned(),
    };
    CliError::new(Kind::Schema, message)
        .with_excerpt(shown.join("\n\n"))
        .with_field("faults", faults.iter().map(fault_json).collect::<Vec<_>>())
}

fn show(terminal: &Terminal, fault: &Fault, texts: &BTreeMap<String, String>) -> String {
    let place = fault.place();
    let text = texts.get(&*place.file).map_or("", String::as_str);
    let note = fault.note();
    let fault = excerpt::Fault {
        path: &place.file,
        text,
        span: fault.span().byte_range(),
        message: fault.message(),
        note: note.as_deref(),
        help: fault.hint(),
    };
    excerpt::render(terminal, &fault)
}

fn fault_json(fault: &Fault) -> Value {
    let place = fault.place();
    json!({
        "file": &*place.file,
        "line": place.line,
        "column": place.column,
        "message": fault.message(),
        "hint": fault.hint(),
        "other": fault.other().map(|other| json!({
            "file": &*other.file,
            "line": other.line,
            "column": other.column,
        })),
    })
}
