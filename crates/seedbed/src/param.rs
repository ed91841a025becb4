//! What can stand behind a `?` of a statement, and the `params!` macro.

use std::borrow::Cow;

use crate::db_type::DbType;
use crate::value::Value;

/// A value that a statement can be given: every [`DbType`], and borrowed text and bytes, which a column cannot hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a statement",
    note = "`params!` borrows what it is given; for a reference to a column type write `*reference`"
)]
pub trait Param {
    /// Returns the value to bind.
    fn to_param(&self) -> Value<'_>;
}

impl<T: DbType> Param for T {
    fn to_param(&self) -> Value<'_> {
        self.to_value()
    }
}

impl Param for str {
    fn to_param(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl Param for [u8] {
    fn to_param(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl Param for Value<'_> {
    fn to_param(&self) -> Value<'_> {
        match self {
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Blob(bytes) => Value::Blob(Cow::Borrowed(bytes)),
            plain => plain.clone(),
        }
    }
}

// `impl<T: Param> Param for &T` would overlap with the implementation for every `DbType`, so that the references one
// meets in practice are listed.
macro_rules! references {
    ($($target:ty),*) => {$(
        impl Param for &$target {
            fn to_param(&self) -> Value<'_> {
                (**self).to_param()
            }
        }

        impl Param for Option<&$target> {
            fn to_param(&self) -> Value<'_> {
                self.map_or(Value::Null, Param::to_param)
            }
        }
    )*};
}

references!(str, String, [u8], Vec<u8>, i64, f64, bool, Value<'_>);

impl Param for Cow<'_, str> {
    fn to_param(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

/// Makes the parameters of a statement: `params![id, title]` is a slice of [`Value`]s that borrow from `id` and `title`.
///
/// ```
/// use seedbed::{Connection, params};
///
/// let connection = Connection::open_in_memory()?;
/// connection.execute("CREATE TABLE trees (name TEXT, height REAL)", params![])?;
/// let name = String::from("oak");
/// connection.execute("INSERT INTO trees VALUES (?1, ?2)", params![name, 21.5])?;
/// # Ok::<(), seedbed::Error>(())
/// ```
#[macro_export]
macro_rules! params {
    () => {
        &[] as &[$crate::Value<'static>]
    };
    ($($value:expr),+ $(,)?) => {
        &[$($crate::Param::to_param(&$value)),+] as &[$crate::Value<'_>]
    };
}
