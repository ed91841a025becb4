//! What SQL can cost: the kinds of hazards, each with a code, a severity and a section in `docs/hazards.md`.

use serde::Serialize;
use std::fmt;

/// What a step can cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// The kind.
    pub code: HazardCode,
    /// The table, by its new name; for a dropped one its own. Empty where it is about a whole file.
    pub table: String,
    /// The column, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What can happen, in a sentence.
    pub text: String,
}

impl Hazard {
    /// Makes a hazard; `text` says what can happen.
    ///
    /// ```
    /// use seedbed_schema::plan::{Hazard, HazardCode};
    ///
    /// let hazard = Hazard::new(HazardCode::DropColumn, "users", Some("age"), "the column and its values are dropped");
    /// assert_eq!(hazard.to_string(), "drop-column users.age: the column and its values are dropped");
    /// ```
    pub fn new(code: HazardCode, table: &str, column: Option<&str>, text: impl Into<String>) -> Self {
        Self { code, table: table.to_owned(), column: column.map(str::to_owned), text: text.into() }
    }

    /// Reads a hazard as it stands in a file, behind `-- hazard: `; `None` for words of another form.
    ///
    /// ```
    /// use seedbed_schema::plan::Hazard;
    ///
    /// let hazard = Hazard::parse("drop-column users.age: gone").unwrap();
    /// assert_eq!((hazard.table.as_str(), hazard.column.as_deref()), ("users", Some("age")));
    /// assert!(Hazard::parse("mind the gap").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (head, sentence) = text.split_once(": ").unwrap_or((text.trim_end_matches(':'), ""));
        let (code, subject) = head.split_once(' ').unwrap_or((head, ""));
        let (table, column) = match subject.split_once('.') {
            Some((table, column)) => (table, Some(column)),
            None => (subject, None),
        };
        Some(Self::new(HazardCode::named(code)?, table, column, sentence))
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
        match self.subject() {
            subject if subject.is_empty() => write!(f, "{}: {}", self.code, self.text),
            subject => write!(f, "{} {subject}: {}", self.code, self.text),
        }
    }
}

/// How bad a hazard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It is worth knowing.
    Advice,
    /// It takes time and disk space.
    Cost,
    /// Rows can make it fail; then nothing has changed.
    Failure,
    /// Data can be lost.
    Loss,
}

impl Severity {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Cost => "cost",
            Self::Failure => "failure",
            Self::Loss => "loss",
        }
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
    /// A DELETE without WHERE takes every row.
    DeleteRows,
    /// An UPDATE without WHERE overwrites every row.
    UpdateRows,
    /// A person wrote down what can happen, in words of their own.
    Noted,
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
    /// The file runs outside a transaction, and a failure leaves it half done.
    NoTransaction,
    /// The file is not tried in memory.
    SkipReplay,
    /// The file cannot be taken back.
    NoWayBack,
    /// A PRAGMA that does nothing inside a transaction.
    IdlePragma,
    /// A foreign key whose columns no index begins with.
    UnindexedKey,
    /// An allowance for something that is not there.
    IdleAllow,
}

impl HazardCode {
    /// All of them, the worst first.
    pub const ALL: [Self; 20] = [
        Self::DropTable,
        Self::DropColumn,
        Self::LossyCast,
        Self::Placeholder,
        Self::DeleteRows,
        Self::UpdateRows,
        Self::Noted,
        Self::CannotRestore,
        Self::MayFailNotNull,
        Self::MayFailUnique,
        Self::MayFailCheck,
        Self::MayFailForeignKey,
        Self::MayFailStrict,
        Self::Rebuild,
        Self::NoTransaction,
        Self::SkipReplay,
        Self::NoWayBack,
        Self::IdlePragma,
        Self::UnindexedKey,
        Self::IdleAllow,
    ];

    /// Returns how bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::DropTable
            | Self::DropColumn
            | Self::LossyCast
            | Self::Placeholder
            | Self::DeleteRows
            | Self::UpdateRows
            | Self::Noted => Severity::Loss,
            Self::CannotRestore
            | Self::MayFailNotNull
            | Self::MayFailUnique
            | Self::MayFailCheck
            | Self::MayFailForeignKey
            | Self::MayFailStrict => Severity::Failure,
            Self::Rebuild => Severity::Cost,
            Self::NoTransaction
            | Self::SkipReplay
            | Self::NoWayBack
            | Self::IdlePragma
            | Self::UnindexedKey
            | Self::IdleAllow => Severity::Advice,
        }
    }

    /// Whether data can be lost.
    pub fn loses_data(self) -> bool {
        self.severity() == Severity::Loss
    }

    /// Whether rows can make the step fail.
    pub fn may_fail(self) -> bool {
        self.severity() == Severity::Failure
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
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// Returns the code as it stands in files and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DropTable => "drop-table",
            Self::DropColumn => "drop-column",
            Self::LossyCast => "lossy-cast",
            Self::Placeholder => "placeholder",
            Self::DeleteRows => "delete-rows",
            Self::UpdateRows => "update-rows",
            Self::Noted => "noted",
            Self::CannotRestore => "cannot-restore",
            Self::MayFailNotNull => "may-fail-not-null",
            Self::MayFailUnique => "may-fail-unique",
            Self::MayFailCheck => "may-fail-check",
            Self::MayFailForeignKey => "may-fail-foreign-key",
            Self::MayFailStrict => "may-fail-strict",
            Self::Rebuild => "rebuild",
            Self::NoTransaction => "no-transaction",
            Self::SkipReplay => "skip-replay",
            Self::NoWayBack => "no-way-back",
            Self::IdlePragma => "idle-pragma",
            Self::UnindexedKey => "unindexed-key",
            Self::IdleAllow => "idle-allow",
        }
    }
}

impl fmt::Display for HazardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
