//! The routes, asked without a port: every route's answer, and each of its errors once.

mod assessments;
mod branches;
mod chat;
mod contents;
mod documentation;
mod documents;
mod edges;
mod guard;
mod nodes;
mod progress;
mod protocol;
mod recall;
mod search;
mod support;
