//! HTTP: one file per resource, each of which extracts, calls and responds; and what all of them share.
//!
//! ```text
//!   request ─► door ───────────────────► Id · Query<T> · Body<T> ─► handler ─► Reply<T> · Created<T> · NoContent ─► door
//!              cors · guard · auth · path     └── fields ──┘           │            AppError ─► error_reply          conditional · cors · log
//!                                                └────── operation ────┴─► openapi.json, docs
//! ```
//!
//! What a route takes is read by [`fields`] in the [`form`]s of its values. The types of a handler's arguments and of its
//! reply describe it ([`operation`]), and a [`route`] ties it to its path; [`openapi`] makes the document of all routes.

pub mod assessments;
pub mod auth;
pub mod body;
pub mod branches;
pub mod chat;
mod conditional;
pub mod contents;
pub mod cors;
pub mod docs;
pub mod documents;
pub mod door;
pub mod edges;
pub mod error_reply;
pub mod fields;
pub mod form;
pub mod guard;
pub mod health;
mod log;
pub mod nodes;
pub mod openapi;
pub mod operation;
pub mod path;
pub mod progress;
pub mod query;
pub mod recall;
pub mod reply;
pub mod route;
pub mod search;
pub mod upload;
