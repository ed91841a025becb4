//! Where a setting came from, so that every complaint about it can say so.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use super::config_file;

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it came from.
    pub(crate) origin: Origin,
}

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag of the command line, such as `--schema`.
    Flag(&'static str),
    /// A variable of the process's environment.
    Variable(&'static str),
    /// A variable that a `.env` file sets.
    DotEnv {
        /// The variable.
        variable: &'static str,
        /// The file, as the person knows it.
        path: String,
        /// The line, counted from one.
        line: usize,
    },
    /// A key of `seedbed.toml`.
    File {
        /// The key.
        key: &'static str,
        /// The file, as the person knows it.
        path: String,
        /// The line, counted from one.
        line: usize,
        /// The column of the value, counted from one.
        column: usize,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "from `{flag}`"),
            Self::Variable(variable) => write!(f, "from the environment variable `{variable}`"),
            Self::DotEnv { variable, path, line } => write!(f, "from `{variable}` in {path}:{line}"),
            Self::File { key, path, line, column } => write!(f, "from `{key}` in {path}:{line}:{column}"),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// Returns a path as the person at the keyboard would write it: relative when it lies below the current folder, or in the
/// project that the current folder is a part of.
pub(crate) fn show_path(current_folder: &Path, path: &Path) -> String {
    let clean = folded(path);
    let below = clean.strip_prefix(current_folder).map(Path::to_owned).ok();
    let shown = below.or_else(|| in_project(current_folder, &clean)).unwrap_or(clean);
    if shown.as_os_str().is_empty() { ".".to_owned() } else { shown.display().to_string() }
}

/// Leads from a folder of a project up to where the path begins, `../app.db`.
fn in_project(current_folder: &Path, path: &Path) -> Option<PathBuf> {
    let config = config_file::find(current_folder)?;
    path.strip_prefix(config.parent()?).ok()?;
    let common = current_folder.ancestors().find(|folder| path.starts_with(folder))?;
    let up = current_folder.strip_prefix(common).ok()?.components().map(|_| Component::ParentDir);
    Some(up.chain(path.strip_prefix(common).ok()?.components()).collect())
}

/// Leaves out `.` and `folder/..`. A link stays, as `..` leads from it to where its target lies.
fn folded(path: &Path) -> PathBuf {
    let mut folded = PathBuf::new();
    for component in path.components() {
        let goes_back = component == Component::ParentDir
            && matches!(folded.components().next_back(), Some(Component::Normal(_)))
            && folded.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        if goes_back {
            folded.pop();
        } else {
            folded.push(component);
        }
    }
    folded
}
