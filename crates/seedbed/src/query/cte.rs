//! Queries with a name: WITH, and WITH RECURSIVE.

use super::change::{Delete, Update};
use super::compound::SameRows;
use super::scope::{Closed, Source};
use super::select::Select;
use super::sql::{Clause, Sql};

/// A struct with `#[derive(Record)]`: the columns of a query that has a name.
pub trait Record: Source {
    /// The columns between parentheses, quoted.
    const COLUMNS: &'static str;
}

/// The methods that give a query a name, on a statement that holds its text as `self.sql`.
macro_rules! names_queries {
    ([$($generics:tt)*] $statement:ty) => {
        impl<$($generics)*> $statement {
            /// Gives a query the name of a [`Record`](macro@crate::Record), from which this statement and its subqueries can
            /// read.
            ///
            /// The query has to select the record: `.select(DoomedSelect { id: Node::id })`.
            pub fn with<R: Record>(mut self, query: impl SameRows<R::Row, R::Row, Scope: Closed> + 'q) -> Self {
                name_query::<R>(&mut self.sql, "WITH ", query.into_query());
                self
            }

            /// The same for a query that may read from itself: `start.union_all(step)`, where `step` reads from the record.
            pub fn with_recursive<R: Record>(
                mut self,
                query: impl SameRows<R::Row, R::Row, Scope: Closed> + 'q,
            ) -> Self {
                name_query::<R>(&mut self.sql, "WITH RECURSIVE ", query.into_query());
                self
            }
        }
    };
}

names_queries!(['q, S, P] Select<'q, S, P>);
names_queries!(['q, T: Source, S, F] Update<'q, T, S, F>);
names_queries!(['q, T: Source, F] Delete<'q, T, F>);

fn name_query<'q, R: Record>(sql: &mut Sql<'q>, word: &'static str, query: Sql<'q>) {
    // RECURSIVE allows recursion and demands none, so that it may stand before all of them.
    let is_first = sql.enter(Clause::With);
    if is_first {
        sql.piece(word);
    } else {
        sql.piece(", ");
        if word.ends_with("RECURSIVE ") {
            sql.replace_first(Clause::With, word);
        }
    }
    sql.piece(R::ALIAS);
    sql.piece(R::COLUMNS);
    sql.piece(" AS (");
    sql.append(query);
    sql.piece(")");
    if is_first {
        sql.enter(Clause::WithEnd);
        sql.piece(" ");
    }
}
