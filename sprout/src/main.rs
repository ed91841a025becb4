//! Sprout, a self-hosted learning backend.

fn main() {}
