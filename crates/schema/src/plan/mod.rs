//! Turns a difference into SQL: the steps to take, what they can cost, and what only the author can answer.
//!
//! [`plan`] is pure. It assumes that every table has rows, so that no statement it writes is refused for a reason that
//! an empty table hides. What loses data, can fail on rows or copies a table is marked with a [`Hazard`].

mod conversion;
mod order;
mod render;
mod sqlite;

pub use render::create_statements;

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

/// What a step can cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// The kind.
    pub code: HazardCode,
    /// The table, by its new name; for a dropped one its own.
    pub table: String,
    /// The column, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What can happen, in a sentence.
    pub text: String,
}

impl Hazard {
    pub(crate) fn new(code: HazardCode, table: &str, column: Option<&str>, text: impl Into<String>) -> Self {
        Self { code, table: table.to_owned(), column: column.map(str::to_owned), text: text.into() }
    }

    /// Returns `table` or `table.column`.
    pub fn subject(&self) -> String {
        match &self.column {
            Some(column) => format!("{}.{column}", self.table),
            None => self.table.clone(),
        }
    }

    /// Returns what a person passes to `--allow` to consent to this very hazard, `drop-column:users.age`.
    pub fn consent(&self) -> String {
        format!("{}:{}", self.code, self.subject())
    }
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.subject(), self.text)
    }
}

/// The kinds of hazards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HazardCode {
    /// A table and its rows go.
    DropTable,
    /// A column and its values go.
    DropColumn,
    /// Values may not survive a change of type or form.
    LossyCast,
    /// Rows get a placeholder where a value was lost.
    Placeholder,
    /// The step stops when the table has rows, because no value can be made up for them.
    CannotRestore,
    /// NULLs in the column make the step fail.
    MayFailNotNull,
    /// Repeated values make the step fail.
    MayFailUnique,
    /// Rows that break the condition make the step fail.
    MayFailCheck,
    /// Rows that refer to nothing make the step fail.
    MayFailForeignKey,
    /// Values of another type make the step fail: the table becomes STRICT, or the column the rowid.
    MayFailStrict,
    /// The table is copied, which takes time and disk space in proportion to its size.
    Rebuild,
}

impl HazardCode {
    /// Whether data can be lost.
    pub fn loses_data(self) -> bool {
        matches!(self, Self::DropTable | Self::DropColumn | Self::LossyCast | Self::Placeholder)
    }

    /// Whether rows can make the step fail.
    pub fn may_fail(self) -> bool {
        !self.loses_data() && self != Self::Rebuild
    }

    /// Finds the code that is written so.
    ///
    /// ```
    /// use seedbed_schema::plan::HazardCode;
    ///
    /// assert_eq!(HazardCode::named("drop-column"), Some(HazardCode::DropColumn));
    /// assert_eq!(HazardCode::named("drop-everything"), None);
    /// ```
    pub fn named(text: &str) -> Option<Self> {
        let all = [
            Self::DropTable,
            Self::DropColumn,
            Self::LossyCast,
            Self::Placeholder,
            Self::CannotRestore,
            Self::MayFailNotNull,
            Self::MayFailUnique,
            Self::MayFailCheck,
            Self::MayFailForeignKey,
            Self::MayFailStrict,
            Self::Rebuild,
        ];
        all.into_iter().find(|code| code.as_str() == text)
    }

    /// Returns the code as it stands in files and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DropTable => "drop-table",
            Self::DropColumn => "drop-column",
            Self::LossyCast => "lossy-cast",
            Self::Placeholder => "placeholder",
            Self::CannotRestore => "cannot-restore",
            Self::MayFailNotNull => "may-fail-not-null",
            Self::MayFailUnique => "may-fail-unique",
            Self::MayFailCheck => "may-fail-check",
            Self::MayFailForeignKey => "may-fail-foreign-key",
            Self::MayFailStrict => "may-fail-strict",
            Self::Rebuild => "rebuild",
        }
    }
}

impl fmt::Display for HazardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
