//! The tables in Rust are those of the original's database, and every version before this one reaches them.

use std::error::Error;

use seedbed::testing::upgrades_with;
use seedbed::{Connection, Storage, Table, params};
use sprout::database::MIGRATIONS;
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
    for (name, mut columns) in tables {
        let mut of_the_original = original(&connection, name)?;
        // Statements name their columns, so the order is nobody's business.
        columns.sort();
        of_the_original.sort();
        assert_eq!(columns, of_the_original, "{name}");
    }
    Ok(())
}

/// The rows are whatever the old tables took. What is gone from a table was set aside, as many rows as are missing.
#[test]
fn every_old_version_reaches_the_newest_without_losing_a_row() -> Result<(), Box<dyn Error>> {
    for seed in 1..4 {
        let mut versions = 0;
        upgrades_with(MIGRATIONS, 12, seed, |connection, upgrade| {
            versions += 1;
            for lost in upgrade.lost() {
                let query = "SELECT count(*) FROM set_aside WHERE table_name = ?1 AND outcome = 'removed'";
                let set_aside: u64 =
                    connection.query_one(query, params![&lost.table], |row| row.get::<u32>(0))?.into();
                assert_eq!(set_aside, lost.rows, "{} from {:?} with seed {seed}", lost.table, upgrade.from);
            }
            assert_eq!(upgrade.before.is_empty(), upgrade.from.is_none());
            Ok(())
        })?;
        assert!(versions > 7);
    }
    Ok(())
}

/// The seed of development is a file, which nobody would otherwise look at when a column changes.
#[test]
fn the_seed_of_development_runs_twice() -> Result<(), Box<dyn Error>> {
    let mut connection = seedbed::testing::Template::of(MIGRATIONS)?.database()?;
    for _ in 0..2 {
        seedbed::seed::run_sql(&mut connection, "dev.sql", include_str!("../seeds/dev.sql"), None)?;
    }
    let nodes = connection.query_one("SELECT count(*) FROM nodes", params![], |row| row.get::<i64>(0))?;
    assert_eq!(nodes, 3);
    Ok(())
}
