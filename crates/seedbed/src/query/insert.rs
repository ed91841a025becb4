//! INSERT: a row, many at once, what a query yields, and what is to happen when a row is there already.

use std::fmt;
use std::marker::PhantomData;

use super::column::Col;
use super::columns::{Columns, FillsRow, FitsAll};
use super::conflict::Conflicting;
use super::expression::{Fragment, In};
use super::nullness::{Nullable, Nullness};
use super::operand::{Assign, Slot};
use super::returning::Returning;
use super::run::Bindings;
use super::scope::{From, Source};
use super::selection::{Many, Picked, Selection};
use super::sql::{Clause, Sql};
use super::subquery::Query;
use crate::codec::Codec;
use crate::connection::Connection;
use crate::error::Error;
use crate::row::Row;
use crate::value::Value;

/// What can be inserted as a row: a table's struct, or the struct `New…` beside it that has the columns which need a
/// value. The derive implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no row that can be inserted",
    note = "`#[derive(Table)]` makes two: the table's struct itself, and `New…` with the columns that need a value"
)]
pub trait NewRow {
    /// The table.
    type Table: Source;
    /// The texts of the statements that insert it.
    const TEXT: &'static RowText;

    /// Hands over the values of the given columns, in their order.
    fn bind<'a, B: Binder<'a>>(&'a self, binder: &mut B);
}

/// The texts of the statements that insert rows of one kind.
#[derive(Debug)]
pub struct RowText {
    /// The whole statement for a row of defaults.
    pub defaults: &'static str,
    /// The whole statement for one row.
    pub insert: &'static str,
    /// The statement for many rows up to and with VALUES.
    pub many: &'static str,
    /// The places of one of many rows.
    pub places: &'static str,
    /// The start of a statement for a row with more columns: `INSERT INTO "t" ("a", "b"`.
    pub head: &'static str,
    /// Its middle: `) VALUES (?, ?`.
    pub middle: &'static str,
    /// The columns that [`bind`](NewRow::bind) gives, quoted.
    pub given: &'static [&'static str],
    /// The columns that get a value from Rust when nothing else gives one.
    pub filled: &'static [Filled],
}

/// A column with a `default_fn`: its name, quoted, and what makes the value.
pub type Filled = (&'static str, fn() -> Value<'static>);

/// What takes the values of a row.
pub trait Binder<'a> {
    /// Takes the next value.
    fn bind(&mut self, value: Value<'a>);
}

impl<'a> Binder<'a> for Sql<'a> {
    fn bind(&mut self, value: Value<'a>) {
        Self::bind(self, value);
    }
}

/// A row of any type.
trait AnyRow {
    fn bind_into<'a>(&'a self, sql: &mut Sql<'a>);
    fn bind_to(&self, statement: &mut Bindings<'_, '_>);
}

impl<R: NewRow> AnyRow for R {
    fn bind_into<'a>(&'a self, sql: &mut Sql<'a>) {
        self.bind(sql);
    }

    fn bind_to(&self, statement: &mut Bindings<'_, '_>) {
        self.bind(statement);
    }
}

/// An INSERT into the table `T`.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(Debug, PartialEq, Table)]
/// #[table(name = "trees")]
/// pub struct Tree {
///     #[column(primary_key)]
///     pub id: i64,
///     pub name: String,
///     #[column(default = 0.0)]
///     pub height: f64,
///     pub note: Option<String>,
/// }
///
/// # fn main() -> Result<(), seedbed::Error> {
/// let db = Connection::open_in_memory()?;
/// db.execute_batch("CREATE TABLE trees (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
///     height REAL NOT NULL DEFAULT 0.0, note TEXT)")?;
///
/// Insert::row(&NewTree { name: "oak".to_owned() }).set(Tree::note, "old").run(&db)?;
/// let elm = Insert::row(&NewTree { name: "elm".to_owned() }).returning(Tree::id).one(&db)?;
/// assert_eq!(elm, 2);
///
/// Insert::row(&Tree { id: 7, name: "oak".to_owned(), height: 21.5, note: None })
///     .on_conflict(Tree::name)
///     .do_update(|change| change.set(Tree::height, excluded(Tree::height)))
///     .run(&db)?;
/// assert_eq!(Select::from::<Tree>().filter(Tree::name.eq("oak")).select(Tree::height).one(&db)?, 21.5);
/// # Ok(())
/// # }
/// ```
#[must_use = "an INSERT does nothing until it is run: `.run(&db)`"]
pub struct Insert<'q, T> {
    sql: Sql<'q>,
    row: Option<OneRow<'q>>,
    /// Statements that follow this one, because one cannot have so many values.
    more: Vec<Sql<'q>>,
    pub(super) fault: Option<Error>,
    table: PhantomData<fn() -> T>,
}

