//! Schema sources: anything on the command line that yields a schema.
//!
//! A source is told by what it is (a folder with a journal, the first bytes of a database, the end of a file's name),
//! never by guessing: what fits nothing is an error that says what was looked for. [`Source::parse`] finds out,
//! [`Source::load`] reads, and [`level`] takes from two schemas what one of the sources cannot know, so that they can
//! be compared.

mod detect;
mod folder;
mod level;
mod sql_file;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use seedbed::Connection;
use seedbed::inspect::inspect_all;
use seedbed::pull::add_recorded_forms;
use seedbed_schema::model::Schema;
use seedbed_schema::snapshot;

use crate::cli_error::{CliError, Kind};
use crate::database::way_out;
use crate::excerpt;
use crate::schema_source;
use crate::settings::{Origin, Setting, Settings};
use crate::terminal::{Style, Terminal};

pub(crate) use level::level;

/// The forms of a source, for the help of a flag and for errors.
pub(crate) const FORMS: &str = "a Rust file, a `.sql` file, a snapshot `.json`, a migrations folder (`folder@NAME` for a point \
    in it), an SQLite database, `empty`, or `-` for SQL from standard input";

/// A schema source and where its name came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// What it is.
    pub(crate) form: Form,
    origin: Origin,
}

/// What a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// No table at all.
    Empty,
    /// A Rust file, with what its `mod` lines lead to.
    Rust(PathBuf),
    /// A file of SQL.
    Sql(PathBuf),
    /// SQL from standard input.
    Stdin,
    /// A snapshot.
    Snapshot(PathBuf),
    /// A migrations folder, up to the migration of that name or to its end.
    Folder {
        /// The folder.
        path: PathBuf,
        /// The name as it was given: a tag, a number or a part of a tag.
        at: Option<String>,
    },
    /// An SQLite database.
    Database(PathBuf),
}

/// What a source yielded.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The schema.
    pub(crate) schema: Schema,
    /// The source in a few words, `app.db` or `migrations@0003_add_users`.
    pub(crate) label: String,
    /// Whether the source can tell of triggers; then it has none that the schema does not show.
    pub(crate) holds_triggers: bool,
    /// Whether the source knows how the application writes values (as seconds, as one of a list) for every column; a
    /// database has at most a record of some.
    pub(crate) knows_forms: bool,
    /// Whether the source is what an author declares: hand-made tables stand beside it and are not part of it.
    pub(crate) is_declared: bool,
    /// Names, in lower case, of what a folder's own SQL makes beside the declared schema: tables, views, indexes.
    pub(crate) made_by_hand: BTreeSet<String>,
    /// The names of virtual tables, which no schema holds.
    pub(crate) virtual_tables: Vec<String>,
    /// What a person should know about it, for stderr.
    pub(crate) notes: Vec<String>,
}

