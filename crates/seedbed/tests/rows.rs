//! Generated rows on real tables: whatever the tables demand, the rows satisfy it.

use rusqlite::Connection;
use rusqlite::types::Value;
use seedbed::rows::{self, FillOptions, FillReport, Manner};
use seedbed_schema::model::Schema;
use seedbed_schema::sql::{DdlObject, quote_identifier, read_object};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Makes the tables, foreign keys switched on.
fn database(ddl: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch("PRAGMA foreign_keys = ON")?;
    connection.execute_batch(ddl)?;
    Ok(connection)
}

/// Reads the tables back from the CREATE statements that SQLite keeps.
fn schema_of(connection: &Connection) -> Result<Schema, Box<dyn std::error::Error>> {
    let mut statement = connection.prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC",
    )?;
    let texts: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut schema = Schema::default();
    for text in &texts {
        match read_object(text)? {
            DdlObject::Table(table) => schema.tables.push(table),
            DdlObject::Index { table, index } => {
                let table =
                    schema.tables.iter_mut().find(|known| known.name == table).expect("tables come first");
                table.indexes.push(index);
            }
            _ => {}
        }
    }
    Ok(schema)
}

fn fill(connection: &Connection, rows: usize) -> Result<FillReport, Box<dyn std::error::Error>> {
    Ok(rows::fill(connection, &schema_of(connection)?, None, rows, 7)?)
}

/// Fills the tables and expects `rows` rows in each, and a sound database.
fn expect_rows(ddl: &str, rows: usize) -> Result<Connection, Box<dyn std::error::Error>> {
    let connection = database(ddl)?;
    let report = fill(&connection, rows)?;
    for table in &report.tables {
        assert_eq!(table.rows, rows, "{table:?}\n{ddl}");
        let sql = format!("SELECT count(*) FROM {}", quote_identifier(&table.table));
        assert_eq!(connection.query_row(&sql, [], |row| row.get::<_, usize>(0))?, rows);
    }
    assert!(!connection.prepare("PRAGMA foreign_key_check")?.exists([])?, "{ddl}");
    assert!(connection.is_autocommit());
    Ok(connection)
}

