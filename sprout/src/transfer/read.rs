//! Reading an exported file: strictly, and never more of it at once than its rows and one document.
//!
//! Faults are told with the path of the value and its line and column. A row that is larger than any can be ends the reading,
//! so that a file which is no export does not fill the memory.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_path_to_error::Track;

use super::{FORMAT, Topic};
use crate::documents::LARGEST_DOCUMENT;
use crate::schema::{ExtractionStatus, IsoTime};

/// The largest row, in bytes of JSON: a document with its longest text.
const LARGEST_ROW: usize = 96 << 20;

/// What a file has beside its head.
const SECTIONS: &[&str] = &[
    "branch",
    "nodes",
    "edges",
    "contents",
    "generations",
    "assessments",
    "questions",
    "answers",
    "progress",
    "sessions",
    "messages",
    "hints",
    "reviews",
    "schedules",
    "documents",
];

/// A document as a file has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileDocument {
    pub(super) id: String,
    pub(super) node_id: String,
    pub(super) original_filename: String,
    pub(super) mime_type: String,
    pub(super) file_size_bytes: i64,
    pub(super) extracted_text: Option<String>,
    pub(super) extraction_status: ExtractionStatus,
    pub(super) extraction_error: Option<String>,
    pub(super) created_at: IsoTime,
    #[serde(deserialize_with = "of_base64")]
    pub(super) content: Option<Vec<u8>>,
}

fn of_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    if text.len() > LARGEST_DOCUMENT.div_ceil(3) * 4 {
        return Err(D::Error::custom(format_args!("a document has at most {LARGEST_DOCUMENT} bytes")));
    }
    STANDARD.decode(text).map(Some).map_err(|error| D::Error::custom(format_args!("not base64: {error}")))
}

/// What begins a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    version: String,
}

/// Why a file cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) text: String,
    pub(super) hint: Option<String>,
}

/// What takes the documents of a file, one by one. What it answers ends the reading.
pub(super) type Take<'t> = dyn FnMut(FileDocument) -> Result<(), String> + 't;

/// Reads a file from its beginning: the rows, and every document with its content into `take`.
pub(super) fn topic(file: &File, take: &mut Take<'_>) -> Result<Topic, Unreadable> {
    let mut rows = Rows::default();
    read(file, Some(&mut rows), take)?;
    Ok(rows.0.expect("what was read has its branch"))
}

/// Reads a file, which was read before, for its documents only.
pub(super) fn documents(file: &File, take: &mut Take<'_>) -> Result<(), Unreadable> {
    read(file, None, take)
}

fn read(mut file: &File, rows: Option<&mut Rows>, take: &mut Take<'_>) -> Result<(), Unreadable> {
    let plain = |text: String| Unreadable { text, hint: None };
    file.rewind().map_err(|error| plain(error.to_string()))?;
    let (since, newer) = (Cell::new(0), Cell::new(None));
    let reader = Measured { inner: BufReader::with_capacity(64 << 10, file), since: &since };
    let mut json = serde_json::Deserializer::from_reader(reader);
    let mut track = Track::new();
    let seed = FileSeed { rows, take, since: &since, newer: &newer };
    let result = seed.deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    match result.and_then(|()| json.end()) {
        Ok(()) => Ok(()),
        Err(error) => {
            let path = track.path().to_string();
            let text = if path == "." { error.to_string() } else { format!("{path}: {error}") };
            let hint = match newer.take() {
                Some(version) => {
                    format!("it was written by Sprout {version}; import it with that version or a newer one")
                }
                None => "nothing was imported; `sprout export` writes what can be".to_owned(),
            };
            Err(Unreadable { text, hint: Some(hint) })
        }
    }
}

/// The rows as they are read; nothing before the branch.
#[derive(Default)]
struct Rows(Option<Topic>);

/// A reader that knows how much was read of a row.
struct Measured<'c, R> {
    inner: R,
    since: &'c Cell<usize>,
}

impl<R: Read> Read for Measured<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.since.set(self.since.get() + count);
        if self.since.get() > LARGEST_ROW {
            return Err(io::Error::other(format!("a row is larger than {LARGEST_ROW} bytes")));
        }
        Ok(count)
    }
}

