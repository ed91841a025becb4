//! Edges: which node is to be learned before which.

use seedbed::{Connection, Error, params};

use super::select;
use crate::schema::NodeEdge;

/// Returns the edges whose both ends are direct children of a node, of one kind when it is given.
///
/// # Errors
///
/// When the database refuses.
pub fn among_children(db: &Connection, node_id: &str, kind: Option<&str>) -> Result<Vec<NodeEdge>, Error> {
    const CHILDREN: &str = "(SELECT id FROM nodes WHERE parent_id = ?1 AND (?2 IS NULL OR type = ?2))";
    let tail = format!("WHERE source_node_id IN {CHILDREN} AND target_node_id IN {CHILDREN} ORDER BY rowid");
    select(db, &tail, params![node_id, kind])
}
