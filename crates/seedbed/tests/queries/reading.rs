//! SELECT: filters, orders, lists, groups, windows, subqueries, compounds and named queries.

use seedbed::prelude::*;
use seedbed::query::{
    Direction, Window, all_of, case, count_all, exists, not_exists, rank, row_number, rowid, scalar,
};

use crate::tables::{Kind, Message, Person, chat, time};

fn ids(db: &Connection, query: Select<'_, seedbed::query::From<Message>>) -> Vec<i64> {
    query.order_by(Message::id).select(Message::id).all(db).expect("the query is right")
}

#[test]
fn comparisons_take_values_and_columns_of_their_family() {
    let db = chat();
    let all = || Select::from::<Message>();
    let name = String::from("hi");
    assert_eq!(ids(&db, all().filter(Message::body.eq("hello"))), [1]);
    assert_eq!(ids(&db, all().filter(Message::body.eq(&name))), [2]);
    assert_eq!(ids(&db, all().filter(Message::body.ne(name.clone()))), [1, 3, 4, 5]);
    assert_eq!(ids(&db, all().filter(Message::id.gt(3))), [4, 5]);
    assert_eq!(ids(&db, all().filter(Message::id.between(2, 3_i64))), [2, 3]);
    assert_eq!(ids(&db, all().filter(Message::kind.eq(Kind::Image))), [5]);
    assert_eq!(ids(&db, all().filter(Message::sent_at.ge(time(180)))), [4, 5]);
    assert_eq!(ids(&db, all().filter(Message::answers.eq(1))), [2, 4]);
    assert_eq!(ids(&db, all().filter(Message::answers.lt(Message::author_id))), [2, 4]);
    assert_eq!(ids(&db, all().filter(Message::answers.is(None::<i64>))), [1, 5]);
    assert_eq!(ids(&db, all().filter(Message::answers.is_not(1))), [1, 3, 5]);
    assert_eq!(ids(&db, all().filter(Message::answers.is_null().or(Message::id.eq(2)))), [1, 2, 5]);
    assert_eq!(
        ids(&db, all().filter(Message::answers.is_not_null().and(Message::id.eq(2)).not())),
        [1, 3, 4, 5]
    );
    assert_eq!(ids(&db, all().filter(Message::body.like("h%y")).filter(Message::id.lt(9))), [4]);
    assert_eq!(ids(&db, all().filter(Message::body.contains("ow a"))), [3]);
    assert_eq!(ids(&db, all().filter_option(None::<bool>.map(|_| Message::id.eq(1)))), [1, 2, 3, 4, 5]);
    assert_eq!(ids(&db, all().filter_option(Some(1).map(|id| Message::id.eq(id)))), [1]);
}

#[test]
fn lists_of_any_length_are_few_statements() {
    let db = chat();
    let all = || Select::from::<Message>();
    assert_eq!(ids(&db, all().filter(Message::id.in_list([2, 4, 9]))), [2, 4]);
    assert_eq!(ids(&db, all().filter(Message::id.in_list(Vec::<i64>::new()))), Vec::<i64>::new());
    assert_eq!(ids(&db, all().filter(Message::id.not_in_list(Vec::<i64>::new()))), [1, 2, 3, 4, 5]);
    assert_eq!(ids(&db, all().filter(Message::body.in_list(["hi", "hey"]))), [2, 4]);
    assert_eq!(ids(&db, all().filter(Message::id.in_list(4..50_000))), [4, 5]);
    let words: Vec<String> = (0..200).map(|n| format!("\"'\\ {n}\u{1}")).chain(["hi".to_owned()]).collect();
    assert_eq!(ids(&db, all().filter(Message::body.in_list(&words))), [2]);
    let text = |values: &[i64]| all().filter(Message::id.in_list(values.iter().copied())).to_sql();
    assert_eq!(text(&[1, 2, 3]), text(&[1, 2, 3, 4]));
    assert_eq!(text(&[1; 70]), text(&[1; 7000]));
}

