//! Branches as files, from outside: the real program on real folders, with a server beside it and without.

mod export;
mod import;
mod refused;
mod sample;
mod support;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;
