//! What a file that declares tables or talks to a database imports: `use seedbed::prelude::*;`.

pub use crate::query::{
    Delete, Expression, Insert, JsonExpression, NumericExpression, Select, TextExpression, Update,
    belongs_to, excluded, has_many, has_one,
};
pub use crate::{
    AnyValue, Connection, DbType, Error, Pool, PoolOptions, Record, Row, Table, TextEnum, Transaction, Value,
    View, alias, params, sql,
};

#[cfg(feature = "json")]
pub use crate::Json;
#[cfg(feature = "time")]
pub use crate::Timestamp;
#[cfg(feature = "uuid")]
pub use crate::Uuid;
