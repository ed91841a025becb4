//! Push: what it changes, what it asks, what it leaves alone, and that a failure changes nothing.

use seedbed::inspect::inspect;
use seedbed::push::{Draft, PushErrorKind, PushOptions, prepare};
use seedbed::{Connection, params};
use seedbed_schema::model::{EnumVariant, Schema, StoredForm};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn schema(script: &str) -> Result<Schema> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(script)?;
    Ok(inspect(connection.rusqlite())?)
}

fn plan(connection: &Connection, wanted: &str) -> Result<Option<Draft>> {
    let draft = prepare(connection, &schema(wanted)?, &PushOptions::default())?;
    Ok((!draft.is_empty()).then_some(draft))
}

fn push(connection: &mut Connection, wanted: &str) -> Result {
    match plan(connection, wanted)? {
        Some(draft) => Ok(draft.run(connection)?),
        None => Ok(()),
    }
}

fn count(connection: &Connection, sql: &str) -> Result<i64> {
    Ok(connection.query_one(sql, params![], |row| row.get(0))?)
}

const RICH: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL COLLATE NOCASE, age INTEGER DEFAULT 3,
        made_at TEXT NOT NULL DEFAULT (datetime('now')), low TEXT AS (lower(email)) STORED, size INTEGER AS (length(email)),
        CONSTRAINT age_ok CHECK (age > 0 AND email <> ';,'), CONSTRAINT both UNIQUE (email, age)) STRICT;
    CREATE TABLE posts (a INTEGER NOT NULL, b TEXT NOT NULL, user_id INTEGER CONSTRAINT author REFERENCES users (id) ON DELETE CASCADE,
        PRIMARY KEY (a, b DESC)) WITHOUT ROWID;
    CREATE INDEX by_both ON users (coalesce(age, id), email DESC);
    CREATE UNIQUE INDEX adults ON users (email) WHERE age > 17;
    CREATE VIEW names AS SELECT u.email FROM users AS u JOIN posts ON posts.user_id = u.id;";

#[test]
fn a_second_push_of_a_rich_schema_finds_nothing() -> Result {
    let mut connection = Connection::open_in_memory()?;
    push(&mut connection, RICH)?;
    assert!(plan(&connection, RICH)?.is_none());
    Ok(())
}

#[test]
fn a_dropped_column_needs_consent_only_while_there_are_rows() -> Result {
    let mut connection = Connection::open_in_memory()?;
    push(&mut connection, "CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER)")?;
    let wanted = "CREATE TABLE users (id INTEGER PRIMARY KEY)";
    assert!(plan(&connection, wanted)?.unwrap().unconsented(&[], false).is_empty());
    connection.execute("INSERT INTO users VALUES (1, 2)", params![])?;
    let draft = plan(&connection, wanted)?.unwrap();
    let open = draft.unconsented(&[], false);
    assert_eq!((open[0].hazard.consent().as_str(), open[0].rows), ("drop-column:users.age", 1));
    assert!(draft.unconsented(&["drop-column:users.age".to_owned()], false).is_empty());
    assert!(draft.unconsented(&[], true).is_empty());
    draft.run(&mut connection)?;
    assert_eq!(count(&connection, "SELECT count(*) FROM users")?, 1);
    Ok(())
}

#[test]
fn tables_of_others_are_left_alone_and_named() -> Result {
    let mut connection = Connection::open_in_memory()?;
    connection.execute_batch("CREATE TABLE theirs (id); INSERT INTO theirs VALUES (1)")?;
    push(&mut connection, "CREATE TABLE ours (id INTEGER PRIMARY KEY)")?;
    assert!(plan(&connection, "CREATE TABLE ours (id INTEGER PRIMARY KEY)")?.is_none());
    let draft = plan(&connection, "CREATE TABLE other (id INTEGER PRIMARY KEY)").unwrap_err().to_string();
    assert!(draft.contains("question"), "ours is gone and other is new, which is asked: {draft}");
    push(
        &mut connection,
        "CREATE TABLE ours (id INTEGER PRIMARY KEY); CREATE TABLE other (id INTEGER PRIMARY KEY)",
    )?;
    assert_eq!(count(&connection, "SELECT count(*) FROM theirs")?, 1);
    Ok(())
}

