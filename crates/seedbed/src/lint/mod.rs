//! What migrations can cost: the hazards that the planner wrote into them, and those of SQL that was written by hand.
//!
//! ```
//! use seedbed::lint::lint;
//!
//! let sql = "DELETE FROM users;\n-- seedbed: allow drop-table logs because nobody reads them\nDROP TABLE logs;";
//! let found = lint("0001_x.sql", sql, Some("SELECT 1")).unwrap();
//! assert_eq!(found[0].hazard.to_string(), "delete-rows users: a DELETE without WHERE takes every row");
//! assert_eq!(found[1].allowed.as_deref(), Some("nobody reads them"));
//! ```

mod by_hand;
mod question;
mod rows;

use seedbed_schema::plan::{Hazard, HazardCode, Severity};

use crate::migrate::Failure;
use crate::migrate::script::{Script, is_same};

pub use rows::{Count, Rows, count};

/// A hazard with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What can happen.
    pub hazard: Hazard,
    /// The line in the file, from 1.
    pub line: usize,
    /// Why it is allowed, if the file allows it.
    pub allowed: Option<String>,
    /// What it meets in a database, where one was asked.
    pub count: Option<Count>,
}

impl Finding {
    /// Whether a person has to agree first: data can be lost or rows can make it fail, and the file does not allow it. What
    /// meets no row of the database that was asked is harmless there.
    pub fn needs_consent(&self) -> bool {
        let is_harmless = matches!(&self.count, Some(Count::Rows(found)) if found.rows == 0);
        self.allowed.is_none() && self.hazard.code.severity() >= Severity::Failure && !is_harmless
    }
}

/// Returns the hazards of a migration, in the order of their lines. `down` is its way back, if it has one.
///
/// # Errors
///
/// When the file cannot be read as a script.
pub fn lint(file: &str, up: &str, down: Option<&str>) -> Result<Vec<Finding>, Failure> {
    let script = Script::parse(file, up).map_err(|error| Failure::script(file, error))?;
    let mut found: Vec<(usize, Hazard)> = script
        .hazards
        .iter()
        .map(|line| {
            let noted = || Hazard::new(HazardCode::Noted, "", None, line.text.clone());
            (line.line, Hazard::parse(&line.text).unwrap_or_else(noted))
        })
        .collect();
    let written = found.clone();
    let is_written = |hazard: &Hazard| {
        written
            .iter()
            .any(|(_, known)| known.code == hazard.code && is_same(&known.subject(), &hazard.subject()))
    };
    found.extend(by_hand::hazards(&script).into_iter().filter(|(_, hazard)| !is_written(hazard)));
    found.extend(of_file(&script, up, down));
    let allowance = |hazard: &Hazard| script.allows.iter().find(|allow| allow.covers(hazard));
    let mut findings: Vec<Finding> = found
        .into_iter()
        .map(|(line, hazard)| {
            let allowed = allowance(&hazard).map(|allow| allow.reason.clone());
            Finding { hazard, line, allowed, count: None }
        })
        .collect();
    for allow in &script.allows {
        if !findings.iter().any(|finding| allow.covers(&finding.hazard)) {
            let text = format!("the file has no {} of that name to allow", allow.code);
            let hazard = Hazard::new(HazardCode::IdleAllow, &allow.subject, None, text);
            findings.push(Finding { hazard, line: allow.line, allowed: None, count: None });
        }
    }
    findings.sort_by_key(|finding| finding.line);
    Ok(findings)
}

/// Finds what is about the file as a whole.
fn of_file(script: &Script, up: &str, down: Option<&str>) -> Vec<(usize, Hazard)> {
    let line_of = |directive: &str| {
        up.lines().position(|line| line.starts_with("--") && line.contains(directive)).map_or(1, |at| at + 1)
    };
    let mut found = Vec::new();
    let mut push = |line: usize, code: HazardCode, text: &str| {
        found.push((line, Hazard::new(code, "", None, text)));
    };
    if script.no_transaction {
        push(line_of("no-transaction"), HazardCode::NoTransaction, "a failure leaves the file half done");
    }
    if script.skip_replay {
        push(line_of("skip-replay"), HazardCode::SkipReplay, "the file is not tried in memory");
    }
    let leads_back =
        |down: &str| Script::parse("down", down).map_or(true, |script| !script.statements.is_empty());
    if !script.statements.is_empty() && !down.is_some_and(leads_back) {
        push(1, HazardCode::NoWayBack, "there is no way back, so a rollback stops here");
    }
    found
}
