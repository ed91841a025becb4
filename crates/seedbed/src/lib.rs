//! A schema-first database toolkit for Rust: structs are the tables, migrations are made from them and proved.
//!
//! ```
//! use seedbed::prelude::*;
//!
//! # fn main() -> Result<(), seedbed::Error> {
//! let mut connection = Connection::open_in_memory()?;
//! connection.execute_batch("CREATE TABLE trees (name TEXT PRIMARY KEY NOT NULL, height REAL NOT NULL)")?;
//!
//! connection.transaction(|tx| {
//!     tx.execute("INSERT INTO trees VALUES (?1, ?2)", params!["oak", 21.5])?;
//!     tx.execute("INSERT INTO trees VALUES (?1, ?2)", params!["elm", 30.0])
//! })?;
//!
//! let highest = connection.query_one("SELECT name FROM trees ORDER BY height DESC LIMIT 1", params![], |row| {
//!     row.get::<String>("name")
//! })?;
//! assert_eq!(highest, "elm");
//! # Ok(())
//! # }
//! ```
//!
//! The nouns: a [`Connection`] is used by one thread at a time; a [`Pool`] by any number of tasks; both run closures
//! that are given a [`Transaction`]. A query yields [`Row`]s of [`Value`]s, which a [`DbType`] reads. Whatever goes
//! wrong is an [`Error`].
//!
//! Tables are structs with [`#[derive(Table)]`](macro@Table), and the `seedbed` command writes migrations from them. Queries
//! are built from the same structs, see [`query`].
//! [`embed_migrations!`] builds these into the program, a [`Migrator`](migrate::Migrator) runs what is pending, and
//! [`testing`] gives every test a migrated database.
//!
//! rusqlite and its bundled SQLite are re-exported as [`rusqlite`], so that an application never has to agree
//! with this crate on a version of `libsqlite3-sys`.

#![deny(missing_docs)]

mod any_value;
pub mod backup;
pub mod check;
mod codec;
mod connection;
pub mod console;
mod db_type;
mod error;
pub mod generate;
pub mod health;
pub mod inspect;
#[cfg(feature = "json")]
mod json;
pub mod lint;
mod look;
pub mod migrate;
mod open;
mod param;
mod pool;
pub mod prelude;
pub mod pull;
pub mod push;
pub mod query;
pub mod rebase;
pub mod replay;
pub mod reset;
mod row;
pub mod rows;
pub mod seed;
pub mod sql_source;
pub mod squash;
mod storage;
mod table;
pub mod testing;
mod text_enum;
#[cfg(feature = "time")]
mod timestamp;
mod transaction;
#[cfg(feature = "uuid")]
mod uuids;
mod value;
mod view;
mod watch;

pub use any_value::AnyValue;
pub use backup::backup;
pub use connection::Connection;
pub use db_type::DbType;
pub use error::{Constraint, Error};
#[cfg(feature = "json")]
pub use json::Json;
pub use open::{Journal, OpenOptions, Synchronous};
pub use param::Param;
pub use pool::{Answered, Observer, Pool, PoolCounters, PoolEvent, PoolOptions, Retries};
pub use row::{ColumnIndex, Row};
pub use table::{ColumnMeta, Table};
pub use text_enum::TextEnum;
pub use transaction::Transaction;
pub use value::{Storage, Value, ValueError};
pub use view::View;

#[cfg(feature = "time")]
pub use jiff::Timestamp;
pub use rusqlite;
pub use seedbed_macros::{DbType, Record, Table, TextEnum, View, embed_migrations, sql};
#[cfg(feature = "uuid")]
pub use uuid::Uuid;

/// What generated code names. Not part of the interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::{ColumnMeta, DbType, Error, Row, Storage, Table, TextEnum, Value, ValueError, View};

    /// What the derives and `sql!` make for queries.
    pub mod query {
        pub use crate::query::fragment::{argument, borrowed, fragment};
        pub use crate::query::*;
    }

    /// The ways to store one Rust type that the code chooses.
    pub mod codec {
        pub use crate::codec::{Codec, Plain, UnixMilliseconds, UnixSeconds, UuidBlob};
    }
}
