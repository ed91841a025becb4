//! Running a statement: its text found, its values bound, its rows read.

use rusqlite::CachedStatement;

use super::sql::Sql;
use crate::connection::Connection;
use crate::db_type::DbType;
use crate::error::Error;
use crate::row::Row;
use crate::transaction;

impl Connection {
    /// Prepares a statement whose clauses are in order, and binds its values.
    fn prepare(&self, sql: &Sql<'_>) -> Result<CachedStatement<'_>, Error> {
        let mut texts = self.texts.borrow_mut();
        let mut statement = self.rusqlite().prepare_cached(texts.text(sql))?;
        for (at, value) in sql.values().iter().enumerate() {
            statement.raw_bind_parameter(at + 1, value)?;
        }
        Ok(statement)
    }

    /// Runs a statement that yields no rows; returns how many it changed.
    pub(crate) fn change(&self, sql: &Sql<'_>) -> Result<usize, Error> {
        self.watched(|| Ok(self.prepare(sql)?.raw_execute()?))
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

    /// Runs a query that yields one row or none.
    pub(crate) fn optional_row<T>(
        &self,
        sql: &Sql<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.watched(|| {
            let mut statement = self.prepare(sql)?;
            let mut rows = statement.raw_query();
            let Some(row) = rows.next()? else { return Ok(None) };
            let item = read(&Row::new(row))?;
            if rows.next()?.is_some() {
                return Err(Error::message("the query returned more than one row"));
            }
            Ok(Some(item))
        })
    }

    /// Runs a query and hands over each row.
    pub(crate) fn each_row<E: From<Error>>(
        &self,
        sql: &Sql<'_>,
        mut each: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.watched(|| self.prepare(sql))?;
        let mut rows = statement.raw_query();
        while let Some(row) = self.watched(|| Ok(rows.next()?))? {
            each(&Row::new(row))?;
        }
        Ok(())
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
        self.optional_row(&sql, |row| row.get(0))?.ok_or_else(Error::not_found)
    }
}
