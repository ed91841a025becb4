//! HTTP: one file per resource, each of which extracts, calls and responds; and what all of them share.
//!
//! Requests are read by [`fields`]; replies are made by [`reply`] and [`error_reply`]; around every request stand
//! [`cors`], [`conditional`] (`If-None-Match`), [`log`] and [`path`] (letter case and trailing slashes).

pub mod branches;
pub mod conditional;
pub mod cors;
pub mod error_reply;
pub mod fields;
pub mod health;
pub mod log;
pub mod nodes;
pub mod path;
pub mod reply;
