//! Errors as replies: a status and a text that is safe to show.
//!
//! What happened inside goes to the log through an extension of the response, see `log.rs`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::log::Cause;
use super::reply;
use crate::documents::StorageFault;
use crate::error::{AppError, Fault};

/// What went wrong.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct ErrorReply<'a> {
    /// What went wrong, in words for a person.
    error: &'a str,
    /// What is wrong with each field.
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    details: &'a [Fault],
}

/// Makes a reply of a status and a text.
pub fn refuse(status: StatusCode, error: &str) -> Response {
    reply::json(status, &ErrorReply { error, details: &[] })
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid { message, faults } => {
                reply::json(StatusCode::BAD_REQUEST, &ErrorReply { error: &message, details: &faults })
            }
            Self::NotFound(message) => refuse(StatusCode::NOT_FOUND, message),
            Self::Conflict(message) => refuse(StatusCode::CONFLICT, &message),
            Self::TooLarge { what, limit } => {
                refuse(StatusCode::PAYLOAD_TOO_LARGE, &format!("{what} is larger than {limit} bytes"))
            }
            Self::UnsupportedMediaType(message) => refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, &message),
            Self::Storage(error) => {
                let status = match error.fault() {
                    StorageFault::Missing => StatusCode::NOT_FOUND,
                    StorageFault::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
                    StorageFault::Refused => StatusCode::BAD_GATEWAY,
                };
                refuse(status, &error.to_string())
            }
            Self::Busy => refuse(StatusCode::SERVICE_UNAVAILABLE, "The database is busy, try again"),
            Self::Internal(error) => {
                let mut response = refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");
                response.extensions_mut().insert(Cause::new(&error));
                response
            }
            Self::Broken(cause) => {
                let mut response = refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");
                response.extensions_mut().insert(Cause::of(&cause));
                response
            }
        }
    }
}
