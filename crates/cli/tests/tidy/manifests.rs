//! The manifests: who depends on what, and the reason that stands beside every dependency.

use std::fs;

use toml::{Table, Value};

use crate::assert_none;
use crate::source::workspace_root;

/// A crate's manifest.
pub(crate) struct Manifest {
    /// Where it is, from the root of the workspace.
    pub(crate) path: String,
    /// The package's name.
    pub(crate) package: String,
    text: String,
    table: Table,
}

impl Manifest {
    fn read(path: String) -> Self {
        let text = fs::read_to_string(workspace_root().join(&path)).unwrap();
        let table: Table = text.parse().unwrap();
        let package = table.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
        Self { package: package.unwrap_or_default().to_owned(), path, text, table }
    }

    /// Returns the names of what the crate itself is built with; its tests may use more.
    pub(crate) fn dependencies(&self) -> Vec<String> {
        let own =
            ["dependencies", "build-dependencies"].iter().filter_map(|section| self.table.get(*section));
        let targets = self.table.get("target").and_then(Value::as_table).into_iter().flatten();
        let of_targets = targets.filter_map(|(_, target)| target.get("dependencies"));
        own.chain(of_targets)
            .filter_map(Value::as_table)
            .flat_map(|section| section.keys().cloned())
            .collect()
    }
}

/// Reads the manifests of the members of the workspace.
pub(crate) fn manifests() -> Vec<Manifest> {
    let root = Manifest::read("Cargo.toml".to_owned());
    let members = root.table["workspace"]["members"].as_array().unwrap();
    members.iter().map(|member| Manifest::read(format!("{}/Cargo.toml", member.as_str().unwrap()))).collect()
}

/// Returns the dependencies that no comment explains. A comment explains the lines under it up to an empty line; a
/// dependency of the workspace's own (`path`, `workspace = true`) is explained elsewhere.
fn unexplained(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut in_dependencies, mut is_explained) = (false, false);
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            (in_dependencies, is_explained) = (line.contains("dependencies"), false);
        } else if line.is_empty() {
            is_explained = false;
        } else if line.starts_with('#') {
            is_explained = true;
        } else if in_dependencies
            && !is_explained
            && !line.contains(" #")
            && !line.contains("workspace = true")
            && !line.contains("path = ")
            && let Some((name, _)) = line.split_once('=')
        {
            found.push(name.trim().to_owned());
        }
    }
    found
}

#[test]
fn every_dependency_has_its_reason_beside_it() {
    let mut all = manifests();
    all.push(Manifest::read("Cargo.toml".to_owned()));
    let found = all.iter().flat_map(|manifest| {
        unexplained(&manifest.text).into_iter().map(|name| format!("{}: {name}", manifest.path))
    });
    assert_none(found.collect(), "write above these dependencies what they are for");
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let text = "[dependencies]\n# Why.\na = \"1\"\nb = \"2\"\n\nc = \"3\"\nd = { workspace = true }\n[lints]\ne = 1\n";
    assert_eq!(unexplained(text), ["c"]);
}
