//! Reads the schema of a live SQLite database.
//!
//! SQLite keeps the text of every CREATE statement in `sqlite_schema`; that text, kept up to date by SQLite through
//! every ALTER, is read into the model. Left out are SQLite's own tables, virtual tables with their shadow tables,
//! triggers, and everything whose name begins with `__seedbed_`; Drizzle's history table, too.

use std::collections::BTreeMap;
use std::fmt;

use seedbed_schema::model::{ColumnType, Schema, Table, Trigger};
use seedbed_schema::sql::{DdlError, DdlObject, read_object};
use seedbed_schema::write::{ViewColumn, ViewColumns};

/// A database that could not be inspected.
#[derive(Debug)]
pub struct InspectError(Kind);

#[derive(Debug)]
enum Kind {
    Sqlite(rusqlite::Error),
    Ddl { name: String, source: DdlError },
}

impl fmt::Display for InspectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Sqlite(_) => f.write_str("the schema could not be read from the database"),
            Kind::Ddl { name, .. } => {
                write!(f, "the definition of `{name}` in the database was not understood")
            }
        }
    }
}

impl std::error::Error for InspectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Sqlite(source) => Some(source),
            Kind::Ddl { source, .. } => Some(source),
        }
    }
}

impl From<rusqlite::Error> for InspectError {
    fn from(source: rusqlite::Error) -> Self {
        Self(Kind::Sqlite(source))
    }
}

/// Whether the name belongs to the toolkit, to Drizzle's history or to SQLite itself.
pub(crate) fn is_hidden(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["__seedbed_", "sqlite_"].iter().any(|prefix| lower.starts_with(prefix))
        || lower == "__drizzle_migrations"
}

/// Returns the tables with their indexes and the views of the `main` database, in the order in which they were made.
///
/// # Errors
///
/// When SQLite fails, or keeps a definition that the reader cannot follow.
///
/// ```
/// use seedbed::{Connection, inspect::inspect};
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE trees (name TEXT PRIMARY KEY NOT NULL); CREATE INDEX by_name ON trees (name DESC)")?;
/// let schema = inspect(connection.rusqlite()).unwrap();
/// assert_eq!(schema.tables[0].indexes[0].name, "by_name");
/// # Ok::<(), seedbed::Error>(())
/// ```
pub fn inspect(connection: &rusqlite::Connection) -> Result<Schema, InspectError> {
    Ok(Schema { triggers: Vec::new(), ..inspect_all(connection)?.schema })
}

/// Everything that was found in a database.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inspection {
    /// The tables, views and triggers.
    pub schema: Schema,
    /// The names of virtual tables. They and their shadow tables are carried along wherever they are, never compared.
    pub virtual_tables: Vec<String>,
}

/// Returns what [`inspect`] returns, with the triggers, and the names of what cannot be modelled.
///
/// # Errors
///
/// As [`inspect`].
///
/// ```
/// use seedbed::{Connection, inspect::inspect_all};
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE trees (name TEXT);
///     CREATE TRIGGER grown AFTER INSERT ON trees BEGIN DELETE FROM trees WHERE name IS NULL; END;
///     CREATE VIRTUAL TABLE search USING fts5(text)")?;
/// let found = inspect_all(connection.rusqlite()).unwrap();
/// assert_eq!(found.schema.triggers[0].table, "trees");
/// assert_eq!(found.virtual_tables, ["search"]);
/// # Ok::<(), seedbed::Error>(())
/// ```
pub fn inspect_all(connection: &rusqlite::Connection) -> Result<Inspection, InspectError> {
    inspect_with(connection, &mut read_object)
}

/// Reads schemas again and again, and does not parse a definition that it has seen before.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    seen: BTreeMap<String, DdlObject>,
}

impl Reader {
    /// Does what [`inspect_all`] does.
    pub(crate) fn inspect_all(
        &mut self,
        connection: &rusqlite::Connection,
    ) -> Result<Inspection, InspectError> {
        inspect_with(connection, &mut |sql| {
            if let Some(object) = self.seen.get(sql) {
                return Ok(object.clone());
            }
            let object = read_object(sql)?;
            self.seen.insert(sql.to_owned(), object.clone());
            Ok(object)
        })
    }
}

