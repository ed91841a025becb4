//! Times: RFC 3339 text in UTC, or unix time.
//!
//! The text form is `2026-01-31T12:00:00.000Z`: fixed width, so that it sorts as it counts, and the form that
//! JavaScript prints. Rows that SQLite's own `datetime('now')` made (`2026-01-31 12:00:00`, UTC) are read as well.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::codec::{Codec, UnixMilliseconds, UnixSeconds};
use crate::db_type::DbType;
use crate::query::family;
use crate::value::{Storage, Value, ValueError};

impl DbType for Timestamp {
    const STORAGE: Storage = Storage::Text;
    type Family = family::Time;

    /// Returns the time as text; what is finer than a millisecond is cut off.
    fn to_value(&self) -> Value<'_> {
        let milliseconds = floor(*self, NANOSECONDS_PER_MILLISECOND);
        let cut = Self::from_millisecond(milliseconds).unwrap_or(*self);
        Value::Text(Cow::Owned(format!("{cut:.3}")))
    }

    fn from_value(value: Value<'_>) -> Result<Self, ValueError> {
        if let Value::Text(text) = &value {
            if let Ok(time) = text.parse::<Self>() {
                return Ok(time);
            }
            if let Ok(time) = text.parse::<DateTime>().and_then(|time| Offset::UTC.to_timestamp(time)) {
                return Ok(time);
            }
        }
        Err(ValueError::mismatch("a time such as `2026-01-31T12:00:00.000Z`", &value))
    }
}

const NANOSECONDS_PER_MILLISECOND: i128 = 1_000_000;
const NANOSECONDS_PER_SECOND: i128 = 1_000_000_000;

/// Counts whole units since 1970, downwards, so that a time before 1970 is not moved forward.
fn floor(time: Timestamp, unit: i128) -> i64 {
    // The whole range of a timestamp is about 2^59 milliseconds.
    i64::try_from(time.as_nanosecond().div_euclid(unit)).unwrap_or(i64::MAX)
}

impl Codec<Timestamp> for UnixSeconds {
    const STORAGE: Storage = Storage::Integer;
    type Family = family::UnixSeconds;

    fn encode(time: &Timestamp) -> Value<'_> {
        Value::Integer(floor(*time, NANOSECONDS_PER_SECOND))
    }

    fn decode(value: Value<'_>) -> Result<Timestamp, ValueError> {
        let seconds = i64::from_value(value)?;
        Timestamp::from_second(seconds)
            .map_err(|_| ValueError::new(format!("`{seconds}` seconds since 1970 is no time we can hold")))
    }
}

impl Codec<Timestamp> for UnixMilliseconds {
    const STORAGE: Storage = Storage::Integer;
    type Family = family::UnixMilliseconds;

    fn encode(time: &Timestamp) -> Value<'_> {
        Value::Integer(floor(*time, NANOSECONDS_PER_MILLISECOND))
    }

    fn decode(value: Value<'_>) -> Result<Timestamp, ValueError> {
        let milliseconds = i64::from_value(value)?;
        Timestamp::from_millisecond(milliseconds).map_err(|_| {
            ValueError::new(format!("`{milliseconds}` milliseconds since 1970 is no time we can hold"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_stored_with_milliseconds_and_z() {
        assert_eq!(time("2026-01-31T12:00:00Z").to_value(), Value::from("2026-01-31T12:00:00.000Z"));
        assert_eq!(time("2026-01-31T12:00:00.1239+02").to_value(), Value::from("2026-01-31T10:00:00.123Z"));
        assert_eq!(time("1969-12-31T23:59:59.9999Z").to_value(), Value::from("1969-12-31T23:59:59.999Z"));
    }

    #[test]
    fn the_text_of_sqlite_is_read_as_utc() {
        let expected = Ok(time("2026-01-31T12:00:00Z"));
        assert_eq!(Timestamp::from_value("2026-01-31 12:00:00".into()), expected);
        assert_eq!(Timestamp::from_value("2026-01-31T12:00:00.000Z".into()), expected);
        assert_eq!(Timestamp::from_value("2026-01-31T14:00:00+02:00".into()), expected);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "yesterday", "2026-02-30 12:00:00", "12:00"] {
            assert!(Timestamp::from_value(text.into()).is_err(), "{text}");
        }
        assert!(Timestamp::from_value(Value::Integer(0)).is_err());
    }

    #[test]
    fn unix_time_counts_downwards_before_1970() {
        let before = time("1969-12-31T23:59:59.5Z");
        assert_eq!(UnixSeconds::encode(&before), Value::Integer(-1));
        assert_eq!(UnixMilliseconds::encode(&before), Value::Integer(-500));
        assert_eq!(UnixMilliseconds::decode(Value::Integer(-500)), Ok(before));
        assert!(<UnixSeconds as Codec<Timestamp>>::decode(Value::Integer(i64::MAX)).is_err());
    }
}
