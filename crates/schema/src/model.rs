//! The schema model: what a database looks like, as plain values.
//!
//! A [`Schema`] is what every source yields (Rust code, a snapshot, a live database) and what the differ and the
//! planner work on. It is written for one dialect: types, defaults and expressions are that dialect's text. Values
//! are ordinary data with ordered collections only; nothing here reads, writes or decides. Fields that describe an
//! intent of the author (`renamed_from`, `backfill`) are never stored in a snapshot.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

use crate::sql::SqlExpr;

/// A whole schema: tables, views and triggers in the order in which they were declared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The tables.
    pub tables: Vec<Table>,
    /// The views.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
    /// The triggers, where the source has any to tell of: Rust code declares none, and a database is read without
    /// them unless they are asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
}

impl Schema {
    /// Returns the table of that name; SQL names are compared without regard to ASCII case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// Returns the view of that name.
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|view| view.name.eq_ignore_ascii_case(name))
    }

    /// Returns the trigger of that name.
    pub fn trigger(&self, name: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.name.eq_ignore_ascii_case(name))
    }
}

/// The tables of a schema by name, for the places that look up many.
pub(crate) struct TableIndex<'a>(BTreeMap<String, &'a Table>);

impl<'a> TableIndex<'a> {
    pub(crate) fn new(schema: &'a Schema) -> Self {
        Self(schema.tables.iter().map(|table| (table.name.to_ascii_lowercase(), table)).collect())
    }

    /// Returns the table of that name; SQL names are compared without regard to ASCII case.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Table> {
        self.0.get(&name.to_ascii_lowercase()).copied()
    }
}

/// A table with everything that belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The SQL name.
    pub name: String,
    /// The columns, in declared order; the order is not part of equality between schemas.
    pub columns: Vec<Column>,
    /// The primary key, if any.
    #[serde(default, rename = "pk", skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<PrimaryKey>,
    /// UNIQUE constraints inside the table; a unique *index* is in [`Table::indexes`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uniques: Vec<Unique>,
    /// Foreign keys.
    #[serde(default, rename = "fks", skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Indexes made by CREATE INDEX.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// Whether the table is STRICT.
    #[serde(default, skip_serializing_if = "is_false")]
    pub strict: bool,
    /// Whether the table is WITHOUT ROWID.
    #[serde(default, skip_serializing_if = "is_false")]
    pub without_rowid: bool,
    /// Clauses of the live table that the model cannot hold (`ON CONFLICT`, say). A rebuild would lose them, so the
    /// planner refuses to rebuild a table that has any. Never present in declared schemas; a snapshot has those of the
    /// database that it began with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmodelled: Vec<String>,
    /// The name the table had before, as the author wrote it.
    #[serde(skip)]
    pub renamed_from: Option<String>,
}

impl Table {
    /// Returns the column of that name; SQL names are compared without regard to ASCII case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Returns the name of the column that is an alias of SQLite's rowid: the single `INTEGER PRIMARY KEY` column
    /// of a rowid table, see <https://www.sqlite.org/lang_createtable.html#rowid>.
    pub fn rowid_alias(&self) -> Option<&str> {
        let key = self.primary_key.as_ref()?;
        let [only] = key.columns.as_slice() else { return None };
        let column = self.column(&only.name)?;
        let is_alias = !self.without_rowid && column.column_type.is_integer() && !only.descending;
        is_alias.then_some(column.name.as_str())
    }

    /// Whether SQLite accepts the columns as a parent key: the primary key, a UNIQUE constraint, or a unique index that
    /// is not partial and keeps the columns' collations, see <https://www.sqlite.org/foreignkeys.html#fk_indexes>.
    pub fn is_parent_key(&self, columns: &[String]) -> bool {
        let same = |names: &mut dyn Iterator<Item = (&str, Option<&str>)>| {
            let parts: Vec<(&str, Option<&str>)> = names.collect();
            let keeps_collation = |(name, collation): &(&str, Option<&str>)| {
                collation.is_none_or(|collation| {
                    let own =
                        self.column(name).and_then(|column| column.collation.as_deref()).unwrap_or("BINARY");
                    own.eq_ignore_ascii_case(collation)
                })
            };
            parts.len() == columns.len()
                && parts.iter().all(keeps_collation)
                && columns
                    .iter()
                    .all(|column| parts.iter().any(|(name, _)| name.eq_ignore_ascii_case(column)))
        };
        let keys = self
            .primary_key
            .iter()
            .map(|key| &key.columns)
            .chain(self.uniques.iter().map(|unique| &unique.columns));
        for key in keys {
            if same(&mut key.iter().map(|part| (part.name.as_str(), part.collation.as_deref()))) {
                return true;
            }
        }
        self.indexes.iter().filter(|index| index.unique && index.predicate.is_none()).any(|index| {
            same(&mut index.columns.iter().map(|part| match &part.term {
                IndexTerm::Column(name) => (name.as_str(), part.collation.as_deref()),
                IndexTerm::Expr(_) => ("", None),
            }))
        })
    }

