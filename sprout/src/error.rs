//! What can go wrong while a request is answered, in the application's own terms.
//!
//! A fault of the client carries the text it is shown; whatever else happens is [`AppError::Internal`], whose cause is
//! logged and never sent. How each becomes a status code is in `http/error_reply.rs`.

use std::borrow::Cow;
use std::fmt;

use crate::documents::StorageError;

/// An error of the application.
#[derive(Debug)]
pub enum AppError {
    /// The request is not what the route takes.
    Invalid {
        /// What the client is shown.
        message: String,
        /// What is wrong with each field.
        faults: Vec<Fault>,
    },
    /// What the request is about does not exist.
    NotFound(&'static str),
    /// The request contradicts what is stored.
    Conflict(String),
    /// The body, or a file in it, is larger than the limit.
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// The body is not JSON by its headers, or a file is of a kind that is not taken.
    UnsupportedMediaType(Cow<'static, str>),
    /// The object storage failed, which has been logged.
    Storage(StorageError),
    /// The database is busy; the same request may succeed later.
    Busy,
    /// Our own fault.
    Internal(seedbed::Error),
    /// Our own fault, which no error stands for: a task that did not end.
    Broken(String),
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Fault {
    /// The field's name as the client wrote it, with the index behind it where one item of an array is wrong.
    pub field: Cow<'static, str>,
    /// What is wrong: it reads on from the field's name.
    pub message: String,
}

impl Fault {
    /// Makes a fault.
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.message)
    }
}

impl AppError {
    /// Makes an error of a request that cannot be read at all.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), faults: Vec::new() }
    }

    /// Makes an error whose text is what is wrong with the fields.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let message = faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ");
        Self::Invalid { message, faults }
    }
}

impl From<seedbed::Error> for AppError {
    fn from(error: seedbed::Error) -> Self {
        if error.is_busy() { Self::Busy } else { Self::Internal(error) }
    }
}

impl From<StorageError> for AppError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<Fault> for AppError {
    fn from(fault: Fault) -> Self {
        Self::invalid(vec![fault])
    }
}
