//! A chat: people, rooms, messages, reactions, and what each person has read, on one pool that many tasks write to.
//!
//! `cargo run -p seedbed --example chat`
//!
//! A program of your own makes its tables by `seedbed generate` and `migrate`; here they are written out below. The functions in
//! the middle are what a chat's `store` is made of. They take a `&Connection`, so each runs alone, in a transaction, and in the
//! closures of a pool. [`story`] uses all of them and returns what it saw, which `main` prints and the test at the end compares.

use std::fmt::Write as _;

use seedbed::prelude::*;

// ---- The tables -----------------------------------------------------------------------------------------------------

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "rooms")]
struct Room {
    #[column(primary_key)]
    id: i64,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "memberships", primary_key(columns(room_id, user_id)))]
struct Membership {
    #[column(references = Room::id, on_delete = "cascade")]
    room_id: i64,
    #[column(references = User::id, on_delete = "cascade")]
    user_id: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "messages", index(columns(room_id, sent_at desc, id desc)))]
struct Message {
    #[column(primary_key)]
    id: i64,
    #[column(references = Room::id, on_delete = "cascade")]
    room_id: i64,
    #[column(references = User::id)]
    author_id: i64,
    body: String,
    #[column(stored_as = "unix_seconds")]
    sent_at: Timestamp,
    #[column(stored_as = "unix_seconds")]
    edited_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "reactions", primary_key(columns(message_id, user_id, emoji)))]
struct Reaction {
    #[column(references = Message::id, on_delete = "cascade")]
    message_id: i64,
    #[column(references = User::id)]
    user_id: i64,
    emoji: String,
}

/// The newest message of a room that a user has seen.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "read_marks", primary_key(columns(room_id, user_id)))]
struct ReadMark {
    #[column(references = Room::id, on_delete = "cascade")]
    room_id: i64,
    #[column(references = User::id, on_delete = "cascade")]
    user_id: i64,
    message_id: i64,
}

const TABLES: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE);
    CREATE TABLE rooms (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL);
    CREATE TABLE memberships (
        room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        PRIMARY KEY (room_id, user_id)
    );
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY NOT NULL,
        room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
        author_id INTEGER NOT NULL REFERENCES users (id),
        body TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        edited_at INTEGER
    );
    CREATE INDEX messages_room_id_sent_at_id_idx ON messages (room_id, sent_at DESC, id DESC);
    CREATE TABLE reactions (
        message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id),
        emoji TEXT NOT NULL,
        PRIMARY KEY (message_id, user_id, emoji)
    );
    CREATE TABLE read_marks (
        room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        message_id INTEGER NOT NULL,
        PRIMARY KEY (room_id, user_id)
    );";

// ---- Writing --------------------------------------------------------------------------------------------------------

/// Sends a message, which its author has read. It takes a transaction, because the message and the mark belong together.
fn send(tx: &Transaction<'_>, room: i64, author: i64, body: &str, now: Timestamp) -> Result<i64, Error> {
    let is_member = Select::from::<Membership>()
        .filter(Membership::room_id.eq(room))
        .filter(Membership::user_id.eq(author))
        .exists(tx)?;
    if !is_member {
        return Err(Error::message("only members can write in a room"));
    }
    let message = NewMessage { room_id: room, author_id: author, body: body.to_owned(), sent_at: now };
    let id = Insert::row(&message).returning(Message::id).one(tx)?;
    mark_read(tx, room, author, id)?;
    Ok(id)
}

/// Remembers what a user has read, and never goes back.
fn mark_read(db: &Connection, room: i64, user: i64, message: i64) -> Result<(), Error> {
    Insert::row(&ReadMark { room_id: room, user_id: user, message_id: message })
        .on_conflict((ReadMark::room_id, ReadMark::user_id))
        .do_update(|mark| {
            mark.set(ReadMark::message_id, excluded(ReadMark::message_id))
                .filter(ReadMark::message_id.lt(excluded(ReadMark::message_id)))
        })
        .run(db)?;
    Ok(())
}

/// Reacts to a message; the same reaction a second time changes nothing.
fn react(db: &Connection, message: i64, user: i64, emoji: &str) -> Result<(), Error> {
    Insert::row(&Reaction { message_id: message, user_id: user, emoji: emoji.to_owned() })
        .or_ignore()
        .run(db)?;
    Ok(())
}

/// Changes a message of this author and returns it; nobody else can.
fn edit(db: &Connection, id: i64, author: i64, body: &str, now: Timestamp) -> Result<Option<Message>, Error> {
    Update::table::<Message>()
        .set(Message::body, body)
        .set(Message::edited_at, now)
        .filter(Message::id.eq(id))
        .filter(Message::author_id.eq(author))
        .returning(all_of::<Message>())
        .optional(db)
}

