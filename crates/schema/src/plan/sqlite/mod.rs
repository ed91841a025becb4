//! The order of things on SQLite.
//!
//! ```text
//! drop triggers and views → drop indexes → drop tables → rename tables → rename columns → create tables
//!            → alter or rebuild each table → create indexes → create views and triggers
//! ```
//!
//! Views and triggers go first and come last because SQLite checks them whenever a table they read changes. Renames
//! are always plain ALTER statements, so that SQLite carries triggers, views and references along; a rebuild comes
//! after them and knows new names only. The runner switches foreign keys off around rebuilds and dropped tables, so the order
//! between parents and children is one of taste.

mod alter;
mod around;
mod hazards;
mod kept;
mod rebuild;
mod renames;

use super::order::parents_first;
use super::render::{create_index, create_table};
use super::{
    Backfill, Direction, Hazard, HazardCode, Plan, PlanOptions, Question, QuestionKind, RunBy, Step,
};
use crate::diff::{SchemaDiff, TableDiff};
use crate::model::{Column, ForeignKey, Table, TableIndex};
use crate::sql::quote_identifier;
use around::Around;

/// What every part of the planner looks things up in.
struct Context<'a> {
    diff: &'a SchemaDiff,
    options: &'a PlanOptions,
}

impl Context<'_> {
    /// Returns the value that the author gave for rows that are there, from the flags or from the code.
    fn backfill<'b>(&'b self, table: &str, column: &'b Column) -> Option<&'b str> {
        let matches = |given: &&Backfill| {
            given.table.eq_ignore_ascii_case(table) && given.column.eq_ignore_ascii_case(&column.name)
        };
        let flag = self.options.backfills.iter().find(matches).map(|given| &given.expr);
        flag.or(column.backfill.as_ref()).map(crate::sql::SqlExpr::as_str)
    }

    /// ALTER COLUMN … NOT NULL and ADD/DROP CONSTRAINT came with 3.54, <https://www.sqlite.org/lang_altertable.html>.
    fn alters_constraints(&self) -> bool {
        self.options.sqlite_version >= (3, 54, 0)
    }

    /// DROP COLUMN came with 3.35.
    fn drops_columns(&self) -> bool {
        self.options.sqlite_version >= (3, 35, 0)
    }

    /// Whether the migrator runs the plan, and so keeps what is lost.
    fn keeps_values(&self) -> bool {
        self.options.run_by == RunBy::Migrator
    }

    fn is_reverse(&self) -> bool {
        self.options.direction == Direction::Reverse
    }
}

/// Plans a difference for SQLite.
pub(super) fn plan(diff: &SchemaDiff, options: &PlanOptions) -> Result<Plan, Vec<Question>> {
    let context = Context { diff, options };
    let mut steps = Vec::new();
    let mut questions = if context.is_reverse() { Vec::new() } else { unfit_foreign_keys(diff) };
    let mut around = Around::new(diff, options.run_by == RunBy::Shell);

    drop_indexes(diff, &mut steps);
    drop_tables(diff, &mut steps);
    renames::plan_tables(diff, &mut steps);
    let freed = free_renamed_keys(diff, &context, &mut steps);
    freed.iter().for_each(|table| around.rebuilt(table));
    renames::plan_columns(diff, &mut steps);
    create_tables(diff, &context, &mut steps);
    for table in changed_tables_in_order(diff) {
        let freed = freed.iter().find(|freed| freed.after.name == table.after.name);
        let table = freed.unwrap_or(table);
        let built = if rebuild::is_needed(table, &context) {
            rebuild::plan(table, &context)
        } else {
            alter::plan(table, &context)
        };
        match built {
            Ok(of_table) => {
                around.see(table, &of_table);
                steps.extend(of_table);
            }
            Err(open) => questions.extend(open),
        }
    }
    if !questions.is_empty() {
        return Err(questions);
    }
    let (first, last) = around.steps();
    Ok(Plan { steps: [first, steps, last].concat(), run_by: options.run_by })
}

/// Whether SQLite takes no row for the key: its target is there and is no key.
fn is_unfit(key: &ForeignKey, tables: &TableIndex<'_>) -> bool {
    let Some(parent) = tables.get(&key.referenced_table) else { return false };
    if key.referenced_columns.is_empty() {
        return parent.primary_key.as_ref().is_none_or(|primary| primary.columns.len() != key.columns.len());
    }
    !parent.is_parent_key(&key.referenced_columns)
}

