//! Questions that only a person can answer, asked on stderr and answered by a line on stdin.
//!
//! Numbered choices and plain lines: they work in every terminal, over every remote shell and in a test. An empty
//! answer never chooses; the end of input leaves everything as it was.

use crate::terminal::{Style, Terminal};

/// What a person said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer<T> {
    /// The answer.
    Given(T),
    /// The input ended, or the person left the question.
    Abandoned,
}

/// Asks which of the choices it is; the answer is an index.
pub(crate) fn choose(terminal: &Terminal, question: &str, choices: &[String]) -> Answer<usize> {
    terminal.say(&terminal.paint(Style::Strong, question));
    for (number, choice) in choices.iter().enumerate() {
        terminal.say(&format!("  {}) {choice}", number + 1));
    }
    let range = format!("1-{}", choices.len());
    loop {
        let Some(line) = terminal.ask(&format!("{range}, or q to leave everything as it is: ")) else {
            return Answer::Abandoned;
        };
        match line.parse::<usize>() {
            Ok(number) if (1..=choices.len()).contains(&number) => return Answer::Given(number - 1),
            _ if is_leave(&line) => return Answer::Abandoned,
            _ => terminal.say(&format!("please answer {range}")),
        }
    }
}

/// Asks for a text that is not empty.
pub(crate) fn text(terminal: &Terminal, question: &str) -> Answer<String> {
    terminal.say(&terminal.paint(Style::Strong, question));
    loop {
        match terminal.ask("an SQL expression, or q to leave everything as it is: ") {
            None => return Answer::Abandoned,
            Some(line) if is_leave(&line) => return Answer::Abandoned,
            Some(line) if !line.is_empty() => return Answer::Given(line),
            Some(_) => {}
        }
    }
}

/// Asks for consent; anything but yes is no.
pub(crate) fn consent(terminal: &Terminal, question: &str) -> bool {
    let line = terminal.ask(&format!("{} [y/N] ", terminal.paint(Style::Strong, question)));
    line.is_some_and(|line| matches!(line.to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn is_leave(line: &str) -> bool {
    matches!(line, "q" | "quit")
}
