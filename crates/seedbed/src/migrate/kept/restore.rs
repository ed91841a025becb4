//! Shows what was kept to the script that leads back, and lets go of it when the script is done.
//!
//! The script reads `"__seedbed_kept_users"`: a temporary view over what was kept of `users`, or over nothing at all, so
//! that the same script runs where nothing was kept. It is made right before the first statement that names it.

use rusqlite::Connection;
use seedbed_schema::plan::Backfill;
use seedbed_schema::sql::quote_identifier;

use super::keep::{column_names, key_names};
use super::registry::{self, Entry};
use super::{KeptPart, named, unasked};
use crate::migrate::failure::{Failure, FailureKind, words};
use crate::migrate::history::has_table;
use crate::migrate::rebuild;
use crate::migrate::row_text::{key_columns, rowid_column, text_expression, texts};
use crate::migrate::script::{Cast, Keep, Name, Restore, RestoredColumns, RowKey, Script, is_same};

/// Brings back what a migration lost.
pub(in crate::migrate) struct Restorer<'a> {
    connection: &'a Connection,
    script: &'a Script,
    /// The migration that is undone, and the values for rows that it does not know; `None` where nothing was kept.
    kept: Option<(&'a str, &'a [Backfill])>,
    used: Vec<Entry>,
    views: Vec<String>,
}

impl<'a> Restorer<'a> {
    pub(in crate::migrate) fn new(
        connection: &'a Connection,
        script: &'a Script,
        kept: Option<(&'a str, &'a [Backfill])>,
    ) -> Self {
        Self { connection, script, kept, used: Vec::new(), views: Vec::new() }
    }

    /// Makes the views that statement `index` is the first to read.
    pub(in crate::migrate) fn before(&mut self, index: usize) -> Result<(), Failure> {
        for restore in self.script.restores_at(index) {
            match &restore.columns {
                None => self.show_table(restore).map_err(|error| self.database(error))?,
                Some(columns) => self.show_columns(restore, columns, index)?,
            }
        }
        Ok(())
    }

    /// Lets go of what was brought back; also returns what the script had no place for.
    pub(in crate::migrate) fn finish(mut self) -> rusqlite::Result<(Vec<KeptPart>, Vec<KeptPart>)> {
        let mut parts = Vec::new();
        for view in &self.views {
            self.connection.execute_batch(&format!("DROP VIEW temp.{}", quote_identifier(view)))?;
        }
        let open = self.open()?.into_iter().filter(|open| self.used.iter().all(|used| used.id != open.id));
        let filled = unasked::fill(self.connection, self.script, open.collect())?;
        self.used.extend(filled);
        for entry in &self.used {
            if let Some(counter) = entry.counter {
                rebuild::keep_counter(self.connection, &entry.table, counter)?;
            }
            if entry.is_whole && !is_back(self.connection, entry)? {
                // The script did not take everything; what is not back must not be lost.
                continue;
            }
            if entry.rows > 0 {
                parts.push(entry.part(self.connection)?);
            }
            registry::remove(self.connection, entry)?;
        }
        let left = self.open()?.iter().map(|entry| entry.part(self.connection)).collect::<Result<_, _>>()?;
        Ok((parts, left))
    }

    /// Returns what is kept of the migration, of each part the newest.
    fn open(&self) -> rusqlite::Result<Vec<Entry>> {
        let Some((migration, _)) = self.kept else { return Ok(Vec::new()) };
        let mut entries = registry::entries(self.connection)?;
        registry::retain_newest(&mut entries);
        entries.retain(|entry| entry.migration == migration);
        Ok(entries)
    }

    fn find(&self, table: &str, is_whole: bool) -> rusqlite::Result<Option<Entry>> {
        let Some((migration, _)) = self.kept else { return Ok(None) };
        registry::find(self.connection, migration, table, is_whole)
    }

    fn show_table(&mut self, restore: &Restore) -> rusqlite::Result<()> {
        let entry = self.find(&restore.table, true)?;
        let rows = match &entry {
            Some(entry) => format!("SELECT * FROM main.{}", quote_identifier(&entry.kept_table)),
            // The table has just been made, and lends its columns.
            None => format!(
                "SELECT NULL AS \"__seedbed_rowid\", * FROM main.{} WHERE 0",
                quote_identifier(&restore.table)
            ),
        };
        self.show(restore, &rows)?;
        self.used.extend(entry);
        Ok(())
    }

