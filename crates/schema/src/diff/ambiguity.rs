//! What only the author can tell: whether something is new or has a new name.
//!
//! The similarity helps a person to choose; nothing is ever decided by it.

use super::tables::TableDiff;
use crate::model::{Column, Schema, Table};

/// Something new beside something gone: a rename, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguity {
    /// The table that holds the columns in question, by its new name; `None` when tables are in question.
    pub table: Option<String>,
    /// The name that is new.
    pub created: String,
    /// The names that are gone and could be its old name, the most similar first.
    pub candidates: Vec<Candidate>,
}

/// A name that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The name.
    pub name: String,
    /// How much the two have in common, from 0 to 100.
    pub similarity: u8,
}

impl Ambiguity {
    /// Returns the value of the `--rename` flag that would declare `candidate` the old name.
    pub fn flag(&self, candidate: &str) -> String {
        match &self.table {
            Some(table) => format!("{table}.{candidate}:{}", self.created),
            None => format!("{candidate}:{}", self.created),
        }
    }
}

/// Returns a question for every created table when tables were dropped, too.
pub(super) fn tables(
    before: &Schema,
    after: &Schema,
    dropped: &[String],
    created: &[String],
) -> Vec<Ambiguity> {
    let questions = created.iter().filter_map(|name| {
        let table = after.table(name)?;
        let old = dropped.iter().filter_map(|name| before.table(name));
        let candidates =
            old.map(|old| Candidate { name: old.name.clone(), similarity: table_similarity(old, table) });
        ambiguity(None, name, candidates.collect())
    });
    questions.collect()
}

/// Returns a question for every added column of a table that loses columns, too.
pub(super) fn columns(table: &TableDiff) -> Vec<Ambiguity> {
    let questions = table.added_columns.iter().filter_map(|column| {
        let candidates = table
            .dropped_columns
            .iter()
            .map(|old| Candidate { name: old.name.clone(), similarity: column_similarity(old, column) });
        ambiguity(Some(table.after.name.clone()), &column.name, candidates.collect())
    });
    questions.collect()
}

fn ambiguity(table: Option<String>, created: &str, mut candidates: Vec<Candidate>) -> Option<Ambiguity> {
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.similarity));
    (!candidates.is_empty()).then(|| Ambiguity { table, created: created.to_owned(), candidates })
}

/// Two thirds for what the tables hold, one third for what they are called.
fn table_similarity(before: &Table, after: &Table) -> u8 {
    let shared = after.columns.iter().filter(|column| {
        before.column(&column.name).is_some_and(|old| old.column_type == column.column_type)
    });
    let shared = shared.count();
    let all = before.columns.len() + after.columns.len() - shared;
    let by_columns = (shared * 100).checked_div(all).unwrap_or(0);
    ((by_columns * 2 + name_similarity(&before.name, &after.name)) / 3) as u8
}

fn column_similarity(before: &Column, after: &Column) -> u8 {
    let mut score = name_similarity(&before.name, &after.name) / 2;
    score += if before.column_type == after.column_type { 25 } else { 0 };
    score += if before.nullable == after.nullable { 10 } else { 0 };
    score += if before.default == after.default { 10 } else { 0 };
    score += if before.form == after.form && before.collation == after.collation { 5 } else { 0 };
    score.min(100) as u8
}

/// Dice's coefficient over pairs of neighbouring letters, from 0 to 100.
fn name_similarity(one: &str, other: &str) -> usize {
    let pairs = |name: &str| {
        let letters: Vec<char> = name.to_lowercase().chars().collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    };
    let (one, mut other) = (pairs(one), pairs(other));
    let total = one.len() + other.len();
    let shared = one.iter().filter(|pair| match other.iter().position(|found| found == *pair) {
        Some(at) => {
            other.swap_remove(at);
            true
        }
        None => false,
    });
    let shared = shared.count();
    (shared * 200).checked_div(total).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::name_similarity;

    #[test]
    fn similar_names_score_higher() {
        assert_eq!(name_similarity("name", "name"), 100);
        assert!(name_similarity("full_name", "name") > name_similarity("full_name", "age"));
        assert_eq!(name_similarity("a", "b"), 0);
    }
}
