//! A folder of its own for each test, and the command run in it: no terminal, no colour, no environment but its own.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use seedbed::rusqlite;

/// The smallest schema: a table of people with names.
pub(crate) const USERS: &str = "#[derive(Table)]\n#[table(name = \"users\")]\nstruct User {\n    #[column(primary_key)]\n    \
    id: i64,\n    name: String,\n}\n";

/// A project folder that goes when the test ends.
pub(crate) struct TestEnv {
    folder: PathBuf,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl TestEnv {
    /// Makes an empty folder.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self { folder: folder.canonicalize().unwrap() }
    }

    /// Makes a project with that schema, and a migration for it that was not run; its database is `app.db`.
    pub(crate) fn generated(schema: &str) -> Self {
        let env = Self::new();
        env.write("seedbed.toml", "url = \"app.db\"\n");
        env.write("src/schema.rs", schema);
        env.run(&["generate"]).succeeded();
        env
    }

    /// Makes such a project, and runs its migration.
    pub(crate) fn migrated(schema: &str) -> Self {
        let env = Self::generated(schema);
        env.run(&["migrate"]).succeeded();
        env
    }

    /// Opens the database, as any program would.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path("app.db")).unwrap()
    }

    /// Writes a file, its folders too.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Returns the full path of a file.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Returns every file below the folder, sorted.
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

    /// Runs the command in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(".", &[], arguments)
    }

    /// Runs the command in a folder below, with variables.
    pub(crate) fn run_with(&self, folder: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_seedbed"))
            .args(arguments)
            .current_dir(self.folder.join(folder))
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        self.ended(output.status.code(), &output.stdout, &output.stderr)
    }

    /// Runs the command at a terminal where a person waits for each text and then types; stdout and stderr are one.
    /// After the last of it the person leaves.
    ///
    /// The terminal is `script`(1)'s, which every Linux has.
    #[cfg(target_os = "linux")]
    pub(crate) fn run_at_terminal(&self, arguments: &[&str], dialogue: &[(&str, &str)]) -> Run {
        let quoted = arguments.iter().map(|argument| format!("'{}'", argument.replace('\'', r"'\''")));
        let line = format!("'{}' {}", env!("CARGO_BIN_EXE_seedbed"), quoted.collect::<Vec<_>>().join(" "));
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("SHELL", "/bin/sh")
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut keyboard = child.stdin.take().unwrap();
        let mut screen = child.stdout.take().unwrap();
        let (mut shown, mut seen) = (Vec::new(), 0);
        for (awaited, typed) in dialogue {
            while !String::from_utf8_lossy(&shown[seen..]).contains(awaited) {
                let mut more = [0; 512];
                let length = screen.read(&mut more).unwrap();
                assert_ne!(length, 0, "{awaited:?} never came:\n{}", String::from_utf8_lossy(&shown));
                shown.extend_from_slice(&more[..length]);
            }
            seen = shown.len();
            keyboard.write_all(typed.as_bytes()).unwrap();
        }
        drop(keyboard);
        screen.read_to_end(&mut shown).unwrap();
        self.ended(child.wait().unwrap().code(), &shown, &[])
    }

    fn ended(&self, code: Option<i32>, stdout: &[u8], stderr: &[u8]) -> Run {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n", "\n");
            text.replace(self.folder.to_str().unwrap(), "<folder>")
        };
        Run { code: code.expect("the command was not killed"), stdout: text(stdout), stderr: text(stderr) }
    }
}

/// Checks that a text has all of these parts.
#[track_caller]
pub(crate) fn assert_tells(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

impl Drop for TestEnv {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Run {
    /// Checks the exit code and that nothing went to stdout, and returns stderr.
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{}", self.stderr);
        self.stderr
    }

    /// Checks that all went well and returns stdout.
    pub(crate) fn succeeded(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Checks that stdout is one JSON object on one line and stderr is silent, and returns the object.
    pub(crate) fn json(self) -> serde_json::Value {
        assert_eq!(self.stderr, "", "--json leaves stderr alone");
        assert_eq!(self.stdout.lines().count(), 1, "{}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }
}
