//! Relations: what belongs to rows, one statement for each level.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use seedbed::prelude::*;
use seedbed::query::{From, all_of};
use seedbed::rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::tables::{Message, Person, chat};

fn people() -> Select<'static, From<Person>> {
    Select::from::<Person>().order_by(Person::id)
}

fn messages() -> Select<'static, From<Message>> {
    Select::from::<Message>().order_by(Message::id)
}

fn ids(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.id).collect()
}

/// Counts the SELECTs that `work` prepares, each time it runs one: nothing is kept prepared meanwhile.
fn selects<T>(db: &mut Connection, work: impl FnOnce(&Connection) -> T) -> (T, usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    db.rusqlite().flush_prepared_statement_cache();
    db.rusqlite().set_prepared_statement_cache_capacity(0);
    let authorize = move |context: AuthContext<'_>| {
        if matches!(context.action, AuthAction::Select) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        Authorization::Allow
    };
    db.rusqlite_mut().authorizer(Some(authorize)).expect("an authorizer can be set");
    let made = work(db);
    db.rusqlite_mut()
        .authorizer(None::<fn(AuthContext<'_>) -> Authorization>)
        .expect("an authorizer can be set");
    (made, count.load(Ordering::Relaxed))
}

#[test]
fn each_row_gets_those_that_refer_to_it() {
    let mut db = chat();
    Insert::row(&crate::tables::NewPerson { name: "dee".to_owned() }).run(&db).unwrap();
    let query = people().load(has_many(Message::author_id).order_by(Message::id.desc()));
    let (found, statements) = selects(&mut db, |db| query.all(db).unwrap());
    let found: Vec<(&str, Vec<i64>)> =
        found.iter().map(|(person, messages)| (person.name.as_str(), ids(messages))).collect();
    assert_eq!(found, [("ada", vec![3, 1]), ("bob", vec![5, 2]), ("cy", vec![4]), ("dee", vec![])]);
    assert_eq!(statements, 2);
}

#[test]
fn each_row_gets_the_one_that_it_refers_to() {
    let mut db = chat();
    let query = messages().load(belongs_to(Message::author_id)).load(belongs_to(Message::answers));
    let (found, statements) = selects(&mut db, |db| query.all(db).unwrap());
    let found: Vec<(i64, &str, Option<i64>)> = found
        .iter()
        .map(|(message, author, answered): &(Message, Person, Option<Message>)| {
            (message.id, author.name.as_str(), answered.as_ref().map(|message| message.id))
        })
        .collect();
    assert_eq!(
        found,
        [(1, "ada", None), (2, "bob", Some(1)), (3, "ada", Some(2)), (4, "cy", Some(1)), (5, "bob", None)]
    );
    assert_eq!(statements, 3);
}

#[test]
fn relations_have_relations() {
    type Answered = (Message, Vec<(Message, Person)>, Option<Message>);
    let mut db = chat();
    let answers = has_many(Message::answers).order_by(Message::id).load(belongs_to(Message::author_id));
    let written = has_many(Message::author_id)
        .order_by(Message::id)
        .load(answers)
        .load(has_one(Message::answers).order_by(Message::id.desc()));
    let query = people().load(written);
    let (found, statements): (Vec<(Person, Vec<Answered>)>, usize) =
        selects(&mut db, |db| query.all(db).unwrap());
    let (ada, written) = &found[0];
    assert_eq!((ada.name.as_str(), written.len()), ("ada", 2));
    let (first, answers, newest) = &written[0];
    let answers: Vec<(i64, &str)> =
        answers.iter().map(|(answer, author)| (answer.id, author.name.as_str())).collect();
    assert_eq!((first.id, answers), (1, vec![(2, "bob"), (4, "cy")]));
    assert_eq!(newest.as_ref().map(|message| message.id), Some(4));
    assert!(found[1].1[1].1.is_empty() && found[1].1[1].2.is_none());
    // People, messages, answers, their authors; the newest answer of each, which SQLite makes three SELECTs of.
    assert_eq!(statements, 4 + 3);
}

#[test]
fn children_are_filtered_and_limited_for_each_row() {
    let db = chat();
    let load = |relation| {
        let found: Vec<(Person, Vec<Message>)> = people().load(relation).all(&db).unwrap();
        found.iter().map(|(_, messages)| ids(messages)).collect::<Vec<_>>()
    };
    let written = || has_many(Message::author_id);
    assert_eq!(load(written().order_by(Message::id.desc()).limit(1)), [[3], [5], [4]]);
    assert_eq!(load(written().limit(0)), [[], [], []] as [[i64; 0]; 3]);
    let hello = written().filter(Message::body.ne("")).filter(Message::id.gt(1));
    assert_eq!(load(hello.order_by(Message::id)), [vec![3], vec![2], vec![4]]);
    let newest_text = written().order_by((Message::body.length(), Message::id)).filter(Message::body.ne(""));
    assert_eq!(load(newest_text.limit(1)), [[1], [2], [4]]);
}

#[test]
fn a_parent_that_is_filtered_may_be_missing() {
    let db = chat();
    let author = belongs_to(Message::author_id).filter(Person::nick.is_not_null());
    let found: Vec<(Message, Option<Person>)> = messages().load(author).all(&db).unwrap();
    let found: Vec<Option<&str>> =
        found.iter().map(|(_, author)| author.as_ref().map(|author| author.name.as_str())).collect();
    assert_eq!(found, [Some("ada"), None, Some("ada"), None, None]);
}

#[test]
fn a_parent_that_is_not_there_is_an_error() {
    let db = chat();
    db.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM people WHERE name = 'cy'").unwrap();
    let error = messages().load(belongs_to(Message::author_id)).all(&db).unwrap_err();
    assert!(error.to_string().contains("\"messages\".\"author_id\""), "{error}");
    assert!(db.rusqlite().is_autocommit());
}

#[test]
fn one_row_is_loaded_as_well() {
    let db = chat();
    let by = |id: i64| people().filter(Person::id.ge(id)).load(has_many(Message::author_id));
    let found: (Person, Vec<Message>) = by(3).one(&db).unwrap();
    assert_eq!((found.0.name.as_str(), ids(&found.1)), ("cy", vec![4]));
    assert!(by(4).one(&db).unwrap_err().is_not_found());
    assert!(by(4).optional(&db).unwrap().is_none());
    assert_eq!(by(1).first(&db).unwrap().unwrap().0.id, 1);
    assert_eq!(by(1).first(&db).unwrap().unwrap().1.len(), 2);
}

#[test]
fn rows_that_were_read_already_are_loaded_for() {
    let mut db = chat();
    let rows = people().all(&db).unwrap();
    let written: Vec<Vec<Message>> =
        has_many(Message::author_id).order_by(Message::id).load_for(&rows, &db).unwrap();
    assert_eq!(
        written.iter().map(|messages| ids(messages)).collect::<Vec<_>>(),
        [vec![1, 3], vec![2, 5], vec![4]]
    );
    let (none, statements) = selects(&mut db, |db| has_many(Message::author_id).load_for(&[], db).unwrap());
    assert_eq!((none.len(), statements), (0, 0));
    let alone = [messages().first(&db).unwrap().unwrap()];
    let (none, statements) =
        selects(&mut db, |db| belongs_to(Message::answers).load_for(&alone, db).unwrap());
    assert_eq!((none, statements), (vec![None], 0));
}

#[test]
fn a_row_that_comes_twice_is_loaded_twice() {
    let db = chat();
    let authors = messages()
        .join::<Person>()
        .on(Message::author_id.eq(Person::id))
        .select(all_of::<Person>())
        .load(has_many(Message::author_id).order_by(Message::id));
    let found: Vec<(Person, Vec<Message>)> = authors.all(&db).unwrap();
    let found: Vec<Vec<i64>> = found.iter().map(|(_, messages)| ids(messages)).collect();
    assert_eq!(found, [vec![1, 3], vec![2, 5], vec![1, 3], vec![4], vec![2, 5]]);
}

#[derive(Debug, Clone, Copy, PartialEq, DbType)]
struct PlaceId(i64);

#[derive(Debug, PartialEq, Table)]
#[table(name = "places", without_rowid)]
struct Place {
    #[column(primary_key, stored_as = "blob")]
    id: Uuid,
    #[column(unique, collate = "nocase")]
    name: String,
    #[column(unique)]
    number: PlaceId,
}

#[derive(Debug, PartialEq, Table)]
#[table(name = "trips", foreign_key(columns(to_id), references = Place(id)))]
struct Trip {
    #[column(primary_key)]
    id: i64,
    #[column(references = Place::id, stored_as = "blob")]
    from_id: Uuid,
    #[column(stored_as = "blob")]
    to_id: Option<Uuid>,
    #[column(references = Place::name)]
    named: String,
    #[column(references = Place::number, name = "place")]
    number: PlaceId,
}

/// As many places, and a trip from each to the first one.
fn trips(count: u32) -> Connection {
    let mut db = Connection::open_in_memory().expect("the rows fit");
    db.execute_batch(
        "CREATE TABLE places (id BLOB PRIMARY KEY NOT NULL, name TEXT NOT NULL COLLATE NOCASE UNIQUE,
           number INTEGER NOT NULL UNIQUE) WITHOUT ROWID;
         CREATE TABLE trips (id INTEGER PRIMARY KEY NOT NULL, from_id BLOB NOT NULL REFERENCES places (id),
           to_id BLOB REFERENCES places (id), named TEXT NOT NULL REFERENCES places (name),
           place INTEGER NOT NULL REFERENCES places (number));
         CREATE INDEX trips_from ON trips (from_id); CREATE INDEX trips_to ON trips (to_id);
         CREATE INDEX trips_named ON trips (named); CREATE INDEX trips_place ON trips (place);",
    )
    .expect("the rows fit");
    db.transaction(|tx| {
        for at in 0..count {
            let id = Uuid::from_u128(at.into());
            // One text that JSON cannot hold.
            let name = if at == 7 { "place\0 7".to_owned() } else { format!("place {at}") };
            let named = name.to_uppercase();
            let number = PlaceId(i64::from(at) * 3);
            Insert::row(&Place { id, name, number }).run(tx)?;
            let to_id = (at > 0).then_some(Uuid::nil());
            Insert::row(&Trip { id: at.into(), from_id: id, to_id, named, number }).run(tx)?;
        }
        Ok::<(), Error>(())
    })
    .expect("the rows fit");
    db
}