fn inspect_with(
    connection: &rusqlite::Connection,
    read: &mut dyn FnMut(&str) -> Result<DdlObject, DdlError>,
) -> Result<Inspection, InspectError> {
    let types = table_types(connection)?;
    let is_of_type = |name: &str, wanted: &str| types.get(name).is_some_and(|found| found == wanted);
    let mut statement = connection.prepare(
        "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid",
    )?;
    let mut rows = statement.query([])?;
    let mut schema = Schema::default();
    let mut virtual_tables = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut indexes = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, name, table): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let is_wanted = match kind.as_str() {
            "table" => !is_hidden(&name) && is_of_type(&name, "table"),
            "index" => !is_hidden(&table) && is_of_type(&table, "table"),
            "view" => !is_hidden(&name),
            "trigger" => !is_hidden(&name) && !is_hidden(&table),
            _ => false,
        };
        // Its arguments are the module's own language.
        let is_virtual = kind == "table" && !is_hidden(&name) && is_of_type(&name, "virtual");
        if is_virtual {
            virtual_tables.push(name);
            continue;
        }
        if !is_wanted {
            continue;
        }
        let sql: String = row.get(3)?;
        match read(&sql).map_err(|source| InspectError(Kind::Ddl { name: name.clone(), source }))? {
            DdlObject::Table(table) => {
                places.insert(name.to_ascii_lowercase(), schema.tables.len());
                schema.tables.push(Table { name, ..table });
            }
            DdlObject::Index { index, .. } => indexes.push((table, index)),
            DdlObject::View(view) => schema.views.push(view),
            DdlObject::Trigger(trigger) => schema.triggers.push(Trigger { name, table, ..trigger }),
            DdlObject::VirtualTable(name) => virtual_tables.push(name),
        }
    }
    for (table, mut index) in indexes {
        if let Some(at) = places.get(&table.to_ascii_lowercase()) {
            index.quote_texts(&schema.tables[*at]);
            schema.tables[*at].indexes.push(index);
        }
    }
    Ok(Inspection { schema, virtual_tables })
}

/// Returns the columns of every view that can be read, by the view's name in lower case: what the Rust writer asks for.
///
/// # Errors
///
/// When SQLite fails.
///
/// ```
/// use seedbed::{Connection, inspect::view_columns};
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE trees (name TEXT); CREATE VIEW high AS SELECT name, 1 AS one FROM trees")?;
/// let columns = view_columns(connection.rusqlite()).unwrap();
/// assert_eq!(columns["high"][0].column_type.as_str(), "TEXT");
/// # Ok::<(), seedbed::Error>(())
/// ```
pub fn view_columns(connection: &rusqlite::Connection) -> Result<ViewColumns, InspectError> {
    let mut views = ViewColumns::new();
    let mut statement = connection.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'view'")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    for name in names.collect::<Result<Vec<_>, _>>()? {
        let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info(?1, 'main')")?;
        let columns = statement.query_map([&name], |row| {
            let column_type = ColumnType::new(&row.get::<_, String>(1)?);
            Ok(ViewColumn { name: row.get(0)?, column_type })
        })?;
        // A view of something that is gone has no columns, and SQLite says so in place of them.
        if let Ok(columns) = columns.collect::<Result<Vec<_>, _>>() {
            views.insert(name.to_ascii_lowercase(), columns);
        }
    }
    Ok(views)
}

/// Returns the type of every table: `table`, `view`, `virtual`, or `shadow` for what a virtual one keeps.
fn table_types(connection: &rusqlite::Connection) -> Result<BTreeMap<String, String>, InspectError> {
    let mut statement =
        connection.prepare("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")?;
    let types = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(types.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::inspect;
    use crate::Connection;

    #[test]
    fn virtual_tables_and_our_own_are_hidden() {
        let connection = Connection::open_in_memory().unwrap();
        let script = "CREATE TABLE __seedbed_migrations (name TEXT); CREATE TABLE __drizzle_migrations (id);
            CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, UNIQUE (id)); CREATE VIEW v AS SELECT id FROM a;
            CREATE VIRTUAL TABLE search USING fts5(text); CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END";
        connection.execute_batch(script).unwrap();
        let schema = inspect(connection.rusqlite()).unwrap();
        assert_eq!(schema.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(schema.views.len(), 1);
    }
}
