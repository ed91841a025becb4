//! Statements whose parts meet in unusual ways: clauses in any order, compounds of compounds, conflicts of several kinds.

use std::cell::RefCell;

use seedbed::prelude::*;
use seedbed::query::{Compound, Direction, count_all, scalar};

use crate::tables::{Answer, Message, NewPerson, Person, chat};

fn person(name: &str) -> NewPerson {
    NewPerson { name: name.to_owned() }
}

fn names(db: &Connection) -> Vec<String> {
    Select::from::<Person>().order_by(Person::id).select(Person::name).all(db).expect("the query is right")
}

#[test]
fn a_compound_inside_of_a_compound_stays_together() {
    let db = chat();
    let ids = |from: i64, to: i64| {
        Select::from::<Message>().filter(Message::id.between(from, to)).select(Message::id)
    };
    let sorted = |compound: Compound<'_, i64, seedbed::query::family::Integer>| {
        compound.order_by_position(1, Direction::Ascending).all(&db).unwrap()
    };
    assert_eq!(sorted(ids(1, 4).except(ids(1, 2).union(ids(3, 3)))), [4]);
    assert_eq!(sorted(ids(1, 1).union(ids(1, 4)).except(ids(1, 2).union(ids(3, 3)))), [4]);
    let last = ids(1, 4).union_all(ids(5, 5)).order_by_position(1, Direction::Descending).limit(1);
    assert_eq!(sorted(ids(1, 2).union_all(last)), [1, 2, 5]);
}

#[test]
fn what_a_compound_or_a_group_yields_is_inserted_unless_it_is_there() {
    let db = chat();
    let bodies = || Select::from::<Message>().select((Message::body,));
    let both = bodies().filter(Message::id.gt(1)).union(bodies());
    assert_eq!(Insert::query(Person::name, both).on_conflict(Person::name).do_nothing().run(&db).unwrap(), 5);
    let longest =
        Select::from::<Message>().having(count_all().gt(1)).select((sql!(String, "max({})", Message::body),));
    assert_eq!(Insert::query(Person::name, longest).or_ignore().run(&db).unwrap(), 0);
    let grouped = bodies().group_by(Message::body).having(count_all().gt(0)).order_by(Message::body).limit(3);
    assert_eq!(Insert::query(Person::name, grouped).or_ignore().run(&db).unwrap(), 0);
}

#[test]
fn an_insert_can_meet_several_conflicts() {
    let db = chat();
    let zoe = |id: i64, name: &str| {
        Insert::row(&person(name))
            .set(Person::id, id)
            .on_conflict(Person::id)
            .do_update(|change| {
                change.filter(Person::weight.lt(9.0)).set(Person::nick, excluded(Person::name))
            })
            .on_conflict(Person::name)
            .do_update(|change| change.set(Person::weight, 7.0).filter(Person::id.ne(3)))
            .run(&db)
            .unwrap()
    };
    assert_eq!((zoe(1, "zoe"), zoe(9, "bob"), zoe(9, "cy"), zoe(9, "zoe")), (1, 1, 0, 1));
    let rows: Vec<(i64, Option<String>, f64)> = Select::from::<Person>()
        .order_by(Person::id)
        .select((Person::id, Person::nick, Person::weight))
        .all(&db)
        .unwrap();
    let nick = Some("zoe".to_owned());
    assert_eq!(rows, [(1, nick, 1.0), (2, None, 7.0), (3, None, 1.0), (9, None, 1.0)]);
}

#[test]
fn a_conflict_that_changes_nothing_says_so() {
    let db = chat();
    let ada = person("ada");
    for insert in [
        Insert::row(&ada).on_conflict(Person::name).do_update(|change| change),
        Insert::row(&ada).on_conflict(Person::name).do_update(|change| change.filter(Person::id.eq(1))),
    ] {
        let error = insert.run(&db).unwrap_err();
        assert_eq!(error.to_string(), "nothing is set in the ON CONFLICT of \"people\"");
    }
}

#[test]
fn columns_can_be_set_behind_on_conflict() {
    let db = chat();
    let ada = person("ada");
    Insert::row(&ada)
        .on_conflict(Person::name)
        .do_update(|change| change.set(Person::nick, excluded(Person::nick)))
        .set(Person::nick, "lady")
        .set_option(Person::weight, Some(3.0))
        .run(&db)
        .unwrap();
    Insert::row(&person("dan")).or_ignore().set(Person::nick, "d").run(&db).unwrap();
    let nicks: Vec<Option<String>> =
        Select::from::<Person>().order_by(Person::id).select(Person::nick).all(&db).unwrap();
    assert_eq!(nicks, [Some("lady".to_owned()), None, None, Some("d".to_owned())]);
}

