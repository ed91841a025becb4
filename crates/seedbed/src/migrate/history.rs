//! What the database itself remembers: which migrations ran, and which objects are ours.
//!
//! ```text
//! __seedbed_migrations                          __seedbed_objects
//! name          the tag, 0004_add_hint_events   kind   table | index | view | column
//! checksum      of the up file's SQL                     | foreign
//! applied_at    milliseconds since 1970         name   users, or users.email; of what is foreign, table audit
//! duration_ms
//! tool_version
//! down_sql      to go back without the file
//! ```
//!
//! Both tables are made by the first migration, inside its transaction. An object is ours when a migration or a push
//! made it; what was there before, or was only put back after a rebuild, never becomes ours. What was there before
//! the two tables is recorded as foreign, so that it can be told from what somebody made by hand later.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use seedbed_schema::model::Schema;

use super::script::Script;

/// A migration that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppliedRow {
    /// The tag.
    pub(crate) name: String,
    /// The checksum of the up file as it was.
    pub(crate) checksum: String,
    /// When it ran, in milliseconds since 1970.
    pub(crate) applied_at: i64,
    /// How long it took.
    pub(crate) duration: Duration,
}

/// A migration that is being recorded.
pub(crate) struct NewRow<'a> {
    /// The tag.
    pub(crate) name: &'a str,
    /// The checksum of the up file.
    pub(crate) checksum: &'a str,
    /// How long it took.
    pub(crate) duration: Duration,
    /// What leads back.
    pub(crate) down_sql: Option<&'a str>,
}

/// Whether the database has a table of that name.
pub(crate) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND lower(name) = lower(?1)";
    Ok(connection.query_row(sql, [name], |_| Ok(())).optional()?.is_some())
}

/// Returns the migrations that ran, in the order in which they did.
pub(crate) fn applied(connection: &Connection) -> rusqlite::Result<Vec<AppliedRow>> {
    if !has_table(connection, "__seedbed_migrations")? {
        return Ok(Vec::new());
    }
    let sql = "SELECT name, checksum, applied_at, duration_ms FROM main.__seedbed_migrations ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let milliseconds: i64 = row.get(3)?;
        Ok(AppliedRow {
            name: row.get(0)?,
            checksum: row.get(1)?,
            applied_at: row.get(2)?,
            duration: Duration::from_millis(milliseconds.unsigned_abs()),
        })
    })?;
    rows.collect()
}

/// Returns how many migrations Drizzle recorded.
pub(crate) fn drizzle_rows(connection: &Connection) -> rusqlite::Result<usize> {
    if !has_table(connection, "__drizzle_migrations")? {
        return Ok(0);
    }
    connection.query_row("SELECT count(*) FROM main.__drizzle_migrations", [], |row| row.get(0))
}

/// Makes the two tables unless they exist.
pub(crate) fn create_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS main.__seedbed_migrations (\n  name TEXT PRIMARY KEY NOT NULL,\n  \
         checksum TEXT NOT NULL,\n  applied_at INTEGER NOT NULL,\n  duration_ms INTEGER NOT NULL,\n  \
         tool_version TEXT NOT NULL,\n  down_sql TEXT\n);\n\
         CREATE TABLE IF NOT EXISTS main.__seedbed_objects (\n  kind TEXT NOT NULL,\n  name TEXT NOT NULL,\n  \
         form TEXT,\n  PRIMARY KEY (kind, name)\n) WITHOUT ROWID;",
    )
}

/// Records a migration.
pub(crate) fn insert(connection: &Connection, row: &NewRow<'_>) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO main.__seedbed_migrations (name, checksum, applied_at, duration_ms, tool_version, down_sql)\n\
         VALUES (?1, ?2, CAST(unixepoch('subsec') * 1000 AS INTEGER), ?3, ?4, ?5)",
        params![
            row.name,
            row.checksum,
            i64::try_from(row.duration.as_millis()).unwrap_or(i64::MAX),
            env!("CARGO_PKG_VERSION"),
            row.down_sql
        ],
    )?;
    Ok(())
}

/// Returns the SQL that leads back from a migration, as it was recorded when the migration ran.
pub(crate) fn down_sql(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT down_sql FROM main.__seedbed_migrations WHERE name = ?1";
    connection.query_row(sql, [name], |row| row.get(0)).optional().map(Option::flatten)
}

/// Takes a migration out of the record.
pub(crate) fn remove(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM main.__seedbed_migrations WHERE name = ?1", [name]).map(drop)
}

