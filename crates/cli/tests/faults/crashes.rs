//! The command is killed at any moment of a run. The database is then at a migration boundary and sound, the folder is
//! as before or as after, and the next run ends where an undisturbed one would.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::amount;
use crate::numbers::Numbers;
use crate::story::{Story, large, schema};
use crate::workplace::{State, Workplace, said};

/// How often each kind of run is killed in an everyday run.
const EVERYDAY: usize = 8;

/// What is killed again and again.
struct Victim<'a> {
    /// Where each run begins.
    start: &'a Workplace,
    arguments: &'a [&'a str],
    /// Where a killed run may have stopped; the last is where it ends.
    boundaries: &'a [State],
}

impl Victim<'_> {
    /// Kills the run so many times, at moments that are spread over its whole length, and finishes it each time.
    /// Returns at which boundary the kills found it.
    fn is_killed(&self, times: usize, seed: u64) -> BTreeMap<usize, usize> {
        let place = Workplace::new("crash");
        let mut numbers = Numbers::new(seed);
        let mut length = self.undisturbed(&place);
        let mut found = BTreeMap::new();
        // The moments are a ladder over the run with some chance on each rung, and a little beyond its end. Where all
        // kills of it came too early, because the machine has become slower, rungs are added.
        let mut kill = 0;
        while kill < times || (found.len() < 2 && kill < 2 * times) {
            place.become_copy_of(self.start);
            let journal = if kill % 2 == 0 { "WAL" } else { "DELETE" };
            place.execute(&format!("PRAGMA journal_mode = {journal}"));
            let moment = (kill as f64 + numbers.fraction()) / times as f64 * 1.1;
            let delay = length.mul_f64(moment);
            let mut process = place.start(self.arguments);
            std::thread::sleep(delay);
            process.kill().unwrap();
            process.wait().unwrap();

            let story = format!("kill {kill} of {times} (seed {seed}) after {delay:?}, {journal}");
            let state = place.state();
            let at = self.boundaries.iter().position(|boundary| *boundary == state);
            let Some(at) = at else { panic!("{story}: {state:?} is none of {:?}", self.boundaries) };
            *found.entry(at).or_default() += 1;

            let started = Instant::now();
            let finishing = place.run(self.arguments);
            assert!(finishing.status.success(), "{story}, then {}", said(&finishing));
            if at == 0 {
                // A whole run: it tells how fast the machine is now.
                length = started.elapsed();
            }
            let end = self.boundaries.last().expect("a run leads somewhere");
            assert_eq!(place.state(), *end, "{story}");
            place.backups_are_sound();
            // A run that finds nothing to do takes no lock, and so does not tidy away one that a killed run left; nobody
            // waits for a lock whose holder is gone.
            let had_nothing_to_do = at + 1 == self.boundaries.len();
            let is_stray = |file: &&String| {
                file.contains("unfinished") || (file.contains("-lock") && !had_nothing_to_do)
            };
            let left = place.files();
            let strays: Vec<&String> = left.iter().filter(is_stray).collect();
            assert!(strays.is_empty(), "{story}: {strays:?}");
            kill += 1;
        }
        found
    }

    /// Runs it once, and returns how long it takes.
    fn undisturbed(&self, place: &Workplace) -> Duration {
        place.become_copy_of(self.start);
        let started = Instant::now();
        place.succeeds(self.arguments);
        let length = started.elapsed();
        assert_eq!(place.state(), *self.boundaries.last().unwrap());
        length
    }
}

fn kills() -> usize {
    amount("SEEDBED_FAULTS_KILLS", EVERYDAY)
}

#[test]
fn a_killed_migrate_stops_at_a_boundary_and_the_next_one_goes_on() {
    let story = large();
    let Story { start, boundaries } = &*story;
    let found = Victim { start, arguments: &["migrate"], boundaries }.is_killed(kills(), 11);
    println!("killed migrate {} times, found at boundary: {found:?}", kills());
    assert!(found.len() > 1, "the kills are not spread: {found:?}");
}

