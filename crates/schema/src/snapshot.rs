//! Snapshots: a schema as a JSON file beside the migration that leads to it.
//!
//! The text is made for diffs: one line for the head of each table and for each column, key and index, no
//! indentation. Its shape, with the parts of [`crate::model`] inside `schema`:
//!
//! ```json
//! {"version":1,"tool":"seedbed","dialect":"sqlite","id":"…","prev_id":"…","schema":{"tables":[
//! {"name":"users","columns":[
//! {"name":"id"},
//! {"name":"age","type":"INTEGER","null":true}
//! ],"pk":{"columns":["id"]},"indexes":[
//! {"name":"users_age_idx","on":["age"]}
//! ]}
//! ]}}
//! ```
//!
//! What is most common is left out: NOT NULL, and the type TEXT. A field that this version does not know is an error, never skipped: what is not understood would be lost at the
//! next migration. The folder's other reader, drizzle-kit, writes files of the same name; they have no `"tool"`.

use hmac_sha256::Hash;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;

use crate::checksum::{hex, without_byte_order_mark};
use crate::model::{Dialect, Schema, StoredForm};

/// The format's version; a newer one is refused.
const VERSION: u64 = 1;
/// What marks a file as ours.
const TOOL: &str = "seedbed";

/// A schema after a migration, and which snapshot came before.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The database the schema is written for.
    pub dialect: Dialect,
    /// Tells this snapshot from every other: a hash of the schema and of the id before it.
    pub id: String,
    /// The id of the snapshot before; `None` for the first.
    pub prev_id: Option<String>,
    /// The schema.
    pub schema: Schema,
}

impl Snapshot {
    /// Makes the snapshot that follows the one with `prev_id`.
    ///
    /// ```
    /// use seedbed_schema::model::{Dialect, Schema};
    /// use seedbed_schema::snapshot::Snapshot;
    ///
    /// let first = Snapshot::new(Dialect::Sqlite, None, Schema::default());
    /// let second = Snapshot::new(Dialect::Sqlite, Some(&first.id), Schema::default());
    /// assert_ne!(first.id, second.id);
    /// ```
    pub fn new(dialect: Dialect, prev_id: Option<&str>, schema: Schema) -> Self {
        let mut hasher = Hash::new();
        hasher.update(prev_id.unwrap_or_default());
        hasher.update([0]);
        hasher.update(to_json(&(dialect, &schema)));
        let mut id = hex(&hasher.finalize());
        id.truncate(32);
        Self { dialect, id, prev_id: prev_id.map(str::to_owned), schema }
    }
}

/// Returns the text of a snapshot file. [`parse`] gives the same snapshot back, apart from what the model never
/// stores (`renamed_from`, `backfill`).
///
/// ```
/// use seedbed_schema::model::{Dialect, Schema};
/// use seedbed_schema::snapshot::{Snapshot, parse, render};
///
/// let snapshot = Snapshot::new(Dialect::Sqlite, None, Schema::default());
/// assert_eq!(parse(&render(&snapshot)).unwrap(), snapshot);
/// ```
pub fn render(snapshot: &Snapshot) -> String {
    let mut text = to_json(&FileOut {
        version: VERSION,
        tool: TOOL,
        dialect: snapshot.dialect,
        id: &snapshot.id,
        prev_id: snapshot.prev_id.as_deref(),
        schema: &snapshot.schema,
    });
    text.push('\n');
    text
}

/// Reads a snapshot file.
///
/// # Errors
///
/// A file of drizzle-kit, a file of a newer Seedbed, and anything that is not exactly what [`render`] can write;
/// the error says the line and column.
pub fn parse(text: &str) -> Result<Snapshot, SnapshotError> {
    let text = without_byte_order_mark(text);
    // The head is read first and leniently, so that a foreign or newer file gets its own words.
    let head: Head = serde_json::from_str(text).map_err(SnapshotError::json)?;
    match (&head.tool, head.version.as_u64()) {
        (None, _) if head.version.is_string() || head.tables.is_some() || head.ddl.is_some() => {
            return Err(SnapshotError { kind: SnapshotErrorKind::Drizzle });
        }
        (None, _) => return Err(SnapshotError { kind: SnapshotErrorKind::Foreign(None) }),
        (Some(tool), _) if tool != TOOL => {
            return Err(SnapshotError { kind: SnapshotErrorKind::Foreign(head.tool) });
        }
        (Some(_), Some(version)) if version > VERSION => {
            return Err(SnapshotError { kind: SnapshotErrorKind::Newer(version) });
        }
        (Some(_), Some(VERSION)) => {}
        (Some(_), _) => {
            let version = head.version.to_string();
            return Err(SnapshotError { kind: SnapshotErrorKind::UnknownVersion(version) });
        }
    }
    let file: FileIn = serde_json::from_str(text).map_err(SnapshotError::json)?;
    Ok(Snapshot { dialect: file.dialect, id: file.id, prev_id: file.prev_id, schema: file.schema })
}

