//! Putting an exported branch into a database: all of it or nothing.
//!
//! The file is read twice. The first reading checks everything and keeps the rows; the second one stores the contents of the
//! documents, one at a time, under keys that are announced before. Then one transaction writes all rows and takes the
//! announcements back. When it fails, or the program is killed, the objects are removed now or at the next start of the server.

use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use seedbed::Pool;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::check;
use super::read::{self, FileDocument, Unreadable};
use super::renumber::{give_to, renumber};
use super::{Counts, Topic};
use crate::database::StartError;
use crate::documents::{Kind, ObjectKey, Shelf, file_name};
use crate::error::AppError;
use crate::schema::TopicDocument;
use crate::store::{documents, new_id, transfer, users};

/// The most faults of a file that are listed.
const LISTED: usize = 20;

/// How to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The user that everything is to belong to.
    pub user: String,
    /// Whether everything keeps its id.
    pub keep_ids: bool,
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The id of the branch.
    pub branch_id: String,
    /// Its title.
    pub title: String,
    /// How much came with it.
    pub counts: Counts,
}

/// What of a document is stored elsewhere.
#[derive(Debug, Clone)]
struct Content {
    key: ObjectKey,
    kind: Kind,
    size: usize,
}

/// Imports a file. In memory are its rows with the texts of documents, and the content of one document.
///
/// # Errors
///
/// When the file cannot be read or breaks a rule, an id that is to be kept is taken, there is no such user, or the database or
/// the document storage fails. Nothing is imported then.
pub async fn import(
    pool: &Pool,
    shelf: &Shelf,
    path: &Path,
    options: &Options,
) -> Result<Imported, StartError> {
    let shown = path.display().to_string();
    let refused = |Unreadable { text, hint }: Unreadable| {
        let error = StartError::new(format!("`{shown}` cannot be imported: {text}"));
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    };
    let file = open(path)?;
    let (read, file) = spawn_blocking(move || (first_reading(&file), file)).await.map_err(broken)?;
    let (mut topic, mut documents, mut contents) = read.map_err(refused)?;
    let faults = check::faults(&topic, &documents);
    if !faults.is_empty() {
        return Err(StartError::new(format!("`{shown}` cannot be imported: {}", listed(&faults)))
            .with_hint("nothing was imported; mend the file, or export the branch again"));
    }
    let user = options.user.clone();
    if !pool.read(move |tx| users::exists(tx, &user)).await? {
        return Err(StartError::new(format!("there is no user with the id `{}`", options.user)));
    }
    if !options.keep_ids {
        renumber(&mut topic, &mut documents);
    }
    give_to(&mut topic, &options.user);
    let rows = rows(documents, &mut contents);
    let imported = Imported {
        branch_id: topic.branch.id.clone(),
        title: topic.branch.title.clone(),
        counts: Counts::of(&topic, rows.len()),
    };
    let (checked, checked_rows) = (topic.clone(), rows.clone());
    pool.read(move |tx| transfer::refuse_taken(tx, &checked, &checked_rows)).await.map_err(unwritten)?;

    let keys: Vec<_> = contents.iter().flatten().map(|content| content.key.to_string()).collect();
    let announced = keys.clone();
    pool.write(move |tx| documents::announce(tx, &announced)).await?;
    let stored = store(shelf, file, contents).await.map_err(refused);
    let written = match stored {
        Ok(()) => {
            let kept = keys.clone();
            let written = pool.write(move |tx| transfer::write(tx, &topic, &rows, &kept)).await;
            written.map_err(unwritten)
        }
        Err(error) => Err(error),
    };
    if written.is_err() {
        shelf.clear(keys).await;
    }
    written.map(|()| imported)
}

fn open(path: &Path) -> Result<File, StartError> {
    let shown = path.display();
    let failed = |error: std::io::Error| StartError::new(format!("cannot read `{shown}`: {error}"));
    let file = File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(StartError::new(format!("`{shown}` is no file"))
            .with_hint("an import reads its file twice, so it cannot come through a pipe"));
    }
    Ok(file)
}

type Read = (Topic, Vec<FileDocument>, Vec<Option<Content>>);