/// Returns the wanted foreign keys whose target is there and is no key. One that is there as it is wanted came with a
/// database of other origin, and is nobody's question now.
fn unfit_foreign_keys(diff: &SchemaDiff) -> Vec<Question> {
    let tables = TableIndex::new(&diff.after);
    let tables_before = TableIndex::new(&diff.before);
    let mut questions = Vec::new();
    for (table, key) in
        diff.after.tables.iter().flat_map(|table| table.foreign_keys.iter().map(move |key| (table, key)))
    {
        let Some(parent) = tables.get(&key.referenced_table).filter(|_| is_unfit(key, &tables)) else {
            continue;
        };
        let before = tables_before.get(&diff.renames.old_table(&table.name));
        let was_there = before.is_some_and(|before| before.foreign_keys.contains(key));
        if !(was_there && is_unfit(key, &tables_before)) {
            let text = format!(
                "`{}` ({}) refers to `{}` ({}), which is neither its primary key nor unique: make it so, or refer to what is",
                table.name,
                key.columns.join(", "),
                parent.name,
                key.referenced_columns.join(", ")
            );
            let column = key.columns.first().cloned();
            questions.push(Question {
                kind: QuestionKind::NotUnique,
                table: table.name.clone(),
                column,
                text,
            });
        }
    }
    questions
}

/// Indexes go first: SQLite drops no column that one is on, and an index that the plan dropped by name is not put
/// back by the runner.
fn drop_indexes(diff: &SchemaDiff, steps: &mut Vec<Step>) {
    for table in &diff.tables {
        for index in &table.dropped_indexes {
            let comment = format!("Drop index \"{}\".", index.name);
            steps.push(Step::new(comment, format!("DROP INDEX {}", quote_identifier(&index.name))));
        }
    }
}

fn drop_tables(diff: &SchemaDiff, steps: &mut Vec<Step>) {
    let tables: Vec<&Table> = diff.dropped_tables.iter().filter_map(|name| diff.before.table(name)).collect();
    let mut ordered = parents_first(&tables);
    ordered.reverse();
    for table in ordered {
        let hazard =
            Hazard::new(HazardCode::DropTable, &table.name, None, "the table and all its rows are dropped");
        let statement = format!("DROP TABLE {}", quote_identifier(&table.name));
        steps.push(Step::new(format!("Drop table \"{}\".", table.name), statement).with_hazard(hazard));
    }
}

/// Takes the UNIQUE constraints from tables on which SQLite 3.54 cannot rename a column: WITHOUT ROWID tables of which
/// a UNIQUE constraint shares the column with the primary key ("no such column" or "expressions prohibited in PRIMARY
/// KEY and UNIQUE constraints"). Returns what is left to do on them, the constraints included.
fn free_renamed_keys(diff: &SchemaDiff, context: &Context<'_>, steps: &mut Vec<Step>) -> Vec<TableDiff> {
    let mut freed = Vec::new();
    for table in
        diff.tables.iter().filter(|table| table.before.without_rowid && !table.renamed_columns.is_empty())
    {
        let in_key = |name: &str| {
            let parts = table.before.primary_key.iter().flat_map(|key| &key.columns);
            parts.into_iter().any(|part| part.name.eq_ignore_ascii_case(name))
        };
        let is_hit = |name: &str| {
            let parts = table.before.uniques.iter().flat_map(|unique| &unique.columns);
            in_key(name) && parts.into_iter().any(|part| part.name.eq_ignore_ascii_case(name))
        };
        let Some(was) = diff.before.table(&diff.renames.old_table(&table.after.name)) else { continue };
        if !table.renamed_columns.iter().any(|(_, to)| is_hit(to)) {
            continue;
        }
        let named = Table { name: table.after.name.clone(), ..was.clone() };
        let mut bare = Table { uniques: Vec::new(), ..named.clone() };
        bare.indexes.retain(|index| !table.dropped_indexes.iter().any(|dropped| dropped.name == index.name));
        let without = TableDiff { dropped_uniques: was.uniques.clone(), ..TableDiff::between(named, bare) };
        if let Ok(rebuilt) = rebuild::plan(&without, context) {
            steps.extend(rebuilt);
            let before = Table { uniques: Vec::new(), ..table.before.clone() };
            freed.push(TableDiff { before, added_uniques: table.after.uniques.clone(), ..table.clone() });
        }
    }
    freed
}

fn create_tables(diff: &SchemaDiff, context: &Context<'_>, steps: &mut Vec<Step>) {
    let tables: Vec<&Table> = diff.created_tables.iter().filter_map(|name| diff.after.table(name)).collect();
    for table in parents_first(&tables) {
        let mut step =
            Step::new(format!("Create table \"{}\".", table.name), create_table(table, &table.name));
        if let Some((directive, statement)) = kept::refill(table, context) {
            step.directives.push(directive);
            step.statements.push(statement);
        }
        step.statements.extend(table.indexes.iter().map(|index| create_index(&table.name, index)));
        steps.push(step);
    }
}

fn changed_tables_in_order(diff: &SchemaDiff) -> Vec<&TableDiff> {
    let tables: Vec<&Table> = diff.tables.iter().map(|table| &table.after).collect();
    let ordered = parents_first(&tables);
    ordered
        .into_iter()
        .filter_map(|after| diff.tables.iter().find(|table| std::ptr::eq(&raw const table.after, after)))
        .collect()
}
