//! `docs/database.md`: every command on it is run, in order, on a copy of Sprout's folder, and prints what the page shows.
//!
//! A block fenced as `console` holds commands behind `$ ` and what they print, both streams together; `…` stands for
//! anything within a line, and for any lines where it is a line of its own. A block fenced as `diff` is a change of a file,
//! which is made. Everything else on the page is for people alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PAGE: &str = include_str!("../../../../docs/database.md");

/// A fenced block: what it is, its line in the page, and its text.
struct Block {
    kind: String,
    line: usize,
    text: String,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in PAGE.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => {
                open = Some(Block { kind: kind.to_owned(), line: number + 2, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of the page is not closed");
    blocks
}

#[test]
fn every_command_on_the_page_prints_what_the_page_shows() {
    let scratch = Scratch::new();
    let mut commands = 0;
    for block in blocks() {
        match block.kind.as_str() {
            "console" => {
                for (line, command, expected) in commands_of(&block) {
                    commands += 1;
                    let shown = scratch.run(command);
                    assert!(
                        matches(&expected, &shown),
                        "docs/database.md:{line}: `{command}` printed\n{shown}\ninstead of\n{expected}"
                    );
                }
            }
            "diff" => scratch.patch(&block),
            "text" | "toml" | "rust" | "sql" => {}
            other => panic!("docs/database.md:{}: a block is fenced as `{other}`", block.line),
        }
    }
    assert!(commands > 20, "the page has {commands} commands");
}

/// Returns the commands of a block with their lines and what they are to print.
fn commands_of(block: &Block) -> Vec<(usize, &str, String)> {
    let mut commands: Vec<(usize, &str, String)> = Vec::new();
    for (number, line) in block.text.lines().enumerate() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((block.line + number, command, String::new())),
            (None, Some((_, _, expected))) => expected.push_str(&format!("{line}\n")),
            (None, None) => panic!("docs/database.md:{}: output without a command", block.line),
        }
    }
    commands
}

/// Whether a text is as expected, where `…` stands for anything.
fn matches(expected: &str, text: &str) -> bool {
    let expected: Vec<&str> = expected.trim().lines().map(str::trim_end).collect();
    let text: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    lines_match(&expected, &text)
}

fn lines_match(expected: &[&str], text: &[&str]) -> bool {
    match (expected.split_first(), text.split_first()) {
        (None, _) => text.is_empty(),
        (Some((&"…", rest)), _) => (0..=text.len()).any(|skipped| lines_match(rest, &text[skipped..])),
        (Some((first, rest)), Some((line, others))) => line_matches(first, line) && lines_match(rest, others),
        (Some(_), None) => false,
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once('…') {
        None => expected == line,
        Some((start, rest)) => {
            let Some(behind) = line.strip_prefix(start) else { return false };
            let mut ends = behind.char_indices().map(|(at, _)| at).chain([behind.len()]);
            ends.any(|at| line_matches(rest, &behind[at..]))
        }
    }
}

/// A copy of what the page's commands work on.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}", std::process::id()));
        let sprout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sprout");
        for part in ["src", "migrations", "seeds"] {
            copy(&sprout.join(part), &folder.join("sprout").join(part));
        }
        fs::copy(sprout.join("seedbed.toml"), folder.join("sprout/seedbed.toml")).unwrap();
        Self(folder.canonicalize().unwrap())
    }

    /// Runs a command of the page with a shell, both streams in one; `cargo db` is the command under test.
    fn run(&self, command: &str) -> String {
        let seedbed = format!("'{}' --config sprout/seedbed.toml", env!("CARGO_BIN_EXE_seedbed"));
        let line = command.replace("cargo db", &seedbed);
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {line}\n}} 2>&1")])
            .current_dir(&self.0)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Makes a change that the page shows: the lines of each hunk are looked for as they were, and put as they are to be.
    fn patch(&self, block: &Block) {
        let mut path = None;
        let mut hunks: Vec<(String, String)> = Vec::new();
        for line in block.text.lines() {
            if let Some(name) = line.strip_prefix("+++ ") {
                path = Some(self.0.join(name));
            } else if line.starts_with("@@") {
                hunks.push(Default::default());
            } else if let Some((before, after)) = hunks.last_mut() {
                let text = format!("{}\n", line.get(1..).unwrap_or_default());
                if !line.starts_with('+') {
                    before.push_str(&text);
                }
                if !line.starts_with('-') {
                    after.push_str(&text);
                }
            }
        }
        let path = path.unwrap_or_else(|| panic!("docs/database.md:{}: no `+++ file`", block.line));
        let mut text = fs::read_to_string(&path).unwrap();
        for (before, after) in hunks {
            assert_eq!(text.matches(&before).count(), 1, "docs/database.md:{}: {before}", block.line);
            text = text.replace(&before, &after);
        }
        fs::write(path, text).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}
