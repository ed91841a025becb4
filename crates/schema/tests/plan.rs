//! The planner, by case files: two Rust schemas, answers if any, and the SQL both ways.
//!
//! A case is a `##` heading in `tests/cases/plan/*.md`, a sentence, a block `rust before`, a block `rust after`,
//! optional lines `rename: table.column:new`, `others: new` and `backfill: table.column='expr'`, and the blocks that are expected:
//! `sql up` and `sql down`, or `text open` for questions. `UPDATE=1 cargo test` writes what came out.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use seedbed_schema::diff::{Renames, diff, migration_name};
use seedbed_schema::model::Schema;
use seedbed_schema::plan::{Backfill, Direction, PlanOptions, plan};
use seedbed_schema::read::{SourceFile, read_sources};
use seedbed_schema::sql::SqlExpr;

#[test]
fn plans_are_as_the_case_files_say() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/plan");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    files.sort();
    assert!(!files.is_empty(), "no case files in {}", folder.display());
    let mut wrong = String::new();
    for path in files {
        let text = std::fs::read_to_string(&path)?;
        let (head, cases) = split(&text);
        assert!(!cases.is_empty(), "no case in {}", path.display());
        let mut updated = head.to_owned();
        for case in cases {
            let (input, expected) = case
                .split_once("\n```sql up\n")
                .or_else(|| case.split_once("\n```text open\n"))
                .unwrap_or((case, ""));
            let found = check(input).map_err(|fault| format!("{}: {fault}\n{input}", path.display()))?;
            let input = input.trim_end();
            write!(updated, "{input}\n\n{found}\n")?;
            let expected = case[case.len() - expected.len()..].trim_end();
            if !found.trim_end().ends_with(expected) || expected.is_empty() {
                writeln!(wrong, "{}: {}\n{found}", path.display(), input.lines().next().unwrap_or_default())?;
            }
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, updated.trim_end().to_owned() + "\n")?;
        }
    }
    assert!(wrong.is_empty() || std::env::var_os("UPDATE").is_some(), "other than expected:\n{wrong}");
    Ok(())
}

/// Returns the text before the first case, and the cases.
fn split(text: &str) -> (&str, Vec<&str>) {
    let starts: Vec<usize> = text.match_indices("\n## ").map(|(at, _)| at + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let head = &text[..starts.first().copied().unwrap_or(text.len())];
    (head, starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect())
}

fn check(input: &str) -> Result<String, Box<dyn std::error::Error>> {
    let (before, after) = (schema(input, "rust before")?, schema(input, "rust after")?);
    let mut renames = Renames::default();
    let mut options = PlanOptions::default();
    for line in input.lines() {
        if let Some(rename) = line.strip_prefix("rename: ") {
            let (from, to) = rename.split_once(':').ok_or("a rename is old:new")?;
            renames = match from.split_once('.') {
                Some((table, column)) => renames.column(table, column, to),
                None => renames.table(from, to),
            };
        } else if let Some(backfill) = line.strip_prefix("backfill: ") {
            let (place, expr) = backfill.split_once('=').ok_or("a backfill is table.column=expr")?;
            let (table, column) = place.split_once('.').ok_or("a backfill is table.column=expr")?;
            let (table, column, expr) = (table.to_owned(), column.to_owned(), SqlExpr::new(expr));
            options.backfills.push(Backfill { table, column, expr });
        } else if line == "others: new" {
            renames = renames.nothing_else();
        } else if let Some(version) = line.strip_prefix("sqlite: ") {
            let parts: Vec<u32> = version.split('.').map(str::parse).collect::<Result<_, _>>()?;
            options.sqlite_version = (parts[0], parts[1], parts[2]);
        }
    }
    let difference = diff(&before, &after, &renames)?;
    let mut open: Vec<String> = Vec::new();
    for ambiguity in &difference.ambiguities {
        let candidates: Vec<String> = ambiguity
            .candidates
            .iter()
            .map(|candidate| {
                format!("--rename {} ({} alike)", ambiguity.flag(&candidate.name), candidate.similarity)
            })
            .collect();
        open.push(format!("`{}` is new, or {}", ambiguity.created, candidates.join(", ")));
    }
    if open.is_empty() {
        match plan(&difference, &options) {
            Ok(up) => {
                options.direction = Direction::Reverse;
                options.backfills.clear();
                let down = plan(&difference.reverse()?, &options)
                    .map_err(|questions| format!("no way back: {questions:?}"))?;
                let name = migration_name(&difference);
                return Ok(format!(
                    "```sql up\n-- {name}\n{}```\n\n```sql down\n{}```\n",
                    up.to_sql(),
                    down.to_sql()
                ));
            }
            Err(questions) => open.extend(questions.iter().map(ToString::to_string)),
        }
    }
    Ok(format!("```text open\n{}\n```\n", open.join("\n")))
}

fn schema(input: &str, label: &str) -> Result<Schema, Box<dyn std::error::Error>> {
    let Some((_, rest)) = input.split_once(&format!("```{label}\n")) else { return Ok(Schema::default()) };
    let (text, _) = rest.split_once("```").ok_or("a block without an end")?;
    let file = SourceFile { path: "src/schema.rs".to_owned(), text: text.to_owned() };
    Ok(read_sources(&[file]).map_err(|faults| faults.to_string())?)
}