fn places() -> Select<'static, From<Place>> {
    Select::from::<Place>().order_by(Place::number)
}

#[test]
fn keys_are_of_any_type() {
    type Of = (Place, Vec<Trip>, Vec<Trip>, Vec<Trip>, Vec<Trip>);
    let db = trips(9);
    let found: Vec<Of> = places()
        .load(has_many(Trip::from_id))
        .load(has_many(Trip::to_id).order_by(Trip::id).limit(2))
        .load(has_many(Trip::named).limit(9))
        .load(has_many(Trip::number))
        .all(&db)
        .unwrap();
    for (at, (_, from, to, named, number)) in found.iter().enumerate() {
        assert_eq!((from.len(), from[0].id), (1, at as i64));
        assert_eq!(to.len(), if at == 0 { 2 } else { 0 });
        assert_eq!((named.len(), named[0].id), (1, at as i64));
        assert_eq!((number.len(), number[0].id), (1, at as i64));
    }
    let found: Vec<(Trip, Place, Option<Place>, Place, Place)> = Select::from::<Trip>()
        .load(belongs_to(Trip::from_id))
        .load(belongs_to(Trip::to_id))
        .load(belongs_to(Trip::named))
        .load(belongs_to(Trip::number))
        .all(&db)
        .unwrap();
    for (trip, from, to, named, number) in &found {
        assert_eq!((from.id, named.id, number.id), (trip.from_id, trip.from_id, trip.from_id));
        assert_eq!(to.as_ref().map(|place| place.id), trip.to_id);
    }
}

