//! What a file that declares tables or talks to a database imports: `use seedbed::prelude::*;`.

pub use crate::query::{
    Condition, Delete, Direction, Expression, Insert, IntegerExpression, JsonExpression, NumericExpression,
    RealExpression, Select, TextExpression, Update, Window, all_of, belongs_to, case, count_all, dense_rank,
    excluded, exists, has_many, has_one, not_exists, percent_rank, rank, row_number, rowid, scalar, value,
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
