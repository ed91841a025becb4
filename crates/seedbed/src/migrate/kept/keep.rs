//! Copies values aside, right before the statement that loses them.
//!
//! What is kept is written in the file (`-- seedbed: keep …`) where the planner knew a way to tell the rows apart on both
//! sides. A DROP TABLE, a DROP COLUMN and the `drops` of a rebuild are kept without that as well, whoever wrote them.

use std::collections::BTreeSet;

use rusqlite::Connection;
use seedbed_schema::sql::{SqlExpr, quote_identifier, tokenize};

use super::registry::{self, Entry};
use super::{KeptPart, named};
use crate::inspect::is_hidden;
use crate::migrate::rebuild;
use crate::migrate::row_text::rowid_column;
use crate::migrate::script::{
    Action, Cast, Keep, KeyColumn, Name, ObjectKind, Rebuild, RowKey, Script, is_of_the_moment, is_same,
};

/// Keeps what one script loses.
pub(in crate::migrate) struct Keeper<'a> {
    connection: &'a Connection,
    script: &'a Script,
    migration: &'a str,
    /// The DROP COLUMN statements whose values are kept already.
    done: BTreeSet<usize>,
    /// What was kept so far.
    parts: Vec<KeptPart>,
    /// Casts in place to a value of the moment, each with the table that keeps it.
    of_the_moment: Vec<(Keep, String)>,
}

impl<'a> Keeper<'a> {
    pub(in crate::migrate) fn new(
        connection: &'a Connection,
        script: &'a Script,
        migration: &'a str,
    ) -> Self {
        Self {
            connection,
            script,
            migration,
            done: BTreeSet::new(),
            parts: Vec::new(),
            of_the_moment: Vec::new(),
        }
    }

    /// Ends the keeping, after the script's last statement, and returns what was kept.
    pub(in crate::migrate) fn finish(self) -> rusqlite::Result<Vec<KeptPart>> {
        for (keep, kept_table) in &self.of_the_moment {
            self.read_again(keep, kept_table)?;
        }
        Ok(self.parts)
    }

    /// Reads the new values of casts again: one that was computed from the time of day is another one by now.
    fn read_again(&self, keep: &Keep, kept_table: &str) -> rusqlite::Result<()> {
        let table = &keep.table.live;
        let live = live_columns(self.connection, table)?;
        if keep.casts.iter().any(|cast| !live.iter().any(|column| is_same(&column.name, &cast.name.live))) {
            return Ok(());
        }
        let equal = |word: &str, name: &Name, compare: &str| {
            format!("k.{} {compare} +t.{}", named(word, &name.before), quote_identifier(&name.live))
        };
        let matches: Vec<String> = match &keep.key {
            RowKey::Columns(columns) => {
                columns.iter().map(|column| equal("key", &column.name, "=")).collect()
            }
            RowKey::Rowid { same, .. } => {
                let rowid = rowid_column(self.connection, table)?.unwrap_or("rowid");
                let first = format!("k.{} = +t.{rowid}", named("key", "rowid"));
                std::iter::once(first).chain(same.iter().map(|name| equal("same", name, "IS"))).collect()
            }
        };
        let set = |Cast { name, .. }: &Cast| {
            format!("{} = t.{}", named("now", &name.before), quote_identifier(&name.live))
        };
        let sets: Vec<String> = keep.casts.iter().map(set).collect();
        self.connection.execute_batch(&format!(
            "UPDATE main.{} AS k SET {}\nFROM main.{} AS t\nWHERE {}",
            quote_identifier(kept_table),
            sets.join(", "),
            quote_identifier(table),
            matches.join(" AND ")
        ))
    }

    /// Keeps what statement `index` is about to lose.
    pub(in crate::migrate) fn before(&mut self, index: usize) -> rusqlite::Result<()> {
        for keep in self.script.keeps_at(index) {
            let rebuild = self.script.rebuild_at(index);
            self.columns(keep, rebuild.filter(|rebuild| is_same(&rebuild.table, &keep.table.live)))?;
        }
        let statement = &self.script.statements[index];
        match &statement.action {
            Action::Drop(ObjectKind::Table, table) => match self.script.rebuild_at(index) {
                None => self.table(index, table),
                Some(rebuild) => {
                    let dropped = &rebuild.dropped_columns;
                    self.dropped_columns(index, table, dropped, Some(&rebuild.new_table))
                }
            },
            Action::AlterTable(table) if statement.dropped_column().is_some() => {
                let columns = self.columns_dropped_from(table, index);
                self.dropped_columns(index, table, &columns, None)
            }
            _ => Ok(()),
        }
    }