#[test]
fn keys_are_of_any_number() {
    let count = 40_000;
    let mut db = trips(count);
    let load =
        places().load(has_many(Trip::number).load(belongs_to(Trip::from_id))).load(has_many(Trip::from_id));
    let (found, statements) = selects(&mut db, |db| load.all(db).unwrap());
    assert_eq!(found.len(), count as usize);
    for (place, by_number, from) in &found {
        assert_eq!((by_number.len(), from.len()), (1, 1));
        assert_eq!((by_number[0].0.id, &by_number[0].1), (from[0].id, place));
    }
    // Each list of keys is a SELECT of its own.
    assert_eq!(statements, 7);
    // A text that JSON cannot hold has a statement of its own.
    let (found, statements) = selects(&mut db, |db| places().load(has_many(Trip::named)).all(db).unwrap());
    assert!(found.iter().all(|(place, trips)| trips.len() == 1 && trips[0].number == place.number));
    assert_eq!(statements, 4);
}

#[test]
fn a_relation_takes_a_filter_that_may_be_absent() -> Result<(), Error> {
    let db = chat();
    let counts = |body: Option<&str>| -> Result<Vec<usize>, Error> {
        let messages = has_many(Message::author_id).filter_option(body.map(|body| Message::body.eq(body)));
        let people = Select::from::<Person>().order_by(Person::id).load(messages).all(&db)?;
        Ok(people.iter().map(|(_, messages)| messages.len()).collect())
    };
    assert_eq!(counts(None)?, [2, 2, 1]);
    assert_eq!(counts(Some("hi"))?, [0, 1, 0]);
    // A filter can leave out the row that a key refers to, so that it is an `Option` even where none is given.
    let author = belongs_to(Message::author_id).filter_option(None.map(|name: &str| Person::name.eq(name)));
    let (message, author): (Message, Option<Person>) =
        Select::from::<Message>().order_by(Message::id).load(author).first(&db)?.expect("there are messages");
    assert_eq!((message.id, author.map(|it| it.name).as_deref()), (1, Some("ada")));
    Ok(())
}
