//! `seedbed.toml`: found, read, and every value with its place.
//!
//! An unknown key, a value of the wrong type and broken TOML are faults that show the line. Values are kept as
//! they are written; variables are filled in only when a verb needs the value, so that `generate` does not ask for
//! the database's variable.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::origin::{Origin, Setting, show_path};
use super::seed::WrittenSeed;
use crate::cli_error::CliError;
use crate::excerpt::{self, Fault};
use crate::terminal::Terminal;

/// The file's name.
pub(crate) const FILE_NAME: &str = "seedbed.toml";

/// A configuration file.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// The folder it lies in, which its paths are relative to.
    pub(crate) folder: PathBuf,
    shown: String,
    text: String,
    values: Values,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    dialect: Option<Spanned<String>>,
    schema: Option<Spanned<String>>,
    out: Option<Spanned<String>>,
    url: Option<Spanned<String>>,
    sqlite_version: Option<Spanned<String>>,
    seed: Option<Spanned<WrittenSeed>>,
}

/// The keys of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// The database the schema is written for.
    Dialect,
    /// The schema source.
    Schema,
    /// The migrations folder.
    Out,
    /// The database.
    Url,
    /// The oldest SQLite that migrations must run on.
    SqliteVersion,
    /// What fills a development database.
    Seed,
}

impl Key {
    /// Returns the key as it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Dialect => "dialect",
            Self::Schema => "schema",
            Self::Out => "out",
            Self::Url => "url",
            Self::SqliteVersion => "sqlite_version",
            Self::Seed => "seed",
        }
    }
}

/// Returns the file that counts in a folder: the nearest `seedbed.toml` in it or above it.
pub(crate) fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

impl ConfigFile {
    /// Reads a file; `named` says that the command line asked for it.
    pub(crate) fn read(
        terminal: &Terminal,
        current_folder: &Path,
        path: &Path,
        named: bool,
    ) -> Result<Self, CliError> {
        let shown = show_path(current_folder, path);
        let from = if named { " (from `--config`)" } else { "" };
        let text = fs::read_to_string(path).map_err(|error| {
            let message = match error.kind() {
                ErrorKind::NotFound => format!("there is no configuration file at `{shown}`{from}"),
                ErrorKind::IsADirectory => format!("the configuration `{shown}`{from} is a folder"),
                _ => format!("cannot read the configuration `{shown}`{from}"),
            };
            let error = CliError::config(message).with_source(error);
            let inside = path.join(FILE_NAME);
            if inside.is_file() {
                error.with_hint(format!("name the file: `--config {}`", inside.display()))
            } else if path.is_dir() {
                error.with_hint("name a file; `seedbed init` writes one")
            } else if path.exists() {
                error
            } else {
                error.with_hint("`seedbed init` writes one")
            }
        })?;
        let values = toml::from_str(&text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            fault(terminal, &shown, &text, span, &format!("{shown} can't be used: {}", error.message()), None)
        })?;
        let folder = path.parent().unwrap_or(current_folder).to_owned();
        Ok(Self { folder, shown, text, values })
    }

    /// Returns the file's name as the person knows it.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Returns a value as it is written.
    pub(crate) fn value(&self, key: Key) -> Option<Setting<&str>> {
        let value = self.spanned(key)?;
        Some(Setting { value: value.get_ref(), origin: self.origin(key, value.span()) })
    }

    /// Returns the seed as it is written.
    pub(crate) fn seed(&self) -> Option<Setting<&WrittenSeed>> {
        let value = self.values.seed.as_ref()?;
        Some(Setting { value: value.get_ref(), origin: self.origin(Key::Seed, value.span()) })
    }

    fn origin(&self, key: Key, span: Range<usize>) -> Origin {
        let (line, column) = excerpt::line_column(&self.text, span.start);
        Origin::File { key: key.as_str(), path: self.shown.clone(), line, column }
    }

    /// Returns the fault of a value, shown with its line.
    pub(crate) fn fault(&self, terminal: &Terminal, key: Key, message: &str, help: Option<&str>) -> CliError {
        let span = match key {
            Key::Seed => self.values.seed.as_ref().map(Spanned::span),
            key => self.spanned(key).map(Spanned::span),
        }
        .unwrap_or_default();
        fault(terminal, &self.shown, &self.text, span, message, help)
    }

    fn spanned(&self, key: Key) -> Option<&Spanned<String>> {
        match key {
            Key::Dialect => &self.values.dialect,
            Key::Schema => &self.values.schema,
            Key::Out => &self.values.out,
            Key::Url => &self.values.url,
            Key::SqliteVersion => &self.values.sqlite_version,
            // It is no text; `seed` returns it.
            Key::Seed => &None,
        }
        .as_ref()
    }
}

fn fault(
    terminal: &Terminal,
    path: &str,
    text: &str,
    span: Range<usize>,
    message: &str,
    help: Option<&str>,
) -> CliError {
    let (line, column) = excerpt::line_column(text, span.start);
    let shown = excerpt::render(terminal, &Fault { path, text, span, message, note: None, help });
    CliError::config(message)
        .with_excerpt(shown)
        .with_field("file", path)
        .with_field("line", line)
        .with_field("column", column)
}
