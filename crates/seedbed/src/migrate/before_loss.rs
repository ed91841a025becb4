//! A backup beside the database, before a run that loses something.
//!
//! What is kept in the database goes with the database: a file that is lost or damaged takes it along. A run that drops
//! data is the moment for a copy of all of it. It is never brought back by itself; `seedbed restore` does that.

use std::path::PathBuf;

use rusqlite::Connection as Raw;
use seedbed_schema::plan::HazardCode;
use seedbed_schema::sql::quote_identifier;

use crate::Connection;
use crate::backup::{BackupOptions, Series};
use crate::inspect::is_hidden;

use super::error::{MigrateError, MigrateErrorKind};
use super::script::{Action, ObjectKind, Script};

/// Backs the database up when one of the scripts loses data, named after the first that does; the scripts come with
/// their migrations' names. A database in memory, or one without a row, needs no backup.
pub(super) fn back_up<'s>(
    connection: &Connection,
    scripts: impl Iterator<Item = (&'s str, &'s Script)>,
) -> Result<Option<PathBuf>, MigrateError> {
    let mut losing = scripts.filter(|(_, script)| loses_data(script)).map(|(tag, _)| tag);
    let (Some(tag), Some(path)) = (losing.next(), connection.path()) else { return Ok(None) };
    if !has_rows(connection.rusqlite())? {
        return Ok(None);
    }
    let series = Series::beside(path, &format!("before-{tag}"));
    let made = series.back_up(connection, &BackupOptions::default()).map_err(|error| {
        let text = format!("`{tag}` loses data, and no backup could be made before it");
        let hint = match error.hint() {
            Some(hint) => format!("{hint}; `--no-backup` does without"),
            None => "`--no-backup` does without".to_owned(),
        };
        MigrateError::from(MigrateErrorKind::Database(crate::Error::context(text, error).with_hint(hint)))
    })?;
    Ok(Some(made))
}

/// Whether a file says that it loses data, or drops something without saying so.
pub(crate) fn loses_data(script: &Script) -> bool {
    let says_so = script.hazards.iter().any(|hazard| {
        let code = hazard.text.split_whitespace().next().unwrap_or_default();
        // A placeholder stands for what an earlier run lost.
        HazardCode::named(code).is_some_and(|code| code.loses_data() && code != HazardCode::Placeholder)
    });
    let drops = script.statements.iter().enumerate().any(|(index, statement)| {
        statement.dropped_column().is_some()
            || (matches!(statement.action, Action::Drop(ObjectKind::Table, _))
                && script.rebuild_at(index).is_none())
    });
    says_so || drops || script.rebuilds.iter().any(|rebuild| !rebuild.dropped_columns.is_empty())
}

fn has_rows(connection: &Raw) -> rusqlite::Result<bool> {
    let mut tables =
        connection.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")?;
    let names = tables.query_map([], |row| row.get::<_, String>(0))?;
    for name in names {
        let name = name?;
        let sql = format!("SELECT EXISTS (SELECT 1 FROM main.{})", quote_identifier(&name));
        if !is_hidden(&name) && connection.query_row(&sql, [], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}
