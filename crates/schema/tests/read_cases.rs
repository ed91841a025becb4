//! Runs the case files of `tests/cases/read`: Rust source in, the schema or the faults out.
//!
//! A file has a `#` heading and cases under `##` headings. A case is a sentence, one block `rust` for each file (the first
//! is `src/schema.rs`, others say their path behind `rust`), and what is expected:
//!
//! - `json`: the tables and views as a snapshot holds them;
//! - `intents`: what a snapshot leaves out, `renamed_from` and `backfill`;
//! - `faults`: everything that is wrong, as the command line shows it.
//!
//! `UPDATE=1 cargo test -p seedbed-schema --test read_cases` writes what came out into the files; read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use seedbed_schema::model::{Dialect, Schema, StoredForm};
use seedbed_schema::read::{SourceFile, read_tree};
use seedbed_schema::snapshot::{Snapshot, render};

/// A block between two lines of three backticks.
struct Block {
    label: String,
    text: String,
}

/// Everything from one heading to the next.
#[derive(Default)]
struct Case {
    title: String,
    prose: String,
    blocks: Vec<Block>,
}

#[test]
fn every_case_reads_as_written() {
    let mut wrong = String::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/read"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let written = fs::read_to_string(&path).unwrap();
        let (head, cases) = parse(&written);
        let mut updated = head;
        for case in &cases {
            updated.push_str(&with_outcome(case));
        }
        if updated != written && std::env::var_os("UPDATE").is_some() {
            fs::write(&path, updated).unwrap();
        } else if updated != written {
            describe(&path, &written, &updated, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nrun with UPDATE=1 to write what came out, and read the difference");
}

/// Cuts a file into what stands before the first case, and the cases.
fn parse(text: &str) -> (String, Vec<Case>) {
    let mut head = String::new();
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```"), cases.last_mut()) {
            (Some(_), Some(_), Some(case)) => case.blocks.extend(open.take()),
            (Some(block), None, _) => block.text.push_str(&format!("{line}\n")),
            (None, Some(label), Some(_)) => {
                open = Some(Block { label: label.to_owned(), text: String::new() });
            }
            (_, _, case) => match (line.strip_prefix("## "), case) {
                (Some(title), _) => cases.push(Case { title: title.to_owned(), ..Case::default() }),
                (None, Some(case)) if !line.is_empty() => case.prose.push_str(&format!("{line}\n")),
                (None, Some(_)) => {}
                (None, None) => head.push_str(&format!("{line}\n")),
            },
        }
    }
    assert!(open.is_none(), "a block does not end");
    (head, cases)
}

/// Writes a case with what came out of it.
fn with_outcome(case: &Case) -> String {
    let files: Vec<SourceFile> = case
        .blocks
        .iter()
        .filter_map(|block| {
            let path = block.label.strip_prefix("rust")?.trim();
            let path = if path.is_empty() { "src/schema.rs" } else { path };
            Some(SourceFile { path: path.to_owned(), text: block.text.clone() })
        })
        .collect();
    let root = files.first().unwrap_or_else(|| panic!("`{}` has no source", case.title));
    let load = |path: &str| Ok(files.iter().find(|file| file.path == path).map(|file| file.text.clone()));
    let mut text = format!("## {}\n\n{}", case.title, case.prose);
    let mut add = |label: &str, content: &str| {
        text.push_str(&format!("\n```{label}\n{}\n```\n", content.trim_end()));
    };
    for block in case.blocks.iter().filter(|block| block.label.starts_with("rust")) {
        add(&block.label, &block.text);
    }
    match read_tree(root, load) {
        Ok(schema) => {
            add("json", &tables_of(&schema));
            let intents = intents_of(&schema);
            if !intents.is_empty() {
                add("intents", &intents);
            }
        }
        Err(faults) => add("faults", &faults.to_string()),
    }
    text.push('\n');
    text
}

/// Returns the snapshot's text from its tables on.
fn tables_of(schema: &Schema) -> String {
    let text = render(&Snapshot::new(Dialect::Sqlite, None, schema.clone()));
    let start = text.find("\"tables\"").expect("a snapshot has tables");
    text[start..].trim_end().trim_end_matches('}').trim_end().to_owned()
}

fn intents_of(schema: &Schema) -> String {
    let mut text = String::new();
    for table in &schema.tables {
        if let Some(before) = &table.renamed_from {
            text.push_str(&format!("{} was {before}\n", table.name));
        }
        for column in &table.columns {
            let name = format!("{}.{}", table.name, column.name);
            if let Some(before) = &column.renamed_from {
                text.push_str(&format!("{name} was {before}\n"));
            }
            if let Some(backfill) = &column.backfill {
                text.push_str(&format!("{name} of old rows is {backfill}\n"));
            }
            let StoredForm::TextEnum(variants) = &column.form else { continue };
            for variant in variants {
                if let Some(before) = &variant.renamed_from {
                    text.push_str(&format!("{name} '{}' was '{before}'\n", variant.value));
                }
            }
        }
    }
    text
}

/// Shows the first lines that differ.
fn describe(path: &Path, written: &str, updated: &str, wrong: &mut String) {
    let at = written.lines().zip(updated.lines()).take_while(|(left, right)| left == right).count();
    let lines = |text: &str| text.lines().skip(at).take(8).collect::<Vec<_>>().join("\n    ");
    let title = written.lines().take(at + 1).filter_map(|line| line.strip_prefix("## ")).last();
    wrong.push_str(&format!(
        "{}:{}: {}\n  expected\n    {}\n  found\n    {}\n",
        path.display(),
        at + 1,
        title.unwrap_or("(head)"),
        lines(written),
        lines(updated)
    ));
}