#[test]
fn expressions_are_read_as_what_they_are() {
    let db = chat();
    let (id, length, answers, double): (i64, i64, Option<i64>, f64) = Select::from::<Message>()
        .filter(Message::id.eq(2))
        .select((Message::id, Message::body.length(), Message::answers, Message::id.cast::<f64>() * 2.5))
        .one(&db)
        .unwrap();
    assert_eq!((id, length, answers, double), (2, 2, Some(1), 5.0));
    let nicks: Vec<String> =
        Select::from::<Person>().order_by(Person::id).select(Person::nick.coalesce("-")).all(&db).unwrap();
    assert_eq!(nicks, ["a", "-", "-"]);
    let nicks: Vec<Option<String>> =
        Select::from::<Person>().order_by(Person::id).select(Person::nick.upper()).all(&db).unwrap();
    assert_eq!(nicks, [Some("A".to_owned()), None, None]);
    let size: Vec<String> = Select::from::<Message>()
        .order_by(Message::id)
        .select(case(Message::id.lt(2), "first").when(Message::id.lt(5), Message::body).otherwise("last"))
        .all(&db)
        .unwrap();
    assert_eq!(size, ["first", "hi", "how are you", "hey", "last"]);
    let second: Option<String> = Select::from::<Message>()
        .filter(Message::id.eq(5))
        .select(Message::extra.json_get::<String>("$[1]"))
        .one(&db)
        .unwrap();
    assert_eq!(second.as_deref(), Some("b.png"));
    let remainder: Option<i64> =
        Select::from::<Message>().select(Message::id % 0).first(&db).unwrap().unwrap();
    assert_eq!(remainder, None);
    let half: f64 = Select::from::<Message>()
        .filter(Message::id.eq(3))
        .select(sql!(f64, "{} / {}", Message::id, 2.0))
        .one(&db)
        .unwrap();
    assert_eq!(half, 1.5);
}

#[test]
fn a_second_row_is_missed_only_where_the_value_of_a_key_says_there_is_none() {
    let db = chat();
    let messages = Select::from::<Message>;
    let id = Message::id;
    assert_eq!(messages().filter(id.eq(2)).one(&db).unwrap().id, 2);
    for query in [
        messages().filter(id.eq(2).or(id.eq(4))),
        messages().filter(id.in_list([2, 4])),
        messages().filter(id.le(2)),
        messages().filter(id.eq(id)),
        messages().filter(Message::author_id.eq(1)),
        messages().filter(Message::answers.eq(1)),
    ] {
        let sql = query.clone().to_sql();
        let error = query.one(&db).expect_err(&sql);
        assert!(error.to_string().contains("more than one row"), "{sql}: {error}");
    }
    let error = messages().filter(id.eq(1)).cross_join::<Person>().one(&db).unwrap_err();
    assert!(error.to_string().contains("more than one row"), "{error}");
}

