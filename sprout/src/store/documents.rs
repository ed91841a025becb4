//! Documents of nodes, and what is to leave the object storage.
//!
//! Rows and objects cannot change in one transaction. So a key that no row names, because its upload has begun and not
//! ended or because its document is gone, stands in `object_removals` until the object is known to be away: whatever
//! happens in between, nothing is left behind.

use seedbed::prelude::*;
use seedbed::query::{self, rowid};

use super::nodes;
use crate::error::AppError;
use crate::schema::{
    ExtractionStatus, IsoTime, NewObjectRemoval, NewTopicDocument, ObjectRemoval, TopicDocument,
};

const NOT_FOUND: AppError = AppError::NotFound("Document not found");

/// A document whose object is in the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: String,
    /// Its name.
    pub original_filename: String,
    /// The key of its object.
    pub s3_key: String,
    /// Its media type.
    pub mime_type: String,
    /// Its size in bytes.
    pub file_size_bytes: i64,
    /// Its text, or why there is none.
    pub text: Result<String, String>,
}

/// A document without its text, which can be long.
#[derive(Debug, Clone, PartialEq, Eq, Record)]
#[record(name = "listed_documents")]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// The node it belongs to.
    pub node_id: String,
    /// Its name.
    pub original_filename: String,
    /// The key of its object.
    pub s3_key: String,
    /// Its media type.
    pub mime_type: String,
    /// Its size in bytes.
    pub file_size_bytes: i64,
    /// Whether its text could be read.
    pub extraction_status: ExtractionStatus,
    /// Why it could not.
    pub extraction_error: Option<String>,
    /// When it came.
    pub created_at: IsoTime,
}

/// Returns the documents of a node in the order in which they came; an unknown node has none.
///
/// # Errors
///
/// When the database refuses.
pub fn of_node(db: &Connection, node_id: &str) -> Result<Vec<Listed>, AppError> {
    Ok(listed(db, Condition::new(TopicDocument::node_id.eq(node_id)))?)
}

/// Returns the documents of nodes in the order in which they came.
pub(super) fn of_nodes(db: &Connection, nodes: &[String]) -> Result<Vec<Listed>, Error> {
    listed(db, Condition::new(TopicDocument::node_id.in_list(nodes)))
}

/// Returns a document of a node.
///
/// # Errors
///
/// When the node has none with this id.
pub fn get(db: &Connection, node_id: &str, id: &str) -> Result<Listed, AppError> {
    let condition = Condition::new(TopicDocument::node_id.eq(node_id).and(TopicDocument::id.eq(id)));
    listed(db, condition)?.pop().ok_or(NOT_FOUND)
}

/// Notes that objects with these keys are about to be stored for a node.
///
/// # Errors
///
/// When there is no such node.
pub fn expect(db: &Connection, node_id: &str, keys: &[String]) -> Result<(), AppError> {
    nodes::expect(db, node_id)?;
    doom(db, keys)?;
    Ok(())
}

/// Notes that objects with these keys are about to be stored, whatever they are for.
///
/// # Errors
///
/// When the database refuses.
pub fn announce(db: &Connection, keys: &[String]) -> Result<(), Error> {
    doom(db, keys)
}

/// Records documents whose objects are stored.
///
/// # Errors
///
/// When there is no such node any more.
pub fn record(db: &Connection, node_id: &str, documents: &[Stored]) -> Result<Vec<Listed>, AppError> {
    nodes::expect(db, node_id)?;
    for document in documents {
        let row = NewTopicDocument {
            id: document.id.clone(),
            node_id: node_id.to_owned(),
            original_filename: document.original_filename.clone(),
            s3_key: document.s3_key.clone(),
            mime_type: document.mime_type.clone(),
            file_size_bytes: document.file_size_bytes,
        };
        let status =
            if document.text.is_ok() { ExtractionStatus::Completed } else { ExtractionStatus::Failed };
        Insert::row(&row)
            .set(TopicDocument::extracted_text, document.text.as_ref().ok())
            .set(TopicDocument::extraction_status, status)
            .set(TopicDocument::extraction_error, document.text.as_ref().err())
            .run(db)?;
        spare(db, &document.s3_key)?;
    }
    let ids: Vec<_> = documents.iter().map(|document| &document.id).collect();
    Ok(listed(db, Condition::new(TopicDocument::id.in_list(ids)))?)
}

