//! The project: the configuration, the schema, the migrations folder, and whether they belong together.

use seedbed::generate::{GenerateErrorKind, GenerateOptions, prepare};
use seedbed::health::sqlite_version;
use seedbed::migrate::Folder;
use seedbed_schema::model::Schema;

use super::Findings;
use crate::cli_error::CliError;
use crate::quantity::count;
use crate::schema_source;
use crate::settings::{FILE_NAME, Settings, SqliteVersion};
use crate::terminal::Terminal;

pub(super) fn examine(terminal: &Terminal, settings: &Settings, findings: &mut Findings) {
    match settings.config_file() {
        Some(shown) => findings.ok("configuration", shown),
        None => findings.warn(
            "configuration",
            format!("there is no {FILE_NAME} here or above, so flags, the environment and defaults count"),
            "`seedbed init` writes one",
        ),
    }
    version(settings, findings);
    let schema = schema(terminal, settings, findings);
    let folder = folder(settings, findings);
    if let (Some(schema), Some(folder)) = (schema, folder) {
        agreement(&schema, &folder, findings);
    }
}

fn version(settings: &Settings, findings: &mut Findings) {
    const SUBJECT: &str = "sqlite";
    let (major, minor, patch) = sqlite_version();
    let built_in = SqliteVersion(major, minor, patch);
    let shown = |version: SqliteVersion| format!("{}.{}.{}", version.0, version.1, version.2);
    match settings.sqlite_version() {
        Err(error) => findings.error(SUBJECT, &error),
        Ok(Some(wanted)) if wanted > built_in => findings.fault(
            SUBJECT,
            format!(
                "migrations are written for SQLite {}, and {} is built in",
                shown(wanted),
                shown(built_in)
            ),
            "lower `sqlite_version` in seedbed.toml, or use a newer Seedbed",
        ),
        Ok(Some(wanted)) => findings.ok(
            SUBJECT,
            format!(
                "{} is built in; migrations are written for {} and newer",
                shown(built_in),
                shown(wanted)
            ),
        ),
        Ok(None) => findings.ok(SUBJECT, format!("{} is built in", shown(built_in))),
    }
}

fn schema(terminal: &Terminal, settings: &Settings, findings: &mut Findings) -> Option<Schema> {
    const SUBJECT: &str = "schema";
    let source = match settings.schema() {
        Ok(source) => source,
        Err(error) => {
            findings.error(SUBJECT, &error);
            return None;
        }
    };
    let shown = settings.show(&source.value);
    match schema_source::read(terminal, settings, &source) {
        Ok(schema) if schema.tables.is_empty() => {
            let message = format!("`{shown}` declares no table");
            findings.warn(SUBJECT, message, "declare one, or name the file with `schema` in seedbed.toml");
            Some(schema)
        }
        Ok(schema) => {
            let (tables, views) = (schema.tables.len(), schema.views.len());
            let views = if views == 0 { String::new() } else { format!(" and {}", count(views, "view")) };
            findings.ok(SUBJECT, format!("{shown}, {}{views}", count(tables, "table")));
            Some(schema)
        }
        Err(error) => {
            findings.error(
                SUBJECT,
                &error.with_hint("`seedbed generate --check` shows every fault with its lines"),
            );
            None
        }
    }
}

fn folder(settings: &Settings, findings: &mut Findings) -> Option<Folder> {
    const SUBJECT: &str = "migrations";
    let out = match settings.out() {
        Ok(out) => out,
        Err(error) => {
            findings.error(SUBJECT, &error);
            return None;
        }
    };
    let shown = settings.show(&out.value);
    let folder = Folder::new(&shown);
    if !out.value.is_dir() {
        let message = format!("there is no folder `{shown}` yet");
        findings.warn(SUBJECT, message, "`seedbed generate` makes it, with the first migration");
        return Some(folder);
    }
    match folder.migrations() {
        Ok(migrations) => {
            findings.ok(SUBJECT, format!("{shown}, {}", count(migrations.len(), "migration")));
            Some(folder)
        }
        Err(error) => {
            findings.error(SUBJECT, &CliError::from(error));
            None
        }
    }
}

/// Whether the newest migration leads to the declared schema.
fn agreement(schema: &Schema, folder: &Folder, findings: &mut Findings) {
    const SUBJECT: &str = "generate";
    let behind = |findings: &mut Findings, changes: usize| {
        let message = format!("the schema asks for {} that no migration makes", count(changes, "change"));
        findings.warn(SUBJECT, message, "`seedbed generate` writes the migration");
    };
    match prepare(folder, schema, &GenerateOptions::default()) {
        Ok(None) => findings.ok(SUBJECT, "the newest migration leads to the schema"),
        Ok(Some(draft)) => behind(findings, draft.diff.changes().len()),
        Err(error) => match error.kind() {
            GenerateErrorKind::Open { ambiguities, questions } => {
                behind(findings, ambiguities.len() + questions.len());
            }
            _ => findings.error(SUBJECT, &CliError::from(error)),
        },
    }
}
