//! Where a schema may be when it is not where the settings say: Rust files below the project that derive `Table`.

use std::fs;
use std::path::{Path, PathBuf};

/// How deep below the project is looked.
const DEPTH: usize = 5;
/// How many files and folders are looked at.
const MOST: usize = 2000;
/// How many files are named.
const NAMED: usize = 3;

/// Returns the files that declare tables, the nearest first.
pub(super) fn schemas(project: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders, mut looked_at) = (Vec::new(), vec![(project.to_owned(), 0)], 0);
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            looked_at += 1;
            if looked_at > MOST {
                break;
            }
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if name.starts_with('.') || name == "target" || name == "node_modules" {
                continue;
            }
            if path.is_dir() {
                if depth < DEPTH {
                    folders.push((path, depth + 1));
                }
            } else if name.ends_with(".rs")
                && fs::read_to_string(&path).is_ok_and(|text| declares_tables(&text))
            {
                found.push((depth, path));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, path)| path).take(NAMED).collect()
}

fn declares_tables(text: &str) -> bool {
    let derives = |line: &str| {
        let names = line.trim_start().strip_prefix("#[derive(");
        names.is_some_and(|names| names.split(|c: char| !c.is_alphanumeric()).any(|name| name == "Table"))
    };
    text.lines().any(derives)
}

#[cfg(test)]
mod tests {
    use super::declares_tables;

    #[test]
    fn a_table_is_derived_by_name() {
        assert!(declares_tables("use x;\n    #[derive(Debug, seedbed::Table)]\nstruct A;"));
        assert!(!declares_tables("#[derive(TableRow)]\nstruct A; // #[derive(Table)]"));
    }
}
