//! The database as a whole.

use seedbed::{Connection, Error, params};

/// Whether the database has any table: a file that was just made has none.
///
/// # Errors
///
/// When the database refuses.
pub fn exist(db: &Connection) -> Result<bool, Error> {
    db.query_one("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table')", params![], |row| {
        row.get(0)
    })
}