/// Why a snapshot file cannot be read.
#[derive(Debug)]
pub struct SnapshotError {
    kind: SnapshotErrorKind,
}

#[derive(Debug)]
enum SnapshotErrorKind {
    Drizzle,
    Foreign(Option<String>),
    Newer(u64),
    UnknownVersion(String),
    Json(serde_json::Error),
}

impl SnapshotError {
    fn json(error: serde_json::Error) -> Self {
        Self { kind: SnapshotErrorKind::Json(error) }
    }

    /// Whether drizzle-kit wrote the file.
    pub fn is_drizzle(&self) -> bool {
        matches!(self.kind, SnapshotErrorKind::Drizzle)
    }

    /// Whether a newer Seedbed wrote the file.
    pub fn is_newer(&self) -> bool {
        matches!(self.kind, SnapshotErrorKind::Newer(_))
    }

    /// The line and column of the fault, from 1, where the text itself is at fault.
    pub fn place(&self) -> Option<(usize, usize)> {
        match &self.kind {
            SnapshotErrorKind::Json(error) => Some((error.line(), error.column())),
            _ => None,
        }
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match &self.kind {
            SnapshotErrorKind::Drizzle => Some("take the folder over with `seedbed adopt`"),
            SnapshotErrorKind::Newer(_) => Some("update seedbed to the version that wrote it"),
            SnapshotErrorKind::Json(_) => {
                Some("snapshots are written by `seedbed generate`; restore the file from version control")
            }
            SnapshotErrorKind::Foreign(_) | SnapshotErrorKind::UnknownVersion(_) => None,
        }
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            SnapshotErrorKind::Drizzle => f.write_str("this snapshot was written by drizzle-kit"),
            SnapshotErrorKind::Foreign(Some(tool)) => write!(f, "this snapshot was written by `{tool}`"),
            SnapshotErrorKind::Foreign(None) => f.write_str("this is no snapshot: it has no `tool`"),
            SnapshotErrorKind::Newer(version) => {
                write!(f, "this snapshot has version {version}, and this seedbed reads up to {VERSION}")
            }
            SnapshotErrorKind::UnknownVersion(version) => {
                write!(f, "this snapshot has the unknown version {version}")
            }
            SnapshotErrorKind::Json(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// The little that is read before the rest.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    version: serde_json::Value,
    tool: Option<String>,
    /// Drizzle-kit 0.31 has its tables here.
    tables: Option<serde::de::IgnoredAny>,
    /// Drizzle-kit 1.0 has its tables here.
    ddl: Option<serde::de::IgnoredAny>,
}

#[derive(Serialize)]
struct FileOut<'a> {
    version: u64,
    tool: &'a str,
    dialect: Dialect,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_id: Option<&'a str>,
    schema: &'a Schema,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileIn {
    #[serde(rename = "version")]
    _version: u64,
    #[serde(rename = "tool")]
    _tool: String,
    dialect: Dialect,
    id: String,
    #[serde(default)]
    prev_id: Option<String>,
    schema: Schema,
}

/// Returns a stored form as a snapshot writes it; the record of a database's forms uses it, too.
///
/// ```
/// use seedbed_schema::model::StoredForm;
/// use seedbed_schema::snapshot::{parse_form, render_form};
///
/// assert_eq!(render_form(&StoredForm::UnixSeconds), "\"unix_seconds\"");
/// assert_eq!(parse_form("\"unix_seconds\""), Some(StoredForm::UnixSeconds));
/// ```
pub fn render_form(form: &StoredForm) -> String {
    to_json(form)
}

/// Reads what [`render_form`] wrote; `None` for anything else.
pub fn parse_form(text: &str) -> Option<StoredForm> {
    serde_json::from_str(text).ok()
}

fn to_json(value: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(8 * 1024);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, LinePerPart { depth: 0 });
    value.serialize(&mut serializer).expect("the model has no map with keys that are no text");
    String::from_utf8(bytes).expect("serde_json writes UTF-8")
}

/// Compact JSON with a line break before each table, view, column, key and index: the elements of arrays that lie
/// three or five levels deep.
struct LinePerPart {
    depth: usize,
}

impl LinePerPart {
    fn breaks_lines(&self) -> bool {
        matches!(self.depth, 3 | 5)
    }
}

impl serde_json::ser::Formatter for LinePerPart {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let end: &[u8] = if self.breaks_lines() { b"\n]" } else { b"]" };
        self.depth -= 1;
        writer.write_all(end)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(match (first, self.breaks_lines()) {
            (true, true) => b"\n",
            (true, false) => b"",
            (false, true) => b",\n",
            (false, false) => b",",
        })
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }
}
