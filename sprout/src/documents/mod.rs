//! Documents of learners: their names and kinds, the storage that keeps their bytes, and the text that is in them.
//!
//! ```text
//!  upload ─► Kind::of, file_name ─► Extractor::read ─► child process ─► text or why there is none
//!                 │
//!                 └─► ObjectKey ─► Storage::put ─► a folder, or S3
//! ```
//!
//! What an upload is made of is hostile until it is shown to be harmless: no name leads to a path, no byte of a PDF, DOCX
//! or HTML file is interpreted in this process.

pub mod child;
mod extractor;
mod kind;
mod name;
mod settings;
mod shelf;
mod storage;
mod text;

pub use extractor::{Extractor, Limits, Unread};
pub use kind::{Kind, Unsupported};
pub use name::{ObjectKey, file_name};
pub use settings::{S3Settings, StorageSettings};
pub use shelf::{Shelf, Taken, Upload};
pub use storage::{Object, Storage, StorageError, StorageFault};

/// The largest document that is taken, in bytes.
pub const LARGEST_DOCUMENT: usize = 10 << 20;
