//! JSON bodies: checked by their headers and their size, then read field by field.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde_json::error::Category;

use super::fields::{Fields, FromFields, Members};
use crate::error::AppError;

/// How large a JSON body may be, in bytes.
pub const BODY_LIMIT: usize = 100 * 1024;

/// What a route takes as its JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: FromFields> FromRequest<S> for Body<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        Fields::of_json(read_object(request).await?).read_as().map(Self)
    }
}

async fn read_object(request: Request) -> Result<Members, AppError> {
    let has_type = check_media_type(request.headers())?;
    if announced_length(request.headers()).is_some_and(|length| length > BODY_LIMIT) {
        return Err(AppError::TooLarge { what: "The body", limit: BODY_LIMIT });
    }
    let body = to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|error| {
        // The other cause is a connection that broke, whose reply nobody reads.
        tracing::debug!(%error, "a body was not read to its end");
        AppError::TooLarge { what: "The body", limit: BODY_LIMIT }
    })?;
    if !has_type {
        let missing = "A JSON body is required, with the header Content-Type: application/json";
        return Err(match body.is_empty() {
            true => AppError::malformed(missing),
            false => AppError::UnsupportedMediaType(missing.into()),
        });
    }
    if body.is_empty() {
        return Ok(Members::new());
    }
    // Some programs begin every file with a byte order mark; the original read over it too.
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    serde_json::from_slice(text).map_err(|error| match error.classify() {
        Category::Data => AppError::malformed("The body must be a JSON object"),
        _ => AppError::malformed(format!("The body is not valid JSON: {error}")),
    })
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Returns whether the body has a type at all, which must then be JSON in UTF-8.
fn check_media_type(headers: &HeaderMap) -> Result<bool, AppError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(AppError::UnsupportedMediaType("The body must not be compressed".into()));
    }
    let Some(media_type) = headers.get(header::CONTENT_TYPE) else { return Ok(false) };
    let media_type = media_type.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = media_type.split(';').map(str::trim);
    let is_json = parts.next() == Some("application/json");
    let mut charsets = parts.filter_map(|part| part.strip_prefix("charset="));
    if is_json && charsets.all(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii")) {
        Ok(true)
    } else {
        Err(AppError::UnsupportedMediaType("The body must be application/json in UTF-8".into()))
    }
}
