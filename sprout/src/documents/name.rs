//! Names of documents: what a learner's file is called, and what it is called in the storage.
//!
//! The two have nothing to do with each other. A name comes from whoever uploads and is only ever shown; the key is made
//! of the document's id, so that no name can lead anywhere.

use std::fmt;

use object_store::path::Path;

/// The longest name that is kept, in bytes: what file systems take, for whoever saves the document again.
const LONGEST_NAME: usize = 255;
/// The longest extension that goes into a key.
const LONGEST_EXTENSION: usize = 16;
/// What a file without a usable name is called.
const NAMELESS: &str = "document";

/// Returns the name that is shown for a file that was uploaded as `raw`: its last path component, without what would act
/// on whoever reads it (control characters and those that turn the direction of text around).
pub fn file_name(raw: &str) -> String {
    let name = raw.rsplit(['/', '\\']).next().unwrap_or(raw);
    let name: String = name.chars().filter(|c| !acts_on_its_reader(*c)).collect();
    let name = name.trim();
    if name.trim_matches('.').is_empty() {
        return NAMELESS.to_owned();
    }
    shortened(name)
}

/// Tells whether a character is a control character, a separator of lines, or one that changes the direction of text:
/// `invoice\u{202e}fdp.exe` is shown as `invoiceexe.pdf`.
fn acts_on_its_reader(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Shortens a name that is too long before its extension.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let (stem, extension) = name.split_at(name.len() - extension(name).map_or(0, |text| text.len() + 1));
    let end = stem.floor_char_boundary(LONGEST_NAME - extension.len());
    format!("{}{extension}", stem[..end].trim_end())
}

/// Returns the last extension of a name if it is one of plain letters and digits.
fn extension(name: &str) -> Option<&str> {
    let (stem, extension) = name.rsplit_once('.')?;
    let is_plain = (1..=LONGEST_EXTENSION).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_plain && !stem.is_empty()).then_some(extension)
}

/// What a document is called in the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectKey(Path);

impl ObjectKey {
    /// Makes the key of a new document, `documents/<id><extension>`; the extension is `.bin` where the name has none.
    ///
    /// # Panics
    ///
    /// When the id is no id of ours but has characters that a path gives a meaning to.
    pub fn new(document_id: &str, file_name: &str) -> Self {
        let key = format!("documents/{document_id}.{}", extension(file_name).unwrap_or("bin"));
        Self::parse(&key).expect("an id has only hexadecimal digits and hyphens")
    }

    /// Reads a key that was stored; nothing when it leads elsewhere than into the storage.
    pub fn parse(text: &str) -> Option<Self> {
        Path::parse(text).ok().filter(|path| path.as_ref() == text && !text.is_empty()).map(Self)
    }

    /// Returns the key as the storage knows it.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_letters_and_loses_its_path() {
        for (raw, name) in [
            ("Übungen – 数学 👩‍🏫.pdf", "Übungen – 数学 👩‍🏫.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\a.docx", "a.docx"),
            ("/", "document"),
            ("", "document"),
            ("..", "document"),
            ("a/..", "document"),
            (" \t\u{0} ", "document"),
            ("a\u{0}b\r\nSet-Cookie: x\u{7f}\u{85}.txt", "abSet-Cookie: x.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("\u{feff}a\u{2066}b\u{2069}.md", "ab.md"),
            (".md", ".md"),
        ] {
            assert_eq!(file_name(raw), name, "{raw:?}");
        }
    }

    #[test]
    fn a_long_name_is_shortened_before_its_extension() {
        let name = file_name(&format!("{}.pdf", "ü".repeat(400)));
        assert_eq!((name.len(), name.ends_with("ü.pdf")), (254, true));
        assert_eq!(file_name(&"x".repeat(400)).len(), 255);
        assert_eq!(file_name(&format!("a.{}", "x".repeat(400))).len(), 255);
    }

    #[test]
    fn a_key_is_the_id_and_a_plain_extension() {
        for (name, key) in [
            ("a.pdf", "documents/7f.pdf"),
            ("a.tar.GZ", "documents/7f.GZ"),
            ("a", "documents/7f.bin"),
            (".md", "documents/7f.bin"),
            ("a.", "documents/7f.bin"),
            ("a.ü", "documents/7f.bin"),
            ("a.p d", "documents/7f.bin"),
            ("a.%2e%2e", "documents/7f.bin"),
            ("a.aaaaaaaaaaaaaaaaa", "documents/7f.bin"),
        ] {
            assert_eq!(ObjectKey::new("7f", name).to_string(), key, "{name}");
        }
    }

    #[test]
    fn a_stored_key_that_leads_elsewhere_is_none() {
        assert_eq!(
            ObjectKey::parse("documents/7f.pdf").map(|key| key.to_string()).as_deref(),
            Some("documents/7f.pdf")
        );
        for text in
            ["", "/etc/passwd", "documents/../../x", "documents//x", "./x", "documents/\u{0}", "documents/x/"]
        {
            assert_eq!(ObjectKey::parse(text), None, "{text}");
        }
    }
}
