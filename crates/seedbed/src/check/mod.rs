//! Checks a migrations folder by itself, without a database: everything that is wrong comes at once.
//!
//! ```text
//! journal, files, snapshots ─► do they belong together? one branch, or two that were merged?
//! each file ─► run in memory ─► inspect = its snapshot?  ─► its way back on a copy ─► as before?
//! ```
//!
//! ```
//! use seedbed::check::check;
//! use seedbed::migrate::Folder;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # std::fs::create_dir(folder.path().join("meta"))?;
//! # std::fs::write(folder.path().join("meta/_journal.json"), r#"{"version":"7","dialect":"sqlite","entries":[
//! #     {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#)?;
//! # std::fs::write(folder.path().join("0000_base.sql"), "CREATE TABEL users (id TEXT);")?;
//! let report = check(&Folder::new(folder.path()))?;
//! let fault = report.findings.iter().find(|finding| finding.code.as_str() == "refused").unwrap();
//! assert_eq!((fault.line, fault.message.as_str()), (Some(1), "near \"TABEL\": syntax error"));
//! # Ok(())
//! # }
//! ```

pub(crate) mod branches;
mod chain;
pub(crate) mod files;
mod finding;
pub(crate) mod layout;
mod mend;
pub(crate) mod state;
mod way_back;

use layout::{JournalState, Layout};

pub use finding::{Finding, FindingCode};

use crate::migrate::{Folder, FolderError};

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// Everything, what only is worth knowing as well.
    pub findings: Vec<Finding>,
    /// How many migrations the folder has.
    pub migrations: usize,
    /// How many of them were run in memory.
    pub tried: usize,
}

impl CheckReport {
    /// Returns what is wrong.
    pub fn faults(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_fault())
    }
}

/// Checks a folder.
///
/// # Errors
///
/// When the folder itself cannot be read. What is wrong in it is in the report.
pub fn check(folder: &Folder) -> Result<CheckReport, FolderError> {
    check_layout(folder, &Layout::read(folder)?)
}

/// Mends what can be mended without a person, and returns what was done, in words. SQL files are left alone.
///
/// Snapshots that are missing or wrong are made anew from what the files make; the journal is put in order; what a killed
/// write left behind is removed or finished. [`check`] says afterwards what is left.
///
/// # Errors
///
/// When the folder cannot be read or written; then it is as it was.
pub fn mend(folder: &Folder) -> Result<Vec<String>, FolderError> {
    let mut done = Vec::new();
    loop {
        let layout = Layout::read(folder)?;
        let report = check_layout(folder, &layout)?;
        done.extend(mend::mend(folder, &layout, &report.findings)?);
        if !layout.is_interrupted {
            return Ok(done);
        }
    }
}

fn check_layout(folder: &Folder, layout: &Layout) -> Result<CheckReport, FolderError> {
    let fork = branches::fork(layout);
    let mut report = CheckReport { migrations: layout.entries.len(), ..CheckReport::default() };
    if matches!(layout.journal, JournalState::Missing) && layout.strays.is_empty() {
        // An empty folder is in order; one of drizzle-kit 1.0 says so itself.
        folder.migrations()?;
    }
    files::look(layout, fork.as_ref(), &mut report.findings);
    // Two branches have no one order to run in; what both have is checked.
    let entries = match &fork {
        Some(fork) => fork.base.as_slice(),
        None if layout.is_in_order() => layout.entries.as_slice(),
        None => &[],
    };
    if !layout.is_interrupted {
        report.tried = chain::walk(layout, entries, &mut report.findings)
            .map_err(|error| FolderError::in_memory(folder.path(), &error))?;
    }
    // A file that is missing or holds a conflict is told once, by its better name.
    let told: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| matches!(finding.code, FindingCode::Conflict | FindingCode::Unreadable))
        .map(|finding| finding.file.clone())
        .collect();
    report.findings.retain(|finding| {
        !(matches!(finding.code, FindingCode::Refused | FindingCode::Script) && told.contains(&finding.file))
    });
    Ok(report)
}
