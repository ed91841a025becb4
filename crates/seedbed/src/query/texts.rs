//! The texts of statements that a connection has met, found by the addresses of their pieces.
//!
//! The addresses are compared, not only their hash: two lists of pieces are the same text when they are the same pieces.
//! The same text from other addresses is one entry more here and still one prepared statement.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::sql::Sql;

/// How many pieces of text are remembered. A program has as many texts as it has queries, of some dozens of pieces each; an
/// INSERT of many rows has a text for every number of rows, and thousands of pieces.
const REMEMBERED: usize = 65_536;

/// The pieces of a statement, and its text.
type Entry = (Box<[&'static str]>, Box<str>);

/// The texts that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    entries: HashMap<u64, Vec<Entry>, BuildHasherDefault<Hashed>>,
    /// How many pieces they have.
    count: usize,
}

impl Texts {
    /// Returns the text of a statement whose clauses are in order.
    pub(crate) fn text(&mut self, sql: &Sql<'_>) -> &str {
        let pieces = sql.pieces();
        if let [only] = pieces {
            return only;
        }
        if self.count > REMEMBERED {
            self.entries.clear();
            self.count = 0;
        }
        let same = self.entries.entry(hash(pieces)).or_default();
        let at = match same.iter().position(|(known, _)| is_same(known, pieces)) {
            Some(at) => at,
            None => {
                self.count += pieces.len();
                same.push((pieces.into(), sql.text().into()));
                same.len() - 1
            }
        };
        &same[at].1
    }
}

fn is_same(left: &[&'static str], right: &[&'static str]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| std::ptr::eq(*left, *right))
}

/// Addresses are as good as random in their middle bits, which a multiplication spreads.
fn hash(pieces: &[&'static str]) -> u64 {
    pieces.iter().fold(0, |hash: u64, piece| {
        (hash.rotate_left(5) ^ piece.as_ptr() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}

/// The key is a hash already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
