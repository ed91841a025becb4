//! Tables of unusual shapes, and structs in unusual places.

#![deny(warnings)]

use seedbed::prelude::*;
use seedbed::query::all_of;

/// A pub module of a crate that documents everything, as its lints would have it.
#[deny(missing_docs, missing_debug_implementations, nonstandard_style)]
#[expect(unreachable_pub, dead_code, reason = "a test has no public items")]
pub mod documented {
    use seedbed::prelude::*;

    /// A table.
    #[derive(Debug, Table)]
    #[table(name = "documented")]
    pub struct Documented {
        /// Its key.
        #[column(primary_key)]
        pub id: i64,
        /// A text.
        pub text: String,
        secret: Option<i64>,
    }

    /// A view of it.
    #[derive(Debug, View)]
    #[view(name = "seen", definition = "SELECT id FROM documented")]
    pub struct Seen {
        /// The key.
        pub id: i64,
    }

    /// What a query makes.
    #[derive(Debug, Record)]
    #[record(name = "made")]
    pub struct Made {
        /// A number.
        pub id: i64,
    }

    /// A part of a row.
    #[derive(Debug, Record)]
    pub struct Part {
        /// A text.
        pub text: String,
    }

    alias! {
        /// The table again.
        pub Again = Documented
    }

    impl Documented {
        /// Reads the field, so that it is used.
        pub fn is_secret(&self) -> bool {
            self.secret.is_some()
        }
    }
}

#[derive(Debug, PartialEq, Table)]
#[table(name = "all_defaults")]
struct AllDefaults {
    #[column(primary_key)]
    id: i64,
    #[column(default = 5)]
    number: i64,
    note: Option<String>,
}

#[test]
fn a_row_of_nothing_but_defaults_is_inserted() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch("CREATE TABLE all_defaults (id INTEGER PRIMARY KEY NOT NULL, number INTEGER NOT NULL DEFAULT 5, note TEXT)")
        .unwrap();
    Insert::row(&NewAllDefaults {}).run(&db).unwrap();
    Insert::rows(&[NewAllDefaults {}, NewAllDefaults {}]).run(&db).unwrap();
    Insert::row(&NewAllDefaults {}).or_ignore().run(&db).unwrap();
    Insert::row(&NewAllDefaults {})
        .on_conflict(AllDefaults::id)
        .do_update(|change| change.set(AllDefaults::number, 6))
        .run(&db)
        .unwrap();
    Insert::defaults::<AllDefaults>().or_ignore().run(&db).unwrap();
    let id = Insert::defaults::<AllDefaults>().returning(AllDefaults::id).one(&db).unwrap();
    assert_eq!(id, 7);
    let rows = Select::from::<AllDefaults>().all(&db).unwrap();
    assert!(rows.iter().all(|row| row.number == 5 && row.note.is_none()) && rows.len() == 7);
}

#[derive(Debug, PartialEq, Table)]
#[table(name = "made_keys", without_rowid)]
struct MadeKey {
    #[column(primary_key, default = sql("(lower(hex(randomblob(8))))"))]
    key: String,
    rowid: Option<i64>,
}

#[test]
fn a_table_without_rowids_gets_rows_of_defaults() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE made_keys (key TEXT PRIMARY KEY NOT NULL DEFAULT (lower(hex(randomblob(8)))), rowid INTEGER) WITHOUT ROWID",
    )
    .unwrap();
    assert_eq!(Insert::rows(&[NewMadeKey {}, NewMadeKey {}]).run(&db).unwrap(), 2);
    assert_eq!(Insert::row(&NewMadeKey {}).or_ignore().run(&db).unwrap(), 1);
    let rows = Select::from::<MadeKey>().all(&db).unwrap();
    assert!(rows.iter().all(|row| row.rowid.is_none() && row.key.len() == 16) && rows.len() == 3);
}

#[derive(Debug, PartialEq, Table)]
#[table(name = "generated")]
struct Generated {
    #[column(primary_key)]
    id: i64,
    #[column(generated = "id * 2", stored)]
    double: i64,
    #[column(generated = "'row ' || id")]
    label: String,
}

#[test]
fn generated_columns_are_read_and_not_written() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE generated (id INTEGER PRIMARY KEY NOT NULL, double INTEGER NOT NULL AS (id * 2) STORED,
           label TEXT NOT NULL AS ('row ' || id))",
    )
    .unwrap();
    Insert::row(&NewGenerated {}).run(&db).unwrap();
    Insert::row(&Generated { id: 5, double: 0, label: String::new() }).run(&db).unwrap();
    let rows = Select::from::<Generated>().order_by(Generated::double.desc()).all(&db).unwrap();
    assert_eq!(rows[0], Generated { id: 5, double: 10, label: "row 5".to_owned() });
    let label = Update::table::<Generated>()
        .set(Generated::id, 6)
        .filter(Generated::label.eq("row 5"))
        .returning(Generated::label)
        .one(&db);
    assert_eq!(label.unwrap(), "row 6");
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "table")]
struct Words {
    #[column(primary_key)]
    r#type: i64,
    r#match: Option<String>,
    r#fn: Option<i64>,
    select: Option<i64>,
    from: Option<i64>,
    into: Option<i64>,
    default: Option<i64>,
    clone: Option<i64>,
    drop: Option<i64>,
    eq: Option<i64>,
    fmt: Option<i64>,
    new: Option<i64>,
    read: Option<i64>,
    values: Option<i64>,
    sql: Option<i64>,
    row: Option<i64>,
    value: Option<i64>,
    error: Option<i64>,
    __row: Option<i64>,
    at: Option<i64>,
    rowid: Option<String>,
}

