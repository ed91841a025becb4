//! One line in the log for every request that failed through our own fault.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;

use axum::http::{Method, Uri};
use axum::response::Response;

/// What happened inside, carried by a response to the log.
#[derive(Debug, Clone)]
pub(super) struct Cause(Arc<str>);

impl Cause {
    /// Takes down what is known.
    pub(super) fn of(cause: &str) -> Self {
        Self(cause.into())
    }

    /// Takes down an error and its sources.
    pub(super) fn new(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            // Writing to a string does not fail.
            let _ = write!(text, ": {error}");
            source = error.source();
        }
        Self(text.into())
    }
}

/// Writes down a request that failed through our own fault.
pub(super) fn failure(method: &Method, uri: &Uri, response: &Response) {
    if let Some(Cause(cause)) = response.extensions().get() {
        tracing::error!(%method, path = uri.path(), status = response.status().as_u16(), "{cause}");
    }
}
