//! Joins: which rows come together, and which may be missing.

use seedbed::prelude::*;
use seedbed::query::all_of;

use crate::tables::{Answer, Message, Person, chat};

#[test]
fn joined_rows_come_as_tuples() {
    let db = chat();
    let rows: Vec<(Message, Person)> = Select::from::<Message>()
        .join::<Person>()
        .on(Message::author_id.eq(Person::id))
        .order_by(Message::id)
        .all(&db)
        .unwrap();
    assert_eq!((rows.len(), rows[1].0.id, rows[1].1.name.as_str()), (5, 2, "bob"));

    let three: Vec<(Message, Person, Option<Message>)> = Select::from::<Message>()
        .join::<Person>()
        .on(Message::author_id.eq(Person::id))
        .left_join::<Answer>()
        .on(Answer::of(Message::answers).eq(Message::id))
        .order_by((Message::id, Answer::of(Message::id)))
        .all(&db)
        .unwrap();
    let found: Vec<(i64, Option<i64>)> = three
        .iter()
        .map(|(message, _, answer)| (message.id, answer.as_ref().map(|answer| answer.id)))
        .collect();
    assert_eq!(found, [(1, Some(2)), (1, Some(4)), (2, Some(3)), (3, None), (4, None), (5, None)]);
}

#[test]
fn what_may_be_missing_is_read_as_an_option() {
    let db = chat();
    let rows: Vec<(i64, Option<String>)> = Select::from::<Message>()
        .left_join::<Answer>()
        .on(Answer::of(Message::answers).eq(Message::id).and(Answer::of(Message::author_id).eq(3)))
        .order_by(Message::id)
        .select((Message::id, Answer::of(Message::body)))
        .all(&db)
        .unwrap();
    assert_eq!(rows[0], (1, Some("hey".to_owned())));
    assert_eq!(rows[1], (2, None));

    Delete::from::<Message>().filter(Message::author_id.eq(3)).run(&db).unwrap();
    let right: Vec<(Option<Message>, Person)> = Select::from::<Message>()
        .right_join::<Person>()
        .on(Message::author_id.eq(Person::id))
        .filter(Person::id.gt(1))
        .order_by((Person::id, Message::id))
        .all(&db)
        .unwrap();
    let found: Vec<(Option<i64>, i64)> = right
        .iter()
        .map(|(message, person)| (message.as_ref().map(|message| message.id), person.id))
        .collect();
    assert_eq!(found, [(Some(2), 2), (Some(5), 2), (None, 3)]);

    let full = Select::from::<Message>()
        .full_join::<Person>()
        .on(Message::author_id.eq(Person::id).and(Message::id.eq(1)))
        .select((Message::id, all_of::<Person>()));
    let full: Vec<(Option<i64>, Option<Person>)> = full.all(&db).unwrap();
    assert_eq!(full.iter().filter(|(id, _)| id.is_none()).count(), 2);
    assert_eq!(full.iter().filter(|(_, person)| person.is_none()).count(), 3);
    let cross = Select::from::<Message>().cross_join::<Person>().count(&db).unwrap();
    assert_eq!(cross, 12);
}