    /// Whether a key, a UNIQUE constraint or a unique index ranges over the column.
    pub(crate) fn has_unique_over(&self, column: &str) -> bool {
        let is = |other: &str| other.eq_ignore_ascii_case(column);
        let keys = self.primary_key.iter().map(|key| &key.columns);
        let uniques = self.uniques.iter().map(|unique| &unique.columns);
        let in_key = keys.chain(uniques).any(|parts| parts.iter().any(|part| is(&part.name)));
        let in_index = self.indexes.iter().filter(|index| index.unique).any(|index| {
            index.columns.iter().any(|part| match &part.term {
                IndexTerm::Column(name) => is(name),
                IndexTerm::Expr(expr) => expr.mentions(column),
            })
        });
        in_key || in_index
    }
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The SQL name.
    pub name: String,
    /// The declared SQL type. `TEXT` is the common case and is left out of the snapshot.
    #[serde(default = "ColumnType::text", rename = "type", skip_serializing_if = "ColumnType::is_text")]
    pub column_type: ColumnType,
    /// How the application writes its values, where one SQL type allows several ways.
    #[serde(default, skip_serializing_if = "StoredForm::is_plain")]
    pub form: StoredForm,
    /// Whether the column accepts NULL. A NOT NULL column is the common case and is left out of the snapshot.
    #[serde(default, rename = "null", skip_serializing_if = "is_false")]
    pub nullable: bool,
    /// The DEFAULT clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<DefaultValue>,
    /// The COLLATE clause, such as `NOCASE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The expression of a generated column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// An SQL expression that gives rows made before this column their value.
    #[serde(skip)]
    pub backfill: Option<SqlExpr>,
    /// The name the column had before, as the author wrote it.
    #[serde(skip)]
    pub renamed_from: Option<String>,
}

/// A declared SQL type, kept as it is written (`TEXT`, `varchar(20)`, or nothing at all).
///
/// Two types are equal when they differ in case or white space only.
#[derive(Debug, Clone, Default, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ColumnType(String);

impl ColumnType {
    /// Makes a type from its SQL text; runs of white space become one space, none around parentheses and commas.
    pub fn new(text: &str) -> Self {
        let mut compact = String::with_capacity(text.len());
        for word in text.replace('(', " ( ").replace(')', " ) ").replace(',', " , ").split_whitespace() {
            let tight = |character: char| matches!(character, '(' | ')' | ',');
            if !compact.is_empty() && !word.starts_with(tight) && !compact.ends_with(['(', ',']) {
                compact.push(' ');
            }
            compact.push_str(word);
        }
        Self(compact)
    }

    /// Returns the SQL text; empty when the column has no type.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the affinity by the five rules of <https://www.sqlite.org/datatype3.html#determination_of_column_affinity>.
    pub fn affinity(&self) -> Affinity {
        let upper = self.0.to_ascii_uppercase();
        let has = |part: &str| upper.contains(part);
        if has("INT") {
            Affinity::Integer
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            Affinity::Text
        } else if has("BLOB") || upper.is_empty() {
            Affinity::Blob
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Affinity::Real
        } else {
            Affinity::Numeric
        }
    }

    /// Whether a column of this type gives values of a storage class back as they were, see
    /// <https://www.sqlite.org/datatype3.html#type_affinity>.
    ///
    /// ```
    /// use seedbed_schema::model::{Affinity, ColumnType};
    ///
    /// assert!(ColumnType::new("VARCHAR(20)").holds(false, Affinity::Text));
    /// // The text `007` would come back as the number 7.
    /// assert!(!ColumnType::new("NUMERIC").holds(false, Affinity::Text));
    /// ```
    pub fn holds(&self, strict: bool, stored: Affinity) -> bool {
        let upper = self.0.to_ascii_uppercase();
        if strict && upper == "ANY" {
            return true;
        }
        match self.affinity() {
            // Nothing is converted, but a STRICT table refuses other classes.
            Affinity::Blob => !strict || stored == Affinity::Blob,
            // Text that looks like a number becomes a number; a date never looks like one.
            Affinity::Numeric => match stored {
                Affinity::Integer | Affinity::Real | Affinity::Numeric => true,
                Affinity::Text => upper.contains("DATE") || upper.contains("TIME"),
                Affinity::Blob => false,
            },
            affinity => affinity == stored,
        }
    }

