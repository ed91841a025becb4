//! What the command talks to: whether people watch, whether colour is wanted, and the two streams.
//!
//! stdout carries data (paths, SQL, JSON), stderr carries talk. A reader that goes away (`seedbed … | head -1`) is
//! no failure and makes no noise; any other trouble with stdout is a failure, so that a full disk never passes for
//! success. Colour is used on stderr only, where a terminal is and `NO_COLOR` is not.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::cli_error::CliError;

/// The streams of this process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// `--json`: stdout gets one object, nobody is asked anything, and talk is left out.
    pub(crate) json: bool,
    /// Whether stderr takes colours.
    pub(crate) color: bool,
    /// Whether a person can be asked.
    pub(crate) interactive: bool,
}

impl Terminal {
    /// Looks at the streams and the environment.
    pub(crate) fn detect(json: bool) -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let stderr = io::stderr().is_terminal();
        Self {
            json,
            color: stderr && !is_set("NO_COLOR") && !is_dumb,
            interactive: !json && stderr && io::stdin().is_terminal(),
        }
    }

    /// Says a line to the person on stderr. When even that can't be written, nobody is there to be told.
    pub(crate) fn say(&self, line: &str) {
        if !self.json {
            let _ = writeln!(io::stderr().lock(), "{line}");
        }
    }

    /// Asks for a line; `None` when the input ended.
    pub(crate) fn ask(&self, prompt: &str) -> Option<String> {
        self.line(prompt).map(|line| line.trim().to_owned())
    }

    /// Reads a line as it is, its end included, and shows the prompt where a person is; `None` when the input ended.
    pub(crate) fn read_line(&self, prompt: &str) -> Option<String> {
        self.line(if self.interactive { prompt } else { "" })
    }

    fn line(&self, prompt: &str) -> Option<String> {
        {
            let mut stderr = io::stderr().lock();
            let _ = write!(stderr, "{prompt}");
            let _ = stderr.flush();
        }
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => {
                if !prompt.is_empty() {
                    let _ = writeln!(io::stderr().lock());
                }
                None
            }
            Ok(_) => Some(line),
        }
    }

    /// Writes data to stdout.
    ///
    /// # Errors
    ///
    /// When stdout can't take it, unless its reader only went away.
    pub(crate) fn print(&self, data: &str) -> Result<(), CliError> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(data.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(CliError::files("cannot write to standard output", error))
            }
            _ => Ok(()),
        }
    }

    /// Puts the style around a text where colour is wanted.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match style {
            Style::Error => "1;31",
            Style::Warning => "1;33",
            Style::Hint => "1;36",
            Style::Good => "1;32",
            Style::Faint => "2",
            Style::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// How a piece of talk looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// The word `error`.
    Error,
    /// The word `hazard` or `warning`.
    Warning,
    /// The word `hint`.
    Hint,
    /// Something done.
    Good,
    /// Of less importance.
    Faint,
    /// The thing talked about.
    Strong,
}
