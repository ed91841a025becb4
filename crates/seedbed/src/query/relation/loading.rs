//! A query whose rows come with what belongs to them.

use std::fmt;

use super::Relation;
use crate::connection::Connection;
use crate::error::Error;
use crate::query::scope::{Append, Closed};
use crate::query::select::Select;
use crate::query::selection::Project;

/// A query and the relations that are loaded for its rows.
#[must_use = "a query does nothing until it is run: `.all(&db)`"]
pub struct Loading<'q, S, P, L> {
    select: Select<'q, S, P>,
    relations: L,
}

impl<'q, S, P: Project<S>> Select<'q, S, P> {
    /// Loads what belongs to the rows, by one more statement for all of them: each row becomes a tuple of it and what
    /// was found for it. See [`has_many`](super::has_many) and [`belongs_to`](super::belongs_to).
    ///
    /// The rows are whole rows of a table: a query with joins selects one by [`all_of`](crate::query::all_of).
    pub fn load<R: Relation<P::Out>>(self, relation: R) -> Loading<'q, S, P, (R,)> {
        Loading { select: self, relations: (relation,) }
    }
}

impl<'q, S, P: Project<S>, L> Loading<'q, S, P, L> {
    /// Loads one more relation, which goes to the end of the tuple.
    pub fn load<R: Relation<P::Out>>(self, relation: R) -> Loading<'q, S, P, L::Longer>
    where
        L: Append<R>,
    {
        Loading { select: self.select, relations: self.relations.append(relation) }
    }
}

impl<S: Closed, P: Project<S>, L: Loads<P::Out>> Loading<'_, S, P, L> {
    /// Runs the query and returns all rows with what belongs to them, all of it from one state of the database.
    ///
    /// # Errors
    ///
    /// When SQLite refuses a statement, a value does not fit what it is read into, or a row refers to one that is not there.
    pub fn all(self, db: &Connection) -> Result<Vec<L::Out>, Error> {
        db.all_or_none(|| {
            let rows = self.select.all(db)?;
            self.relations.attach(rows, db)
        })
    }

    /// Runs the query and returns its only row.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all); when there is no row ([`Error::is_not_found`]) or more than one.
    pub fn one(self, db: &Connection) -> Result<L::Out, Error> {
        self.optional(db)?.ok_or_else(Error::not_found)
    }

    /// Runs the query and returns its only row, if there is one.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all), and when there is more than one row.
    pub fn optional(self, db: &Connection) -> Result<Option<L::Out>, Error> {
        let Self { select, relations } = self;
        db.all_or_none(|| attach_one(relations, select.optional(db)?, db))
    }

    /// Runs the query and returns the first row, if there is one.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all).
    pub fn first(self, db: &Connection) -> Result<Option<L::Out>, Error> {
        let Self { select, relations } = self;
        db.all_or_none(|| attach_one(relations, select.first(db)?, db))
    }
}

fn attach_one<T, L: Loads<T>>(
    relations: L,
    row: Option<T>,
    db: &Connection,
) -> Result<Option<L::Out>, Error> {
    Ok(relations.attach(row.into_iter().collect(), db)?.pop())
}

impl<S, P, L> fmt::Debug for Loading<'_, S, P, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.select.fmt(f)
    }
}

/// Relations that are loaded for rows of `T`, beside each other.
pub trait Loads<T> {
    /// A row with what was found: the row itself where there are no relations.
    type Out;
    /// Whether there are no relations.
    const IS_EMPTY: bool = false;

    /// Returns a row as it is where there are no relations.
    fn alone(_: T) -> Option<Self::Out> {
        None
    }

    /// Loads them and puts them behind the rows.
    ///
    /// # Errors
    ///
    /// When a relation cannot be loaded.
    fn attach(self, rows: Vec<T>, db: &Connection) -> Result<Vec<Self::Out>, Error>;
}

impl<T> Loads<T> for () {
    type Out = T;
    const IS_EMPTY: bool = true;

    #[inline]
    fn alone(row: T) -> Option<T> {
        Some(row)
    }

    fn attach(self, rows: Vec<T>, _: &Connection) -> Result<Vec<T>, Error> {
        Ok(rows)
    }
}

macro_rules! loads {
    ($($name:ident),+) => {
        impl<Row, $($name: Relation<Row>),+> Loads<Row> for ($($name,)+) {
            type Out = (Row, $($name::Out),+);

            #[expect(non_snake_case, reason = "a value is named as its type")]
            fn attach(self, rows: Vec<Row>, db: &Connection) -> Result<Vec<Self::Out>, Error> {
                let ($($name,)+) = self;
                $(let mut $name = $name.load_for(&rows, db)?.into_iter();)+
                // Every relation has something for every row.
                Ok(rows.into_iter().map_while(|row| Some((row, $($name.next()?),+))).collect())
            }
        }
    };
}

loads!(A);
loads!(A, B);
loads!(A, B, C);
loads!(A, B, C, D);
loads!(A, B, C, D, E);
loads!(A, B, C, D, E, F);
loads!(A, B, C, D, E, F, G);