/// Deletes a message of this author, with its reactions, and says whether there was one.
fn delete(db: &Connection, id: i64, author: i64) -> Result<bool, Error> {
    let deleted =
        Delete::from::<Message>().filter(Message::id.eq(id)).filter(Message::author_id.eq(author)).run(db)?;
    Ok(deleted == 1)
}

// ---- Reading --------------------------------------------------------------------------------------------------------

/// A message and who wrote it.
type Said = (Message, User);

/// One page of a room's messages with their authors, newest first. The next page begins behind the last row of this one.
fn page(db: &Connection, room: i64, behind: Option<&Message>) -> Result<Vec<Said>, Error> {
    Select::from::<Message>()
        .join::<User>()
        .on(Message::author_id.eq(User::id))
        .filter(Message::room_id.eq(room))
        .keyset((Message::sent_at.desc(), Message::id.desc()), behind.map(|last| (last.sent_at, last.id)))
        .limit(20)
        .all(db)
}

/// How many messages of others wait for a user, in each of the rooms that the user is in.
fn unread(db: &Connection, user: i64) -> Result<Vec<(String, i64)>, Error> {
    let is_new = Message::id.gt(ReadMark::message_id.coalesce(0)).and(Message::author_id.ne(user));
    Select::from::<Membership>()
        .join::<Room>()
        .on(Room::id.eq(Membership::room_id))
        .left_join::<ReadMark>()
        .on(ReadMark::room_id.eq(Room::id).and(ReadMark::user_id.eq(user)))
        .left_join::<Message>()
        .on(Message::room_id.eq(Room::id).and(is_new))
        .filter(Membership::user_id.eq(user))
        .group_by(Room::id)
        .order_by(Room::id)
        .select((Room::title, Message::id.count()))
        .all(db)
}

/// Each room with its last message and who wrote it: two statements more, however many rooms there are.
fn rooms_with_last_message(db: &Connection) -> Result<Vec<(Room, Option<Said>)>, Error> {
    let last = has_one(Message::room_id)
        .order_by((Message::sent_at.desc(), Message::id.desc()))
        .load(belongs_to(Message::author_id));
    Select::from::<Room>().order_by(Room::id).load(last).all(db)
}

/// What to search for. What is `None` is not asked.
#[derive(Default)]
struct Search<'a> {
    room: Option<i64>,
    author: Option<&'a str>,
    since: Option<Timestamp>,
    text: Option<&'a str>,
}

fn search(db: &Connection, search: Search<'_>) -> Result<Vec<String>, Error> {
    Select::from::<Message>()
        .join::<User>()
        .on(Message::author_id.eq(User::id))
        .filter_eq_option(Message::room_id, search.room)
        .filter_eq_option(User::name, search.author)
        .filter_option(search.since.map(|since| Message::sent_at.ge(since)))
        .filter_option(search.text.map(|text| Message::body.contains(text)))
        .order_by(Message::id)
        .select(Message::body)
        .all(db)
}

/// A message with its author and the reactions, each with who it is from.
type Told = (Message, User, Vec<(Reaction, User)>);

/// A room with its first messages and all that belongs to them.
fn transcript(db: &Connection, room: i64, messages: u64) -> Result<(Room, Vec<Told>), Error> {
    let reactions =
        has_many(Reaction::message_id).order_by(Reaction::emoji).load(belongs_to(Reaction::user_id));
    let messages = has_many(Message::room_id)
        .order_by(Message::id)
        .limit(messages)
        .load(belongs_to(Message::author_id))
        .load(reactions);
    Select::from::<Room>().filter(Room::id.eq(room)).load(messages).one(db)
}

// ---- The story ------------------------------------------------------------------------------------------------------

/// The time of the story, in minutes after it began.
fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + minutes * 60)
        .expect("a minute of the story is in the range of time")
}

