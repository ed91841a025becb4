//! What a run works on: flags, environment and `seedbed.toml` resolved into plain values before any work.
//!
//! A flag counts before the environment (`SEEDBED_SCHEMA`, `SEEDBED_OUT`, `SEEDBED_URL`, the real one before
//! `.env`), that before the file, that before the default. Paths in a file are relative to that file, others to
//! the current folder. A value that can't be used is an error that says which path was tried and where it came
//! from. A verb asks only for what it needs, so a fault in a setting that it doesn't use is not in its way.

mod config_file;
mod database_url;
mod dotenv;
mod environment;
mod expand;
mod likely;
mod origin;
mod seed;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use config_file::{ConfigFile, Key};
pub(crate) use config_file::{FILE_NAME, find as config_above};
pub(crate) use database_url::path as database_path;
use environment::Environment;
pub(crate) use origin::{Origin, Setting, show_path};
pub(crate) use seed::Seed;
use seed::WrittenSeed;

use crate::cli_error::CliError;
use crate::terminal::Terminal;

/// The schema where nobody names one.
pub(crate) const DEFAULT_SCHEMA: &str = "src/schema.rs";

/// What the command line says about settings; `None` where it says nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    /// `--config`.
    pub(crate) config: Option<PathBuf>,
    /// `--schema`.
    pub(crate) schema: Option<PathBuf>,
    /// `--out`.
    pub(crate) out: Option<PathBuf>,
    /// `--url`.
    pub(crate) url: Option<String>,
}

/// The settings of a run.
#[derive(Debug)]
pub(crate) struct Settings {
    terminal: Terminal,
    current_folder: PathBuf,
    overrides: Overrides,
    environment: Environment,
    config: Option<ConfigFile>,
}

/// A version of SQLite, `3.54.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SqliteVersion(pub(crate) u32, pub(crate) u32, pub(crate) u32);

/// The oldest version the planner writes for, see [`seedbed_schema::model::Dialect::Sqlite`].
const OLDEST_SQLITE: SqliteVersion = SqliteVersion(3, 35, 0);

impl Settings {
    /// Finds and reads the configuration and the `.env` files.
    pub(crate) fn load(terminal: &Terminal, overrides: Overrides) -> Result<Self, CliError> {
        let current_folder =
            env::current_dir().map_err(|error| CliError::files("cannot tell the current folder", error))?;
        let named = overrides.config.as_ref().map(|path| current_folder.join(path));
        let is_named = named.is_some();
        let config = named
            .or_else(|| config_file::find(&current_folder))
            .map(|path| ConfigFile::read(terminal, &current_folder, &path, is_named))
            .transpose()?;
        let config_folder = config.as_ref().map_or(current_folder.as_path(), |config| &config.folder);
        let environment = Environment::read(&current_folder, &[config_folder, &current_folder])?;
        let settings = Self { terminal: *terminal, current_folder, overrides, environment, config };
        settings.check_dialect()?;
        Ok(settings)
    }

