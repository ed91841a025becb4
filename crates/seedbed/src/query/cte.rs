//! Queries with a name: WITH, and WITH RECURSIVE.

use super::compound::SameRows;
use super::scope::{Closed, Source};
use super::select::Select;
use super::sql::{Clause, Sql};

/// A struct with `#[derive(Record)]`: the columns of a query that has a name.
pub trait Record: Source {
    /// The columns between parentheses, quoted.
    const COLUMNS: &'static str;
}

impl<'q, S, P> Select<'q, S, P> {
    /// Gives a query the name of a [`Record`](macro@crate::Record), from which this query and its subqueries can read.
    ///
    /// The query has to select the record: `.select(DoomedSelect { id: Node::id })`.
    pub fn with<R: Record>(self, query: impl SameRows<R::Row, R::Row, Scope: Closed> + 'q) -> Self {
        self.named::<R>("WITH ", query.into_query())
    }

    /// The same for a query that may read from itself: `start.union_all(step)`, where `step` reads from the record.
    pub fn with_recursive<R: Record>(self, query: impl SameRows<R::Row, R::Row, Scope: Closed> + 'q) -> Self {
        self.named::<R>("WITH RECURSIVE ", query.into_query())
    }

    fn named<R: Record>(mut self, word: &'static str, query: Sql<'q>) -> Self {
        // RECURSIVE allows recursion and demands none, so that it may stand before all of them.
        let is_first = self.sql.enter(Clause::With);
        if is_first {
            self.sql.piece(word);
        } else {
            self.sql.piece(", ");
            if word.ends_with("RECURSIVE ") {
                self.sql.replace_first(Clause::With, word);
            }
        }
        self.sql.piece(R::ALIAS);
        self.sql.piece(R::COLUMNS);
        self.sql.piece(" AS (");
        self.sql.append(query);
        self.sql.piece(")");
        if is_first {
            self.sql.enter(Clause::WithEnd);
            self.sql.piece(" ");
        }
        self
    }
}
