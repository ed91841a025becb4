//! Rows that refer to rows that do not exist, before and after a script.
//!
//! While foreign keys are off SQLite checks nothing, so `PRAGMA foreign_key_check` is asked afterwards; when it finds
//! something, before as well. What was wrong before does not block a migration for ever; what is wrong only afterwards
//! does.

use std::collections::BTreeMap;

use rusqlite::Connection;
use seedbed_schema::sql::quote_identifier;

use super::failure::{Failure, FailureKind, words};
use super::row_text::{SHOWN, key_columns, rowid_column, text_expression, texts};
use super::script::{Script, is_same};

/// A foreign key, as far as messages and comparisons need it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    table: String,
    columns: Vec<String>,
    parent: String,
}

/// A row that refers to nothing.
#[derive(Debug)]
struct Orphan {
    rowid: Option<i64>,
    /// The referring values as SQL literals; empty when the table has no rowid to find them by.
    values: String,
}

/// All rows that refer to nothing, and the foreign keys that SQLite cannot make sense of.
#[derive(Debug, Default)]
pub(super) struct Violations {
    orphans: BTreeMap<Key, Vec<Orphan>>,
    mismatches: BTreeMap<String, String>,
}

impl Violations {
    /// Asks SQLite for every table.
    pub(super) fn collect(connection: &Connection) -> rusqlite::Result<Self> {
        let mut violations = Self::default();
        let tables = texts_of(
            connection,
            "SELECT DISTINCT m.name FROM main.sqlite_schema AS m JOIN pragma_foreign_key_list(m.name, 'main')\n\
             WHERE m.type = 'table'",
        )?;
        for table in tables {
            violations.collect_table(connection, &table)?;
        }
        Ok(violations)
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.orphans.is_empty() && self.mismatches.is_empty()
    }

    fn collect_table(&mut self, connection: &Connection, table: &str) -> rusqlite::Result<()> {
        let sql = format!("PRAGMA main.foreign_key_check({})", quote_identifier(table));
        let found: rusqlite::Result<Vec<(Option<i64>, i64)>> = connection
            .prepare(&sql)
            .and_then(|mut check| check.query_map([], |row| Ok((row.get(1)?, row.get(3)?)))?.collect());
        let found = match found {
            Ok(found) => found,
            // "foreign key mismatch": the parent has no such key. It is a fault of the schema, not of rows.
            Err(error) => {
                self.mismatches.insert(table.to_ascii_lowercase(), words(&error));
                return Ok(());
            }
        };
        if found.is_empty() {
            return Ok(());
        }
        let keys = keys_of(connection, table)?;
        let rowid_name = rowid_column(connection, table)?;
        for (rowid, id) in found {
            let Some(key) = keys.get(&id) else { continue };
            let values = match (rowid, rowid_name) {
                (Some(rowid), Some(name)) => {
                    let quoted: Vec<String> = key
                        .columns
                        .iter()
                        .map(|column| format!("quote({})", quote_identifier(column)))
                        .collect();
                    let sql = format!(
                        "SELECT {} FROM main.{} WHERE {name} = ?1",
                        quoted.join(" || ', ' || "),
                        quote_identifier(table)
                    );
                    connection.prepare_cached(&sql)?.query_row([rowid], |row| row.get(0))?
                }
                _ => String::new(),
            };
            self.orphans.entry(key.clone()).or_default().push(Orphan { rowid, values });
        }
        Ok(())
    }

    /// Fails when there is an orphan or a mismatch that was not there `before` the script.
    pub(super) fn refuse_new(
        &self,
        connection: &Connection,
        before: &Self,
        script: &Script,
    ) -> Result<(), Failure> {
        let database = |error| Failure::database(&script.name, error);
        for (table, words) in &self.mismatches {
            if !before.mismatches.keys().any(|old| is_same(&script.renamed_table(old), table)) {
                return Err(Failure::new(FailureKind::ForeignKey, &script.name, words.clone())
                    .hint("a foreign key has to refer to a primary key or to columns with a UNIQUE index"));
            }
        }
        for (key, orphans) in &self.orphans {
            let new = self.new_orphans(key, orphans, before, script);
            if new.is_empty() {
                continue;
            }
            let (table, parent) = (&key.table, &key.parent);
            let columns = match key.columns.as_slice() {
                [one] => format!("`{table}.{one}`"),
                several => format!("`{}` of `{table}`", several.join("`, `")),
            };
            let count = new.len();
            let rows = if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
            let message = format!(
                "foreign key {columns}: {rows} of `{table}` would refer to rows that `{parent}` does not have"
            );
            return Err(Failure::new(FailureKind::ForeignKey, &script.name, message)
                .rows(describe(connection, key, &new).map_err(database)?)
                .hint(format!(
                    "delete or mend these rows first, or keep the rows of `{parent}` that they need"
                )));
        }
        Ok(())
    }

