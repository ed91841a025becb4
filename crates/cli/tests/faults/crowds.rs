//! Many migrators at once on one file, some of them inside programs, some of them killed: every migration runs once,
//! and all who live end well, however long a migration takes.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use seedbed::migrate::Migrator;
use seedbed::rusqlite::Connection;
use seedbed::{Journal, OpenOptions};

use crate::amount;
use crate::numbers::Numbers;
use crate::workplace::{Workplace, said};

/// Names the project to the programs that migrate it by the library.
const PROJECT: &str = "SEEDBED_FAULTS_PROJECT";

/// How many migrators there are.
const CROWD: usize = 16;

/// How long a statement waits for a lock in the programs of the crowd: the slow migrations take longer.
const PATIENCE: Duration = Duration::from_millis(100);

/// Does nothing in an ordinary run: this is the program that migrates by the library.
#[test]
fn a_program_migrates_when_it_is_asked_to() {
    let Some(project) = std::env::var_os(PROJECT).map(PathBuf::from) else { return };
    let options =
        OpenOptions { busy_timeout: PATIENCE, journal: Journal::Unchanged, ..OpenOptions::default() };
    let mut connection = options.open(project.join("app.db")).unwrap();
    let report = Migrator::new(project.join("migrations")).run(&mut connection);
    let report = report.unwrap_or_else(|error| panic!("{error} ({:?})", error.hint()));
    report.migrations.iter().for_each(|migration| println!("\n@ {}", migration.tag));
}

fn start_program(project: &Workplace) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "crowds::a_program_migrates_when_it_is_asked_to", "--nocapture"]);
    command.env(PROJECT, project.path(".")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// A statement that takes about so long here, by counting.
fn slow(duration: Duration) -> String {
    let count = |to: u64| {
        format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {to}) SELECT count(*) FROM n"
        )
    };
    let sample = 100_000;
    let connection = Connection::open_in_memory().unwrap();
    let started = Instant::now();
    connection.query_row(&count(sample), [], |_| Ok(())).unwrap();
    let factor = duration.as_secs_f64() / started.elapsed().as_secs_f64().max(1e-6);
    count((sample as f64 * factor) as u64)
}

/// A project whose migrations leave a trace each time they run.
fn project(journal: &str, duration: Duration) -> Workplace {
    let project = Workplace::new("crowd");
    project.write("seedbed.toml", "url = \"app.db\"\n");
    project.write("src/schema.rs", "#[derive(Table)]\nstruct Unused { a: i64 }\n");
    let slow = slow(duration);
    let rebuild = "-- seedbed: rebuild \"runs\"\nCREATE TABLE \"__seedbed_new_runs\" (n INTEGER NOT NULL);\n\
        INSERT INTO \"__seedbed_new_runs\" (n) SELECT n FROM runs;\nDROP TABLE runs;\n\
        ALTER TABLE \"__seedbed_new_runs\" RENAME TO runs;\n";
    let scripts = [
        format!("CREATE TABLE runs (n INTEGER);\nINSERT INTO runs VALUES (0);\n{slow};\n"),
        "INSERT INTO runs VALUES (1);\n".to_owned(),
        format!("{rebuild}INSERT INTO runs VALUES (2);\n{slow};\n"),
        "INSERT INTO runs VALUES (3);\n".to_owned(),
    ];
    for script in &scripts {
        let files = project.succeeds(&["generate", "--custom"]);
        project.write(files.lines().next().unwrap(), script);
    }
    let mode: String = project
        .database()
        .query_row(&format!("PRAGMA journal_mode = {journal}"), [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, journal);
    project
}

/// Lets a crowd migrate; of every three, one is killed when `killing`. Returns what those who lived ran.
fn crowd(project: &Workplace, numbers: &mut Numbers, killing: Option<Duration>) -> Vec<String> {
    let start = |number: usize| match number % 2 {
        0 => project.command(&["migrate"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(),
        _ => start_program(project),
    };
    let mut migrators: Vec<(usize, Child)> = (0..CROWD).map(|number| (number, start(number))).collect();
    if let Some(duration) = killing {
        for (_, mut victim) in migrators.extract_if(.., |(number, _)| *number % 3 == 0) {
            // When they are killed is up to the dice, so that some of them hold the lock and others wait for it.
            std::thread::sleep(duration.mul_f64(numbers.fraction()));
            victim.kill().unwrap();
            victim.wait().unwrap();
        }
    }
    let mut ran = Vec::new();
    for (number, migrator) in migrators {
        let output = migrator.wait_with_output().unwrap();
        assert!(output.status.success(), "migrator {number}: {}", said(&output));
        let told = String::from_utf8(output.stdout).unwrap();
        let tag = |line: &str| match number % 2 {
            0 => Some(line.to_owned()),
            _ => line.strip_prefix("@ ").map(str::to_owned),
        };
        ran.extend(told.lines().filter_map(tag));
    }
    ran.sort();
    ran
}

fn everything_ran_once(project: &Workplace) {
    let state = project.state();
    assert_eq!((state.history.len(), state.rows), (4, 4), "{state:?}");
    let connection = project.database();
    let sum: i64 = connection.query_row("SELECT sum(n) FROM runs", [], |row| row.get(0)).unwrap();
    assert_eq!(sum, 6);
    drop(connection);
    let left = project.files();
    assert!(left.iter().all(|file| !file.contains("-lock")), "{left:?}");
}

#[test]
fn a_crowd_runs_every_migration_once_however_long_it_takes() {
    let mut numbers = Numbers::new(3);
    for round in 0..amount("SEEDBED_FAULTS_CROWDS", 1) {
        for journal in ["wal", "delete"] {
            let duration = if round == 0 { PATIENCE * 5 } else { Duration::from_secs(6) };
            let project = project(journal, duration);
            let ran = crowd(&project, &mut numbers, None);
            assert_eq!(ran, ["0000_custom", "0001_custom", "0002_custom", "0003_custom"], "{journal}");
            everything_ran_once(&project);
        }
    }
}

#[test]
fn those_who_are_killed_in_a_crowd_keep_nobody_out() {
    let mut numbers = Numbers::new(5);
    for _ in 0..amount("SEEDBED_FAULTS_CROWDS", 1) {
        for journal in ["wal", "delete"] {
            let duration = PATIENCE * 4;
            let project = project(journal, duration);
            let ran = crowd(&project, &mut numbers, Some(duration));
            let mut once = ran.clone();
            once.dedup();
            assert_eq!(ran, once, "{journal}: a migration ran twice");
            everything_ran_once(&project);
        }
    }
}