impl Loaded {
    /// A schema as an author declares it.
    fn declared(label: String, schema: Schema) -> Self {
        Self {
            holds_triggers: !schema.triggers.is_empty(),
            schema,
            label,
            knows_forms: true,
            is_declared: true,
            made_by_hand: BTreeSet::new(),
            virtual_tables: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A schema as a database has it.
    fn found(label: String, found: seedbed::inspect::Inspection) -> Self {
        let notes = match found.virtual_tables.as_slice() {
            [] => Vec::new(),
            names => vec![format!(
                "`{label}` has virtual tables, which are left alone with what they keep: {}",
                names.join(", ")
            )],
        };
        Self {
            schema: found.schema,
            label,
            holds_triggers: true,
            knows_forms: false,
            is_declared: false,
            made_by_hand: BTreeSet::new(),
            virtual_tables: found.virtual_tables,
            notes,
        }
    }

    /// Says the notes.
    pub(crate) fn say_notes(&self, terminal: &Terminal) {
        say_notes(terminal, &self.notes);
    }
}

/// Says what a person should know.
pub(crate) fn say_notes(terminal: &Terminal, notes: &[String]) {
    for note in notes {
        terminal.say(&format!("{}: {note}", terminal.paint(Style::Hint, "note")));
    }
}

impl Source {
    /// Finds out what a text on the command line names; `flag` is the flag that it came from.
    ///
    /// # Errors
    ///
    /// When it names nothing that is there, or something that is no schema source.
    pub(crate) fn parse(text: &str, flag: &'static str) -> Result<Self, CliError> {
        Ok(Self { form: detect::detect(text, flag)?, origin: Origin::Flag(flag) })
    }

    /// The declared schema that the settings name.
    pub(crate) fn of_schema(settings: &Settings) -> Result<Self, CliError> {
        let setting = settings.schema()?;
        Ok(Self { form: Form::Rust(setting.value), origin: setting.origin })
    }

    /// The migrations folder that the settings name; as long as it does not exist, it is an empty one.
    pub(crate) fn of_migrations(settings: &Settings) -> Result<Self, CliError> {
        let setting = settings.out()?;
        let form =
            if setting.value.is_dir() { Form::Folder { path: setting.value, at: None } } else { Form::Empty };
        Ok(Self { form, origin: setting.origin })
    }

    /// Reads the schema.
    ///
    /// # Errors
    ///
    /// When it cannot be read, with the place of the fault where there is one.
    pub(crate) fn load(&self, terminal: &Terminal, settings: &Settings) -> Result<Loaded, CliError> {
        match &self.form {
            Form::Empty => Ok(Loaded {
                holds_triggers: true,
                is_declared: false,
                ..Loaded::declared("empty".to_owned(), Schema::default())
            }),
            Form::Rust(path) => {
                let setting = Setting { value: path.clone(), origin: self.origin.clone() };
                let schema = schema_source::read(terminal, settings, &setting)?;
                Ok(Loaded::declared(settings.show(path), schema))
            }
            Form::Sql(path) => sql_file::load(terminal, &settings.show(path), || std::fs::read(path)),
            Form::Stdin => sql_file::load(terminal, "-", || {
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
                Ok(bytes)
            }),
            Form::Snapshot(path) => read_snapshot(terminal, &settings.show(path)),
            Form::Folder { path, at } => folder::load(&settings.show(path), at.as_deref()),
            Form::Database(path) => read_database(&settings.show(path)),
        }
    }
}

/// Reads two sources side by side: a large file of SQL takes SQLite a while, and there are two.
///
/// # Errors
///
/// As [`Source::load`]; where neither can be read, the fault of the first.
pub(crate) fn load_both(
    (one, other): (&Source, &Source),
    terminal: &Terminal,
    settings: &Settings,
) -> Result<(Loaded, Loaded), CliError> {
    let load = |source: &Source| source.load(terminal, settings);
    let (one, other) = thread::scope(|scope| {
        match thread::Builder::new().stack_size(crate::STACK).spawn_scoped(scope, || load(other)) {
            Ok(beside) => {
                let one = load(one);
                (one, beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            }
            // Where no second thread can be had, one does both.
            Err(_) => (load(one), load(other)),
        }
    });
    Ok((one?, other?))
}

fn read_snapshot(terminal: &Terminal, path: &str) -> Result<Loaded, CliError> {
    let text = read_text(path, || std::fs::read(path))?;
    let snapshot = snapshot::parse(&text).map_err(|error| {
        let message = format!("`{path}`: {error}");
        let failure = CliError::new(Kind::Files, message).with_hints(error.hint().map(str::to_owned));
        match error.place() {
            Some((line, column)) => {
                at_place(terminal, failure, path, &text, (line, column), &error.to_string())
            }
            None => failure,
        }
    })?;
    Ok(Loaded::declared(path.to_owned(), snapshot.schema))
}

/// Adds the place of a fault in a JSON file, with an excerpt as long as its lines are not too long to be read.
fn at_place(
    terminal: &Terminal,
    failure: CliError,
    path: &str,
    text: &str,
    (line, column): (usize, usize),
    message: &str,
) -> CliError {
    let failure = failure.with_field("file", path).with_field("line", line).with_field("column", column);
    let Some(content) = text.lines().nth(line.saturating_sub(1)).filter(|content| content.len() < 400) else {
        return failure;
    };
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let at = start + column.saturating_sub(1).min(content.len());
    let fault = excerpt::Fault { path, text, span: at..at + 1, message, note: None, help: None };
    failure.with_excerpt(excerpt::render(terminal, &fault))
}

fn read_database(path: &str) -> Result<Loaded, CliError> {
    let connection = Connection::open_to_look(path).map_err(|error| {
        let hint = way_out(&error, Some(Path::new(path)));
        CliError::new(Kind::Database, format!("cannot read the database `{path}`"))
            .with_source(error)
            .with_hints(hint)
    })?;
    let cannot_read = || CliError::new(Kind::Database, format!("cannot read the schema of `{path}`"));
    let mut found = inspect_all(connection.rusqlite()).map_err(|error| cannot_read().with_source(error))?;
    // Migrations and push keep a record; of columns that are not in it nothing is known.
    add_recorded_forms(connection.rusqlite(), &mut found.schema)
        .map_err(|error| cannot_read().with_source(error))?;
    Ok(Loaded::found(path.to_owned(), found))
}

/// Reads a file of text.
fn read_text(path: &str, read: impl FnOnce() -> std::io::Result<Vec<u8>>) -> Result<String, CliError> {
    let bytes = read().map_err(|error| CliError::files(format!("cannot read `{path}`"), error))?;
    String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        CliError::new(Kind::Files, format!("`{path}` is not UTF-8 text, from line {line} on"))
            .with_hint("save it as UTF-8")
    })
}
