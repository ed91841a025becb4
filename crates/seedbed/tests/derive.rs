//! What the derives make: it agrees with what the reader makes of the same text, and it works on a real database.

mod declared;

use std::error::Error as StdError;

use declared::{Account, Cents, OldAccount, Pair, Slug, Status, pulled};
use seedbed::prelude::*;
use seedbed_schema::plan::create_statements;
use seedbed_schema::read::{Declarations, SourceFile, declarations, read_sources};

type Result<T = (), E = Box<dyn StdError>> = std::result::Result<T, E>;

/// The text of the module that this test is compiled with.
fn source() -> SourceFile {
    let text = include_str!("declared/mod.rs").replace("pub(crate) mod pulled;", "");
    SourceFile { path: "tests/declared/mod.rs".to_owned(), text }
}

fn declared() -> Result<Declarations> {
    declarations(&[source()]).map_err(|faults| faults.to_string().into())
}

/// A database with the declared tables.
fn database() -> Result<Connection> {
    let schema = read_sources(&[source()]).map_err(|faults| faults.to_string())?;
    let connection = Connection::open_in_memory()?;
    for statement in create_statements(&schema) {
        connection.execute_batch(&statement)?;
    }
    Ok(connection)
}

fn account(id: i64) -> Result<Account> {
    Ok(Account {
        id,
        slug: Slug { text: format!("slug-{id}") },
        status: Status::InReview,
        r#type: "human".to_owned(),
        age: 61,
        balance: Some(Cents(-5)),
        anything: 0.5,
        bytes: vec![0, 255],
        digest: [1, 2, 3, 4],
        flag: true,
        uuid: "550e8400-e29b-41d4-a716-446655440000".parse()?,
        compact: Some("550e8400-e29b-41d4-a716-446655440001".parse()?),
        created_at: "2026-01-31T12:00:00.123Z".parse()?,
        seen_at: Some("2026-01-31T12:00:01Z".parse()?),
        exact_at: "2026-01-31T12:00:02.345Z".parse()?,
        tags: Json(vec!["a".to_owned()]),
        double_age: 122,
    })
}

/// Inserts a row through what the derive made.
fn insert<T: Table>(connection: &Connection, row: &T, generated: &[&str]) -> Result {
    let names: Vec<String> = T::COLUMNS
        .iter()
        .filter(|column| !generated.contains(&column.name))
        .map(|column| format!("\"{}\"", column.name))
        .collect();
    let marks = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO \"{}\" ({}) VALUES ({marks})", T::NAME, names.join(", "));
    connection.execute(&sql, &row.values())?;
    Ok(())
}

#[test]
fn the_derive_and_the_reader_see_the_same() -> Result {
    let declared = declared()?;
    let tables: Vec<String> = declared.tables.iter().map(|table| table.text()).collect();
    assert_eq!(tables, [Account::DECLARATION, Pair::DECLARATION]);
    let views: Vec<String> = declared.views.iter().map(|view| view.text()).collect();
    assert_eq!(views, [OldAccount::DECLARATION]);
    Ok(())
}

#[test]
fn names_storage_and_nullability_agree_with_the_schema() -> Result {
    let schema = read_sources(&[source()]).map_err(|faults| faults.to_string())?;
    for (table, columns) in [(Account::NAME, Account::COLUMNS), (Pair::NAME, Pair::COLUMNS)] {
        let table = schema.table(table).ok_or("a table is missing")?;
        assert_eq!(table.columns.len(), columns.len());
        for (column, meta) in table.columns.iter().zip(columns) {
            assert_eq!((column.name.as_str(), column.nullable), (meta.name, meta.nullable));
            let storage = format!("{:?}", meta.storage).to_uppercase();
            let stored = column.column_type.as_str();
            assert!(stored == storage || stored == "ANY", "{}: {stored} and {storage}", column.name);
        }
    }
    Ok(())
}

#[test]
fn a_row_comes_back_as_it_was_written() -> Result {
    let connection = database()?;
    let rows = [account(1)?, Account { balance: None, compact: None, seen_at: None, ..account(2)? }];
    for row in &rows {
        insert(&connection, row, &["double_age"])?;
    }
    let found = connection.query(Account::SELECT, params![], Account::from_row)?;
    assert_eq!(found, rows);

    let pair = Pair { left: 1, right: 2, note: "both".to_owned() };
    insert(&connection, &pair, &[])?;
    assert_eq!(connection.query_one(Pair::SELECT, params![], Pair::from_row)?, pair);
    Ok(())
}

