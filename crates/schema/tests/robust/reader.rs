//! The reader of Rust source: a schema, or faults that have a place inside of the file.

use std::fs;
use std::path::Path;

use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::read::{SourceFile, read_sources};

use crate::numbers::Numbers;

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

/// As much stack as the command gives itself.
const STACK: usize = 256 << 20;

#[test]
fn damaged_source_gives_a_schema_or_faults_with_a_place() -> std::io::Result<()> {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(damaged_source)?;
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[test]
fn source_that_is_nested_deeply_is_read_or_refused() -> std::io::Result<()> {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(nested_source)?;
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    Ok(())
}

/// The parser descends for each bracket and each link of a chain, and its stack is what the command gives it.
fn nested_source() {
    let repeated = [
        ("struct A { a: ", "(", "i64", ")", " }"),
        ("struct A { a: ", "[", "i64", "; 1]", " }"),
        ("struct A { a: ", "Option<", "i64", ">", " }"),
        ("struct A { a: ", "&", "i64", "", " }"),
        ("struct A { #[column(default = ", "-", "1", "", ")] a: i64 }"),
        ("struct A { #[column(default = ", "(", "1", ")", ")] a: i64 }"),
        ("#[table(check(name = \"c\", \"", "(", "a", ")", "\"))] struct A { a: i64 }"),
        ("const C: i64 = ", "1 + ", "1", "", "; struct A { a: i64 }"),
        ("const C: i64 = ", "|x| ", "1", "", "; struct A { a: i64 }"),
        ("const C: i64 = ", "if x {} else ", "{}", "", "; struct A { a: i64 }"),
        ("", "mod m { ", "", " }", ""),
        ("use ", "a::{", "b", "}", ";"),
        ("use ", "a::", "b", "", ";"),
    ];
    for (before, open, inner, close, after) in repeated {
        for times in [10, 127, 1_300, 20_000] {
            let text = ["#[derive(Table)] ", before, &open.repeat(times), inner, &close.repeat(times), after];
            let file = SourceFile { path: "src/schema.rs".to_owned(), text: text.concat() };
            let _ = read_sources(&[file]);
        }
    }
}

fn damaged_source() -> std::io::Result<()> {
    let sources = sources()?;
    assert!(sources.len() > 50);
    let mut numbers = Numbers(7);
    for source in &sources {
        for _ in 0..crate::rounds(12) {
            let text = numbers.damaged(source);
            let lines = text.lines().count() + 1;
            let file = SourceFile { path: "src/schema.rs".to_owned(), text: text.clone() };
            let faults = match read_sources(&[file]) {
                Ok(schema) => {
                    let same = diff(&schema, &schema, &Renames::default().nothing_else());
                    assert!(same.is_ok_and(|same| same.is_empty()), "it differs from itself:\n{text}");
                    continue;
                }
                Err(faults) => faults,
            };
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
