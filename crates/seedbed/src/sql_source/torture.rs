//! Every way of writing is read as what SQLite itself says of it: each object that `torture.sql` makes is compared with
//! the pragmas.

use rusqlite::Connection;
use seedbed_schema::model::{ColumnType, IndexTerm, Table};

use super::read;

const SQL: &str = include_str!("torture.sql");

/// Returns the rows of a query as texts, columns apart by `|`.
fn rows(connection: &Connection, sql: &str, name: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([name], |row| row.get::<_, String>(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Says of a table in SQLite's way what the model has.
fn columns(table: &Table) -> Vec<String> {
    let place = |name: &str| {
        let parts = table.primary_key.iter().flat_map(|key| &key.columns);
        parts.into_iter().position(|part| part.name.eq_ignore_ascii_case(name)).map_or(0, |at| at + 1)
    };
    let of_column = |column: &seedbed_schema::model::Column| {
        let hidden = column.generated.as_ref().map_or(0, |it| if it.stored { 3 } else { 2 });
        let not_null = !column.nullable || (table.without_rowid && place(&column.name) > 0);
        let type_name = column.column_type.as_str().to_ascii_uppercase();
        format!(
            "{}|{type_name}|{}|{}|{}|{hidden}",
            column.name,
            i32::from(not_null),
            i32::from(column.default.is_some()),
            place(&column.name)
        )
    };
    table.columns.iter().map(of_column).collect()
}

fn foreign_keys(table: &Table) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for key in &table.foreign_keys {
        for (at, column) in key.columns.iter().enumerate() {
            let to = key.referenced_columns.get(at).map_or("", String::as_str);
            keys.push(format!(
                "{at}|{column}|{}|{to}|{}|{}",
                key.referenced_table,
                key.on_update.as_sql(),
                key.on_delete.as_sql()
            ));
        }
    }
    keys.sort();
    keys
}

fn indexes(table: &Table) -> Vec<String> {
    let of_index = |index: &seedbed_schema::model::Index| {
        let parts: Vec<String> = index
            .columns
            .iter()
            .map(|part| {
                let name = match &part.term {
                    IndexTerm::Column(name) => name.as_str(),
                    IndexTerm::Expr(_) => "(expression)",
                };
                format!("{name}{}", if part.descending { " DESC" } else { "" })
            })
            .collect();
        format!(
            "{}|{}|{}|{}",
            index.name,
            i32::from(index.unique),
            i32::from(index.predicate.is_some()),
            parts.join(",")
        )
    };
    let mut indexes: Vec<String> = table.indexes.iter().map(of_index).collect();
    indexes.sort();
    indexes
}

fn uniques(table: &Table) -> Vec<String> {
    let parts = |unique: &seedbed_schema::model::Unique| {
        unique.columns.iter().map(|part| part.name.clone()).collect::<Vec<_>>().join(",")
    };
    let mut uniques: Vec<String> = table.uniques.iter().map(parts).collect();
    uniques.sort();
    uniques
}

#[test]
fn every_way_of_writing_means_what_sqlite_says() {
    let source = read(SQL).unwrap_or_else(|fault| panic!("{}: {}", fault.message, &SQL[fault.span.clone()]));
    let schema = source.found.schema;
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(SQL).unwrap();

    let names = |kind: &str| {
        rows(
            &connection,
            "SELECT name FROM sqlite_schema WHERE type = ?1 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
            kind,
        )
    };
    assert_eq!(schema.tables.iter().map(|it| it.name.clone()).collect::<Vec<_>>(), names("table"));
    assert_eq!(schema.views.iter().map(|it| it.name.clone()).collect::<Vec<_>>(), names("view"));
    assert_eq!(schema.triggers.iter().map(|it| it.name.clone()).collect::<Vec<_>>(), names("trigger"));
    for table in &schema.tables {
        let name = &table.name;
        let said = rows(
            &connection,
            "SELECT name || '|' || upper(type) || '|' || \"notnull\" || '|' || (dflt_value IS NOT NULL) || '|' || pk || '|' || hidden
             FROM pragma_table_xinfo(?1) ORDER BY cid",
            name,
        );
        // SQLite keeps the white space of a type as it was written.
        let said: Vec<String> = said
            .iter()
            .map(|row| {
                let mut parts: Vec<String> = row.split('|').map(str::to_owned).collect();
                parts[1] = ColumnType::new(&parts[1]).as_str().to_owned();
                parts.join("|")
            })
            .collect();
        assert_eq!(columns(table), said, "the columns of {name}");
        let said = rows(
            &connection,
            "SELECT seq || '|' || \"from\" || '|' || \"table\" || '|' || coalesce(\"to\", '') || '|' || on_update || '|' || on_delete
             FROM pragma_foreign_key_list(?1) ORDER BY 1",
            name,
        );
        assert_eq!(foreign_keys(table), said, "the foreign keys of {name}");
        let said = rows(
            &connection,
            "SELECT l.name || '|' || l.\"unique\" || '|' || l.partial || '|' || (SELECT group_concat(coalesce(name, '(expression)') || iif(\"desc\", ' DESC', ''), ',')
                 FROM (SELECT * FROM pragma_index_xinfo(l.name) WHERE key ORDER BY seqno))
             FROM pragma_index_list(?1) AS l WHERE origin = 'c' ORDER BY 1",
            name,
        );
        assert_eq!(indexes(table), said, "the indexes of {name}");
        let said = rows(
            &connection,
            "SELECT (SELECT group_concat(name, ',') FROM (SELECT * FROM pragma_index_xinfo(l.name) WHERE key ORDER BY seqno))
             FROM pragma_index_list(?1) AS l WHERE origin = 'u' ORDER BY 1",
            name,
        );
        assert_eq!(uniques(table), said, "the unique constraints of {name}");
        let options =
            rows(&connection, "SELECT strict || '|' || wr FROM pragma_table_list WHERE name = ?1", name);
        assert_eq!(options, [format!("{}|{}", i32::from(table.strict), i32::from(table.without_rowid))]);
    }
    let checks: usize = schema.tables.iter().map(|table| table.checks.len()).sum();
    assert_eq!(checks, 4, "SQLite has no pragma for them");
}

/// The model of it all is written as statements that make the very same again.
#[test]
fn what_was_read_is_written_and_read_again() {
    let schema = read(SQL).unwrap().found.schema;
    let script = seedbed_schema::plan::create_script(&schema);
    let again = read(&script).unwrap_or_else(|fault| panic!("{}\n{script}", fault.message)).found.schema;
    let observable = seedbed_schema::normalize::observable;
    assert_eq!(observable(&again), observable(&schema), "{script}");
}
