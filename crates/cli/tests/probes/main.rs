//! What Drizzle's migrations do wrong, done right: the probe table of `docs/drizzle-probes.md`, from outside.
//!
//! Each test tells a story with the command on a project of its own: a schema, rows in the database, a change, and then
//! what the rows look like. The number of the probe stands in the test's doc.

#![expect(clippy::unwrap_used, reason = "a test tells what went wrong by panicking")]

mod columns;
mod constraints;
mod drops;
mod folders;
mod migrators;
mod project;
mod push;
mod rebuilds;
mod renames;
mod sources;
mod table;
#[path = "../command/test_env.rs"]
#[expect(dead_code, reason = "the helper belongs to the tests of the command, which use all of it")]
mod test_env;
mod views;
