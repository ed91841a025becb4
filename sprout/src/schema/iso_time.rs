//! Times: ISO 8601 in UTC with milliseconds, `2026-01-31T12:00:00.000Z`.
//!
//! Rows hold the very text that replies give, so that a list is sent without reading and writing a time for each row. The
//! width is fixed, so the order of the texts is that of the times. [`IsoTime`] is made of the clock or of a time that was
//! read, never of any other text; the database refuses other texts as well.

use std::fmt;

use schemars::JsonSchema;
use seedbed::Timestamp;
use seedbed::prelude::*;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A time in the form of rows and replies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, DbType, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "date-time"))]
pub struct IsoTime(String);

impl IsoTime {
    /// Returns the current time.
    pub fn now() -> Self {
        // The clock is between the years 0 and 9999, whatever it is set to.
        Self::from_timestamp(Timestamp::now()).unwrap_or_else(|| Self("9999-12-31T23:59:59.999Z".to_owned()))
    }

    /// Reads what a client wrote: RFC 3339 with any offset. What is finer than a millisecond is cut off.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_timestamp(text.parse().ok()?)
    }

    /// Returns a time in this form; the years are those of four digits.
    pub fn from_timestamp(time: Timestamp) -> Option<Self> {
        match time.to_value() {
            Value::Text(text) if text.len() == 24 => Some(Self(text.into_owned())),
            _ => None,
        }
    }

    /// Returns the time as one that can be calculated with; `None` for a text that a damaged row holds.
    pub fn to_timestamp(&self) -> Option<Timestamp> {
        self.0.parse().ok()
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for IsoTime {
    /// Reads exactly what is written; a time in any other form is an error.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).filter(|time| time.0 == text).ok_or_else(|| {
            D::Error::custom(format_args!("`{text}` is no time such as `2026-01-31T12:00:00.000Z`"))
        })
    }
}

impl fmt::Display for IsoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        IsoTime::parse(text).map(|time| time.0)
    }

    #[test]
    fn what_clients_send_is_read_and_normalised() {
        for (text, expected) in [
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"),
            ("2026-01-31T14:00:00.1239+02:00", "2026-01-31T12:00:00.123Z"),
            ("2026-01-31t12:00:00.5z", "2026-01-31T12:00:00.500Z"),
            ("9999-12-01T23:59:59.999Z", "9999-12-01T23:59:59.999Z"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "soon",
            "2026-01-31",
            "2026-01-31 12:00:00",
            "2026-02-30T12:00:00Z",
            "-000001-01-01T00:00:00Z",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn now_has_the_form_and_is_read_back() {
        let now = IsoTime::now();
        assert_eq!(now.as_str().len(), 24);
        assert_eq!(parsed(now.as_str()).as_deref(), Some(now.as_str()));
        assert_eq!(now.to_timestamp().and_then(IsoTime::from_timestamp), Some(now));
    }
}
