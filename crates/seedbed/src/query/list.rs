//! Lists of values behind IN.
//!
//! A text of its own for every length would fill the cache of prepared statements. A short list is filled up to the next
//! power of two with its last value, which changes nothing; a long one is one JSON array, where its values allow it:
//! texts and whole numbers as they are, blobs in hexadecimal.

use std::fmt::Write;

use super::expression::{Fragment, In};
use super::nullness::NotNull;
use super::operand::{Bind, Operand};
use super::sql::Sql;
use crate::value::Value;

/// From this length on a list of texts, whole numbers or blobs is bound as one value.
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

    /// Makes as few lists of the values as SQLite allows: one, unless they are of several kinds or many real numbers.
    pub(crate) fn few(values: Vec<Value<'v>>) -> Vec<Self> {
        if values.iter().all(is_in_json) || values.iter().all(is_blob) {
            return vec![Self(values)];
        }
        let (plain, mut others): (Vec<_>, Vec<_>) = values.into_iter().partition(is_in_json);
        let mut lists = vec![];
        while others.len() > MOST_FILLED {
            lists.push(Self(others.split_off(others.len() - MOST_FILLED)));
        }
        lists.extend([plain, others].into_iter().filter(|values| !values.is_empty()).map(Self));
        lists
    }

    /// Returns the list as JSON, with the query that reads it, if its values allow it.
    fn one_value(&self) -> Option<(&'static str, String)> {
        if self.0.iter().all(is_blob) {
            return Some(("(SELECT unhex(value) FROM json_each(?))", self.hexadecimal()));
        }
        let is_json = self.0.iter().all(is_in_json);
        is_json.then(|| ("(SELECT value FROM json_each(?))", self.json()))
    }

    fn hexadecimal(&self) -> String {
        let mut json = String::with_capacity(self.0.len() * 36);
        json.push('[');
        for value in &self.0 {
            let Value::Blob(bytes) = value else { continue };
            json.push_str(if json.len() > 1 { ",\"" } else { "\"" });
            for byte in bytes.iter() {
                for digit in [byte >> 4, byte & 15] {
                    json.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
                }
            }
            json.push('"');
        }
        json.push(']');
        json
    }

    fn json(&self) -> String {
        let mut json = String::with_capacity(self.0.len() * 12);
        json.push('[');
        for value in &self.0 {
            if json.len() > 1 {
                json.push(',');
            }
            match value {
                Value::Integer(number) => {
                    // Writing to a string does not fail.
                    let _ = write!(json, "{number}");
                }
                Value::Text(text) => push_json_text(&mut json, text),
                _ => {}
            }
        }
        json.push(']');
        json
    }
}

/// A text with a NUL ends there when SQLite reads it from JSON.
fn is_in_json(value: &Value<'_>) -> bool {
    match value {
        Value::Integer(_) => true,
        Value::Text(text) => !text.contains('\0'),
        _ => false,
    }
}

fn is_blob(value: &Value<'_>) -> bool {
    matches!(value, Value::Blob(_))
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
            && let Some((query, json)) = self.one_value()
        {
            sql.piece(query);
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