#[test]
fn the_rowid_of_an_insert_is_that_of_its_row() {
    let db = chat();
    let dan = Insert::row(&person("dan")).run_for_rowid(&db).unwrap();
    assert_eq!(dan, 4);
    let ignored = Insert::row(&person("ada")).or_ignore().run_for_rowid(&db);
    assert!(ignored.unwrap_err().is_not_found());
    let bob = Insert::row(&person("bob"))
        .on_conflict(Person::name)
        .do_update(|change| change.set(Person::weight, 2.0))
        .run_for_rowid(&db);
    assert_eq!(bob.unwrap(), 2);
    assert!(Insert::rows(&Vec::<NewPerson>::new()).run_for_rowid(&db).unwrap_err().is_not_found());
}

#[test]
fn many_rows_leave_room_for_the_values_of_a_conflict() {
    let db = chat();
    let many: Vec<NewPerson> = (0..32_766).map(|number| person(&format!("p{number}"))).collect();
    let upsert = || {
        Insert::rows(&many)
            .on_conflict(Person::name)
            .do_update(|change| change.set(Person::weight, 2.0).set(Person::nick, "n"))
            .run(&db)
            .unwrap()
    };
    assert_eq!((upsert(), upsert()), (32_766, 32_766));
}

#[test]
fn an_update_can_read_from_its_own_table_under_another_name() {
    let db = chat();
    let update = Update::table::<Message>()
        .from::<Answer>()
        .set(Message::body, Answer::of(Message::body))
        .filter(Message::answers.eq(Answer::of(Message::id)));
    assert_eq!(update.run(&db).unwrap(), 3);
    let bodies: Vec<String> =
        Select::from::<Message>().order_by(Message::id).select(Message::body).all(&db).unwrap();
    assert_eq!(bodies, ["hello", "hello", "hi", "hello", ""]);
    let update = Update::table::<Answer>()
        .set(Answer::of(Message::body), "changed")
        .filter(Answer::of(Message::id).eq(5));
    assert_eq!(update.run(&db).unwrap(), 1);
    let delete = Delete::from::<Answer>().filter(Answer::of(Message::body).eq("changed"));
    assert_eq!(delete.run(&db).unwrap(), 1);
}

#[test]
fn a_fragment_of_sql_stays_one_expression() {
    let db = chat();
    let either = || sql!(bool, "{} = 1 OR {} = 2", Message::id, Message::id);
    let query = Select::from::<Message>().filter(Message::id.gt(1)).filter(either()).select(Message::id);
    assert_eq!(query.all(&db).unwrap(), [2]);
    let query = Select::from::<Message>().filter(either()).filter(Message::id.gt(1)).select(Message::id);
    assert_eq!(query.all(&db).unwrap(), [2]);
    let query = Select::from::<Message>().filter(either().not()).count(&db).unwrap();
    assert_eq!(query, 3);
    let sum = sql!(i64, "{} + {}", Message::id, 1) * 10;
    assert_eq!(Select::from::<Message>().order_by(Message::id).select(sum).first(&db).unwrap(), Some(20));
}

#[test]
fn long_lists_of_any_values_are_bound() {
    let db = chat();
    let weights = |count: i32| {
        let values = (0..count).map(f64::from);
        Select::from::<Person>().filter(Person::weight.in_list(values)).count(&db).unwrap()
    };
    assert_eq!((weights(1), weights(2), weights(65), weights(16_385), weights(32_766)), (0, 3, 3, 3, 3));
}

#[test]
fn a_statement_can_outlive_the_buffers_of_its_thread() {
    thread_local! {
        static HELD: RefCell<Vec<Select<'static, seedbed::query::From<Person>>>> = const { RefCell::new(Vec::new()) };
    }
    let first_made = std::thread::spawn(|| {
        let query = Select::from::<Person>();
        HELD.with_borrow_mut(|held| held.push(query));
    });
    let first_held = std::thread::spawn(|| {
        HELD.with_borrow_mut(|held| {
            drop(Select::from::<Person>());
            held.push(Select::from::<Person>());
        });
    });
    assert!(first_made.join().is_ok() && first_held.join().is_ok());
}

