//! A folder with a database and documents, and the program run in it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use seedbed::{Connection, params};
use serde_json::Value;
use sprout::database;
use tempfile::TempDir;

use crate::Result;
use crate::server::Server;

/// What a run of the program came to.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Checks that it did its work, and returns what it wrote to stdout.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
    }

    /// Checks that it failed, and said this.
    #[track_caller]
    pub(crate) fn refused(self, stderr: &str) {
        assert_eq!((self.code, self.stderr.as_str(), self.stdout.as_str()), (Some(1), stderr, ""));
    }
}

pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// Makes a folder with a migrated database.
    pub(crate) fn new() -> Result<Self> {
        let home = Self::empty()?;
        drop(database::prepare(&home.path("sprout.db"), |_| ())?);
        Ok(home)
    }

    /// Makes a folder with nothing in it.
    pub(crate) fn empty() -> Result<Self> {
        Ok(Self { folder: TempDir::new()? })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn db(&self) -> Result<Connection> {
        Ok(Connection::open(self.path("sprout.db"))?)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sprout"));
        command.current_dir(self.folder.path()).env_clear().env("PORT", "0").args(arguments);
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn sprout(&self, arguments: &[&str]) -> Result<Ran> {
        let output = self.command(arguments).output()?;
        Ok(Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }

    /// Exports a branch and reads what came.
    pub(crate) fn exported(&self, branch: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.sprout(&["export", branch])?.done())?)
    }

    /// Names the files of the folder.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.folder.path())? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// Says how much is in the database and in the storage.
    pub(crate) fn contents(&self) -> Result<(i64, usize)> {
        let tables = "SELECT (SELECT count(*) FROM branches) + (SELECT count(*) FROM nodes) \
                      + (SELECT count(*) FROM topic_documents) + (SELECT count(*) FROM object_removals)";
        let rows = self.db()?.query_one(tables, params![], |row| row.get(0))?;
        Ok((rows, self.objects()))
    }

    /// Counts the objects of the storage.
    pub(crate) fn objects(&self) -> usize {
        fs::read_dir(self.path("sprout.documents/documents")).map_or(0, Iterator::count)
    }

    /// Starts the server.
    pub(crate) fn serve(&self) -> Result<Server> {
        Server::start(&mut self.command(&[]))
    }
}
