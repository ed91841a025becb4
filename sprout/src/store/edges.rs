//! Edges: which node is to be learned before which.

use seedbed::prelude::*;
use seedbed::query::rowid;

use crate::schema::{Node, NodeEdge, NodeKind};

/// Returns the edges whose both ends are direct children of a node, of one kind when it is given; an unknown one matches
/// nothing.
///
/// # Errors
///
/// When the database refuses.
pub fn among_children(db: &Connection, node_id: &str, kind: Option<&str>) -> Result<Vec<NodeEdge>, Error> {
    let kind = kind.map(NodeKind::from_text);
    if kind == Some(None) {
        return Ok(Vec::new());
    }
    let children = || {
        Select::from::<Node>()
            .filter(Node::parent_id.eq(node_id))
            .filter_option(kind.flatten().map(|kind| Node::kind.eq(kind)))
            .select(Node::id)
    };
    Select::from::<NodeEdge>()
        .filter(NodeEdge::source_node_id.in_query(children()))
        .filter(NodeEdge::target_node_id.in_query(children()))
        .order_by(rowid::<NodeEdge>())
        .all(db)
}