#[test]
fn subqueries_stand_three_deep() {
    let db = chat();
    // People who wrote an answer to a message of somebody whose name sorts before theirs.
    let author =
        Select::within::<Person>().from::<Message>().filter(Message::author_id.eq(Person::id)).filter(
            Message::answers.in_query(
                Select::within::<Person>()
                    .from::<Answer>()
                    .filter(Answer::of(Message::author_id).ne(Person::id))
                    .filter(
                        Answer::of(Message::body).eq(scalar(
                            Select::within::<Person>()
                                .from::<Message>()
                                .filter(Person::weight.gt(0.5))
                                .filter(Message::id.eq(1))
                                .select(Message::body),
                        )),
                    )
                    .select(Answer::of(Message::id)),
            ),
        );
    let found: Vec<String> = Select::from::<Person>()
        .filter(seedbed::query::exists(author))
        .order_by(Person::name)
        .select(Person::name)
        .all(&db)
        .unwrap();
    assert_eq!(found, ["bob", "cy"]);
    assert_eq!(names(&db), ["ada", "bob", "cy"]);
}

#[derive(Debug, Record)]
#[record(name = "thread")]
struct Thread {
    id: i64,
    author_id: i64,
}

#[derive(Debug, Record)]
#[record(name = "counts")]
struct Counted {
    author_id: i64,
    messages: i64,
}

/// A report is written back: what a query with a name found, into the rows that it is about.
#[test]
fn an_update_reads_from_a_query_with_a_name() -> Result<(), Error> {
    let db = chat();
    let counts = || {
        Select::from::<Message>()
            .group_by(Message::author_id)
            .select(CountedSelect { author_id: Message::author_id, messages: Message::id.count() })
    };
    let update = || {
        Update::table::<Person>()
            .from::<Counted>()
            .set(Person::weight, Counted::messages.to_real())
            .filter(Counted::author_id.eq(Person::id))
            .with::<Counted>(counts())
    };
    assert_eq!(
        update().to_sql(),
        r#"WITH "counts"("author_id", "messages") AS (SELECT "messages"."author_id", count("messages"."id") FROM "messages" GROUP BY "messages"."author_id") UPDATE "people" SET "weight" = CAST("counts"."messages" AS REAL) FROM "counts" WHERE ("counts"."author_id" = "people"."id")"#,
    );
    assert_eq!(update().run(&db)?, 3);
    let weights = Select::from::<Person>().order_by(Person::id).select(Person::weight).all(&db)?;
    assert_eq!(weights, [2.0, 2.0, 1.0]);
    assert_eq!(update().returning(Person::id).all(&db)?.len(), 3);
    Ok(())
}

#[test]
fn a_delete_takes_what_a_recursive_query_found() -> Result<(), Error> {
    let db = chat();
    let thread = || {
        let start = Select::from::<Message>()
            .filter(Message::id.eq(2))
            .select(ThreadSelect { id: Message::id, author_id: Message::author_id });
        let step = Select::from::<Message>()
            .join::<Thread>()
            .on(Message::answers.eq(Thread::id))
            .select(ThreadSelect { id: Message::id, author_id: Message::author_id });
        start.union_all(step)
    };
    let by_ada = Select::from::<Thread>().filter(Thread::author_id.eq(1)).select(Thread::id);
    let gone = Delete::from::<Message>()
        .filter(Message::id.in_query(by_ada))
        .with_recursive::<Thread>(thread())
        .returning(Message::id)
        .all(&db)?;
    assert_eq!(gone, [3]);
    let delete = || {
        Delete::from::<Message>()
            .with_recursive::<Thread>(thread())
            .filter(Message::id.in_query(Select::from::<Thread>().select(Thread::id)))
    };
    assert!(delete().to_sql().starts_with(r#"WITH RECURSIVE "thread"("id", "author_id") AS (SELECT"#));
    assert_eq!(delete().run(&db)?, 1);
    Ok(())
}

/// A record can be the name of a table that no struct declares, so only SQLite knows that a name is missing.
#[test]
fn a_record_without_its_query_is_told_how_it_gets_one() {
    let error = Select::from::<Counted>().all(&chat()).unwrap_err();
    assert_eq!(error.to_string(), "no such table: counts");
    assert_eq!(
        error.hint(),
        Some(
            "the query of a record is given by `.with::<Record>(…)` in the statement that reads from it, a table is made by a migration"
        )
    );
}
