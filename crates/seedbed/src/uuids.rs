//! UUIDs: 36 characters of text, or 16 bytes.

use std::borrow::Cow;

use uuid::Uuid;

use crate::codec::{Codec, UuidBlob};
use crate::db_type::DbType;
use crate::query::family;
use crate::value::{Storage, Value, ValueError};

impl DbType for Uuid {
    const STORAGE: Storage = Storage::Text;
    type Family = family::Uuid;

    /// Returns the hyphenated lowercase form.
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Owned(self.hyphenated().to_string()))
    }

    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        if let Value::Text(text) = &value
            && let Ok(uuid) = Self::try_parse(text)
        {
            return Ok(uuid);
        }
        Err(ValueError::mismatch("a UUID of 36 characters", &value))
    }
}

impl Codec<Uuid> for UuidBlob {
    const STORAGE: Storage = Storage::Blob;
    type Family = family::UuidBlob;

    fn encode(uuid: &Uuid) -> Value<'_> {
        Value::Blob(Cow::Borrowed(uuid.as_bytes()))
    }

    fn decode(value: Value<'_>) -> Result<Uuid, ValueError> {
        <[u8; 16]>::from_value(value).map(Uuid::from_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: Uuid = Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0);

    #[test]
    fn a_uuid_is_text_unless_its_column_says_bytes() {
        assert_eq!(UUID.to_value(), Value::from("12345678-9abc-def0-1234-56789abcdef0"));
        assert_eq!(Uuid::from_value(UUID.to_value()), Ok(UUID));
        assert_eq!(UuidBlob::encode(&UUID), Value::from(&UUID.as_bytes()[..]));
        assert_eq!(UuidBlob::decode(UuidBlob::encode(&UUID)), Ok(UUID));
    }

    #[test]
    fn an_absent_uuid_is_null_in_both_forms() {
        assert_eq!(None::<Uuid>.to_value(), Value::Null);
        assert_eq!(UuidBlob::encode(&None::<Uuid>), Value::Null);
        assert_eq!(<UuidBlob as Codec<Option<Uuid>>>::decode(Value::Null), Ok(None));
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        assert!(Uuid::from_value("1234".into()).is_err());
        assert!(<UuidBlob as Codec<Uuid>>::decode(Value::from(&[0_u8; 15][..])).is_err());
    }
}
