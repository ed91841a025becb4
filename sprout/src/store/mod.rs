//! The only query code: one file per aggregate, functions over an open transaction.
//!
//! Everything here is built from the structs of [`schema`](crate::schema), so that a column that is renamed there does not
//! compile here; what the builder has no words for is written in `sql!`.
//!
//! Lists come in the order in which the rows were made, which is the order of the rowid: the ids are random, and times of
//! creation are exact to the millisecond only.

pub mod answers;
pub mod assessments;
pub mod branches;
pub mod chat;
pub mod contents;
pub mod documents;
pub mod edges;
pub mod nodes;
pub mod progress;
pub mod recall;
mod references;
mod removal;
pub mod search;
pub mod tables;
pub mod transfer;
pub mod users;

use seedbed::Uuid;

/// Makes the id of a new row.
pub(crate) fn new_id() -> String {
    Uuid::new_v4().to_string()
}