    /// Returns the columns of a table that statements from `from` on drop.
    fn columns_dropped_from(&mut self, table: &str, from: usize) -> Vec<String> {
        let mut columns = Vec::new();
        for (index, statement) in self.script.statements.iter().enumerate().skip(from) {
            let is_of_table = matches!(&statement.action, Action::AlterTable(name) if is_same(name, table));
            if let Some(column) = statement.dropped_column().filter(|_| is_of_table)
                && self.done.insert(index)
            {
                columns.push(column);
            }
        }
        columns
    }

    /// Keeps columns that no directive speaks of. Their rows are told apart by the primary key, if that stays.
    fn dropped_columns(
        &mut self,
        index: usize,
        table: &str,
        columns: &[String],
        new_table: Option<&str>,
    ) -> rusqlite::Result<()> {
        let live = live_columns(self.connection, table)?;
        let is_told = |column: &str| {
            self.script.keeps.iter().any(|(_, keep)| {
                is_same(&keep.table.live, table) && keep.drops.iter().any(|name| is_same(&name.live, column))
            })
        };
        let goes = |column: &LiveColumn| columns.iter().any(|name| is_same(name, &column.name));
        let drops: Vec<Name> = live
            .iter()
            .filter(|column| goes(column) && !column.is_generated && !is_told(&column.name))
            .map(|column| Name::same(&column.name))
            .collect();
        if drops.is_empty() {
            return Ok(());
        }
        let after = new_table.map(|table| live_columns(self.connection, table)).transpose()?;
        let is_after = |name: &str| {
            after.as_ref().is_none_or(|after| after.iter().any(|column| is_same(&column.name, name)))
        };
        let stays = |column: &LiveColumn| !goes(column) && !column.is_generated && is_after(&column.name);
        let has_rowid = rowid_column(self.connection, table)?.is_some();
        let key: Vec<&LiveColumn> = live.iter().filter(|column| column.in_key).collect();
        let is_fit = !key.is_empty() && key.iter().all(|column| stays(column));
        let names = |column: &LiveColumn| Name::same(&column.name);
        let key = if is_fit || !has_rowid {
            let steady = |column: &LiveColumn| KeyColumn { name: names(column), from: None };
            RowKey::Columns(key.into_iter().map(steady).collect())
        } else {
            RowKey::Rowid {
                from: None,
                same: live.iter().filter(|column| stays(column)).map(names).collect(),
            }
        };
        let table = Name { live: table.to_owned(), before: self.script.original_table(table, index) };
        self.columns(&Keep { table, key, drops, casts: Vec::new() }, None)
    }

