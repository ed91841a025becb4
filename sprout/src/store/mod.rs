//! The only query code: one file per aggregate, functions over an open transaction.
//!
//! Lists come in the order in which the rows were made, which is the order of the rowid: the ids are random, and times of
//! creation are only exact to the second.

pub mod branches;
pub mod edges;
pub mod nodes;
pub mod tables;
pub mod users;

use seedbed::{Connection, Error, Table, Uuid, Value};

/// Returns the rows of a table that `tail` selects: `WHERE …`, `ORDER BY …`.
fn select<T: Table>(db: &Connection, tail: &str, params: &[Value<'_>]) -> Result<Vec<T>, Error> {
    db.query(&format!("{} {tail}", T::SELECT), params, |row| T::from_row(row))
}

/// Returns the row of a table with an id.
fn find<T: Table>(db: &Connection, id: &str) -> Result<Option<T>, Error> {
    db.query_optional(&format!("{} WHERE id = ?1", T::SELECT), &[id.into()], |row| T::from_row(row))
}

/// Makes the id of a new row.
fn new_id() -> String {
    Uuid::new_v4().to_string()
}
