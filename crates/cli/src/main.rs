//! The `seedbed` command.
//!
//! A run is: read the command line, resolve the settings, do one verb, tell how it ended. [`commands`] has a file
//! for each verb; the work itself is in the `seedbed` crate. [`report`] is the only place that prints an ending and
//! picks the exit code.

mod answers;
mod cli_error;
mod commands;
mod database;
mod doctor;
mod excerpt;
mod failures;
mod grid;
mod hazard_page;
mod progress;
mod prompt;
mod quantity;
mod report;
mod rust_file;
mod schema_source;
mod settings;
mod source;
mod terminal;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli_error::{CliError, Exit};
use commands::Command;
use report::Outcome;
use terminal::Terminal;

/// Schema-first database toolkit: Rust structs are the tables, SQL migrations are made from them and proved
#[derive(Debug, Parser)]
#[command(name = "seedbed", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done, 1 a check found something, 2 usage or configuration, \
    3 a question that only a person or a flag can answer, 4 the database refused.")]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// What every verb takes.
#[derive(Debug, clap::Args)]
struct GlobalArgs {
    /// Read this configuration instead of the nearest seedbed.toml
    #[arg(long, global = true, value_name = "PATH", display_order = 900)]
    config: Option<PathBuf>,
    /// Print one JSON object on standard output, errors and questions too
    #[arg(long, global = true, display_order = 901)]
    json: bool,
}

/// Reading and comparing a large schema is allocation above all; see the reason in the workspace's manifest.
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much stack a run has: source that is read may be nested as deeply as the reader allows. What is not used costs
/// nothing.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    // Where no thread of that size can be had, the stack that is there has to do.
    match std::thread::Builder::new().name("seedbed".to_owned()).stack_size(STACK).spawn(run) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(_) => run(),
    }
}

fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let exit = match Cli::try_parse_from(&arguments) {
        Ok(cli) => {
            let terminal = Terminal::detect(cli.global.json);
            let name = cli.command.name();
            let result = cli.command.run(&terminal, cli.global.config);
            report::finish(&terminal, name, result)
        }
        Err(error) => not_parsed(&arguments, &error),
    };
    ExitCode::from(exit as u8)
}

/// Tells what clap has to say: the help that was asked for, or what is wrong with the command line.
fn not_parsed(arguments: &[OsString], error: &clap::Error) -> Exit {
    let terminal = Terminal::detect(arguments.iter().any(|argument| argument == "--json"));
    let text = error.render().to_string();
    let result = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let mut outcome = Outcome { data: text.clone(), ..Outcome::default() };
            outcome.field("text", text);
            Ok(outcome)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err(CliError::usage("no command is given").with_excerpt(text))
        }
        _ => {
            let message = text.trim_start_matches("error: ").lines().next().unwrap_or_default().to_owned();
            Err(CliError::usage(message).with_excerpt(text))
        }
    };
    report::finish(&terminal, "seedbed", result)
}
