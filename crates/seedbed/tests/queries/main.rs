//! Queries as an application writes them, on a database with rows.

mod changes;
mod reading;
mod relating;
mod tables;
