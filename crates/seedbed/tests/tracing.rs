//! Spans of statements and the log of slow ones, as a program that logs to a text sees them.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use seedbed::OpenOptions;
use seedbed::prelude::*;
use tracing::Instrument;
use tracing_subscriber::fmt::format::FmtSpan;

static LOG: Mutex<String> = Mutex::new(String::new());

/// Writes to [`LOG`].
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lets all threads log, and each span when it ends.
fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .without_time()
            .with_writer(|| Log)
            .init();
    });
}

/// Returns the lines that mention a table; every test has its own.
fn lines_about(table: &str) -> Vec<String> {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    log.lines().filter(|line| line.contains(table)).map(str::to_owned).collect()
}

#[test]
fn every_statement_has_a_span_with_text_rows_and_time() -> Result<(), Error> {
    listen();
    let connection = OpenOptions::default().open_in_memory()?;
    connection.execute_batch("CREATE TABLE oaks (name TEXT UNIQUE)")?;
    connection.execute("INSERT INTO oaks VALUES (?1), (?2)", params!["a secret", "elm"])?;
    connection.query("SELECT * FROM oaks", params![], |_| Ok(()))?;
    connection.execute("INSERT INTO oaks VALUES (?1)", params!["a secret"]).unwrap_err();
    connection.query_one("SELECT name FROM oaks LIMIT 1", params![], |row| row.get::<i64>(0)).unwrap_err();

    let lines = lines_about("oaks");
    let expected = [
        ("CREATE TABLE oaks (name TEXT UNIQUE)", "rows=0", "failed=false"),
        ("INSERT INTO oaks VALUES (?1), (?2)", "rows=2", "failed=false"),
        ("SELECT * FROM oaks", "rows=2", "failed=false"),
        ("INSERT INTO oaks VALUES (?1)", "rows=0", "failed=true"),
        ("SELECT name FROM oaks LIMIT 1", "rows=1", "failed=true"),
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, (sql, rows, failed)) in lines.iter().zip(expected) {
        let is_told = line.contains("DEBUG") && line.contains("seedbed::query") && line.contains("micros=");
        assert!(is_told && [sql, rows, failed].iter().all(|part| line.contains(part)), "{line}");
        assert!(!line.contains("secret"), "{line}");
    }
    Ok(())
}

#[test]
fn slow_queries_are_logged_with_their_text_only() -> Result<(), Error> {
    listen();
    let connection =
        OpenOptions { slow_query: Some(Duration::ZERO), ..OpenOptions::default() }.open_in_memory()?;
    connection.execute_batch("CREATE TABLE firs (name TEXT)")?;
    connection.execute("INSERT INTO firs VALUES (?1)", params!["a secret"])?;
    let warnings: Vec<_> = lines_about("firs").into_iter().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 2, "{warnings:#?}");
    assert!(warnings[1].contains("seedbed::slow_query: slow query"), "{warnings:#?}");
    assert!(warnings[1].contains("INSERT INTO firs VALUES (?1)") && warnings[1].contains("rows=1"));
    assert!(!warnings[1].contains("secret"));
    Ok(())
}

#[derive(Table)]
#[table(name = "larches")]
struct Larch {
    #[column(primary_key)]
    name: String,
}

#[test]
fn queries_that_are_built_have_spans_as_well() -> Result<(), Error> {
    listen();
    let connection = OpenOptions::default().open_in_memory()?;
    connection.execute_batch("CREATE TABLE larches (name TEXT PRIMARY KEY NOT NULL)")?;
    Insert::row(&Larch { name: "a secret".to_owned() }).run(&connection)?;
    Insert::row(&Larch { name: "another".to_owned() }).run(&connection)?;
    let all: Vec<Larch> = Select::from::<Larch>().all(&connection)?;
    assert_eq!(all.len(), 2);
    let lines = lines_about("larches");
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[1].contains("INSERT INTO") && lines[1].contains("rows=1"), "{lines:#?}");
    assert!(lines[3].contains("SELECT") && lines[3].contains("rows=2"), "{lines:#?}");
    assert!(!lines.concat().contains("secret"), "{lines:#?}");
    Ok(())
}

#[tokio::test]
async fn what_a_pool_does_for_a_task_belongs_to_the_span_of_the_task() -> Result<(), Error> {
    listen();
    let folder = tempfile::tempdir().expect("a folder");
    let pool = Pool::open(folder.path().join("garden.db"), seedbed::PoolOptions::default())?;
    let request = async {
        pool.write(|tx| tx.execute_batch("CREATE TABLE yews (name TEXT)")).await?;
        pool.read(|tx| tx.query("SELECT * FROM yews", params![], |_| Ok(()))).await
    };
    request.instrument(tracing::info_span!("request", id = 7)).await?;
    pool.read(|tx| tx.query("SELECT name FROM yews", params![], |_| Ok(()))).await?;
    let lines = lines_about("yews");
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(lines[..2].iter().all(|line| line.contains("request{id=7}:query{")), "{lines:#?}");
    assert!(!lines[2].contains("request"), "{lines:#?}");
    Ok(())
}