    fn text() -> Self {
        Self("TEXT".to_owned())
    }

    /// Whether this is `TEXT`, written exactly so.
    fn is_text(&self) -> bool {
        self.0 == "TEXT"
    }

    /// Whether this is exactly `INTEGER`, the only type that can alias the rowid.
    pub fn is_integer(&self) -> bool {
        self.0.eq_ignore_ascii_case("INTEGER")
    }
}

impl PartialEq for ColumnType {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What SQLite does with values that are stored in a column, see <https://www.sqlite.org/datatype3.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// TEXT.
    Text,
    /// NUMERIC.
    Numeric,
    /// INTEGER.
    Integer,
    /// REAL.
    Real,
    /// BLOB, formerly NONE.
    Blob,
}

/// How values are written where one SQL type allows several ways; a change of form converts the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StoredForm {
    /// The SQL type says it all.
    #[default]
    Plain,
    /// 0 or 1.
    Bool,
    /// A time as RFC 3339 text in UTC, `2026-01-31T12:00:00.000Z`.
    TimestampText,
    /// A time as seconds since 1970-01-01T00:00:00Z.
    UnixSeconds,
    /// A time as milliseconds since 1970-01-01T00:00:00Z.
    UnixMilliseconds,
    /// A UUID as 36 characters of text.
    UuidText,
    /// A UUID as 16 bytes.
    UuidBlob,
    /// A JSON document as text.
    Json,
    /// One of a list of texts.
    TextEnum(Vec<EnumVariant>),
}

impl StoredForm {
    /// Whether the SQL type says it all.
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// One value of a text enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct EnumVariant {
    /// The stored text.
    pub value: String,
    /// The text it was stored as before, as the author wrote it; not part of a snapshot.
    pub renamed_from: Option<String>,
}

impl From<String> for EnumVariant {
    fn from(value: String) -> Self {
        Self { value, renamed_from: None }
    }
}

impl From<EnumVariant> for String {
    fn from(variant: EnumVariant) -> Self {
        variant.value
    }
}

/// A DEFAULT clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DefaultValue {
    /// `NULL`.
    Null,
    /// `TRUE` or `FALSE`, which SQLite stores as 1 and 0.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(#[serde(with = "real")] f64),
    /// A text.
    Text(String),
    /// Bytes, in hexadecimal in a snapshot.
    Blob(#[serde(with = "hex")] Vec<u8>),
    /// An SQL expression, without the parentheses that a DEFAULT clause needs around it.
    Expr(SqlExpr),
}

/// A generated column's expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// The expression, without the parentheses around it.
    #[serde(rename = "as")]
    pub expr: SqlExpr,
    /// STORED rather than VIRTUAL.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stored: bool,
}

/// A primary key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrimaryKey {
    /// The constraint's name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The key's columns, in key order.
    pub columns: Vec<KeyColumn>,
    /// AUTOINCREMENT.
    #[serde(default, skip_serializing_if = "is_false")]
    pub autoincrement: bool,
}

/// A column of a primary key or a UNIQUE constraint. A snapshot holds its SQL text, `name COLLATE NOCASE DESC`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyColumn {
    /// The column.
    pub name: String,
    /// DESC.
    pub descending: bool,
    /// A COLLATE clause of its own.
    pub collation: Option<String>,
}

impl KeyColumn {
    /// Makes an ascending key column with the column's own collation.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), descending: false, collation: None }
    }
}

/// A UNIQUE constraint inside a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unique {
    /// The constraint's name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The columns.
    pub columns: Vec<KeyColumn>,
}

