//! The `seed` of `seedbed.toml`: the path of a SQL file, or a command.
//!
//! `seed = "seeds/dev.sql"` or `seed = { command = "cargo run --bin seed" }`.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// A seed as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WrittenSeed {
    /// The path of a SQL file.
    File(String),
    /// A command for the shell.
    Command(String),
}

/// A seed that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seed {
    /// A SQL file.
    File(PathBuf),
    /// A command for the shell, and the folder it runs in.
    Command {
        /// What the shell is given.
        line: String,
        /// The folder of `seedbed.toml`.
        folder: PathBuf,
    },
}

impl<'de> Deserialize<'de> for WrittenSeed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeedVisitor)
    }
}

struct SeedVisitor;

impl<'de> Visitor<'de> for SeedVisitor {
    type Value = WrittenSeed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the path of a SQL file or `{ command = \"…\" }`")
    }

    fn visit_str<E: Error>(self, path: &str) -> Result<WrittenSeed, E> {
        Ok(WrittenSeed::File(path.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WrittenSeed, A::Error> {
        let mut command = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != "command" {
                return Err(A::Error::unknown_field(&key, &["command"]));
            }
            command = Some(map.next_value::<String>()?);
        }
        command.map(WrittenSeed::Command).ok_or_else(|| A::Error::missing_field("command"))
    }
}
