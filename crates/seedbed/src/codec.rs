//! The ways to store one Rust type that the code, not the type, chooses.
//!
//! A [`Timestamp`](crate::Timestamp) is text unless its column says unix seconds or milliseconds; a
//! [`Uuid`](crate::Uuid) is text unless its column says bytes. `#[derive(Table)]` names the codec of every column;
//! nobody else needs to.

use crate::db_type::DbType;
use crate::value::{Storage, Value, ValueError};

/// A way to store a `T`.
pub trait Codec<T> {
    /// The storage class of the values that [`encode`](Self::encode) makes.
    const STORAGE: Storage;
    /// What a column that is stored so is compared with, one of [`family`](crate::query::family).
    type Family;

    /// Returns the value to store.
    fn encode(value: &T) -> Value<'_>;

    /// Reads a stored value.
    ///
    /// # Errors
    ///
    /// When the value is of another class, out of range or malformed.
    fn decode(value: Value<'_>) -> Result<T, ValueError>;
}

/// As the type says.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl<T: DbType> Codec<T> for Plain {
    const STORAGE: Storage = T::STORAGE;
    type Family = T::Family;

    #[inline]
    fn encode(value: &T) -> Value<'_> {
        value.to_value()
    }

    #[inline]
    fn decode(value: Value<'_>) -> Result<T, ValueError> {
        T::from_value(value)
    }
}

/// A time as whole seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy)]
pub struct UnixSeconds;

/// A time as milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy)]
pub struct UnixMilliseconds;

/// A UUID as 16 bytes.
#[derive(Debug, Clone, Copy)]
pub struct UuidBlob;

macro_rules! optional {
    ($($codec:ty),*) => {$(
        impl<T> Codec<Option<T>> for $codec
        where
            Self: Codec<T>,
        {
            const STORAGE: Storage = <Self as Codec<T>>::STORAGE;
            type Family = crate::query::family::Maybe<<Self as Codec<T>>::Family>;

            #[inline]
            fn encode(value: &Option<T>) -> Value<'_> {
                value.as_ref().map_or(Value::Null, <Self as Codec<T>>::encode)
            }

            #[inline]
            fn decode(value: Value<'_>) -> Result<Option<T>, ValueError> {
                match value {
                    Value::Null => Ok(None),
                    value => <Self as Codec<T>>::decode(value).map(Some),
                }
            }
        }
    )*};
}

optional!(UnixSeconds, UnixMilliseconds, UuidBlob);
