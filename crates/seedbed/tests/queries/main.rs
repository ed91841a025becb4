//! Queries as an application writes them, on a database with rows.

mod changes;
mod combined;
mod reading;
mod relating;
mod relations;
mod tables;
