//! Documents: hostile files given to real processes, and a storage on a server that speaks S3.

mod hostile;
mod process;
mod s3;
mod s3_server;
mod sample;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;
