//! Sprout: a self-hosted learning backend on Seedbed, as a library that its tests use; `main.rs` is the program.
//!
//! In reading order: [`schema`] (every table), [`store`] (every query), [`learn`] (pure rules), [`documents`] (files and
//! their text), [`transfer`] (a branch as a file, out and in), [`http`] (one file per resource), [`app`] (the router), and what happens at start: [`command`], [`config`],
//! [`database`], [`serve`].

pub mod app;
pub mod command;
pub mod config;
pub mod database;
pub mod documents;
mod dotenv;
pub mod error;
pub mod http;
pub mod learn;
pub mod schema;
pub mod serve;
pub mod store;
pub mod transfer;
