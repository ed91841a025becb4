//! Connections: statements, queries, transactions, and the errors of files that cannot be opened.

use std::error::Error as StdError;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use seedbed::{Connection, Error, Journal, OpenOptions, Synchronous, Value, params};

type Result<T = (), E = Box<dyn StdError>> = std::result::Result<T, E>;

fn trees() -> Result<Connection, Error> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch("CREATE TABLE trees (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)")?;
    Ok(connection)
}

fn names(connection: &Connection) -> Result<Vec<String>, Error> {
    connection.query("SELECT name FROM trees ORDER BY id", params![], |row| row.get(0))
}

fn setting<T: seedbed::DbType>(connection: &Connection, pragma: &str) -> Result<T, Error> {
    connection.query_one(&format!("PRAGMA {pragma}"), params![], |row| row.get(0))
}

#[test]
fn parameters_of_every_kind_are_bound() -> Result {
    let connection = Connection::open_in_memory()?;
    let (owned, bytes, nothing) = (String::from("a"), vec![1_u8, 2], None::<i64>);
    let borrowed = &owned;
    let kinds = connection.query_one(
        "SELECT typeof(?1) || typeof(?2) || typeof(?3) || typeof(?4) || typeof(?5) || typeof(?6) || typeof(?7)",
        params![owned, borrowed, "text", bytes, nothing, 1.5, Value::Integer(1)],
        |row| row.get::<String>(0),
    )?;
    assert_eq!(kinds, "texttexttextblobnullrealinteger");
    Ok(())
}

#[test]
fn execute_returns_the_number_of_changed_rows() -> Result {
    let connection = trees()?;
    assert_eq!(connection.execute("INSERT INTO trees (name) VALUES ('oak'), ('elm')", params![])?, 2);
    assert_eq!(connection.execute("UPDATE trees SET name = name || '!' WHERE id = 7", params![])?, 0);
    assert_eq!(connection.last_insert_rowid(), 2);
    Ok(())
}

#[test]
fn a_missing_or_spare_parameter_is_an_error() -> Result {
    let connection = trees()?;
    assert!(connection.execute("INSERT INTO trees VALUES (?1, ?2)", params![1]).is_err());
    assert!(connection.execute("INSERT INTO trees VALUES (?1, ?2)", params![1, "oak", 3]).is_err());
    assert!(connection.execute("DELETE FROM trees; DELETE FROM trees", params![]).is_err());
    Ok(())
}

#[test]
fn a_query_for_one_row_says_when_there_is_none_or_a_second() -> Result {
    let connection = trees()?;
    let find = |connection: &Connection| {
        connection.query_one("SELECT name FROM trees", params![], |row| row.get::<String>(0))
    };
    assert!(find(&connection).unwrap_err().is_not_found());
    connection.execute("INSERT INTO trees (name) VALUES ('oak')", params![])?;
    assert_eq!(find(&connection)?, "oak");
    connection.execute("INSERT INTO trees (name) VALUES ('elm')", params![])?;
    assert_eq!(find(&connection).unwrap_err().to_string(), "the query returned more than one row");
    Ok(())
}

#[test]
fn a_value_that_does_not_fit_names_its_column() -> Result {
    let connection = Connection::open_in_memory()?;
    let read = |sql: &str| connection.query_one(sql, params![], |row| row.get::<i64>("height")).unwrap_err();
    assert_eq!(
        read("SELECT 'tall' AS height").to_string(),
        "column `height`: expected a whole number from -9223372036854775808 to 9223372036854775807, found text `tall`"
    );
    assert_eq!(
        read("SELECT 1 AS name, 2 AS age").to_string(),
        "there is no column `height` in the result, which has `name`, `age`"
    );
    Ok(())
}

#[test]
fn a_string_in_double_quotes_is_never_a_text() -> Result {
    let connection = trees()?;
    let error =
        connection.query("SELECT * FROM trees WHERE name = \"oak\"", params![], |_| Ok(())).unwrap_err();
    assert!(error.to_string().contains("no such column"), "{error}");
    assert!(connection.execute_batch("CREATE INDEX i ON trees (name) WHERE name <> \"oak\"").is_err());
    Ok(())
}

