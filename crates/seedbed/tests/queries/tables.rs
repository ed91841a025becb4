//! A small chat: people, rooms, messages, and a database of them.

use seedbed::prelude::*;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "people")]
pub(crate) struct Person {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(unique)]
    pub(crate) name: String,
    pub(crate) nick: Option<String>,
    #[column(default = 1.0)]
    pub(crate) weight: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, TextEnum)]
pub(crate) enum Kind {
    Text,
    Image,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "messages")]
pub(crate) struct Message {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(references = Person::id)]
    pub(crate) author_id: i64,
    #[column(references = Message::id)]
    pub(crate) answers: Option<i64>,
    #[column(default = Kind::Text)]
    pub(crate) kind: Kind,
    pub(crate) body: String,
    #[column(stored_as = "unix_seconds")]
    pub(crate) sent_at: Timestamp,
    pub(crate) extra: Option<Json<Vec<String>>>,
}

alias!(pub(crate) Answer = Message);

pub(crate) fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).expect("a time of 2023")
}

/// Three people and five messages: 1 is by ada, 2 and 4 answer it, 3 answers 2, 5 is an image.
pub(crate) fn chat() -> Connection {
    filled().expect("the rows fit")
}

fn filled() -> Result<Connection, Error> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(
        "CREATE TABLE people (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, nick TEXT,
           weight REAL NOT NULL DEFAULT 1.0);
         CREATE TABLE messages (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL REFERENCES people (id),
           answers INTEGER REFERENCES messages (id), kind TEXT NOT NULL DEFAULT 'text', body TEXT NOT NULL,
           sent_at INTEGER NOT NULL, extra TEXT);",
    )
    ?;
    let people = ["ada", "bob", "cy"].map(|name| NewPerson { name: name.to_owned() });
    assert_eq!(Insert::rows(&people).run(&db)?, 3);
    Update::table::<Person>().set(Person::nick, "a").filter(Person::name.eq("ada")).run(&db)?;
    for (at, (author_id, answers, body)) in [
        (1, None, "hello"),
        (2, Some(1), "hi"),
        (1, Some(2), "how are you"),
        (3, Some(1), "hey"),
        (2, None, ""),
    ]
    .into_iter()
    .enumerate()
    {
        let message = Message {
            id: at as i64 + 1,
            author_id,
            answers,
            kind: if body.is_empty() { Kind::Image } else { Kind::Text },
            body: body.to_owned(),
            sent_at: time(at as i64 * 60),
            extra: body.is_empty().then(|| Json(vec!["a.png".to_owned(), "b.png".to_owned()])),
        };
        assert_eq!(Insert::row(&message).run(&db)?, 1);
    }
    Ok(db)
}
