//! `/api/nodes/:id/documents`: files that a learner adds to a node.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use seedbed::Pool;
use serde::Serialize;

use super::path::{Id, Ids};
use super::reply::{Created, File, NoContent, Reply};
use super::upload::Files;
use crate::documents::{Shelf, Taken};
use crate::error::AppError;
use crate::schema::{ExtractionStatus, IsoTime};
use crate::store::documents::{self, Listed};

/// A document of a node.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    id: String,
    node_id: String,
    original_filename: String,
    mime_type: String,
    file_size_bytes: i64,
    /// Whether its text could be read.
    extraction_status: ExtractionStatus,
    created_at: IsoTime,
}

impl From<Listed> for Document {
    fn from(document: Listed) -> Self {
        Self {
            id: document.id,
            node_id: document.node_id,
            original_filename: document.original_filename,
            mime_type: document.mime_type,
            file_size_bytes: document.file_size_bytes,
            extraction_status: document.extraction_status,
            created_at: document.created_at,
        }
    }
}

/// The documents that were taken.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Uploads {
    uploaded: Vec<Uploaded>,
}

/// A document that was taken.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Uploaded {
    id: String,
    node_id: String,
    original_filename: String,
    mime_type: String,
    file_size_bytes: i64,
    /// Whether its text could be read.
    extraction_status: ExtractionStatus,
    /// How long its text is, in UTF-16 units.
    extracted_text_length: usize,
    created_at: IsoTime,
}

impl From<Taken> for Uploaded {
    fn from(Taken { document, text_length }: Taken) -> Self {
        Self {
            id: document.id,
            node_id: document.node_id,
            original_filename: document.original_filename,
            mime_type: document.mime_type,
            file_size_bytes: document.file_size_bytes,
            extraction_status: document.extraction_status,
            extracted_text_length: text_length,
            created_at: document.created_at,
        }
    }
}

/// `GET /api/nodes/:id/documents`
pub async fn list(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Vec<Document>>, AppError> {
    pool.read(move |tx| {
        let found = documents::of_node(tx, &id)?;
        Ok(Reply::of(found.into_iter().map(Document::from).collect()))
    })
    .await
}

/// `POST /api/nodes/:id/documents`
pub async fn upload(
    State(shelf): State<Shelf>,
    Id(id): Id,
    Files(files, _turn): Files,
) -> Result<Created<Uploads>, AppError> {
    let taken = shelf.take(id, files).await?;
    Ok(Created(Uploads { uploaded: taken.into_iter().map(Uploaded::from).collect() }))
}

/// `GET /api/nodes/:id/documents/:documentId/file`
pub async fn download(State(shelf): State<Shelf>, Ids(node, id): Ids) -> Result<File, AppError> {
    let (document, object) = shelf.open(node, id).await?;
    Ok(File(attachment(&document, object.size, Body::from_stream(object.content))))
}

/// `DELETE /api/nodes/:id/documents/:documentId`
pub async fn delete(State(shelf): State<Shelf>, Ids(node, id): Ids) -> Result<NoContent, AppError> {
    shelf.remove(node, id).await?;
    Ok(NoContent)
}

/// Makes a reply that a browser saves and never shows as a page of ours, whatever is in the file.
fn attachment(document: &Listed, size: u64, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let media_type = HeaderValue::try_from(&document.mime_type);
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CONTENT_LENGTH, size.into());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    if let Ok(disposition) = HeaderValue::try_from(disposition(&document.original_filename)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Writes a name as <https://www.rfc-editor.org/rfc/rfc6266> wants it: in ASCII for old clients, and in UTF-8.
fn disposition(name: &str) -> String {
    use std::fmt::Write as _;

    let is_plain = |character: &char| character.is_ascii_graphic() && !matches!(character, '"' | '\\' | '%');
    let plain: String = name
        .chars()
        .map(|character| if is_plain(&character) || character == ' ' { character } else { '_' })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_for_old_and_new_clients() {
        assert_eq!(disposition("a b.pdf"), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
        assert_eq!(
            disposition("ü\"\\.md"),
            "attachment; filename=\"___.md\"; filename*=UTF-8''%C3%BC%22%5C.md"
        );
    }
}