#[test]
fn a_transaction_commits_what_its_closure_wrote() -> Result {
    let mut connection = trees()?;
    let id = connection.transaction(|tx| {
        tx.execute("INSERT INTO trees (name) VALUES ('oak')", params![])?;
        Ok::<_, Error>(tx.last_insert_rowid())
    })?;
    assert_eq!((id, names(&connection)?), (1, vec!["oak".to_owned()]));
    Ok(())
}

#[test]
fn a_failing_closure_undoes_its_transaction_and_keeps_its_own_error() -> Result {
    #[derive(Debug)]
    enum AppError {
        Refused,
        Database,
    }
    impl From<Error> for AppError {
        fn from(_: Error) -> Self {
            Self::Database
        }
    }
    let mut connection = trees()?;
    let result = connection.transaction(|tx| {
        tx.execute("INSERT INTO trees (name) VALUES ('oak')", params![])?;
        Err::<(), _>(AppError::Refused)
    });
    assert!(matches!(result, Err(AppError::Refused)));
    let result = connection.transaction(|tx| {
        tx.execute("INSERT INTO forests (name) VALUES ('oak')", params![])?;
        Ok::<(), AppError>(())
    });
    assert!(matches!(result, Err(AppError::Database)));
    assert!(names(&connection)?.is_empty());
    Ok(())
}

#[test]
fn a_panic_undoes_the_transaction_and_leaves_the_connection_usable() -> Result {
    let mut connection = trees()?;
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        connection.transaction(|tx| -> Result<(), Error> {
            tx.execute("INSERT INTO trees (name) VALUES ('oak')", params![])?;
            panic!("a bug in the closure")
        })
    }));
    assert!(panicked.is_err());
    assert!(names(&connection)?.is_empty());
    connection.transaction(|tx| tx.execute("INSERT INTO trees (name) VALUES ('elm')", params![]))?;
    assert_eq!(names(&connection)?, ["elm"]);
    Ok(())
}

#[test]
fn a_commit_that_fails_undoes_the_transaction() -> Result {
    let mut connection = trees()?;
    connection.execute_batch(
        "CREATE TABLE leaves (tree INTEGER REFERENCES trees(id) DEFERRABLE INITIALLY DEFERRED)",
    )?;
    let error =
        connection.transaction(|tx| tx.execute("INSERT INTO leaves VALUES (7)", params![])).unwrap_err();
    assert!(error.is_foreign_key_violation(), "{error}");
    assert_eq!(connection.query("SELECT tree FROM leaves", params![], |_| Ok(()))?.len(), 0);
    connection.transaction(|tx| tx.execute("INSERT INTO trees (name) VALUES ('elm')", params![]))?;
    Ok(())
}

#[test]
fn a_statement_that_ends_the_transaction_is_noticed() -> Result {
    let mut connection = trees()?;
    connection.execute("INSERT INTO trees (name) VALUES ('oak')", params![])?;
    let error = connection
        .transaction(|tx| {
            tx.execute("INSERT INTO trees (name) VALUES ('elm')", params![])?;
            // The conflict rolls the whole transaction back; ignoring its error must not make that a success.
            tx.execute("INSERT OR ROLLBACK INTO trees (name) VALUES ('oak')", params![]).ok();
            Ok::<_, Error>(())
        })
        .unwrap_err();
    assert_eq!(error.to_string(), "a statement ended the transaction that it ran in");
    assert_eq!(names(&connection)?, ["oak"]);
    Ok(())
}

#[test]
fn a_savepoint_undoes_only_itself() -> Result {
    let mut connection = trees()?;
    connection.transaction(|tx| {
        tx.execute("INSERT INTO trees (name) VALUES ('oak')", params![])?;
        let inner = tx.savepoint(|tx| {
            tx.execute("INSERT INTO trees (name) VALUES ('elm')", params![])?;
            tx.savepoint(|tx| tx.execute("INSERT INTO trees (name) VALUES ('ash')", params![]))?;
            tx.execute("INSERT INTO trees (name) VALUES ('oak')", params![])
        });
        assert!(inner.is_err_and(|error| error.is_unique_violation()));
        tx.savepoint(|tx| tx.execute("INSERT INTO trees (name) VALUES ('fir')", params![]))
    })?;
    assert_eq!(names(&connection)?, ["oak", "fir"]);
    Ok(())
}

