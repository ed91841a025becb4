//! Reading the text of documents in processes of their own, a few at a time, from the server's side.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::child::{self, Answer};
use super::kind::Kind;
use super::text;

/// The most that a process may say, in bytes: the longest text, written as JSON.
const LONGEST_ANSWER: u64 = 32 << 20;
/// The most that is looked at of what a process complains, in bytes.
const LONGEST_COMPLAINT: u64 = 4 << 10;

/// What one process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take, by the clock. Where the machine is busy it does not get much of that time.
    pub time: Duration,
    /// How many seconds of a processor's time it may use.
    pub processor_seconds: u32,
    /// How much memory it may have, in MiB, with what is mapped and never touched.
    pub memory: u32,
    /// How many may run at once.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(60), processor_seconds: 20, memory: 512, at_once: 2 }
    }
}

/// Reads documents. Clones share the limit on how many are read at once.
#[derive(Debug, Clone)]
pub struct Extractor {
    program: Arc<PathBuf>,
    limits: Limits,
    turns: Arc<Semaphore>,
}

impl Extractor {
    /// Makes an extractor that starts `program`, a Sprout.
    pub fn new(program: PathBuf, limits: Limits) -> Self {
        Self { program: Arc::new(program), limits, turns: Arc::new(Semaphore::new(limits.at_once)) }
    }

    /// Makes an extractor that starts the program that is running.
    ///
    /// # Errors
    ///
    /// When the system does not tell which one that is.
    pub fn of_this_program() -> io::Result<Self> {
        // The link leads to the file that was started, even when another version has taken its name since.
        let program =
            if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
        Ok(Self::new(program, Limits::default()))
    }

    /// Reads the text of a document. Text that is text already is decoded at once; everything else is read by a process
    /// that is gone, whatever it does, when the time is over or the future is dropped.
    ///
    /// # Errors
    ///
    /// Says why the document has no text that can be read; that is a fact about the document, to be kept with it.
    pub async fn read(&self, kind: Kind, content: Bytes) -> Result<String, Unread> {
        if matches!(kind, Kind::Markdown | Kind::Text) {
            return text::plain::read(&content).map_err(|unreadable| Unread(unreadable.to_string()));
        }
        let turn = self.turns.acquire().await;
        let answer = match timeout(self.limits.time, self.run(kind, content)).await {
            Ok(Ok(End { status, answer, complaint })) => {
                if status.success() {
                    serde_json::from_slice(&answer).map_err(|error| self.failed(&error.to_string()))
                } else {
                    Err(self.ended(status, &complaint))
                }
            }
            Ok(Err(error)) => Err(self.failed(&error.to_string())),
            Err(_) => Err(took_longer_than(self.limits.time.as_secs())),
        };
        drop(turn);
        match answer? {
            Answer::Text(text) => Ok(text),
            Answer::Unreadable(reason) => Err(Unread(reason)),
        }
    }

    async fn run(&self, kind: Kind, content: Bytes) -> io::Result<End> {
        let arguments: [OsString; 4] = [
            child::COMMAND.into(),
            kind.word().into(),
            self.limits.memory.to_string().into(),
            self.limits.processor_seconds.to_string().into(),
        ];
        let mut child = Command::new(&*self.program)
            .args(arguments)
            .env_clear()
            .env(child::ALLOCATOR.0, child::ALLOCATOR.1)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("a pipe is missing"));
        };
        let give = async move {
            // A process that ends before it has read everything says why by how it ends.
            let _ = stdin.write_all(&content).await;
        };
        let ((), answer, complaint, status) = tokio::join!(
            give,
            read_to(stdout, LONGEST_ANSWER),
            read_to(stderr, LONGEST_COMPLAINT),
            child.wait()
        );
        Ok(End {
            status: status?,
            answer: answer?,
            complaint: String::from_utf8_lossy(&complaint?).into_owned(),
        })
    }

    /// Says for the person what the end of a process means, and for the log what it was.
    fn ended(&self, status: ExitStatus, complaint: &str) -> Unread {
        tracing::warn!(%status, complaint = complaint.trim(), "the process that read a document failed");
        // These are the words of Rust's own allocator when there is no more.
        if complaint.contains("memory allocation of") || complaint.contains("capacity overflow") {
            return Unread(format!(
                "Reading the document took more than {} MiB of memory",
                self.limits.memory
            ));
        }
        if is_out_of_processor_time(status) {
            return took_longer_than(u64::from(self.limits.processor_seconds));
        }
        Unread("The document cannot be read: it may be damaged".to_owned())
    }

    fn failed(&self, cause: &str) -> Unread {
        tracing::error!(program = %self.program.display(), cause, "a document could not be given to a process");
        Unread("The document was not read, because of a fault of the server".to_owned())
    }
}

fn took_longer_than(seconds: u64) -> Unread {
    Unread(format!("Reading the document took longer than {seconds} s"))
}

#[cfg(unix)]
fn is_out_of_processor_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;

    status.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(unix))]
fn is_out_of_processor_time(_: ExitStatus) -> bool {
    false
}

/// How a process ended, and what it said.
struct End {
    status: ExitStatus,
    answer: Vec<u8>,
    complaint: String,
}

/// Reads to the end or to a limit; whoever writes on finds the pipe closed.
async fn read_to(pipe: impl AsyncRead + Unpin, limit: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    pipe.take(limit).read_to_end(&mut content).await?;
    Ok(content)
}

/// Why a document was not read, in words for the person who uploaded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread(String);

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unread {}
