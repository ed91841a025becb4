//! Relations: the rows that belong to the rows of a query, one statement for each level.
//!
//! ```text
//! Select::from::<Room>()                       SELECT … FROM rooms                                    (Room,
//!     .load(has_many(Message::room_id)         SELECT … FROM messages WHERE room_id IN (…the ids…)      Vec<(Message,
//!         .load(belongs_to(Message::author_id)))   SELECT … FROM people WHERE id IN (…)                      Person)>)
//! ```
//!
//! A relation is named by the column that is the foreign key, so two keys to one table are two relations. The keys of all
//! rows go into one statement; what it yields is given to the rows by their keys. Rows that have a key in common each get
//! what is found, read once more for each of them, so that nothing has to be `Clone`.

mod key;
mod loading;
mod slots;
mod way;

use std::fmt;
use std::marker::PhantomData;

pub use key::{Field, FieldColumn, ForeignKey, Refers, RefersTo};
pub use loading::{Loading, Loads};
use slots::Slots;
pub use way::{Child, Children, Parent, Way};

use super::expression::{Expression, Fragment, In};
use super::family::Truth;
use super::list::List;
use super::order::SequenceIn;
use super::scope::{Append, From, Source};
use super::sql::{Clause, Sql};
use crate::connection::Connection;
use crate::error::Error;
use crate::value::Value;

/// What belongs to rows over the foreign key `K`: conditions, an order, and the relations of what is found.
///
/// [`has_many`], [`has_one`] and [`belongs_to`] make it.
#[must_use = "a relation does nothing until it is loaded: `Select::from::<…>().load(…)`"]
pub struct Related<'q, K, W, L = ()> {
    key: K,
    /// Conditions and order.
    clauses: Sql<'q>,
    limit: Option<u64>,
    relations: L,
    way: PhantomData<fn() -> W>,
}

/// All rows that refer to a row by this key: a `Vec`, empty when there are none.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(Debug, PartialEq, Table)]
/// #[table(name = "rooms")]
/// pub struct Room {
///     #[column(primary_key)]
///     pub id: i64,
/// }
///
/// #[derive(Debug, PartialEq, Table)]
/// #[table(name = "messages")]
/// pub struct Message {
///     #[column(primary_key)]
///     pub id: i64,
///     #[column(references = Room::id, index)]
///     pub room_id: i64,
///     pub body: String,
/// }
///
/// # fn main() -> Result<(), seedbed::Error> {
/// let db = Connection::open_in_memory()?;
/// db.execute_batch("CREATE TABLE rooms (id INTEGER PRIMARY KEY NOT NULL);
///     CREATE TABLE messages (id INTEGER PRIMARY KEY NOT NULL, room_id INTEGER NOT NULL REFERENCES rooms (id),
///         body TEXT NOT NULL);
///     INSERT INTO rooms VALUES (1), (2);
///     INSERT INTO messages VALUES (1, 1, 'hello'), (2, 1, ''), (3, 1, 'bye')")?;
///
/// let newest = has_many(Message::room_id).filter(Message::body.ne("")).order_by(Message::id.desc()).limit(1);
/// let rooms: Vec<(Room, Vec<Message>)> =
///     Select::from::<Room>().order_by(Room::id).load(newest).all(&db)?;
/// let bye = Message { id: 3, room_id: 1, body: "bye".to_owned() };
/// assert_eq!(rooms, [(Room { id: 1 }, vec![bye]), (Room { id: 2 }, vec![])]);
///
/// let message: (Message, Room) =
///     Select::from::<Message>().filter(Message::id.eq(2)).load(belongs_to(Message::room_id)).one(&db)?;
/// assert_eq!(message.1, Room { id: 1 });
/// # Ok(())
/// # }
/// ```
pub fn has_many<'q, K: ForeignKey>(key: K) -> Related<'q, K, Children> {
    Related::new(key)
}

