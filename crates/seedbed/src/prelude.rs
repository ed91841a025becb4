//! What a file that declares tables or talks to a database imports: `use seedbed::prelude::*;`.

pub use crate::{
    AnyValue, Connection, DbType, Error, Pool, PoolOptions, Row, Table, TextEnum, Transaction, Value, View,
    params,
};

#[cfg(feature = "json")]
pub use crate::Json;
#[cfg(feature = "time")]
pub use crate::Timestamp;
#[cfg(feature = "uuid")]
pub use crate::Uuid;
