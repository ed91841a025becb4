//! Compares one table with itself, before and after.

use super::Diff;
use super::renames::{Renames, VariantRename};
use crate::model::{Check, Column, ForeignKey, Index, PrimaryKey, Table, Unique};

/// A column on both sides that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDiff {
    /// As it is, under its new name.
    pub before: Column,
    /// As it is wanted.
    pub after: Column,
    /// Texts of its enum that change; rows are converted.
    pub variants: Vec<VariantRename>,
}

impl ColumnDiff {
    /// The column's name afterwards.
    pub fn name(&self) -> &str {
        &self.after.name
    }
}

/// A table on both sides that differs. Names of columns are those of afterwards on both sides.
#[derive(Debug, Clone)]
pub struct TableDiff {
    /// The table as it is, renames applied.
    pub before: Table,
    /// The table as it is wanted.
    pub after: Table,
    /// Columns that get a new name: from, to.
    pub renamed_columns: Vec<(String, String)>,
    /// Columns that are new.
    pub added_columns: Vec<Column>,
    /// Columns that go.
    pub dropped_columns: Vec<Column>,
    /// Columns that change.
    pub changed_columns: Vec<ColumnDiff>,
    /// The primary key, when it changes.
    pub primary_key: Option<Diff<Option<PrimaryKey>>>,
    /// STRICT and WITHOUT ROWID, when one changes.
    pub options_changed: bool,
    /// UNIQUE constraints that are new.
    pub added_uniques: Vec<Unique>,
    /// UNIQUE constraints that go.
    pub dropped_uniques: Vec<Unique>,
    /// Foreign keys that are new.
    pub added_foreign_keys: Vec<ForeignKey>,
    /// Foreign keys that go.
    pub dropped_foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints that are new.
    pub added_checks: Vec<Check>,
    /// CHECK constraints that go.
    pub dropped_checks: Vec<Check>,
    /// Indexes that are new.
    pub added_indexes: Vec<Index>,
    /// Indexes that go.
    pub dropped_indexes: Vec<Index>,
}

impl TableDiff {
    /// Makes a difference of nothing, to be filled in.
    pub(crate) fn between(before: Table, after: Table) -> Self {
        Self {
            before,
            after,
            renamed_columns: Vec::new(),
            added_columns: Vec::new(),
            dropped_columns: Vec::new(),
            changed_columns: Vec::new(),
            primary_key: None,
            options_changed: false,
            added_uniques: Vec::new(),
            dropped_uniques: Vec::new(),
            added_foreign_keys: Vec::new(),
            dropped_foreign_keys: Vec::new(),
            added_checks: Vec::new(),
            dropped_checks: Vec::new(),
            added_indexes: Vec::new(),
            dropped_indexes: Vec::new(),
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.renamed_columns.is_empty()
            && self.added_columns.is_empty()
            && self.dropped_columns.is_empty()
            && self.changed_columns.is_empty()
            && self.primary_key.is_none()
            && !self.options_changed
            && self.added_uniques.is_empty()
            && self.dropped_uniques.is_empty()
            && self.added_foreign_keys.is_empty()
            && self.dropped_foreign_keys.is_empty()
            && self.added_checks.is_empty()
            && self.dropped_checks.is_empty()
            && self.added_indexes.is_empty()
            && self.dropped_indexes.is_empty()
    }
}

/// Compares a table, `before` and `after` as declared, with the normal forms of both.
pub(super) fn compare(
    before: &Table,
    after: &Table,
    normal_before: &Table,
    normal_after: &Table,
    renames: &Renames,
) -> TableDiff {
    let mine = |rename: &&VariantRename| rename.table.eq_ignore_ascii_case(&after.name);
    let variants: Vec<VariantRename> = renames.variants.iter().filter(mine).cloned().collect();
    let mut changed_columns = Vec::new();
    for column in &after.columns {
        let (Some(was), Some(is)) = (normal_before.column(&column.name), normal_after.column(&column.name))
        else {
            continue;
        };
        let of_column = |rename: &&VariantRename| rename.column.eq_ignore_ascii_case(&column.name);
        let variants: Vec<VariantRename> = variants.iter().filter(of_column).cloned().collect();
        let name_aside = Column { name: is.name.clone(), ..was.clone() };
        if name_aside != *is || !variants.is_empty() {
            let declared = before.column(&column.name).unwrap_or(was).clone();
            changed_columns.push(ColumnDiff { before: declared, after: column.clone(), variants });
        }
    }
    let lacks = |table: &Table, name: &str| table.column(name).is_none();
    let of_table = |rename: &&super::ColumnRename| rename.table.eq_ignore_ascii_case(&after.name);
    let renamed =
        renames.columns.iter().filter(of_table).map(|rename| (rename.from.clone(), rename.to.clone()));
    let key_differs = normal_before.primary_key != normal_after.primary_key;
    TableDiff {
        before: before.clone(),
        after: after.clone(),
        renamed_columns: renamed.collect(),
        added_columns: after.columns.iter().filter(|column| lacks(before, &column.name)).cloned().collect(),
        dropped_columns: before.columns.iter().filter(|column| lacks(after, &column.name)).cloned().collect(),
        changed_columns,
        primary_key: key_differs
            .then(|| Diff { before: before.primary_key.clone(), after: after.primary_key.clone() }),
        options_changed: before.strict != after.strict || before.without_rowid != after.without_rowid,
        added_uniques: only_in(&normal_after.uniques, &normal_before.uniques),
        dropped_uniques: only_in(&normal_before.uniques, &normal_after.uniques),
        added_foreign_keys: only_in(&normal_after.foreign_keys, &normal_before.foreign_keys),
        dropped_foreign_keys: only_in(&normal_before.foreign_keys, &normal_after.foreign_keys),
        added_checks: only_in(&normal_after.checks, &normal_before.checks),
        dropped_checks: only_in(&normal_before.checks, &normal_after.checks),
        added_indexes: only_in(&normal_after.indexes, &normal_before.indexes),
        dropped_indexes: only_in(&normal_before.indexes, &normal_after.indexes),
    }
}

/// Returns what `these` hold and `those` do not, counting repetitions.
fn only_in<T: PartialEq + Clone>(these: &[T], those: &[T]) -> Vec<T> {
    let mut rest: Vec<&T> = those.iter().collect();
    let mut found = Vec::new();
    for this in these {
        match rest.iter().position(|that| *that == this) {
            Some(at) => {
                rest.swap_remove(at);
            }
            None => found.push(this.clone()),
        }
    }
    found
}
