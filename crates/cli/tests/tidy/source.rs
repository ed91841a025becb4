//! The files of the workspace, and their code without comments.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scanner;

/// A text file of the workspace.
pub(crate) struct SourceFile {
    /// Where it is, from the root of the workspace, with forward slashes.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl SourceFile {
    /// Returns the code: comments become nothing.
    pub(crate) fn code(&self) -> String {
        scanner::without_comments(&self.text)
    }

    /// Returns the code up to the file's own tests, which stand last.
    pub(crate) fn code_without_tests(&self) -> String {
        let code = self.code();
        let end = code.find("#[cfg(test)]\nmod ").unwrap_or(code.len());
        code[..end].to_owned()
    }

    /// Whether the file is a case that a test feeds to a compiler or a reader, which has no job of its own.
    pub(crate) fn is_case(&self) -> bool {
        self.path.split('/').any(|folder| ["ui", "cases", "fixtures"].contains(&folder))
    }
}

/// Returns the root of the workspace.
pub(crate) fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Returns the Rust files of our crates: sources, tests and benches. This test's own are left out, since they
/// plant every breach that they look for.
pub(crate) fn rust_files() -> Vec<SourceFile> {
    let files = text_files().into_iter().filter(|file| {
        file.path.ends_with(".rs")
            && (file.path.starts_with("crates/") || file.path.starts_with("sprout/"))
            && !file.path.starts_with("crates/cli/tests/tidy/")
    });
    let files: Vec<_> = files.collect();
    assert!(files.len() > 20, "the crates are where they were");
    files
}

/// Returns every text file of the workspace that a person wrote.
pub(crate) fn text_files() -> Vec<SourceFile> {
    let root = workspace_root();
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".git", "node_modules"].contains(&name.as_str()) {
                collect(root, &path, files);
            }
        } else if name != "Cargo.lock"
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.push(SourceFile { path, text });
        }
    }
}