fn all_values(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<Value>> {
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

#[test]
fn checks_of_many_kinds_are_met() -> Outcome {
    for check in [
        "a IN ('red', 'it''s; green', 'b,lue')",
        "a BETWEEN -12 AND -10 AND b > a",
        "length(a) = 7 AND a NOT GLOB '*[^0-9]*'",
        "a LIKE '%_@_%.__%'",
        "a GLOB '[A-Z][A-Z]-[0-9][0-9]'",
        "typeof(a) = 'real' AND a > 2.5 AND a < 2.75",
        "(a IS NULL) <> (b IS NULL)",
        "json_valid(a) AND json_type(a) = 'object'",
        "a IS date(a)",
        "a % 15 = 0 AND a > 0",
        "a = upper(a) AND length(a) > 2",
        "a = 'x' AND b = 'y' AND c IN (3, 4)",
        "CASE WHEN a = 'paid' THEN b IS NOT NULL AND c >= 100 ELSE b IS NULL END",
        "b = a AND c <> a",
        "substr(a, 1, 3) = 'ab:' AND instr(a, '/') > 0",
        "a > 1e6 OR a = 'all'",
        "\"d e\" = x'00ff' OR \"d e\" IS NULL",
        "coalesce(a, b) IS NOT NULL AND abs(c) <= 1",
        "a BETWEEN 0 AND 1",
    ] {
        expect_rows(&format!("CREATE TABLE t (a, b, c INTEGER NOT NULL, \"d e\" BLOB, CHECK ({check}))"), 4)?;
    }
    Ok(())
}

/// A dozen of such columns in a table left it empty: each was met by chance only.
#[test]
fn a_table_full_of_times_and_documents_of_one_form_takes_rows() -> Outcome {
    let time = "TEXT NOT NULL CHECK (@ IS strftime('%Y-%m-%dT%H:%M:%fZ', @))";
    let columns: Vec<String> = ["a", "made_at", "c_at", "d", "e", "f"]
        .into_iter()
        .map(|name| format!("{name} {}", time.replace('@', name)))
        .chain(["row", "data"].map(|name| format!("\"{name}\" TEXT NOT NULL CHECK (json_valid(\"{name}\"))")))
        .collect();
    expect_rows(&format!("CREATE TABLE t ({}) STRICT", columns.join(", ")), 12)?;
    Ok(())
}

#[test]
fn unique_constraints_and_indexes_of_all_kinds_are_met() -> Outcome {
    expect_rows(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE COLLATE NOCASE, b TEXT CHECK (b IN ('x', 'y', 'z')),
           c INTEGER CHECK (c BETWEEN 1 AND 3), d TEXT NOT NULL, UNIQUE (b, c));
         CREATE UNIQUE INDEX t_lower ON t (lower(d));
         CREATE UNIQUE INDEX t_partial ON t (c DESC, d COLLATE NOCASE) WHERE b = 'x';
         CREATE TABLE w (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
         CREATE TABLE s (a INT NOT NULL, b REAL, c TEXT, d BLOB, e ANY, f INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;
         CREATE UNIQUE INDEX json_a ON s (json_extract(c, '$.n'), f)",
        12,
    )?;
    Ok(())
}

#[test]
fn a_unique_column_of_two_values_takes_two_rows_and_says_why() -> Outcome {
    let connection = database("CREATE TABLE flags (flag INTEGER NOT NULL UNIQUE CHECK (flag IN (0, 1)))")?;
    let report = fill(&connection, 5)?;
    assert_eq!(report.tables[0].rows, 2);
    assert!(report.tables[0].refusal.is_some());
    assert_eq!(report.unfilled().count(), 0);
    Ok(())
}

#[test]
fn a_table_that_no_row_satisfies_is_reported_with_sqlites_reason() -> Outcome {
    let connection = database(
        "CREATE TABLE never (a INTEGER NOT NULL CONSTRAINT a_range CHECK (a > 1 AND a < 1)); CREATE TABLE ever (a TEXT)",
    )?;
    let report = fill(&connection, 3)?;
    let unfilled: Vec<_> = report.unfilled().collect();
    assert_eq!(unfilled.len(), 1);
    assert_eq!(unfilled[0].table, "never");
    assert_eq!(unfilled[0].refusal.as_deref(), Some("CHECK constraint failed: a_range"));
    assert_eq!(all_values(&connection, "SELECT count(*) FROM ever")?, [Value::Integer(3)]);
    Ok(())
}

#[test]
fn foreign_keys_find_their_parents_in_chains_cycles_and_themselves() -> Outcome {
    expect_rows(
        "CREATE TABLE chapters (id TEXT PRIMARY KEY NOT NULL, book INTEGER NOT NULL REFERENCES books ON DELETE CASCADE);
         CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, first TEXT REFERENCES chapters (id))",
        5,
    )?;
    expect_rows(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT NOT NULL REFERENCES b (id));
         CREATE TABLE b (id TEXT PRIMARY KEY NOT NULL, c BLOB NOT NULL UNIQUE REFERENCES c (id));
         CREATE TABLE c (id BLOB PRIMARY KEY NOT NULL, a INTEGER NOT NULL REFERENCES a (id)) WITHOUT ROWID",
        5,
    )?;
    expect_rows(
        "CREATE TABLE tree (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES tree (id) ON DELETE RESTRICT);
         CREATE TABLE pair (x TEXT NOT NULL, y INTEGER NOT NULL, px TEXT NOT NULL, py INTEGER NOT NULL, PRIMARY KEY (x, y),
           FOREIGN KEY (px, py) REFERENCES pair (x, y) DEFERRABLE INITIALLY DEFERRED) WITHOUT ROWID",
        5,
    )?;
    expect_rows(
        "CREATE TABLE teams (org INTEGER NOT NULL REFERENCES orgs (id), id INTEGER NOT NULL, PRIMARY KEY (org, id));
         CREATE TABLE orgs (id INTEGER PRIMARY KEY);
         CREATE TABLE members (org INTEGER NOT NULL REFERENCES orgs (id), team INTEGER, boss TEXT, id TEXT PRIMARY KEY NOT NULL,
           FOREIGN KEY (org, team) REFERENCES teams (org, id), FOREIGN KEY (boss) REFERENCES members (id), UNIQUE (org, team))",
        4,
    )?;
    Ok(())
}

#[test]
fn a_child_that_is_choosy_tells_its_parent() -> Outcome {
    expect_rows(
        "CREATE TABLE kinds (id TEXT PRIMARY KEY NOT NULL);
         CREATE TABLE things (kind TEXT NOT NULL REFERENCES kinds CHECK (kind IN ('rare', 'odd')))",
        3,
    )?;
    Ok(())
}

#[test]
fn a_parent_that_takes_no_rows_leaves_its_children_without() -> Outcome {
    let connection = database(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, a INTEGER NOT NULL CHECK (a <> a));
         CREATE TABLE needs (p INTEGER NOT NULL REFERENCES parent);
         CREATE TABLE may (p INTEGER REFERENCES parent);
         CREATE TABLE loose (p INTEGER NOT NULL REFERENCES nowhere (id));
         CREATE TABLE one (id INTEGER PRIMARY KEY, two INTEGER NOT NULL REFERENCES two (id));
         CREATE TABLE two (id INTEGER PRIMARY KEY, one INTEGER NOT NULL REFERENCES one (id), n INTEGER NOT NULL CHECK (n <> n))",
    )?;
    let report = fill(&connection, 3)?;
    let rows: Vec<_> = report.tables.iter().map(|table| (table.table.as_str(), table.rows)).collect();
    assert_eq!(rows, [("parent", 0), ("needs", 0), ("may", 3), ("loose", 0), ("two", 0), ("one", 0)]);
    assert!(report.unfilled().all(|table| table.refusal.is_some()));
    assert!(!connection.prepare("PRAGMA foreign_key_check")?.exists([])?);
    Ok(())
}