#[test]
fn a_snapshot_sees_one_state_and_cannot_write() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("garden.db");
    let writer = Connection::open(&path)?;
    writer.execute_batch("CREATE TABLE trees (id INTEGER PRIMARY KEY, name TEXT)")?;
    let mut reader = Connection::open(&path)?;
    reader.snapshot(|tx| {
        let before = names(tx)?;
        writer.execute("INSERT INTO trees (name) VALUES ('oak')", params![])?;
        assert_eq!(names(tx)?, before);
        assert!(tx.execute("DELETE FROM trees", params![]).is_err());
        Ok::<_, Error>(())
    })?;
    assert_eq!(names(&reader)?, ["oak"]);
    reader.execute("DELETE FROM trees", params![])?;
    Ok(())
}

#[test]
fn a_transaction_that_cannot_begin_is_busy() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("garden.db");
    let impatient = OpenOptions { busy_timeout: std::time::Duration::ZERO, ..OpenOptions::default() };
    let (mut first, mut second) = (impatient.open(&path)?, impatient.open(&path)?);
    let error =
        first.transaction(|_| Ok::<_, Error>(second.transaction(|_| Ok::<_, Error>(())).unwrap_err()))?;
    assert!(error.is_busy() && !error.is_unique_violation(), "{error}");
    Ok(())
}

#[test]
fn a_file_is_opened_with_the_safe_settings() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("garden.db");
    let connection = Connection::open(&path)?;
    assert_eq!(connection.path().map(|path| path.file_name()), Some(path.file_name()));
    assert_eq!(setting::<String>(&connection, "journal_mode")?, "wal");
    assert_eq!(setting::<i64>(&connection, "synchronous")?, 2);
    assert!(setting::<bool>(&connection, "foreign_keys")?);
    assert!(!setting::<bool>(&connection, "trusted_schema")?);
    assert_eq!(setting::<i64>(&connection, "busy_timeout")?, 5000);
    drop(connection);

    let options = OpenOptions {
        journal: Journal::Delete,
        synchronous: Synchronous::Normal,
        foreign_keys: false,
        ..OpenOptions::default()
    };
    let connection = options.open(&path)?;
    assert_eq!(setting::<String>(&connection, "journal_mode")?, "delete");
    assert_eq!(setting::<i64>(&connection, "synchronous")?, 1);
    assert!(!setting::<bool>(&connection, "foreign_keys")?);
    Ok(())
}

#[test]
fn a_path_that_cannot_be_opened_is_named() -> Result {
    let folder = tempfile::tempdir()?;
    let refusal = |name: &str| Connection::open(folder.path().join(name)).unwrap_err().to_string();
    let shown = folder.path().display();

    assert_eq!(
        refusal("nowhere/garden.db"),
        format!("the folder `{shown}/nowhere` of the database `{shown}/nowhere/garden.db` does not exist")
    );
    fs::create_dir(folder.path().join("inner"))?;
    assert_eq!(refusal("inner"), format!("cannot open `{shown}/inner` as a database: it is a folder"));
    fs::write(folder.path().join("notes.txt"), "no database, although it is longer than a header".repeat(9))?;
    assert_eq!(
        refusal("notes.txt"),
        format!("the file `{shown}/notes.txt` is not a SQLite database, or it is encrypted")
    );
    assert_eq!(Connection::open("").unwrap_err().to_string(), "the path of the database is empty");
    Ok(())
}

#[test]
fn a_database_is_made_only_when_the_options_say_so() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("garden.db");
    for options in [
        OpenOptions { create: false, ..OpenOptions::default() },
        OpenOptions { read_only: true, ..OpenOptions::default() },
    ] {
        let error = options.open(&path).unwrap_err();
        assert_eq!(error.to_string(), format!("the database `{}` does not exist", path.display()));
    }
    assert!(!path.exists());
    Ok(())
}

#[test]
fn a_read_only_connection_reads_and_refuses_to_write() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("garden.db");
    let writer = Connection::open(&path)?;
    writer.execute_batch("CREATE TABLE trees (id INTEGER PRIMARY KEY, name TEXT)")?;
    let mut reader = OpenOptions { read_only: true, ..OpenOptions::default() }.open(&path)?;
    assert!(reader.is_read_only());
    assert!(reader.snapshot(|tx| names(tx))?.is_empty());
    assert!(reader.execute("INSERT INTO trees (name) VALUES ('oak')", params![]).is_err());
    Ok(())
}
