//! INSERT, UPDATE and DELETE.

use seedbed::prelude::*;
use seedbed::query::scalar;

use crate::tables::{Answer, Message, NewPerson, Person, chat};

fn names(db: &Connection) -> Vec<String> {
    Select::from::<Person>().order_by(Person::id).select(Person::name).all(db).expect("the query is right")
}

fn person(name: &str) -> NewPerson {
    NewPerson { name: name.to_owned() }
}

#[test]
fn rows_are_inserted_with_what_they_need_and_what_is_set() {
    let db = chat();
    let dan = person("dan");
    let dan = Insert::row(&dan).set(Person::weight, 2.5).set(Person::nick, None::<String>);
    let dan: (i64, f64) = dan.returning((Person::id, Person::weight)).one(&db).unwrap();
    assert_eq!(dan, (4, 2.5));
    let eve = Insert::row(&person("eve")).set_option(Person::nick, Some("e")).run_for_rowid(&db).unwrap();
    assert_eq!(
        Select::from::<Person>().filter(Person::id.eq(eve)).select(Person::nick).one(&db).unwrap().as_deref(),
        Some("e")
    );
    let error = Insert::row(&person("fay")).set(Person::name, "gil").run(&db).unwrap_err();
    assert_eq!(error.to_string(), "the column \"name\" of \"people\" is given twice");
    assert_eq!(names(&db), ["ada", "bob", "cy", "dan", "eve"]);
    let error = Insert::row(&person("ada")).run(&db).unwrap_err();
    assert!(error.is_unique_violation());
}

#[test]
fn many_rows_are_one_statement_or_none() {
    let db = chat();
    assert_eq!(Insert::rows(&Vec::<NewPerson>::new()).run(&db).unwrap(), 0);
    let many: Vec<NewPerson> = (0..40_000).map(|number| person(&format!("p{number}"))).collect();
    assert_eq!(Insert::rows(&many).run(&db).unwrap(), 40_000);
    let again: Vec<NewPerson> = (39_990..80_000).rev().map(|number| person(&format!("p{number}"))).collect();
    assert!(Insert::rows(&again).run(&db).unwrap_err().is_unique_violation());
    assert_eq!(Select::from::<Person>().count(&db).unwrap(), 40_003);
    assert_eq!(Insert::rows(&again).or_ignore().run(&db).unwrap(), 40_000);
    assert_eq!(Insert::rows(&again).on_conflict(Person::name).do_nothing().run(&db).unwrap(), 0);
    let returned = Insert::rows(&many[..3])
        .on_conflict(Person::name)
        .do_update(|change| change.set(Person::weight, Person::weight + 1.0))
        .returning((Person::name, Person::weight))
        .all(&db)
        .unwrap();
    assert_eq!(returned[2], ("p2".to_owned(), 2.0));
}

#[test]
fn a_row_that_is_there_is_changed_when_the_condition_holds() {
    let db = chat();
    let upsert = |weight: f64| {
        Insert::row(&person("ada"))
            .set(Person::weight, weight)
            .on_conflict(Person::name)
            .do_update(|change| {
                change
                    .set(Person::weight, excluded(Person::weight))
                    .set(Person::nick, excluded(Person::name))
                    .filter(Person::weight.lt(excluded(Person::weight)))
            })
            .run(&db)
            .unwrap()
    };
    assert_eq!((upsert(3.0), upsert(2.0)), (1, 0));
    let ada = Select::from::<Person>().filter(Person::name.eq("ada")).one(&db).unwrap();
    assert_eq!((ada.weight, ada.nick.as_deref(), ada.id), (3.0, Some("ada"), 1));
}

#[test]
fn what_a_query_yields_is_inserted() {
    let db = chat();
    let bodies = Select::from::<Message>()
        .join::<Person>()
        .on(Person::id.eq(Message::author_id))
        .select((Message::body.concat("!"), Message::body));
    let inserted = Insert::query((Person::name, Person::nick), bodies)
        .on_conflict(Person::name)
        .do_nothing()
        .run(&db)
        .unwrap();
    assert_eq!(inserted, 5);
    assert!(names(&db).contains(&"how are you!".to_owned()));
}

