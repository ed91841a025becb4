//! What SQLite can tell about the health of a database; reading it changes nothing.
//!
//! ```
//! use seedbed::{Connection, health};
//!
//! let connection = Connection::open_in_memory()?;
//! connection.execute_batch(
//!     "PRAGMA foreign_keys = OFF; CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a (id));
//!      INSERT INTO b VALUES (1), (2)",
//! )?;
//! assert!(health::damages(&connection)?.is_empty());
//! let orphans = health::orphans(&connection)?;
//! assert_eq!((orphans[0].table.as_str(), orphans[0].parent.as_str(), orphans[0].rows), ("b", "a", 2));
//! # Ok::<(), seedbed::Error>(())
//! ```

use crate::connection::Connection;
use crate::error::Error;

/// How many damages are listed.
const MOST: u32 = 20;

/// Rows that refer to rows that are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// Their table.
    pub table: String,
    /// The table that they refer to.
    pub parent: String,
    /// How many they are.
    pub rows: u64,
}

/// What a database takes on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The database without its log.
    pub bytes: u64,
    /// What is free in it, after rows were deleted.
    pub free: u64,
    /// The largest table with its indexes.
    pub largest: Option<(String, u64)>,
    /// What migrations keep aside of what they dropped.
    pub kept: u64,
}

/// Returns the version of the SQLite that is built in, as major, minor, patch.
///
/// ```
/// assert!(seedbed::health::sqlite_version() >= (3, 35, 0));
/// ```
pub fn sqlite_version() -> (u32, u32, u32) {
    let number = u32::try_from(rusqlite::version_number()).unwrap_or_default();
    (number / 1_000_000, number / 1000 % 1000, number % 1000)
}

/// Returns what is damaged in the file, in SQLite's words; none when it is whole. Reads all of it.
///
/// # Errors
///
/// When the file cannot be read at all.
pub fn damages(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = connection.rusqlite().prepare(&format!("PRAGMA main.integrity_check({MOST})"))?;
    let said = statement.query_map([], |row| row.get::<_, String>(0))?;
    let said = said.collect::<Result<Vec<_>, _>>()?;
    Ok(said.into_iter().filter(|line| line != "ok").collect())
}

/// Returns the rows whose foreign keys lead nowhere, counted by table.
///
/// # Errors
///
/// When a foreign key does not fit its parent table, or the file cannot be read.
pub fn orphans(connection: &Connection) -> Result<Vec<Orphans>, Error> {
    let sql = "SELECT \"table\", parent, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1, 2";
    connection.query(sql, &[], |row| {
        let rows: i64 = row.get("rows")?;
        Ok(Orphans { table: row.get("table")?, parent: row.get("parent")?, rows: rows.unsigned_abs() })
    })
}

/// Returns what the database takes on the disk. Reads all of it.
///
/// # Errors
///
/// When the file cannot be read.
pub fn sizes(connection: &Connection) -> Result<Sizes, Error> {
    let raw = connection.rusqlite();
    let number = |pragma: &str| -> Result<u64, Error> {
        let number: i64 = raw.query_row(&format!("PRAGMA main.{pragma}"), [], |row| row.get(0))?;
        Ok(number.unsigned_abs())
    };
    let page = number("page_size")?;
    let mut sizes = Sizes {
        bytes: page * number("page_count")?,
        free: page * number("freelist_count")?,
        ..Sizes::default()
    };
    let sql = "SELECT m.tbl_name AS name, sum(s.pgsize) AS bytes\n\
               FROM main.sqlite_schema AS m JOIN dbstat('main', 1) AS s ON s.name = m.name\n\
               GROUP BY m.tbl_name ORDER BY bytes DESC";
    for table in
        connection.query(sql, &[], |row| Ok((row.get::<String>("name")?, row.get::<i64>("bytes")?)))?
    {
        let (name, bytes) = (table.0, table.1.unsigned_abs());
        if name.to_ascii_lowercase().starts_with("__seedbed_kept") {
            sizes.kept += bytes;
        } else if sizes.largest.is_none() && !name.starts_with("__seedbed_") && !name.starts_with("sqlite_") {
            sizes.largest = Some((name, bytes));
        }
    }
    Ok(sizes)
}

#[cfg(test)]
mod tests {
    use super::{damages, sizes};
    use crate::Connection;

    #[test]
    fn the_largest_table_counts_its_indexes_and_what_is_kept_is_apart() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE small (x); CREATE TABLE large (x); CREATE INDEX large_x ON large (x);
                 CREATE TABLE __seedbed_kept_1 (x);
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                 INSERT INTO large SELECT 'a text of some length ' || i FROM n",
            )
            .unwrap();
        let found = sizes(&connection).unwrap();
        let (name, bytes) = found.largest.unwrap();
        assert_eq!((name.as_str(), found.kept), ("large", 4096));
        assert!(bytes > 100_000 && bytes < found.bytes, "{bytes}");
        assert_eq!(damages(&connection).unwrap(), [""; 0]);
    }
}
