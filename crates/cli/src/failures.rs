//! What the library's errors mean for the command: the sort of failure, the hint beside it, and what `--json` adds.

use seedbed::generate::{GenerateError, GenerateErrorKind};
use seedbed::migrate::{Failure, FolderError, KeptPart, MigrateError, MigrateErrorKind, Report};
use seedbed::pull::PullError;
use seedbed::push::{PushError, PushErrorKind};
use seedbed::replay::ReplayError;
use seedbed::squash::SquashError;
use serde_json::{Value, json};

use crate::cli_error::{CliError, Kind};

impl From<GenerateError> for CliError {
    fn from(error: GenerateError) -> Self {
        let kind = match error.kind() {
            GenerateErrorKind::Folder(folder) => folder_kind(folder),
            GenerateErrorKind::Rename(_)
            | GenerateErrorKind::Backfill { .. }
            | GenerateErrorKind::Name(_) => Kind::Usage,
            GenerateErrorKind::Open { .. } => Kind::Question,
            GenerateErrorKind::Proof(error) if error.is_about_schema() => Kind::Schema,
            GenerateErrorKind::Proof(_) => Kind::Database,
            _ => Kind::Files,
        };
        let hint = error.hint();
        // The message is the error's own text, so of the chain only what is below it is told.
        Self::new(kind, error.to_string()).with_hints(hint).with_source(error)
    }
}

impl From<FolderError> for CliError {
    fn from(error: FolderError) -> Self {
        let hint = error.hint();
        Self::new(folder_kind(&error), error.to_string()).with_hints(hint).with_source(error)
    }
}

impl From<MigrateError> for CliError {
    fn from(error: MigrateError) -> Self {
        let kind = match error.kind() {
            MigrateErrorKind::Folder(folder) => folder_kind(folder),
            MigrateErrorKind::Failed(_) | MigrateErrorKind::Locked { .. } | MigrateErrorKind::Database(_) => {
                Kind::Database
            }
            MigrateErrorKind::Unknown { .. } | MigrateErrorKind::Ambiguous { .. } => Kind::Usage,
            MigrateErrorKind::Unprovable { .. } => Kind::Question,
            _ => Kind::Check,
        };
        let hint = error.hint();
        let mut failure = Self::new(kind, error.to_string())
            .with_hints(hint)
            .with_field("migrations", report_json(error.report()));
        if let MigrateErrorKind::Failed(failed) = error.kind() {
            failure.fields.extend(failure_json(failed));
        }
        if let MigrateErrorKind::Unproved { differences, .. } = error.kind() {
            let differences = serde_json::to_value(differences).unwrap_or(Value::Null);
            failure.fields.insert("differences".to_owned(), differences);
        }
        failure.with_source(error)
    }
}

impl From<PullError> for CliError {
    fn from(error: PullError) -> Self {
        let kind = match () {
            () if error.is_empty() => Kind::Config,
            () if error.is_internal() => Kind::Internal,
            () => Kind::Database,
        };
        let hint = error.hint();
        Self::new(kind, error.to_string()).with_hints(hint).with_source(error)
    }
}

impl From<SquashError> for CliError {
    fn from(error: SquashError) -> Self {
        let kind = match error.folder() {
            Some(folder) => folder_kind(folder),
            None if error.is_usage() => Kind::Usage,
            None if error.is_about_folder() => Kind::Files,
            None => Kind::Internal,
        };
        let hint = error.hint();
        Self::new(kind, error.to_string()).with_hints(hint).with_source(error)
    }
}

impl From<PushError> for CliError {
    fn from(error: PushError) -> Self {
        let kind = match error.kind() {
            PushErrorKind::Rename(_) => Kind::Usage,
            PushErrorKind::Open { .. } => Kind::Question,
            PushErrorKind::Elsewhere(_) => Kind::Internal,
            _ => Kind::Database,
        };
        let hint = error.hint();
        let mut failure = Self::new(kind, error.to_string()).with_hints(hint);
        if let PushErrorKind::Apply(failed) = error.kind() {
            failure.fields.extend(failure_json(failed));
        }
        failure.with_source(error)
    }
}

impl From<ReplayError> for CliError {
    fn from(error: ReplayError) -> Self {
        let hint = error.hint().map(str::to_owned);
        let failed = error.failure().map(failure_json).unwrap_or_default();
        let mut failure = Self::new(Kind::Database, error.to_string()).with_hints(hint);
        failure.fields.extend(failed);
        failure.with_source(error)
    }
}

/// A folder whose parts don't fit together is something that a check found; one that can't be read is not.
pub(crate) fn folder_kind(error: &FolderError) -> Kind {
    if error.is_missing_file() { Kind::Check } else { Kind::Files }
}

/// Returns what `--json` tells about migrations that were run, or would be.
pub(crate) fn report_json(report: &Report) -> Value {
    let migrations = report.migrations.iter().map(|migration| {
        let mut object = json!({
            "tag": migration.tag,
            "statements": migration.statements,
            "hazards": migration.hazards,
            "in_transaction": migration.in_transaction,
        });
        if report.dry_run {
            object["sql"] = migration.sql.as_str().into();
        } else {
            object["restored"] = migration.restored.clone().into();
            object["kept"] = migration.kept.iter().map(part_json).collect();
            object["brought_back"] = migration.brought_back.iter().map(part_json).collect();
            object["left_kept"] = migration.left_kept.iter().map(part_json).collect();
            object["differs"] = migration.differs.iter().map(ToString::to_string).collect::<Vec<_>>().into();
            object["milliseconds"] = (migration.duration.as_secs_f64() * 1000.0).into();
        }
        object
    });
    migrations.collect()
}

/// Returns what `--json` tells about a part of the database that is kept, or is back.
pub(crate) fn part_json(part: &KeptPart) -> Value {
    json!({ "table": part.table, "columns": part.columns, "rows": part.rows })
}

fn failure_json(failure: &Failure) -> Vec<(String, Value)> {
    vec![
        ("file".to_owned(), failure.file().into()),
        ("line".to_owned(), failure.line().into()),
        ("statement".to_owned(), failure.statement_text().into()),
        ("rows".to_owned(), failure.offending_rows().into()),
    ]
}
