//! Which Rust type becomes which value, and back.
//!
//! Reading is strict: a value of another class, out of range or malformed is a [`ValueError`] that says what was
//! expected and what was found; nothing is cut, rounded or guessed. Times, UUIDs and JSON are in the
//! files of their own beside this one, each behind its feature.
//!
//! What columns hold most is read where the row is read, by `#[inline(always)]` as far as the row itself: the compiler then
//! sees that a text is borrowed and that a number is no text, and a scan costs what reading by hand does. Left to itself it
//! passes a `Value` through memory for each column.

use std::borrow::Cow;

use crate::query::family;
use crate::value::{Storage, Value, ValueError};

/// A Rust type that a column can hold.
///
/// It is implemented for text, numbers, `bool`, bytes, [`Uuid`](crate::Uuid) (36 characters of text),
/// [`Timestamp`](crate::Timestamp) (RFC 3339 text), [`Json`](crate::Json), [`AnyValue`](crate::AnyValue) and `Option` of each;
/// `#[derive(DbType)]` implements it for a newtype and `#[derive(TextEnum)]` for an enum.
///
/// ```
/// use seedbed::{DbType, Storage, Value, ValueError};
///
/// struct Celsius(f64);
///
/// impl DbType for Celsius {
///     const STORAGE: Storage = Storage::Real;
///     type Family = Self;
///
///     fn to_value(&self) -> Value<'_> {
///         Value::Real(self.0)
///     }
///
///     fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
///         f64::from_value(value).map(Self)
///     }
/// }
///
/// assert_eq!(Celsius(36.6).to_value(), Value::Real(36.6));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a column can hold, or not the type of this one",
    note = "a column is compared with and set to values of its own type",
    note = "for a type of your own: derive `DbType` on a newtype, derive `TextEnum` on an enum, or wrap a serde type in `Json<…>`"
)]
pub trait DbType: Sized {
    /// The storage class of the values that [`to_value`](Self::to_value) makes.
    const STORAGE: Storage;
    /// What values of the type are compared with in queries, one of [`family`](crate::query::family); a type of your own
    /// says `Self` and is compared with itself only.
    type Family;

    /// Returns the value to store.
    fn to_value(&self) -> Value<'_>;

    /// Returns the value to store, with nothing borrowed.
    #[inline]
    fn into_value(self) -> Value<'static> {
        self.to_value().into_owned()
    }

    /// Reads a stored value.
    ///
    /// # Errors
    ///
    /// When the value is of another class, out of range or malformed.
    fn from_value(value: Value<'_>) -> Result<Self, ValueError>;
}

impl<T: DbType> DbType for Option<T> {
    const STORAGE: Storage = T::STORAGE;
    type Family = family::Maybe<T::Family>;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    #[inline(always)]
    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl DbType for String {
    const STORAGE: Storage = Storage::Text;
    type Family = family::Text;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }

    #[inline]
    fn into_value(self) -> Value<'static> {
        Value::Text(Cow::Owned(self))
    }

    #[inline(always)]
    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        match value {
            Value::Text(text) => Ok(text.into_owned()),
            other => Err(ValueError::mismatch("a text", &other)),
        }
    }
}

impl DbType for char {
    const STORAGE: Storage = Storage::Text;
    type Family = family::Text;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Owned(self.to_string()))
    }

    #[inline]
    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        if let Value::Text(text) = &value {
            let mut characters = text.chars();
            if let (Some(only), None) = (characters.next(), characters.next()) {
                return Ok(only);
            }
        }
        Err(ValueError::mismatch("a text of one character", &value))
    }
}

impl DbType for bool {
    const STORAGE: Storage = Storage::Integer;
    type Family = family::Bool;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::from(*self)
    }

    #[inline(always)]
    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        match value {
            Value::Integer(0) => Ok(false),
            Value::Integer(1) => Ok(true),
            other => Err(ValueError::mismatch("0 or 1", &other)),
        }
    }
}

