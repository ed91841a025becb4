//! DOCX: an archive of XML, of which the main part and the notes are read.
//!
//! The archive is unpacked as it is read and never whole, up to a limit for all parts together. XML entities that a file
//! declares itself are left out, so there is nothing to expand.

use std::io::{self, BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::Unreadable;
use super::transcript::{Gap, Transcript};
use crate::documents::kind::Kind;

/// How much the parts of a document may unpack to.
pub(super) const LARGEST_UNPACKED: u64 = 64 << 20;

/// Where the main part is, unless the archive says something else.
const MAIN_PART: &str = "word/document.xml";

/// Reads the text of a document, and then its footnotes and endnotes.
pub(super) fn read(content: &[u8]) -> Result<String, Unreadable> {
    let mut archive = Archive {
        zip: ZipArchive::new(Cursor::new(content)).map_err(|_| DAMAGED)?,
        budget: LARGEST_UNPACKED,
    };
    let main_part = main_part(&mut archive)?;
    let folder = main_part.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let mut body = Body::default();
    if !archive.read(&main_part, |event| body.take(event))? {
        return Err(DAMAGED);
    }
    for notes in ["footnotes.xml", "endnotes.xml"] {
        body.transcript.leave(Gap::Paragraph);
        archive.read(&format!("{folder}/{notes}"), |event| body.take(event))?;
    }
    body.transcript.finish()
}

const DAMAGED: Unreadable = Unreadable::Damaged(Kind::Docx);

/// Finds the name of the main part, which is not always the usual one.
fn main_part(archive: &mut Archive<'_>) -> Result<String, Unreadable> {
    let mut target = None;
    archive.read("_rels/.rels", |event| {
        if let Event::Start(tag) | Event::Empty(tag) = event
            && attribute(tag, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
        {
            target = attribute(tag, "Target");
        }
    })?;
    Ok(target.map_or_else(|| MAIN_PART.to_owned(), |target| target.trim_start_matches('/').to_owned()))
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    String::from_utf8(attribute.value.into_owned()).ok()
}

/// The archive, and how much of it may still be unpacked.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    budget: u64,
}

impl Archive<'_> {
    /// Reads a part of the archive event by event; false when there is no such part.
    fn read(&mut self, name: &str, mut take: impl FnMut(&Event<'_>)) -> Result<bool, Unreadable> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(false),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(Unreadable::Protected);
            }
            Err(_) => return Err(DAMAGED),
        };
        let mut reader = Reader::from_reader(BufReader::new(Bounded { file, budget: &mut self.budget }));
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Eof) => return Ok(true),
                Ok(event) => take(&event),
                Err(_) if reader.get_ref().get_ref().is_spent() => return Err(Unreadable::TooLarge),
                Err(_) => return Err(DAMAGED),
            }
            buffer.clear();
        }
    }
}

/// A file of the archive that ends with an error where the budget does.
struct Bounded<'b, R> {
    file: R,
    budget: &'b mut u64,
}

impl<R> Bounded<'_, R> {
    fn is_spent(&self) -> bool {
        *self.budget == 0
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        *self.budget = self.budget.saturating_sub(read as u64);
        if self.is_spent() { Err(io::Error::other("the budget is spent")) } else { Ok(read) }
    }
}

/// The text of a part as its elements come.
#[derive(Default)]
struct Body {
    transcript: Transcript,
    /// Whether the text between tags is text of the document.
    is_text: bool,
    /// How many elements are open within one that is left out, itself among them.
    left_out: usize,
    /// How many cells of tables are open; a row of them is a line.
    cells: usize,
}

