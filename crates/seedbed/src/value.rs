//! Values as a database knows them: five storage classes, nothing else.
//!
//! A [`Value`] borrows where it can, so that reading or binding a text copies nothing. Which Rust type becomes which
//! value is the business of [`DbType`](crate::DbType); this file knows only SQLite's classes and how to describe
//! a value that does not fit.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use rusqlite::types::{ToSqlOutput, ValueRef};

/// A value of a column or a parameter, borrowed where possible.
///
/// ```
/// use seedbed::Value;
///
/// let value = Value::from("oak");
/// assert_eq!(value, Value::Text("oak".into()));
/// assert_eq!(value.to_string(), "text `oak`");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating-point number. SQLite stores NaN as NULL.
    Real(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Cow<'a, [u8]>),
}

impl Value<'_> {
    /// Returns the value with everything it borrowed copied into it.
    #[inline]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(number),
            Self::Real(number) => Value::Real(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => Value::Blob(Cow::Owned(bytes.into_owned())),
        }
    }

    /// Returns the storage class of the value; `None` for NULL, which fits every column that accepts it.
    pub fn storage(&self) -> Option<Storage> {
        match self {
            Self::Null => None,
            Self::Integer(_) => Some(Storage::Integer),
            Self::Real(_) => Some(Storage::Real),
            Self::Text(_) => Some(Storage::Text),
            Self::Blob(_) => Some(Storage::Blob),
        }
    }
}

impl<'a> Value<'a> {
    #[inline(always)]
    pub(crate) fn from_sqlite(value: ValueRef<'a>) -> Result<Self, ValueError> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Self::Text(Cow::Borrowed(text)),
                Err(_) => return Err(ValueError::new("the text is not valid UTF-8")),
            },
            ValueRef::Blob(bytes) => Self::Blob(Cow::Borrowed(bytes)),
        })
    }
}

/// Names the kind of the value and shows the beginning of a short one, as error messages need it.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Integer(number) => write!(f, "integer `{number}`"),
            Self::Real(number) => write!(f, "real `{number:?}`"),
            Self::Text(text) if text.chars().count() > SHOWN_CHARACTERS => {
                let start: String = text.chars().take(SHOWN_CHARACTERS).collect();
                write!(f, "text `{start}…`")
            }
            Self::Text(text) => write!(f, "text `{text}`"),
            Self::Blob(bytes) => write!(f, "a blob of {} bytes", bytes.len()),
        }
    }
}

/// How much of a text an error message shows.
const SHOWN_CHARACTERS: usize = 40;

impl rusqlite::ToSql for Value<'_> {
    #[inline]
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(Cow::Borrowed(bytes))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(Cow::Owned(bytes))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Integer(flag.into())
    }
}

/// The storage class that a Rust type is written as.
///
/// `#[derive(Table)]` compares it with an explicit `#[column(type = "…")]` at compile time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// Whole numbers.
    Integer,
    /// Floating-point numbers.
    Real,
    /// Text.
    Text,
    /// Bytes.
    Blob,
    /// Any of them.
    Any,
}

/// A value that does not fit the type it is read as.
///
/// ```
/// use seedbed::{DbType, Value};
///
/// let error = i8::from_value(Value::Integer(300)).unwrap_err();
/// assert_eq!(error.to_string(), "expected a whole number from -128 to 127, found integer `300`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    message: String,
}

impl ValueError {
    /// Makes an error from a message: a lowercase fragment without a full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// Makes the error "expected …, found …".
    #[cold]
    pub fn mismatch(expected: impl fmt::Display, found: &Value<'_>) -> Self {
        Self::new(format!("expected {expected}, found {found}"))
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for ValueError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shown_by_its_beginning() {
        let text = "ä".repeat(100);
        assert_eq!(Value::from(text.as_str()).to_string(), format!("text `{}…`", "ä".repeat(40)));
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        let error = Value::from_sqlite(ValueRef::Text(&[0xff])).unwrap_err();
        assert_eq!(error.to_string(), "the text is not valid UTF-8");
    }

    #[test]
    fn an_owned_value_equals_the_borrowed_one() {
        for value in [Value::Null, 7.into(), 0.5.into(), "a".into(), Value::from(&[1u8, 2][..])] {
            assert_eq!(value.clone().into_owned(), value);
        }
    }
}
