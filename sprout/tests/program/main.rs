//! The program from outside, as real processes on real folders: serving, and branches as files, with a server beside it and
//! without.

mod client;
mod export;
mod home;
mod import;
mod kills;
mod refused;
mod sample;
mod server;
mod serving;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;