/// A statement for one row that is not written yet, because columns can still be added.
struct OneRow<'q> {
    row: &'q dyn AnyRow,
    text: &'static RowText,
    /// The columns that were set beside the row's own.
    set: Vec<&'static str>,
}

/// How many values the rows of one statement have at most. SQLite takes 32,766, and some are left for ON CONFLICT.
const MOST_VALUES: usize = 32_000;

impl Insert<'static, ()> {
    /// Inserts one row.
    #[inline]
    pub fn row<R: NewRow>(row: &R) -> Insert<'_, R::Table> {
        Insert { row: Some(OneRow { row, text: R::TEXT, set: Vec::new() }), ..Insert::with(Sql::unstarted()) }
    }

    /// Inserts many rows in one statement, all or none of them; nothing when there is none.
    pub fn rows<'q, R: NewRow + 'q>(rows: impl IntoIterator<Item = &'q R>) -> Insert<'q, R::Table> {
        let text = R::TEXT;
        let columns = (text.given.len() + text.filled.len()).max(1);
        let most = MOST_VALUES / columns;
        let mut statements: Vec<Sql<'q>> = Vec::new();
        let mut count = most;
        for row in rows {
            if count == most {
                let mut sql = Sql::new();
                sql.enter(Clause::Verb);
                sql.piece(text.many);
                statements.push(sql);
                count = 0;
            }
            let Some(sql) = statements.last_mut() else { continue };
            sql.piece(if count == 0 { "" } else { ", " });
            sql.piece(text.places);
            row.bind(sql);
            text.filled.iter().for_each(|(_, make)| sql.bind(make()));
            count += 1;
        }
        let mut statements = statements.into_iter();
        let first = statements.next().unwrap_or_else(Sql::unstarted);
        Insert { more: statements.collect(), ..Insert::with(first) }
    }

    /// Inserts a row of nothing but defaults.
    pub fn defaults<'q, T: NewRow<Table = T> + Source>() -> Insert<'q, T> {
        let mut sql = Sql::new();
        sql.enter(Clause::Verb);
        sql.piece(T::TEXT.defaults);
        Insert::with(sql)
    }

    /// Inserts what a query yields into these columns, a tuple of them.
    ///
    /// ```
    /// # use seedbed::prelude::*;
    /// # #[derive(Table)]
    /// # #[table(name = "trees")]
    /// # struct Tree { #[column(primary_key)] id: i64, name: String }
    /// # #[derive(Table)]
    /// # #[table(name = "names")]
    /// # struct Name { #[column(primary_key)] id: i64, name: String, tree: Option<i64> }
    /// let names = Select::from::<Tree>().select((Tree::name, Tree::id));
    /// let insert = Insert::query((Name::name, Name::tree), names);
    /// # assert!(insert.to_sql().starts_with(r#"INSERT INTO "names" ("name", "tree") SELECT"#));
    /// ```
    pub fn query<'q, T, C, Q>(columns: C, query: Q) -> Insert<'q, T>
    where
        T: Source,
        C: Columns<T>,
        Q: Query<Out: FillsRow<C::Row>, Stored: FitsAll<C::Stored>, Scope: super::scope::Closed> + 'q,
    {
        let mut sql = Sql::new();
        sql.enter(Clause::Verb);
        sql.piece("INSERT INTO ");
        sql.piece(T::FROM);
        sql.piece(" (");
        columns.write_names(&mut sql);
        sql.piece(") ");
        let query = query.into_query();
        // SQLite takes the ON of ON CONFLICT for that of a join when it follows the FROM of a query at once.
        let may_end_with_from = [Clause::Where, Clause::Group, Clause::Having, Clause::Order, Clause::Limit]
            .iter()
            .all(|clause| !query.has(*clause));
        let is_compound = query.has(Clause::Compound);
        sql.piece(if is_compound { "SELECT * FROM (" } else { "" });
        sql.append(query);
        sql.piece(match (is_compound, may_end_with_from) {
            (true, _) => ") WHERE true",
            (false, true) => " WHERE true",
            (false, false) => "",
        });
        Insert::with(sql)
    }
}

