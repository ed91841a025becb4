//! Sprout: a self-hosted learning backend on Seedbed, as a library that its tests use; `main.rs` is the program.

pub mod schema;
