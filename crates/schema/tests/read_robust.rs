//! Whatever stands in a file, the reader comes back: with a schema, or with faults that have a place inside of it.

use std::fs;
use std::path::Path;

use seedbed_schema::read::{SourceFile, read_sources};

/// A small generator of numbers, so that every run tries the same texts.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }
}

/// The source blocks of all case files.
fn sources() -> std::io::Result<Vec<String>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/read"))? {
        let text = fs::read_to_string(entry?.path())?;
        sources
            .extend(text.split("\n```").filter_map(|block| block.strip_prefix("rust\n")).map(str::to_owned));
    }
    sources.sort();
    Ok(sources)
}

/// Leaves out, repeats or moves a piece of the text, cut between words and marks.
fn damaged(text: &str, numbers: &mut Numbers) -> String {
    let mut pieces: Vec<&str> = text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_').collect();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(pieces.len());
        match numbers.below(3) {
            0 => {
                pieces.remove(at);
            }
            1 => pieces.insert(at, pieces[at]),
            _ => {
                let other = numbers.below(pieces.len());
                pieces.swap(at, other);
            }
        }
        if pieces.is_empty() {
            break;
        }
    }
    pieces.concat()
}

#[test]
fn damaged_source_gives_faults_with_a_place() -> std::io::Result<()> {
    let sources = sources()?;
    assert!(sources.len() > 50);
    let mut numbers = Numbers(7);
    for source in &sources {
        for _ in 0..8 {
            let text = damaged(source, &mut numbers);
            let lines = text.lines().count() + 1;
            let file = SourceFile { path: "src/schema.rs".to_owned(), text: text.clone() };
            let Err(faults) = read_sources(&[file]) else { continue };
            assert!(!faults.is_empty());
            for fault in &faults {
                let place = fault.place();
                let inside = (1..=lines).contains(&place.line) && place.column >= 1;
                assert!(inside && &*place.file == "src/schema.rs", "{fault}\nin\n{text}");
                assert!(!fault.message().is_empty());
            }
        }
    }
    Ok(())
}
