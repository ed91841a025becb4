//! Turns a difference into SQL: the steps to take, what they can cost, and what only the author can answer.
//!
//! [`plan`] is pure. It assumes that every table has rows, so that no statement it writes is refused for a reason that
//! an empty table hides. What loses data, can fail on rows or copies a table is marked with a [`Hazard`].

mod conversion;
mod hazard;
mod order;
mod render;
mod sqlite;

pub use hazard::{Hazard, HazardCode, Severity};
pub use render::{create_script, create_statements};

use serde::Serialize;
use std::fmt;

use crate::diff::SchemaDiff;
use crate::model::Dialect;
use crate::sql::SqlExpr;

/// What the planner needs to know besides the difference.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// The database that the SQL is for.
    pub dialect: Dialect,
    /// The oldest SQLite that will run it, as major, minor, patch.
    pub sqlite_version: (u32, u32, u32),
    /// Values for rows that are there, beside those in the code.
    pub backfills: Vec<Backfill>,
    /// Whether the plan leads on or back.
    pub direction: Direction,
    /// Who runs it.
    pub run_by: RunBy,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            dialect: Dialect::Sqlite,
            sqlite_version: (3, 54, 0),
            backfills: Vec::new(),
            direction: Direction::Forward,
            run_by: RunBy::Migrator,
        }
    }
}

/// Which way a plan leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// To a new schema: a value that nobody gave is a question.
    #[default]
    Forward,
    /// Back to an old one: a value that is gone is replaced by a placeholder, and the hazard says so.
    Reverse,
}

/// Who runs a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RunBy {
    /// The migrator, which keeps foreign keys from acting and puts back what hangs on rebuilt tables.
    #[default]
    Migrator,
    /// Any program that runs SQL: the plan takes away and makes again by itself the views that a rebuild would break.
    Shell,
}

/// A value for the rows that are there when a column is added or becomes NOT NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// The table, by its new name.
    pub table: String,
    /// The column, by its new name.
    pub column: String,
    /// An SQL expression over the table's other columns.
    pub expr: SqlExpr,
}

/// The SQL of a migration, in steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Who runs it.
    pub run_by: RunBy,
}

/// Some statements that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// What the statements do, for the comment over them.
    pub comment: String,
    /// What the runner must know, as it stands behind `-- seedbed: `.
    pub directives: Vec<String>,
    /// What they can cost.
    pub hazards: Vec<Hazard>,
    /// The statements, without semicolons.
    pub statements: Vec<String>,
}

impl Step {
    pub(crate) fn new(comment: impl Into<String>, statement: impl Into<String>) -> Self {
        Self {
            comment: comment.into(),
            directives: Vec::new(),
            hazards: Vec::new(),
            statements: vec![statement.into()],
        }
    }

    /// Whether the step makes a table anew and copies its rows.
    pub fn is_rebuild(&self) -> bool {
        self.directives.iter().any(|text| text.starts_with("rebuild "))
    }

    pub(crate) fn with_hazard(mut self, hazard: Hazard) -> Self {
        self.hazards.push(hazard);
        self
    }
}

/// Something that the planner cannot go on without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What is missing.
    pub kind: QuestionKind,
    /// The table, by its new name.
    pub table: String,
    /// The column, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is asked, in a sentence without a stop.
    pub text: String,
}

/// The kinds of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum QuestionKind {
    /// A value for the rows that are there; a default, `backfill` in the code or `--backfill` gives it.
    MissingValue,
    /// A rebuild would lose a clause that the model cannot hold; nothing but a hand-written migration answers it.
    Unmodelled,
    /// A foreign key refers to columns that are not unique; SQLite makes such a table and takes no row for it.
    NotUnique,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Plan {
    /// Returns every hazard, in order.
    pub fn hazards(&self) -> impl Iterator<Item = &Hazard> {
        self.steps.iter().flat_map(|step| &step.hazards)
    }

    /// Returns every statement, in order.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| &step.statements).map(String::as_str)
    }

    /// Whether no statement is to be run.
    pub fn is_empty(&self) -> bool {
        self.statements().next().is_none()
    }
}

/// Plans the way from one schema to the other.
///
/// # Errors
///
/// Every question that has to be answered first, at once.
///
/// ```
/// use seedbed_schema::diff::{diff, Renames};
/// use seedbed_schema::model::{Column, ColumnType, Schema, Table};
/// use seedbed_schema::plan::{plan, PlanOptions};
///
/// let column = Column { name: "id".into(), column_type: ColumnType::new("TEXT"), ..Column::default() };
/// let table = Table { name: "users".into(), columns: vec![column], ..Table::default() };
/// let after = Schema { tables: vec![table], ..Schema::default() };
/// let difference = diff(&Schema::default(), &after, &Renames::default()).unwrap();
/// let plan = plan(&difference, &PlanOptions::default()).unwrap();
/// assert_eq!(plan.statements().next(), Some("CREATE TABLE \"users\" (\n  \"id\" TEXT NOT NULL\n)"));
/// ```
pub fn plan(diff: &SchemaDiff, options: &PlanOptions) -> Result<Plan, Vec<Question>> {
    match options.dialect {
        Dialect::Sqlite => sqlite::plan(diff, options),
    }
}
