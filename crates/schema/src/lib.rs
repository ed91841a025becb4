//! The schema model of Seedbed: tables as values, and what can be computed from them without any I/O.
//!
//! In reading order: [`model`] (what a schema is), [`sql`] (SQL as text).

#![deny(missing_docs)]

pub mod diff;
pub mod model;
pub mod normalize;
pub mod plan;
pub mod sql;
