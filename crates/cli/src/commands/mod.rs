//! The verbs, a file each: an `Args` struct whose docs are the help, and a `run`.

mod adopt;
mod backup;
mod check;
mod completions;
mod diff;
mod doctor;
mod export;
mod forget;
mod generate;
mod init;
mod kept;
mod lint;
mod migrate;
mod open;
mod paths;
mod pull;
mod push;
mod rebase;
mod repair;
mod reset;
mod restore;
mod rollback;
mod running;
mod seed;
mod squash;
mod status;

pub(crate) use init::EXAMPLE_SCHEMA;

use std::path::PathBuf;

use crate::cli_error::CliError;
use crate::report::Outcome;
use crate::terminal::Terminal;

/// The verbs, in the order in which `--help` lists them: the way of a schema change, whole schemas, the folder, the record, data.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Init(init::Args),
    Generate(generate::Args),
    Migrate(migrate::Args),
    Rollback(rollback::Args),
    Status(status::Args),
    Push(push::Args),
    Diff(diff::Args),
    Export(export::Args),
    Pull(pull::Args),
    Adopt(adopt::Args),
    Check(check::Args),
    Lint(lint::Args),
    Rebase(rebase::Args),
    Squash(squash::Args),
    Repair(repair::Args),
    Doctor(doctor::Args),
    Kept(kept::Args),
    Forget(forget::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Reset(reset::Args),
    Seed(seed::Args),
    Open(open::Args),
    Completions(completions::Args),
}

impl Command {
    /// Returns the verb as it is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Generate(_) => "generate",
            Self::Migrate(_) => "migrate",
            Self::Rollback(_) => "rollback",
            Self::Status(_) => "status",
            Self::Push(_) => "push",
            Self::Diff(_) => "diff",
            Self::Export(_) => "export",
            Self::Pull(_) => "pull",
            Self::Adopt(_) => "adopt",
            Self::Check(_) => "check",
            Self::Lint(_) => "lint",
            Self::Rebase(_) => "rebase",
            Self::Squash(_) => "squash",
            Self::Repair(_) => "repair",
            Self::Doctor(_) => "doctor",
            Self::Kept(_) => "kept",
            Self::Forget(_) => "forget",
            Self::Backup(_) => "backup",
            Self::Restore(_) => "restore",
            Self::Reset(_) => "reset",
            Self::Seed(_) => "seed",
            Self::Open(_) => "open",
            Self::Completions(_) => "completions",
        }
    }

    /// Does the work of the verb.
    pub(crate) fn run(self, terminal: &Terminal, config: Option<PathBuf>) -> Result<Outcome, CliError> {
        match self {
            Self::Init(args) => init::run(terminal, config, args),
            Self::Generate(args) => generate::run(terminal, config, args),
            Self::Migrate(args) => migrate::run(terminal, config, args),
            Self::Rollback(args) => rollback::run(terminal, config, args),
            Self::Status(args) => status::run(terminal, config, args),
            Self::Push(args) => push::run(terminal, config, args),
            Self::Diff(args) => diff::run(terminal, config, args),
            Self::Export(args) => export::run(terminal, config, args),
            Self::Pull(args) => pull::run(terminal, config, args),
            Self::Adopt(args) => adopt::run(terminal, config, args),
            Self::Check(args) => check::run(terminal, config, args),
            Self::Lint(args) => lint::run(terminal, config, args),
            Self::Rebase(args) => rebase::run(terminal, config, args),
            Self::Squash(args) => squash::run(terminal, config, args),
            Self::Repair(args) => repair::run(terminal, config, args),
            Self::Doctor(args) => doctor::run(terminal, config, args),
            Self::Kept(args) => kept::run(terminal, config, args),
            Self::Forget(args) => forget::run(terminal, config, args),
            Self::Backup(args) => backup::run(terminal, config, args),
            Self::Restore(args) => restore::run(terminal, config, args),
            Self::Reset(args) => reset::run(terminal, config, args),
            Self::Seed(args) => seed::run(terminal, config, args),
            Self::Open(args) => open::run(terminal, config, args),
            Self::Completions(args) => completions::run(args),
        }
    }
}