impl<'q, T> Insert<'q, T> {
    #[inline]
    fn with(sql: Sql<'q>) -> Self {
        Self { sql, row: None, more: Vec::new(), fault: None, table: PhantomData }
    }
}

impl<'q, T: Source> Insert<'q, T> {
    /// Gives one more column a value.
    pub fn set<V, N, C, L, A, I>(mut self, column: Col<T, V, N, C, L>, value: A) -> Self
    where
        N: Nullness,
        C: Codec<V>,
        A: Assign<Slot<C::Family, N>, Out: In<(), I>>,
        A::Out: 'q,
    {
        if self.begin_set(column.name()) {
            value.assigned().write(&mut self.sql);
        }
        self
    }

    /// Gives one more column NULL, whatever its default is.
    pub fn set_null<V, C, L>(mut self, column: Col<T, V, Nullable, C, L>) -> Self {
        if self.begin_set(column.name()) {
            self.sql.piece("NULL");
        }
        self
    }

    /// Gives one more column a value if there is one; otherwise it takes its default.
    pub fn set_option<V, N, C, L, A, I>(self, column: Col<T, V, N, C, L>, value: Option<A>) -> Self
    where
        N: Nullness,
        C: Codec<V>,
        A: Assign<Slot<C::Family, N>, Out: In<(), I>>,
        A::Out: 'q,
    {
        match value {
            Some(value) => self.set(column, value),
            None => self,
        }
    }

    /// Writes the name of a column whose value comes next, unless it cannot have one.
    fn begin_set(&mut self, name: &'static str) -> bool {
        let Some(row) = &mut self.row else {
            self.fault =
                Some(Error::message(format!("the column {name} is set on an INSERT that is not of one row")));
            return false;
        };
        if row.text.given.contains(&name) || row.set.contains(&name) {
            self.fault = Some(Error::message(format!("the column {name} of {} is given twice", T::FROM)));
            return false;
        }
        let is_first = row.set.is_empty();
        row.set.push(name);
        let comma = if is_first && row.text.given.is_empty() { "" } else { ", " };
        let (head, middle) = if is_first { (row.text.head, row.text.middle) } else { ("", "") };
        if is_first {
            self.sql.enter(Clause::Verb);
            row.row.bind_into(&mut self.sql);
        }
        self.sql.enter(Clause::Verb);
        self.sql.piece(head);
        self.sql.piece(comma);
        self.sql.piece(name);
        self.sql.enter(Clause::List);
        self.sql.piece(middle);
        self.sql.piece(comma);
        true
    }