/// Reads everything and lets the contents of documents go again, once it is known what they are.
fn first_reading(file: &File) -> Result<Read, Unreadable> {
    let (mut documents, mut contents) = (Vec::new(), Vec::new());
    let topic = read::topic(file, &mut |mut document| {
        let content = document.content.take().map(|content| content_of(&document, &content)).transpose()?;
        document.original_filename = file_name(&document.original_filename);
        contents.push(content);
        documents.push(document);
        Ok(())
    })?;
    Ok((topic, documents, contents))
}

fn content_of(document: &FileDocument, content: &[u8]) -> Result<Content, String> {
    let size = content.len();
    if i64::try_from(size) != Ok(document.file_size_bytes) {
        return Err(format!(
            "fileSizeBytes is {}, and the content has {size} bytes",
            document.file_size_bytes
        ));
    }
    let name = file_name(&document.original_filename);
    let kind = Kind::of(content, &name, &document.mime_type).map_err(|error| error.to_string())?;
    // A key is never used again: its object could be about to go.
    Ok(Content { key: ObjectKey::new(&new_id(), &name), kind, size })
}

/// Makes the rows of documents. One without content has a key that leads to no object, as it had.
fn rows(documents: Vec<FileDocument>, contents: &mut [Option<Content>]) -> Vec<TopicDocument> {
    let row = |(document, content): (FileDocument, &mut Option<Content>)| {
        let key = content.as_ref().map_or_else(
            || ObjectKey::new(&new_id(), &document.original_filename),
            |content| content.key.clone(),
        );
        TopicDocument {
            id: document.id,
            node_id: document.node_id,
            original_filename: document.original_filename,
            s3_key: key.to_string(),
            mime_type: content
                .as_ref()
                .map_or(document.mime_type, |content| content.kind.media_type().to_owned()),
            file_size_bytes: document.file_size_bytes,
            extracted_text: document.extracted_text,
            extraction_status: document.extraction_status,
            extraction_error: document.extraction_error,
            created_at: document.created_at,
        }
    };
    documents.into_iter().zip(contents).map(row).collect()
}

/// Reads the file again and stores the contents.
async fn store(shelf: &Shelf, file: File, contents: Vec<Option<Content>>) -> Result<(), Unreadable> {
    let (shelf, runtime) = (shelf.clone(), Handle::current());
    let work = move || {
        let mut expected = contents.into_iter();
        let mut failure = None;
        let read = read::documents(&file, &mut |document| {
            let (Content { key, kind, .. }, content) = match (expected.next(), document.content) {
                (Some(None), None) => return Ok(()),
                (Some(Some(expected)), Some(content)) if content.len() == expected.size => {
                    (expected, content)
                }
                _ => return Err("the file was changed while it was read".into()),
            };
            let put = shelf.put(&key, kind, Bytes::from(content));
            runtime.block_on(put).map_err(|error| {
                let text = error.to_string();
                failure = Some(text.clone());
                text
            })
        });
        // What the storage says is the fault of no line.
        failure.map_or(read, |text| Err(Unreadable { text, hint: None }))
    };
    spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Unreadable { text: format!("the reading broke off: {error}"), hint: None })
    })
}

fn listed(faults: &[String]) -> String {
    let mut text: String = faults.iter().take(LISTED).map(|fault| format!("\n  {fault}")).collect();
    if let Some(more) = faults.len().checked_sub(LISTED).filter(|more| *more > 0) {
        text.push_str(&format!("\n  and {more} more"));
    }
    text
}

fn broken(error: tokio::task::JoinError) -> StartError {
    StartError::new(format!("the import broke off: {error}"))
}

fn unwritten(error: AppError) -> StartError {
    match error {
        AppError::Conflict(text) => StartError::new(text)
            .with_hint("nothing was imported; without `--keep-ids` everything gets a new id"),
        AppError::Busy => StartError::new("the database is busy, or a server was started during the import")
            .with_hint("nothing was imported; import the file again"),
        AppError::Internal(error) => error.into(),
        other => StartError::new(format!("the database does not take the branch: {other:?}")),
    }
}
