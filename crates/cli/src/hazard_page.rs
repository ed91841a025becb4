//! The page about hazards, built in: whoever installed the command has no docs folder.

use seedbed_schema::plan::HazardCode;

const PAGE: &str = include_str!("../../../docs/hazards.md");

/// Returns what the page says about a hazard, without the heading.
pub(crate) fn section(code: HazardCode) -> &'static str {
    let heading = format!("\n## {code}\n");
    let text = PAGE.split_once(&heading).map_or("", |(_, behind)| behind);
    text.split_once("\n## ").map_or(text, |(section, _)| section).trim()
}

/// Returns the way to read that section.
pub(crate) fn reference(code: HazardCode) -> String {
    format!("`seedbed lint --explain {code}` tells what to do about it")
}