#[test]
fn generated_columns_are_left_to_sqlite_even_where_they_are_judged() -> Outcome {
    let connection = expect_rows(
        "CREATE TABLE t (a INTEGER NOT NULL, b TEXT, total INTEGER NOT NULL AS (a * 2) STORED CHECK (total BETWEEN 6 AND 20),
           label TEXT AS (coalesce(b, '') || a) UNIQUE) STRICT",
        4,
    )?;
    assert_eq!(all_values(&connection, "SELECT count(*) FROM t WHERE total = a * 2")?, [Value::Integer(4)]);
    Ok(())
}

#[test]
fn rows_that_are_there_stay_and_are_referred_to() -> Outcome {
    let ddl = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
               CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users)";
    let connection = database(ddl)?;
    connection.execute_batch("INSERT INTO users VALUES (1, 'ada'), (77, 'bob')")?;
    let schema = schema_of(&connection)?;
    let report = rows::fill(&connection, &schema, Some(&["POSTS"]), 6, 1)?;
    assert_eq!(report.tables.len(), 1);
    assert_eq!(all_values(&connection, "SELECT count(*) FROM posts")?, [Value::Integer(6)]);
    assert_eq!(all_values(&connection, "SELECT count(*) FROM users")?, [Value::Integer(2)]);
    Ok(())
}

#[test]
fn rows_of_others_that_violate_a_foreign_key_are_left_alone() -> Outcome {
    let connection = database(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER NOT NULL REFERENCES p)",
    )?;
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (999); PRAGMA foreign_keys = ON")?;
    assert_eq!(fill(&connection, 2)?.tables[1].rows, 2);
    assert_eq!(all_values(&connection, "SELECT count(*) FROM c WHERE p = 999")?, [Value::Integer(1)]);
    Ok(())
}

#[test]
fn the_same_seed_gives_the_same_rows_and_another_seed_others() -> Outcome {
    let ddl = "CREATE TABLE t (a TEXT, b REAL, c BLOB, d); CREATE TABLE u (a TEXT)";
    let digest = |seed| -> Result<Vec<Value>, Box<dyn std::error::Error>> {
        let connection = database(ddl)?;
        rows::fill(&connection, &schema_of(&connection)?, Some(&["t"]), 8, seed)?;
        Ok(all_values(&connection, "SELECT quote(a) || quote(b) || quote(c) || quote(d) FROM t")?)
    };
    assert_eq!(digest(1)?, digest(1)?);
    assert_ne!(digest(1)?, digest(2)?);
    Ok(())
}

#[test]
fn values_are_interesting() -> Outcome {
    let connection = expect_rows("CREATE TABLE t (a TEXT, n INTEGER)", 200)?;
    for found in [
        "a = ''",
        "a IS NULL",
        "a LIKE '%''%'",
        "a GLOB '[0-9]*' AND CAST(a AS INTEGER) = a",
        "n < 0",
        "n > 4294967296",
    ] {
        let sql = format!("SELECT count(*) > 0 FROM t WHERE {found}");
        assert_eq!(all_values(&connection, &sql)?, [Value::Integer(1)], "{found}");
    }
    Ok(())
}

#[test]
fn inside_a_transaction_nothing_is_committed() -> Outcome {
    let connection = database("CREATE TABLE t (a TEXT)")?;
    connection.execute_batch("BEGIN")?;
    fill(&connection, 3)?;
    assert!(!connection.is_autocommit());
    connection.execute_batch("ROLLBACK")?;
    assert_eq!(all_values(&connection, "SELECT count(*) FROM t")?, [Value::Integer(0)]);
    Ok(())
}

