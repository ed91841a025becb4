//! The journal and the snapshots of a folder: what is read is written again as the same, anything else is an error.

use std::fs;
use std::path::{Path, PathBuf};

use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::normalize::normalize;
use seedbed_schema::plan::{PlanOptions, create_statements, plan};
use seedbed_schema::sql::what_is_wrong;
use seedbed_schema::{journal, snapshot};
use serde_json::{Value, json};

use crate::numbers::Numbers;

fn files() -> Vec<PathBuf> {
    let meta = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sprout/migrations/sqlite/meta");
    let mut files: Vec<PathBuf> = fs::read_dir(meta)
        .expect("sprout has migrations")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    files.sort();
    files
}

#[test]
fn a_damaged_journal_is_read_or_refused() {
    let path = files().into_iter().find(|path| path.ends_with("_journal.json")).expect("there is a journal");
    let good = fs::read_to_string(path).expect("it can be read");
    let mut numbers = Numbers(11);
    for _ in 0..crate::rounds(2_000) {
        let text = numbers.damaged(&good);
        match journal::parse(&text) {
            Ok(journal) => {
                let again = journal::parse(&journal::render(&journal)).expect("what was read can be written");
                assert_eq!(again, journal, "{text}");
                journal.next_index();
            }
            Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
        }
    }
}

/// Returns every node of a document, itself first.
fn nodes(document: &Value) -> Vec<&Value> {
    let mut all = vec![document];
    match document {
        Value::Array(elements) => all.extend(elements.iter().flat_map(nodes)),
        Value::Object(fields) => all.extend(fields.values().flat_map(nodes)),
        _ => {}
    }
    all
}

/// Changes the node of that number, counted as [`nodes`] lists them.
fn change(document: &mut Value, number: &mut usize, edit: &mut dyn FnMut(&mut Value)) {
    if *number == 0 {
        edit(document);
    }
    *number = number.wrapping_sub(1);
    match document {
        Value::Array(elements) => elements.iter_mut().for_each(|element| change(element, number, edit)),
        Value::Object(fields) => fields.values_mut().for_each(|value| change(value, number, edit)),
        _ => {}
    }
}

/// Changes one or two nodes of a document: another node in its place, a value of another kind, an odd text, an element
/// or a field more or less.
fn changed(document: &Value, numbers: &mut Numbers) -> Value {
    let mut changed = document.clone();
    for _ in 0..=numbers.below(2) {
        let other = {
            let all = nodes(document);
            all[numbers.below(all.len())].clone()
        };
        let mut at = numbers.below(nodes(&changed).len());
        let dice = numbers.below(9);
        let element = numbers.below(100);
        change(&mut changed, &mut at, &mut |node| match (dice, node) {
            (0, node) => *node = other.clone(),
            (1, node) => *node = json!([null, true, -1, 0.5, "", [], {}])[element % 7].clone(),
            (2 | 3, Value::String(text)) => *text = numbers.damaged(text),
            (4, Value::Array(elements)) if !elements.is_empty() => {
                elements.remove(element % elements.len());
            }
            (5, Value::Array(elements)) => elements.push(other.clone()),
            (6, Value::Array(elements)) if !elements.is_empty() => {
                elements.push(elements[element % elements.len()].clone());
            }
            (7, Value::Object(fields)) => {
                let key = fields.keys().nth(element % fields.len().max(1)).cloned();
                key.and_then(|key| fields.remove(&key));
            }
            (_, Value::Bool(flag)) => *flag = !*flag,
            (_, Value::String(text)) => text.push('"'),
            _ => {}
        });
    }
    changed
}

#[test]
fn a_damaged_snapshot_is_read_or_refused_and_what_is_read_can_be_worked_with() {
    let mut numbers = Numbers(13);
    let (mut read, mut tried) = (0, 0);
    for path in files().iter().filter(|path| !path.ends_with("_journal.json")) {
        let good = fs::read_to_string(path).expect("it can be read");
        let present = snapshot::parse(&good).expect("it is good").schema;
        let document: Value = serde_json::from_str(&good).expect("it is JSON");
        for round in 0..crate::rounds(80) {
            let text = match round % 4 {
                0 => numbers.damaged(&good),
                _ => changed(&document, &mut numbers).to_string(),
            };
            tried += 1;
            let Ok(found) = snapshot::parse(&text) else { continue };
            read += 1;
            let again = snapshot::parse(&snapshot::render(&found)).expect("what was read can be written");
            // A quote without its end means something else as soon as anything is written behind it.
            let is_whole = |node: &&Value| node.as_str().is_none_or(|text| what_is_wrong(text).is_none());
            if nodes(&serde_json::from_str(&text).expect("it was read")).iter().all(is_whole) {
                let [first, second] = [&found, &again].map(|one| format!("{:#?}", normalize(&one.schema)));
                let lines = first.lines().zip(second.lines());
                let differing: Vec<_> = lines.filter(|(one, other)| one != other).take(5).collect();
                assert!(first == second, "{differing:#?}\n{text}");
            }
            create_statements(&found.schema);
            let renames = Renames::default().nothing_else();
            // A schema from a damaged file may make no sense; what comes of it is an answer, not a crash.
            if let Ok(difference) = diff(&present, &found.schema, &renames) {
                let _ = plan(&difference, &PlanOptions::default());
                let _ = difference.reverse().map(|back| plan(&back, &PlanOptions::default()));
            }
        }
    }
    assert!(read * 10 > tried, "only {read} of {tried} damaged snapshots could be read");
}
