//! Views and triggers must compile after a script if they did before it.
//!
//! SQLite notices a view or a trigger that names a missing column only when somebody uses it, which may be weeks
//! after the migration.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use seedbed_schema::sql::quote_identifier;

use super::failure::words;
use super::pragmas;
use super::script::ObjectKind;

/// Which views and triggers SQLite can compile.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    /// What is wrong with each of them, `None` for a good one.
    objects: BTreeMap<(ObjectKind, String), Option<String>>,
}

impl Compiled {
    /// Compiles every view, and for every trigger a statement that fires it. Nothing is run.
    pub(super) fn check(connection: &Connection) -> rusqlite::Result<Self> {
        // While triggers are off they are not compiled either.
        let triggers = connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER)?;
        pragmas::set_triggers(connection, true)?;
        let checked = Self::check_with_triggers(connection);
        pragmas::set_triggers(connection, triggers)?;
        checked
    }

    fn check_with_triggers(connection: &Connection) -> rusqlite::Result<Self> {
        let mut objects = BTreeMap::new();
        for (word, name, owner, sql) in views_and_triggers(connection)? {
            if word == "view" {
                let select = format!("SELECT * FROM main.{} LIMIT 0", quote_identifier(&name));
                objects.insert((ObjectKind::View, name), fault(connection, &select));
                continue;
            }
            let mut found = trigger_fault(connection, &owner, &sql);
            if found.is_some() {
                // The same statement fires other triggers, too: look again without them.
                found = alone(connection, &name, || trigger_fault(connection, &owner, &sql))?;
            }
            objects.insert((ObjectKind::Trigger, name), found);
        }
        Ok(Self { objects })
    }

    /// Returns what compiled in `before` and no longer does.
    pub(super) fn newly_broken(&self, before: &Self) -> Vec<(ObjectKind, String)> {
        self.objects
            .iter()
            .filter(|(key, fault)| fault.is_some() && matches!(before.objects.get(*key), Some(None)))
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Returns what does not compile and was not already broken in `before`, with SQLite's words.
    pub(super) fn broken(&self, before: &Self) -> Vec<(ObjectKind, &str, &str)> {
        self.objects
            .iter()
            .filter(|(key, _)| !matches!(before.objects.get(*key), Some(Some(_))))
            .filter_map(|((kind, name), fault)| Some((*kind, name.as_str(), fault.as_deref()?)))
            .collect()
    }
}

fn views_and_triggers(connection: &Connection) -> rusqlite::Result<Vec<(String, String, String, String)>> {
    let mut statement = connection.prepare(
        "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY rowid",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    rows.collect()
}

/// Runs `look` while the named trigger is the only one, and puts the others back.
fn alone<T>(connection: &Connection, trigger: &str, look: impl FnOnce() -> T) -> rusqlite::Result<T> {
    let mut others = String::from("SAVEPOINT __seedbed_alone;");
    for (word, name, ..) in views_and_triggers(connection)? {
        if word == "trigger" && name != trigger {
            others.push_str(&format!("DROP TRIGGER main.{};", quote_identifier(&name)));
        }
    }
    connection.execute_batch(&others)?;
    let seen = look();
    connection.execute_batch("ROLLBACK TO __seedbed_alone; RELEASE __seedbed_alone")?;
    Ok(seen)
}

fn fault(connection: &Connection, sql: &str) -> Option<String> {
    connection.prepare(sql).err().map(|error| words(&error))
}

/// Compiles the trigger as part of the statement that fires it.
fn trigger_fault(connection: &Connection, owner: &str, sql: &str) -> Option<String> {
    let tokens: Vec<_> =
        seedbed_schema::sql::tokenize(sql).into_iter().filter(|token| !token.is_trivia()).collect();
    let event =
        tokens.iter().find(|token| ["INSERT", "UPDATE", "DELETE"].iter().any(|word| token.is_word(word)))?;
    let table = format!("main.{}", quote_identifier(owner));
    let statement = if event.is_word("INSERT") {
        format!("INSERT INTO {table} DEFAULT VALUES")
    } else if event.is_word("DELETE") {
        format!("DELETE FROM {table}")
    } else {
        let columns = match settable_columns(connection, owner) {
            Ok(columns) => columns,
            Err(error) => return Some(words(&error)),
        };
        let sets: Vec<String> = columns.iter().map(|column| format!("{column} = {column}")).collect();
        format!("UPDATE {table} SET {}", sets.join(", "))
    };
    fault(connection, &format!("EXPLAIN {statement}"))
}

fn settable_columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden = 0";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([table], |row| row.get::<_, String>(0))?;
    names.map(|name| name.map(|name| quote_identifier(&name))).collect()
}
