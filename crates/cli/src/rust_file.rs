//! The Rust file that a verb makes of a database: put in its place in one step, never over another one unasked.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::model::Schema;
use seedbed_schema::read::{SourceFile, read_sources};
use seedbed_schema::write::RustSource;

use crate::cli_error::{CliError, Kind};
use crate::commands::EXAMPLE_SCHEMA;
use crate::settings::{Setting, Settings};
use crate::terminal::{Style, Terminal};

/// What stands where the file goes.
pub(crate) enum Place {
    /// Nothing, or the example of `seedbed init`, which nobody misses.
    Free,
    /// The very text.
    Same,
    /// Something else.
    Taken(String),
}

/// A Rust file that is not written yet.
pub(crate) struct RustFile {
    path: PathBuf,
    /// The path, as the person at the keyboard would write it.
    pub(crate) shown: String,
    text: String,
    place: Place,
    /// What the text declares.
    pub(crate) declared: Schema,
}

impl RustFile {
    /// Reads the source back and looks where it goes.
    ///
    /// # Errors
    ///
    /// When the place cannot be read. That the text cannot be would be a fault of the toolkit.
    pub(crate) fn new(
        settings: &Settings,
        setting: &Setting<PathBuf>,
        source: &RustSource,
    ) -> Result<Self, CliError> {
        let shown = settings.show(&setting.value);
        let file = SourceFile { path: shown.clone(), text: source.text.clone() };
        let declared = read_sources(&[file]).map_err(|faults| {
            let message = format!("the Rust source that was made cannot be read: {faults}");
            CliError::new(Kind::Internal, message)
        })?;
        let place = match fs::read_to_string(&setting.value) {
            Err(error) if error.kind() == ErrorKind::NotFound => Place::Free,
            Ok(text) if text == source.text => Place::Same,
            Ok(text) if text == EXAMPLE_SCHEMA || text.trim().is_empty() => Place::Free,
            Ok(text) => Place::Taken(text),
            Err(error) => return Err(CliError::files(format!("cannot read `{shown}`"), error)),
        };
        Ok(Self { path: setting.value.clone(), shown, text: source.text.clone(), place, declared })
    }

    /// Whether another file is there.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self.place, Place::Taken(_))
    }

    /// Says what is different in the file that is there, as far as it can be read by itself.
    pub(crate) fn tell_changes(&self, terminal: &Terminal) {
        let Place::Taken(text) = &self.place else { return };
        let file = SourceFile { path: self.shown.clone(), text: text.clone() };
        let Ok(before) = read_sources(&[file]) else { return };
        let renames = Renames::default().nothing_else();
        let Ok(found) = diff(&before, &self.declared, &renames) else { return };
        let changes = found.changes();
        if changes.is_empty() {
            terminal.say(&format!("{}: the same tables in other words", self.shown));
        }
        changes.iter().for_each(|change| terminal.say(&format!("  {change}")));
    }

    /// Writes the file; returns whether there was anything to write.
    pub(crate) fn write(&self, terminal: &Terminal) -> Result<bool, CliError> {
        if matches!(self.place, Place::Same) {
            terminal.say(&format!("{} is as it should be", self.shown));
            return Ok(false);
        }
        put(&self.path, &self.text)
            .map_err(|error| CliError::files(format!("cannot write `{}`", self.shown), error))?;
        terminal.say(&format!("{}: {}", terminal.paint(Style::Good, "written"), self.shown));
        Ok(true)
    }
}

/// Writes beside the place and renames, so that no half of a file is ever there.
fn put(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
