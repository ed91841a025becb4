//! `seedbed backup` and `seedbed restore`: from outside, beside this process, which has the database open as a server has.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use seedbed::rusqlite::{Connection, Result};

use crate::test_env::TestEnv;

/// A database with a log, migrated once, with a user in it.
fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    schema(&env, "");
    env.run(&["generate", "--name", "users"]).succeeded();
    env.run(&["migrate"]).succeeded();
    open(&env).execute_batch("INSERT INTO users (id, name) VALUES (1, 'ada')").unwrap();
    env
}

fn schema(env: &TestEnv, more: &str) {
    let table = "#[derive(Table)]\n#[table(name = \"users\")]\nstruct User {\n    #[column(primary_key)]\n    id: i64,\n    name: String,\n";
    env.write("src/schema.rs", &format!("{table}{more}}}\n"));
}

fn open(env: &TestEnv) -> Connection {
    Connection::open(env.path("app.db")).unwrap()
}

fn names(connection: &Connection) -> Result<String> {
    connection.query_row("SELECT group_concat(name) FROM (SELECT name FROM users ORDER BY id)", [], |row| {
        row.get(0)
    })
}

/// Puts another content behind the backup `old.db`.
fn project_with_backup() -> TestEnv {
    let env = project();
    env.run(&["backup", "old.db"]).succeeded();
    open(&env).execute_batch("UPDATE users SET name = 'bob'").unwrap();
    env
}

#[test]
fn a_backup_is_named_by_the_time_and_holds_what_is_committed() {
    let env = project();
    let mut writer = open(&env);
    let transaction = writer.transaction().unwrap();
    transaction.execute("INSERT INTO users (id, name) VALUES (2, 'not committed')", []).unwrap();
    let run = env.run(&["backup"]);
    assert!(run.stderr.starts_with("backed up: "), "{}", run.stderr);
    let path = run.succeeded();
    let path = path.trim_end();
    assert!(path.starts_with("app.20") && path.ends_with("Z.backup.db"), "{path}");
    assert_eq!(names(&Connection::open(env.path(path)).unwrap()), Ok("ada".to_owned()));
    let json = env.run(&["backup", "--json"]).json();
    let copy = env.path(json["file"].as_str().unwrap());
    assert_eq!(json["bytes"], fs::metadata(copy).unwrap().len());
}

#[test]
fn keeping_so_many_deletes_only_what_this_command_named() {
    let env = project();
    let others = [
        "app.db",
        "app.2020-01-01T00-00-00Z.before-migrate.db",
        "app.backup.db",
        "other.2020-01-01T00-00-00Z.backup.db",
    ];
    others[1..].iter().for_each(|name| env.write(name, ""));
    env.write("app.2020-01-01T00-00-00Z.backup.db", "");
    env.write("app.2021-01-01T00-00-00Z.backup.db", "");
    let json = env.run(&["backup", "--keep", "2", "--json"]).json();
    assert_eq!(json["deleted"], serde_json::json!(["app.2020-01-01T00-00-00Z.backup.db"]));
    let files = env.files();
    assert!(others.iter().all(|name| files.contains(&(*name).to_owned())), "{files:?}");
    fs::create_dir(env.path("copies")).unwrap();
    env.run(&["backup", "copies", "--keep", "1"]).succeeded();
    assert!(env.run(&["backup", "copies", "--keep", "1"]).stderr.contains("deleted: copies/app."));
    assert_eq!(env.files().iter().filter(|name| name.starts_with("copies/")).count(), 1);
}

#[test]
fn a_backup_overwrites_nothing_and_needs_a_database() {
    let env = project();
    env.write("precious.db", "precious");
    let stderr = env.run(&["backup", "precious.db"]).failed(2);
    assert!(stderr.contains("`precious.db`") && stderr.contains("the file exists already"), "{stderr}");
    assert_eq!(env.read("precious.db"), "precious");
    env.run(&["backup", "new.db", "--keep", "3"]).failed(2);
    env.run(&["backup", "--keep", "0"]).failed(2);
    assert!(env.run(&["backup", "--url", "none.db"]).failed(2).contains("there is no database at `none.db`"));
    assert!(!env.path("none.db").exists());
    let stderr = env.run(&["backup", "no/folder.db"]).failed(2);
    assert!(stderr.contains("no/folder.db") && stderr.contains("No such file"), "{stderr}");
}

