//! A schema-first database toolkit for Rust.
