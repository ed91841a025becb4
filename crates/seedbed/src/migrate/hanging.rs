//! What hangs on a table or a view: the indexes, triggers and views that SQLite drops, or that stop working, when a
//! script drops the table to make it anew.
//!
//! They are recorded right before the DROP, when renames earlier in the script have already reached their text, and
//! put back unless the script dropped them by name or made them itself. Hand-made ones are treated like our own.

use rusqlite::Connection;

use super::failure::{Failure, FailureKind, words};
use super::script::{Mention, ObjectKind, Script, is_same};
use super::verify::Compiled;
use seedbed_schema::sql::quote_identifier;

/// An index, a trigger or a view that may have to be put back.
#[derive(Debug, Clone)]
struct HangingObject {
    kind: ObjectKind,
    name: String,
    /// The table or view it hangs on; a view hangs on itself.
    owner: String,
    sql: String,
    /// The statement before which it was recorded.
    at: usize,
}

/// The objects that a script took away and that have to come back.
#[derive(Debug, Default)]
pub(super) struct Hanging {
    objects: Vec<HangingObject>,
}

impl Hanging {
    /// Records what SQLite will drop together with a table or a view.
    pub(super) fn record(&mut self, connection: &Connection, owner: &str, at: usize) -> rusqlite::Result<()> {
        let mut statement = connection.prepare(
            "SELECT type, name, sql FROM main.sqlite_schema\n\
             WHERE lower(tbl_name) = lower(?1) AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
        )?;
        let mut rows = statement.query([owner])?;
        while let Some(row) = rows.next()? {
            let word: String = row.get(0)?;
            let Some(kind) = ObjectKind::from_word(&word) else { continue };
            self.objects.push(HangingObject {
                kind,
                name: row.get(1)?,
                owner: owner.to_owned(),
                sql: row.get(2)?,
                at,
            });
        }
        Ok(())
    }

    /// Takes away the views and triggers that stopped working because statement `at` dropped something they use:
    /// SQLite refuses to rename anything while they are there. They come back at the end.
    pub(super) fn set_aside(
        &mut self,
        connection: &Connection,
        script: &Script,
        at: usize,
        before: &Compiled,
    ) -> rusqlite::Result<()> {
        let broken = Compiled::check(connection)?.newly_broken(before);
        for (kind, name) in broken {
            // The script deals with it itself.
            if script.next_mention(at, kind, &name) == Some(Mention::Dropped) {
                continue;
            }
            if kind == ObjectKind::View {
                self.record(connection, &name, at)?;
            }
            self.record_one(connection, kind, &name, at)?;
            let drop = format!("DROP {} IF EXISTS main.{}", kind.word(), quote_identifier(&name));
            connection.execute_batch(&drop)?;
        }
        Ok(())
    }

    fn record_one(
        &mut self,
        connection: &Connection,
        kind: ObjectKind,
        name: &str,
        at: usize,
    ) -> rusqlite::Result<()> {
        let mut statement = connection.prepare(
            "SELECT tbl_name, sql FROM main.sqlite_schema WHERE type = ?1 AND lower(name) = lower(?2)",
        )?;
        let mut rows = statement.query([kind.word(), name])?;
        while let Some(row) = rows.next()? {
            let name = name.to_owned();
            self.objects.push(HangingObject { kind, name, owner: row.get(0)?, sql: row.get(1)?, at });
        }
        Ok(())
    }

    /// Puts back what hung on a table as soon as its rebuild is over, as if the table had only been altered. What a
    /// later statement makes is left to it.
    pub(super) fn restore_table(
        &mut self,
        connection: &Connection,
        script: &Script,
        table: &str,
        at: usize,
        restored: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let (own, others) = std::mem::take(&mut self.objects)
            .into_iter()
            .partition(|object| object.kind != ObjectKind::View && is_same(&object.owner, table));
        self.objects = others;
        let mut own: Vec<HangingObject> = own;
        own.retain(|object| script.next_mention(at, object.kind, &object.name) != Some(Mention::Created));
        restore(connection, script, own, restored)
    }

    /// Puts back everything else at the end of the script.
    pub(super) fn restore_rest(
        self,
        connection: &Connection,
        script: &Script,
        restored: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let mut objects = self.objects;
        objects.retain(|object| !script.ends_dropped(object.at, object.kind, &object.name));
        for object in &mut objects {
            object.owner = script.renamed_table(&object.owner);
        }
        // Views first: triggers can hang on them.
        objects.sort_by_key(|object| object.kind);
        restore(connection, script, objects, restored)
    }
}

fn restore(
    connection: &Connection,
    script: &Script,
    objects: Vec<HangingObject>,
    restored: &mut Vec<String>,
) -> Result<(), Failure> {
    let database = |error| Failure::database(&script.name, error);
    for object in objects {
        let exists = |kinds: &[ObjectKind], name: &str| {
            kinds.iter().try_fold(false, |found, kind| Ok(found || has_object(connection, *kind, name)?))
        };
        if exists(&[object.kind], &object.name).map_err(database)? {
            continue;
        }
        // What hung on something that is gone for good is gone with it.
        let owner_exists = object.kind == ObjectKind::View
            || exists(&[ObjectKind::Table, ObjectKind::View], &object.owner).map_err(database)?;
        if !owner_exists {
            continue;
        }
        connection.execute_batch(&object.sql).map_err(|error| cannot_restore(script, &object, error))?;
        restored.push(format!("{} {}", object.kind.word(), object.name));
    }
    Ok(())
}

fn cannot_restore(script: &Script, object: &HangingObject, error: rusqlite::Error) -> Failure {
    let (kind, name, owner) = (object.kind.word(), &object.name, &object.owner);
    let message = format!("the {kind} `{name}` on `{owner}` cannot be put back: {}", words(&error));
    Failure::statement(FailureKind::Broken, script, object.at, message)
        .hint(format!(
            "drop it by name in the file, `DROP {} {}`, or make it fit first",
            kind.to_uppercase(),
            quote_identifier(name)
        ))
        .sqlite(error)
}

fn has_object(connection: &Connection, kind: ObjectKind, name: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM main.sqlite_schema WHERE type = ?1 AND lower(name) = lower(?2)";
    connection.query_row(sql, [kind.word(), name], |row| row.get(0))
}