#[derive(Debug, PartialEq, Record)]
#[record(name = "with")]
struct Reserved {
    r#type: i64,
    r#where: Option<String>,
    at: Option<i64>,
    read: Option<i64>,
}

#[test]
fn columns_are_named_like_words_of_sql_and_rust() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE \"table\" (type INTEGER PRIMARY KEY NOT NULL, match TEXT, fn INTEGER, \"select\" INTEGER, \"from\" INTEGER,
           \"into\" INTEGER, \"default\" INTEGER, clone INTEGER, \"drop\" INTEGER, eq INTEGER, fmt INTEGER, new INTEGER,
           read INTEGER, \"values\" INTEGER, sql INTEGER, row INTEGER, value INTEGER, error INTEGER, __row INTEGER, at INTEGER,
           rowid TEXT)",
    )
    .unwrap();
    Insert::rows(&[NewWords {}, NewWords {}]).run(&db).unwrap();
    let none = Select::from::<Words>().filter(Words::rowid.is_null()).count(&db).unwrap();
    assert_eq!(none, 2);
    let changed = Update::table::<Words>()
        .set(Words::r#match, "x")
        .set(Words::from, Words::r#type + 1)
        .set(Words::eq, 3)
        .filter(Words::r#type.eq(2))
        .filter(Words::default.is_null().and(Words::values.is_null()))
        .returning(all_of::<Words>())
        .one(&db)
        .unwrap();
    assert_eq!((changed.r#match.as_deref(), changed.from, changed.clone().eq), (Some("x"), Some(3), Some(3)));
    let reserved = Select::from::<Words>().select(ReservedSelect {
        r#type: Words::r#type,
        r#where: Words::r#match,
        at: Words::at,
        read: Words::read,
    });
    let found = Select::from::<Reserved>()
        .with::<Reserved>(reserved)
        .filter(Reserved::r#where.eq("x"))
        .order_by(Reserved::r#type)
        .all(&db)
        .unwrap();
    assert_eq!(found, [Reserved { r#type: 2, r#where: Some("x".to_owned()), at: None, read: None }]);
}

macro_rules! table {
    ($name:ident, $table:literal, { $($field:ident: $ty:ty),+ }) => {
        #[derive(Debug, PartialEq, Table)]
        #[table(name = $table)]
        struct $name {
            #[column(primary_key)]
            id: i64,
            $($field: $ty),+
        }
    };
}

#[test]
fn structs_of_macros_and_inside_of_functions_are_tables() {
    table!(Made, "made", { text: String, note: Option<String>, other: std::option::Option<i64> });

    alias!(Twin = Made);

    #[derive(Debug, PartialEq, Record)]
    struct Pair {
        left: String,
        right: Option<String>,
    }

    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE made (id INTEGER PRIMARY KEY NOT NULL, text TEXT NOT NULL, note TEXT, other INTEGER)",
    )
    .unwrap();
    let id = Insert::row(&NewMade { text: "a".to_owned() }).set(Made::note, "b").run_for_rowid(&db).unwrap();
    let pairs = Select::from::<Made>()
        .left_join::<Twin>()
        .on(Twin::of(Made::id).eq(Made::id).and(Made::other.is_null()))
        .select(PairSelect { left: Made::text, right: Twin::of(Made::note) })
        .filter(Made::id.eq(id))
        .all(&db)
        .unwrap();
    assert_eq!(pairs, [Pair { left: "a".to_owned(), right: Some("b".to_owned()) }]);
}

#[derive(Debug, Table)]
#[table(name = "promises")]
struct Promise {
    #[column(primary_key)]
    id: i64,
    kept: String,
}

#[test]
fn a_null_where_a_value_is_promised_is_an_error_that_names_the_column() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE promises (id INTEGER PRIMARY KEY, kept TEXT); INSERT INTO promises VALUES (1, NULL)",
    )
    .unwrap();
    let broken = |error: Error| {
        let text = error.to_string();
        assert!(text.contains("kept") && text.contains("NULL"), "{text}");
    };
    broken(Select::from::<Promise>().all(&db).unwrap_err());
    broken(Select::from::<Promise>().select(Promise::kept).one(&db).unwrap_err());
    broken(Select::from::<Promise>().select((Promise::id, all_of::<Promise>())).first(&db).unwrap_err());
    broken(Select::from::<Promise>().select(Promise::kept.upper()).first(&db).unwrap_err());
    broken(Select::from::<Promise>().for_each(&db, |_| Ok::<_, Error>(())).unwrap_err());
    broken(
        Update::table::<Promise>()
            .set(Promise::id, 2)
            .all_rows()
            .returning(Promise::kept)
            .all(&db)
            .unwrap_err(),
    );
    broken(
        Select::from::<Promise>()
            .select(Promise::kept)
            .union(Select::from::<Promise>().select(Promise::kept))
            .all(&db)
            .unwrap_err(),
    );
}

#[test]
fn two_connections_do_not_share_what_a_schema_was() {
    let query = || Select::from::<Promise>().filter(Promise::kept.eq("yes")).select(Promise::id);
    let db = Connection::open_in_memory().unwrap();
    assert!(query().all(&db).is_err());
    db.execute_batch(
        "CREATE TABLE promises (kept TEXT, id INTEGER PRIMARY KEY); INSERT INTO promises VALUES ('yes', 4)",
    )
    .unwrap();
    assert_eq!(query().all(&db).unwrap(), [4]);
    db.execute_batch("DROP TABLE promises; CREATE TABLE promises (x, id INTEGER, y, kept TEXT); INSERT INTO promises VALUES (1, 7, 2, 'yes')")
        .unwrap();
    assert_eq!(query().all(&db).unwrap(), [7]);
    assert_eq!(Select::from::<Promise>().all(&db).unwrap()[0].kept, "yes");
}
