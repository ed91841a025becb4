//! Times as replies give them: ISO 8601 in UTC with milliseconds, whatever form the row has.

use seedbed::{DbType, Timestamp};

/// Returns the current time as a reply or an update gives it.
pub fn now() -> String {
    iso(Timestamp::now())
}

/// Returns a time in the form of replies.
pub fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// Returns the stored text of a time in the form of replies; a text that is no time is returned as it is.
///
/// Rows hold two forms: SQLite's `datetime('now')` and the form of replies.
pub fn iso_from_stored(text: String) -> String {
    Timestamp::from_value(text.as_str().into()).map_or(text, iso)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_stored_forms_become_one() {
        assert_eq!(iso_from_stored("2026-01-31 12:00:00".into()), "2026-01-31T12:00:00.000Z");
        assert_eq!(iso_from_stored("2026-01-31T12:00:00.123Z".into()), "2026-01-31T12:00:00.123Z");
        assert_eq!(iso_from_stored("2026-01-31T14:00:00+02:00".into()), "2026-01-31T12:00:00.000Z");
    }

    #[test]
    fn a_text_that_is_no_time_stays() {
        assert_eq!(iso_from_stored("soon".into()), "soon");
    }
}
