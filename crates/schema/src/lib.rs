//! The schema model of Seedbed: tables as values, and what can be computed from them without any I/O.
//!
//! In reading order: [`model`] (what a schema is), [`sql`] (SQL as text), [`normalize`](mod@normalize) (one form for
//! everything that means the same), [`diff`](mod@diff) (what changed), then the files of a migrations folder:
//! [`snapshot`], [`journal`], [`checksum`](mod@checksum), [`naming`]. [`write`](mod@write) makes Rust source of a schema,
//! [`diagram`](mod@diagram) draws it; with the feature `read` there is a module of that name too: schemas from Rust source.

#![deny(missing_docs)]

pub mod checksum;
pub mod conflict;
pub mod diagram;
pub mod diff;
pub mod journal;
pub mod merge;
pub mod model;
pub mod naming;
pub mod normalize;
pub mod plan;
#[cfg(feature = "read")]
pub mod read;
pub mod snapshot;
pub mod sql;
pub mod write;