/// A little shop: one-to-one, many-to-many, a tree, a cycle, an overlap of two foreign keys, and conditions.
const SHOP: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL, age INTEGER CHECK (age >= 18 AND age <= 99),
      favourite_id TEXT REFERENCES products (id), created_at TEXT NOT NULL DEFAULT (datetime('now')));
    CREATE TABLE profiles (user_id INTEGER PRIMARY KEY REFERENCES users (id), bio TEXT, handle TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE categories (id TEXT PRIMARY KEY, parent_id TEXT REFERENCES categories (id), title TEXT NOT NULL CHECK (length(title) > 3)) WITHOUT ROWID;
    CREATE TABLE products (id TEXT PRIMARY KEY NOT NULL, owner_id INTEGER NOT NULL REFERENCES users (id), category_id TEXT NOT NULL REFERENCES categories (id),
      price REAL NOT NULL CHECK (price > 0), state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'sold', 'gone')), UNIQUE (owner_id, id));
    CREATE TABLE likes (user_id INTEGER NOT NULL REFERENCES users (id), product_id TEXT NOT NULL REFERENCES products (id), PRIMARY KEY (user_id, product_id)) WITHOUT ROWID;
    CREATE TABLE sales (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER NOT NULL, product_id TEXT NOT NULL,
      FOREIGN KEY (owner_id, product_id) REFERENCES products (owner_id, id), FOREIGN KEY (owner_id) REFERENCES users (id));";

fn plausible(rows: usize, seed: u64) -> FillOptions<'static> {
    FillOptions { rows, seed, manner: Manner::Plausible, all_or_nothing: true, ..FillOptions::default() }
}

#[test]
fn thousands_of_plausible_rows_satisfy_every_condition_and_reach_every_parent() -> Outcome {
    let connection = database(SHOP)?;
    let rows = 4_200;
    let report = rows::fill_with(&connection, &schema_of(&connection)?, &plausible(rows, 1))?;
    for table in &report.tables {
        assert_eq!((table.rows, &table.refusal), (rows, &None), "{table:?}");
    }
    assert!(!connection.prepare("PRAGMA foreign_key_check")?.exists([])?);
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, usize>(0));
    assert_eq!(count("SELECT count(DISTINCT user_id) FROM profiles")?, rows);
    assert!(count("SELECT count(DISTINCT owner_id) FROM products")? > rows / 3);
    assert!(count("SELECT count(*) FROM products WHERE state <> 'draft'")? > rows / 3);
    assert!(count("SELECT count(DISTINCT age) FROM users")? > 50);
    assert!(
        count("SELECT count(*) FROM categories WHERE parent_id IS NOT NULL AND parent_id <> id")? > rows / 2
    );
    assert_eq!(count("SELECT count(*) FROM users WHERE email NOT LIKE '%_@example.org'")?, 0);
    assert_eq!(count("SELECT count(*) FROM users WHERE created_at IS NOT datetime(created_at)")?, 0);
    // A second filling finds the first rows there.
    rows::fill_with(&connection, &schema_of(&connection)?, &plausible(500, 2))?;
    assert_eq!(count("SELECT count(*) FROM sales")?, rows + 500);
    Ok(())
}

#[test]
fn the_same_seed_makes_the_same_plausible_rows() -> Outcome {
    let dump = |seed| -> Result<Vec<Value>, Box<dyn std::error::Error>> {
        let connection = database(SHOP)?;
        rows::fill_with(&connection, &schema_of(&connection)?, &plausible(60, seed))?;
        Ok(all_values(
            &connection,
            "SELECT email || full_name || ifnull(favourite_id, '-') || created_at FROM users
             UNION ALL SELECT id || owner_id || price || state FROM products UNION ALL SELECT owner_id || product_id FROM sales",
        )?)
    };
    assert_eq!(dump(3)?, dump(3)?);
    assert_ne!(dump(3)?, dump(4)?);
    Ok(())
}

#[test]
fn all_or_nothing_leaves_nothing_when_a_table_takes_no_row() -> Outcome {
    let connection = database(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE never (a INTEGER NOT NULL CONSTRAINT a_range CHECK (a > 1 AND a < 1))",
    )?;
    let report = rows::fill_with(&connection, &schema_of(&connection)?, &plausible(10, 1))?;
    assert!(report.undone);
    let refusal = report.unfilled().next().and_then(|table| table.refusal.clone());
    assert_eq!(refusal.as_deref(), Some("CHECK constraint failed: a_range"));
    assert_eq!(connection.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))?, 0);
    let one = FillOptions { tables: Some(&["USERS"]), ..plausible(10, 1) };
    assert!(!rows::fill_with(&connection, &schema_of(&connection)?, &one)?.undone);
    Ok(())
}
