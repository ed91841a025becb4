//! A value of any storage class, for columns that no one Rust type describes.

use std::borrow::Cow;
use std::ops::Deref;

use crate::db_type::DbType;
use crate::query::family;
use crate::value::{Storage, Value, ValueError};

/// Whatever stands in a column without a type, in one that is `ANY` in a STRICT table, or in one whose rows are of
/// several kinds.
///
/// ```
/// use seedbed::{AnyValue, DbType, Value};
///
/// let found = AnyValue::from_value(Value::Integer(7))?;
/// assert_eq!(*found, Value::Integer(7));
/// assert_eq!(AnyValue::from("seven").to_value(), Value::from("seven"));
/// # Ok::<(), seedbed::ValueError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AnyValue(Value<'static>);

impl AnyValue {
    /// Returns the value itself.
    pub fn into_value(self) -> Value<'static> {
        self.0
    }
}

impl Deref for AnyValue {
    type Target = Value<'static>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a, T: Into<Value<'a>>> From<T> for AnyValue {
    fn from(value: T) -> Self {
        Self(value.into().into_owned())
    }
}

impl DbType for AnyValue {
    const STORAGE: Storage = Storage::Any;
    type Family = family::Any;

    fn to_value(&self) -> Value<'_> {
        match &self.0 {
            Value::Null => Value::Null,
            Value::Integer(number) => Value::Integer(*number),
            Value::Real(number) => Value::Real(*number),
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Blob(bytes) => Value::Blob(Cow::Borrowed(bytes)),
        }
    }

    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        Ok(Self(value.into_owned()))
    }
}