    /// Keeps columns of a table. In a rebuild old and new values can be read side by side.
    fn columns(&mut self, keep: &Keep, rebuild: Option<&Rebuild>) -> rusqlite::Result<()> {
        let live = &keep.table.live;
        let there = live_columns(self.connection, live)?;
        if there.is_empty() {
            // SQLite will say that there is no such table.
            return Ok(());
        }
        let gone = keep.drops.iter().chain(keep.casts.iter().map(|cast| &cast.name));
        for Name { live: column, .. } in gone {
            if !there.iter().any(|there| is_same(&there.name, column)) {
                let words = format!("table \"{live}\" has no column \"{column}\" whose values could be kept");
                let refused = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR);
                return Err(rusqlite::Error::SqliteFailure(refused, Some(words)));
            }
        }
        let is_paired = !keep.casts.is_empty() || !keep.key.computed().is_empty();
        let new_table = rebuild.map(|rebuild| rebuild.new_table.as_str()).filter(|_| is_paired);
        let mut entry = registry::add(self.connection, self.migration, &keep.table.before, false)?;
        let kept = quote_identifier(&entry.kept_table);
        let columns = column_names(keep);
        let key_columns = key_names(&keep.key);
        let is_rowid = matches!(keep.key, RowKey::Rowid { .. });
        let typed =
            if is_rowid { format!("{} INTEGER PRIMARY KEY", key_columns[0]) } else { key_columns.join(", ") };
        let rest = columns[key_columns.len()..].iter().map(|name| format!(", {name}")).collect::<String>();
        self.connection.execute_batch(&format!(
            "CREATE TABLE main.{kept} ({typed}{rest}, \"added\" INTEGER NOT NULL DEFAULT 0)"
        ))?;
        let select = self.select(keep, new_table)?;
        let rows = self
            .connection
            .execute(&format!("INSERT INTO main.{kept} ({})\n{select}", columns.join(", ")), [])?;
        if !is_rowid {
            // Made behind the rows it is sorted once; keys in no order would each read and write a page of it.
            let index = quote_identifier(&format!("{}_key", entry.kept_table));
            self.connection.execute_batch(&format!(
                "CREATE UNIQUE INDEX main.{index} ON {kept} ({})",
                key_columns.join(", ")
            ))?;
        }
        entry.rows = rows as u64;
        if rows == 0 && keep.drops.is_empty() {
            return registry::remove(self.connection, &entry);
        }
        registry::fill(self.connection, &entry)?;
        if keep.casts.iter().any(|cast| cast.to.as_deref().is_some_and(is_of_the_moment)) {
            self.of_the_moment.push((keep.clone(), entry.kept_table.clone()));
        }
        let drops = keep.drops.iter().map(|name| name.before.clone());
        let casts = keep.casts.iter().map(|cast| cast.name.before.clone());
        self.told(&entry, drops.chain(casts).collect());
        Ok(())
    }

    /// Returns the query for the rows to keep. A row whose casts all lead back by themselves need not be kept, unless a
    /// column goes.
    fn select(&self, keep: &Keep, new_table: Option<&str>) -> rusqlite::Result<String> {
        let live = &keep.table.live;
        let old = |name: &str| format!("o.{}", quote_identifier(name));
        let rowid = |table: &str| rowid_column(self.connection, table).map(|name| name.unwrap_or("rowid"));
        let (mut inner, mut matches) = (Vec::new(), Vec::new());
        // A new key that is computed is read from the new row, where that is there: its column may store another form.
        let computed = |at: usize| format!("+o.\"__seedbed_new_key_{at}\"");
        let key_value = |new: String, at: usize| if new_table.is_some() { new } else { computed(at) };
        match &keep.key {
            RowKey::Columns(columns) => {
                let mut at = 0;
                for KeyColumn { name, from } in columns {
                    let new = format!("n.{}", quote_identifier(&name.live));
                    let Some(from) = from else {
                        inner.push(format!("{} AS {}", old(&name.live), named("key", &name.before)));
                        matches.push(format!("{new} = {}", old(&name.live)));
                        continue;
                    };
                    let value = key_value(new.clone(), at);
                    inner.push(format!("{value} AS {}", named("key", &name.before)));
                    // What every row got tells none apart, and the time of day is another one by now.
                    if new_table.is_none()
                        || !is_same_in_all_rows(from, &live_columns(self.connection, live)?)
                    {
                        matches.push(format!("{new} = {}", computed(at)));
                    }
                    at += 1;
                }
            }
            RowKey::Rowid { from, same } => {
                let new = new_table.map(|table| rowid(table).map(|name| format!("n.{name}"))).transpose()?;
                let own = match from {
                    Some(_) => computed(0),
                    None => format!("o.{}", rowid(live)?),
                };
                let value = from
                    .as_ref()
                    .map_or_else(|| own.clone(), |_| key_value(new.clone().unwrap_or_default(), 0));
                inner.push(format!("{value} AS {}", named("key", "rowid")));
                inner.extend(
                    same.iter().map(|name| format!("{} AS {}", old(&name.live), named("same", &name.before))),
                );
                // The rebuild copies rowids, so they alone will do here.
                matches.extend(new.map(|new| format!("{new} = {own}")));
            }
        }
        inner.extend(
            keep.drops.iter().map(|name| format!("{} AS {}", old(&name.live), named("was", &name.before))),
        );
        for Cast { name, to, .. } in &keep.casts {
            let column = quote_identifier(&name.live);
            let now = match (new_table, to) {
                (Some(_), _) => format!("n.{column}"),
                (None, Some(to)) => format!("({to})"),
                (None, None) => old(&name.live),
            };
            inner.push(format!("{} AS {}", old(&name.live), named("was", &name.before)));
            inner.push(format!("{now} AS {column}"));
        }
        let mut outer = column_names(keep);
        for Cast { name, .. } in &keep.casts {
            let (now, column) = (named("now", &name.before), quote_identifier(&name.live));
            outer.iter_mut().filter(|outer| **outer == now).for_each(|outer| outer.clone_from(&column));
        }
        let old_table = format!("main.{}", quote_identifier(live));
        let keys = keep.key.computed();
        let keys =
            keys.iter().enumerate().map(|(at, from)| format!(", ({from}) AS \"__seedbed_new_key_{at}\""));
        let keys: String = keys.collect();
        // Rows whose new key cannot be foretold are kept as well: they can be looked up, though not paired.
        let (old_table, join) = if keys.is_empty() {
            (old_table, "JOIN")
        } else {
            (format!("(SELECT *{keys} FROM {old_table})"), "LEFT JOIN")
        };
        let from = match new_table {
            Some(new_table) => format!(
                "{old_table} AS o {join} main.{} AS n ON {}",
                quote_identifier(new_table),
                if matches.is_empty() { "1".to_owned() } else { matches.join(" AND ") }
            ),
            None => format!("{old_table} AS o"),
        };
        let differs = keep.casts.iter().map(|Cast { name, back, .. }| {
            let was = named("was", &name.before);
            format!("typeof({back}) <> typeof({was}) OR ({back}) COLLATE BINARY IS NOT {was}")
        });
        let differs: Vec<String> = differs.collect();
        let filter = if keep.drops.is_empty() {
            format!("\nWHERE {}", differs.join("\n  OR "))
        } else {
            String::new()
        };
        Ok(format!("SELECT {}\nFROM (SELECT {}\n  FROM {from}){filter}", outer.join(", "), inner.join(", ")))
    }

    /// Keeps a whole table: its stored columns, its rowids where they are no column, and its counter.
    fn table(&mut self, index: usize, table: &str) -> rusqlite::Result<()> {
        if is_hidden(table) || !is_ordinary(self.connection, table)? {
            return Ok(());
        }
        let live = live_columns(self.connection, table)?;
        let columns: Vec<String> = live
            .iter()
            .filter(|column| !column.is_generated)
            .map(|column| quote_identifier(&column.name))
            .collect();
        let before = self.script.original_table(table, index);
        let mut entry = registry::add(self.connection, self.migration, &before, true)?;
        let kept = quote_identifier(&entry.kept_table);
        let (mut targets, mut sources) = (columns.clone(), columns);
        let rowid = rowid_column(self.connection, table)?;
        let mut definition = targets.join(", ");
        if let Some(rowid) = rowid {
            targets.insert(0, "\"__seedbed_rowid\"".to_owned());
            sources.insert(0, rowid.to_owned());
            definition = format!("\"__seedbed_rowid\" INTEGER PRIMARY KEY, {definition}");
        }
        self.connection.execute_batch(&format!("CREATE TABLE main.{kept} ({definition})"))?;
        let rows = self.connection.execute(
            &format!(
                "INSERT INTO main.{kept} ({})\nSELECT {} FROM main.{}",
                targets.join(", "),
                sources.join(", "),
                quote_identifier(table)
            ),
            [],
        )?;
        entry.rows = rows as u64;
        entry.counter = rebuild::counter(self.connection, table)?;
        if rows == 0 && entry.counter.is_none() {
            return registry::remove(self.connection, &entry);
        }
        registry::fill(self.connection, &entry)?;
        self.told(&entry, Vec::new());
        Ok(())
    }

    fn told(&mut self, entry: &Entry, columns: Vec<String>) {
        if entry.rows > 0 {
            self.parts.push(KeptPart { table: entry.table.clone(), columns, rows: entry.rows });
        }
    }
}