#[test]
fn restoring_is_a_question() {
    let env = project_with_backup();
    let stderr = env.run(&["restore", "old.db"]).failed(3);
    assert!(stderr.contains("migrated up to 0000_users") && stderr.contains("--yes"), "{stderr}");
    assert_eq!(names(&open(&env)), Ok("bob".to_owned()));
    if cfg!(target_os = "linux") {
        let run = env.run_at_terminal(&["restore", "old.db"], &[("all that is in app.db? [y/N]", "y\n")]);
        assert_eq!(run.code, 0, "{}", run.stdout);
        assert_eq!(names(&open(&env)), Ok("ada".to_owned()));
    }
}

/// A server has the file open; it is another process than the one that restores.
#[test]
fn who_has_the_database_open_sees_the_restored_content_with_the_next_transaction() {
    let env = project_with_backup();
    let (mut reader, writer) = (open(&env), open(&env));
    let snapshot = reader.transaction().unwrap();
    assert_eq!(names(&snapshot), Ok("bob".to_owned()));
    let run = env.run(&["restore", "old.db", "--yes"]);
    assert!(run.stderr.contains("restored: app.db"), "{}", run.stderr);
    assert_eq!(names(&snapshot), Ok("bob".to_owned()));
    drop(snapshot);
    assert_eq!(names(&reader), Ok("ada".to_owned()));
    writer.execute("INSERT INTO users (id, name) VALUES (2, 'eve')", []).unwrap();
    assert_eq!(names(&reader), Ok("ada,eve".to_owned()));
    let kept = run.succeeded();
    assert!(kept.ends_with("Z.before-restore.db\n"), "{kept}");
    assert_eq!(names(&Connection::open(env.path(kept.trim_end())).unwrap()), Ok("bob".to_owned()));
}

#[test]
fn other_pages_and_other_journals_are_restored_too() {
    for (page_size, journal) in [(1024, "WAL"), (8192, "WAL"), (4096, "DELETE"), (1024, "DELETE")] {
        let env = project_with_backup();
        let old = Connection::open(env.path("old.db")).unwrap();
        old.execute_batch(&format!("PRAGMA page_size = {page_size}; VACUUM")).unwrap();
        drop(old);
        let server = open(&env);
        server.pragma_update_and_check(None, "journal_mode", journal, |_| Ok(())).unwrap();
        assert_eq!(names(&server), Ok("bob".to_owned()));
        let kept = env.run(&["restore", "old.db", "--yes"]).succeeded();
        assert_eq!(names(&server), Ok("ada".to_owned()), "{page_size} {journal}");
        assert_eq!(names(&Connection::open(env.path(kept.trim_end())).unwrap()), Ok("bob".to_owned()));
        let mode: String = server.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, journal.to_ascii_lowercase());
        assert!(env.files().iter().all(|name| !name.ends_with(".unfinished")));
    }
}

#[test]
fn an_older_backup_says_that_a_migration_is_to_follow() {
    let env = project_with_backup();
    schema(&env, "    age: Option<i64>,\n");
    env.run(&["generate", "--name", "age"]).succeeded();
    env.run(&["migrate"]).succeeded();
    let run = env.run(&["restore", "old.db", "--yes"]);
    assert!(run.stderr.contains("next: `seedbed migrate`, which runs 1 migration"), "{}", run.stderr);
    run.succeeded();
    env.run(&["migrate"]).succeeded();
    let newer = env.run(&["backup"]).succeeded();
    fs::remove_file(env.path("app.db")).unwrap();
    let json = env.run(&["restore", newer.trim_end(), "--yes", "--json"]).json();
    assert_eq!((&json["kept"], &json["pending"]), (&serde_json::Value::Null, &serde_json::json!([])));
    assert_eq!(names(&open(&env)), Ok("ada".to_owned()));
}

/// SQLite would play the log into the restored file.
#[test]
fn the_log_of_a_database_that_is_gone_is_in_the_way() {
    let env = project_with_backup();
    fs::remove_file(env.path("app.db")).unwrap();
    env.write("app.db-wal", "left over");
    let stderr = env.run(&["restore", "old.db", "--yes"]).failed(2);
    assert!(
        stderr.contains("`app.db-wal` is left of another database") && stderr.contains("move it away"),
        "{stderr}"
    );
    assert!(!env.path("app.db").exists());
}

