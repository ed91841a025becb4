//! `seedbed export`: a schema source written as something else.

use std::path::{Path, PathBuf};

use seedbed::inspect::Inspection;
use seedbed::pull::rust_of;
use seedbed_schema::diagram;
use seedbed_schema::model::{Dialect, Schema, Table};
use seedbed_schema::plan::create_script;
use seedbed_schema::snapshot::{self, Snapshot};
use seedbed_schema::write::{LeftOut, RustSource, infer_forms};

use super::pull::left_out_json;
use crate::cli_error::{CliError, Kind};
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::source::{Loaded, Source};
use crate::terminal::{Style, Terminal};

/// Write a schema as SQL, as a snapshot, as Rust or as a diagram
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
    /// Rust structs
    Rust,
    /// An entity-relationship diagram for Mermaid
    Mermaid,
    /// An entity-relationship diagram for Graphviz
    Dot,
    /// An entity-relationship diagram as a picture
    Svg,
}

impl Form {
    /// The name as it is typed.
    fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Json => "json",
            Self::Rust => "rust",
            Self::Mermaid => "mermaid",
            Self::Dot => "dot",
            Self::Svg => "svg",
        }
    }

    /// Writes the text, and names what it does not say.
    fn write(self, loaded: &Loaded) -> Result<Written, CliError> {
        let mut left_out = Vec::new();
        let text = match self {
            Self::Sql => {
                left_out = unsaid_clauses(&loaded.schema);
                create_script(&loaded.schema)
            }
            Self::Json => snapshot::render(&Snapshot::new(Dialect::Sqlite, None, loaded.schema.clone())),
            Self::Rust => {
                let source = rust(loaded)?;
                left_out = source.left_out;
                source.text
            }
            Self::Mermaid => diagram::mermaid(&loaded.schema),
            Self::Dot => diagram::dot(&loaded.schema),
            Self::Svg => diagram::svg(&loaded.schema, &format!("The tables of {}", loaded.label)),
        };
        Ok(Written { text, left_out })
    }
}

/// What a form made of a schema.
struct Written {
    text: String,
    left_out: Vec<LeftOut>,
}

/// Names the clauses that the model does not hold, so that statements made from it are without them.
fn unsaid_clauses(schema: &Schema) -> Vec<LeftOut> {
    let of_table = |table: &Table| {
        let clause =
            |clause: &String| LeftOut { kind: "clause", name: table.name.clone(), reason: clause.clone() };
        table.unmodelled.iter().map(clause).collect::<Vec<_>>()
    };
    schema.tables.iter().flat_map(of_table).collect()
}

fn rust(loaded: &Loaded) -> Result<RustSource, CliError> {
    let mut schema = loaded.schema.clone();
    if !loaded.knows_forms {
        infer_forms(&mut schema);
    }
    let heading = format!("The tables of `{}`, as `seedbed export` wrote them.", loaded.label);
    let found = Inspection { schema, virtual_tables: loaded.virtual_tables.clone() };
    rust_of(&found, &heading).map_err(|error| {
        CliError::new(Kind::Database, format!("cannot write `{}` as Rust", loaded.label)).with_source(error)
    })
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let settings = Settings::load(terminal, Overrides { config, ..Overrides::default() })?;
    let source = match &args.from {
        Some(text) => Source::parse(text, "--from")?,
        None => Source::of_schema(&settings)?,
    };
    let loaded = source.load(terminal, &settings)?;
    loaded.say_notes(terminal);
    let Written { text, left_out } = args.form.write(&loaded)?;
    let warning = terminal.paint(Style::Warning, "left out");
    left_out.iter().for_each(|it| terminal.say(&format!("{warning}: {it}")));
    let mut outcome = Outcome::default();
    outcome.field("from", loaded.label);
    outcome.field("form", args.form.name());
    outcome.field("notes", loaded.notes);
    outcome.field("left_out", left_out.iter().map(left_out_json).collect::<Vec<_>>());
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
