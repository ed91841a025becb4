//! Several migrators at once, and migrators that are killed: rows 53 to 55 of the probe table. The other processes
//! are this test program, started again with the project in its environment.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use seedbed::migrate::{MigrateErrorKind, MigrateOptions, Migrator, Progress};
use seedbed::{Connection, Journal, OpenOptions};

use crate::support::{Project, dump, one, rows};

const PROJECT: &str = "SEEDBED_TEST_PROJECT";
const JOURNAL: &str = "SEEDBED_TEST_JOURNAL";

/// A statement that takes much longer than the busy timeout of [`open`], and changes nothing.
const SLOW: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT count(*) FROM n;";

/// A statement that never ends.
const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;";

fn open(path: &std::path::Path, journal: Journal) -> Connection {
    let connection = OpenOptions { journal, ..OpenOptions::default() }.open(path).expect("a database");
    connection.rusqlite().busy_timeout(Duration::from_millis(1)).expect("a timeout");
    connection
}

/// Does nothing in an ordinary run: this is what the other processes run.
#[test]
fn another_process_migrates_when_it_is_asked_to() {
    let Some(project) = std::env::var_os(PROJECT) else { return };
    let project = std::path::PathBuf::from(project);
    let journal = if std::env::var_os(JOURNAL).is_some() { Journal::Delete } else { Journal::Wal };
    let tell = |progress: &Progress<'_>| println!("\n@ {progress}");
    let options = MigrateOptions { progress: Some(&tell), ..MigrateOptions::default() };
    let mut connection = open(&project.join("app.db"), journal);
    let report = Migrator::new(project.join("migrations")).options(options).run(&mut connection);
    report.unwrap_or_else(|error| panic!("{error}"));
}

/// A process that does not outlive its test, even when that fails.
struct Process(Child);

impl Process {
    fn kill(&mut self) {
        self.0.kill().expect("a process to kill");
        self.0.wait().expect("a process that ends");
    }

    /// Reads what the process tells until it tells this.
    fn wait_for(&mut self, words: &str) {
        let told = BufReader::new(self.0.stdout.take().expect("a pipe"));
        let found =
            told.lines().map_while(Result::ok).any(|line| line.starts_with("@ ") && line.contains(words));
        assert!(found, "the process ended without `{words}`");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(project: &Project, journal: Journal) -> Process {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "processes::another_process_migrates_when_it_is_asked_to", "--nocapture"]);
    command.env(PROJECT, project.path()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    if journal == Journal::Delete {
        command.env(JOURNAL, "1");
    }
    Process(command.spawn().expect("a process"))
}

#[test]
fn a_crowd_of_migrators_runs_everything_once_however_long_it_takes() {
    for journal in [Journal::Wal, Journal::Delete] {
        let first = format!("CREATE TABLE t (a INTEGER);\n{SLOW}\nINSERT INTO t VALUES (1);");
        let project = Project::new(&[
            ("0000_slow", first.as_str()),
            ("0001_more", "INSERT INTO t VALUES (2);"),
            (
                "0002_most",
                "-- seedbed: rebuild \"t\"\nCREATE TABLE n (a INTEGER NOT NULL);\nINSERT INTO n (a) SELECT a FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;",
            ),
        ]);
        let crowd: Vec<Process> = (0..4).map(|_| start(&project, journal)).collect();
        let mut applied = 0;
        for mut process in crowd {
            let mut told = String::new();
            process.0.stdout.take().unwrap().read_to_string(&mut told).unwrap();
            assert!(process.0.wait().unwrap().success(), "{told}");
            applied += told.matches("@ done ").count();
        }
        assert_eq!(applied, 3);
        let connection = open(&project.database(), journal);
        assert_eq!(rows(&connection, "SELECT a FROM t"), ["1", "2"]);
        assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM __seedbed_migrations"), 3);
        assert_eq!(one::<String>(&connection, "PRAGMA integrity_check"), "ok");
        drop(connection);
        let left: Vec<_> =
            std::fs::read_dir(project.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains("lock")), "{left:?}");
    }
}