#[test]
fn what_is_no_whole_database_is_not_restored() {
    let env = project_with_backup();
    let whole = fs::read(env.path("old.db")).unwrap();
    let mut damaged = whole.clone();
    damaged[4_096..].fill(0x5a);
    fs::write(env.path("damaged.db"), damaged).unwrap();
    fs::write(env.path("half.db"), &whole[..whole.len() / 2]).unwrap();
    env.write("text.db", &"no database ".repeat(100));
    env.write("empty.db", "");
    fs::create_dir(env.path("folder")).unwrap();
    for (file, reason) in [
        ("damaged.db", "is damaged"),
        ("half.db", "malformed"),
        ("text.db", "is not a SQLite database"),
        ("empty.db", "is empty"),
        ("folder", "it is a folder"),
        ("none.db", "does not exist"),
    ] {
        let stderr = env.run(&["restore", file, "--yes"]).failed(2);
        assert!(stderr.contains(reason), "{file}: {stderr}");
    }
    assert!(env.run(&["restore", "app.db", "--yes"]).failed(2).contains("is the database itself"));
    assert_eq!(names(&open(&env)), Ok("bob".to_owned()));
}

#[test]
fn a_damaged_database_is_kept_as_it_was_and_replaced() {
    let env = project_with_backup();
    open(&env).execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = fs::read(env.path("app.db")).unwrap();
    bytes[4_096..].fill(0x5a);
    fs::write(env.path("app.db"), bytes).unwrap();
    let json = env.run(&["restore", "old.db", "--yes", "--json"]).json();
    assert_eq!(json["kept_is_damaged"], true, "{json}");
    assert_eq!(names(&open(&env)), Ok("ada".to_owned()));
}

/// SQLite opens neither, so that there is nothing to be backed up by its means.
#[test]
fn what_is_no_longer_a_database_is_kept_as_it_was_and_replaced() {
    let env = project_with_backup();
    open(&env).execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let whole = fs::read(env.path("app.db")).unwrap();
    for wreck in [whole[..5_000].to_vec(), b"a text".to_vec(), vec![0x5a; 9_000]] {
        fs::write(env.path("app.db"), &wreck).unwrap();
        let object = env.run(&["doctor", "--json"]).json();
        assert!(object.to_string().contains("`seedbed restore FILE`"), "{object}");
        let json = env.run(&["restore", "old.db", "--yes", "--json"]).json();
        assert_eq!(json["kept_is_damaged"], true, "{json}");
        assert_eq!(fs::read(env.path(json["kept"].as_str().unwrap())).unwrap(), wreck);
        assert_eq!(names(&open(&env)), Ok("ada".to_owned()));
    }
}

#[test]
fn a_writer_that_does_not_end_is_waited_for_no_longer_than_allowed() {
    let env = project_with_backup();
    let mut server = open(&env);
    let transaction =
        server.transaction_with_behavior(seedbed::rusqlite::TransactionBehavior::Immediate).unwrap();
    let before = env.files();
    let stderr = env.run(&["restore", "old.db", "--yes", "--lock-timeout", "200ms"]).failed(4);
    assert!(stderr.contains("database is locked"), "{stderr}");
    assert_eq!(env.files(), before);
    assert_eq!(names(&transaction), Ok("bob".to_owned()));
}

/// Killed once the log holds more than so many bytes of the new content, or earlier.
#[test]
fn killed_while_it_restores_the_database_is_the_old_one_or_the_new_one() {
    let env = project_with_backup();
    for database in ["app.db", "old.db"] {
        let connection = Connection::open(env.path(database)).unwrap();
        let filler = "CREATE TABLE filler AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            SELECT i, zeroblob(3000) AS b FROM n";
        connection.execute_batch(filler).unwrap();
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    }
    let log_size = |env: &TestEnv| fs::metadata(env.path("app.db-wal")).map_or(0, |metadata| metadata.len());
    let mut seen = Vec::new();
    for bytes in [1, 1_000_000, 3_000_000, 5_000_000, 6_000_000, u64::MAX] {
        open(&env).execute_batch("UPDATE users SET name = 'bob'; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_seedbed"))
            .args(["restore", "old.db", "--yes"])
            .current_dir(env.path("."))
            .env_clear()
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() && log_size(&env) < bytes {
            std::thread::yield_now();
        }
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
        let connection = open(&env);
        let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok", "killed at {bytes}");
        let filler: i64 = connection.query_row("SELECT count(*) FROM filler", [], |row| row.get(0)).unwrap();
        let name = names(&connection).unwrap();
        assert!(filler == 2000 && ["ada", "bob"].contains(&name.as_str()), "{filler} {name}");
        seen.push(name);
    }
    assert_eq!((seen[0].as_str(), seen.last().map(String::as_str)), ("bob", Some("ada")));
    remove_copies(env.path(".").as_path());
}

fn remove_copies(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains(".before-restore.") {
            fs::remove_file(path).unwrap();
        }
    }
}
