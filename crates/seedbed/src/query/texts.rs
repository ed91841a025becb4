//! The texts of statements that a connection has met, found by the addresses of their pieces.
//!
//! The addresses are compared, not only their hash: two lists of pieces are the same text when they are the same pieces.
//! The same text from other addresses is one entry more here and still one prepared statement.
//!
//! It is a hash table of its own because every query goes through here, and half of what a map of the standard library
//! does is about keys that are none.

use super::sql::Sql;

/// How many pieces of text are remembered. A program has as many texts as it has queries, of some dozens of pieces each; an
/// INSERT of many rows has a text for every number of rows, and thousands of pieces.
const REMEMBERED: usize = 65_536;

/// How many places the table has at first, a power of two.
const PLACES: usize = 64;

/// A statement.
#[derive(Debug)]
struct Known {
    hash: usize,
    pieces: Box<[&'static str]>,
    text: Box<str>,
    is_by_key: bool,
}

/// The texts that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    known: Vec<Known>,
    /// At the place of a hash, or at the next that was free: the position in `known`, counted from 1.
    places: Vec<u32>,
    /// How many pieces they have.
    count: usize,
}

impl Texts {
    /// Returns the text of a statement whose clauses are in order, and whether it is a query by `key`: a column that no two
    /// rows have in common is equal to a value, and that is all that is asked for.
    pub(crate) fn text(&mut self, sql: &Sql<'_>, key: Option<&str>) -> (&str, bool) {
        let pieces = sql.pieces();
        if let [only] = pieces {
            return (only, false);
        }
        let hash = hash(pieces);
        let at = self.find(hash, pieces).unwrap_or_else(|| self.remember(hash, sql, key));
        let known = &self.known[at];
        (&known.text, known.is_by_key)
    }

    fn find(&self, hash: usize, pieces: &[&'static str]) -> Option<usize> {
        let mut place = hash;
        loop {
            let at = *self.places.get(place & self.places.len().wrapping_sub(1))? as usize;
            let known = self.known.get(at.wrapping_sub(1))?;
            if known.hash == hash && is_same(&known.pieces, pieces) {
                return Some(at - 1);
            }
            place = place.wrapping_add(1);
        }
    }

    #[cold]
    fn remember(&mut self, hash: usize, sql: &Sql<'_>, key: Option<&str>) -> usize {
        if self.count > REMEMBERED {
            *self = Self::default();
        }
        let pieces = sql.pieces();
        self.count += pieces.len();
        let is_by_key = matches!(
            pieces,
            [_, " WHERE ", condition] if key == Some(condition)
        );
        self.known.push(Known { hash, pieces: pieces.into(), text: sql.text().into(), is_by_key });
        // At least half of the places are free, so that a search comes to an end soon.
        if self.known.len() * 2 > self.places.len() {
            self.places = vec![0; (self.places.len() * 2).max(PLACES)];
            (0..self.known.len()).for_each(|at| self.place(at));
        } else {
            self.place(self.known.len() - 1);
        }
        self.known.len() - 1
    }

    /// Notes where a statement is found.
    fn place(&mut self, at: usize) {
        let last = self.places.len() - 1;
        let mut place = self.known[at].hash & last;
        while self.places[place] != 0 {
            place = (place + 1) & last;
        }
        self.places[place] =
            u32::try_from(at + 1).expect("there are fewer statements than remembered pieces");
    }
}

fn is_same(left: &[&'static str], right: &[&'static str]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| std::ptr::eq(*left, *right))
}

/// Addresses are as good as random in their middle bits, which a multiplication spreads upwards.
fn hash(pieces: &[&'static str]) -> usize {
    let mixed = pieces.iter().fold(0, |mixed: u64, piece| mixed.rotate_left(5) ^ piece.as_ptr() as u64);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 32] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
        "u", "v", "w", "x", "y", "z", "A", "B", "C", "D", "E", "F",
    ];

    fn statement(pieces: &[&'static str]) -> Sql<'static> {
        let mut sql = Sql::new();
        pieces.iter().for_each(|piece| sql.piece(piece));
        sql
    }

    #[test]
    fn each_of_many_statements_is_found_again() {
        let mut texts = Texts::default();
        for _ in 0..2 {
            for left in WORDS {
                for right in WORDS {
                    let sql = statement(&[left, right, left]);
                    assert_eq!(texts.text(&sql, None).0, format!("{left}{right}{left}"));
                }
            }
            assert_eq!(texts.known.len(), WORDS.len() * WORDS.len());
        }
    }

    #[test]
    fn texts_are_forgotten_before_they_fill_the_memory() {
        let mut texts = Texts::default();
        for length in 2..1_000 {
            let sql = statement(&vec![WORDS[length % 32]; length]);
            assert_eq!(texts.text(&sql, None).0.len(), length);
        }
        assert!(texts.count <= REMEMBERED + 1_000, "{} pieces are remembered", texts.count);
        assert!(texts.known.len() < 998, "nothing was forgotten");
    }
}
