//! Edges: which node is to be learned before which.

use seedbed::prelude::*;
use seedbed::query::rowid;

use crate::schema::{Node, NodeEdge};

/// Returns the edges whose both ends are direct children of a node, of one kind when it is given.
///
/// # Errors
///
/// When the database refuses.
pub fn among_children(db: &Connection, node_id: &str, kind: Option<&str>) -> Result<Vec<NodeEdge>, Error> {
    let children = || {
        Select::from::<Node>()
            .filter(Node::parent_id.eq(node_id))
            .filter_option(kind.map(|kind| Node::kind.eq(kind)))
            .select(Node::id)
    };
    Select::from::<NodeEdge>()
        .filter(NodeEdge::source_node_id.in_query(children()))
        .filter(NodeEdge::target_node_id.in_query(children()))
        .order_by(rowid::<NodeEdge>())
        .all(db)
}