#[test]
fn updates_say_which_rows_and_can_read_from_others() {
    let db = chat();
    assert_eq!(Update::table::<Person>().set(Person::weight, 2.0).all_rows().run(&db).unwrap(), 3);
    let changed: Vec<String> = Update::table::<Person>()
        .from::<Message>()
        .set(Person::weight, Person::weight * 2.0)
        .set(Person::nick, Message::body)
        .filter(Message::author_id.eq(Person::id))
        .filter(Message::id.eq(4))
        .returning(Person::name)
        .all(&db)
        .unwrap();
    assert_eq!(changed, ["cy"]);
    let newest = Select::within::<Person>()
        .from::<Message>()
        .filter(Message::author_id.eq(Person::id))
        .select(Message::body.max());
    Update::table::<Person>().set(Person::nick, scalar(newest)).filter(Person::id.eq(2)).run(&db).unwrap();
    let bob = Select::from::<Person>().filter(Person::id.eq(2)).one(&db).unwrap();
    assert_eq!(bob.nick.as_deref(), Some("hi"));
    let without_nick = Update::table::<Person>().set_null(Person::nick).set(Person::weight, 1.0);
    assert_eq!(without_nick.filter(Person::nick.eq("hi")).run(&db).unwrap(), 1);
    assert_eq!(
        Select::from::<Person>().filter(Person::nick.is_null().and(Person::id.eq(2))).count(&db).unwrap(),
        1
    );
    let nothing = Update::table::<Person>().set_option(Person::weight, None::<f64>).filter(Person::id.eq(1));
    assert!(nothing.is_empty());
    assert_eq!(nothing.run(&db).unwrap_err().to_string(), "nothing is set in the UPDATE of \"people\"");
}

#[test]
fn deletes_say_which_rows() {
    let db = chat();
    let error = Delete::from::<Person>().filter(Person::name.eq("ada")).run(&db).unwrap_err();
    assert!(error.is_foreign_key_violation());
    let leaves =
        Select::within::<Message>().from::<Answer>().filter(Answer::of(Message::answers).eq(Message::id));
    let leaves: Vec<i64> = Delete::from::<Message>()
        .filter(seedbed::query::not_exists(leaves))
        .returning(Message::id)
        .all(&db)
        .unwrap();
    assert_eq!(leaves, [3, 4, 5]);
    assert_eq!(Delete::from::<Message>().all_rows().run(&db).unwrap(), 2);
}

#[test]
fn null_and_what_may_be_absent_are_set_alike_in_every_statement() -> Result<(), Error> {
    let db = chat();
    let nick =
        |name: &str| Select::from::<Person>().filter(Person::name.eq(name)).select(Person::nick).one(&db);
    let upsert = |weight: Option<f64>| {
        Insert::row(&person("ada"))
            .on_conflict(Person::name)
            .do_update(|change| change.set_null(Person::nick).set_option(Person::weight, weight))
            .returning((Person::nick, Person::weight))
            .one(&db)
    };
    assert_eq!(nick("ada")?.as_deref(), Some("a"));
    assert_eq!(upsert(Some(3.5))?, (None, 3.5));
    assert_eq!(upsert(None)?, (None, 3.5));

    let dan = person("dan");
    assert_eq!(
        Insert::row(&dan).set_null(Person::nick).to_sql(),
        r#"INSERT INTO "people" ("name", "nick") VALUES (?, NULL)"#
    );
    Insert::row(&dan).set_null(Person::nick).run(&db)?;
    assert_eq!(nick("dan")?, None);
    let twice = Insert::row(&dan).set_null(Person::nick).set(Person::nick, "d").run(&db).unwrap_err();
    assert_eq!(twice.to_string(), "the column \"nick\" of \"people\" is given twice");
    Ok(())
}