#[test]
fn a_killed_migrator_leaves_the_database_as_it_was() {
    for journal in [Journal::Wal, Journal::Delete] {
        // Ten thousand rows do not fit into the cache, so that pages are written long before the COMMIT.
        let change = format!(
            "PRAGMA cache_size = 10;\nUPDATE t SET a = a || 'changed';\nCREATE TABLE made (x);\nDROP TABLE doomed;\n{ENDLESS}"
        );
        let project = Project::new(&[("0000_change", change.as_str())]);
        let connection = open(&project.database(), journal);
        let setup = "CREATE TABLE t (a TEXT); CREATE TABLE doomed (x); INSERT INTO doomed VALUES (1);\n\
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)\n\
            INSERT INTO t SELECT printf('%.*c', 200, 'x') FROM n;";
        connection.execute_batch(setup).unwrap();
        let before = dump(&connection);
        drop(connection);

        let mut child = start(&project, journal);
        child.wait_for("statement 5 of 5");
        child.kill();

        let mut connection = open(&project.database(), journal);
        assert_eq!(one::<String>(&connection, "PRAGMA integrity_check"), "ok");
        assert!(dump(&connection) == before, "the killed migration left a trace");
        project.write("0000_change.sql", &change.replace(ENDLESS, ""));
        // The lock died with its holder.
        let options = MigrateOptions { lock_timeout: Some(Duration::ZERO), ..MigrateOptions::default() };
        project.migrator().options(options).run(&mut connection).unwrap();
        assert!(one::<String>(&connection, "SELECT a FROM t").ends_with("changed"));
    }
}

#[test]
fn who_waits_says_for_whom_and_gives_up_in_time() {
    let project = Project::new(&[("0000_endless", ENDLESS)]);
    let mut child = start(&project, Journal::Wal);
    child.wait_for("statement 1 of 1");
    let said = RefCell::new(Vec::new());
    let tell = |progress: &Progress<'_>| said.borrow_mut().push(progress.to_string());
    let options = MigrateOptions {
        lock_timeout: Some(Duration::from_millis(1200)),
        progress: Some(&tell),
        ..MigrateOptions::default()
    };
    let mut connection = project.open();
    let error = project.migrator().options(options).run(&mut connection).unwrap_err();
    let process = child.0.id();
    child.kill();

    assert!(matches!(error.kind(), MigrateErrorKind::Locked { .. }), "{error}");
    assert!(error.to_string().contains(&format!("is still held by process {process} (migrate")), "{error}");
    assert!(error.hint().unwrap().contains("--lock-timeout"));
    let said = said.into_inner();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains(&format!("app.db-seedbed-lock`, held by process {process} (migrate")),
        "{said:?}"
    );
}

#[test]
fn a_writer_that_is_no_migrator_is_waited_for() {
    let project = Project::new(&[("0000_a", "CREATE TABLE a (x);")]);
    let writer = project.open();
    writer.execute_batch("BEGIN IMMEDIATE; CREATE TABLE theirs (x)").unwrap();

    let mut connection = open(&project.database(), Journal::Unchanged);
    let impatient =
        MigrateOptions { lock_timeout: Some(Duration::from_millis(50)), ..MigrateOptions::default() };
    let error = project.migrator().options(impatient).run(&mut connection).unwrap_err();
    assert!(error.to_string().contains("database is locked"), "{error}");

    std::thread::scope(|scope| {
        // It is the waiting itself that lets the writer go on.
        let (waits, is_waiting) = std::sync::mpsc::channel();
        scope.spawn(move || {
            is_waiting.recv().unwrap();
            writer.execute_batch("COMMIT").unwrap();
        });
        let tell = move |progress: &Progress<'_>| {
            if let Progress::WaitingForDatabase { .. } = progress {
                waits.send(()).unwrap();
            }
        };
        let options = MigrateOptions { progress: Some(&tell), ..MigrateOptions::default() };
        project.migrator().options(options).run(&mut connection).unwrap();
    });
    assert_eq!(rows(&connection, "SELECT name FROM __seedbed_objects WHERE kind = 'table'"), ["a"]);
}
