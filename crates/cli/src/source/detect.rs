//! Tells what a text on the command line names.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{FORMS, Form};
use crate::cli_error::CliError;
use crate::settings::database_path;

/// How every SQLite database begins, <https://www.sqlite.org/fileformat.html#magic_header_string>.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Returns what the text names.
pub(super) fn detect(text: &str, flag: &str) -> Result<Form, CliError> {
    match text {
        "" => return Err(CliError::usage(format!("`{flag}` names nothing")).with_hint(hint())),
        "empty" => return Ok(Form::Empty),
        "-" => return Ok(Form::Stdin),
        _ => {}
    }
    if let Some(path) = database_url(text, flag)? {
        return database(path, text, flag);
    }
    let path = PathBuf::from(text);
    if path.is_dir() {
        return folder(path, flag);
    }
    if path.exists() {
        return file(path, flag);
    }
    match text.rsplit_once('@') {
        Some((folder, at)) if Path::new(folder).is_dir() && !at.is_empty() => {
            Ok(Form::Folder { path: folder.into(), at: Some(at.to_owned()) })
        }
        Some((folder, at)) if !folder.is_empty() && !at.is_empty() && !folder.contains('@') => {
            Err(CliError::usage(format!(
                "`{flag} {text}`: there is no file of that name, and no folder `{folder}`"
            ))
            .with_hint(hint()))
        }
        _ => {
            let mut error = CliError::usage(format!("`{flag} {text}`: there is no such file or folder"));
            if let Some(near) = nearby(&path) {
                error = error.with_hint(format!("there is `{near}`"));
            }
            Err(error.with_hint(hint()))
        }
    }
}

fn hint() -> String {
    format!("a schema source is {FORMS}")
}

/// Returns the path of a text that begins as a database's url.
fn database_url<'t>(text: &'t str, flag: &str) -> Result<Option<&'t str>, CliError> {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let is_url = scheme
        .is_some_and(|scheme| matches!(scheme, "sqlite" | "file") || text[scheme.len()..].starts_with("://"));
    if !is_url {
        return Ok(None);
    }
    database_path(text).map(Some).map_err(|fault| {
        CliError::usage(format!("`{flag} {text}` can't be used: {}", fault.reason)).with_hint(fault.hint)
    })
}

fn database(path: &str, text: &str, flag: &str) -> Result<Form, CliError> {
    if Path::new(path).is_file() {
        return Ok(Form::Database(path.into()));
    }
    Err(CliError::usage(format!("`{flag} {text}`: there is no database at `{path}`")))
}

/// A folder is one of migrations, or one of Rust source whose root file it holds.
fn folder(path: PathBuf, flag: &str) -> Result<Form, CliError> {
    let has = |name: &str| path.join(name).is_file();
    let root = ["mod.rs", "schema.rs", "lib.rs", "main.rs"].into_iter().find(|name| has(name));
    let is_migrations = has("meta/_journal.json");
    match root {
        Some(root) if is_migrations => Err(CliError::usage(format!(
            "`{flag} {}` can be read in two ways: it holds `meta/_journal.json` and `{root}`",
            path.display()
        ))
        .with_hint(format!("`{}` names the Rust source", path.join(root).display()))),
        Some(root) => Ok(Form::Rust(path.join(root))),
        // A folder of drizzle-kit 1.0, or one whose journal is lost, is told apart where folders are read.
        None if is_migrations || holds_sql(&path) => Ok(Form::Folder { path, at: None }),
        None => Err(CliError::usage(format!(
            "`{flag} {}` is a folder that is no schema source: it has no `meta/_journal.json`, as a migrations folder has, \
             and no `mod.rs`, `schema.rs`, `lib.rs` or `main.rs`",
            path.display()
        ))
        .with_hint(hint())),
    }
}

/// Whether a folder holds a file of SQL, itself or in one of its own folders.
fn holds_sql(path: &Path) -> bool {
    let is_sql = |path: &Path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("sql"));
    let Ok(entries) = fs::read_dir(path) else { return false };
    entries
        .flatten()
        .map(|entry| entry.path())
        .any(|entry| is_sql(&entry) || (entry.is_dir() && entry.join("migration.sql").is_file()))
}

fn file(path: PathBuf, flag: &str) -> Result<Form, CliError> {
    let shown = path.display().to_string();
    let (start, length) = read_start(&path)
        .map_err(|error| CliError::files(format!("`{flag} {shown}` can't be read"), error))?;
    if start.starts_with(MAGIC) {
        return Ok(Form::Database(path));
    }
    let extension = path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("rs") => Ok(Form::Rust(path)),
        Some("sql" | "ddl") => Ok(Form::Sql(path)),
        Some("json") => Ok(Form::Snapshot(path)),
        // A database to which nothing was ever written is an empty file.
        Some("db" | "db3" | "sqlite" | "sqlite3") if length == 0 => Ok(Form::Database(path)),
        Some("db" | "db3" | "sqlite" | "sqlite3") => Err(CliError::usage(format!(
            "`{flag} {shown}` is named like a database, but is not a SQLite database, or it is encrypted"
        ))),
        _ => Err(CliError::usage(format!(
            "cannot tell what `{flag} {shown}` is: its name ends in none of `.rs`, `.sql`, `.json`, and it does not begin \
             as an SQLite database does"
        ))
        .with_hint(format!("SQL under another name can be read from standard input: `{flag} -`"))),
    }
}

/// Returns the first bytes of a file and its length.
fn read_start(path: &Path) -> std::io::Result<(Vec<u8>, u64)> {
    let file = fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut start = Vec::new();
    file.take(MAGIC.len() as u64).read_to_end(&mut start)?;
    Ok((start, length))
}

/// Returns a file in the same folder whose name differs in its end only, or in case.
fn nearby(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_string_lossy().to_ascii_lowercase();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|entry| {
            entry.file_stem().is_some_and(|other| other.to_string_lossy().to_ascii_lowercase() == stem)
        })
        .collect();
    found.sort();
    let first = found.into_iter().next()?;
    Some(first.strip_prefix(".").unwrap_or(&first).display().to_string())
}
