//! A project folder, the command in it, and a close look at what is there afterwards.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use seedbed::rusqlite::{Connection, Row};

/// A folder with `seedbed.toml`, `src/schema.rs`, `migrations/` and `app.db`. It goes when the test ends well.
pub(crate) struct Workplace {
    folder: PathBuf,
}

/// What a database holds: the names of its history, and a number each for all of its schema and all of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// The migrations that the history has, in order.
    pub(crate) history: Vec<String>,
    /// How many rows there are in tables that are not the toolkit's.
    pub(crate) rows: usize,
    /// The digest of every value in those tables.
    pub(crate) contents: u64,
    schema: u64,
}

impl Workplace {
    /// Makes an empty folder in the build's own place for such.
    pub(crate) fn new(name: &str) -> Self {
        Self::below(Path::new(env!("CARGO_TARGET_TMPDIR")), name)
    }

    /// Makes an empty folder in another one.
    pub(crate) fn below(parent: &Path, name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("faults-{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self { folder: folder.canonicalize().unwrap() }
    }

    /// Returns the full path of a file.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Writes a file, its folders too.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Makes this folder a copy of another one, whatever was here.
    pub(crate) fn become_copy_of(&self, other: &Self) {
        for entry in fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        copy(&other.folder, &self.folder);
    }

    /// Returns the files below the folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let (mut files, mut folders) = (Vec::new(), vec![self.folder.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(&self.folder).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        files.sort();
        files
    }

    /// The command, in the folder, with nothing of this process's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_through(&[], arguments)
    }

    /// The command behind another one that prepares something and then runs it.
    pub(crate) fn command_through(&self, before: &[&str], arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_seedbed");
        let mut words = before.iter().copied().chain([program]).chain(arguments.iter().copied());
        let mut command = Command::new(words.next().unwrap());
        command.args(words).current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Starts the command; what it says goes nowhere.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the command, which has to succeed, and returns what it wrote to stdout.
    pub(crate) fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?} in {}: {}", self.folder.display(), said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Opens the database as another program would.
    pub(crate) fn database(&self) -> Connection {
        let path = self.path("app.db");
        let connection = Connection::open(&path).unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        connection
    }

    /// Runs SQL by hand.
    pub(crate) fn execute(&self, sql: &str) {
        self.database().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Checks that every other database in the folder, which the command made as a backup, is whole.
    pub(crate) fn backups_are_sound(&self) {
        for file in self.files().iter().filter(|file| file.ends_with(".db") && *file != "app.db") {
            let connection = Connection::open(self.path(file)).unwrap();
            let verdict: String =
                connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).unwrap();
            assert_eq!(verdict, "ok", "{file} in {}", self.folder.display());
        }
    }

    /// Checks that the database is sound and returns what it holds.
    pub(crate) fn state(&self) -> State {
        let connection = self.database();
        let verdict: String =
            connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok", "{}", self.folder.display());
        let orphans = lines(&connection, "PRAGMA foreign_key_check");
        assert!(orphans.is_empty(), "{}: orphans {orphans:?}", self.folder.display());
        let objects = lines(
            &connection,
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             ORDER BY type, name",
        );
        let leftovers: Vec<&String> =
            objects.iter().filter(|object| object.contains("__seedbed_new_")).collect();
        assert!(leftovers.is_empty(), "{}: {leftovers:?}", self.folder.display());

        let (mut schema, mut digest) = (DefaultHasher::new(), DefaultHasher::new());
        let mut rows = 0;
        let tables = lines(
            &connection,
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        );
        for object in objects.iter().filter(|object| !object.contains("__seedbed_")) {
            object.hash(&mut schema);
        }
        let mut history = Vec::new();
        for table in &tables {
            if table == "__seedbed_migrations" {
                history = lines(&connection, "SELECT name FROM __seedbed_migrations ORDER BY rowid");
            } else if !table.starts_with("__seedbed_") {
                let mut contents = lines(&connection, &format!("SELECT * FROM \"{table}\""));
                contents.sort();
                rows += contents.len();
                (table, contents).hash(&mut digest);
            }
        }
        State { history, rows, contents: digest.finish(), schema: schema.finish() }
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("what is left lies in {}", self.folder.display());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Returns what a process said, on both streams.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{:?}\n{}{}", output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn lines(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = statement.column_count();
    let line = |row: &Row<'_>| {
        let values = (0..columns).map(|at| Ok(format!("{:?}", row.get_ref(at)?)));
        Ok(if columns == 1 {
            row.get_ref(0)?.as_str().map(str::to_owned).unwrap_or_default()
        } else {
            values.collect::<seedbed::rusqlite::Result<Vec<_>>>()?.join("|")
        })
    };
    let rows = statement.query_map([], line).unwrap();
    rows.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap_or_else(|error| {
                panic!("{} to {}: {error}", entry.path().display(), target.display())
            });
        }
    }
}
