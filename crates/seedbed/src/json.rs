//! JSON documents as text.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db_type::DbType;
use crate::query::family;
use crate::value::{Storage, Value, ValueError};

/// A column that holds a JSON document: any type that serde can write and read, stored as JSON text.
///
/// ```
/// use seedbed::{DbType, Json, Value};
///
/// let cards = Json(vec!["front".to_owned(), "back".to_owned()]);
/// assert_eq!(cards.to_value(), Value::from(r#"["front","back"]"#));
/// assert_eq!(Json::<Vec<String>>::from_value("[]".into())?.0, Vec::<String>::new());
/// # Ok::<(), seedbed::ValueError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Serialize + DeserializeOwned> DbType for Json<T> {
    const STORAGE: Storage = Storage::Text;
    type Family = family::Json;

    /// Returns the document as compact JSON text.
    ///
    /// # Panics
    ///
    /// When `T` cannot be written as JSON at all: a map whose keys are not texts, or an implementation of
    /// `Serialize` that fails.
    fn to_value(&self) -> Value<'_> {
        let text =
            serde_json::to_string(&self.0).expect("a column of type Json<T> holds a T that JSON can express");
        Value::Text(Cow::Owned(text))
    }

    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        match &value {
            Value::Text(text) => serde_json::from_str(text)
                .map(Self)
                .map_err(|error| ValueError::new(format!("the JSON text does not fit: {error}"))),
            other => Err(ValueError::mismatch("JSON text", other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_does_not_fit_says_where() {
        let error = Json::<Vec<i64>>::from_value(r#"[1, "two"]"#.into()).unwrap_err();
        assert!(error.to_string().contains("line 1 column"), "{error}");
        assert!(Json::<Vec<i64>>::from_value(Value::Integer(1)).is_err());
    }
}
