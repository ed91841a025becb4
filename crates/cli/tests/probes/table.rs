//! The page that lists the probes: complete, and every test that it names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Returns the rows of the page's tables, cell by cell.
fn rows() -> Vec<Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/drizzle-probes.md");
    let text = fs::read_to_string(page).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| probe"));
    lines
        .map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[test]
fn the_page_lists_every_probe() {
    let listed: BTreeSet<String> = rows().into_iter().map(|cells| cells[0].clone()).collect();
    let all: BTreeSet<String> = (1..=58).map(|number| number.to_string()).chain(["1b".to_owned()]).collect();
    assert_eq!(listed, all);
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut missing = Vec::new();
    for cells in rows() {
        assert_eq!(cells.len(), 4, "{cells:?}");
        let tests: Vec<&str> = cells[3].split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty() || cells[3] == "later", "{cells:?}");
        for test in tests {
            let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("{test} is no `file::name`"));
            let file = match file.split_once('/') {
                None => format!("crates/cli/tests/probes/{file}.rs"),
                Some((krate, rest)) => format!("crates/{krate}/tests/{rest}.rs"),
            };
            let text = fs::read_to_string(root.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            if !text.contains(&format!("fn {name}(")) {
                missing.push(format!("{}: {file} has no `{name}`", cells[0]));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_story_is_on_the_page() {
    let listed: BTreeSet<String> = rows()
        .iter()
        .flat_map(|cells| {
            cells[3]
                .split('`')
                .filter_map(|test| test.split_once("::"))
                .map(|(_, name)| name.to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probes");
    let mut unlisted = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let is_story = !path.ends_with("table.rs");
        for part in text.split("#[test]\nfn ").skip(1).filter(|_| is_story) {
            let name = part.split('(').next().unwrap_or_default();
            if !listed.contains(name) {
                unlisted.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(unlisted.is_empty(), "{}", unlisted.join("\n"));
}
