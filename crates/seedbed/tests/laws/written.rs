//! A schema that is written as Rust reads back as the same schema, and what Rust cannot say is told.

use std::io::Write;
use std::process::{Command, Stdio};

use seedbed::inspect::{inspect, view_columns};
use seedbed::pull::Pull;
use seedbed_schema::model::Schema;
use seedbed_schema::normalize::normalize;
use seedbed_schema::read::{SourceFile, read_sources};
use seedbed_schema::write::{ViewColumns, rust_source};

use crate::support::validity::database;
use crate::{Case, Outcome, hold};

/// Writes the schema, reads it back, and compares.
pub(crate) fn reads_back(schema: &Schema, views: &ViewColumns) -> Outcome {
    let source = rust_source(schema, views, "Tables.");
    let file = SourceFile { path: "schema.rs".to_owned(), text: source.text.clone() };
    let read = read_sources(&[file]).map_err(|faults| format!("{faults}\n{}", source.text))?;
    let mut schema = schema.clone();
    for left_out in source.left_out.iter().filter(|it| it.kind == "table") {
        if !is_beyond_rust(&left_out.reason) {
            return Err(format!("left out: {left_out}").into());
        }
        schema.tables.retain(|table| table.name != left_out.name);
    }
    if let Some(left_out) = source.left_out.iter().find(|it| it.kind == "view") {
        return Err(format!("left out: {left_out}").into());
    }
    // Which clauses SQLite has that the model has not is for the caller to tell.
    schema.tables.iter_mut().for_each(|table| table.unmodelled.clear());
    let (read, wanted) = (normalize(&read), normalize(&schema));
    if read != wanted {
        let found = wanted.tables.iter().zip(&read.tables).find(|(wanted, read)| wanted != read);
        let found = found.map(|(wanted, read)| format!("{wanted:#?}\nis read as\n{read:#?}"));
        let views = format!("{:?}\nis read as\n{:?}", wanted.views, read.views);
        return Err(format!("it reads back otherwise\n{}\n{}", found.unwrap_or(views), source.text).into());
    }
    if rust_source(&wanted, views, "Tables.") != rust_source(&wanted, views, "Tables.") {
        return Err("another text the second time".into());
    }
    Ok(())
}

/// Whether Rust has no words for such a table, so that it stays in SQL and is named; any other reason is a fault.
fn is_beyond_rust(reason: &str) -> bool {
    reason.ends_with("which SQLite never uses") || reason.starts_with("two constraints of it are named ")
}

/// Takes the database as it is: the baseline is tried in memory and leads to the very database.
pub(crate) fn is_pulled(connection: &rusqlite::Connection) -> Outcome {
    if inspect(connection)?.tables.is_empty() {
        return Ok(());
    }
    let pull = Pull::of(connection, "Tables.")?;
    let file = SourceFile { path: "schema.rs".to_owned(), text: pull.source.text.clone() };
    let declared = read_sources(&[file]).map_err(|faults| faults.to_string())?;
    pull.baseline(&declared)?;
    Ok(())
}

fn written_schemas_read_back(case: &Case) -> Outcome {
    let [_, schema] = case.schemas();
    let connection = database(schema)?;
    let views = view_columns(&connection)?;
    reads_back(schema, &views)?;
    // What the database says of itself is another text for the same schema.
    reads_back(&inspect(&connection)?, &views)?;
    is_pulled(&connection)
}

#[test]
fn a_schema_that_is_written_as_rust_reads_back_as_the_same_schema() {
    hold(written_schemas_read_back);
}

/// Where there is a rustfmt: the text is laid out as it would be, so that a format on save changes nothing.
#[test]
fn what_is_written_is_formatted() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..40 {
        let case = Case::new(seed);
        for schema in case.schemas() {
            let text = rust_source(schema, &ViewColumns::new(), "Tables.").text;
            let child = Command::new("rustfmt")
                .args(["--edition", "2024", "--emit", "stdout"])
                .current_dir(folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn();
            let Ok(mut child) = child else { return };
            child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            let formatted = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
            let differs = formatted.lines().zip(text.lines()).find(|(formatted, text)| formatted != text);
            assert_eq!(differs, None, "seed {seed}\n{text}");
        }
    }
}
