//! The text of a statement while it is made: pieces of program text, and the values that are bound to it.
//!
//! ```text
//! Select::from::<Node>().filter(Node::title.eq(&title))
//!     pieces   "SELECT " "\"nodes\".\"id\", …" " FROM " "\"nodes\"" " WHERE " "(" "\"nodes\".\"title\"" " = " "?" ")"
//!     values   title
//! ```
//!
//! A piece is a `&'static str`, so that nothing a user has typed can become one. The list of their addresses is what a
//! connection knows a statement by, and joins them only when it has not met the list before (see
//! [`texts`](super::texts)): a query that was asked before allocates nothing for its text.
//!
//! Clauses may be given in any order; each run of pieces knows its clause, and they are put in order at the end.

use std::cell::RefCell;
use std::fmt;

use super::bound::{Bound, SPARE_LISTS, SPARE_SPACE};
use crate::value::Value;

/// The parts of a statement, in the order in which SQL wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Clause {
    With,
    /// What stands between WITH and SELECT.
    WithEnd,
    /// Verb, List and From of a query for the whole rows of one source, in one piece.
    Start,
    /// SELECT, INSERT INTO, UPDATE, DELETE FROM.
    Verb,
    /// What is selected, or inserted.
    List,
    Set,
    From,
    Where,
    Group,
    Having,
    Compound,
    Order,
    Limit,
    Conflict,
    ConflictSet,
    ConflictWhere,
    Returning,
    /// What was taken back.
    Discarded,
}

/// The clauses that are part of a statement, in order.
const IN_ORDER: [Clause; 17] = [
    Clause::With,
    Clause::WithEnd,
    Clause::Start,
    Clause::Verb,
    Clause::List,
    Clause::Set,
    Clause::From,
    Clause::Where,
    Clause::Group,
    Clause::Having,
    Clause::Compound,
    Clause::Order,
    Clause::Limit,
    Clause::Conflict,
    Clause::ConflictSet,
    Clause::ConflictWhere,
    Clause::Returning,
];

/// Where a clause begins.
#[derive(Debug, Clone, Copy)]
struct Run {
    clause: Clause,
    pieces: usize,
    values: usize,
}

/// The lists of a statement's text.
#[derive(Debug, Default)]
struct Parts {
    pieces: Vec<&'static str>,
    runs: Vec<Run>,
}

thread_local! {
    /// Lists that are not in use, with the space that they once took.
    static SPARE: RefCell<Vec<Parts>> = const { RefCell::new(Vec::new()) };
}

/// A statement that is being made.
pub struct Sql<'a> {
    parts: Parts,
    values: Bound<'a>,
    seen: u32,
    is_in_order: bool,
}

impl<'a> Sql<'a> {
    #[inline]
    pub(crate) fn new() -> Self {
        // At the end of a thread the lists are gone before the last statement may be.
        let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
        let parts = spare.ok().flatten().unwrap_or_default();
        Self { parts, values: Bound::new(), seen: 0, is_in_order: true }
    }

    /// A statement of which nothing is there yet, and perhaps never will be.
    #[inline]
    pub(crate) fn unstarted() -> Self {
        Self {
            parts: Parts { pieces: Vec::new(), runs: Vec::new() },
            values: Bound::new(),
            seen: 0,
            is_in_order: true,
        }
    }

    /// Whether nothing was given so far.
    #[inline]
    pub(crate) fn is_unstarted(&self) -> bool {
        self.seen == 0
    }

    /// Goes on in a clause; says whether it begins here.
    #[inline]
    pub(crate) fn enter(&mut self, clause: Clause) -> bool {
        let bit = 1 << clause as u32;
        // Nothing was given so far of this clause, nor of one behind it.
        if self.seen < bit && self.parts.pieces.capacity() != 0 {
            self.begin(clause);
            return true;
        }
        self.enter_again(clause)
    }

    #[inline]
    fn begin(&mut self, clause: Clause) {
        self.seen |= 1 << clause as u32;
        let run = Run { clause, pieces: self.parts.pieces.len(), values: self.values.len() };
        self.parts.runs.push(run);
    }

    /// Goes on in a clause, or begins one before others, or the statement.
    fn enter_again(&mut self, clause: Clause) -> bool {
        if self.seen == 0 && self.parts.pieces.capacity() == 0 {
            *self = Self::new();
        }
        let is_new = !self.has(clause);
        if self.parts.runs.last().map(|run| run.clause) != Some(clause) {
            self.is_in_order &= self.seen < 1 << clause as u32;
            self.begin(clause);
        }
        is_new
    }

    /// Begins the next part of a clause: with its keyword where it is the first, and with what stands between two otherwise.
    #[inline]
    pub(crate) fn part(&mut self, clause: Clause, keyword: &'static str, between: &'static str) {
        let is_first = self.enter(clause);
        self.piece(if is_first { keyword } else { between });
    }