impl Body {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) if self.left_out > 0 || is_left_out(tag.local_name().as_ref()) => {
                self.left_out += 1
            }
            Event::End(_) if self.left_out > 0 => self.left_out -= 1,
            _ if self.left_out > 0 => {}
            Event::Start(tag) => self.begin(tag.local_name().as_ref()),
            Event::Empty(tag) => {
                self.begin(tag.local_name().as_ref());
                self.end(tag.local_name().as_ref());
            }
            Event::End(tag) => self.end(tag.local_name().as_ref()),
            Event::Text(text) if self.is_text => self.transcript.write_words(&String::from_utf8_lossy(text)),
            Event::CData(text) if self.is_text => self.transcript.write_words(&String::from_utf8_lossy(text)),
            Event::GeneralRef(name) if self.is_text => {
                let number = name.resolve_char_ref().ok().flatten();
                if let Some(c) = number.or_else(|| predefined(name)) {
                    self.transcript.write_words(c.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, name: &[u8]) {
        match name {
            b"t" => self.is_text = true,
            b"tab" => self.transcript.leave(Gap::Tab),
            b"br" | b"cr" => self.transcript.leave(Gap::Line),
            b"noBreakHyphen" => self.transcript.write('-'),
            b"tbl" if self.cells == 0 => self.transcript.leave(Gap::Paragraph),
            b"tc" => self.cells += 1,
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        match name {
            b"t" => self.is_text = false,
            b"p" | b"tr" if self.cells > 0 => self.transcript.leave(Gap::Space),
            b"p" | b"tr" => self.transcript.leave(Gap::Line),
            b"tc" => {
                self.cells = self.cells.saturating_sub(1);
                self.transcript.leave(Gap::Tab);
            }
            b"tbl" if self.cells == 0 => self.transcript.leave(Gap::Paragraph),
            _ => {}
        }
    }
}

/// Tells whether an element is left out with all that is in it: what was moved away, and the second form of what newer
/// programs are shown otherwise. Deleted text has an element of its own, which is not `t`.
fn is_left_out(name: &[u8]) -> bool {
    matches!(name, b"moveFrom" | b"Fallback")
}

/// Returns the character of an entity that XML knows by itself.
fn predefined(name: &[u8]) -> Option<char> {
    Some(match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    /// Makes an archive of parts.
    fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, text) in parts {
            zip.start_file(*name, options).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn document(body: &str) -> String {
        format!(r#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#)
    }

    fn text(body: &str) -> Result<String, Unreadable> {
        read(&archive(&[(MAIN_PART, &document(body))]))
    }

    #[test]
    fn paragraphs_tables_and_breaks_are_lines() {
        let body = "<w:p><w:r><w:t xml:space=\"preserve\">A </w:t></w:r><w:r><w:t>tree &amp; a &#xfc;</w:t>\
            <w:br/><w:t>next</w:t><w:tab/><w:t>x</w:t></w:r></w:p>\
            <w:tbl><w:tr><w:tc><w:p><w:t>1</w:t></w:p><w:p><w:t>2</w:t></w:p></w:tc><w:tc><w:p><w:t>3</w:t></w:p></w:tc>\
            </w:tr><w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:t>4</w:t></w:p></w:tc></w:tr></w:tbl>\
            <w:p><w:r><w:t>co</w:t><w:noBreakHyphen/><w:t><![CDATA[op]]></w:t></w:r></w:p>";
        assert_eq!(text(body).unwrap(), "A tree & a ü\nnext\tx\n\n1 2\t3\n4\n\nco-op");
    }

    #[test]
    fn what_was_deleted_or_is_said_twice_is_left_out() {
        let body = "<w:p><w:del><w:r><w:delText>no</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>no</w:t></w:r></w:moveFrom>\
            <mc:AlternateContent><mc:Choice><w:t>yes</w:t></mc:Choice><mc:Fallback><w:p><w:t>no</w:t></w:p></mc:Fallback>\
            </mc:AlternateContent><w:instrText>no</w:instrText></w:p>";
        assert_eq!(text(body).unwrap(), "yes");
    }

    #[test]
    fn the_main_part_is_where_the_archive_says_and_notes_follow() {
        let rels = r#"<Relationships><Relationship Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>"#;
        let content = archive(&[
            ("_rels/.rels", rels),
            ("word/document2.xml", &document("<w:p><w:t>main</w:t></w:p>")),
            ("word/footnotes.xml", &document("<w:p><w:t>note</w:t></w:p>")),
        ]);
        assert_eq!(read(&content).unwrap(), "main\n\nnote");
    }

    #[test]
    fn an_entity_that_a_file_declares_is_left_out() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
        let content = archive(&[(MAIN_PART, &format!("{bomb}{}", document("<w:t>x&b;y</w:t>")))]);
        assert_eq!(read(&content).unwrap(), "xy");
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let content = archive(&[(MAIN_PART, &document(&" ".repeat(LARGEST_UNPACKED as usize)))]);
        assert!(content.len() < 1 << 20);
        assert_eq!(read(&content), Err(Unreadable::TooLarge));
    }

    #[test]
    fn a_damaged_document_says_so() {
        let whole = archive(&[(MAIN_PART, &document("<w:t>x</w:t>"))]);
        assert_eq!(read(&whole[..whole.len() / 2]), Err(DAMAGED));
        assert_eq!(read(&archive(&[("word/other.xml", "<x/>")])), Err(DAMAGED));
        assert_eq!(text("<w:p></w:q>"), Err(DAMAGED));
    }
}
