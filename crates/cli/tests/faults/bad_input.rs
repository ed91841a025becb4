//! Every file that the command reads is damaged in turn: it answers with an exit code of its own and words that a person
//! understands, in a moment and in little memory, and changes nothing that it was not asked to change.
//!
//! `fuzz/` drives the library's readers for as long as one likes; this is about the whole command, its settings first.

use std::fs;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use crate::amount;
use crate::numbers::Numbers;
use crate::story::small;
use crate::workplace::{Workplace, said};

/// How often each file is damaged in an everyday run.
const EVERYDAY: usize = 6;

/// How long an answer may take, on a machine that has other things to do as well.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is damaged, and what is run then.
const FILES: [(&str, &[&str]); 10] = [
    ("seedbed.toml", &["migrate", "--dry-run"]),
    (".env", &["migrate", "--dry-run"]),
    ("src/schema.rs", &["generate", "--check", "--no-renames"]),
    ("schema.sql", &["diff", "--from", "schema.sql", "--to", "migrations", "--no-renames"]),
    ("migrations/meta/_journal.json", &["migrate", "--dry-run"]),
    ("migrations/meta/0004_snapshot.json", &["generate", "--check", "--no-renames"]),
    ("migrations/0002_alter_words_of_posts.sql", &["migrate"]),
    ("migrations/0000_base.sql", &["check"]),
    ("app.db", &["migrate"]),
    ("app.db", &["status"]),
];

/// Settings that use all there is.
const SETTINGS: &str = "# the project's own\ndialect = \"sqlite\"\nschema = \"src/schema.rs\"\nout = \"migrations\"\n\
    url = \"${DATABASE:-app.db}\"\nsqlite_version = \"3.54.0\"\n";
const VARIABLES: &str =
    "# kept out of version control\nexport DATABASE='app.db'\nOTHER=\"two\\nlines ${DATABASE}\"\nEMPTY=\n";

/// Damages some bytes: other ones in their place, some left out, some twice, the rest cut off.
fn damaged(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const ODD: [&[u8]; 12] = [
        b"\0",
        b"\xff\xfe",
        b"'",
        b"\"",
        b"[[",
        b"}",
        b"${",
        b"\\",
        b"/*",
        b"\n\n",
        b"9999999999999999999",
        "\u{202e}".as_bytes(),
    ];
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.next() % 4 {
        let at = (numbers.fraction() * bytes.len() as f64) as usize;
        let reach = if numbers.next().is_multiple_of(2) { 3 } else { 40 };
        let end = (at + 1 + (numbers.next() % reach) as usize).min(bytes.len());
        match numbers.next() % 6 {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            2 => {
                let odd = ODD[(numbers.next() % ODD.len() as u64) as usize];
                bytes.splice(at..at, odd.iter().copied());
            }
            3 => bytes[at..end].iter_mut().for_each(|byte| *byte = numbers.next() as u8),
            4 => bytes[at..end].reverse(),
            _ if numbers.next().is_multiple_of(8) => bytes.truncate(at),
            _ => bytes[at..end].iter_mut().for_each(|byte| *byte ^= 1),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

/// Runs the command with a gigabyte of memory and little patience.
fn answer(place: &Workplace, arguments: &[&str], story: &str) -> Output {
    let limited = ["sh", "-c", "ulimit -v 1500000; exec \"$0\" \"$@\""];
    let mut command = place.command_through(&limited, arguments);
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It says little, so that the pipes hold it all.
    loop {
        if child.try_wait().unwrap().is_some() {
            return child.wait_with_output().unwrap();
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{story}: no answer after {PATIENCE:?}: {}", said(&child.wait_with_output().unwrap()));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn every_damaged_file_is_answered_for() {
    let story = small();
    let place = Workplace::new("bad-input");
    let mut numbers = Numbers::new(23);
    let base = fs::read_to_string(story.start.path("migrations/0000_base.sql")).unwrap();
    for (file, arguments) in FILES {
        let (mut accepted, times) = (0, amount("SEEDBED_FAULTS_INPUTS", EVERYDAY));
        for number in 0..times {
            place.become_copy_of(&story.start);
            place.write("seedbed.toml", SETTINGS);
            place.write(".env", VARIABLES);
            place.write("schema.sql", &base);
            let good = fs::read(place.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            let bad = damaged(&good, &mut numbers);
            fs::write(place.path(file), &bad).unwrap();
            let told = format!("{file}, damage {number}, {arguments:?}");
            let output = answer(&place, arguments, &told);
            let text = format!("{told}: {}", said(&output));
            assert!(matches!(output.status.code(), Some(0..=4)), "{text}");
            assert!(!text.contains("panicked") && !text.contains("fault of seedbed"), "{text}");
            let refused = !output.status.success();
            assert!(!refused || text.contains("error: ") || output.status.code() == Some(1), "{text}");
            if file != "app.db" && refused && arguments[0] != "migrate" {
                assert_eq!(place.state(), story.boundaries[0], "{text}");
            }
            accepted += usize::from(!refused);
        }
        println!("{file} damaged {times} times before {arguments:?}: {accepted} accepted");
    }
}
