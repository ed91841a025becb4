//! What becomes of a database and of a folder when the command is disturbed: killed, crowded, without space, without
//! permission, fed with garbage. The command runs as a process of its own on real files, and afterwards everything is
//! looked at: the file's integrity, the history, every row, what lies around.
//!
//! In `cargo test` each story is short. `benches/reliability.sh` tells the long ones: it sets the variables that
//! [`amount`] reads.

#![expect(clippy::unwrap_used, reason = "a test tells what went wrong by panicking")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a long story tells how far it came, and where to look"
)]

mod bad_input;
mod crashes;
mod crowds;
mod full_disk;
mod numbers;
mod read_only;
mod small_disk;
mod story;
mod workplace;

/// Returns how much of something is wanted: what the variable says, or a small number for everyday runs.
fn amount(variable: &str, everyday: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")),
        Err(_) => everyday,
    }
}
