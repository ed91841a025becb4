//! A migrations folder, on disk or built into the program, as a list of migrations.
//!
//! ```text
//! migrations/
//!   0000_base.sql            0000_base.down.sql
//!   0001_add_edges.sql       0001_add_edges.down.sql
//!   meta/_journal.json       the order; a file that it does not name is a mistake
//!   meta/0000_snapshot.json  meta/0001_snapshot.json
//! ```

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use seedbed_schema::checksum::{checksum, without_byte_order_mark};
use seedbed_schema::conflict::conflict_line;
use seedbed_schema::journal::{self, Journal};
use seedbed_schema::model::Schema;
use seedbed_schema::snapshot::{self, Snapshot};

use super::folder_error::{FolderError, FolderErrorKind};
use super::rewrite;
use super::writer;

pub(crate) const JOURNAL: &str = "meta/_journal.json";

/// A migration of a folder.
#[derive(Debug, Clone)]
pub struct Migration {
    index: u32,
    tag: String,
    when: i64,
    up: String,
    down: Option<String>,
    checksum: OnceCell<String>,
    source: MigrationSource,
}

impl Migration {
    /// Its number in the journal.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its name: the file's without `.sql`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// When it was generated, in milliseconds since 1970.
    pub fn when(&self) -> i64 {
        self.when
    }

    /// The SQL that leads forward.
    pub fn up(&self) -> &str {
        &self.up
    }

    /// The SQL that leads back, if the folder has it.
    pub fn down(&self) -> Option<&str> {
        self.down.as_deref()
    }

    /// The checksum of the SQL that leads forward, see [`seedbed_schema::checksum`].
    pub fn checksum(&self) -> &str {
        self.checksum.get_or_init(|| checksum(&self.up))
    }

    /// The file that leads forward, for messages.
    pub fn file_name(&self) -> String {
        format!("{}.sql", self.tag)
    }

    /// Returns the schema as it is after this migration, where a snapshot of ours tells.
    pub(super) fn declared(&self) -> Option<Schema> {
        self.snapshot().ok().flatten().map(|snapshot| snapshot.schema)
    }

    /// Reads the schema as it is after this migration; `None` when the folder has no such file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is not a snapshot of ours.
    pub fn snapshot(&self) -> Result<Option<Snapshot>, FolderError> {
        let name = writer::snapshot_name(&self.tag);
        let Some(text) = self.source.read(&name)? else { return Ok(None) };
        match snapshot::parse(&text) {
            Ok(snapshot) => Ok(Some(snapshot)),
            Err(error) => Err(self.source.error(match conflict_line(&text) {
                Some(line) => FolderErrorKind::Conflict { file: name, line },
                None => FolderErrorKind::Snapshot { file: name, error },
            })),
        }
    }
}

/// The files of a migrations folder as part of the program; `embed_migrations!` makes one.
///
/// ```
/// use seedbed::migrate::EmbeddedMigrations;
///
/// static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
///     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
///         {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#),
///     ("0000_base.sql", "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);"),
/// ]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedMigrations {
    files: &'static [(&'static str, &'static str)],
}

impl EmbeddedMigrations {
    /// Makes it from paths relative to the folder, with `/` between their parts, and the files' texts.
    pub const fn new(files: &'static [(&'static str, &'static str)]) -> Self {
        Self { files }
    }
}

/// A migrations folder on disk.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Names a folder; it need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder, unless it exists.
    pub(crate) fn make(&self) -> Result<(), FolderError> {
        std::fs::create_dir_all(self.path.join("meta")).map_err(|error| {
            FolderError::new(Some(&self.path), FolderErrorKind::Io { file: "meta".to_owned(), error })
        })
    }

    /// Reads the journal; `None` when there is none yet.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub fn journal(&self) -> Result<Option<Journal>, FolderError> {
        MigrationSource::from(self.clone()).journal()
    }

    /// Reads the migrations in order; none when the folder does not exist.
    ///
    /// # Errors
    ///
    /// When the journal and the files do not belong together, or cannot be read.
    pub fn migrations(&self) -> Result<Vec<Migration>, FolderError> {
        MigrationSource::from(self.clone()).migrations()
    }

    /// Writes a new migration: its two SQL files, its snapshot, and the journal entry as the last of all.
    ///
    /// Either all of it is there afterwards or nothing is, also when the machine stops in the middle. No file is
    /// ever overwritten except the journal. `when` is milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// When a file of that name exists, the journal already has the tag or the number, or a file cannot be written.
    pub fn append(&self, new: &NewMigration<'_>) -> Result<(), FolderError> {
        writer::append(self, new)
    }
}

/// What [`Folder::append`] writes.
#[derive(Debug, Clone, Copy)]
pub struct NewMigration<'a> {
    /// The name, see [`seedbed_schema::naming::next_tag`].
    pub tag: &'a str,
    /// The SQL that leads forward.
    pub up: &'a str,
    /// The SQL that leads back.
    pub down: Option<&'a str>,
    /// The schema afterwards.
    pub snapshot: &'a Snapshot,
    /// When it was generated, in milliseconds since 1970.
    pub when: i64,
}

/// What a folder has, and what it lacks.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The migrations in order.
    pub(super) migrations: Vec<Migration>,
    /// The journal's entries without a file, in order.
    pub(super) missing: Vec<Missing>,
}

/// A migration that the journal names and that has no file.
#[derive(Debug)]
pub(super) struct Missing {
    /// The index of the migration that follows, among those that have a file.
    pub(super) before: usize,
    /// Its name.
    pub(super) tag: String,
    /// What to say about it.
    pub(super) error: FolderError,
}

/// Where migrations come from: a folder on disk or files in the program.
#[derive(Debug, Clone)]
pub struct MigrationSource(Source);

