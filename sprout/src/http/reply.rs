//! Replies: JSON with the headers that clients of the original know.

use std::hash::BuildHasher;
use std::marker::PhantomData;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foldhash::quality::FixedState;
use serde::Serialize;

/// The media type of every reply that has data.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// 200 with a value, which is written as JSON where it is at hand: rows are read, written and freed by one thread, and
/// what waits to be sent is text.
#[derive(Debug)]
pub struct Reply<T> {
    response: Response,
    value: PhantomData<fn() -> T>,
}

impl<T: Serialize> Reply<T> {
    /// Makes the reply of a value.
    pub fn of(value: T) -> Self {
        Self { response: json(StatusCode::OK, &value), value: PhantomData }
    }
}

/// 201 with what was made.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// 201 with what was made, or 200 with what was there.
#[derive(Debug)]
pub enum CreatedOrReply<T> {
    /// It was made.
    Created(T),
    /// It was there.
    Reply(T),
}

/// 200 with the bytes of a file.
#[derive(Debug)]
pub struct File(pub Response);

/// 204.
#[derive(Debug)]
pub struct NoContent;

impl<T> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        self.response
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        json(StatusCode::CREATED, &self.0)
    }
}

impl<T: Serialize> IntoResponse for CreatedOrReply<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Created(value) => Created(value).into_response(),
            Self::Reply(value) => Reply::of(value).into_response(),
        }
    }
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        self.0
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// Makes a reply of a value; the entity tag is computed from its text.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(text) => {
            let tag = tag(&text);
            tagged(status, Body::from(text), tag, JSON)
        }
        Err(error) => {
            tracing::error!(%error, "a reply cannot be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Makes a reply with its entity tag.
pub(super) fn tagged(status: StatusCode, body: Body, tag: String, media_type: HeaderValue) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Makes the entity tag of bytes.
pub(super) fn tag(bytes: &[u8]) -> String {
    format!("W/\"{:x}-{:016x}\"", bytes.len(), HASH.hash_one(bytes))
}

/// The hash of entity tags, which is the same in every process: a reply that changed has another tag but for one chance in
/// 2^64, and nothing depends on more.
const HASH: FixedState = FixedState::with_seed(0);
