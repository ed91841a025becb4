//! `seedbed export`: a schema source written as something else.

use std::path::{Path, PathBuf};

use seedbed_schema::model::{Dialect, Schema};
use seedbed_schema::plan::create_script;
use seedbed_schema::snapshot::{self, Snapshot};

use crate::cli_error::CliError;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::source::Source;
use crate::terminal::{Style, Terminal};

/// Write a schema as SQL, as a snapshot or as a diagram
///
/// A schema source SRC is a Rust file, a .sql file, a snapshot .json, a migrations folder (folder@NAME for a point in
/// it), an SQLite database (a path or a sqlite: url), `empty`, or `-` for SQL from standard input.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Export this schema source; left out, the schema
    #[arg(long, value_name = "SRC")]
    from: Option<String>,
    /// Write it in this form
    #[arg(long = "as", value_name = "FORM", value_enum)]
    form: Form,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What a schema is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// CREATE statements, in the order in which they can be run
    Sql,
    /// A snapshot, which is a schema source again
    Json,
}

impl Form {
    /// The name as it is typed.
    fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Json => "json",
        }
    }

    fn write(self, schema: &Schema) -> String {
        match self {
            Self::Sql => create_script(schema),
            Self::Json => snapshot::render(&Snapshot::new(Dialect::Sqlite, None, schema.clone())),
        }
    }
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let settings = Settings::load(terminal, Overrides { config, ..Overrides::default() })?;
    let source = match &args.from {
        Some(text) => Source::parse(text, "--from")?,
        None => Source::of_schema(&settings)?,
    };
    let loaded = source.load(terminal, &settings)?;
    loaded.say_notes(terminal);
    let text = args.form.write(&loaded.schema);
    let mut outcome = Outcome::default();
    outcome.field("from", loaded.label);
    outcome.field("form", args.form.name());
    outcome.field("notes", loaded.notes);
    match &args.out {
        Some(path) => {
            write(path, &text)?;
            let path = path.display().to_string();
            terminal.say(&format!("{} {path}", terminal.paint(Style::Good, "written:")));
            outcome.field("file", path);
        }
        None => {
            outcome.field("text", text.as_str());
            outcome.data = text;
        }
    }
    Ok(outcome)
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    std::fs::write(path, text)
        .map_err(|error| CliError::files(format!("cannot write `{}`", path.display()), error))
}
