//! The command from outside: what it prints, where, and how it exits. Each happy path and each error once; the logic
//! behind them is tested in the crates that hold it.

#![expect(clippy::unwrap_used, reason = "a test tells what went wrong by panicking")]

mod adopt;
mod backups;
mod check;
mod database_page;
mod diff;
mod doctor;
mod export;
mod generate;
mod going_back;
mod init;
mod lint;
mod manners;
mod migrate;
mod open;
mod prompts;
mod pull;
mod push;
mod rebase;
mod repair;
mod rollback;
mod seeds;
mod settings;
mod squash;
mod status;
mod test_env;
