//! Which rows asked for a key.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::key::Collation;
use crate::value::Value;

/// The positions of rows by their keys. Rows with one key are a chain, so that none needs a list of its own.
pub(super) struct Slots<'a> {
    last: HashMap<Key<'a>, usize>,
    /// The position of another row with the same key, or its own at the end of the chain.
    next: Vec<usize>,
    collation: Collation,
    /// The whole number that was looked for last, and where it is: rows of one parent often come one after the other.
    recent: Cell<Option<(i64, usize)>>,
}

impl<'a> Slots<'a> {
    pub(super) fn new(rows: usize, collation: Collation) -> Self {
        Self {
            last: HashMap::with_capacity(rows),
            next: Vec::with_capacity(rows),
            collation,
            recent: Cell::new(None),
        }
    }

    /// Takes the key of the next row; says whether it is one that no other row had. NULL is no key.
    pub(super) fn push(&mut self, value: Value<'a>) -> bool {
        self.recent.set(None);
        let at = self.next.len();
        self.next.push(at);
        let Some(key) = Key::new(value, self.collation) else { return false };
        match self.last.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(at);
                true
            }
            Entry::Occupied(mut entry) => {
                self.next[at] = entry.insert(at);
                false
            }
        }
    }

    /// Returns the positions of the rows that have the key.
    pub(super) fn rows(&self, value: Value<'_>) -> impl Iterator<Item = usize> {
        let last = match (&value, self.recent.get()) {
            (Value::Integer(number), Some((recent, at))) if *number == recent => Some(at),
            _ => self.last_of(value),
        };
        std::iter::successors(last, |at| Some(self.next[*at]).filter(|next| next != at))
    }

    fn last_of(&self, value: Value<'_>) -> Option<usize> {
        let key = Key::new(value, self.collation)?;
        let at = self.last.get(&key).copied();
        if let (Key::Integer(number), Some(at)) = (&key, at) {
            self.recent.set(Some((*number, at)));
        }
        at
    }
}

/// A value that is equal to another when SQLite says so.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Integer(i64),
    /// The bits of a number that is no whole one.
    Real(u64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

impl<'a> Key<'a> {
    fn new(value: Value<'a>, collation: Collation) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Integer(number) => Self::Integer(number),
            // `as` saturates, so that the comparison fails for what is no `i64`.
            Value::Real(number) if (number as i64) as f64 == number => Self::Integer(number as i64),
            Value::Real(number) => Self::Real(number.to_bits()),
            Value::Text(text) => Self::Text(match collation {
                Collation::Binary => text,
                Collation::NoCase => text.to_ascii_lowercase().into(),
                Collation::RTrim => text.trim_end_matches(' ').to_owned().into(),
            }),
            Value::Blob(bytes) => Self::Blob(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(slots: &Slots<'_>, value: impl Into<Value<'static>>) -> Vec<usize> {
        let mut rows: Vec<usize> = slots.rows(value.into()).collect();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn rows_with_one_key_are_all_found() {
        let mut slots = Slots::new(0, Collation::Binary);
        let new: Vec<bool> =
            [Value::from(7), "a".into(), Value::Null, 7.0.into(), 7.into(), "A".into(), 0.5.into()]
                .into_iter()
                .map(|value| slots.push(value))
                .collect();
        assert_eq!(new, [true, true, false, false, false, true, true]);
        assert_eq!(found(&slots, 7), [0, 3, 4]);
        assert_eq!(found(&slots, "a"), [1]);
        assert_eq!(found(&slots, 0.5), [6]);
        assert!(found(&slots, 8).is_empty() && slots.rows(Value::Null).next().is_none());
    }

    #[test]
    fn texts_are_equal_as_the_collation_says() {
        let mut slots = Slots::new(0, Collation::NoCase);
        assert!(slots.push("Ada".into()) && !slots.push("aDA".into()));
        assert_eq!(found(&slots, "ADA"), [0, 1]);
        let mut slots = Slots::new(0, Collation::RTrim);
        assert!(slots.push("ada  ".into()) && slots.push("Ada".into()));
        assert_eq!(found(&slots, "ada"), [0]);
    }
}
