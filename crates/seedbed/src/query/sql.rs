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

#[derive(Debug, Default)]
struct Buffers<'a> {
    pieces: Vec<&'static str>,
    values: Vec<Value<'a>>,
    runs: Vec<Run>,
}

thread_local! {
    /// Buffers that are not in use, with the space that they once took.
    static SPARE: RefCell<Vec<Buffers<'static>>> = const { RefCell::new(Vec::new()) };
}

/// How many buffers a thread keeps; a statement with subqueries needs one for each.
const SPARE_BUFFERS: usize = 16;

/// How many pieces or values a kept buffer has room for at most; an INSERT of thousands of rows is rare enough.
const SPARE_SPACE: usize = 4096;

/// A statement that is being made.
pub struct Sql<'a> {
    buffers: Buffers<'a>,
    seen: u32,
    is_in_order: bool,
}

impl<'a> Sql<'a> {
    pub(crate) fn new() -> Self {
        // At the end of a thread the buffers are gone before the last statement may be.
        let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
        let buffers = spare.ok().flatten().unwrap_or_default();
        Self { buffers, seen: 0, is_in_order: true }
    }

    /// A statement of which nothing is there yet, and perhaps never will be.
    pub(crate) fn unstarted() -> Self {
        Self {
            buffers: Buffers { pieces: Vec::new(), values: Vec::new(), runs: Vec::new() },
            seen: 0,
            is_in_order: true,
        }
    }

    /// Whether nothing was given so far.
    pub(crate) fn is_unstarted(&self) -> bool {
        self.seen == 0
    }

    /// Goes on in a clause; says whether it begins here.
    #[inline]
    pub(crate) fn enter(&mut self, clause: Clause) -> bool {
        let bit = 1 << clause as u32;
        // Nothing was given so far of this clause, nor of one behind it.
        if self.seen < bit && self.buffers.pieces.capacity() != 0 {
            self.begin(clause);
            return true;
        }
        self.enter_again(clause)
    }

    #[inline]
    fn begin(&mut self, clause: Clause) {
        self.seen |= 1 << clause as u32;
        let run = Run { clause, pieces: self.buffers.pieces.len(), values: self.buffers.values.len() };
        self.buffers.runs.push(run);
    }

    /// Goes on in a clause, or begins one before others, or the statement.
    fn enter_again(&mut self, clause: Clause) -> bool {
        if self.seen == 0 && self.buffers.pieces.capacity() == 0 {
            *self = Self::new();
        }
        let is_new = !self.has(clause);
        if self.buffers.runs.last().map(|run| run.clause) != Some(clause) {
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
        self.buffers
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
        self.buffers.pieces.clear();
        self.buffers.runs.clear();
        self.seen = 0;
    }

    /// Puts another piece in place of the first one of a clause.
    pub(crate) fn replace_first(&mut self, clause: Clause, piece: &'static str) {
        if let Some(run) = self.buffers.runs.iter().find(|run| run.clause == clause) {
            self.buffers.pieces[run.pieces] = piece;
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
            self.buffers.pieces.push(piece);
        }
    }

    /// Appends a place for a value, and the value.
    #[inline]
    pub fn value(&mut self, value: Value<'a>) {
        self.buffers.pieces.push("?");
        self.bind(value);
    }

    /// Appends a value whose place is in a piece already.
    #[inline]
    pub fn bind(&mut self, value: Value<'a>) {
        self.buffers.values.push(value);
    }

    /// Appends a whole statement, as a subquery.
    pub(crate) fn append(&mut self, mut other: Self) {
        other.put_in_order();
        self.buffers.pieces.append(&mut other.buffers.pieces);
        self.buffers.values.append(&mut other.buffers.values);
    }

    /// Appends what was given of a clause of another statement, which keeps it.
    pub(crate) fn copy(&mut self, other: &Self, clause: Clause) {
        let from = &other.buffers;
        for (at, run) in from.runs.iter().enumerate().filter(|(_, run)| run.clause == clause) {
            let next = from.runs.get(at + 1);
            let pieces = next.map_or(from.pieces.len(), |next| next.pieces);
            let values = next.map_or(from.values.len(), |next| next.values);
            self.buffers.pieces.extend_from_slice(&from.pieces[run.pieces..pieces]);
            self.buffers.values.extend_from_slice(&from.values[run.values..values]);
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
            for at in 0..self.buffers.runs.len() {
                ordered.take_run(&mut self.buffers, clause, at);
            }
        }
        std::mem::swap(self, &mut ordered);
    }

    fn take_run(&mut self, from: &mut Buffers<'a>, clause: Clause, at: usize) {
        let (run, next) = (from.runs[at], from.runs.get(at + 1));
        if run.clause != clause {
            return;
        }
        let pieces = next.map_or(from.pieces.len(), |next| next.pieces);
        let values = next.map_or(from.values.len(), |next| next.values);
        self.buffers.pieces.extend_from_slice(&from.pieces[run.pieces..pieces]);
        let taken = from.values[run.values..values].iter_mut();
        self.buffers.values.extend(taken.map(|value| std::mem::replace(value, Value::Null)));
    }

    pub(crate) fn pieces(&self) -> &[&'static str] {
        &self.buffers.pieces
    }

    pub(crate) fn values(&self) -> &[Value<'a>] {
        &self.buffers.values
    }

    /// Returns the text, with a `?` for each value.
    pub(crate) fn text(&self) -> String {
        self.buffers.pieces.concat()
    }
}

impl Clone for Sql<'_> {
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        (copy.seen, copy.is_in_order) = (self.seen, self.is_in_order);
        copy.buffers.pieces.extend_from_slice(&self.buffers.pieces);
        copy.buffers.values.extend_from_slice(&self.buffers.values);
        copy.buffers.runs.extend_from_slice(&self.buffers.runs);
        copy
    }
}

impl fmt::Debug for Sql<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.text(), self.buffers.values)
    }
}

impl Drop for Sql<'_> {
    fn drop(&mut self) {
        let Buffers { mut pieces, mut values, mut runs } = std::mem::take(&mut self.buffers);
        if pieces.capacity() == 0 || pieces.capacity().max(values.capacity()) > SPARE_SPACE {
            return;
        }
        pieces.clear();
        values.clear();
        runs.clear();
        // Nothing borrowed is left in it, so that the same memory can be a list of other borrows; the standard library
        // collects in place.
        let values = values.into_iter().map(|value| value.into_owned()).collect();
        let buffers = Buffers { pieces, values, runs };
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARE_BUFFERS {
                spare.push(buffers);
            }
        });
    }
}