/// The row that refers to a row by this key, an `Option`: the key is unique, or an order says which one is the first.
pub fn has_one<'q, K: ForeignKey>(key: K) -> Related<'q, K, Child> {
    Related::new(key)
}

/// The row that this key refers to; an `Option` where the key can be NULL, or where a [filter](Related::filter) can leave it out.
pub fn belongs_to<'q, K: ForeignKey>(key: K) -> Related<'q, K, Parent<K::Null>> {
    Related::new(key)
}

impl<'q, K: ForeignKey, W: Way<K>> Related<'q, K, W> {
    fn new(key: K) -> Self {
        Related { key, clauses: Sql::unstarted(), limit: None, relations: (), way: PhantomData }
    }
}

impl<'q, K: ForeignKey, W: Way<K>, L> Related<'q, K, W, L> {
    /// Takes only rows for which the condition holds; several filters all have to hold.
    pub fn filter<E, I>(mut self, condition: E) -> Related<'q, K, W::Filtered, L>
    where
        E: Expression<Family: Truth> + In<From<W::To>, I> + 'q,
    {
        self.clauses.enter(Clause::Where);
        self.clauses.piece(" AND ");
        condition.write(&mut self.clauses);
        self.going_way()
    }

    /// Takes the condition if there is one, for filters that a caller may leave out.
    pub fn filter_option<E, I>(self, condition: Option<E>) -> Related<'q, K, W::Filtered, L>
    where
        E: Expression<Family: Truth> + In<From<W::To>, I> + 'q,
    {
        match condition {
            Some(condition) => self.filter(condition),
            None => self.going_way(),
        }
    }

    /// The same with another way, which what is found goes.
    fn going_way<X>(self) -> Related<'q, K, X, L> {
        let Self { key, clauses, limit, relations, .. } = self;
        Related { key, clauses, limit, relations, way: PhantomData }
    }

    /// Loads what belongs to the rows that are found: each becomes a tuple of it and what was found for it.
    pub fn load<R: Relation<W::To>>(self, relation: R) -> Related<'q, K, W, L::Longer>
    where
        L: Append<R>,
    {
        let Self { key, clauses, limit, relations, .. } = self;
        Related { key, clauses, limit, relations: relations.append(relation), way: PhantomData }
    }

    /// Loads the relation for rows that were read already: as many answers as there are rows, in the same order.
    ///
    /// # Errors
    ///
    /// When SQLite refuses the statement, a value does not fit what it is read into, or a row refers to one that is
    /// not there.
    pub fn load_for(self, rows: &[W::From], db: &Connection) -> Result<Vec<W::Out<L::Out>>, Error>
    where
        L: Loads<W::To>,
    {
        if L::IS_EMPTY { self.run(rows, db) } else { db.all_or_none(|| self.run(rows, db)) }
    }

    fn run(self, rows: &[W::From], db: &Connection) -> Result<Vec<W::Out<L::Out>>, Error>
    where
        L: Loads<W::To>,
    {
        let mut got: Vec<W::Got<L::Out>> = rows.iter().map(|_| W::nothing()).collect();
        if L::IS_EMPTY {
            // The rows go where they belong as they are read.
            self.find(rows, db, |at, row| {
                L::alone(row).into_iter().for_each(|row| W::give(&mut got[at], row))
            })?;
        } else {
            let (mut found, mut positions) = (Vec::new(), Vec::new());
            self.find(rows, db, |at, row| {
                found.push(row);
                positions.push(at);
            })?;
            let loaded = self.relations.attach(found, db)?;
            loaded.into_iter().zip(positions).for_each(|(row, at)| W::give(&mut got[at], row));
        }
        got.into_iter().map(|got| W::all(self.key, got)).collect()
    }

    /// Hands over what belongs to any of the rows, with the position of its row.
    fn find(
        &self,
        rows: &[W::From],
        db: &Connection,
        mut take: impl FnMut(usize, W::To),
    ) -> Result<(), Error> {
        let mut slots = Slots::new(rows.len(), K::PARENT.collation());
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            let key = W::wanted(self.key, row);
            if slots.push(key.clone()) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            return Ok(());
        }
        let column = W::column(self.key);
        for list in List::few(keys) {
            db.each_row(&self.statement(list), |row| {
                for at in slots.rows(row.value_at(column.at)?) {
                    take(at, W::To::read(row, 0)?);
                }
                Ok::<(), Error>(())
            })?;
        }
        Ok(())
    }

    /// Returns the query for the rows that have one of the keys.
    fn statement<'a>(&self, keys: List<'a>) -> Sql<'a>
    where
        'q: 'a,
    {
        let limit = if W::IS_ONE && self.clauses.has(Clause::Order) { Some(1) } else { self.limit };
        let column = W::column(self.key);
        let mut sql = Sql::new();
        sql.piece("SELECT ");
        W::To::write_list(&mut sql);
        if limit.is_some() {
            sql.piece(" FROM (SELECT *, row_number() OVER (PARTITION BY ");
            column.write_as(K::PARENT, &mut sql);
            sql.copy(&self.clauses, Clause::Order);
            sql.piece(") AS \"seedbed_row\"");
        }
        sql.piece(" FROM ");
        sql.piece(W::To::FROM);
        sql.piece(" WHERE ");
        column.write_as(K::PARENT, &mut sql);
        sql.piece(" IN ");
        keys.write(&mut sql);
        sql.copy(&self.clauses, Clause::Where);
        match limit {
            Some(limit) => {
                sql.piece(") AS ");
                sql.piece(W::To::ALIAS);
                sql.piece(" WHERE \"seedbed_row\" <= ");
                sql.value(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
                sql.piece(" ORDER BY \"seedbed_row\"");
            }
            None => sql.copy(&self.clauses, Clause::Order),
        }
        sql
    }

    fn ordered<O: SequenceIn<From<W::To>, I> + 'q, I>(mut self, order: O) -> Self {
        self.clauses.part(Clause::Order, " ORDER BY ", ", ");
        order.write_sequence(&mut self.clauses);
        self
    }
}