#[test]
fn a_view_is_read_by_its_columns() -> Result {
    let connection = database()?;
    insert(&connection, &account(1)?, &["double_age"])?;
    let old = connection.query_one(OldAccount::SELECT, params![], OldAccount::from_row)?;
    assert_eq!(old, OldAccount { id: 1, seen_at: account(1)?.seen_at });
    Ok(())
}

#[test]
fn a_stored_form_that_does_not_fit_names_the_column() -> Result {
    let connection = database()?;
    insert(&connection, &account(1)?, &["double_age"])?;
    connection.execute("UPDATE accounts SET compact = x'00'", params![])?;
    let error = connection.query_one(Account::SELECT, params![], Account::from_row).unwrap_err();
    assert!(error.to_string().contains("compact"), "{error}");
    Ok(())
}

#[test]
fn a_text_enum_knows_its_texts() {
    let texts: Vec<&str> = Status::VARIANTS.iter().map(TextEnum::text).collect();
    assert_eq!(texts, ["active", "in_review", "off"]);
    for status in Status::VARIANTS {
        assert_eq!(Status::from_text(status.text()), Some(*status));
    }
    assert_eq!(Status::from_text("Active"), None);
    let error = Status::from_value(Value::from("gone")).unwrap_err();
    assert_eq!(error.to_string(), "expected one of `active`, `in_review`, `off`, found text `gone`");
}

macro_rules! counter {
    ($name:ident, $table:literal, $field:ident: $value:ty = $default:expr) => {
        #[derive(Debug, PartialEq, Table)]
        #[table(name = $table)]
        struct $name {
            #[column(default = $default, type = "INTEGER")]
            $field: $value,
            fixed: String,
        }
    };
}

counter!(Visits, "visits", count: i64 = 5);

/// The command line cannot read such a table, but it compiles: names of the generated code are not the macro's.
#[test]
fn a_struct_made_by_a_macro_can_be_derived_on() -> Result {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch("CREATE TABLE visits (count INTEGER NOT NULL, fixed TEXT NOT NULL)")?;
    let visits = Visits { count: 1, fixed: "a".to_owned() };
    insert(&connection, &visits, &[])?;
    assert_eq!(connection.query_one(Visits::SELECT, params![], Visits::from_row)?, visits);
    Ok(())
}

/// Reads every row of tables and views, as text.
macro_rules! rows_of {
    ($connection:expr, $($item:ident),*) => {{
        let mut rows = Vec::new();
        $(for row in $connection.query(pulled::$item::SELECT, params![], pulled::$item::from_row)? {
            rows.push(format!("{row:?}"));
        })*
        rows
    }};
}

#[test]
fn structs_that_pull_wrote_read_the_rows_that_are_there() -> Result {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(include_str!("declared/pulled.sql"))?;
    connection.execute_batch(
        "PRAGMA foreign_keys = OFF; INSERT INTO \"order items\" VALUES ('first', 1, x'01', 2.5); INSERT INTO nokey VALUES ('text', 1.5);
         INSERT INTO copied VALUES (1, NULL, 2); INSERT INTO b (id) VALUES (1); INSERT INTO a VALUES (1, 1);
         INSERT INTO conf VALUES (1, NULL, 7); INSERT INTO s (id, x) VALUES (1, 'x');
         INSERT INTO \"Match\" (\"Self\", \"日本\") VALUES ('self', 'x'); INSERT INTO events (id, at) VALUES ('e', 1)",
    )?;
    let rows = rows_of!(connection, User, OrderItem, Kv, Nokey, Copied, A, B, Conf, S, Match, Event, V, W);
    assert_eq!(rows.len(), 12);
    assert!(rows[0].contains("type: Root, email: Some(\"a@b\"), is_admin: false"), "{}", rows[0]);
    assert!(rows.iter().any(|row| row.contains("self_: Some(AnyValue(Real(2.5)))")), "{rows:#?}");
    assert!(rows.iter().any(|row| row.contains("at: 1970-01-01T00:00:01Z")), "{rows:#?}");
    Ok(())
}
