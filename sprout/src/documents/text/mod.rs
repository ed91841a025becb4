//! The text of documents: one reader for each kind, without files, environment or network.
//!
//! A reader is fed with whatever somebody uploads. What it does with that is bounded here by the length of the text, and
//! by the process that it runs in, see `documents/child.rs`.

pub(crate) mod docx;
pub(crate) mod html;
pub(crate) mod pdf;
pub(crate) mod plain;
mod transcript;

use std::fmt;

use crate::documents::kind::Kind;
use transcript::LONGEST_TEXT;

/// Reads the text of a document.
///
/// # Errors
///
/// Says why it has none, in words for the person who uploaded it.
pub(crate) fn read(kind: Kind, content: Vec<u8>) -> Result<String, Unreadable> {
    match kind {
        Kind::Pdf => pdf::read(content),
        Kind::Docx => docx::read(&content),
        Kind::Html => html::read(&content),
        Kind::Markdown | Kind::Text => plain::read(&content),
    }
}

/// Why a document has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is not what it begins as.
    Damaged(Kind),
    /// It cannot be read without a password.
    Protected,
    /// It is a PDF of this many pages, and none has text.
    NoText(usize),
    /// It is a PDF whose fonts draw letters without saying which.
    NoLetters,
    /// It has more text than is kept.
    TooLong,
    /// It is an archive that unpacks to more than is read.
    TooLarge,
    /// It is in an encoding that is not read.
    Encoding(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(kind) => write!(f, "The {} is damaged and cannot be read", kind.name()),
            Self::Protected => f.write_str("The PDF is protected by a password"),
            Self::NoText(pages) => {
                let pages = if *pages == 1 { "its page".to_owned() } else { format!("its {pages} pages") };
                write!(
                    f,
                    "The PDF has no text on {pages}; it may be a scan, which has to be recognised first"
                )
            }
            Self::NoLetters => {
                f.write_str("The PDF does not say which letters it shows, so its text cannot be read")
            }
            Self::TooLong => write!(f, "The document has more than {} MiB of text", LONGEST_TEXT >> 20),
            Self::TooLarge => {
                write!(f, "The document unpacks to more than {} MiB", docx::LARGEST_UNPACKED >> 20)
            }
            Self::Encoding(name) => {
                write!(f, "The encoding `{name}` is not read; save the document as UTF-8")
            }
        }
    }
}
