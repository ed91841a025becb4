//! HTML: what a page shows as text. Tags are taken one after the other, as browsers tokenize them, and no tree is built, so
//! that nothing can be nested too deeply.

use std::borrow::Cow;
use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::transcript::{Gap, Transcript};
use super::{Unreadable, plain};

/// How far into a page its encoding is looked for, as browsers do.
const HEAD: usize = 1024;

/// Elements whose content is no text of the page.
const HIDDEN: &[&str] = &["script", "style", "iframe", "noembed", "noframes", "noscript"];
/// Elements that begin and end a paragraph.
const PARAGRAPHS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "details",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "title",
    "ul",
];
/// Elements that begin and end a line.
const LINES: &[&str] =
    &["br", "caption", "dd", "div", "dt", "figcaption", "legend", "li", "option", "summary", "tr"];
/// Elements that part what is before them from what comes.
const CELLS: &[&str] = &["td", "th"];

/// Reads the text of a page.
pub(super) fn read(content: &[u8]) -> Result<String, Unreadable> {
    let html = decode(content)?;
    let mut page = Page::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        page.take(&event);
        None
    });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html.as_bytes(), emitter).finish();
    page.transcript.finish()
}

#[derive(Default)]
struct Page {
    transcript: Transcript,
    /// The element whose content is left out until it ends.
    hidden_in: Option<Vec<u8>>,
    /// How many `pre` elements are open.
    preformatted: usize,
}

impl Page {
    fn take(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.begin(name),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } if self.hidden_in.is_none() => {
                let text = String::from_utf8_lossy(value);
                if self.preformatted > 0 {
                    self.transcript.write_as_it_is(&text);
                } else {
                    self.transcript.write_words(&text);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, name: &[u8]) {
        if is_among(HIDDEN, name) && self.hidden_in.is_none() {
            self.hidden_in = Some(name.to_vec());
        }
        self.preformatted += usize::from(name == b"pre");
        self.leave_gap(name);
    }

    fn end(&mut self, name: &[u8]) {
        if self.hidden_in.as_deref() == Some(name) {
            self.hidden_in = None;
        }
        self.preformatted = self.preformatted.saturating_sub(usize::from(name == b"pre"));
        self.leave_gap(name);
    }

    fn leave_gap(&mut self, name: &[u8]) {
        if is_among(PARAGRAPHS, name) {
            self.transcript.leave(Gap::Paragraph);
        } else if is_among(LINES, name) {
            self.transcript.leave(Gap::Line);
        } else if is_among(CELLS, name) {
            self.transcript.leave(Gap::Tab);
        }
    }
}

fn is_among(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|known| known.as_bytes() == name)
}

/// Decodes a page: as UTF-8 (or UTF-16 by its mark) where that is what it is, else as what it says; a page that says
/// nothing is of the old web, where everything was Windows-1252.
fn decode(content: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    if plain::is_utf16(content) || std::str::from_utf8(content).is_ok() {
        return Ok(plain::decode(content));
    }
    let name = declared_encoding(content).unwrap_or_else(|| "windows-1252".to_owned());
    match name.as_str() {
        "utf-8" | "utf8" => Ok(plain::decode(content)),
        "windows-1252" | "cp1252" | "iso-8859-1" | "iso8859-1" | "latin1" | "us-ascii" | "ascii" => {
            Ok(content.iter().map(|byte| windows_1252(*byte)).collect())
        }
        _ => Err(Unreadable::Encoding(name)),
    }
}

/// Finds `charset=…` at the beginning of a page, in either form of the `meta` element.
fn declared_encoding(content: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&content[..content.len().min(HEAD)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c)).unwrap_or(value.len());
    (end > 0).then(|| value[..end].to_owned())
}

/// The characters of Windows-1252 from 0x80 to 0x9f, where it differs from Latin-1.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => {
            WINDOWS_1252.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_is_shown() {
        let html = "<!DOCTYPE html><html><head><title>Trees</title><meta charset=utf-8><style>p { x }</style>\
            <script>document.write('<p>no</p>')</script></head><body><h1>Trees  &amp;\n graphs</h1><!-- no -->\
            <p>A <b>tree</b> is<br>a graph.<ul><li>root<li>leaf</ul><table><tr><td>a<td>b<tr><td>c<td>d</table>\
            <pre>if x:\n    y</pre><noscript><p>no</p></noscript>x &lt; &#x79; &copy; 1&nbsp;m";
        assert_eq!(
            read(html.as_bytes()).unwrap(),
            "Trees\n\nTrees & graphs\n\nA tree is\na graph.\n\nroot\nleaf\n\na\tb\nc\td\n\nif x:\n    y\n\n\
             x < y © 1\u{a0}m"
        );
    }

    #[test]
    fn broken_pages_are_read_as_far_as_they_go() {
        for (html, text) in [
            ("<p>a<script>b", "a"),
            ("<p>a<!-- b", "a"),
            ("<p>a<b", "a"),
            ("</p></pre>a</pre>  b", "a\n\nb"),
            ("a & b &nosuch; c", "a & b &nosuch; c"),
            ("", ""),
        ] {
            assert_eq!(read(html.as_bytes()).unwrap(), text, "{html}");
        }
    }

    #[test]
    fn nesting_costs_nothing() {
        let html = format!("{}x{}", "<div><b>".repeat(500_000), "</b></div>".repeat(500_000));
        assert_eq!(read(html.as_bytes()).unwrap(), "x");
    }

    #[test]
    fn old_encodings_are_read_or_named() {
        assert_eq!(read(b"<p>caf\xe9 \x80 \x93").unwrap(), "café € “");
        assert_eq!(read(b"<meta charset='ISO-8859-1'>caf\xe9").unwrap(), "café");
        assert_eq!(read(b"<meta charset=utf-8>caf\xe9").unwrap(), "caf\u{fffd}");
        assert_eq!(read(b"\xff\xfe<\0p\0>\0a\0").unwrap(), "a");
        let japanese = b"<meta http-equiv=Content-Type content=\"text/html; charset=Shift_JIS\">\x82\xa0";
        assert_eq!(read(japanese), Err(Unreadable::Encoding("shift_jis".to_owned())));
    }
}
