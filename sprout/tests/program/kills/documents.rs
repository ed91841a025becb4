//! Uploads of three files each: rows and objects come together, and an upload is there as a whole or not at all.

use std::io::Result as IoResult;

use serde_json::{Value, json};

use super::Story;
use super::line::{Line, Witness, agrees, id};
use crate::Result;

const KIND: &str = "multipart/form-data; boundary=limit";

pub(super) struct Uploads {
    name: String,
    node: Option<String>,
    /// The documents that were taken and not removed again.
    there: Vec<Document>,
    doubt: Option<Doubt>,
    writes: usize,
}

/// What was sent and not answered.
enum Doubt {
    Upload(Vec<File>),
    /// The first of the documents.
    Removal,
}

struct Document {
    row: Value,
    file: File,
}

#[derive(Clone)]
struct File {
    name: String,
    content: String,
    /// A word that no other file has.
    word: String,
}

impl Uploads {
    pub(super) fn new(name: String) -> Self {
        Self { name, node: None, there: Vec::new(), doubt: None, writes: 0 }
    }

    /// The next files. A page of the web is read by a process of its own.
    fn files(&self) -> Vec<File> {
        let extensions =
            if self.writes.is_multiple_of(8) { ["txt", "html", "md"] } else { ["txt", "md", "txt"] };
        let files = extensions.iter().enumerate().map(|(index, extension)| {
            let word = format!("{}x{}x{index}end", self.name, self.writes);
            let content = format!("{word} {}", "oaks and elms ".repeat(200 * index));
            File { name: format!("{word}.{extension}"), content, word }
        });
        files.collect()
    }
}

/// Writes files as a form has them.
fn form(files: &[File]) -> String {
    let parts = files.iter().map(|File { name, content, .. }| {
        let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{name}\"");
        format!("--limit\r\n{head}\r\n\r\n{content}\r\n")
    });
    parts.chain(["--limit--\r\n".to_owned()]).collect()
}

impl File {
    /// Tells whether a row is about this file.
    fn is_described_by(&self, row: &Value) -> bool {
        let described = json!({
            "originalFilename": self.name,
            "fileSizeBytes": self.content.len(),
            "extractionStatus": "completed",
        });
        agrees(row, &described)
    }

    /// Checks that a document of a node can be fetched and found.
    fn check(&self, witness: &mut Witness, node: &str, document: &Value) -> Result {
        assert!(self.is_described_by(document), "{document}");
        let path = format!("/api/nodes/{node}/documents/{}/file", id(document));
        let (status, bytes) = witness.bytes(&path)?;
        assert_eq!((status, String::from_utf8_lossy(bytes)), (200, self.content.as_str().into()), "{path}");
        let found = witness.list(&format!("/api/search?q={}", self.word))?;
        let found: Vec<_> = found.iter().map(|found| &found["documentId"]).collect();
        assert_eq!(found, [&document["id"]], "what has the word {}", self.word);
        Ok(())
    }
}

impl Story for Uploads {
    fn write(&mut self, line: &mut Line<'_>) -> IoResult<()> {
        let Some(node) = self.node.clone() else {
            self.node = Some(line.root(&self.name)?);
            return Ok(());
        };
        self.writes += 1;
        let path = format!("/api/nodes/{node}/documents");
        if self.writes.is_multiple_of(3) && !self.there.is_empty() {
            self.doubt = Some(Doubt::Removal);
            line.delete(&format!("{path}/{}", id(&self.there[0].row)))?;
            self.there.remove(0);
        } else {
            let files = self.files();
            self.doubt = Some(Doubt::Upload(files.clone()));
            let reply = line.send("POST", &path, KIND, form(&files).as_bytes())?;
            let rows = reply["uploaded"].as_array().expect("a reply lists what was uploaded");
            assert_eq!(rows.len(), files.len(), "{reply}");
            for (file, row) in files.into_iter().zip(rows) {
                assert!(file.is_described_by(row), "{row}");
                let mut row = row.clone();
                row.as_object_mut().expect("a row is an object").remove("extractedTextLength");
                self.there.push(Document { row, file });
            }
        }
        self.doubt = None;
        Ok(())
    }

    fn check(&self, witness: &mut Witness) -> Result<usize> {
        let Some(node) = &self.node else { return Ok(0) };
        let there = witness.list(&format!("/api/nodes/{node}/documents"))?;
        let (mut expected, mut untold) = (self.there.as_slice(), 0);
        if matches!(self.doubt, Some(Doubt::Removal))
            && there.first() != expected.first().map(|first| &first.row)
        {
            (expected, untold) = (&expected[1..], 1);
        }
        let (told, beyond) = there.split_at_checked(expected.len()).unwrap_or((&there, &[]));
        assert!(
            told.iter().eq(expected.iter().map(|document| &document.row)),
            "documents that were answered are lost or changed: {told:?}"
        );
        for document in expected {
            document.file.check(witness, node, &document.row)?;
        }
        match &self.doubt {
            Some(Doubt::Upload(files)) if !beyond.is_empty() => {
                assert_eq!(beyond.len(), files.len(), "a part of an upload is there: {beyond:?}");
                for (file, row) in files.iter().zip(beyond) {
                    file.check(witness, node, row)?;
                }
                untold = 1;
            }
            _ => assert_eq!(beyond, [] as [Value; 0], "nobody sent that"),
        }
        Ok(untold)
    }
}
