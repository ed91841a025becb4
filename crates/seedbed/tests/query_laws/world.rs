//! Two tables and a small one, with names that break what forgets to quote, and random rows of everything a column can hold.

use rusqlite::types::Value as Raw;
use seedbed::prelude::*;

use crate::random::Random;

#[derive(Debug, Clone, Copy, PartialEq, TextEnum)]
pub(crate) enum Kind {
    Plain,
    #[text_enum(rename = "it's \"odd\"")]
    Odd,
    InProgress,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "the \"items\"")]
pub(crate) struct Item {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(name = "group")]
    pub(crate) group_id: Option<i64>,
    pub(crate) text: String,
    #[column(name = "no\"te ?1")]
    pub(crate) note: Option<String>,
    pub(crate) number: i64,
    pub(crate) small: Option<i16>,
    pub(crate) ratio: f64,
    pub(crate) share: Option<f64>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) flag: bool,
    pub(crate) r#type: Kind,
    pub(crate) at: Timestamp,
    #[column(stored_as = "unix_seconds")]
    pub(crate) seconds: Option<Timestamp>,
    #[column(stored_as = "unix_milliseconds")]
    pub(crate) millis: Timestamp,
    pub(crate) uid: Uuid,
    #[column(stored_as = "blob")]
    pub(crate) raw: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "order")]
pub(crate) struct Group {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(name = "select", unique)]
    pub(crate) text: String,
    pub(crate) number: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "Mixed Case")]
pub(crate) struct Tag {
    #[column(primary_key)]
    pub(crate) number: i64,
    pub(crate) text: Option<String>,
}

alias!(pub(crate) Other = Item);

const TABLES: &str = r#"
CREATE TABLE "the ""items""" (id INTEGER PRIMARY KEY NOT NULL, "group" INTEGER, text TEXT NOT NULL, "no""te ?1" TEXT,
  number INTEGER NOT NULL, small INTEGER, ratio REAL NOT NULL, share REAL, bytes BLOB NOT NULL, flag INTEGER NOT NULL,
  type TEXT NOT NULL, at TEXT NOT NULL, seconds INTEGER, millis INTEGER NOT NULL, uid TEXT NOT NULL, raw BLOB);
CREATE TABLE "order" (id INTEGER PRIMARY KEY NOT NULL, "select" TEXT NOT NULL UNIQUE, number INTEGER);
CREATE TABLE "Mixed Case" (number INTEGER PRIMARY KEY NOT NULL, text TEXT);
"#;

/// A database and the rows that are in it.
pub(crate) struct World {
    pub(crate) db: Connection,
    pub(crate) items: Vec<Item>,
    pub(crate) groups: Vec<Group>,
}

impl World {
    pub(crate) fn new(random: &mut Random) -> Self {
        let count = random.below(40);
        let items: Vec<Item> = (0..count).map(|at| item(at as i64 * 3 - 20, random)).collect();
        let groups: Vec<Group> = (0..random.below(6))
            .map(|at| Group {
                id: at as i64,
                text: format!("{}{at}", text(random)),
                number: maybe(random, number),
            })
            .collect();
        let tags: Vec<Tag> = [-1, 0, 1, 2, i64::MAX][random.below(5)..]
            .iter()
            .map(|number| Tag { number: *number, text: maybe(random, text) })
            .collect();
        let db = Self::empty();
        Insert::rows(&items).run(&db).expect("the items fit");
        Insert::rows(&groups).run(&db).expect("the groups fit");
        Insert::rows(&tags).run(&db).expect("the tags fit");
        Self { db, items, groups }
    }

    /// A database without rows.
    pub(crate) fn empty() -> Connection {
        let db = Connection::open_in_memory().expect("a database in memory opens");
        db.execute_batch(TABLES).expect("the tables are right");
        db
    }

    /// A second database with the same rows, put in by hand.
    pub(crate) fn copy(&self) -> Connection {
        let db = Self::empty();
        for (table, width) in [("\"the \"\"items\"\"\"", 16), ("\"order\"", 3), ("\"Mixed Case\"", 2)] {
            let places = vec!["?"; width].join(", ");
            for row in rows(&self.db, &format!("SELECT * FROM {table}"), &[]) {
                let insert = format!("INSERT INTO {table} VALUES ({places})");
                db.rusqlite().execute(&insert, rusqlite::params_from_iter(row)).expect("the row fits");
            }
        }
        db
    }
}

/// Everything that is in the tables.
pub(crate) fn contents(db: &Connection) -> Vec<Vec<Raw>> {
    ["\"the \"\"items\"\"\"", "\"order\"", "\"Mixed Case\""]
        .iter()
        .flat_map(|table| rows(db, &format!("SELECT * FROM {table} ORDER BY 1"), &[]))
        .collect()
}