impl<'q, K: ForeignKey, L> Related<'q, K, Children, L> {
    /// Orders the rows that each row gets, by an expression or a tuple of them; several calls go on.
    pub fn order_by<O: SequenceIn<From<K::Child>, I> + 'q, I>(self, order: O) -> Self {
        self.ordered(order)
    }

    /// Takes at most so many rows for each row, the first ones of the order.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }
}

impl<'q, K: ForeignKey, L> Related<'q, K, Child, L> {
    /// Takes the first row of this order, an expression or a tuple of them; several calls go on.
    pub fn order_by<O: SequenceIn<From<K::Child>, I> + 'q, I>(self, order: O) -> Self {
        self.ordered(order)
    }
}

impl<K, W, L> fmt::Debug for Related<'_, K, W, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Related")
            .field("clauses", &self.clauses)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// What can be loaded for rows of `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not loaded for rows of `{T}`",
    label = "not a relation of `{T}`",
    note = "`has_many(Child::parent_id)` is loaded for whole rows of the parent, `belongs_to(Child::parent_id)` for whole rows of the child"
)]
pub trait Relation<T> {
    /// What a row gets.
    type Out;

    /// Loads it for all rows: as many answers, in the same order.
    ///
    /// # Errors
    ///
    /// As [`Related::load_for`].
    fn load_for(self, rows: &[T], db: &Connection) -> Result<Vec<Self::Out>, Error>;
}

impl<K: ForeignKey, W: Way<K>, L: Loads<W::To>> Relation<W::From> for Related<'_, K, W, L> {
    type Out = W::Out<L::Out>;

    fn load_for(self, rows: &[W::From], db: &Connection) -> Result<Vec<Self::Out>, Error> {
        self.run(rows, db)
    }
}