#[derive(Debug, Clone)]
enum Source {
    Folder(Folder),
    Embedded(EmbeddedMigrations),
}

impl From<Folder> for MigrationSource {
    fn from(folder: Folder) -> Self {
        Self(Source::Folder(folder))
    }
}

impl From<&Path> for MigrationSource {
    fn from(path: &Path) -> Self {
        Folder::new(path).into()
    }
}

impl From<PathBuf> for MigrationSource {
    fn from(path: PathBuf) -> Self {
        Folder::new(path).into()
    }
}

impl From<&str> for MigrationSource {
    fn from(path: &str) -> Self {
        Folder::new(path).into()
    }
}

impl From<EmbeddedMigrations> for MigrationSource {
    fn from(embedded: EmbeddedMigrations) -> Self {
        Self(Source::Embedded(embedded))
    }
}

impl MigrationSource {
    /// Reads the migrations in order.
    ///
    /// # Errors
    ///
    /// When the journal and the files do not belong together, or cannot be read.
    pub fn migrations(&self) -> Result<Vec<Migration>, FolderError> {
        let listing = self.listing()?;
        match listing.missing.into_iter().next() {
            Some(missing) => Err(missing.error),
            None => Ok(listing.migrations),
        }
    }

    /// Reads the migrations in order, and goes on where the file of one is missing.
    pub(super) fn listing(&self) -> Result<Listing, FolderError> {
        if let Source::Folder(folder) = &self.0
            && rewrite::is_interrupted(folder)
        {
            return Err(self.error(FolderErrorKind::Interrupted));
        }
        let mut strays = self.sql_files()?;
        let Some(mut journal) = self.journal()? else {
            if let Some(file) = strays.into_iter().next() {
                return Err(self.error(FolderErrorKind::NoJournal { file }));
            }
            if let Source::Folder(folder) = &self.0
                && let Some(directory) = writer::drizzle_1_0_directories(folder).into_iter().next()
            {
                return Err(self.error(FolderErrorKind::Drizzle1 { directory }));
            }
            return Ok(Listing::default());
        };
        journal.entries.sort_by_key(|entry| entry.idx);
        for pair in journal.entries.windows(2) {
            if pair[0].idx == pair[1].idx {
                let tags = [pair[0].tag.clone(), pair[1].tag.clone()];
                return Err(self.error(FolderErrorKind::SameNumber { number: pair[0].idx, tags }));
            }
        }
        let mut tags = BTreeSet::new();
        for entry in &journal.entries {
            strays.remove(&format!("{}.sql", entry.tag));
            strays.remove(&format!("{}.down.sql", entry.tag));
            if !tags.insert(entry.tag.to_ascii_lowercase()) {
                return Err(self.error(FolderErrorKind::SameTag { tag: entry.tag.clone() }));
            }
        }
        let mut listing = Listing::default();
        for entry in journal.entries {
            let file = format!("{}.sql", entry.tag);
            let Some(up) = self.read(&file)? else {
                let stray = strays.iter().find(|stray| !stray.ends_with(".down.sql")).cloned();
                let error = self.error(FolderErrorKind::MissingFile { file, stray });
                listing.missing.push(Missing { before: listing.migrations.len(), tag: entry.tag, error });
                continue;
            };
            listing.migrations.push(Migration {
                index: entry.idx,
                checksum: OnceCell::new(),
                up: without_byte_order_mark(&up).to_owned(),
                down: self.read(&format!("{}.down.sql", entry.tag))?,
                tag: entry.tag,
                when: entry.when,
                source: self.clone(),
            });
        }
        match strays.into_iter().next() {
            // Beside a missing file a stray one is most likely that file under another name.
            Some(file) if listing.missing.is_empty() => Err(self.error(FolderErrorKind::Stray { file })),
            _ => Ok(listing),
        }
    }

    fn journal(&self) -> Result<Option<Journal>, FolderError> {
        let Some(text) = self.read(JOURNAL)? else { return Ok(None) };
        journal::parse(&text).map(Some).map_err(|error| {
            self.error(match conflict_line(&text) {
                Some(line) => FolderErrorKind::Conflict { file: JOURNAL.to_owned(), line },
                None => FolderErrorKind::Journal(error),
            })
        })
    }

    /// Reads a file; `None` when there is none.
    fn read(&self, name: &str) -> Result<Option<String>, FolderError> {
        match &self.0 {
            Source::Embedded(embedded) => {
                Ok(embedded.files.iter().find(|(path, _)| *path == name).map(|(_, text)| (*text).to_owned()))
            }
            Source::Folder(folder) => match std::fs::read_to_string(folder.path.join(name)) {
                Ok(text) => Ok(Some(text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(self.error(FolderErrorKind::Io { file: name.to_owned(), error })),
            },
        }
    }

    /// Lists the SQL files of the folder itself, apart from those that a killed `append` left behind.
    fn sql_files(&self) -> Result<BTreeSet<String>, FolderError> {
        match &self.0 {
            Source::Embedded(embedded) => {
                let names = embedded.files.iter().map(|(path, _)| *path);
                Ok(names.filter(|path| !path.contains('/') && is_sql(path)).map(str::to_owned).collect())
            }
            Source::Folder(folder) => writer::sql_files(folder),
        }
    }

    fn error(&self, kind: FolderErrorKind) -> FolderError {
        FolderError::new(self.folder_path(), kind)
    }

    fn folder_path(&self) -> Option<&Path> {
        match &self.0 {
            Source::Folder(folder) => Some(folder.path()),
            Source::Embedded(_) => None,
        }
    }
}

pub(crate) fn is_sql(name: &str) -> bool {
    name.ends_with(".sql") && !name.starts_with('.')
}