/// Removes a document of a node. Returns the key of the object that is to go.
///
/// # Errors
///
/// When the node has none with this id.
pub fn remove(db: &Connection, node_id: &str, id: &str) -> Result<String, AppError> {
    let Listed { s3_key, .. } = get(db, node_id, id)?;
    Delete::from::<TopicDocument>().filter(TopicDocument::id.eq(id)).run(db)?;
    doom(db, std::slice::from_ref(&s3_key))?;
    Ok(s3_key)
}

/// Removes the documents of nodes. Returns the keys of the objects that are to go.
pub(super) fn remove_of_nodes(db: &Connection, nodes: &[String]) -> Result<Vec<String>, Error> {
    let keys = Delete::from::<TopicDocument>()
        .filter(TopicDocument::node_id.in_list(nodes))
        .returning(TopicDocument::s3_key)
        .all(db)?;
    doom(db, &keys)?;
    Ok(keys)
}

/// Returns the keys of all objects that are to go.
///
/// # Errors
///
/// When the database refuses.
pub fn doomed(db: &Connection) -> Result<Vec<String>, Error> {
    Select::from::<ObjectRemoval>().order_by(ObjectRemoval::decided_at).select(ObjectRemoval::s3_key).all(db)
}

/// Returns the keys of the objects that were claimed for removal and are not known to be away.
///
/// # Errors
///
/// When the database refuses.
pub fn claimed(db: &Connection) -> Result<Vec<String>, Error> {
    let claimed = Select::from::<ObjectRemoval>().filter(ObjectRemoval::decided_at.eq(claimed_at()));
    claimed.order_by(rowid::<ObjectRemoval>()).select(ObjectRemoval::s3_key).all(db)
}

/// Notes that an object is away, or that it is to stay.
///
/// # Errors
///
/// When the database refuses.
pub fn spare(db: &Connection, key: &str) -> Result<(), Error> {
    Delete::from::<ObjectRemoval>().filter(ObjectRemoval::s3_key.eq(key)).run(db)?;
    Ok(())
}

/// Takes an object that is to go for removal, unless it has been kept since. From now on nobody can keep it.
///
/// # Errors
///
/// When the database refuses.
pub fn claim(db: &Connection, key: &str) -> Result<bool, Error> {
    let claimed = Update::table::<ObjectRemoval>()
        .set(ObjectRemoval::decided_at, claimed_at())
        .filter(ObjectRemoval::s3_key.eq(key))
        .run(db)?;
    Ok(claimed > 0)
}

/// Notes that an object that was announced is to stay. It is not so when somebody is removing it.
///
/// # Errors
///
/// When the database refuses.
pub(super) fn keep(db: &Connection, key: &str) -> Result<bool, Error> {
    let announced = ObjectRemoval::s3_key.eq(key).and(ObjectRemoval::decided_at.ne(claimed_at()));
    Ok(Delete::from::<ObjectRemoval>().filter(announced).run(db)? > 0)
}

/// The time that stands beside what is being removed: before every other.
fn claimed_at() -> IsoTime {
    IsoTime::parse("0001-01-01T00:00:00Z").expect("it is a time")
}

fn doom(db: &Connection, keys: &[String]) -> Result<(), Error> {
    let rows = keys.iter().map(|key| NewObjectRemoval { s3_key: key.clone() }).collect::<Vec<_>>();
    if !rows.is_empty() {
        Insert::rows(&rows).on_conflict(ObjectRemoval::s3_key).do_nothing().run(db)?;
    }
    Ok(())
}

fn listed(
    db: &Connection,
    condition: Condition<'_, query::From<TopicDocument>>,
) -> Result<Vec<Listed>, Error> {
    let documents = Select::from::<TopicDocument>().filter(condition).order_by(rowid::<TopicDocument>());
    documents
        .select(ListedSelect {
            id: TopicDocument::id,
            node_id: TopicDocument::node_id,
            original_filename: TopicDocument::original_filename,
            s3_key: TopicDocument::s3_key,
            mime_type: TopicDocument::mime_type,
            file_size_bytes: TopicDocument::file_size_bytes,
            extraction_status: TopicDocument::extraction_status,
            extraction_error: TopicDocument::extraction_error,
            created_at: TopicDocument::created_at,
        })
        .all(db)
}
