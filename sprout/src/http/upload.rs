//! Uploads: the files of a `multipart/form-data` body (<https://www.rfc-editor.org/rfc/rfc7578>), read with limits.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::documents::{LARGEST_DOCUMENT, Upload};
use crate::error::AppError;

/// How many files a request may have.
const MOST_FILES: usize = 5;

/// How large the body of an upload may be, in bytes: the files, and what stands around them.
pub const UPLOAD_LIMIT: usize = MOST_FILES * LARGEST_DOCUMENT + (64 << 10);

/// How many uploads are read at once: each is in memory until it is stored, and others wait.
static TURNS: Semaphore = Semaphore::const_new(2);

/// The files of a request: the parts that are called `files`, one to five. It is its turn while this lives.
#[derive(Debug)]
pub struct Files(pub Vec<Upload>, pub SemaphorePermit<'static>);

impl<S: Send + Sync> FromRequest<S> for Files {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let Ok(mut parts) = Multipart::from_request(request, state).await else {
            return Err(AppError::malformed("No files provided"));
        };
        let turn = TURNS.acquire().await.map_err(|error| AppError::Broken(error.to_string()))?;
        let mut files = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            if part.name() != Some("files") {
                return Err(AppError::malformed(
                    "Unexpected field: the files are sent in parts called files",
                ));
            }
            if part.file_name().is_none() {
                return Err(AppError::malformed("Unexpected field: a part of a file names the file"));
            }
            if files.len() == MOST_FILES {
                return Err(AppError::malformed("Unexpected field: there may be five files at most"));
            }
            files.push(read(part).await?);
        }
        if files.is_empty() { Err(AppError::malformed("No files provided")) } else { Ok(Self(files, turn)) }
    }
}

async fn read(mut part: Field<'_>) -> Result<Upload, AppError> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let declared = part.content_type().unwrap_or_default().to_owned();
    let mut content = BytesMut::new();
    while let Some(piece) = part.chunk().await.map_err(broken)? {
        if content.len() + piece.len() > LARGEST_DOCUMENT {
            return Err(AppError::TooLarge { what: "A file", limit: LARGEST_DOCUMENT });
        }
        content.extend_from_slice(&piece);
    }
    Ok(Upload { name, declared, content: Bytes::from(content) })
}

fn broken(error: MultipartError) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return AppError::TooLarge { what: "The body", limit: UPLOAD_LIMIT };
    }
    AppError::malformed("The body is not valid multipart/form-data")
}