    /// Says which columns hold what may be there already: those of a primary key, a UNIQUE constraint or a unique index.
    pub fn on_conflict<K: Columns<T>>(mut self, columns: K) -> Conflicting<'q, T> {
        for sql in self.statements() {
            sql.enter(Clause::Conflict);
            sql.piece(" ON CONFLICT (");
            columns.write_names(sql);
            sql.piece(")");
        }
        Conflicting { insert: self }
    }

    /// Leaves out rows that are there already, whatever is unique in them.
    pub fn or_ignore(mut self) -> Self {
        for sql in self.statements() {
            sql.enter(Clause::Conflict);
            sql.piece(" ON CONFLICT DO NOTHING");
        }
        self
    }

    /// Returns an expression of every row that was inserted, or a tuple of them.
    pub fn returning<E, I>(mut self, selection: E) -> Returning<'q, Picked<E::Out, E::Kind>>
    where
        E: Selection<From<T>, I> + Clone + 'q,
    {
        self.complete();
        for sql in self.statements() {
            sql.enter(Clause::Returning);
            sql.piece(" RETURNING ");
            selection.clone().write_selection(sql);
        }
        Returning::new(self.sql, self.more, self.fault, Picked::new(E::read))
    }

    /// All statements: more than one only where one cannot have so many values.
    pub(super) fn statements(&mut self) -> impl Iterator<Item = &mut Sql<'q>> {
        let has_rows = self.row.is_some() || self.sql.has(Clause::Verb);
        std::iter::once(&mut self.sql).filter(move |_| has_rows).chain(&mut self.more)
    }

    /// Writes what was left open while columns could still be added.
    fn complete(&mut self) {
        let Some(OneRow { row, text, set }) = self.row.take() else { return };
        if set.is_empty() {
            self.sql.enter(Clause::Verb);
            self.sql.piece(text.insert);
            row.bind_into(&mut self.sql);
            text.filled.iter().for_each(|(_, make)| self.sql.bind(make()));
            return;
        }
        for (name, make) in text.filled.iter().filter(|(name, _)| !set.contains(name)) {
            self.sql.enter(Clause::Verb);
            self.sql.piece(", ");
            self.sql.piece(name);
            self.sql.enter(Clause::List);
            self.sql.piece(", ");
            self.sql.value(make());
        }
        self.sql.enter(Clause::List);
        self.sql.piece(")");
    }

    /// Runs the INSERT and returns how many rows it inserted or changed.
    ///
    /// # Errors
    ///
    /// When SQLite refuses a row ([`Error::is_unique_violation`] and its sisters), or a column was given twice.
    #[inline]
    pub fn run(self, db: &Connection) -> Result<usize, Error> {
        if let Some(OneRow { row, text, set }) = &self.row
            && set.is_empty()
            && self.sql.is_unstarted()
            && self.fault.is_none()
        {
            // The most frequent INSERT by far: its text is known, and the values need no list.
            let (row, text) = (*row, *text);
            // Nothing was given so far, so nothing is to be freed; dropping it would ask every list.
            std::mem::forget(self);
            return db.change_binding(text.insert, |bindings| {
                row.bind_to(bindings);
                text.filled.iter().for_each(|(_, make)| bindings.bind(make()));
            });
        }
        self.run_written(db)
    }

    fn run_written(mut self, db: &Connection) -> Result<usize, Error> {
        self.complete();
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if !self.sql.has(Clause::Verb) {
            return Ok(0);
        }
        self.sql.put_in_order();
        if self.more.is_empty() {
            return db.change(&self.sql);
        }
        db.all_or_none(|| {
            let mut changed = db.change(&self.sql)?;
            for sql in &mut self.more {
                sql.put_in_order();
                changed += db.change(sql)?;
            }
            Ok(changed)
        })
    }

    /// Runs the INSERT of a row and returns its rowid, which is the value of an `INTEGER PRIMARY KEY`: that of the row that
    /// was there where ON CONFLICT changed it, and that of the last one where there are several.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); when no row was inserted or changed ([`Error::is_not_found`]).
    pub fn run_for_rowid(mut self, db: &Connection) -> Result<i64, Error> {
        if !self.sql.has(Clause::Conflict) {
            return if self.run(db)? == 0 { Err(Error::not_found()) } else { Ok(db.last_insert_rowid()) };
        }
        // SQLite remembers the last rowid that it gave, and a row that was there has none of this statement.
        self.complete();
        for sql in self.statements() {
            sql.enter(Clause::Returning);
            sql.piece(" RETURNING rowid");
        }
        let read = |row: &Row<'_>, at: usize| row.get::<i64>(at);
        let project: Picked<i64, Many<()>> = Picked::new(read);
        let mut rowids = Returning::new(self.sql, self.more, self.fault, project).all(db)?;
        rowids.pop().ok_or_else(Error::not_found)
    }

    /// Returns the SQL, with a `?` for each value.
    pub fn to_sql(mut self) -> String {
        self.complete();
        self.sql.put_in_order();
        self.sql.text()
    }
}

impl<T> fmt::Debug for Insert<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Insert").field("sql", &self.sql).finish_non_exhaustive()
    }
}
