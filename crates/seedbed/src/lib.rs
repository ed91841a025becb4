//! A schema-first database toolkit for Rust.

pub mod rows;
