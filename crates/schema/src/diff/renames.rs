//! Renames as data: where they come from, whether they can be, and what they do to a schema.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::model::{Index, IndexTerm, Schema, StoredForm, Table, TableIndex};
use crate::sql::SqlExpr;

/// A table's new name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRename {
    /// The name in the present schema.
    pub from: String,
    /// The name in the wanted schema.
    pub to: String,
}

/// A column's new name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRename {
    /// The table, by its name in the wanted schema.
    pub table: String,
    /// The name in the present schema.
    pub from: String,
    /// The name in the wanted schema.
    pub to: String,
}

/// A new text for a value of a text enum; rows are converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantRename {
    /// The table, by its name in the wanted schema.
    pub table: String,
    /// The column, by its name in the wanted schema.
    pub column: String,
    /// The stored text of before.
    pub from: String,
    /// The stored text of afterwards.
    pub to: String,
}

/// The answers to "is this new, or renamed?".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    /// Tables.
    pub tables: Vec<TableRename>,
    /// Columns.
    pub columns: Vec<ColumnRename>,
    /// Values of text enums.
    pub variants: Vec<VariantRename>,
    /// Whether everything that no rename names is new or dropped, so that nothing is left to ask.
    pub others_are_new: bool,
    /// Whether a new name may be that of something that goes. An author is asked to do that in two migrations; a way
    /// back has to do it in one, because what goes was added under a name that a rename had left.
    takes_names: bool,
}

/// What the name of a dropped column begins with while another takes its name over.
pub(crate) const ASIDE: &str = "__seedbed_dropped_";

impl VariantRename {
    /// Returns the rename that leads back.
    pub(crate) fn inverse(&self) -> Self {
        Self { from: self.to.clone(), to: self.from.clone(), ..self.clone() }
    }
}

/// A rename that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenameError {
    /// The rename, as `table:new` or `table.column:new`.
    pub rename: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rename `{}`: {}", self.rename, self.reason)
    }
}

impl std::error::Error for RenameError {}

impl Renames {
    /// Adds a table's rename.
    #[must_use]
    pub fn table(mut self, from: &str, to: &str) -> Self {
        self.tables.push(TableRename { from: from.to_owned(), to: to.to_owned() });
        self
    }

    /// Adds a column's rename; the table goes by its name in the wanted schema.
    #[must_use]
    pub fn column(mut self, table: &str, from: &str, to: &str) -> Self {
        self.columns.push(ColumnRename { table: table.to_owned(), from: from.to_owned(), to: to.to_owned() });
        self
    }

    /// Says that everything else is new or dropped.
    #[must_use]
    pub fn nothing_else(mut self) -> Self {
        self.others_are_new = true;
        self
    }

