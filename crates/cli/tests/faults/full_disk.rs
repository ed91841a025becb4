//! A disk that fills up in the middle of a run, and a limit on the size of files: a clear error that names the file
//! and the way out, nothing half done, and the same command goes through as soon as there is space.

use std::process::Output;

use crate::small_disk::{SmallDisk, with_small_disk};
use crate::story::{schema, small};
use crate::workplace::{State, Workplace, said};

/// How a command was kept from its end.
#[derive(Clone, Copy)]
enum Shortage<'a> {
    /// So many bytes are free on the disk.
    Disk(&'a SmallDisk, u64),
    /// No file may be larger.
    FileSize(u64),
}

impl Shortage<'_> {
    fn run(self, place: &Workplace, arguments: &[&str]) -> Output {
        match self {
            Self::Disk(disk, free) => {
                disk.fill_up_to(free);
                let output = place.run(arguments);
                disk.empty();
                output
            }
            Self::FileSize(bytes) => {
                // Ignored, the signal becomes an error of the write, which is what programs see on other systems.
                let limit = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", bytes / 512);
                place.command_through(&["sh", "-c", &limit], arguments).output().unwrap()
            }
        }
    }

    fn describe(self) -> String {
        match self {
            Self::Disk(_, free) => format!("{free} bytes free"),
            Self::FileSize(bytes) => format!("files up to {bytes} bytes"),
        }
    }
}

/// Checks that a command failed as it should when the disk refuses.
fn is_clear(output: &Output, story: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(2 | 4)), "{story}: {}", said(output));
    assert!(text.starts_with("running ") || text.contains("error: "), "{story}: {text}");
    let names_a_file = ["app.", "migrations/", "copy.db"].iter().any(|file| text.contains(file));
    assert!(names_a_file, "{story}: no file is named in {text}");
    let hint = text.lines().find(|line| line.starts_with("hint: ")).unwrap_or_default();
    let is_way_out = hint.contains("free some space") || hint.contains("ulimit -f");
    assert!(is_way_out, "{story}: no way out in {text}");
    assert_eq!(text.matches(hint).count(), 1, "{story}: told twice in {text}");
    assert!(!text.contains("panicked"), "{story}: {text}");
}

/// Runs a command with less space than it needs, more each time, until it goes through. Returns how often it failed.
fn grows_until_it_fits<'a>(
    place: &Workplace,
    start: &Workplace,
    arguments: &[&str],
    sizes: impl Iterator<Item = Shortage<'a>>,
    check: impl Fn(&Workplace, bool, &str),
) -> usize {
    for (failures, shortage) in sizes.enumerate() {
        place.become_copy_of(start);
        let story = format!("{arguments:?} with {}", shortage.describe());
        let output = shortage.run(place, arguments);
        if output.status.success() {
            check(place, true, &story);
            println!("{arguments:?}: failed {failures} times, goes through with {}", shortage.describe());
            return failures;
        }
        is_clear(&output, &story);
        check(place, false, &story);
        // With space the same command goes through.
        place.succeeds(arguments);
        check(place, true, &story);
    }
    panic!("{arguments:?} never went through");
}

fn free_space(disk: &SmallDisk) -> impl Iterator<Item = Shortage<'_>> {
    let step = crate::amount("SEEDBED_FAULTS_DISK_STEP", 128 * 1024) as u64;
    (0..)
        .map(move |number| Shortage::Disk(disk, if number < 8 { number * 4096 } else { (number - 7) * step }))
}

fn file_sizes() -> impl Iterator<Item = Shortage<'static>> {
    let step = crate::amount("SEEDBED_FAULTS_DISK_STEP", 64 * 1024) as u64;
    (1..).map(move |number| Shortage::FileSize(number * step))
}

/// The database is at one of the boundaries, at the last when the run went through.
fn at_boundary(boundaries: &[State]) -> impl Fn(&Workplace, bool, &str) + '_ {
    move |place, done, story| {
        let state = place.state();
        let at = boundaries.iter().position(|boundary| *boundary == state);
        let Some(at) = at else { panic!("{story}: {state:?} is none of {boundaries:?}") };
        assert!(!done || at + 1 == boundaries.len(), "{story}: {state:?}");
        let strays: Vec<String> = place
            .files()
            .into_iter()
            .filter(|file| file.contains("-lock") || file.contains("unfinished"))
            .collect();
        assert!(strays.is_empty(), "{story}: {strays:?}");
    }
}