    /// Returns every orphan as text, for a constraint that failed while keys are on.
    pub(super) fn describe(&self, connection: &Connection, before: &Self, script: &Script) -> Vec<String> {
        let mut rows = Vec::new();
        for (key, orphans) in &self.orphans {
            let new = self.new_orphans(key, orphans, before, script);
            let described = describe(connection, key, &new).unwrap_or_default();
            rows.extend(described.into_iter().map(|row| format!("of `{}`: {row}", key.table)));
        }
        rows.truncate(SHOWN);
        rows
    }

    /// A row is known by the values it refers with. In a table that was made anew values may have changed their
    /// form, and only the number of orphans counts.
    fn new_orphans<'a>(
        &self,
        key: &Key,
        orphans: &'a [Orphan],
        before: &Self,
        script: &Script,
    ) -> Vec<&'a Orphan> {
        let mut old: BTreeMap<&str, usize> = BTreeMap::new();
        let mut old_count = 0;
        for (old_key, old_orphans) in &before.orphans {
            if old_key.renamed(script).is_same(key) {
                old_count += old_orphans.len();
                for orphan in old_orphans {
                    *old.entry(orphan.values.as_str()).or_default() += 1;
                }
            }
        }
        let is_rebuilt =
            script.rebuilds.iter().any(|rebuild| is_same(&script.renamed_table(&rebuild.table), &key.table));
        if is_rebuilt && orphans.len() <= old_count {
            return Vec::new();
        }
        let mut is_new = |orphan: &&Orphan| match old.get_mut(orphan.values.as_str()) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        };
        orphans.iter().filter(|orphan| is_new(orphan)).collect()
    }
}

impl Key {
    fn renamed(&self, script: &Script) -> Self {
        Self {
            table: script.renamed_table(&self.table),
            columns: self.columns.iter().map(|column| script.renamed_column(&self.table, column)).collect(),
            parent: script.renamed_table(&self.parent),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same(&self.table, &other.table)
            && is_same(&self.parent, &other.parent)
            && self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(|(left, right)| is_same(left, right))
    }
}

fn keys_of(connection: &Connection, table: &str) -> rusqlite::Result<BTreeMap<i64, Key>> {
    let sql = "SELECT id, \"from\", \"table\" FROM pragma_foreign_key_list(?1, 'main') ORDER BY id, seq";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([table])?;
    let mut keys: BTreeMap<i64, Key> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let parent: String = row.get(2)?;
        let key = keys.entry(row.get(0)?).or_insert_with(|| Key {
            table: table.to_owned(),
            columns: Vec::new(),
            parent,
        });
        key.columns.push(row.get(1)?);
    }
    Ok(keys)
}

/// Names the rows by their primary key and the values they refer with.
fn describe(connection: &Connection, key: &Key, orphans: &[&Orphan]) -> rusqlite::Result<Vec<String>> {
    let table = quote_identifier(&key.table);
    let mut shown = key_columns(connection, &key.table)?;
    shown.extend(
        key.columns
            .iter()
            .filter(|column| !shown.iter().any(|name| is_same(name, column)))
            .cloned()
            .collect::<Vec<_>>(),
    );
    let text = text_expression(&shown);
    let rowids: Vec<String> =
        orphans.iter().filter_map(|orphan| orphan.rowid).take(SHOWN).map(|rowid| rowid.to_string()).collect();
    if let Some(name) = rowid_column(connection, &key.table)?
        && !rowids.is_empty()
    {
        let sql = format!("SELECT {text} FROM main.{table} WHERE {name} IN ({})", rowids.join(", "));
        return texts(connection, &sql);
    }
    // Without rowids SQLite does not say which rows they are, so they are looked for.
    let references = referenced_columns(connection, key)?;
    let parent_exists = super::history::has_table(connection, &key.parent)?;
    let mut conditions: Vec<String> =
        key.columns.iter().map(|column| format!("c.{} IS NOT NULL", quote_identifier(column))).collect();
    if parent_exists {
        let pairs: Vec<String> = key
            .columns
            .iter()
            .zip(&references)
            .map(|(column, referenced)| {
                format!("p.{} = c.{}", quote_identifier(referenced), quote_identifier(column))
            })
            .collect();
        let parent = quote_identifier(&key.parent);
        conditions
            .push(format!("NOT EXISTS (SELECT 1 FROM main.{parent} AS p WHERE {})", pairs.join(" AND ")));
    }
    texts(connection, &format!("SELECT {text} FROM main.{table} AS c WHERE {}", conditions.join(" AND ")))
}

fn referenced_columns(connection: &Connection, key: &Key) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT id, \"to\" FROM pragma_foreign_key_list(?1, 'main') WHERE lower(\"table\") = lower(?2)\n\
               ORDER BY id, seq";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([&key.table, &key.parent])?;
    let mut columns: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let name: Option<String> = row.get(1)?;
        columns.entry(row.get(0)?).or_default().extend(name);
    }
    let named = columns.into_values().find(|columns| columns.len() == key.columns.len());
    named.map_or_else(|| key_columns(connection, &key.parent), Ok)
}

fn texts_of(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}