async fn story(pool: &Pool) -> Result<String, Box<dyn std::error::Error>> {
    let mut told = String::new();
    let (ada, bob, cy, dan) = (1, 2, 3, 4);
    let (garden, kitchen) = (1, 2);

    pool.write(move |tx| {
        tx.execute_batch(TABLES)?;
        Insert::rows(&["ada", "bob", "cy", "dan"].map(|name| NewUser { name: name.to_owned() })).run(tx)?;
        Insert::rows(&["garden", "kitchen"].map(|title| NewRoom { title: title.to_owned() })).run(tx)?;
        let members =
            [(garden, ada), (garden, bob), (garden, cy), (kitchen, ada), (kitchen, bob), (kitchen, dan)];
        Insert::rows(&members.map(|(room_id, user_id)| Membership { room_id, user_id })).run(tx)
    })
    .await?;

    // Each write is a transaction of its own, which is on the disk when it answers.
    let question = pool.write(move |tx| send(tx, garden, ada, "who waters the beans?", minute(0))).await?;
    let answer = pool.write(move |tx| send(tx, garden, bob, "me, tomorow", minute(1))).await?;
    pool.write(move |tx| {
        react(tx, question, bob, "🌱")?;
        react(tx, question, cy, "💧")?;
        react(tx, question, cy, "💧")
    })
    .await?;
    if let Err(refused) = pool.write(move |tx| send(tx, kitchen, cy, "let me in", minute(2))).await {
        writeln!(told, "cy in the kitchen: {refused}")?;
    }

    // Many writers at once: those that wait for the disk at the same time share one wait.
    let writers: Vec<_> = (0..50)
        .map(|index| {
            let (pool, author) = (pool.clone(), if index % 2 == 0 { ada } else { bob });
            let body = format!("tomato {index}");
            tokio::spawn(async move {
                pool.write(move |tx| send(tx, kitchen, author, &body, minute(3 + index))).await
            })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }

    let edited = pool.write(move |tx| edit(tx, answer, bob, "me, tomorrow", minute(60))).await?;
    let not_hers = pool.write(move |tx| edit(tx, answer, ada, "ada, today", minute(61))).await?;
    writeln!(told, "bob edits: {:?}, ada edits: {:?}", edited.map(|it| it.body), not_hers.map(|it| it.body))?;

    writeln!(told, "\nthe kitchen, page by page:")?;
    let mut last: Option<Message> = None;
    loop {
        let behind = last.take();
        let messages = pool.read(move |tx| page(tx, kitchen, behind.as_ref())).await?;
        let Some((newest, oldest)) = messages.first().zip(messages.last()) else { break };
        writeln!(told, "  {} messages, {} to {}", messages.len(), newest.0.body, oldest.0.body)?;
        last = Some(oldest.0.clone());
    }

    let before = pool.read(move |tx| unread(tx, dan)).await?;
    pool.write(move |tx| mark_read(tx, kitchen, dan, answer + 30)).await?;
    pool.write(move |tx| mark_read(tx, kitchen, dan, answer + 20)).await?;
    let after = pool.read(move |tx| unread(tx, dan)).await?;
    writeln!(told, "\nunread by dan: {before:?}, and when 30 are read: {after:?}")?;

    writeln!(told, "\nthe last message of each room:")?;
    for (room, last) in pool.read(|tx| rooms_with_last_message(tx)).await? {
        let said = last.map(|(message, author)| format!("{}: {}", author.name, message.body));
        writeln!(told, "  {}: {}", room.title, said.unwrap_or_default())?;
    }

    let found = pool
        .read(move |tx| {
            search(tx, Search { author: Some("bob"), since: Some(minute(50)), ..Search::default() })
        })
        .await?;
    writeln!(told, "\nbob, late: {}", found.join(", "))?;
    let found = pool.read(|tx| search(tx, Search { text: Some("ato 4"), ..Search::default() })).await?;
    writeln!(told, "with \"ato 4\": {}", found.len())?;

    let (room, messages) = pool.read(move |tx| transcript(tx, garden, 10)).await?;
    writeln!(told, "\n{}:", room.title)?;
    for (message, author, reactions) in messages {
        let edited = if message.edited_at.is_some() { " (edited)" } else { "" };
        writeln!(told, "  {}: {}{edited}", author.name, message.body)?;
        for (reaction, user) in reactions {
            writeln!(told, "    {} {}", reaction.emoji, user.name)?;
        }
    }

    let by_bob = pool.write(move |tx| delete(tx, question, bob)).await?;
    let by_ada = pool.write(move |tx| delete(tx, question, ada)).await?;
    let reactions = pool.read(|tx| Select::from::<Reaction>().count(tx)).await?;
    writeln!(told, "\ndeleted by bob: {by_bob}, by ada: {by_ada}; reactions left: {reactions}")?;
    Ok(told)
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let pool = Pool::open(folder.path().join("chat.db"), PoolOptions::default())?;
    let told = story(&pool).await?;
    pool.close().await;
    print!("{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_is_told_as_it_is_written_here() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let pool = Pool::open(folder.path().join("chat.db"), PoolOptions::default())?;
    assert_eq!(story(&pool).await?, STORY);
    Ok(())
}

#[cfg(test)]
const STORY: &str = "\
cy in the kitchen: only members can write in a room
bob edits: Some(\"me, tomorrow\"), ada edits: None

the kitchen, page by page:
  20 messages, tomato 49 to tomato 30
  20 messages, tomato 29 to tomato 10
  10 messages, tomato 9 to tomato 0

unread by dan: [(\"kitchen\", 50)], and when 30 are read: [(\"kitchen\", 20)]

the last message of each room:
  garden: bob: me, tomorrow
  kitchen: bob: tomato 49

bob, late: tomato 47, tomato 49
with \"ato 4\": 11

garden:
  ada: who waters the beans?
    🌱 bob
    💧 cy
  bob: me, tomorrow (edited)

deleted by bob: false, by ada: true; reactions left: 0
";
