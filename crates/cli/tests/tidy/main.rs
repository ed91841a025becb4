//! The rules of the house that no compiler checks: who may import whom, what a room must not do, how files look.
//!
//! `ARCHITECTURE.md` says why. Each test collects every breach before it fails, so that one run shows all of them;
//! the scanning underneath is in [`source`] and tried on planted breaches in [`scanner`].

#![expect(clippy::unwrap_used, reason = "a test tells what went wrong by panicking")]

mod manifests;
mod rooms;
mod scanner;
mod source;

use source::{SourceFile, rust_files, text_files};

/// Fails with the list of breaches, if there are any.
fn assert_none(breaches: Vec<String>, rule: &str) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

/// Collects what a check says of every file, with the file's name in front.
fn breaches<'f>(
    files: impl IntoIterator<Item = &'f SourceFile>,
    check: impl Fn(&SourceFile) -> Vec<String>,
) -> Vec<String> {
    files
        .into_iter()
        .flat_map(|file| check(file).into_iter().map(|breach| format!("{}: {breach}", file.path)))
        .collect()
}

#[test]
fn every_rust_file_opens_with_its_job() {
    let files = rust_files();
    let silent = files.iter().filter(|file| !file.is_case() && !file.text.starts_with("//! "));
    assert_none(silent.map(|file| file.path.clone()).collect(), "these files do not open with `//!`");
}

#[test]
fn no_file_outgrows_its_reader() {
    let files = rust_files();
    let lines = |file: &SourceFile| file.text.lines().count();
    for file in files.iter().filter(|file| (500..=800).contains(&lines(file))) {
        println!("{} has {} lines; talk about splitting it", file.path, lines(file));
    }
    let too_long = files.iter().filter(|file| lines(file) > 800);
    let too_long = too_long.map(|file| format!("{} has {} lines", file.path, lines(file)));
    assert_none(too_long.collect(), "split these files by job; 800 lines is the end");
}

#[test]
fn no_file_is_named_after_nothing() {
    let files = rust_files();
    let vague = files.iter().filter(|file| {
        file.path
            .split('/')
            .any(|part| ["utils", "common", "helpers"].contains(&part.trim_end_matches(".rs")))
    });
    assert_none(vague.map(|file| file.path.clone()).collect(), "name these files after what they do");
}

#[test]
fn nothing_is_left_undone_or_silenced() {
    const UNDONE: [&str; 4] = ["todo!", "unimplemented!", "dbg!", "#[ignore"];
    let breaches = breaches(&rust_files(), |file| {
        let code = file.code();
        let mut found: Vec<String> =
            UNDONE.iter().filter(|word| code.contains(**word)).map(|word| format!("`{word}`")).collect();
        found.extend(scanner::allows_without_reason(&code));
        if file.text.lines().any(|line| line.trim_start().starts_with("/// ```ignore")) {
            found.push("an example that does not run: ```ignore".to_owned());
        }
        found
    });
    assert_none(breaches, "finish these, or say why with `#[expect(…, reason = \"…\")]`");
}

#[test]
fn no_file_names_a_package_registrys_host() {
    // Put together here, so that this file does not name them either.
    let hosts = [["crates", ".io"], ["npm", "js"], ["py", "pi."], ["python", "hosted"], ["arti", "factory"]]
        .map(|parts| parts.concat());
    let breaches = breaches(&text_files(), |file| {
        hosts.iter().filter(|host| file.text.contains(host.as_str())).cloned().collect()
    });
    assert_none(breaches, "the registry is a matter of cargo's own configuration");
}

#[test]
fn the_pages_name_only_what_is_there() {
    let root = source::workspace_root();
    let pages: Vec<SourceFile> = text_files().into_iter().filter(|file| file.path.ends_with(".md")).collect();
    let breaches = breaches(&pages, |page| {
        let folder = root.join(&page.path).parent().map(std::path::Path::to_owned).unwrap_or_default();
        let is_there = |name: &String| root.join(name).exists() || folder.join(name).exists();
        scanner::named_paths(&page.text).into_iter().filter(|name| !is_there(name)).collect()
    });
    assert_none(breaches, "these pages name files that are not there");
}

#[test]
fn every_verb_stands_on_the_pages() {
    let files = text_files();
    let text =
        |path: &str| files.iter().find(|file| file.path == path).map(|file| file.text.clone()).unwrap();
    let commands = text("crates/cli/src/commands/mod.rs");
    let verbs: Vec<&str> =
        commands.lines().filter_map(|line| line.split_once("(_) => \"")?.1.strip_suffix("\",")).collect();
    assert!(verbs.contains(&"generate"), "the verbs are where they were");
    let mut missing = Vec::new();
    for page in ["README.md", "docs/command-line.md"] {
        let text = text(page);
        let firsts: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once(" |"))
            .map(|(first, _)| first)
            .collect();
        let listed =
            |verb: &str| firsts.iter().any(|first| first.split([' ', ',', '`']).any(|word| word == verb));
        missing.extend(verbs.iter().filter(|verb| !listed(verb)).map(|verb| format!("{page}: `{verb}`")));
    }
    assert_none(missing, "these verbs are in no table of commands");
}
