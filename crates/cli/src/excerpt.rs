//! Faults shown with the lines they are in, as rustc shows them.
//!
//! Comes in: a file's name, its text, and byte ranges with messages. Goes out: text for stderr. Who found the fault
//! (the schema reader, the TOML parser) doesn't matter here.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::terminal::Terminal;

/// A fault in a file.
#[derive(Debug)]
pub(crate) struct Fault<'a> {
    /// The file, as the person knows it.
    pub(crate) path: &'a str,
    /// The file's whole text.
    pub(crate) text: &'a str,
    /// The bytes at fault; empty when only a place is known.
    pub(crate) span: Range<usize>,
    /// What is wrong.
    pub(crate) message: &'a str,
    /// What else there is to know, such as the second place of a contradiction.
    pub(crate) note: Option<&'a str>,
    /// What to write instead.
    pub(crate) help: Option<&'a str>,
}

/// Returns the fault with its source lines.
pub(crate) fn render(terminal: &Terminal, fault: &Fault<'_>) -> String {
    let renderer = if terminal.color { Renderer::styled() } else { Renderer::plain() };
    let span = clamp(fault.text, fault.span.clone());
    let snippet = Snippet::source(fault.text).path(fault.path).annotation(AnnotationKind::Primary.span(span));
    let title = Level::ERROR.primary_title(fault.message).element(snippet);
    let note = fault.note.map(|note| Level::NOTE.message(note));
    let help = fault.help.map(|help| Level::HELP.message(help));
    renderer.render(&[title.elements(note).elements(help)]).to_string()
}

/// Returns the line and column, both counted from one, of a byte of a text; columns count characters.
pub(crate) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Keeps a range inside the text and on character boundaries, whatever its finder counted.
fn clamp(text: &str, span: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_and_in_characters() {
        let text = "a = 1\nß = 2\n";
        assert_eq!(line_column(text, 0), (1, 1));
        assert_eq!(line_column(text, 9), (2, 3));
        assert_eq!(line_column(text, 99), (3, 1));
    }

    #[test]
    fn a_fault_is_shown_with_its_line_and_its_help() {
        let terminal = Terminal { json: false, color: false, interactive: false };
        let text = "dialect = \"sqlite\"\nschem = \"a.rs\"\n";
        let fault = Fault {
            path: "seedbed.toml",
            text,
            span: 19..24,
            message: "unknown key `schem`",
            note: Some("a note"),
            help: Some("write `schema`"),
        };
        let shown = render(&terminal, &fault);
        for part in [
            "error: unknown key `schem`",
            "seedbed.toml:2:1",
            "schem = \"a.rs\"",
            "^^^^^",
            "a note",
            "write `schema`",
        ] {
            assert!(shown.contains(part), "{part:?} is missing in\n{shown}");
        }
    }

    #[test]
    fn a_range_outside_the_text_is_no_panic() {
        assert_eq!(clamp("ä", 1..9), 0..2);
        assert_eq!(clamp("", 3..4), 0..0);
    }
}
