//! The tables in Rust are those of the original's database.

use std::error::Error;

use seedbed::{Connection, Storage, Table, params};
use sprout::schema::{
    Answer, Assessment, Branch, ChatMessage, ChatSession, HintEvent, Node, NodeContent, NodeEdge,
    NodeGeneration, Question, TopicDocument, User, UserNodeProgress,
};

/// Name, declared type and whether NULL is accepted, column by column.
type Columns = Vec<(String, &'static str, bool)>;

fn declared<T: Table>() -> (&'static str, Columns) {
    let columns = T::COLUMNS.iter().map(|column| {
        let sql_type = match column.storage {
            Storage::Integer => "INTEGER",
            Storage::Real => "REAL",
            Storage::Text => "TEXT",
            Storage::Blob | Storage::Any => "another type",
        };
        (column.name.to_owned(), sql_type, column.nullable)
    });
    (T::NAME, columns.collect())
}

fn original(connection: &Connection, table: &str) -> Result<Columns, seedbed::Error> {
    let query = "SELECT name, upper(type), \"notnull\" FROM pragma_table_info(?1) ORDER BY cid";
    connection.query(query, params![table], |row| {
        let sql_type = match row.get::<String>(1)?.as_str() {
            "INTEGER" => "INTEGER",
            "REAL" => "REAL",
            "TEXT" => "TEXT",
            _ => "unknown",
        };
        Ok((row.get(0)?, sql_type, !row.get::<bool>(2)?))
    })
}

#[test]
fn every_column_is_that_of_the_original() -> Result<(), Box<dyn Error>> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(include_str!("data/original.sql"))?;
    let tables = [
        declared::<User>(),
        declared::<Branch>(),
        declared::<Node>(),
        declared::<NodeEdge>(),
        declared::<TopicDocument>(),
        declared::<NodeContent>(),
        declared::<NodeGeneration>(),
        declared::<Assessment>(),
        declared::<Question>(),
        declared::<Answer>(),
        declared::<UserNodeProgress>(),
        declared::<ChatSession>(),
        declared::<ChatMessage>(),
        declared::<HintEvent>(),
    ];
    for (name, columns) in tables {
        assert_eq!(columns, original(&connection, name)?, "{name}");
    }
    Ok(())
}
