//! Backups: whole or not there at all, and never over an existing file.

use std::error::Error as StdError;
use std::fs;

use seedbed::backup::{BackupOptions, Check, Progress, backup_with};
use seedbed::{Connection, Error, backup, params};

type Result<T = (), E = Box<dyn StdError>> = std::result::Result<T, E>;

#[test]
fn a_backup_holds_what_is_committed_and_is_one_file() -> Result {
    let folder = tempfile::tempdir()?;
    let (from, to) = (folder.path().join("garden.db"), folder.path().join("copy.db"));
    let connection = Connection::open(&from)?;
    connection.execute_batch("CREATE TABLE trees (name TEXT); INSERT INTO trees VALUES ('oak')")?;
    let mut other = Connection::open(&from)?;
    other.transaction(|tx| {
        tx.execute("INSERT INTO trees VALUES ('not committed')", params![])?;
        backup(&connection, &to)
    })?;

    let mut files: Vec<_> = fs::read_dir(folder.path())?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    files.retain(|name| !name.starts_with("garden"));
    assert_eq!(files, ["copy.db"]);
    let trees =
        Connection::open(&to)?.query("SELECT name FROM trees", params![], |row| row.get::<String>(0))?;
    assert_eq!(trees, ["oak"]);
    Ok(())
}

#[test]
fn an_existing_file_is_never_overwritten() -> Result {
    let folder = tempfile::tempdir()?;
    let to = folder.path().join("copy.db");
    fs::write(&to, "precious")?;
    let error = backup(&Connection::open_in_memory()?, &to).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot back the database up to `{}`", to.display()));
    assert_eq!(error.source().map(ToString::to_string), Some("the file exists already".to_owned()));
    assert_eq!(fs::read_to_string(&to)?, "precious");
    Ok(())
}

#[test]
fn a_backup_that_fails_leaves_nothing_behind() -> Result {
    let folder = tempfile::tempdir()?;
    let connection = Connection::open_in_memory()?;
    assert!(backup(&connection, &folder.path().join("nowhere/copy.db")).is_err());
    let mut connection = connection;
    connection.transaction(|tx| {
        let error = backup(tx, &folder.path().join("copy.db")).unwrap_err();
        assert_eq!(
            error.source().map(ToString::to_string),
            Some("a transaction is open on the connection".to_owned())
        );
        Ok::<_, Error>(())
    })?;
    assert_eq!(fs::read_dir(folder.path())?.count(), 0);
    Ok(())
}

#[test]
fn a_backup_of_one_state_is_made_while_others_write() -> Result {
    let folder = tempfile::tempdir()?;
    let (from, to) = (folder.path().join("garden.db"), folder.path().join("copy.db"));
    let connection = Connection::open(&from)?;
    let filler = "CREATE TABLE trees (i INTEGER PRIMARY KEY, b BLOB);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO trees SELECT i, zeroblob(3000) FROM n";
    connection.execute_batch(filler)?;
    let writer = Connection::open(&from)?;
    let written = std::cell::Cell::new(0);
    let write = |progress: &Progress<'_>| {
        if matches!(progress, Progress::Copying { .. }) {
            writer.execute("UPDATE trees SET b = 'new' WHERE i = 1 OR i = 5000", &[]).unwrap();
            written.set(written.get() + 1);
        }
    };
    backup_with(&connection, &to, &BackupOptions { check: Check::Full, progress: Some(&write) })?;
    assert!(written.get() > 2, "the copy takes several steps");
    let old = Connection::open(&to)?.query_one(
        "SELECT count(*) FROM trees WHERE b <> 'new'",
        params![],
        |row| row.get::<i64>(0),
    )?;
    assert_eq!(old, 5000);
    Ok(())
}

/// A copy that stops halfway, killed or on a full disk, leaves one file to tidy away and no log or index of it.
#[test]
fn no_file_lies_beside_the_copy_of_a_database_with_a_log() -> Result {
    let folder = tempfile::tempdir()?;
    let (from, to) = (folder.path().join("garden.db"), folder.path().join("copy.db"));
    let connection = Connection::open(&from)?;
    connection.execute_batch("CREATE TABLE trees (name TEXT); INSERT INTO trees VALUES ('oak')")?;
    // Where a folder has the name, no file of SQLite's can be made.
    let companions: Vec<_> = ["-wal", "-shm", "-journal"]
        .map(|ending| folder.path().join(format!("copy.db.{}.unfinished{ending}", std::process::id())))
        .into();
    let occupy = |progress: &Progress<'_>| match progress {
        Progress::Copying { .. } => companions.iter().for_each(|path| fs::create_dir(path).unwrap()),
        _ => companions.iter().for_each(|path| fs::remove_dir(path).unwrap()),
    };
    let options = BackupOptions { check: Check::Full, progress: Some(&occupy) };
    backup_with(&connection, &to, &options)?;
    let copy = seedbed::rusqlite::Connection::open(&to)?;
    let journal: String = copy.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    assert_eq!(journal, "delete");
    Ok(())
}
