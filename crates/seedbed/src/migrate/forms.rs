//! The stored forms of columns, kept in the database beside the record of our objects.
//!
//! A database knows that a column is INTEGER, not that its values are seconds. Push compares with the database itself,
//! so without this record it could not tell that seconds became milliseconds, and the rows would stay as they are.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use seedbed_schema::model::{Schema, StoredForm};
use seedbed_schema::normalize::normalize;
use seedbed_schema::snapshot;

use super::history::has_table;

/// Forms by `table.column` in lower case; a column without an entry has none but its type.
pub(crate) type Forms = BTreeMap<String, StoredForm>;

/// Records the forms of a schema's columns, inside the transaction that made them so.
pub(crate) fn record(connection: &Connection, schema: &Schema) -> rusqlite::Result<()> {
    connection.execute("UPDATE main.__seedbed_objects SET form = NULL WHERE form IS NOT NULL", [])?;
    let mut update = connection.prepare(
        "UPDATE main.__seedbed_objects SET form = ?1 WHERE kind = 'column' AND name = ?2 COLLATE NOCASE",
    )?;
    for table in normalize(schema).tables {
        for column in table.columns.iter().filter(|column| !column.form.is_plain()) {
            update.execute(params![
                snapshot::render_form(&column.form),
                format!("{}.{}", table.name, column.name)
            ])?;
        }
    }
    Ok(())
}

/// Forgets the forms of a table's columns, when a script changed it and nothing says what they are now. A value of
/// unknown form is never converted.
pub(crate) fn forget(connection: &Connection, table: &str) -> rusqlite::Result<()> {
    let sql = "UPDATE main.__seedbed_objects SET form = NULL\n\
               WHERE kind = 'column' AND substr(name, 1, length(?1) + 1) = ?1 || '.' COLLATE NOCASE";
    connection.execute(sql, [table]).map(drop)
}

/// Returns the recorded forms. One that a newer version wrote and this one does not know is left out.
pub(crate) fn recorded(connection: &Connection) -> rusqlite::Result<Forms> {
    if !has_table(connection, "__seedbed_objects")? {
        return Ok(Forms::new());
    }
    let mut statement = connection.prepare(
        "SELECT name, form FROM main.__seedbed_objects WHERE kind = 'column' AND form IS NOT NULL",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut forms = Forms::new();
    for row in rows {
        let (name, text) = row?;
        if let Some(form) = snapshot::parse_form(&text) {
            forms.insert(name.to_ascii_lowercase(), form);
        }
    }
    Ok(forms)
}

#[cfg(test)]
mod tests {
    use super::{record, recorded};
    use crate::migrate::history;
    use seedbed_schema::model::{Column, Schema, StoredForm, Table};

    #[test]
    fn what_is_recorded_is_read_back_and_replaced() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        history::create_tables(&connection).unwrap();
        let name = ("column".to_owned(), "events.at".to_owned());
        history::insert_objects(&connection, [&name]).unwrap();
        let schema = |form: StoredForm| Schema {
            tables: vec![Table {
                name: "events".into(),
                columns: vec![Column { name: "at".into(), form, ..Column::default() }],
                ..Table::default()
            }],
            ..Schema::default()
        };
        let variants = StoredForm::TextEnum(vec!["open".to_owned().into(), "it's".to_owned().into()]);
        for form in [StoredForm::UnixSeconds, variants] {
            record(&connection, &schema(form.clone())).unwrap();
            assert_eq!(recorded(&connection).unwrap().get("events.at"), Some(&form));
        }
        record(&connection, &schema(StoredForm::Plain)).unwrap();
        assert!(recorded(&connection).unwrap().is_empty());
    }
}