    /// Returns the schema source, a file that exists.
    pub(crate) fn schema(&self) -> Result<Setting<PathBuf>, CliError> {
        let flag = self.overrides.schema.clone().map(OsString::from);
        let setting = self.path(Key::Schema, flag, "--schema", "SEEDBED_SCHEMA", DEFAULT_SCHEMA)?;
        let shown = self.show(&setting.value);
        let from = self.describe(&setting.origin);
        match fs::metadata(&setting.value) {
            Ok(metadata) if metadata.is_dir() => {
                Err(CliError::config(format!("the schema `{shown}` ({from}) is a folder"))
                    .with_hint("name the Rust file that declares the tables or their modules"))
            }
            Ok(_) => Ok(setting),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(CliError::config(format!("there is no schema at `{shown}` ({from})"))
                    .with_hint(self.where_the_schema_is(&setting.origin)))
            }
            Err(error) => {
                Err(CliError::config(format!("cannot read the schema `{shown}` ({from})")).with_source(error))
            }
        }
    }

    /// Returns the path of the schema, which need not exist yet.
    pub(crate) fn schema_to_write(&self) -> Result<Setting<PathBuf>, CliError> {
        let flag = self.overrides.schema.clone().map(OsString::from);
        let setting = self.path(Key::Schema, flag, "--schema", "SEEDBED_SCHEMA", DEFAULT_SCHEMA)?;
        if setting.value.is_dir() {
            let (shown, from) = (self.show(&setting.value), self.describe(&setting.origin));
            return Err(CliError::config(format!("the schema `{shown}` ({from}) is a folder"))
                .with_hint("name the Rust file that is to declare the tables"));
        }
        Ok(setting)
    }

    /// Says what to do about a schema that is not where it should be: names the files that declare tables.
    fn where_the_schema_is(&self, origin: &Origin) -> String {
        let project = self.config.as_ref().map_or(&self.current_folder, |config| &config.folder);
        let likely = likely::schemas(project);
        let Some(first) = likely.first() else {
            return match origin {
                Origin::Default => {
                    "`seedbed init` writes an example; `--schema` names another file".to_owned()
                }
                _ => "correct the path; `seedbed init` writes an example".to_owned(),
            };
        };
        let shown: Vec<String> = likely.iter().map(|path| format!("`{}`", self.show(path))).collect();
        let declare = if shown.len() == 1 { "declares" } else { "declare" };
        let written = first.strip_prefix(project).unwrap_or(first).display().to_string().replace('\\', "/");
        format!(
            "{} {declare} tables: pass `--schema {}`, or write `schema = \"{written}\"` in {FILE_NAME}",
            shown.join(", "),
            self.show(first)
        )
    }

    /// Returns the migrations folder, which need not exist yet.
    pub(crate) fn out(&self) -> Result<Setting<PathBuf>, CliError> {
        let flag = self.overrides.out.clone().map(OsString::from);
        let setting = self.path(Key::Out, flag, "--out", "SEEDBED_OUT", "migrations")?;
        if setting.value.is_file() {
            let (shown, from) = (self.show(&setting.value), self.describe(&setting.origin));
            return Err(CliError::config(format!("the migrations folder `{shown}` ({from}) is a file")));
        }
        Ok(setting)
    }

    /// Returns the migrations folder, which has to exist.
    pub(crate) fn existing_out(&self) -> Result<Setting<PathBuf>, CliError> {
        let setting = self.out()?;
        if setting.value.is_dir() {
            return Ok(setting);
        }
        let (shown, from) = (self.show(&setting.value), self.describe(&setting.origin));
        Err(CliError::config(format!("there is no migrations folder at `{shown}` ({from})"))
            .with_hint("`seedbed generate` makes the first migration; `--out` names another folder"))
    }

    /// Returns the database's file, which need not exist yet, though its folder must.
    pub(crate) fn database(&self) -> Result<Setting<PathBuf>, CliError> {
        let (setting, base) = match self.overrides.url.clone() {
            Some(url) => {
                let origin = Origin::Flag("--url");
                (Setting { value: url.into(), origin }, self.current_folder.clone())
            }
            None => self.lookup(Key::Url, "SEEDBED_URL")?.ok_or_else(|| self.no_database())?,
        };
        let from = setting.origin;
        let Some(url) = setting.value.to_str() else {
            return Err(CliError::config(format!("the database url ({from}) is not UTF-8")));
        };
        let path = database_url::path(url).map_err(|fault| {
            CliError::config(format!("the database `{url}` ({from}) can't be used: {}", fault.reason))
                .with_hint(fault.hint)
        })?;
        let path = base.join(path);
        let shown = self.show(&path);
        if path.is_dir() {
            return Err(CliError::config(format!("the database `{shown}` ({from}) is a folder"))
                .with_hint("give the path of a file in it"));
        }
        let folder = path.parent().unwrap_or(&base);
        if !folder.is_dir() {
            let folder = self.show(folder);
            return Err(CliError::config(format!(
                "the database `{shown}` ({from}) can't be opened: there is no folder `{folder}`"
            ))
            .with_hint("make the folder, or correct the path"));
        }
        Ok(Setting { value: path, origin: from })
    }

    /// Returns the database's file as [`database`](Self::database) does; `None` where nothing names one.
    pub(crate) fn known_database(&self) -> Result<Option<Setting<PathBuf>>, CliError> {
        let is_named = self.overrides.url.is_some() || self.lookup(Key::Url, "SEEDBED_URL")?.is_some();
        if is_named { self.database().map(Some) } else { Ok(None) }
    }

    /// Returns the oldest SQLite that migrations must run on, if one is set.
    pub(crate) fn sqlite_version(&self) -> Result<Option<SqliteVersion>, CliError> {
        let Some((config, text)) = self.config_value(Key::SqliteVersion)? else { return Ok(None) };
        let fault = |message: String, help| {
            Err(config.fault(&self.terminal, Key::SqliteVersion, &message, Some(help)))
        };
        match SqliteVersion::parse(&text) {
            None => fault(
                format!("`{text}` is no version of SQLite"),
                "a version looks like \"3.54.1\" or \"3.45\"",
            ),
            Some(version) if version < OLDEST_SQLITE => fault(
                format!("SQLite {text} is older than Seedbed can write for"),
                "3.35 is the oldest; leave the key out to write for the SQLite that is built in",
            ),
            Some(version) => Ok(Some(version)),
        }
    }

    /// Returns what fills a development database, if the configuration says so; a file has to be there.
    pub(crate) fn seed(&self) -> Result<Option<Setting<Seed>>, CliError> {
        let Some((config, written)) = self.config.as_ref().and_then(|config| Some((config, config.seed()?)))
        else {
            return Ok(None);
        };
        let (WrittenSeed::File(text) | WrittenSeed::Command(text)) = written.value;
        let fault = |message: &str, help| config.fault(&self.terminal, Key::Seed, message, Some(help));
        if text.trim().is_empty() {
            return Err(fault("the seed is empty", "name a SQL file, or leave the key out"));
        }
        let value = match written.value {
            // The shell has variables of its own.
            WrittenSeed::Command(line) => Seed::Command { line: line.clone(), folder: config.folder.clone() },
            WrittenSeed::File(text) => {
                let text = expand::expand(text, |name| self.environment.value(name)).map_err(|message| {
                    fault(&message, "a variable is written `${NAME}` or `${NAME:-default}`")
                })?;
                let path = config.folder.join(text);
                if !path.is_file() {
                    let message = format!("there is no seed at `{}`", self.show(&path));
                    return Err(fault(&message, "name a SQL file, or write `seed = { command = \"…\" }`"));
                }
                Seed::File(path)
            }
        };
        Ok(Some(Setting { value, origin: written.origin }))
    }

    /// Returns the path of the configuration, as the person at the keyboard would write it; `None` without one.
    pub(crate) fn config_file(&self) -> Option<&str> {
        self.config.as_ref().map(ConfigFile::shown)
    }

    /// Returns a path as the person at the keyboard would write it.
    pub(crate) fn show(&self, path: &Path) -> String {
        show_path(&self.current_folder, path)
    }

    /// Says where a setting came from; a default also says why nothing else counted.
    pub(crate) fn describe(&self, origin: &Origin) -> String {
        match (origin, &self.config) {
            (Origin::Default, None) => format!(
                "the default, as there is no {FILE_NAME} in `{}` or above",
                self.current_folder.display()
            ),
            (Origin::Default, Some(config)) => {
                format!("the default, as {} does not name one", config.shown())
            }
            (origin, _) => origin.to_string(),
        }
    }

    fn path(
        &self,
        key: Key,
        flag: Option<OsString>,
        flag_name: &'static str,
        variable: &'static str,
        default: &str,
    ) -> Result<Setting<PathBuf>, CliError> {
        let (setting, base) = match flag {
            Some(value) => (Setting { value, origin: Origin::Flag(flag_name) }, self.current_folder.clone()),
            None => self.lookup(key, variable)?.unwrap_or_else(|| {
                let base = self.config.as_ref().map_or(&self.current_folder, |config| &config.folder);
                (Setting { value: default.into(), origin: Origin::Default }, base.clone())
            }),
        };
        if setting.value.is_empty() {
            let message = format!("the path of `{}` ({}) is empty", key.as_str(), setting.origin);
            return Err(CliError::config(message));
        }
        Ok(Setting { value: base.join(setting.value), origin: setting.origin })
    }

    /// Looks a value up in the environment, then in the file.
    fn lookup(
        &self,
        key: Key,
        variable: &'static str,
    ) -> Result<Option<(Setting<OsString>, PathBuf)>, CliError> {
        if let Some(found) = self.environment.variable(&self.current_folder, variable) {
            return Ok(Some(found));
        }
        let Some((config, text)) = self.config_value(key)? else { return Ok(None) };
        let origin = config.value(key).map_or(Origin::Default, |setting| setting.origin);
        Ok(Some((Setting { value: text.into(), origin }, config.folder.clone())))
    }

    /// Returns a value of the file with its variables filled in.
    fn config_value(&self, key: Key) -> Result<Option<(&ConfigFile, String)>, CliError> {
        let Some(config) = &self.config else { return Ok(None) };
        let Some(setting) = config.value(key) else { return Ok(None) };
        let text = expand::expand(setting.value, |name| self.environment.value(name)).map_err(|message| {
            let help = "a variable is written `${NAME}` or `${NAME:-default}`";
            config.fault(&self.terminal, key, &message, Some(help))
        })?;
        Ok(Some((config, text)))
    }

    fn check_dialect(&self) -> Result<(), CliError> {
        let Some((config, dialect)) = self.config_value(Key::Dialect)? else { return Ok(()) };
        if dialect == "sqlite" {
            return Ok(());
        }
        let message = format!("the dialect `{dialect}` is not one that Seedbed knows");
        Err(config.fault(&self.terminal, Key::Dialect, &message, Some("the dialects are: \"sqlite\"")))
    }

    fn no_database(&self) -> CliError {
        let place = match &self.config {
            Some(config) => format!("{} does not name one", config.shown()),
            None => format!("there is no {FILE_NAME} in `{}` or above", self.current_folder.display()),
        };
        CliError::config(format!(
            "no database is given: neither `--url` nor `SEEDBED_URL` is set, and {place}"
        ))
        .with_hint("pass `--url app.db`, or write `url = \"app.db\"` in seedbed.toml")
    }
}

impl SqliteVersion {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
        let (major, minor) = (parts.next()??, parts.next()??);
        let patch = parts.next().unwrap_or(Some(0))?;
        (parts.next().is_none() && major == 3).then_some(Self(major, minor, patch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_two_or_three_numbers() {
        assert_eq!(SqliteVersion::parse("3.45"), Some(SqliteVersion(3, 45, 0)));
        assert_eq!(SqliteVersion::parse("3.54.1"), Some(SqliteVersion(3, 54, 1)));
        for wrong in ["", "3", "3.x", "3.1.2.3", "4.0", "v3.45"] {
            assert_eq!(SqliteVersion::parse(wrong), None, "{wrong}");
        }
    }
}
