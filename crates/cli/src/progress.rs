//! How far long work is: a bar on one line of stderr, and only where a person looks at a terminal.
//!
//! The line is drawn over itself a few times a second and is gone when the work ends, so that nothing of it is left in
//! what the person reads afterwards.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use seedbed::backup::Progress;

use crate::quantity;
use crate::terminal::Terminal;

/// How often the line is drawn.
const PAUSE: Duration = Duration::from_millis(100);
/// How many signs the bar is wide.
const WIDTH: usize = 30;

/// A line that shows how far the work is.
pub(crate) struct Bar {
    is_watched: bool,
    is_shown: Cell<bool>,
    draw_at: Cell<Instant>,
}

impl Bar {
    /// Makes a bar that shows itself once the work takes longer than a moment.
    pub(crate) fn new(terminal: &Terminal) -> Self {
        Self {
            is_watched: !terminal.json && io::stderr().is_terminal(),
            is_shown: Cell::new(false),
            draw_at: Cell::new(Instant::now() + 3 * PAUSE),
        }
    }

    /// Shows how much is done; `what` says of what.
    pub(crate) fn show(&self, what: &str, done: u64, of: u64) {
        let now = Instant::now();
        if !self.is_watched || now < self.draw_at.get() {
            return;
        }
        self.draw_at.set(now + PAUSE);
        self.is_shown.set(true);
        let _ = write!(io::stderr().lock(), "\r\x1b[K{}", line(what, done, of));
    }

    /// Takes the line away, so that something else can be said.
    pub(crate) fn clear(&self) {
        if self.is_shown.replace(false) {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

fn line(what: &str, done: u64, of: u64) -> String {
    let share = if of == 0 { 1.0 } else { (done as f64 / of as f64).clamp(0.0, 1.0) };
    let full = (share * WIDTH as f64) as usize;
    format!("  [{}{}] {:3}%  {what}", "#".repeat(full), "-".repeat(WIDTH - full), (share * 100.0) as u32)
}

/// Returns what tells a person how a copy of a database goes on.
pub(crate) fn copying(terminal: &Terminal) -> impl Fn(&Progress<'_>) {
    let (terminal, bar) = (*terminal, Bar::new(terminal));
    move |progress| match progress {
        Progress::Copying { bytes, of } => {
            let what = format!("{} of {}", quantity::bytes(*bytes), quantity::bytes(*of));
            bar.show(&what, *bytes, *of);
        }
        Progress::Waiting { holder, waited } => {
            bar.clear();
            let holder = holder.map_or("a program that uses the database".to_owned(), ToString::to_string);
            terminal.say(&format!("waiting for {holder}, for {}", quantity::duration(*waited)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_bar_grows_from_nothing_to_all() {
        assert!(line("a", 0, 9).starts_with("  [------------------------------]   0%  a"));
        assert!(line("a", 9, 18).contains("[###############---------------]  50%"));
        assert!(line("a", 20, 9).contains("100%"));
        assert!(line("a", 0, 0).contains("100%"));
    }
}