    fn show_columns(
        &mut self,
        restore: &Restore,
        columns: &RestoredColumns,
        index: usize,
    ) -> Result<(), Failure> {
        let mut entry = self.find(&restore.table, false).map_err(|error| self.database(error))?;
        let backfills = self.backfills(restore, columns);
        if entry.is_none() && !backfills.is_empty() {
            entry = self.keep_nothing(restore, columns).map_err(|error| self.database(error))?;
        }
        if let Some(entry) = &entry {
            self.refuse_rows_without_value(restore, columns, entry, &backfills, index)?;
            if !backfills.is_empty() {
                self.fill(restore, columns, entry, &backfills).map_err(|error| {
                    let message = words(&error);
                    Failure::statement(
                        FailureKind::Statement,
                        self.script,
                        index,
                        format!("a backfill of `{}`: {message}", restore.table),
                    )
                    .hint("a backfill is an expression over the other columns of its table")
                    .sqlite(error)
                })?;
            }
        }
        let rows = self.rows(columns, entry.as_ref(), &backfills).map_err(|error| self.database(error))?;
        self.show(restore, &rows).map_err(|error| self.database(error))?;
        self.used.extend(entry);
        Ok(())
    }

    fn show(&mut self, restore: &Restore, rows: &str) -> rusqlite::Result<()> {
        let view = restore.view();
        let name = quote_identifier(&view);
        self.connection
            .execute_batch(&format!("DROP VIEW IF EXISTS temp.{name}; CREATE TEMP VIEW {name} AS {rows}"))?;
        self.views.push(view);
        Ok(())
    }

    /// The query of the view over kept columns.
    fn rows(
        &self,
        columns: &RestoredColumns,
        entry: Option<&Entry>,
        backfills: &[&Backfill],
    ) -> rusqlite::Result<String> {
        let there = match entry {
            Some(entry) => registry::columns(self.connection, &entry.kept_table)?,
            None => Vec::new(),
        };
        let is_there = |quoted: &str| there.iter().any(|name| is_same(&quote_identifier(name), quoted));
        let keep = as_keep("", columns);
        let mut shown: Vec<String> = column_names(&keep)
            .into_iter()
            .map(|name| if is_there(&name) { name } else { format!("NULL AS {name}") })
            .collect();
        let is_kept = if entry.is_some() { "\"added\" = 0" } else { "0" };
        shown.push(format!("{is_kept} AS \"is kept\""));
        for column in &columns.drops {
            let is_backfilled = backfills.iter().any(|backfill| is_same(&backfill.column, column));
            let has = match (is_there(&named("was", column)), is_backfilled) {
                (false, _) => "0",
                (true, true) => "1",
                (true, false) => "\"added\" = 0",
            };
            shown.push(format!("{has} AS {}", named("has", column)));
        }
        let from = entry.map_or_else(
            || " WHERE 0".to_owned(),
            |entry| format!(" FROM main.{}", quote_identifier(&entry.kept_table)),
        );
        Ok(format!("SELECT {}{from}", shown.join(", ")))
    }

