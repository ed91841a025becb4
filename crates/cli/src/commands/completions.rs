//! `seedbed completions`: the script that teaches a shell to complete the command.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli_error::CliError;
use crate::report::Outcome;

/// Print the completion script of a shell
///
/// For bash, add to ~/.bashrc: source <(seedbed completions bash)
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: Args) -> Result<Outcome, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::Cli::command(), "seedbed", &mut script);
    let script = String::from_utf8(script).map_err(|error| {
        CliError::new(crate::cli_error::Kind::Internal, "the completion script is not UTF-8")
            .with_source(error)
    })?;
    let mut outcome = Outcome::default();
    outcome.field("shell", args.shell.to_string());
    outcome.field("script", script.as_str());
    outcome.data = script;
    Ok(outcome)
}
