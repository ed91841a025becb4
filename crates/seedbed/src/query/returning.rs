//! RETURNING: what an INSERT, UPDATE or DELETE says of the rows it touched.

use std::fmt;

use super::scope::From;
use super::selection::Project;
use super::sql::{Clause, Sql};
use crate::connection::Connection;
use crate::error::Error;

/// A statement that changes rows and yields them.
#[must_use = "a statement does nothing until it is run: `.all(&db)`"]
pub struct Returning<'q, P> {
    sql: Sql<'q>,
    more: Vec<Sql<'q>>,
    fault: Option<Error>,
    project: P,
}

impl<'q, P> Returning<'q, P> {
    pub(super) fn new(sql: Sql<'q>, more: Vec<Sql<'q>>, fault: Option<Error>, project: P) -> Self {
        Self { sql, more, fault, project }
    }
}

impl<P: Project<From<()>>> Returning<'_, P> {
    /// Runs the statement and returns a value for every row it touched.
    ///
    /// # Errors
    ///
    /// When SQLite refuses a row, or a value does not fit what it is read into.
    pub fn all(mut self, db: &Connection) -> Result<Vec<P::Out>, Error> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if !self.sql.has(Clause::Verb) {
            return Ok(Vec::new());
        }
        self.sql.put_in_order();
        let project = &self.project;
        if self.more.is_empty() {
            return db.all_rows(&self.sql, |row| project.read(row));
        }
        db.all_or_none(|| {
            let mut all = db.all_rows(&self.sql, |row| project.read(row))?;
            for sql in &mut self.more {
                sql.put_in_order();
                all.append(&mut db.all_rows(sql, |row| project.read(row))?);
            }
            Ok(all)
        })
    }

    /// Runs the statement and returns a value for the only row it touched.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all); when it touched no row ([`Error::is_not_found`]) or more than one: then nothing is undone
    /// outside of a transaction.
    pub fn one(self, db: &Connection) -> Result<P::Out, Error> {
        self.optional(db)?.ok_or_else(Error::not_found)
    }

    /// Runs the statement and returns a value for the only row it touched, if there is one.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all), and when it touched more than one row.
    pub fn optional(self, db: &Connection) -> Result<Option<P::Out>, Error> {
        let mut all = self.all(db)?;
        match all.len() {
            0 | 1 => Ok(all.pop()),
            several => {
                Err(Error::message(format!("the statement touched {several} rows where one was expected")))
            }
        }
    }

    /// Returns the SQL, with a `?` for each value.
    pub fn to_sql(mut self) -> String {
        self.sql.put_in_order();
        self.sql.text()
    }
}

impl<P> fmt::Debug for Returning<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returning").field("sql", &self.sql).finish_non_exhaustive()
    }
}
