//! The process that reads one document: `sprout extract-text KIND`, which nobody starts by hand.
//!
//! The document comes on stdin and what became of it goes to stdout as JSON. Whatever a file does to its reader happens
//! here: the process limits itself before it looks at the first byte, has no environment, and its end is an answer too.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::LARGEST_DOCUMENT;
use super::kind::Kind;
use super::text;

/// The word on the command line that starts the process.
pub const COMMAND: &str = "extract-text";

/// What the process says, as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Answer {
    /// The text of the document.
    Text(String),
    /// Why it has none.
    Unreadable(String),
}

/// The variable of the environment that such a process is given, and its value: the allocator asks the system for what is
/// needed. Otherwise it reserves a GiB at once, which the limit on memory counts, and which takes nothing from it later.
pub(super) const ALLOCATOR: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "0");

/// Reads a document from stdin and writes its text to stdout, within `memory` MiB and `seconds` of processor time.
pub fn run(kind: &str, memory: &str, seconds: &str) -> ExitCode {
    match answer(kind, memory, seconds).and_then(|answer| {
        let mut stdout = io::stdout().lock();
        serde_json::to_writer(&mut stdout, &answer)?;
        stdout.flush()
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The reason is for the server's log.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(kind: &str, memory: &str, seconds: &str) -> io::Result<Answer> {
    let kind = Kind::of_word(kind).ok_or_else(|| wrong(kind))?;
    let memory: u64 = memory.parse().map_err(|_| wrong(memory))?;
    let seconds: u64 = seconds.parse().map_err(|_| wrong(seconds))?;
    limit(memory << 20, seconds)?;
    let mut content = Vec::new();
    io::stdin().lock().take(LARGEST_DOCUMENT as u64 + 1).read_to_end(&mut content)?;
    Ok(match text::read(kind, content) {
        Ok(text) => Answer::Text(text),
        Err(unreadable) => Answer::Unreadable(unreadable.to_string()),
    })
}

fn wrong(argument: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("`{argument}` is nothing that the server would say"))
}

/// Takes from this process what it does not need: memory and time beyond the limits, files to write, cores to leave.
#[cfg(unix)]
fn limit(memory: u64, seconds: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};

    // The kernel sends SIGXCPU at the first number and SIGKILL at the second.
    let limits = [
        (Resource::As, memory, memory),
        (Resource::Cpu, seconds, seconds + 1),
        (Resource::Fsize, 0, 0),
        (Resource::Core, 0, 0),
    ];
    for (resource, current, maximum) in limits {
        setrlimit(resource, Rlimit { current: Some(current), maximum: Some(maximum) })?;
    }
    // Requests come first. A process that may not be nicer reads as well.
    let _ = nice(10);
    Ok(())
}

/// Elsewhere the server's clock is the only limit.
#[cfg(not(unix))]
fn limit(_: u64, _: u64) -> io::Result<()> {
    Ok(())
}
