//! The routes, asked without a port: every route's answer, and each of its errors once.

mod branches;
mod documentation;
mod nodes;
mod protocol;
mod support;
