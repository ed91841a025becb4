//! What kind of file a document is: told by its bytes, and only among kinds of text by its name and declared type.

use std::fmt;

use crate::documents::text::plain;

/// How far into a file its beginning is looked for.
const HEAD: usize = 1024;
/// How many of a thousand characters of a text may be control characters.
const CONTROLS_PER_THOUSAND: usize = 10;

/// The kinds of documents that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A PDF file.
    Pdf,
    /// A text document of Word 2007 and later.
    Docx,
    /// A web page.
    Html,
    /// A text in Markdown.
    Markdown,
    /// Any other text.
    Text,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Pdf, Self::Docx, Self::Html, Self::Markdown, Self::Text];

    /// Tells what kind of document the bytes are. What the client says they are (`declared`, a media type, and the name)
    /// decides only what cannot be seen: whether a text is Markdown or HTML.
    ///
    /// # Errors
    ///
    /// Says what the file is instead, as far as it is known.
    pub fn of(content: &[u8], name: &str, declared: &str) -> Result<Self, Unsupported> {
        if is_pdf(content, name) {
            return Ok(Self::Pdf);
        }
        if content.starts_with(b"PK\x03\x04") {
            return if is_word(content) { Ok(Self::Docx) } else { Err(Unsupported::new("a ZIP archive")) };
        }
        if let Some((_, what)) = REFUSED.iter().find(|(magic, _)| content.starts_with(magic)) {
            return Err(Unsupported::new(what));
        }
        if !is_text(content) {
            return Err(Unsupported::new("not a text, and of no known kind"));
        }
        Ok(Self::of_text(content, name, declared))
    }

    fn of_text(content: &[u8], name: &str, declared: &str) -> Self {
        let head = plain::decode(&content[..content.len().min(HEAD)]).to_ascii_lowercase();
        let begins = |tag: &str| head.trim_start().starts_with(tag);
        let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let extension = extension(name);
        if begins("<!doctype html") || begins("<html") {
            return Self::Html;
        }
        match (declared.as_str(), extension.as_str()) {
            ("text/html" | "application/xhtml+xml", _) | (_, "html" | "htm" | "xhtml") => Self::Html,
            ("text/markdown" | "text/x-markdown", _) | (_, "md" | "markdown") => Self::Markdown,
            _ => Self::Text,
        }
    }

    /// Returns the media type that is recorded for the document and sent with it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Html => "text/html",
            Self::Markdown => "text/markdown",
            Self::Text => "text/plain",
        }
    }

    /// Returns the word for the kind on the command line of the process that reads it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Text => "text",
        }
    }

    /// Returns what people call such a document.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx => "Word document",
            Self::Html => "web page",
            Self::Markdown | Self::Text => "text",
        }
    }

    /// Finds the kind that a word stands for.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Beginnings of files that people take for documents, and what they are.
const REFUSED: &[(&[u8], &str)] = &[
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file; save it as .docx"),
    (b"{\\rtf", "an RTF file; save it as .docx"),
    (b"%!PS", "a PostScript file; save it as PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
];

/// Tells whether a file is a PDF. Some programs write a few lines before its beginning, but a text may also tell how a PDF
/// begins.
fn is_pdf(content: &[u8], name: &str) -> bool {
    const MAGIC: &[u8] = b"%PDF-";
    let start = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content).trim_ascii_start();
    start.starts_with(MAGIC)
        || contains(&content[..content.len().min(HEAD)], MAGIC)
            && (extension(name) == "pdf" || !is_text(content))
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Tells whether an archive is a Word document: the names of its parts are not compressed. The parts themselves are
/// nothing to be looked at in this process.
fn is_word(archive: &[u8]) -> bool {
    contains(archive, b"[Content_Types].xml") && contains(archive, b"word/")
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    content.windows(wanted.len()).any(|window| window == wanted)
}

/// Tells whether bytes are a text in an encoding that is read. Bytes that are no UTF-8 are one: old encodings look so.
fn is_text(content: &[u8]) -> bool {
    if plain::is_utf16(content) {
        return true;
    }
    let is_control =
        |byte: &&u8| **byte < b' ' && !matches!(**byte, b'\t' | b'\n' | b'\r' | b'\x0c' | b'\x1b');
    !content.contains(&0)
        && content.iter().filter(is_control).count() <= content.len() * CONTROLS_PER_THOUSAND / 1000
}

/// A file that is none of the kinds that are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    what: &'static str,
}

impl Unsupported {
    fn new(what: &'static str) -> Self {
        Self { what }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unsupported file type: the file is {}", self.what)
    }
}

impl std::error::Error for Unsupported {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_and_not_what_the_client_says() {
        for (content, name, declared, kind) in [
            (&b"%PDF-1.7\n"[..], "a.txt", "text/plain", Kind::Pdf),
            (b"\xef\xbb\xbf\n%PDF-1.4", "a", "", Kind::Pdf),
            (b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4 \0", "a", "", Kind::Pdf),
            (b"a header\n%PDF-1.4", "a.PDF", "", Kind::Pdf),
            (b"A PDF begins with\n%PDF-1.4", "a.md", "", Kind::Markdown),
            (b"PK\x03\x04..[Content_Types].xml..word/document.xml", "a.pdf", "application/pdf", Kind::Docx),
            (b"just words", "a.pdf", "application/pdf", Kind::Text),
            (b"just words", "a.docx", "image/png", Kind::Text),
            (b"# words", "a.md", "application/octet-stream", Kind::Markdown),
            (b"# words", "a", "Text/X-Markdown; charset=utf-8", Kind::Markdown),
            (b"\xef\xbb\xbf <!DOCTYPE HTML><p>", "a.md", "text/markdown", Kind::Html),
            (b"<p>words", "a.HTM", "", Kind::Html),
            (b"<p>words", "a.txt", "text/html", Kind::Html),
            (b"<p>words", "a.txt", "text/plain", Kind::Text),
            (b"caf\xe9", "a.txt", "text/plain", Kind::Text),
            (b"\xff\xfea\0b\0", "a.txt", "text/plain", Kind::Text),
            (b"", "a.txt", "text/plain", Kind::Text),
        ] {
            assert_eq!(Kind::of(content, name, declared), Ok(kind), "{name} {declared}");
        }
    }

    #[test]
    fn other_files_are_refused_by_what_they_are() {
        for (content, what) in [
            (&b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml"[..], "a ZIP archive"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "an old Office file; save it as .docx"),
            (b"\x89PNG\r\n", "a PNG picture"),
            (b"ab\0cd", "not a text, and of no known kind"),
            (b"\x01\x02\x03\x04\x05\x06", "not a text, and of no known kind"),
        ] {
            let text = Kind::of(content, "a.txt", "text/plain").unwrap_err().to_string();
            assert_eq!(text, format!("Unsupported file type: the file is {what}"));
        }
    }

    #[test]
    fn a_word_leads_back_to_its_kind() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_word(kind.word()), Some(kind));
        }
        assert_eq!(Kind::of_word("xls"), None);
    }
}
