//! `seedbed init`: the two files a project begins with, never over existing ones.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::cli_error::CliError;
use crate::report::Outcome;
use crate::settings::{DEFAULT_SCHEMA, FILE_NAME, Overrides, Settings, config_above, show_path};
use crate::terminal::{Style, Terminal};

/// Write seedbed.toml and an example schema where there are none
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name the Rust file that declares the tables [default: what seedbed.toml names, or else src/schema.rs]
    #[arg(long, value_name = "PATH")]
    schema: Option<PathBuf>,
    /// Name the migrations folder
    #[arg(long, value_name = "PATH", default_value = "migrations")]
    out: PathBuf,
    /// Name the database, a path such as app.db
    #[arg(long, value_name = "URL", default_value = "app.db")]
    url: String,
}

/// What a project begins with; nobody misses it.
pub(crate) const EXAMPLE_SCHEMA: &str = include_str!("init/schema.rs.txt");

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let here =
        std::env::current_dir().map_err(|error| CliError::files("cannot tell the current folder", error))?;
    let config_path = here.join(config.unwrap_or_else(|| PathBuf::from(FILE_NAME)));
    let folder = config_path.parent().unwrap_or(&here).to_owned();
    let schema_path = match &args.schema {
        Some(schema) => folder.join(schema),
        None if config_path.is_file() => {
            let overrides = Overrides { config: Some(config_path.clone()), ..Overrides::default() };
            Settings::load(terminal, overrides)?.schema_to_write()?.value
        }
        None => folder.join(DEFAULT_SCHEMA),
    };
    tell_of_one_above(terminal, &here, &config_path);

    let mut outcome = Outcome::default();
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    for (path, text) in [(&config_path, config_text(&args)), (&schema_path, EXAMPLE_SCHEMA.to_owned())] {
        let shown = show_path(&here, path);
        if write_new(path, &text)
            .map_err(|error| CliError::files(format!("cannot write `{shown}`"), error))?
        {
            outcome.line(&shown);
            written.push(shown);
        } else {
            terminal.say(&format!("{shown} is there already and stays as it is"));
            kept.push(shown);
        }
    }
    let next = next_steps(&folder, &show_path(&here, &schema_path));
    tell(terminal, &written, &next);
    outcome.field("written", written);
    outcome.field("kept", kept);
    outcome.field("next", next);
    Ok(outcome)
}

/// Tells which configuration counts no longer in this folder, once it has one of its own.
fn tell_of_one_above(terminal: &Terminal, here: &Path, config_path: &Path) {
    let above = config_path.parent().and_then(Path::parent).and_then(config_above);
    if let Some(above) = above.filter(|_| !config_path.is_file()) {
        let note = terminal.paint(Style::Warning, "note");
        let above = show_path(here, &above);
        terminal.say(&format!("{note}: here and below, the new {FILE_NAME} counts instead of {above}"));
    }
}

/// Writes a file unless there is one; `false` means there was.
fn write_new(path: &Path, text: &str) -> std::io::Result<bool> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn config_text(args: &Args) -> String {
    let schema = args.schema.as_deref().unwrap_or(Path::new(DEFAULT_SCHEMA));
    let schema = toml_text(&schema.display().to_string());
    let out = toml_text(&args.out.display().to_string());
    let url = toml_text(&args.url);
    format!(
        "# What the seedbed command works on. Paths are relative to this file; `${{VAR}}` and `${{VAR:-default}}`\n\
         # are filled in from the environment and `.env`.\n\
         dialect = \"sqlite\"\n\
         # The Rust file that declares the tables, or the modules they are in.\n\
         schema = {schema}\n\
         # The migrations folder.\n\
         out = {out}\n\
         # The database that `seedbed migrate` and `seedbed push` change.\n\
         url = {url}\n\
         # The oldest SQLite that migrations must run on; left out, the one that is built in.\n\
         # sqlite_version = \"3.45\"\n"
    )
}

/// Writes a text as a TOML string.
fn toml_text(text: &str) -> String {
    // A JSON string is a TOML basic string: the escapes that JSON writes are all TOML's too.
    serde_json::Value::from(text).to_string()
}

fn next_steps(folder: &Path, schema: &str) -> Vec<String> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let mut steps = Vec::new();
    if !manifest.contains("seedbed") {
        steps.push("add the `seedbed` crate to the dependencies in Cargo.toml".to_owned());
    }
    let ignored = fs::read_to_string(folder.join(".gitignore")).unwrap_or_default();
    if folder.join(".git").exists() && !ignored.contains(".db") {
        steps.push("add `*.db*` to .gitignore: databases and their backups are no source".to_owned());
    }
    steps.push(format!("declare your tables in {schema}"));
    steps.push("`seedbed generate` writes the migration that makes them".to_owned());
    steps.push("`seedbed migrate` runs it".to_owned());
    steps
}

fn tell(terminal: &Terminal, written: &[String], next: &[String]) {
    if !written.is_empty() {
        let done = terminal.paint(Style::Good, "written");
        terminal.say(&format!("{done}: {}", written.join(", ")));
    }
    terminal.say("next:");
    for (number, step) in next.iter().enumerate() {
        terminal.say(&format!("  {}. {step}", number + 1));
    }
}

#[cfg(test)]
mod tests {
    use seedbed_schema::read::{SourceFile, read_sources};

    use super::*;

    #[test]
    fn the_example_is_a_schema() {
        let file = SourceFile { path: "src/schema.rs".to_owned(), text: EXAMPLE_SCHEMA.to_owned() };
        let schema = read_sources(&[file]).unwrap_or_else(|faults| panic!("{faults}"));
        let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["users", "notes"]);
    }
}