/// The rows of a hand-written query.
pub(crate) fn rows(db: &Connection, sql: &str, params: &[Raw]) -> Vec<Vec<Raw>> {
    let mut statement = db.rusqlite().prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let width = statement.column_count();
    statement
        .query_map(rusqlite::params_from_iter(params), |row| (0..width).map(|at| row.get(at)).collect())
        .and_then(Iterator::collect)
        .unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// The first column of a hand-written query, whole numbers.
pub(crate) fn numbers(db: &Connection, sql: &str, params: &[Raw]) -> Vec<i64> {
    rows(db, sql, params)
        .into_iter()
        .map(|row| match row[0] {
            Raw::Integer(number) => number,
            ref other => panic!("{other:?} is no number"),
        })
        .collect()
}

/// A value as rusqlite has it.
pub(crate) fn raw(value: &Value<'_>) -> Raw {
    match value {
        Value::Null => Raw::Null,
        Value::Integer(number) => Raw::Integer(*number),
        Value::Real(number) => Raw::Real(*number),
        Value::Text(text) => Raw::Text(text.to_string()),
        Value::Blob(bytes) => Raw::Blob(bytes.to_vec()),
    }
}

/// A row as rusqlite has it.
pub(crate) fn raw_row<T: Table>(row: &T) -> Vec<Raw> {
    row.values().iter().map(raw).collect()
}

/// A row that may be missing, as rusqlite has it.
pub(crate) fn raw_option<T: Table>(row: Option<&T>) -> Vec<Raw> {
    row.map_or_else(|| vec![Raw::Null; T::COLUMNS.len()], raw_row)
}

pub(crate) fn stored<T: DbType>(value: &T) -> Raw {
    raw(&value.to_value())
}

pub(crate) fn maybe<T>(random: &mut Random, make: impl Fn(&mut Random) -> T) -> Option<T> {
    (!random.one_in(3)).then(|| make(random))
}

pub(crate) fn item(id: i64, random: &mut Random) -> Item {
    Item {
        id,
        group_id: maybe(random, |random| random.below(8) as i64),
        text: text(random),
        note: maybe(random, text),
        number: number(random),
        small: maybe(random, |random| *random.pick(&[i16::MIN, -1, 0, 1, 7, i16::MAX])),
        ratio: ratio(random),
        share: maybe(random, ratio),
        bytes: bytes(random),
        flag: random.one_in(2),
        r#type: kind(random),
        at: time(random),
        seconds: maybe(random, seconds),
        millis: time(random),
        uid: uuid(random),
        raw: maybe(random, uuid),
    }
}

/// Texts that break what joins them into SQL, patterns, or JSON.
pub(crate) const TEXTS: [&str; 18] = [
    "",
    "a",
    "A",
    "ab",
    "b",
    "'; DROP TABLE \"order\"; --",
    "it's",
    "\"quoted\"",
    "`back`",
    "[brackets]",
    "nul\0nul",
    "?1 ? :a @b $c",
    "{} {{}} {0}",
    "100% _ \\",
    "na\u{ef}ve \u{1f331}",
    "line\r\n\ttab\u{1}\u{7f}\u{2028}",
    "1",
    "-0.0",
];

pub(crate) fn text(random: &mut Random) -> String {
    (*random.pick(&TEXTS)).to_owned()
}

pub(crate) fn number(random: &mut Random) -> i64 {
    *random.pick(&[
        i64::MIN,
        i64::MIN + 1,
        -(1 << 53) - 1,
        -2,
        -1,
        0,
        1,
        2,
        3,
        1 << 53,
        i64::MAX - 1,
        i64::MAX,
    ])
}

pub(crate) fn ratio(random: &mut Random) -> f64 {
    *random.pick(&[
        f64::MIN,
        -1.5,
        -0.0,
        0.0,
        0.1,
        0.3,
        1.0,
        2.0,
        1e-300,
        9_007_199_254_740_993.0,
        f64::MAX,
        f64::INFINITY,
    ])
}

pub(crate) fn bytes(random: &mut Random) -> Vec<u8> {
    random.pick(&[&b""[..], b"\0", b"a", b"'; --", b"\xff\xfe", b"abc"]).to_vec()
}

pub(crate) fn kind(random: &mut Random) -> Kind {
    *random.pick(&[Kind::Plain, Kind::Odd, Kind::InProgress])
}

/// A time in whole milliseconds, before and after 1970.
pub(crate) fn time(random: &mut Random) -> Timestamp {
    let milliseconds = *random.pick(&[
        -62_135_596_800_000,
        -1_500,
        -1,
        0,
        999,
        1_000,
        1_700_000_000_123,
        253_402_207_200_000,
    ]);
    Timestamp::from_millisecond(milliseconds).expect("a time of four-digit years")
}

pub(crate) fn seconds(random: &mut Random) -> Timestamp {
    Timestamp::from_second(*random.pick(&[-62_135_596_800, -1, 0, 1, 1_700_000_000]))
        .expect("a time of four-digit years")
}

pub(crate) fn uuid(random: &mut Random) -> Uuid {
    Uuid::from_u128(*random.pick(&[0, 1, u128::MAX, 0x1234_5678_9abc_def0_1234_5678_9abc_def0]))
}
