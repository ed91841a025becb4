//! The database as a whole.

use seedbed::prelude::*;

use crate::schema::{IsoTime, SetAside};

/// What SQLite keeps of each table, index, view and trigger.
#[derive(Record)]
#[record(name = "sqlite_schema")]
struct Object {
    #[column(name = "type")]
    kind: String,
}

/// Whether the database has any table: a file that was just made has none.
///
/// # Errors
///
/// When the database refuses.
pub fn exist(db: &Connection) -> Result<bool, Error> {
    Select::from::<Object>().filter(Object::kind.eq("table")).exists(db)
}

/// Counts the rows that migrations mended or took away since a time.
///
/// # Errors
///
/// When the database refuses.
pub fn set_aside_since(db: &Connection, time: &IsoTime) -> Result<u64, Error> {
    Select::from::<SetAside>().filter(SetAside::set_aside_at.ge(time.clone())).count(db)
}