    /// Returns the backfills for the columns that come back.
    fn backfills(&self, restore: &Restore, columns: &RestoredColumns) -> Vec<&'a Backfill> {
        let all = self.kept.map_or(&[][..], |(_, backfills)| backfills);
        all.iter().filter(|backfill| fits(backfill, restore, columns)).collect()
    }

    /// Makes room for backfills where nothing was kept.
    fn keep_nothing(&self, restore: &Restore, columns: &RestoredColumns) -> rusqlite::Result<Option<Entry>> {
        let Some((migration, _)) = self.kept else { return Ok(None) };
        let entry = registry::add(self.connection, migration, &restore.table, false)?;
        let keep = as_keep(&restore.table, columns);
        self.connection.execute_batch(&format!(
            "CREATE TABLE main.{} ({}, \"added\" INTEGER NOT NULL DEFAULT 0, UNIQUE ({}))",
            quote_identifier(&entry.kept_table),
            column_names(&keep).join(", "),
            key_names(&keep.key).join(", ")
        ))?;
        Ok(Some(entry))
    }

    /// The rows of the table that the migration did not know: `FROM … WHERE NOT EXISTS …`.
    fn unknown_rows(
        &self,
        restore: &Restore,
        columns: &RestoredColumns,
        entry: &Entry,
    ) -> rusqlite::Result<String> {
        let term = |word: &str, compare: &str, name: &Name| {
            format!("k.{} {compare} +t.{}", named(word, &name.before), quote_identifier(&name.live))
        };
        let terms: Vec<String> = match &columns.key {
            RowKey::Columns(names) => names.iter().map(|column| term("key", "=", &column.name)).collect(),
            RowKey::Rowid { same, .. } => {
                let rowid = rowid_column(self.connection, &restore.table)?.unwrap_or("rowid");
                let first = format!("k.{} = +t.{rowid}", named("key", "rowid"));
                std::iter::once(first).chain(same.iter().map(|name| term("same", "IS", name))).collect()
            }
        };
        Ok(format!(
            "FROM main.{} AS t\nWHERE NOT EXISTS (SELECT 1 FROM main.{} AS k WHERE {})",
            quote_identifier(&restore.table),
            quote_identifier(&entry.kept_table),
            terms.join(" AND ")
        ))
    }

    /// Rows that were added since have no value to come back. Where the column cannot be without one, only a person knows.
    fn refuse_rows_without_value(
        &self,
        restore: &Restore,
        columns: &RestoredColumns,
        entry: &Entry,
        backfills: &[&Backfill],
        index: usize,
    ) -> Result<(), Failure> {
        let is_given = |column: &String| backfills.iter().any(|backfill| is_same(&backfill.column, column));
        let missing: Vec<&String> = columns.needs.iter().filter(|column| !is_given(column)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let database = |error| self.database(error);
        let unknown = self.unknown_rows(restore, columns, entry).map_err(database)?;
        let count: i64 = self
            .connection
            .query_row(&format!("SELECT count(*) {unknown}"), [], |row| row.get(0))
            .map_err(database)?;
        if count == 0 {
            return Ok(());
        }
        let table = &restore.table;
        let keys = key_columns(self.connection, table).map_err(database)?;
        let rows = texts(self.connection, &format!("SELECT {} {unknown}", text_expression(&keys)))
            .map_err(database)?;
        let names: Vec<String> = missing.iter().map(|column| format!("`{table}.{column}`")).collect();
        let flags: Vec<String> =
            missing.iter().map(|column| format!("--backfill \"{table}.{column}='expression'\"")).collect();
        let (rows_were, have) = if count == 1 { ("row was", "has") } else { ("rows were", "have") };
        let message = format!(
            "{count} {rows_were} added to `{table}` since the migration and {have} no value for {}",
            names.join(", ")
        );
        Err(Failure::statement(FailureKind::NoValue, self.script, index, message)
            .rows(rows)
            .hint(format!("give them one and go back again: `{}`", flags.join(" "))))
    }

    fn fill(
        &self,
        restore: &Restore,
        columns: &RestoredColumns,
        entry: &Entry,
        backfills: &[&Backfill],
    ) -> rusqlite::Result<()> {
        let unknown = self.unknown_rows(restore, columns, entry)?;
        let mut targets =
            column_names(&Keep { drops: Vec::new(), casts: Vec::new(), ..as_keep("", columns) });
        let mut sources: Vec<String> = Vec::new();
        let live = |name: &Name| format!("t.{}", quote_identifier(&name.live));
        match &columns.key {
            RowKey::Columns(names) => sources.extend(names.iter().map(|column| live(&column.name))),
            RowKey::Rowid { same, .. } => {
                let rowid = rowid_column(self.connection, &restore.table)?.unwrap_or("rowid");
                sources.push(format!("t.{rowid}"));
                sources.extend(same.iter().map(live));
            }
        }
        for backfill in backfills {
            targets.push(named("was", &backfill.column));
            sources.push(format!("({})", backfill.expr));
        }
        self.connection.execute_batch(&format!(
            "INSERT OR IGNORE INTO main.{} ({}, \"added\")\nSELECT {}, 1\n{unknown}",
            quote_identifier(&entry.kept_table),
            targets.join(", "),
            sources.join(", ")
        ))
    }

    fn database(&self, error: rusqlite::Error) -> Failure {
        Failure::database(&self.script.name, error)
    }
}

/// Whether a table that was made again has all its rows.
fn is_back(connection: &Connection, entry: &Entry) -> rusqlite::Result<bool> {
    if !has_table(connection, &entry.table)? {
        return Ok(false);
    }
    let rows = rebuild::count(connection, &entry.table)?;
    Ok(u64::try_from(rows).is_ok_and(|rows| rows >= entry.rows))
}

/// Whether a backfill is for a column that comes back.
pub(in crate::migrate) fn fits(backfill: &Backfill, restore: &Restore, columns: &RestoredColumns) -> bool {
    is_same(&backfill.table, &restore.table)
        && columns.drops.iter().any(|column| is_same(column, &backfill.column))
}

/// What a restore reads is laid out like what a keep writes.
fn as_keep(table: &str, columns: &RestoredColumns) -> Keep {
    let cast = |name: &String| Cast { name: Name::same(name), to: None, back: String::new() };
    Keep {
        table: Name::same(table),
        key: columns.key.clone(),
        drops: columns.drops.iter().map(|name| Name::same(name)).collect(),
        casts: columns.casts.iter().map(cast).collect(),
    }
}
