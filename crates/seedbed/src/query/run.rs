//! Running a statement: its text found, its values bound, its rows read.

use rusqlite::CachedStatement;

use super::insert::Binder;
use super::sql::Sql;
use crate::connection::Connection;
use crate::db_type::DbType;
use crate::error::Error;
use crate::row::Row;
use crate::transaction;
use crate::value::Value;

/// The values of a statement, bound one after the other.
pub(crate) struct Bindings<'s, 'c> {
    statement: &'s mut CachedStatement<'c>,
    at: usize,
    fault: Option<rusqlite::Error>,
}

impl Bindings<'_, '_> {
    /// Binds the next value; the first refusal is told at the end.
    #[inline]
    pub(crate) fn bind(&mut self, value: Value<'_>) {
        self.at += 1;
        if let Err(error) = self.statement.raw_bind_parameter(self.at, value) {
            self.fault.get_or_insert(error);
        }
    }
}

impl<'a> Binder<'a> for Bindings<'_, '_> {
    #[inline]
    fn bind(&mut self, value: Value<'a>) {
        Bindings::bind(self, value);
    }
}

/// Adds the way out to what SQLite says of a name that it does not know.
#[cold]
fn refused(error: rusqlite::Error) -> Error {
    let is_missing = error.to_string().starts_with("no such table: ");
    let error = Error::from(error);
    if is_missing {
        error.with_hint(
            "the query of a record is given by `.with::<Record>(…)` in the statement that reads from it, a table is made by a migration",
        )
    } else {
        error
    }
}

/// Binds the values of a statement.
#[inline]
fn bind(statement: &mut CachedStatement<'_>, sql: &Sql<'_>) -> Result<(), Error> {
    let mut at = 0;
    for values in sql.values() {
        for value in values {
            at += 1;
            statement.raw_bind_parameter(at, value)?;
        }
    }
    Ok(())
}

impl Connection {
    /// Prepares a statement whose clauses are in order, and binds its values.
    fn prepare(&self, sql: &Sql<'_>) -> Result<CachedStatement<'_>, Error> {
        let mut texts = self.texts.borrow_mut();
        let mut statement = self.rusqlite().prepare_cached(texts.text(sql, None).0).map_err(refused)?;
        bind(&mut statement, sql)?;
        Ok(statement)
    }

    /// Runs a statement that yields no rows; returns how many it changed.
    pub(crate) fn change(&self, sql: &Sql<'_>) -> Result<usize, Error> {
        self.watched(
            || sql.text().into(),
            |rows| {
                *rows = self.prepare(sql)?.raw_execute()?;
                Ok(*rows)
            },
        )
    }

    /// Runs a statement of the program's text that yields no rows, with the values that a closure binds.
    pub(crate) fn change_binding(
        &self,
        sql: &'static str,
        bind: impl FnOnce(&mut Bindings<'_, '_>),
    ) -> Result<usize, Error> {
        self.watched(
            || sql.into(),
            |rows| {
                let mut statement = self.rusqlite().prepare_cached(sql)?;
                let mut bindings = Bindings { statement: &mut statement, at: 0, fault: None };
                bind(&mut bindings);
                if let Some(fault) = bindings.fault {
                    return Err(fault.into());
                }
                *rows = statement.raw_execute()?;
                Ok(*rows)
            },
        )
    }

    /// Runs several statements of which all or none take effect.
    pub(crate) fn all_or_none<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        transaction::all_or_none(self, work)
    }

    /// Runs a query and collects its rows.
    pub(crate) fn all_rows<T>(
        &self,
        sql: &Sql<'_>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        self.each_row(sql, |row| {
            items.push(read(row)?);
            Ok::<(), Error>(())
        })?;
        Ok(items)
    }

    /// Runs a query that yields one row or none. `key` is a column that no two rows have in common.
    pub(crate) fn optional_row<T>(
        &self,
        sql: &Sql<'_>,
        key: Option<&str>,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.watched(
            || sql.text().into(),
            |count| {
                let mut texts = self.texts.borrow_mut();
                let (text, is_by_key) = texts.text(sql, key);
                let mut statement = self.rusqlite().prepare_cached(text).map_err(refused)?;
                drop(texts);
                bind(&mut statement, sql)?;
                let mut rows = statement.raw_query();
                let Some(row) = rows.next()? else { return Ok(None) };
                *count = 1;
                let item = read(&Row::new(row))?;
                if !is_by_key && rows.next()?.is_some() {
                    return Err(Error::message("the query returned more than one row"));
                }
                Ok(Some(item))
            },
        )
    }

    /// Runs a query and hands over each row.
    pub(crate) fn each_row<E: From<Error>>(
        &self,
        sql: &Sql<'_>,
        mut each: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.watching().run(
            || sql.text().into(),
            |count| {
                let mut statement = self.noted(self.prepare(sql))?;
                let mut rows = statement.raw_query();
                while let Some(row) = self.noted(rows.next().map_err(Error::from))? {
                    *count += 1;
                    each(&Row::new(row))?;
                }
                Ok(())
            },
        )
    }

    /// Runs a statement with another around it that yields one value.
    pub(crate) fn wrapped<T: DbType>(
        &self,
        before: &'static str,
        inner: Sql<'_>,
        after: &'static str,
    ) -> Result<T, Error> {
        let mut sql = Sql::new();
        sql.piece(before);
        sql.append(inner);
        sql.piece(after);
        self.optional_row(&sql, None, |row| row.get(0))?.ok_or_else(Error::not_found)
    }
}