impl DbType for f64 {
    const STORAGE: Storage = Storage::Real;
    type Family = family::Real;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Real(*self)
    }

    #[inline(always)]
    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        match value {
            Value::Real(number) => Ok(number),
            // A column without REAL affinity keeps a whole number as an integer.
            Value::Integer(number) if number.unsigned_abs() <= MAX_EXACT_INTEGER => Ok(number as Self),
            other => Err(ValueError::mismatch("a number", &other)),
        }
    }
}

/// Up to this whole number every whole number is an `f64`.
const MAX_EXACT_INTEGER: u64 = 1 << 53;

impl DbType for f32 {
    const STORAGE: Storage = Storage::Real;
    type Family = family::Real;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Real((*self).into())
    }

    /// Reads a number and rounds it to the nearest `f32`.
    #[inline]
    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        f64::from_value(value).map(|number| number as Self)
    }
}

impl DbType for Vec<u8> {
    const STORAGE: Storage = Storage::Blob;
    type Family = family::Blob;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }

    #[inline]
    fn into_value(self) -> Value<'static> {
        Value::Blob(Cow::Owned(self))
    }

    #[inline(always)]
    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        match value {
            Value::Blob(bytes) => Ok(bytes.into_owned()),
            other => Err(ValueError::mismatch("a blob", &other)),
        }
    }
}

impl<const N: usize> DbType for [u8; N] {
    const STORAGE: Storage = Storage::Blob;
    type Family = family::Blob;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }

    #[inline]
    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        if let Value::Blob(bytes) = &value
            && let Ok(bytes) = Self::try_from(bytes.as_ref())
        {
            return Ok(bytes);
        }
        Err(ValueError::mismatch(format_args!("a blob of {N} bytes"), &value))
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl DbType for $number {
            const STORAGE: Storage = Storage::Integer;
            type Family = family::Integer;

            #[inline]
            fn to_value(&self) -> Value<'_> {
                Value::Integer((*self).into())
            }

            #[inline]
            fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
                if let Value::Integer(number) = value
                    && let Ok(number) = number.try_into()
                {
                    return Ok(number);
                }
                let expected = format_args!("a whole number from {} to {}", Self::MIN, Self::MAX);
                Err(ValueError::mismatch(expected, &value))
            }
        }
    )*};
}

whole_numbers!(i8, i16, i32, i64, u8, u16, u32);

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: DbType + PartialEq + std::fmt::Debug>(values: impl IntoIterator<Item = T>) {
        for value in values {
            let stored = value.to_value().into_owned();
            assert!(stored.storage().is_none_or(|storage| storage == T::STORAGE), "{stored}");
            assert_eq!(T::from_value(stored), Ok(value));
        }
    }

    #[test]
    fn every_type_reads_back_what_it_stored() {
        round_trip(["".to_owned(), "naïve 🌱".to_owned()]);
        round_trip(['a', '🌱']);
        round_trip([true, false]);
        round_trip([i8::MIN, 0, i8::MAX]);
        round_trip([i64::MIN, i64::MAX]);
        round_trip([u32::MIN, u32::MAX]);
        round_trip([0.1_f64, f64::MIN, f64::INFINITY]);
        round_trip([0.1_f32, f32::MAX]);
        round_trip([Vec::new(), vec![0_u8, 255]]);
        round_trip([[1_u8, 2, 3]]);
        round_trip([None, Some(3_i16)]);
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused() {
        assert!(u8::from_value(Value::Integer(-1)).is_err());
        assert!(i32::from_value(Value::Real(1.0)).is_err());
        assert!(bool::from_value(Value::Integer(2)).is_err());
        assert!(char::from_value(Value::from("ab")).is_err());
        assert!(String::from_value(Value::Null).is_err());
        assert!(<[u8; 2]>::from_value(Value::from(&[1_u8][..])).is_err());
    }

    #[test]
    fn a_whole_number_reads_as_a_float_only_when_it_is_exact() {
        assert_eq!(f64::from_value(Value::Integer(1 << 53)), Ok(9_007_199_254_740_992.0));
        assert!(f64::from_value(Value::Integer((1 << 53) + 1)).is_err());
    }
}
