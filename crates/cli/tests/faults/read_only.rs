//! A disk, a folder or a file that can only be read: what changes something says so and names it, what only looks goes
//! on working.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::small_disk::with_small_disk;
use crate::story::{schema, small};
use crate::workplace::{Workplace, said};

/// What changes a database or a folder.
const WRITERS: [&[&str]; 3] = [&["migrate"], &["push", "--accept-data-loss", "--no-renames"], &["generate"]];

/// What only looks.
const READERS: [&[&str]; 4] = [
    &["status"],
    &["migrate", "--dry-run"],
    &["push", "--dry-run", "--no-renames"],
    &["generate", "--check"],
];

/// Runs everything; those that write are refused in a clear way, and the others do their work. `before` is put before
/// the command.
fn refuses_to_write(place: &Workplace, before: &[&str]) {
    let state = place.files();
    for arguments in WRITERS {
        let output = place.command_through(before, arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(2 | 4)), "{arguments:?}: {}", said(&output));
        let names_it = text.contains("app.db") || text.contains("migrations/");
        assert!(names_it, "{arguments:?}: no file is named in {text}");
        assert!(text.contains("hint: ") && text.contains("writable"), "{arguments:?}: {text}");
        assert!(!text.contains("panicked"), "{text}");
        assert_eq!(place.files(), state, "{arguments:?}");
    }
    for arguments in READERS {
        let output = place.command_through(before, arguments).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {}", said(&output));
        assert_eq!(place.files(), state, "{arguments:?}");
    }
}

/// A project with something pending and something to generate.
fn project(parent: &std::path::Path) -> Workplace {
    let story = small();
    let place = Workplace::below(parent, "read-only");
    place.become_copy_of(&story.start);
    place.execute("PRAGMA journal_mode = DELETE");
    let more =
        schema(3).replace("pub title: String,", "pub title: String,\n    pub subtitle: Option<String>,");
    place.write("src/schema.rs", &more);
    place
}

#[test]
fn a_disk_that_can_only_be_read_is_named() {
    with_small_disk("read_only::a_disk_that_can_only_be_read_is_named", |disk| {
        let place = project(disk.folder());
        let state = place.state();
        disk.set_read_only(true);
        refuses_to_write(&place, &[]);
        disk.set_read_only(false);
        assert_eq!(place.state(), state);
        place.succeeds(&["migrate"]);
    });
}

#[test]
fn files_that_can_only_be_read_are_named() {
    let place = project(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")));
    for journal in ["DELETE", "WAL"] {
        place.execute(&format!("PRAGMA journal_mode = {journal}"));
        only_read(&place);
    }
    place.succeeds(&["migrate"]);
}

fn only_read(place: &Workplace) {
    let state = place.state();
    let writable = |is: bool| {
        let (file, folder) = if is { (0o644, 0o755) } else { (0o444, 0o555) };
        fs::set_permissions(place.path("app.db"), Permissions::from_mode(file)).unwrap();
        for inner in ["migrations/meta", "migrations", "."] {
            fs::set_permissions(place.path(inner), Permissions::from_mode(folder)).unwrap();
        }
    };
    writable(false);
    // Root may write whatever the permissions say, unless it gives that right away.
    let is_root = OpenOptions::new().write(true).open(place.path("app.db")).is_ok();
    let as_a_user = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"];
    refuses_to_write(place, if is_root { &as_a_user } else { &[] });
    // In a folder that takes files, a reader of a write-ahead log must not leave any.
    fs::set_permissions(place.path("."), Permissions::from_mode(0o755)).unwrap();
    let files = place.files();
    let output = place.command_through(if is_root { &as_a_user } else { &[] }, &["status"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(place.files(), files);
    // And the other way round: a file that takes changes in a folder that takes none.
    fs::set_permissions(place.path("app.db"), Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(place.path("."), Permissions::from_mode(0o555)).unwrap();
    let output = place.command_through(if is_root { &as_a_user } else { &[] }, &["status"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    writable(true);
    assert_eq!(place.state(), state);
}
