//! The rooms table of `ARCHITECTURE.md`: imports between our crates, and what each room must not do.

use crate::manifests::{Manifest, manifests};
use crate::scanner::{names_sql, runs_sql, uses_std_module, without_macro};
use crate::source::{SourceFile, rust_files};
use crate::{assert_none, breaches};

/// A room and the dependencies that it may have; `None` for the others means any with a reason.
struct Room {
    package: &'static str,
    ours: &'static [&'static str],
    others: Option<&'static [&'static str]>,
    never: &'static [&'static str],
}

const DRIVERS: &[&str] = &["rusqlite", "libsqlite3-sys", "tokio-postgres", "postgres", "sqlx", "diesel"];

const ROOMS: &[Room] = &[
    Room {
        package: "seedbed-schema",
        ours: &[],
        others: Some(&["serde", "serde_json", "hmac-sha256", "syn", "proc-macro2", "quote"]),
        never: &[],
    },
    Room {
        package: "seedbed-macros",
        ours: &["seedbed-schema"],
        others: Some(&["syn", "quote", "proc-macro2"]),
        never: &[],
    },
    Room {
        package: "seedbed",
        ours: &["seedbed-schema", "seedbed-macros"],
        others: None,
        never: &["clap", "axum"],
    },
    Room { package: "seedbed-cli", ours: &["seedbed", "seedbed-schema"], others: None, never: DRIVERS },
    Room { package: "sprout", ours: &["seedbed"], others: None, never: DRIVERS },
];

#[test]
fn the_workspace_has_exactly_these_rooms() {
    let mut packages: Vec<String> = manifests().into_iter().map(|manifest| manifest.package).collect();
    packages.sort();
    let mut rooms: Vec<&str> = ROOMS.iter().map(|room| room.package).collect();
    rooms.sort_unstable();
    assert_eq!(packages, rooms, "a new crate needs its line in the rooms table, here and in ARCHITECTURE.md");
}

#[test]
fn a_room_imports_only_what_it_may() {
    let manifests = manifests();
    let is_ours = |name: &str| ROOMS.iter().any(|room| room.package == name);
    let mut found = Vec::new();
    for room in ROOMS {
        let dependencies = manifests
            .iter()
            .filter(|manifest| manifest.package == room.package)
            .flat_map(Manifest::dependencies);
        for name in dependencies {
            let is_allowed = match (is_ours(&name), room.others) {
                (true, _) => room.ours.contains(&name.as_str()),
                (false, Some(others)) => others.contains(&name.as_str()),
                (false, None) => !room.never.contains(&name.as_str()),
            };
            if !is_allowed {
                found.push(format!("{} must not depend on {name}", room.package));
            }
        }
    }
    assert_none(found, "the rooms table forbids these dependencies");
}

#[test]
fn the_schema_room_is_pure() {
    let files: Vec<_> =
        rust_files().into_iter().filter(|file| file.path.starts_with("crates/schema/src/")).collect();
    assert!(!files.is_empty(), "the schema crate is where it was");
    let found = breaches(&files, |file| {
        let code = file.code();
        let modules = ["fs", "env", "net", "time", "process", "thread"];
        let mut found: Vec<String> = modules
            .iter()
            .filter(|module| uses_std_module(&code, module))
            .map(|module| format!("`std::{module}`"))
            .collect();
        found.extend(
            ["HashMap", "HashSet"]
                .iter()
                .filter(|name| code.contains(**name))
                .map(|name| format!("`{name}`")),
        );
        found
    });
    assert_none(found, "the schema crate does no I/O, has no clock, and keeps everything in order");
}

#[test]
fn only_the_rooms_for_it_write_sql() {
    let files = rust_files();
    let in_the_command = files_in(&files, "crates/cli/src/");
    assert_none(
        breaches(in_the_command, |file| names_sql(&file.code_without_tests())),
        "SQL is the library's work",
    );
    let in_sprout = files_in(&files, "sprout/src/");
    let found = breaches(in_sprout, |file| {
        let code = without_macro(&file.code_without_tests(), "sql!");
        let mut found = names_sql(&code);
        found.extend(runs_sql(&code));
        found
    });
    assert_none(
        found,
        "sprout builds its statements of the structs; what these have no words for is in `sql!`",
    );
}

#[test]
fn only_the_store_of_sprout_asks_the_database() {
    let files = rust_files();
    let in_sprout =
        files_in(&files, "sprout/src/").filter(|file| !file.path.starts_with("sprout/src/store/"));
    let builders = ["Select::", "Insert::", "Update::", "Delete::", "sql!"];
    let found = breaches(in_sprout, |file| {
        let code = file.code_without_tests();
        builders.iter().filter(|word| code.contains(**word)).map(|word| format!("`{word}`")).collect()
    });
    assert_none(found, "in sprout only store/ builds statements");
}

fn files_in<'f>(files: &'f [SourceFile], folder: &'static str) -> impl Iterator<Item = &'f SourceFile> {
    assert!(files.iter().any(|file| file.path.starts_with(folder)), "{folder} is where it was");
    files.iter().filter(move |file| file.path.starts_with(folder))
}

#[test]
fn a_library_does_not_talk() {
    let rooms = ["crates/schema/src/", "crates/macros/src/", "crates/seedbed/src/"];
    let files: Vec<_> = rust_files()
        .into_iter()
        .filter(|file| rooms.iter().any(|room| file.path.starts_with(room)))
        .collect();
    let found = breaches(&files, |file| {
        let code = file.code_without_tests();
        let talk = ["println!", "print!(", "eprint!(", "stdout()", "stderr()"];
        talk.iter().filter(|word| code.contains(**word)).map(|word| format!("`{word}`")).collect()
    });
    assert_none(found, "what a library has to say, it returns");
}
