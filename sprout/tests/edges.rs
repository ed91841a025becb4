//! Edges in the database: what is refused, and the order that they give.

use std::error::Error;

use seedbed::Connection;
use seedbed::testing::Template;
use sprout::database::MIGRATIONS;
use sprout::error::AppError;
use sprout::store::edges::{self, Made};

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

fn database() -> Result<Connection> {
    let connection = Template::of(MIGRATIONS)?.database()?;
    connection.execute_batch(
        "INSERT INTO users (id, email) VALUES ('u', 'u@x'), ('v', 'v@x');
         INSERT INTO branches (id, title, user_id) VALUES ('br', 'Trees', 'u');
         INSERT INTO nodes (id, user_id, type, branch_id, title) VALUES ('c', 'u', 'concept', 'br', 'Crown'),
           ('b', 'u', 'concept', 'br', 'Bark'), ('a', 'u', 'concept', 'br', 'Acorn'), ('other', 'v', 'concept', NULL, 'x'),
           ('root', 'u', 'root', 'br', 'Tree');",
    )?;
    Ok(connection)
}

fn refusal(connection: &Connection, source: &str, target: &str) -> Result<String> {
    match edges::create(connection, source, target) {
        Err(AppError::Invalid { message, .. } | AppError::Conflict(message)) => Ok(message),
        other => Err(format!("{other:?}").into()),
    }
}

fn ok<T>(result: std::result::Result<T, AppError>) -> Result<T> {
    result.map_err(|error| format!("{error:?}").into())
}

#[test]
fn an_edge_is_made_once_and_gives_an_order() -> Result {
    let connection = database()?;
    let titles = || -> Result<String> {
        let nodes = edges::learning_order(&connection, "br")?;
        Ok(nodes
            .into_iter()
            .map(|node| node.title)
            .filter(|title| title != "Tree")
            .collect::<Vec<_>>()
            .join(" "))
    };
    assert_eq!(titles()?, "Crown Bark Acorn");
    let Made::New(edge) = ok(edges::create(&connection, "a", "b"))? else { panic!("it was not there") };
    assert_eq!(ok(edges::create(&connection, "a", "b"))?, Made::Known(edge.clone()));
    ok(edges::create(&connection, "b", "c"))?;
    assert_eq!(titles()?, "Acorn Bark Crown");
    ok(edges::delete(&connection, &edge.id))?;
    assert_eq!(titles()?, "Bark Crown Acorn");
    assert!(matches!(edges::delete(&connection, &edge.id), Err(AppError::NotFound("Edge not found"))));
    Ok(())
}

/// The original took circles of any length (B20).
#[test]
fn an_edge_that_closes_a_circle_is_refused_with_the_way_around() -> Result {
    let connection = database()?;
    ok(edges::create(&connection, "a", "b"))?;
    ok(edges::create(&connection, "b", "c"))?;
    assert_eq!(
        refusal(&connection, "c", "a")?,
        "The edge would close a circle: Crown → Acorn → Bark → Crown"
    );
    assert_eq!(refusal(&connection, "b", "a")?, "The edge would close a circle: Bark → Acorn → Bark");
    assert_eq!(refusal(&connection, "a", "a")?, "The edge would close a circle: Acorn → Acorn");
    assert_eq!(refusal(&connection, "a", "other")?, "targetNodeId belongs to another user");
    for (source, target) in [("root", "a"), ("a", "root")] {
        assert!(refusal(&connection, source, target)?.starts_with("targetNodeId must be a "));
    }
    assert_eq!(
        refusal(&connection, "x", "y")?,
        "sourceNodeId is the id of no node; targetNodeId is the id of no node"
    );
    Ok(())
}
