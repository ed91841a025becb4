//! What every verb has in common: usage errors, help, streams, `--json`.

use crate::test_env::TestEnv;

#[test]
fn help_and_version_are_data() {
    let env = TestEnv::new();
    assert!(env.run(&["--help"]).succeeded().contains("Exit codes: 0 done"));
    assert!(env.run(&["init", "--help"]).succeeded().starts_with("Write seedbed.toml"));
    assert_eq!(env.run(&["--version"]).succeeded(), concat!("seedbed ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn no_command_is_a_usage_error_that_shows_the_help() {
    let stderr = TestEnv::new().run(&[]).failed(2);
    assert!(stderr.contains("Usage: seedbed [OPTIONS] <COMMAND>"), "{stderr}");
}

#[test]
fn a_wrong_flag_is_a_usage_error() {
    let stderr = TestEnv::new().run(&["init", "--shema", "x"]).failed(2);
    assert!(stderr.contains("unexpected argument '--shema'") && stderr.contains("'--schema'"), "{stderr}");
}

#[test]
fn a_usage_error_is_json_when_asked_for() {
    let run = TestEnv::new().run(&["frobnicate", "--json"]);
    assert_eq!(run.code, 2);
    let object = run.json();
    assert_eq!((&object["status"], &object["error"]["kind"]), (&"error".into(), &"usage".into()));
    assert_eq!(object["error"]["message"], "unrecognized subcommand 'frobnicate'");
}

#[test]
fn completions_are_printed_for_a_shell() {
    let env = TestEnv::new();
    assert!(env.run(&["completions", "bash"]).succeeded().contains("complete -F _seedbed"));
    assert!(env.run(&["completions", "tcsh"]).failed(2).contains("invalid value 'tcsh'"));
}

/// A reader that went away is no failure; a full disk is one.
#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_a_failure_unless_nobody_reads() {
    use std::fs::OpenOptions;
    use std::process::{Command, Stdio};
    let seedbed = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seedbed"));
        command.args(["completions", "zsh"]).stderr(Stdio::piped());
        command
    };
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = seedbed().stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"));

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = seedbed().stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), [].as_slice()));
}