    /// Returns the renames that lead back, with nothing left to ask.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let swap_table =
            |rename: &TableRename| TableRename { from: rename.to.clone(), to: rename.from.clone() };
        let swap_column = |rename: &ColumnRename| ColumnRename {
            table: self.old_table(&rename.table),
            from: rename.to.clone(),
            to: rename.from.clone(),
        };
        let swap_variant = |rename: &VariantRename| VariantRename {
            table: self.old_table(&rename.table),
            column: self.old_column(&rename.table, &rename.column),
            from: rename.to.clone(),
            to: rename.from.clone(),
        };
        Self {
            tables: self.tables.iter().map(swap_table).collect(),
            columns: self
                .columns
                .iter()
                .filter(|rename| !rename.to.starts_with(ASIDE))
                .map(swap_column)
                .collect(),
            variants: self.variants.iter().map(swap_variant).collect(),
            others_are_new: true,
            takes_names: true,
        }
    }

    /// Returns the name that a table of the wanted schema has in the present one.
    pub fn old_table(&self, name: &str) -> String {
        let rename = self.tables.iter().find(|rename| rename.to.eq_ignore_ascii_case(name));
        rename.map_or_else(|| name.to_owned(), |rename| rename.from.clone())
    }

    /// Returns the name that a table of the present schema has in the wanted one.
    pub fn new_table(&self, name: &str) -> String {
        let rename = self.tables.iter().find(|rename| rename.from.eq_ignore_ascii_case(name));
        rename.map_or_else(|| name.to_owned(), |rename| rename.to.clone())
    }

    /// Returns the name that a column of the wanted schema has in the present one; the table goes by its new name.
    pub fn old_column(&self, table: &str, name: &str) -> String {
        let of_table = |rename: &&ColumnRename| rename.table.eq_ignore_ascii_case(table);
        let rename = self.columns.iter().filter(of_table).find(|rename| rename.to.eq_ignore_ascii_case(name));
        rename.map_or_else(|| name.to_owned(), |rename| rename.from.clone())
    }

    /// Whether a column of the table (by its new name) is renamed or one of its enum values is.
    pub(super) fn concern(&self, table: &str) -> bool {
        self.columns.iter().any(|rename| rename.table.eq_ignore_ascii_case(table))
            || self.variants.iter().any(|rename| rename.table.eq_ignore_ascii_case(table))
    }

    /// Adds the intents of the code to the given answers and checks them all. An intent that was carried out already
    /// (its old name is gone, or its new name is there) is passed over: code keeps them as long as it likes.
    pub(super) fn with_intents(&self, before: &Schema, after: &Schema) -> Result<Self, RenameError> {
        let (others_are_new, takes_names) = (self.others_are_new, self.takes_names);
        let mut all = Self { others_are_new, takes_names, ..Self::default() };
        // A view has no rows to keep: under another name it is dropped and made anew.
        let is_view =
            |rename: &TableRename| before.view(&rename.from).is_some() && after.view(&rename.to).is_some();
        // Names that differ in case only are one name to SQL.
        let is_same = |from: &str, to: &str| from.eq_ignore_ascii_case(to);
        let named_anew =
            self.tables.iter().filter(|rename| !is_view(rename) && !is_same(&rename.from, &rename.to));
        for rename in named_anew {
            all.add_table(rename.clone(), before, after)?;
        }
        for table in &after.tables {
            if let Some(from) = &table.renamed_from
                && before.table(from).is_some()
                && before.table(&table.name).is_none()
                && !all.tables.iter().any(|rename| rename.to.eq_ignore_ascii_case(&table.name))
            {
                all.add_table(TableRename { from: from.clone(), to: table.name.clone() }, before, after)?;
            }
        }
        for rename in self.columns.iter().filter(|rename| !is_same(&rename.from, &rename.to)) {
            all.add_column(rename.clone(), before, after)?;
        }
        let tables = TableIndex::new(before);
        for table in &after.tables {
            let Some(was) = tables.get(&all.old_table(&table.name)) else { continue };
            for column in &table.columns {
                let given = all.columns.iter().any(|rename| {
                    rename.table.eq_ignore_ascii_case(&table.name)
                        && rename.to.eq_ignore_ascii_case(&column.name)
                });
                if let Some(from) = &column.renamed_from
                    && !given
                    && was.column(from).is_some()
                    && was.column(&column.name).is_none()
                {
                    let rename = ColumnRename {
                        table: table.name.clone(),
                        from: from.clone(),
                        to: column.name.clone(),
                    };
                    all.add_column(rename, before, after)?;
                }
                all.add_variants(was, table, &column.name, &column.form);
            }
        }
        for rename in &self.variants {
            if !all.variants.contains(rename) {
                all.variants.push(rename.clone());
            }
        }
        all.free_taken_names(before)?;
        Ok(all)
    }

    /// A new name that something else has, and keeps, would make two things of one name: refused, or on the way back
    /// the column that goes is moved aside first. A table that goes is dropped before any rename.
    fn free_taken_names(&mut self, before: &Schema) -> Result<(), RenameError> {
        for rename in self.tables.iter().filter(|_| !self.takes_names) {
            let moves_away = self.tables.iter().any(|other| other.from.eq_ignore_ascii_case(&rename.to));
            if before.table(&rename.to).is_some() && !moves_away {
                let reason = format!(
                    "there is a table `{}` already; rename or drop it in a migration of its own first",
                    rename.to
                );
                return Err(RenameError { rename: format!("{}:{}", rename.from, rename.to), reason });
            }
        }
        let mut aside = Vec::new();
        for rename in &self.columns {
            let was = before.table(&self.old_table(&rename.table));
            let taken = was.and_then(|table| table.column(&rename.to));
            let moves_away = self.columns.iter().any(|other| {
                other.table.eq_ignore_ascii_case(&rename.table) && other.from.eq_ignore_ascii_case(&rename.to)
            });
            let Some(taken) = taken.filter(|_| !moves_away) else { continue };
            if !self.takes_names {
                let reason = format!(
                    "there is a column `{}.{}` already; rename or drop it in a migration of its own first",
                    rename.table, rename.to
                );
                return Err(RenameError {
                    rename: format!("{}.{}:{}", rename.table, rename.from, rename.to),
                    reason,
                });
            }
            let to = format!("{ASIDE}{}", taken.name);
            aside.push(ColumnRename { table: rename.table.clone(), from: taken.name.clone(), to });
        }
        self.columns.extend(aside);
        Ok(())
    }

    fn add_table(&mut self, rename: TableRename, before: &Schema, after: &Schema) -> Result<(), RenameError> {
        let fault =
            |reason: String| Err(RenameError { rename: format!("{}:{}", rename.from, rename.to), reason });
        if before.table(&rename.from).is_none() {
            return fault(format!("there is no table `{}` to rename", rename.from));
        }
        if after.table(&rename.to).is_none() {
            return fault(format!("the schema declares no table `{}`", rename.to));
        }
        let same_from = self.tables.iter().find(|other| other.from.eq_ignore_ascii_case(&rename.from));
        let same_to = self.tables.iter().find(|other| other.to.eq_ignore_ascii_case(&rename.to));
        if let Some(other) = same_from.or(same_to) {
            return fault(format!("it contradicts the rename `{}:{}`", other.from, other.to));
        }
        // `a:b` while `a` is still declared is right only when that `a` comes from elsewhere; then it is created anew.
        self.tables.push(rename);
        Ok(())
    }

    fn add_column(
        &mut self,
        rename: ColumnRename,
        before: &Schema,
        after: &Schema,
    ) -> Result<(), RenameError> {
        let fault = |reason: String| {
            Err(RenameError { rename: format!("{}.{}:{}", rename.table, rename.from, rename.to), reason })
        };
        let Some(table) = after.table(&rename.table) else {
            return fault(format!("the schema declares no table `{}`", rename.table));
        };
        let old_table = self.old_table(&table.name);
        let Some(was) = before.table(&old_table) else {
            return fault(format!("table `{}` is new, so it has no column to rename", rename.table));
        };
        if was.column(&rename.from).is_none() {
            return fault(format!("table `{old_table}` has no column `{}` to rename", rename.from));
        }
        if table.column(&rename.to).is_none() {
            return fault(format!("the schema declares no column `{}.{}`", rename.table, rename.to));
        }
        let of_table = |other: &&ColumnRename| other.table.eq_ignore_ascii_case(&rename.table);
        let clash = self.columns.iter().filter(of_table).find(|other| {
            other.from.eq_ignore_ascii_case(&rename.from) || other.to.eq_ignore_ascii_case(&rename.to)
        });
        if let Some(other) = clash {
            return fault(format!("it contradicts the rename `{}.{}:{}`", other.table, other.from, other.to));
        }
        self.columns.push(rename);
        Ok(())
    }

    fn add_variants(&mut self, was: &Table, table: &Table, column: &str, form: &StoredForm) {
        let StoredForm::TextEnum(variants) = form else { return };
        let old_name = self.old_column(&table.name, column);
        let Some(StoredForm::TextEnum(old)) = was.column(&old_name).map(|column| &column.form) else {
            return;
        };
        let was_there = |value: &str| old.iter().any(|variant| variant.value == value);
        for variant in variants {
            if let Some(from) = &variant.renamed_from
                && was_there(from)
                && !was_there(&variant.value)
            {
                let (table, column, to) = (table.name.clone(), column.to_owned(), variant.value.clone());
                self.variants.push(VariantRename { table, column, from: from.clone(), to });
            }
        }
    }

    /// Whether a table's name goes to another one, so that it has to go itself.
    fn is_replaced(&self, name: &str) -> bool {
        let is = |other: &String| other.eq_ignore_ascii_case(name);
        self.tables.iter().any(|rename| is(&rename.to)) && !self.tables.iter().any(|rename| is(&rename.from))
    }

    /// Returns the names of the tables that go because another takes their name.
    pub(super) fn replaced_tables(&self, before: &Schema) -> Vec<String> {
        let names = before.tables.iter().map(|table| table.name.clone());
        names.filter(|name| self.is_replaced(name)).collect()
    }

    /// Does to a schema what SQLite's `ALTER TABLE … RENAME` does: every place that names a renamed table or column
    /// names it anew.
    pub(crate) fn apply<'s>(&self, schema: &'s Schema) -> Cow<'s, Schema> {
        if self.tables.is_empty() && self.columns.is_empty() {
            return Cow::Borrowed(schema);
        }
        let mut renamed = schema.clone();
        let mut columns: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for rename in &self.columns {
            let of_table = columns.entry(rename.table.to_ascii_lowercase()).or_default();
            of_table.insert(rename.from.to_ascii_lowercase(), rename.to.clone());
        }
        renamed.tables.retain(|table| !self.is_replaced(&table.name));
        let none = BTreeMap::new();
        let columns_of = |new_table: &str| columns.get(&new_table.to_ascii_lowercase()).unwrap_or(&none);
        for table in &mut renamed.tables {
            let old_name = std::mem::take(&mut table.name);
            table.name = self.new_table(&old_name);
            for key in &mut table.foreign_keys {
                key.referenced_table = self.new_table(&key.referenced_table);
                let of_parent = columns_of(&key.referenced_table);
                key.referenced_columns.iter_mut().for_each(|name| rename_in_place(of_parent, name));
            }
            rename_columns(table, &old_name, columns_of(&table.name));
        }
        Cow::Owned(renamed)
    }
}

