//! The migrator, tried on databases with rows: what Drizzle loses must survive, what is not in order must be refused
//! with its name and a way out. Scripts are written by hand in the form that `generate` writes.

mod adopting;
mod failing;
mod folders;
mod going_back;
mod hanging;
mod keeping;
mod order;
mod processes;
mod rebuilding;
mod repairing;
mod standing;
mod support;