/// Records that a migration ran as its file is now.
pub(crate) fn rewrite(
    connection: &Connection,
    name: &str,
    checksum: &str,
    down_sql: Option<&str>,
) -> rusqlite::Result<()> {
    let sql = "UPDATE main.__seedbed_migrations SET checksum = ?2, down_sql = ?3 WHERE name = ?1";
    connection.execute(sql, params![name, checksum, down_sql]).map(drop)
}

/// Takes what the database no longer has out of the record of our objects.
pub(crate) fn forget_gone(connection: &Connection) -> rusqlite::Result<()> {
    let (recorded, there) = (recorded_objects(connection)?, objects(connection)?);
    let mut delete =
        connection.prepare("DELETE FROM main.__seedbed_objects WHERE kind = ?1 AND name = ?2")?;
    recorded.difference(&there).try_for_each(|(kind, name)| delete.execute([kind, name]).map(drop))
}

/// The names of a database: `(kind, name)`, a column's as `table.column`.
pub(crate) type Objects = BTreeSet<(String, String)>;

/// Returns everything that has a name, apart from what is SQLite's, Drizzle's or our own.
pub(crate) fn objects(connection: &Connection) -> rusqlite::Result<Objects> {
    let mut statement = connection.prepare(
        "SELECT type, name FROM main.sqlite_schema\n\
         WHERE type IN ('table', 'index', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'\n  \
         AND name NOT LIKE '\\_\\_seedbed\\_%' ESCAPE '\\' AND tbl_name NOT LIKE '\\_\\_seedbed\\_%' ESCAPE '\\'\n  \
         AND name <> '__drizzle_migrations'\n\
         UNION ALL\n\
         SELECT 'column', m.name || '.' || c.name\n\
         FROM main.sqlite_schema AS m JOIN pragma_table_xinfo(m.name, 'main') AS c\n\
         WHERE m.type = 'table' AND c.hidden <> 1 AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'\n  \
         AND m.name NOT LIKE '\\_\\_seedbed\\_%' ESCAPE '\\' AND m.name <> '__drizzle_migrations'",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Returns the objects that are recorded as ours.
pub(crate) fn recorded_objects(connection: &Connection) -> rusqlite::Result<Objects> {
    if !has_table(connection, "__seedbed_objects")? {
        return Ok(Objects::new());
    }
    let mut statement =
        connection.prepare("SELECT kind, name FROM main.__seedbed_objects WHERE kind <> 'foreign'")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Returns what is there before our own tables are; `None` once they are there.
pub(crate) fn strangers(connection: &Connection) -> rusqlite::Result<Option<Objects>> {
    if has_table(connection, "__seedbed_objects")? { Ok(None) } else { named_objects(connection).map(Some) }
}

/// Returns the tables, indexes, views and triggers that have a name, apart from what is SQLite's, Drizzle's or our own,
/// and from what virtual tables keep.
pub(crate) fn named_objects(connection: &Connection) -> rusqlite::Result<Objects> {
    let mut statement = connection.prepare(
        "SELECT type, name FROM main.sqlite_schema\n\
         WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_seedbed\\_%' ESCAPE '\\'\n  \
         AND tbl_name NOT LIKE '\\_\\_seedbed\\_%' ESCAPE '\\' AND name <> '__drizzle_migrations'\n  \
         AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Records objects as foreign; [`foreign_objects`] gives them back.
pub(crate) fn insert_foreign(connection: &Connection, objects: &Objects) -> rusqlite::Result<()> {
    let mut insert = connection.prepare(
        "INSERT OR IGNORE INTO main.__seedbed_objects (kind, name) VALUES ('foreign', ?1 || ' ' || ?2)",
    )?;
    for (kind, name) in objects {
        insert.execute([kind, name])?;
    }
    Ok(())
}

/// Returns what is recorded as foreign.
pub(crate) fn foreign_objects(connection: &Connection) -> rusqlite::Result<Objects> {
    if !has_table(connection, "__seedbed_objects")? {
        return Ok(Objects::new());
    }
    let mut statement =
        connection.prepare("SELECT name FROM main.__seedbed_objects WHERE kind = 'foreign'")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut objects = Objects::new();
    for name in names {
        let name = name?;
        objects.extend(name.split_once(' ').map(|(kind, name)| (kind.to_owned(), name.to_owned())));
    }
    Ok(objects)
}

/// Brings the record of our objects up to date after a script, inside its transaction. `before` is what
/// [`objects`] said before the script, `declared` the schema that it leads to, where that is known: what a script makes
/// beside it was written by hand, and push leaves it alone.
pub(crate) fn record_objects(
    connection: &Connection,
    script: &Script,
    before: &Objects,
    declared: Option<&Schema>,
) -> rusqlite::Result<()> {
    let recorded = recorded_objects(connection)?;
    let after = objects(connection)?;
    // What was there before under this or another name keeps its standing; everything else is new, and so ours.
    let foreign: Objects = before
        .difference(&recorded)
        .map(|(kind, name)| (kind.clone(), name_after(script, kind, name)))
        .collect();
    let ours: Objects = after.difference(&foreign).cloned().collect();
    let is_declared =
        |(kind, name): &&(String, String)| declared.is_none_or(|schema| declares(schema, kind, name));
    insert_objects(connection, ours.difference(&recorded).filter(is_declared))?;
    let mut delete =
        connection.prepare("DELETE FROM main.__seedbed_objects WHERE kind = ?1 AND name = ?2")?;
    for (kind, name) in recorded.difference(&ours) {
        delete.execute([kind, name])?;
    }
    Ok(())
}

fn declares(schema: &Schema, kind: &str, name: &str) -> bool {
    match (kind, name.split_once('.')) {
        ("table", _) => schema.table(name).is_some(),
        ("view", _) => schema.view(name).is_some(),
        ("column", Some((table, column))) => {
            schema.table(table).is_some_and(|table| table.column(column).is_some())
        }
        _ => schema
            .tables
            .iter()
            .any(|table| table.indexes.iter().any(|index| index.name.eq_ignore_ascii_case(name))),
    }
}

/// Records objects as ours.
pub(crate) fn insert_objects<'a>(
    connection: &Connection,
    objects: impl IntoIterator<Item = &'a (String, String)>,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare("INSERT INTO main.__seedbed_objects (kind, name) VALUES (?1, ?2)")?;
    for (kind, name) in objects {
        insert.execute([kind, name])?;
    }
    Ok(())
}

/// Follows an object's name through the renames of a script.
fn name_after(script: &Script, kind: &str, name: &str) -> String {
    match (kind, name.split_once('.')) {
        ("table", _) => script.renamed_table(name),
        ("column", Some((table, column))) => {
            format!("{}.{}", script.renamed_table(table), script.renamed_column(table, column))
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Objects, create_tables, objects, record_objects, recorded_objects};
    use crate::migrate::script::Script;
    use rusqlite::Connection;

    fn record(connection: &Connection, sql: &str) -> Vec<String> {
        let before = objects(connection).unwrap();
        connection.execute_batch(sql).unwrap();
        create_tables(connection).unwrap();
        record_objects(connection, &Script::parse("x.sql", sql).unwrap(), &before, None).unwrap();
        recorded_objects(connection)
            .unwrap()
            .into_iter()
            .map(|(kind, name)| format!("{kind} {name}"))
            .collect()
    }

    #[test]
    fn what_a_script_makes_is_ours_and_what_was_there_is_not() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
        let ours = record(
            &connection,
            "CREATE TABLE IF NOT EXISTS theirs (a); CREATE TABLE t (a PRIMARY KEY, b AS (a)); \
             CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT a FROM t; \
             CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END",
        );
        assert_eq!(ours, ["column t.a", "column t.b", "index i", "table t", "view v"]);
        let ours = record(&connection, "DROP VIEW v; ALTER TABLE theirs ADD COLUMN extra");
        assert_eq!(ours, ["column t.a", "column t.b", "column theirs.extra", "index i", "table t"]);
    }

    #[test]
    fn a_rename_does_not_change_whose_an_object_is() {
        let connection = Connection::open_in_memory().unwrap();
        let ours = record(&connection, "CREATE TABLE t (a, b)");
        assert_eq!(ours, ["column t.a", "column t.b", "table t"]);
        connection.execute_batch("ALTER TABLE t ADD COLUMN hand_made; CREATE TABLE theirs (x)").unwrap();
        let ours = record(
            &connection,
            "ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN a TO c; \
             ALTER TABLE u RENAME COLUMN hand_made TO made; ALTER TABLE theirs RENAME TO others",
        );
        assert_eq!(ours, ["column u.b", "column u.c", "table u"]);
    }

    #[test]
    fn a_database_without_objects_has_none() {
        let connection = Connection::open_in_memory().unwrap();
        create_tables(&connection).unwrap();
        assert_eq!(objects(&connection).unwrap(), Objects::new());
    }
}