#[test]
fn migrate_and_push_on_a_full_disk_change_nothing_by_half() {
    with_small_disk("full_disk::migrate_and_push_on_a_full_disk_change_nothing_by_half", |disk| {
        let story = small();
        let place = Workplace::below(disk.folder(), "full");
        for journal in ["WAL", "DELETE"] {
            story.start.execute(&format!("PRAGMA journal_mode = {journal}"));
            let migrate = at_boundary(&story.boundaries);
            let failures = grows_until_it_fits(&place, &story.start, &["migrate"], free_space(disk), migrate);
            assert!(failures > 5, "{failures}");

            let push = ["push", "--accept-data-loss", "--no-renames"];
            place.become_copy_of(&story.start);
            place.succeeds(&push);
            let boundaries = [story.boundaries[0].clone(), place.state()];
            let failures =
                grows_until_it_fits(&place, &story.start, &push, free_space(disk), at_boundary(&boundaries));
            assert!(failures > 5, "{failures}");
        }
    });
}

#[test]
fn rollback_backup_and_restore_on_a_full_disk_change_nothing_by_half() {
    with_small_disk("full_disk::rollback_backup_and_restore_on_a_full_disk_change_nothing_by_half", |disk| {
        let story = small();
        let start = Workplace::new("full");
        start.become_copy_of(&story.start);
        start.succeeds(&["backup", "good.db"]);
        start.succeeds(&["migrate", "--no-backup"]);
        let place = Workplace::below(disk.folder(), "full");
        place.become_copy_of(&start);
        let mut boundaries = vec![place.state()];
        for _ in &story.boundaries[1..] {
            place.succeeds(&["rollback", "--no-backup"]);
            boundaries.push(place.state());
        }
        let rollback = ["rollback", "--to", "0001_by_hand"];
        let failures =
            grows_until_it_fits(&place, &start, &rollback, free_space(disk), at_boundary(&boundaries));
        assert!(failures > 5, "{failures}");

        let restored = [boundaries[0].clone(), story.boundaries[0].clone()];
        let restore = ["restore", "good.db", "--yes"];
        let failures =
            grows_until_it_fits(&place, &start, &restore, free_space(disk), at_boundary(&restored));
        assert!(failures > 5, "{failures}");

        let whole_or_none = |place: &Workplace, done: bool, story: &str| {
            at_boundary(&boundaries[..1])(place, done, story);
            assert_eq!(place.files().contains(&"copy.db".to_owned()), done, "{story}");
            place.backups_are_sound();
        };
        let failures =
            grows_until_it_fits(&place, &start, &["backup", "copy.db"], free_space(disk), whole_or_none);
        assert!(failures > 5, "{failures}");
    });
}

#[test]
fn migrate_under_a_limit_on_file_sizes_changes_nothing_by_half() {
    let story = small();
    let place = Workplace::new("limit");
    for journal in ["WAL", "DELETE"] {
        story.start.execute(&format!("PRAGMA journal_mode = {journal}"));
        let check = at_boundary(&story.boundaries);
        let failures = grows_until_it_fits(&place, &story.start, &["migrate"], file_sizes(), check);
        assert!(failures > 2, "{failures}");
    }
}

#[test]
fn generate_on_a_full_disk_writes_all_files_or_none() {
    with_small_disk("full_disk::generate_on_a_full_disk_writes_all_files_or_none", |disk| {
        let start = Workplace::new("full");
        start.write("seedbed.toml", "url = \"app.db\"\n");
        start.write("src/schema.rs", &schema(0));
        start.succeeds(&["generate", "--name", "base"]);
        start.write("src/schema.rs", &schema(1));
        let before = start.files();
        let place = Workplace::below(disk.folder(), "full");
        place.become_copy_of(&start);
        place.succeeds(&["generate"]);
        let after = place.files();
        let check = |place: &Workplace, done: bool, story: &str| {
            assert_eq!(&place.files(), if done { &after } else { &before }, "{story}");
        };
        let sizes = (0..).map(|pages| Shortage::Disk(disk, pages * 4096));
        let failures = grows_until_it_fits(&place, &start, &["generate"], sizes, check);
        assert!(failures > 3, "{failures}");
    });
}
