//! What a check finds: a code, a place, the fault in words, and the way out.

use seedbed_schema::model::Schema;

/// Something that a check found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The kind.
    pub code: FindingCode,
    /// The file, relative to the folder.
    pub file: String,
    /// The line in it, from 1.
    pub line: Option<usize>,
    /// The column in it, from 1.
    pub column: Option<usize>,
    /// What is wrong, as a fragment that follows the place.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// How it is mended without a person.
    pub(crate) mend: Option<Mend>,
}

impl Finding {
    pub(super) fn new(code: FindingCode, file: impl Into<String>, message: impl Into<String>) -> Self {
        let (file, message) = (file.into(), message.into());
        Self { code, file, line: None, column: None, message, hint: None, mend: None }
    }

    pub(super) fn at(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn mend(mut self, mend: Mend) -> Self {
        self.mend = Some(mend);
        self
    }

    /// Whether something is wrong; the rest is only worth knowing.
    pub fn is_fault(&self) -> bool {
        !matches!(
            self.code,
            FindingCode::JournalFormat
                | FindingCode::NotTried
                | FindingCode::NoTransaction
                | FindingCode::NoWayBack
        )
    }

    /// Whether [`mend`](super::mend) can put it right.
    pub fn can_be_mended(&self) -> bool {
        self.mend.is_some()
    }
}

/// How something is put right.
#[derive(Debug, Clone)]
pub(crate) enum Mend {
    /// The journal is written anew from what it says.
    Journal,
    /// The snapshot of a migration is made anew; the schema is what the files make, where they were run.
    Snapshot { tag: String, schema: Schema },
    /// The snapshots are chained anew, from the first on.
    Chain,
    /// What a killed write left behind is removed, or finished.
    Leftovers,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FindingCode {
    /// There are files and no journal.
    JournalMissing,
    /// The journal is not JSON of the known form.
    JournalInvalid,
    /// The journal lists the migrations in another order than their numbers have, or under other numbers.
    JournalOrder,
    /// The journal is laid out in another way than it is written.
    JournalFormat,
    /// Two branches were merged and are not settled.
    TwoBranches,
    /// A migration is listed twice.
    SameTag,
    /// A listed file is not there.
    MissingFile,
    /// A file is not listed.
    StrayFile,
    /// A file cannot be read as text.
    Unreadable,
    /// A file holds conflict marks.
    Conflict,
    /// A killed write left files behind.
    Leftovers,
    /// A migration has no snapshot.
    SnapshotMissing,
    /// A snapshot cannot be read.
    SnapshotInvalid,
    /// A newer Seedbed wrote the snapshot.
    SnapshotNewer,
    /// Drizzle-kit wrote the snapshot.
    SnapshotForeign,
    /// A snapshot belongs to no migration.
    SnapshotStray,
    /// A snapshot does not follow the one before it.
    SnapshotChain,
    /// A snapshot is not what the files make.
    SnapshotDiffers,
    /// A file cannot be read as a script.
    Script,
    /// A file does not run.
    Refused,
    /// A down file does not run.
    WayBackRefused,
    /// A down file leads elsewhere.
    WayBackDiffers,
    /// A migration has no way back.
    NoWayBack,
    /// A file says `skip-replay` and was not tried.
    NotTried,
    /// A file says `no-transaction`.
    NoTransaction,
}

impl FindingCode {
    /// Returns the code as `--json` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JournalMissing => "journal-missing",
            Self::JournalInvalid => "journal-invalid",
            Self::JournalOrder => "journal-order",
            Self::JournalFormat => "journal-format",
            Self::TwoBranches => "two-branches",
            Self::SameTag => "same-tag",
            Self::MissingFile => "missing-file",
            Self::StrayFile => "stray-file",
            Self::Unreadable => "unreadable",
            Self::Conflict => "conflict",
            Self::Leftovers => "leftovers",
            Self::SnapshotMissing => "snapshot-missing",
            Self::SnapshotInvalid => "snapshot-invalid",
            Self::SnapshotNewer => "snapshot-newer",
            Self::SnapshotForeign => "snapshot-foreign",
            Self::SnapshotStray => "snapshot-stray",
            Self::SnapshotChain => "snapshot-chain",
            Self::SnapshotDiffers => "snapshot-differs",
            Self::Script => "script",
            Self::Refused => "refused",
            Self::WayBackRefused => "way-back-refused",
            Self::WayBackDiffers => "way-back-differs",
            Self::NoWayBack => "no-way-back",
            Self::NotTried => "not-tried",
            Self::NoTransaction => "no-transaction",
        }
    }
}