/// Whether an expression gives one value to all rows that one statement copies.
fn is_same_in_all_rows(expr: &str, live: &[LiveColumn]) -> bool {
    let is_random = tokenize(expr).iter().any(|token| token.is_word("random") || token.is_word("randomblob"));
    let is_column = |name: String| live.iter().any(|column| is_same(&column.name, &name));
    !is_random && !SqlExpr::new(expr).identifiers().any(is_column)
}

/// The names of the key's columns in a kept table, those that match rows included.
pub(super) fn key_names(key: &RowKey) -> Vec<String> {
    match key {
        RowKey::Columns(names) => names.iter().map(|column| named("key", &column.name.before)).collect(),
        RowKey::Rowid { .. } => vec![named("key", "rowid")],
    }
}

/// The names of a kept table's columns but for "added", in order.
pub(super) fn column_names(keep: &Keep) -> Vec<String> {
    let mut names = key_names(&keep.key);
    if let RowKey::Rowid { same, .. } = &keep.key {
        names.extend(same.iter().map(|name| named("same", &name.before)));
    }
    names.extend(keep.drops.iter().map(|name| named("was", &name.before)));
    for cast in &keep.casts {
        names.extend([named("was", &cast.name.before), named("now", &cast.name.before)]);
    }
    names
}

/// A column of a table as it is now.
pub(super) struct LiveColumn {
    pub(super) name: String,
    in_key: bool,
    pub(super) is_generated: bool,
    /// The expression of its default.
    pub(super) default: Option<String>,
}

pub(super) fn live_columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<LiveColumn>> {
    let sql = "SELECT name, pk, hidden, dflt_value FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([table], |row| {
        Ok(LiveColumn {
            name: row.get(0)?,
            in_key: row.get::<_, i64>(1)? > 0,
            is_generated: row.get::<_, i64>(2)? > 1,
            default: row.get(3)?,
        })
    })?;
    rows.collect()
}

/// Whether it is a table with rows of its own: neither virtual nor the shadow of one.
pub(super) fn is_ordinary(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM pragma_table_list\n\
               WHERE schema = 'main' AND lower(name) = lower(?1) AND type = 'table'";
    connection.query_row(sql, [table], |row| row.get(0))
}