#[test]
fn whole_rows_are_named_in_short_where_nothing_else_has_such_a_name() {
    let people = Select::from::<Person>;
    let short = r#"SELECT "id", "name", "nick", "weight" FROM "people""#;
    let long = r#"SELECT "people"."id", "people"."name", "people"."nick", "people"."weight" FROM "people""#;
    assert_eq!(people().to_sql(), short);
    let ordered = people().order_by(Person::id).limit(3).filter(Person::name.ne("ada")).to_sql();
    assert_eq!(ordered, format!(r#"{short} WHERE ("people"."name" <> ?) ORDER BY "people"."id" LIMIT ?"#));

    assert_eq!(people().distinct().to_sql(), long.replace("SELECT", "SELECT DISTINCT"));
    assert_eq!(people().union(people()).to_sql(), format!("{long} UNION {long}"));
    assert!(people().filter(exists(people())).to_sql().ends_with(&format!("WHERE EXISTS ({long})")));
    let crossed = people().filter(Person::id.eq(1)).cross_join::<Message>().to_sql();
    assert!(crossed.starts_with(long.trim_end_matches(r#" FROM "people""#)), "{crossed}");
    assert!(
        crossed.ends_with(r#" FROM "people" CROSS JOIN "messages" WHERE ("people"."id" = ?)"#),
        "{crossed}"
    );
    let picked = people().filter(Person::id.eq(1)).select(Person::name).to_sql();
    assert_eq!(picked, r#"SELECT "people"."name" FROM "people" WHERE ("people"."id" = ?)"#);
}

#[test]
fn one_optional_first_count_and_exists_say_what_is_there() {
    let db = chat();
    let by = |id: i64| Select::from::<Message>().filter(Message::author_id.eq(id));
    assert_eq!(by(3).one(&db).unwrap().body, "hey");
    assert!(by(9).one(&db).unwrap_err().is_not_found());
    assert!(by(1).one(&db).unwrap_err().to_string().contains("more than one row"));
    assert_eq!(by(9).optional(&db).unwrap(), None);
    assert_eq!(by(1).order_by(Message::id.desc()).first(&db).unwrap().unwrap().id, 3);
    assert_eq!(
        (by(1).count(&db).unwrap(), by(9).count(&db).unwrap(), by(1).limit(1).count(&db).unwrap()),
        (2, 0, 1)
    );
    assert!(by(1).exists(&db).unwrap() && !by(9).exists(&db).unwrap());
    let mut bodies = Vec::new();
    by(2)
        .order_by(Message::id)
        .for_each(&db, |message| {
            bodies.push(message.body);
            Ok::<(), Error>(())
        })
        .unwrap();
    assert_eq!(bodies, ["hi", ""]);
    let authors =
        Select::from::<Message>().distinct().select(Message::author_id).order_by(Message::author_id);
    assert_eq!(authors.all(&db).unwrap(), [1, 2, 3]);
}

#[test]
fn clauses_can_be_given_in_any_order() {
    let db = chat();
    let query = Select::from::<Message>()
        .limit(2)
        .order_by(Message::id.desc())
        .filter(Message::id.lt(5))
        .select((Message::id, Message::body))
        .filter(Message::body.ne("hi"))
        .offset(1);
    assert_eq!(query.all(&db).unwrap(), [(3, "how are you".to_owned()), (1, "hello".to_owned())]);
}

#[test]
fn pages_go_on_where_the_last_one_ended() {
    let db = chat();
    let page = |after: Option<(i64, i64)>| {
        Select::from::<Message>()
            .keyset((Message::author_id.desc(), Message::id.asc()), after)
            .limit(2)
            .select((Message::author_id, Message::id))
            .all(&db)
            .unwrap()
    };
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let rows = page(after);
        let Some(last) = rows.last() else { break };
        after = Some(*last);
        all.extend(rows);
    }
    assert_eq!(all, [(3, 4), (2, 2), (2, 5), (1, 1), (1, 3)]);
}

#[derive(Debug, PartialEq, Record)]
#[record(name = "totals")]
struct Total {
    author_id: i64,
    messages: i64,
    longest: Option<String>,
}

#[test]
fn groups_are_counted_and_filtered() {
    let db = chat();
    let totals = || {
        Select::from::<Message>().group_by(Message::author_id).select(TotalSelect {
            author_id: Message::author_id,
            messages: count_all(),
            longest: Message::body.max(),
        })
    };
    let busy = totals().having(count_all().gt(1)).order_by(Message::author_id).all(&db).unwrap();
    let total =
        |author_id, messages, longest: &str| Total { author_id, messages, longest: Some(longest.to_owned()) };
    assert_eq!(busy, [total(1, 2, "how are you"), total(2, 2, "hi")]);

    let named = Select::from::<Person>()
        .with::<Total>(totals())
        .join::<Total>()
        .on(Total::author_id.eq(Person::id))
        .filter(Total::messages.lt(2))
        .select((Person::name, Total::longest));
    assert_eq!(named.all(&db).unwrap(), [("cy".to_owned(), Some("hey".to_owned()))]);

    let (sum, mean, total, none): (Option<i64>, Option<f64>, f64, Option<f64>) = Select::from::<Message>()
        .select((Message::id.sum(), Message::id.avg(), Message::id.total(), sql!(Option<f64>, "NULL")))
        .one(&db)
        .unwrap();
    assert_eq!((sum, mean, total, none), (Some(15), Some(3.0), 15.0, None));
    let images: i64 = Select::from::<Message>()
        .select(count_all().filter_where(Message::kind.eq(Kind::Image)))
        .one(&db)
        .unwrap();
    assert_eq!(images, 1);
}

#[test]
fn windows_see_other_rows() {
    let db = chat();
    let by_author = || Window::new().partition_by(Message::author_id).order_by(Message::id);
    let rows: Vec<(i64, i64, Option<i64>, i64)> = Select::from::<Message>()
        .order_by(Message::id)
        .select((
            Message::id,
            row_number().over(by_author()),
            Message::id.lag(1).over(by_author()),
            rank().over(Window::new().order_by((Message::kind, Message::author_id.desc()))),
        ))
        .all(&db)
        .unwrap();
    assert_eq!(
        rows,
        [(1, 1, None, 4), (2, 1, None, 3), (3, 2, Some(1), 4), (4, 1, None, 2), (5, 2, Some(2), 1)]
    );
    let running: Vec<Option<i64>> = Select::from::<Message>()
        .order_by(Message::id)
        .select(
            Message::id
                .sum()
                .over(Window::new().order_by(Message::id).frame("ROWS BETWEEN 1 PRECEDING AND CURRENT ROW")),
        )
        .all(&db)
        .unwrap();
    assert_eq!(running, [Some(1), Some(3), Some(5), Some(7), Some(9)]);
}

#[test]
fn queries_stand_inside_of_queries() {
    let db = chat();
    let answered = Select::from::<Message>().filter(Message::answers.is_not_null()).select(Message::answers);
    assert_eq!(ids(&db, Select::from::<Message>().filter(Message::id.in_query(answered))), [1, 2]);
    let with_image = Select::within::<Person>()
        .from::<Message>()
        .filter(Message::author_id.eq(Person::id))
        .filter(Message::kind.eq(Kind::Image));
    let names = Select::from::<Person>().filter(exists(with_image)).select(Person::name).all(&db).unwrap();
    assert_eq!(names, ["bob"]);
    let silent = Select::within::<Person>().from::<Message>().filter(Message::author_id.eq(Person::id));
    assert_eq!(Select::from::<Person>().filter(not_exists(silent)).count(&db).unwrap(), 0);
    let newest = Select::within::<Person>()
        .from::<Message>()
        .filter(Message::author_id.eq(Person::id))
        .select(Message::id.max());
    let newest: Vec<(String, Option<i64>)> = Select::from::<Person>()
        .order_by(Person::id)
        .select((Person::name, scalar(newest)))
        .all(&db)
        .unwrap();
    assert_eq!(newest[1], ("bob".to_owned(), Some(5)));
}

#[test]
fn compounds_put_rows_together() {
    let db = chat();
    let ids = |from: i64, to: i64| {
        Select::from::<Message>().filter(Message::id.between(from, to)).select(Message::id)
    };
    let all = |compound: seedbed::query::Compound<'_, i64, seedbed::query::family::Integer>| {
        compound.order_by_position(1, Direction::Descending).all(&db).unwrap()
    };
    assert_eq!(all(ids(1, 3).union(ids(2, 4))), [4, 3, 2, 1]);
    assert_eq!(all(ids(1, 3).union_all(ids(3, 4))), [4, 3, 3, 1 + 1, 1]);
    assert_eq!(all(ids(1, 3).intersect(ids(2, 4))), [3, 2]);
    assert_eq!(all(ids(1, 3).except(ids(2, 4))), [1]);
    assert_eq!(all(ids(1, 3).order_by(Message::id.desc()).limit(1).union(ids(5, 5)).limit(9)), [5, 3]);
    assert_eq!(ids(1, 2).union(ids(4, 5)).count(&db).unwrap(), 4);
}

#[derive(Debug, PartialEq, Record)]
#[record(name = "thread")]
struct Thread {
    id: i64,
    depth: i64,
}

#[test]
fn a_query_can_read_from_itself() {
    let db = chat();
    let start = Select::from::<Message>()
        .filter(Message::id.eq(1))
        .select(ThreadSelect { id: Message::id, depth: sql!(i64, "0") });
    let step = Select::from::<Message>()
        .join::<Thread>()
        .on(Message::answers.eq(Thread::id))
        .select(ThreadSelect { id: Message::id, depth: Thread::depth + 1 });
    let thread: Vec<(Message, i64)> = Select::from::<Thread>()
        .with_recursive::<Thread>(start.union_all(step))
        .join::<Message>()
        .on(Message::id.eq(Thread::id))
        .order_by((Thread::depth, Message::id))
        .select((all_of::<Message>(), Thread::depth))
        .all(&db)
        .unwrap();
    let found: Vec<(i64, i64)> = thread.iter().map(|(message, depth)| (message.id, *depth)).collect();
    assert_eq!(found, [(1, 0), (2, 1), (4, 1), (3, 2)]);
}

/// A table of another origin, with a column of the rowid's name.
#[derive(Table)]
#[table(name = "notes")]
struct Note {
    #[column(primary_key)]
    text: String,
    #[column(name = "RowId")]
    number: i64,
}

alias!(Later = Note);

#[test]
fn rows_are_told_in_the_order_in_which_they_were_made() {
    let db = chat();
    assert_eq!(
        Select::from::<Message>()
            .order_by(rowid::<Message>().desc())
            .select(rowid::<Message>())
            .first(&db)
            .unwrap(),
        Some(5)
    );
    db.execute_batch(r#"CREATE TABLE notes (text TEXT PRIMARY KEY NOT NULL, "RowId" INTEGER NOT NULL)"#)
        .unwrap();
    let notes = [("b", 3), ("c", 2), ("a", 1)].map(|(text, number)| Note { text: text.to_owned(), number });
    Insert::rows(&notes).run(&db).unwrap();
    let texts =
        Select::from::<Note>().order_by(rowid::<Note>()).select((Note::text, Note::number)).all(&db).unwrap();
    assert_eq!(texts, [("b".to_owned(), 3), ("c".to_owned(), 2), ("a".to_owned(), 1)]);
    let behind = Select::from::<Note>()
        .join::<Later>()
        .on(Later::of(rowid::<Note>()).eq(rowid::<Note>() + 1))
        .order_by(rowid::<Note>())
        .select((Note::text, Later::of(Note::text)));
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(behind.all(&db).unwrap(), [pair("b", "c"), pair("c", "a")]);
}

/// What a search form leaves empty is not asked; `None` is never taken for NULL.
#[test]
fn a_filter_without_a_value_is_left_out() -> Result<(), Error> {
    let db = chat();
    let search = |author: Option<i64>, body: Option<&String>, kind: Option<Kind>| {
        Select::from::<Message>()
            .filter_eq_option(Message::author_id, author)
            .filter_eq_option(Message::body, body)
            .filter_eq_option(Message::kind, kind)
            .order_by(Message::id)
            .select(Message::id)
            .all(&db)
    };
    assert_eq!(search(None, None, None)?, [1, 2, 3, 4, 5]);
    assert_eq!(search(Some(2), None, None)?, [2, 5]);
    assert_eq!(search(Some(2), Some(&String::new()), None)?, [5]);
    assert_eq!(search(None, Some(&"hi".to_owned()), Some(Kind::Image))?, [0; 0]);
    let answers =
        |to: Option<i64>| Select::from::<Message>().filter_eq_option(Message::answers, to).count(&db);
    assert_eq!((answers(None)?, answers(Some(1))?), (5, 2));
    Ok(())
}

#[derive(Debug, Clone, PartialEq, DbType)]
struct Isbn(String);

#[derive(Table)]
#[table(name = "books")]
struct Book {
    #[column(primary_key)]
    isbn: Isbn,
    kind: Option<Kind>,
    price: i64,
    rating: Option<f64>,
    #[column(stored_as = "unix_seconds")]
    bought_at: Timestamp,
}

/// A list that the caller keeps is searched for without a copy of each item, whatever its items are.
#[test]
fn values_are_taken_by_reference() -> Result<(), Error> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(
        "CREATE TABLE books (isbn TEXT PRIMARY KEY NOT NULL, kind TEXT, price INTEGER NOT NULL, rating REAL,
           bought_at INTEGER NOT NULL)",
    )?;
    let (kind, prices, price) = (Kind::Text, vec![0, 2, 5], 1_u8);
    let isbns = ["a", "b", "c"].map(|isbn| Isbn(isbn.to_owned()));
    for (at, isbn) in isbns.iter().enumerate() {
        let at = at as i64;
        Insert::row(&NewBook { isbn: isbn.clone(), price: at, bought_at: time(at) })
            .set(Book::kind, kind)
            .run(&db)?;
    }
    let count = |books: Select<'_, seedbed::query::From<Book>>| books.count(&db);
    let books = Select::from::<Book>;
    assert_eq!(count(books().filter(Book::isbn.eq(&isbns[1])))?, 1);
    assert_eq!(count(books().filter(Book::isbn.in_list(&isbns[1..])))?, 2);
    assert_eq!(count(books().filter(Book::price.in_list(&prices)))?, 2);
    assert_eq!(count(books().filter(Book::price.eq(&price)))?, 1);
    assert_eq!(count(books().filter(Book::bought_at.in_list([0, 1].map(time).iter())))?, 2);
    assert_eq!(count(books().filter(Book::kind.eq(&kind)).filter_eq_option(Book::isbn, isbns.first()))?, 1);

    let (rating, isbn) = (Some(4.5), Isbn("d".to_owned()));
    let changed = Update::table::<Book>()
        .set(Book::rating, rating.as_ref())
        .set(Book::isbn, &isbn)
        .filter(Book::isbn.eq(&isbns[2]))
        .run(&db)?;
    assert_eq!(changed, 1);
    assert_eq!(count(books().filter(Book::rating.is(rating.as_ref())))?, 1);
    Ok(())
}
