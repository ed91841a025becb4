//! Writing a branch: its rows at once, as they were at one time, and then one document after the other.

use std::io::{self, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use seedbed::Pool;
use serde::Serialize;
use serde_json::json;

use super::{Counts, FORMAT, Topic, cut_loose};
use crate::database::StartError;
use crate::documents::Shelf;
use crate::schema::{ExtractionStatus, IsoTime};
use crate::store::documents::Listed;
use crate::store::transfer;

/// Writes the branch with an id or a title. `say` is told what the file does not hold. Of the documents one is in memory at
/// a time.
///
/// # Errors
///
/// When there is no such branch, or more than one; when the database, the document storage or the writer fails.
pub async fn export(
    pool: &Pool,
    shelf: &Shelf,
    name: &str,
    out: &mut impl Write,
    say: impl Fn(&str),
) -> Result<Counts, StartError> {
    let wanted = name.to_owned();
    let found = pool.read(move |tx| match transfer::named(tx, &wanted)?.as_slice() {
        [branch] => Ok::<_, seedbed::Error>(Ok(transfer::read(tx, branch.clone())?)),
        others => Ok(Err(others.iter().map(|branch| branch.id.clone()).collect::<Vec<_>>())),
    });
    let (mut topic, documents) = found.await?.map_err(|others| not_one(name, &others))?;
    for sentence in cut_loose(&mut topic) {
        say(&sentence);
    }
    let counts = Counts::of(&topic, documents.len());
    write_rows(out, &topic).map_err(unwritten)?;
    for (index, document) in documents.into_iter().enumerate() {
        let id = document.id.clone();
        let Some(text) = pool.read(move |tx| transfer::text(tx, &id)).await? else {
            return Err(StartError::new(format!("the document `{}` was deleted meanwhile", document.id))
                .with_hint("export the branch again"));
        };
        let content = shelf.content(&document.s3_key).await.map_err(|error| {
            StartError::new(format!("the document `{}` cannot be read: {error}", document.id))
        })?;
        if content.is_none() {
            say(&format!(
                "the document `{}` goes without its content: the storage has no file for it",
                document.id
            ));
        }
        let separator = if index == 0 { "\n" } else { ",\n" };
        write_document(out, separator, document, text, content.as_deref()).map_err(unwritten)?;
    }
    out.write_all(b"\n]}\n").and_then(|()| out.flush()).map_err(unwritten)?;
    Ok(counts)
}

fn not_one(name: &str, ids: &[String]) -> StartError {
    if ids.is_empty() {
        return StartError::new(format!("there is no branch with the id or title `{name}`"))
            .with_hint("a title has to be written exactly; GET /api/branches lists branches with their ids");
    }
    let listed: Vec<_> = ids.iter().map(|id| format!("`{id}`")).collect();
    StartError::new(format!("{} branches have the title `{name}`: {}", ids.len(), listed.join(", ")))
        .with_hint("name one by its id")
}

fn unwritten(error: io::Error) -> StartError {
    StartError::new(format!("the export cannot be written: {error}"))
}

/// Writes everything up to the first document.
fn write_rows(out: &mut impl Write, topic: &Topic) -> io::Result<()> {
    let head = json!({"format": FORMAT, "version": env!("CARGO_PKG_VERSION")});
    write!(out, "{{\"sprout\":{head},\n\"branch\":")?;
    serde_json::to_writer(&mut *out, &topic.branch)?;
    section(out, "nodes", &topic.nodes)?;
    section(out, "edges", &topic.edges)?;
    section(out, "contents", &topic.contents)?;
    section(out, "generations", &topic.generations)?;
    section(out, "assessments", &topic.assessments)?;
    section(out, "questions", &topic.questions)?;
    section(out, "answers", &topic.answers)?;
    section(out, "progress", &topic.progress)?;
    section(out, "sessions", &topic.sessions)?;
    section(out, "messages", &topic.messages)?;
    section(out, "hints", &topic.hints)?;
    section(out, "reviews", &topic.reviews)?;
    section(out, "schedules", &topic.schedules)?;
    out.write_all(b",\n\"documents\":[")
}

fn section(out: &mut impl Write, name: &str, rows: &[impl Serialize]) -> io::Result<()> {
    write!(out, ",\n\"{name}\":[")?;
    for (index, row) in rows.iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, row)?;
    }
    out.write_all(b"\n]")
}

/// A document up to its content.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    id: String,
    node_id: String,
    original_filename: String,
    mime_type: String,
    file_size_bytes: i64,
    extracted_text: Option<String>,
    extraction_status: ExtractionStatus,
    extraction_error: Option<String>,
    created_at: IsoTime,
}

fn write_document(
    out: &mut impl Write,
    separator: &str,
    document: Listed,
    extracted_text: Option<String>,
    content: Option<&[u8]>,
) -> io::Result<()> {
    let head = serde_json::to_string(&Head {
        id: document.id,
        node_id: document.node_id,
        original_filename: document.original_filename,
        mime_type: document.mime_type,
        file_size_bytes: document.file_size_bytes,
        extracted_text,
        extraction_status: document.extraction_status,
        extraction_error: document.extraction_error,
        created_at: document.created_at,
    })?;
    let open = head.strip_suffix('}').expect("an object ends with a brace");
    write!(out, "{separator}{open},\"content\":")?;
    let Some(content) = content else { return out.write_all(b"null}") };
    out.write_all(b"\"")?;
    let mut encoder = EncoderWriter::new(&mut *out, &STANDARD);
    encoder.write_all(content)?;
    encoder.finish()?;
    drop(encoder);
    out.write_all(b"\"}")
}
