//! What the reader lets pass, SQLite takes: every schema of the reader's case files is made in a database, inspected,
//! and must be the schema that was declared.

use std::error::Error as StdError;
use std::fs;
use std::path::{Path, PathBuf};

use seedbed::inspect::inspect;
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::normalize::observable;
use seedbed_schema::plan::create_statements;
use seedbed_schema::read::{SourceFile, read_tree};

type Result<T = (), E = Box<dyn StdError>> = std::result::Result<T, E>;

/// The source blocks of every case, with its title.
fn cases(text: &str) -> Vec<(String, Vec<SourceFile>)> {
    let mut cases: Vec<(String, Vec<SourceFile>)> = Vec::new();
    let mut is_source = false;
    for line in text.lines() {
        let Some((_, files)) = cases.last_mut().filter(|_| !line.starts_with("## ")) else {
            if let Some(title) = line.strip_prefix("## ") {
                cases.push((title.to_owned(), Vec::new()));
            }
            continue;
        };
        if let Some(label) = line.strip_prefix("```") {
            is_source = label.starts_with("rust");
            if is_source {
                let path = label.trim_start_matches("rust").trim();
                let path = if path.is_empty() { "src/schema.rs" } else { path };
                files.push(SourceFile { path: path.to_owned(), text: String::new() });
            }
        } else if let Some(file) = files.last_mut().filter(|_| is_source) {
            file.text.push_str(line);
            file.text.push('\n');
        }
    }
    cases
}

#[test]
fn sqlite_takes_every_schema_that_the_reader_lets_pass() -> Result {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/tests/cases/read");
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    let mut made = 0;
    for path in paths {
        for (title, files) in cases(&fs::read_to_string(&path)?) {
            let root = files.first().ok_or("a case has no source")?;
            let load =
                |path: &str| Ok(files.iter().find(|file| file.path == path).map(|file| file.text.clone()));
            let Ok(schema) = read_tree(root, load) else { continue };
            let connection = rusqlite::Connection::open_in_memory()?;
            for statement in create_statements(&schema) {
                connection
                    .execute_batch(&statement)
                    .map_err(|error| format!("{title}: {error}\n{statement}"))?;
            }
            // SQLite says "foreign key mismatch" only when a key is looked at.
            connection
                .execute_batch("PRAGMA foreign_key_check")
                .map_err(|error| format!("{title}: {error}"))?;
            let live = inspect(&connection)?;
            let difference = diff(&live, &observable(&schema), &Renames::default())?;
            assert!(difference.is_empty(), "{title}: {:?}", difference.changes());
            made += 1;
        }
    }
    assert!(made > 20, "only {made} schemas were made");
    Ok(())
}