struct FileSeed<'r, 't, 'c> {
    rows: Option<&'r mut Rows>,
    take: &'r mut Take<'t>,
    since: &'c Cell<usize>,
    newer: &'c Cell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for FileSeed<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FileSeed<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exported branch")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if map.next_key::<String>()?.as_deref() != Some("sprout") {
            return Err(A::Error::custom(
                "the file does not begin with `sprout`, so it is no exported branch",
            ));
        }
        let head: Head = map.next_value()?;
        if head.format != FORMAT {
            let format = head.format;
            self.newer.set((format > FORMAT).then_some(head.version));
            return Err(A::Error::custom(format_args!(
                "the file has the format {format}, and this Sprout reads {FORMAT}"
            )));
        }
        let since = self.since;
        // One section after the other, as they are written: the branch tells what the rest is read into.
        let mut rows = self.rows;
        for &section in SECTIONS {
            expect_key(&mut map, section)?;
            since.set(0);
            match (section, &mut rows) {
                ("documents", _) => map.next_value_seed(Documents { take: &mut *self.take, since })?,
                ("branch", Some(rows)) => rows.0 = Some(Topic::of(map.next_value()?)),
                (_, Some(rows)) => {
                    let topic = rows.0.as_mut().expect("the branch comes first");
                    read_section(&mut map, section, topic, since)?;
                }
                ("branch", None) => _ = map.next_value::<IgnoredAny>()?,
                (_, None) => _ = map.next_value_seed(Section::<IgnoredAny>::new(since))?,
            }
        }
        match map.next_key::<String>()? {
            Some(key) => Err(A::Error::unknown_field(&key, SECTIONS)),
            None => Ok(()),
        }
    }
}

fn expect_key<'de, A: MapAccess<'de>>(map: &mut A, section: &'static str) -> Result<(), A::Error> {
    match map.next_key::<String>()? {
        Some(key) if key == section => Ok(()),
        Some(key) if !SECTIONS.contains(&key.as_str()) => Err(A::Error::unknown_field(&key, SECTIONS)),
        Some(key) => Err(A::Error::custom(format_args!("`{section}` has to come before `{key}`"))),
        None => Err(A::Error::missing_field(section)),
    }
}

fn read_section<'de, A: MapAccess<'de>>(
    map: &mut A,
    section: &str,
    topic: &mut Topic,
    since: &Cell<usize>,
) -> Result<(), A::Error> {
    match section {
        "nodes" => topic.nodes = map.next_value_seed(Section::new(since))?,
        "edges" => topic.edges = map.next_value_seed(Section::new(since))?,
        "contents" => topic.contents = map.next_value_seed(Section::new(since))?,
        "generations" => topic.generations = map.next_value_seed(Section::new(since))?,
        "assessments" => topic.assessments = map.next_value_seed(Section::new(since))?,
        "questions" => topic.questions = map.next_value_seed(Section::new(since))?,
        "answers" => topic.answers = map.next_value_seed(Section::new(since))?,
        "progress" => topic.progress = map.next_value_seed(Section::new(since))?,
        "sessions" => topic.sessions = map.next_value_seed(Section::new(since))?,
        "messages" => topic.messages = map.next_value_seed(Section::new(since))?,
        "hints" => topic.hints = map.next_value_seed(Section::new(since))?,
        "reviews" => topic.reviews = map.next_value_seed(Section::new(since))?,
        "schedules" => topic.schedules = map.next_value_seed(Section::new(since))?,
        _ => return Err(A::Error::unknown_field(section, SECTIONS)),
    }
    Ok(())
}

/// The rows of one kind.
struct Section<'c, T> {
    since: &'c Cell<usize>,
    row: PhantomData<T>,
}

impl<'c, T> Section<'c, T> {
    fn new(since: &'c Cell<usize>) -> Self {
        Self { since, row: PhantomData }
    }
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Section<'_, T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Section<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(row) = rows.next_element()? {
            all.push(row);
            self.since.set(0);
        }
        Ok(all)
    }
}

/// The documents, each handed on when it is read.
struct Documents<'r, 't, 'c> {
    take: &'r mut Take<'t>,
    since: &'c Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Documents<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Documents<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of documents")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut documents: A) -> Result<(), A::Error> {
        while let Some(document) = documents.next_element()? {
            (self.take)(document).map_err(A::Error::custom)?;
            self.since.set(0);
        }
        Ok(())
    }
}
