//! Lists of values behind IN.
//!
//! A text of its own for every length would fill the cache of prepared statements. A short list is filled up to the next
//! power of two with its last value, which changes nothing; a long one is one JSON array, where its values allow it.

use std::fmt::Write;

use super::expression::{Fragment, In};
use super::nullness::NotNull;
use super::operand::{Bind, Operand};
use super::sql::Sql;
use crate::value::Value;

/// From this length on a list of texts or whole numbers is bound as one value.
const LONG: usize = 64;

/// Up to this length a list is filled up.
const MOST_FILLED: usize = 8192;

/// The values of a list.
#[derive(Debug, Clone)]
pub struct List<'v>(Vec<Value<'v>>);

impl<'v> List<'v> {
    pub(crate) fn of<F>(values: impl IntoIterator<Item: Operand<F, Out = Bind<'v>>>) -> Self {
        Self(values.into_iter().map(|value| value.operand().into_value()).collect())
    }

    /// Returns the list as JSON, if every value is a text or a whole number.
    fn json(&self) -> Option<String> {
        let mut json = String::with_capacity(self.0.len() * 12);
        json.push('[');
        for value in &self.0 {
            if json.len() > 1 {
                json.push(',');
            }
            match value {
                // Writing to a string does not fail.
                Value::Integer(number) => write!(json, "{number}").ok()?,
                Value::Text(text) if !text.contains('\0') => push_json_text(&mut json, text),
                _ => return None,
            }
        }
        json.push(']');
        Some(json)
    }
}

/// See RFC 8259, section 7.
fn push_json_text(json: &mut String, text: &str) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            '\u{0}'..='\u{1f}' => {
                let _ = write!(json, "\\u{:04x}", u32::from(letter));
            }
            _ => json.push(letter),
        }
    }
    json.push('"');
}

impl Fragment for List<'_> {
    fn write<'a>(self, sql: &mut Sql<'a>)
    where
        Self: 'a,
    {
        if self.0.len() >= LONG
            && let Some(json) = self.json()
        {
            sql.piece("(SELECT value FROM json_each(?))");
            sql.bind(json.into());
            return;
        }
        let count = self.0.len();
        // Beyond this a power of two may be more than the 32,766 values that a statement can have.
        let missing = if (1..=MOST_FILLED).contains(&count) { count.next_power_of_two() - count } else { 0 };
        sql.piece("(");
        let last = self.0.last().cloned();
        for (at, value) in self.0.into_iter().chain(std::iter::repeat_n(last, missing).flatten()).enumerate()
        {
            sql.piece(if at == 0 { "" } else { ", " });
            sql.value(value);
        }
        sql.piece(")");
    }
}

impl<S> In<S, ()> for List<'_> {
    type Null = NotNull;
}
