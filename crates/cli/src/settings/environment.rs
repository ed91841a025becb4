//! The variables that settings are read from: the process's own, then those of `.env` files.
//!
//! A `.env` beside `seedbed.toml` is read, then one in the current folder; the first that sets a variable counts,
//! and the real environment counts before both. A variable that is set but empty counts as not set.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::dotenv::{self, Entry};
use super::origin::{Origin, Setting, show_path};
use crate::cli_error::CliError;

/// The variables.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    files: Vec<DotEnvFile>,
}

#[derive(Debug)]
struct DotEnvFile {
    folder: PathBuf,
    shown: String,
    entries: Vec<Entry>,
}

/// A variable's value and the folder that a path in it is relative to.
pub(crate) type Variable = (Setting<OsString>, PathBuf);

impl Environment {
    /// Reads the `.env` files of the folders, in the order in which they count.
    pub(crate) fn read(current_folder: &Path, folders: &[&Path]) -> Result<Self, CliError> {
        let mut files: Vec<DotEnvFile> = Vec::new();
        for folder in folders {
            if files.iter().any(|file| file.folder == **folder) {
                continue;
            }
            let path = folder.join(".env");
            let shown = show_path(current_folder, &path);
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                // A folder of that name is a virtual environment of Python, which is none of our business.
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {
                    continue;
                }
                Err(error) => {
                    return Err(CliError::config(format!("cannot read `{shown}`")).with_source(error));
                }
            };
            let entries = dotenv::parse(&text).map_err(|fault| {
                CliError::config(format!("{shown}:{} can't be used: {}", fault.line, fault.message))
                    .with_hint("every line is `NAME=value`, empty, or a comment that begins with `#`")
                    .with_field("file", shown.as_str())
                    .with_field("line", fault.line)
            })?;
            files.push(DotEnvFile { folder: (*folder).to_owned(), shown, entries });
        }
        Ok(Self { files })
    }

    /// Returns a variable that the command knows by name, such as `SEEDBED_URL`.
    pub(crate) fn variable(&self, current_folder: &Path, name: &'static str) -> Option<Variable> {
        if let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) {
            return Some((Setting { value, origin: Origin::Variable(name) }, current_folder.to_owned()));
        }
        let (file, entry) = self.entry(name)?;
        let origin = Origin::DotEnv { variable: name, path: file.shown.clone(), line: entry.line };
        Some((Setting { value: entry.value.clone().into(), origin }, file.folder.clone()))
    }

    /// Returns the value of any variable, for `${…}`.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let real = env::var(name).ok().filter(|value| !value.is_empty());
        real.or_else(|| self.entry(name).map(|(_, entry)| entry.value.clone()))
    }

    fn entry(&self, name: &str) -> Option<(&DotEnvFile, &Entry)> {
        self.files
            .iter()
            .flat_map(|file| file.entries.iter().map(move |entry| (file, entry)))
            .find(|(_, entry)| entry.name == name && !entry.value.is_empty())
    }
}