#[test]
fn a_column_and_a_trigger_made_by_hand_survive_a_rebuild() -> Result {
    let mut connection = Connection::open_in_memory()?;
    push(&mut connection, "CREATE TABLE users (id INTEGER PRIMARY KEY, age TEXT)")?;
    connection.execute_batch(
        "ALTER TABLE users ADD COLUMN note TEXT; INSERT INTO users VALUES (1, '7', 'kept'); CREATE INDEX by_note ON users (note);
         CREATE TRIGGER guard BEFORE DELETE ON users BEGIN SELECT RAISE(ABORT, 'no'); END",
    )?;
    push(&mut connection, "CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER DEFAULT 1)")?;
    assert_eq!(count(&connection, "SELECT count(*) FROM users WHERE age = 7 AND note = 'kept'")?, 1);
    assert!(connection.execute("DELETE FROM users", params![]).is_err());
    assert_eq!(count(&connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'by_note'")?, 1);
    Ok(())
}

#[test]
fn a_push_that_fails_on_rows_leaves_no_trace() -> Result {
    let mut connection = Connection::open_in_memory()?;
    push(&mut connection, "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)")?;
    connection.execute_batch("INSERT INTO users VALUES (1, 'a'), (2, 'a')")?;
    let before = inspect(connection.rusqlite())?;
    let wanted = "CREATE TABLE extra (id INTEGER); CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); CREATE UNIQUE INDEX u ON users (email)";
    let error = plan(&connection, wanted)?.unwrap().run(&mut connection).unwrap_err();
    assert!(matches!(error.kind(), PushErrorKind::Apply(_)), "{error}");
    assert_eq!(inspect(connection.rusqlite())?, before);
    Ok(())
}

#[test]
fn children_survive_the_rebuild_of_their_parent() -> Result {
    let mut connection = Connection::open_in_memory()?;
    let schema = |default: &str| {
        format!(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES users (id) ON DELETE CASCADE, age INTEGER{default});
             CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE);
             CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE SET NULL);"
        )
    };
    push(&mut connection, &schema(""))?;
    connection.execute_batch(
        "INSERT INTO users VALUES (1, NULL, 3), (2, 1, 4); INSERT INTO posts VALUES (1, 1), (2, 2); INSERT INTO notes VALUES (1, 2)",
    )?;
    push(&mut connection, &schema(" DEFAULT 5"))?;
    assert_eq!(count(&connection, "SELECT count(*) FROM users")?, 2);
    assert_eq!(count(&connection, "SELECT count(*) FROM posts")?, 2);
    assert_eq!(count(&connection, "SELECT user_id FROM notes")?, 2);
    Ok(())
}

#[test]
fn a_plan_for_a_schema_that_changed_meanwhile_is_not_run() -> Result {
    let mut connection = Connection::open_in_memory()?;
    let draft = plan(&connection, "CREATE TABLE users (id INTEGER PRIMARY KEY)")?.ok_or("nothing to do")?;
    connection.execute_batch("CREATE TABLE users (name TEXT)")?;
    let error = draft.run(&mut connection).unwrap_err();
    assert!(matches!(error.kind(), PushErrorKind::Changed), "{error}");
    Ok(())
}

/// A schema of one table with a time that is stored in that form.
fn with_form(form: StoredForm) -> Result<Schema> {
    let mut schema = schema("CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL)")?;
    schema.tables[0].columns[1].form = form;
    Ok(schema)
}

#[test]
fn a_change_of_stored_form_converts_the_rows_and_is_known_the_next_time() -> Result {
    let mut connection = Connection::open_in_memory()?;
    let plan = |connection: &Connection, form: StoredForm| -> Result<Option<Draft>> {
        let draft = prepare(connection, &with_form(form)?, &PushOptions::default())?;
        Ok((!draft.is_empty()).then_some(draft))
    };
    plan(&connection, StoredForm::UnixSeconds)?.ok_or("no table")?.run(&mut connection)?;
    assert!(plan(&connection, StoredForm::UnixSeconds)?.is_none());
    connection.execute("INSERT INTO events VALUES (1, 60)", params![])?;
    plan(&connection, StoredForm::UnixMilliseconds)?.ok_or("no change")?.run(&mut connection)?;
    assert_eq!(count(&connection, "SELECT at FROM events")?, 60_000);
    assert!(plan(&connection, StoredForm::UnixMilliseconds)?.is_none());
    Ok(())
}

#[test]
fn a_renamed_text_of_an_enum_without_a_check_is_converted() -> Result {
    let mut connection = Connection::open_in_memory()?;
    let tasks = |variants: Vec<EnumVariant>| -> Result<Schema> {
        let mut schema = schema("CREATE TABLE tasks (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")?;
        schema.tables[0].columns[1].form = StoredForm::TextEnum(variants);
        Ok(schema)
    };
    let variant = |value: &str, from: Option<&str>| EnumVariant {
        value: value.to_owned(),
        renamed_from: from.map(str::to_owned),
    };
    let options = PushOptions::default();
    let first = tasks(vec![variant("open", None), variant("closed", None)])?;
    prepare(&connection, &first, &options)?.run(&mut connection)?;
    connection.execute("INSERT INTO tasks VALUES (1, 'closed')", params![])?;
    let then = tasks(vec![variant("open", None), variant("done", Some("closed"))])?;
    prepare(&connection, &then, &options)?.run(&mut connection)?;
    assert_eq!(count(&connection, "SELECT count(*) FROM tasks WHERE state = 'done'")?, 1);
    assert!(prepare(&connection, &then, &options)?.is_empty());
    Ok(())
}