/// A foreign key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// The constraint's name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The referencing columns.
    #[serde(rename = "from")]
    pub columns: Vec<String>,
    /// The table referred to.
    #[serde(rename = "to")]
    pub referenced_table: String,
    /// The columns referred to, one for each of `columns`. Empty means the primary key; [`crate::normalize`] fills it in.
    #[serde(rename = "at")]
    pub referenced_columns: Vec<String>,
    /// What happens to the referencing rows when the referenced row is deleted.
    #[serde(default, skip_serializing_if = "Action::is_no_action")]
    pub on_delete: Action,
    /// What happens to the referencing rows when the referenced key changes.
    #[serde(default, skip_serializing_if = "Action::is_no_action")]
    pub on_update: Action,
    /// DEFERRABLE INITIALLY DEFERRED.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deferred: bool,
}

/// A foreign key action, see <https://www.sqlite.org/foreignkeys.html#fk_actions>.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// NO ACTION.
    #[default]
    NoAction,
    /// RESTRICT.
    Restrict,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
    /// CASCADE.
    Cascade,
}

impl Action {
    /// Whether this is NO ACTION, which is the same as no clause at all.
    pub fn is_no_action(&self) -> bool {
        *self == Self::NoAction
    }

    /// Returns the SQL keywords.
    pub fn as_sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
            Self::Cascade => "CASCADE",
        }
    }
}

/// A CHECK constraint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The constraint's name; what we write always has one, a database of other origin may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The condition, without the parentheses around it.
    #[serde(rename = "if")]
    pub expr: SqlExpr,
}

/// An index made by CREATE INDEX.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The SQL name.
    pub name: String,
    /// What is indexed, in index order.
    #[serde(rename = "on")]
    pub columns: Vec<IndexColumn>,
    /// UNIQUE.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// The condition of a partial index.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub predicate: Option<SqlExpr>,
}

impl Index {
    /// Writes texts in double quotes (`WHERE state = "open"`) as texts. What names no column of the index's table can
    /// be nothing else; an index read by itself does not know the columns.
    pub fn quote_texts(&mut self, table: &Table) {
        let is_name = |word: &str| table.column(word).is_some();
        for part in &mut self.columns {
            if let IndexTerm::Expr(expr) = &mut part.term {
                expr.quote_texts(&is_name);
            }
        }
        if let Some(predicate) = &mut self.predicate {
            predicate.quote_texts(&is_name);
        }
    }
}

/// One part of an index. A snapshot holds its SQL text, `name DESC` or `(lower(name)) COLLATE NOCASE`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IndexColumn {
    /// A column or an expression.
    pub term: IndexTerm,
    /// DESC.
    pub descending: bool,
    /// A COLLATE clause of its own.
    pub collation: Option<String>,
}

impl IndexColumn {
    /// Makes an ascending index column with the column's own collation.
    pub fn new(name: impl Into<String>) -> Self {
        Self { term: IndexTerm::Column(name.into()), descending: false, collation: None }
    }
}

/// What a part of an index ranges over.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexTerm {
    /// A column.
    Column(String),
    /// An expression, without parentheses around it.
    Expr(SqlExpr),
}

/// A view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// The SQL name.
    pub name: String,
    /// The SELECT statement.
    #[serde(rename = "as")]
    pub definition: SqlExpr,
    /// The view's own column names; empty when the SELECT names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// A trigger on a table or, with INSTEAD OF, on a view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The SQL name.
    pub name: String,
    /// The table or view that it watches.
    #[serde(rename = "on")]
    pub table: String,
    /// What stands behind the name in CREATE TRIGGER: when it fires, on what, and its body.
    #[serde(rename = "as")]
    pub definition: SqlExpr,
}

impl Trigger {
    /// Returns every name in the definition: the table, its columns, and what the body reads and writes. Words that
    /// only look like names (functions, aliases) are among them.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.definition.names()
    }
}

/// The database a schema is written for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// SQLite 3.35 or later; the planner is told the exact version.
    #[default]
    Sqlite,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// A number as its shortest text that reads back the same: JSON has no infinity, which SQL writes as `9e999`.
mod real {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{number:?}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom(format!("expected a number, found `{text}`")))
    }
}

/// Bytes as hexadecimal text.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::fmt::Write;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            write!(text, "{byte:02x}").map_err(serde::ser::Error::custom)?;
        }
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |byte: &u8| {
            char::from(*byte).to_digit(16).ok_or_else(|| D::Error::custom("expected hexadecimal digits"))
        };
        let pairs = text.as_bytes().chunks_exact(2);
        if !pairs.remainder().is_empty() {
            return Err(D::Error::custom("expected an even number of hexadecimal digits"));
        }
        pairs.map(|pair| Ok((digit(&pair[0])? * 16 + digit(&pair[1])?) as u8)).collect()
    }
}