fn rename_in_place(columns: &BTreeMap<String, String>, name: &mut String) {
    if let Some(new_name) = columns.get(&name.to_ascii_lowercase()) {
        name.clone_from(new_name);
    }
}

/// Renames columns everywhere inside their own table.
fn rename_columns(table: &mut Table, old_table: &str, columns: &BTreeMap<String, String>) {
    if columns.is_empty() && table.name == old_table {
        return;
    }
    let in_expr = |expr: &mut SqlExpr| {
        let unqualified = expr.without_qualifier(old_table);
        *expr = unqualified.rename_identifiers(|name| columns.get(&name.to_ascii_lowercase()).cloned());
    };
    for column in &mut table.columns {
        rename_in_place(columns, &mut column.name);
        if let Some(generated) = &mut column.generated {
            in_expr(&mut generated.expr);
        }
    }
    let keys = table.primary_key.iter_mut().flat_map(|key| &mut key.columns);
    let uniques = table.uniques.iter_mut().flat_map(|unique| &mut unique.columns);
    keys.chain(uniques).for_each(|column| rename_in_place(columns, &mut column.name));
    for key in &mut table.foreign_keys {
        key.columns.iter_mut().for_each(|name| rename_in_place(columns, name));
    }
    table.checks.iter_mut().for_each(|check| in_expr(&mut check.expr));
    for Index { columns: parts, predicate, .. } in &mut table.indexes {
        for part in parts {
            match &mut part.term {
                IndexTerm::Column(name) => rename_in_place(columns, name),
                IndexTerm::Expr(expr) => in_expr(expr),
            }
        }
        if let Some(predicate) = predicate {
            in_expr(predicate);
        }
    }
}

/// Removes the author's intents from a schema.
pub(super) fn forget_intents(schema: &mut Schema) {
    for table in &mut schema.tables {
        table.renamed_from = None;
        for column in &mut table.columns {
            column.renamed_from = None;
            column.backfill = None;
            if let StoredForm::TextEnum(variants) = &mut column.form {
                variants.iter_mut().for_each(|variant| variant.renamed_from = None);
            }
        }
    }
}
