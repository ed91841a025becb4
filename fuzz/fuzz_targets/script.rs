//! A migration's file: read from a folder, run in memory as the migrator runs it, and inspected.
//!
//! A script may say whatever SQL can say, so it gets limits here: no other file, little memory, few steps.

#![no_main]

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;

use libfuzzer_sys::fuzz_target;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use seedbed::inspect::inspect;
use seedbed::migrate::Folder;
use seedbed::replay::Replay;

const JOURNAL: &str = r#"{"version":"7","dialect":"sqlite","entries":[
    {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true},
    {"idx":1,"version":"6","when":1,"tag":"0001_next","breakpoints":true}]}"#;

/// What the script finds.
const BASE: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n);
    CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id) ON DELETE CASCADE);
    CREATE INDEX a_name ON a (name);
    CREATE VIEW v AS SELECT name FROM a;
    CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b (a) VALUES (new.id); END;
    INSERT INTO a (name, n) VALUES ('x', 1), ('y', NULL);";

thread_local! {
    static FOLDER: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
}

/// Returns the folder that the files lie in, in memory where the system has such.
fn folder() -> PathBuf {
    FOLDER.with_borrow_mut(|folder| {
        folder
            .get_or_insert_with(|| {
                let memory = PathBuf::from("/dev/shm");
                let parent = if memory.is_dir() { memory } else { std::env::temp_dir() };
                let folder = parent.join(format!("seedbed-fuzz-{}", std::process::id()));
                fs::create_dir_all(folder.join("meta")).expect("the folder takes files");
                fs::write(folder.join("meta/_journal.json"), JOURNAL).expect("the folder takes files");
                fs::write(folder.join("0000_base.sql"), BASE).expect("the folder takes files");
                folder
            })
            .clone()
    })
}

/// Returns an empty database that a script can do no harm with.
fn limited() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, 1 << 20)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA max_page_count = 16384")?;
    let mut steps = 0;
    let stop = move || {
        steps += 1;
        steps > 200
    };
    connection.progress_handler(10_000, Some(stop))?;
    let judge = |context: AuthContext<'_>| match context.action {
        AuthAction::Attach { .. } => Authorization::Deny,
        AuthAction::Pragma { pragma_name, .. } if pragma_name.contains("store") => Authorization::Deny,
        _ => Authorization::Allow,
    };
    connection.authorizer(Some(judge))?;
    Ok(connection)
}

fuzz_target!(|text: &str| {
    let folder = folder();
    fs::write(folder.join("0001_next.sql"), text).expect("the folder takes files");
    let migrations = Folder::new(&folder).migrations();
    let Ok(migrations) = migrations else { return };
    let mut replay = Replay::on(limited().expect("a database in memory"));
    replay.run(&migrations[0]).expect("the base is good");
    match replay.run(&migrations[1]) {
        Ok(()) => {
            let _ = inspect(replay.connection());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