    /// Takes back what was given of a clause.
    pub(crate) fn discard(&mut self, clause: Clause) {
        if !self.has(clause) {
            return;
        }
        self.parts
            .runs
            .iter_mut()
            .filter(|run| run.clause == clause)
            .for_each(|run| run.clause = Clause::Discarded);
        self.seen &= !(1 << clause as u32);
        self.is_in_order = false;
    }

    /// Takes back the start of a query, which then begins anew where nothing else was given.
    pub(crate) fn discard_start(&mut self) {
        if self.seen != 1 << Clause::Start as u32 {
            return self.discard(Clause::Start);
        }
        self.parts.pieces.clear();
        self.parts.runs.clear();
        self.seen = 0;
    }

    /// Puts another piece in place of the first one of a clause.
    pub(crate) fn replace_first(&mut self, clause: Clause, piece: &'static str) {
        if let Some(run) = self.parts.runs.iter().find(|run| run.clause == clause) {
            self.parts.pieces[run.pieces] = piece;
        }
    }

    /// Whether something of the clause was given.
    #[inline]
    pub(crate) fn has(&self, clause: Clause) -> bool {
        self.seen & (1 << clause as u32) != 0
    }

    /// Appends program text.
    #[inline]
    pub fn piece(&mut self, piece: &'static str) {
        if !piece.is_empty() {
            self.parts.pieces.push(piece);
        }
    }

    /// Appends a place for a value, and the value.
    #[inline]
    pub fn value(&mut self, value: Value<'a>) {
        self.parts.pieces.push("?");
        self.bind(value);
    }

    /// Appends a value whose place is in a piece already.
    #[inline]
    pub fn bind(&mut self, value: Value<'a>) {
        self.values.push(value);
    }

    /// Appends a whole statement, as a subquery.
    pub(crate) fn append(&mut self, mut other: Self) {
        other.put_in_order();
        self.parts.pieces.append(&mut other.parts.pieces);
        (0..other.values.len()).for_each(|at| self.values.push(other.values.take(at)));
    }

    /// Appends what was given of a clause of another statement, which keeps it.
    pub(crate) fn copy(&mut self, other: &Self, clause: Clause) {
        let from = &other.parts;
        for (at, run) in from.runs.iter().enumerate().filter(|(_, run)| run.clause == clause) {
            let next = from.runs.get(at + 1);
            let pieces = next.map_or(from.pieces.len(), |next| next.pieces);
            let values = next.map_or(other.values.len(), |next| next.values);
            self.parts.pieces.extend_from_slice(&from.pieces[run.pieces..pieces]);
            let copied = other.values.iter().take(values).skip(run.values);
            copied.for_each(|value| self.values.push(value.clone()));
        }
    }

    /// Puts the clauses in the order in which SQL wants them.
    #[inline]
    pub(crate) fn put_in_order(&mut self) {
        if !self.is_in_order {
            self.reorder();
        }
    }

    fn reorder(&mut self) {
        let mut ordered = Self::new();
        for clause in IN_ORDER {
            if !self.has(clause) {
                continue;
            }
            ordered.enter(clause);
            for at in 0..self.parts.runs.len() {
                ordered.take_run(self, clause, at);
            }
        }
        std::mem::swap(self, &mut ordered);
    }

    fn take_run(&mut self, from: &mut Self, clause: Clause, at: usize) {
        let (run, next) = (from.parts.runs[at], from.parts.runs.get(at + 1));
        if run.clause != clause {
            return;
        }
        let pieces = next.map_or(from.parts.pieces.len(), |next| next.pieces);
        let values = next.map_or(from.values.len(), |next| next.values);
        self.parts.pieces.extend_from_slice(&from.parts.pieces[run.pieces..pieces]);
        (run.values..values).for_each(|at| self.values.push(from.values.take(at)));
    }

    pub(crate) fn pieces(&self) -> &[&'static str] {
        &self.parts.pieces
    }

    #[inline]
    pub(crate) fn values(&self) -> [&[Value<'a>]; 2] {
        self.values.parts()
    }

    /// Returns the text, with a `?` for each value.
    pub(crate) fn text(&self) -> String {
        self.parts.pieces.concat()
    }
}

impl Clone for Sql<'_> {
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        (copy.seen, copy.is_in_order) = (self.seen, self.is_in_order);
        copy.parts.pieces.extend_from_slice(&self.parts.pieces);
        self.values.iter().for_each(|value| copy.values.push(value.clone()));
        copy.parts.runs.extend_from_slice(&self.parts.runs);
        copy
    }
}

impl fmt::Debug for Sql<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.text())?;
        f.debug_list().entries(self.values.iter()).finish()
    }
}

impl Drop for Sql<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.parts.pieces.capacity() != 0 {
            give_back(std::mem::take(&mut self.parts));
        }
    }
}

fn give_back(mut parts: Parts) {
    if parts.pieces.capacity() > SPARE_SPACE {
        return;
    }
    parts.pieces.clear();
    parts.runs.clear();
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < SPARE_LISTS {
            spare.push(parts);
        }
    });
}