#[test]
fn a_killed_rollback_stops_at_a_boundary_and_the_next_one_brings_every_value_back() {
    let story = large();
    let start = Workplace::new("rollback");
    start.become_copy_of(&story.start);
    start.succeeds(&["migrate", "--no-backup"]);
    let back = Workplace::new("rollback");
    back.become_copy_of(&start);
    let mut boundaries = vec![back.state()];
    for before in story.boundaries.iter().rev().skip(1) {
        back.succeeds(&["rollback", "--no-backup"]);
        let state = back.state();
        assert_eq!(
            (&state.history, state.rows, state.contents),
            (&before.history, before.rows, before.contents)
        );
        boundaries.push(state);
    }
    let arguments = ["rollback", "--to", "0001_by_hand"];
    let found =
        Victim { start: &start, arguments: &arguments, boundaries: &boundaries }.is_killed(kills(), 19);
    println!("killed rollback {} times, found at boundary: {found:?}", kills());
    assert!(found.len() > 1, "the kills are not spread: {found:?}");
}

#[test]
fn a_killed_restore_leaves_the_old_content_or_the_new() {
    let story = large();
    let start = Workplace::new("restore");
    start.become_copy_of(&story.start);
    start.succeeds(&["backup", "good.db"]);
    start.succeeds(&["migrate", "--no-backup"]);
    let boundaries = [start.state(), story.boundaries[0].clone()];
    let arguments = ["restore", "good.db", "--yes"];
    let found =
        Victim { start: &start, arguments: &arguments, boundaries: &boundaries }.is_killed(kills(), 29);
    println!("killed restore {} times, found at boundary: {found:?}", kills());
    assert!(found.len() > 1, "the kills are not spread: {found:?}");
}

#[test]
fn a_killed_push_has_happened_or_not() {
    let story = large();
    let pushed = Workplace::new("push");
    pushed.become_copy_of(&story.start);
    let arguments = ["push", "--accept-data-loss", "--no-renames"];
    pushed.succeeds(&arguments);
    let boundaries = [story.start.state(), pushed.state()];
    let found =
        Victim { start: &story.start, arguments: &arguments, boundaries: &boundaries }.is_killed(kills(), 13);
    println!("killed push {} times, found at boundary: {found:?}", kills());
    assert!(found.len() > 1, "the kills are not spread: {found:?}");
}

#[test]
fn a_killed_generate_leaves_the_folder_as_before_or_as_after() {
    let start = Workplace::new("generate");
    start.write("seedbed.toml", "url = \"app.db\"\n");
    start.write("src/schema.rs", &schema(0));
    start.succeeds(&["generate", "--name", "base"]);
    start.write("src/schema.rs", &schema(1));
    let place = Workplace::new("generate");
    place.become_copy_of(&start);
    let started = Instant::now();
    let written = place.succeeds(&["generate"]);
    let length = started.elapsed();
    let after = place.files();
    let text = |place: &Workplace| {
        written.lines().map(|file| std::fs::read_to_string(place.path(file)).unwrap()).collect::<Vec<_>>()
    };
    let texts = text(&place);

    let mut numbers = Numbers::new(17);
    let times = kills();
    let mut finished = 0;
    for kill in 0..times {
        place.become_copy_of(&start);
        // The files are written at the very end, so that is where most kills go.
        let moment = 1.05 - 0.5 * ((kill as f64 + numbers.fraction()) / times as f64).powi(2);
        let mut process = place.start(&["generate"]);
        std::thread::sleep(length.mul_f64(moment));
        process.kill().unwrap();
        process.wait().unwrap();

        // Readers see the folder as before or as after, never something in between.
        let pending = place.succeeds(&["migrate", "--dry-run", "--json"]);
        let tags = pending.matches("\"tag\":").count();
        assert!(tags == 1 || tags == 2, "kill {kill}: {pending}");
        finished += usize::from(tags == 2);
        place.succeeds(&["generate"]);
        let mut files = place.files();
        if tags == 2 {
            // Killed behind the last file: there is nothing to generate, and so nobody tidies the lock away.
            files.retain(|file| file != "migrations/meta/.lock");
        }
        assert_eq!(files, after, "kill {kill}");
        assert_eq!(text(&place), texts, "kill {kill}");
    }
    println!("killed generate {times} times, {finished} after it was done");
}
