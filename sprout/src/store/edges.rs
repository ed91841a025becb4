//! Edges: which node is to be learned before which.

use std::collections::BTreeMap;

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};

use super::new_id;
use crate::error::{AppError, Fault};
use crate::learn::graph;
use crate::schema::{NewNodeEdge, Node, NodeEdge, NodeKind};

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
            .filter_eq_option(Node::kind, kind.flatten())
            .select(Node::id)
    };
    Select::from::<NodeEdge>()
        .filter(NodeEdge::source_node_id.in_query(children()))
        .filter(NodeEdge::target_node_id.in_query(children()))
        .order_by(rowid::<NodeEdge>())
        .all(db)
}

/// Which edges a list is to hold: those with an end at a node of which all this holds. What is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The user it belongs to.
    pub user_id: Option<String>,
    /// Its branch.
    pub branch_id: Option<String>,
    /// Its id.
    pub node_id: Option<String>,
}

/// Returns the edges that match, in the order in which they were made.
///
/// # Errors
///
/// When the database refuses.
pub fn matching(db: &Connection, filter: &Filter) -> Result<Vec<NodeEdge>, AppError> {
    let edges = Select::from::<NodeEdge>().order_by(rowid::<NodeEdge>());
    if *filter == Filter::default() {
        return Ok(edges.all(db)?);
    }
    let nodes = || {
        Select::from::<Node>()
            .filter_eq_option(Node::user_id, filter.user_id.as_ref())
            .filter_eq_option(Node::branch_id, filter.branch_id.as_ref())
            .filter_eq_option(Node::id, filter.node_id.as_ref())
            .select(Node::id)
    };
    let at_one_end =
        NodeEdge::source_node_id.in_query(nodes()).or(NodeEdge::target_node_id.in_query(nodes()));
    Ok(edges.filter(at_one_end).all(db)?)
}

/// A node that edges lead to.
#[derive(Record)]
#[record(name = "reached")]
struct Reached {
    id: String,
}

/// An edge that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// It was made.
    New(NodeEdge),
    /// It was there already.
    Known(NodeEdge),
}

/// Makes an edge, or returns the one that is there already.
///
/// # Errors
///
/// When an end does not exist, both belong to different users, are of different levels or are the same, or the edge would
/// close a circle.
pub fn create(db: &Connection, source_id: &str, target_id: &str) -> Result<Made, AppError> {
    let node = |id: &str| Select::from::<Node>().filter(Node::id.eq(id)).optional(db);
    let (source, target) = (node(source_id)?, node(target_id)?);
    let (Some(source), Some(target)) = (&source, &target) else {
        let ends = [("sourceNodeId", source.is_none()), ("targetNodeId", target.is_none())];
        let missing = ends.into_iter().filter(|(_, is_missing)| *is_missing);
        return Err(AppError::invalid(
            missing.map(|(end, _)| Fault::new(end, "is the id of no node")).collect(),
        ));
    };
    if source.user_id != target.user_id {
        return Err(Fault::new("targetNodeId", "belongs to another user").into());
    }
    graph::join(source.kind, target.kind)?;
    if source_id == target_id {
        return Err(circle(&[&source.title, &source.title]));
    }
    let same = NodeEdge::source_node_id.eq(source_id).and(NodeEdge::target_node_id.eq(target_id));
    if let Some(edge) = Select::from::<NodeEdge>().filter(same).optional(db)? {
        return Ok(Made::Known(edge));
    }
    refuse_circle(db, source_id, target_id)?;
    let edge = NewNodeEdge {
        id: new_id(),
        source_node_id: source_id.to_owned(),
        target_node_id: target_id.to_owned(),
    };
    Ok(Made::New(Insert::row(&edge).returning(all_of::<NodeEdge>()).one(db)?))
}

/// Names the nodes of the circle that an edge would close.
fn refuse_circle(db: &Connection, source_id: &str, target_id: &str) -> Result<(), AppError> {
    let start = Select::from::<Node>().filter(Node::id.eq(target_id)).select(ReachedSelect { id: Node::id });
    let step = Select::from::<NodeEdge>()
        .join::<Reached>()
        .on(NodeEdge::source_node_id.eq(Reached::id))
        .select(ReachedSelect { id: NodeEdge::target_node_id });
    let edges: Vec<(String, String)> = Select::from::<NodeEdge>()
        .with_recursive::<Reached>(start.union(step))
        .join::<Reached>()
        .on(NodeEdge::source_node_id.eq(Reached::id))
        .order_by(rowid::<NodeEdge>())
        .select((NodeEdge::source_node_id, NodeEdge::target_node_id))
        .all(db)?;
    let edges: Vec<(&str, &str)> =
        edges.iter().map(|(source, target)| (source.as_str(), target.as_str())).collect();
    let Some(path) = graph::closing_path(&edges, source_id, target_id) else { return Ok(()) };
    let mut titles = Vec::with_capacity(path.len());
    for id in path {
        titles.push(Select::from::<Node>().filter(Node::id.eq(id)).select(Node::title).one(db)?);
    }
    Err(circle(&titles.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// Tells the way around by titles, of which a long one is cut.
fn circle(titles: &[&str]) -> AppError {
    const LONGEST: usize = 60;
    let short = |title: &&str| match title.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &title[..end]),
        None => (*title).to_owned(),
    };
    let way: Vec<_> = titles.iter().map(short).collect();
    AppError::Conflict(format!("The edge would close a circle: {}", way.join(" → ")))
}

/// Deletes an edge.
///
/// # Errors
///
/// When there is none with this id.
pub fn delete(db: &Connection, id: &str) -> Result<(), AppError> {
    match Delete::from::<NodeEdge>().filter(NodeEdge::id.eq(id)).run(db)? {
        0 => Err(AppError::NotFound("Edge not found")),
        _ => Ok(()),
    }
}

/// Returns the nodes of a branch in an order in which they can be learned, and else in the order in which they were made.
///
/// # Errors
///
/// When the database refuses.
pub fn learning_order(db: &Connection, branch_id: &str) -> Result<Vec<Node>, Error> {
    let of_branch = || Select::from::<Node>().filter(Node::branch_id.eq(branch_id));
    let nodes = of_branch().order_by(rowid::<Node>()).all(db)?;
    let edges: Vec<(String, String)> = Select::from::<NodeEdge>()
        .filter(NodeEdge::target_node_id.in_query(of_branch().select(Node::id)))
        .select((NodeEdge::source_node_id, NodeEdge::target_node_id))
        .all(db)?;
    let ids: Vec<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
    let edges = edges.iter().map(|(source, target)| (source.as_str(), target.as_str()));
    // What is above a node comes before it, and so does what is to be learned before that.
    let parents = nodes.iter().filter_map(|node| Some((node.parent_id.as_deref()?, node.id.as_str())));
    let edges: Vec<(&str, &str)> = edges.chain(parents).collect();
    let order = graph::learning_order(&ids, &edges);
    let places: BTreeMap<&str, usize> = order.into_iter().zip(0..).collect();
    let places: Vec<Option<usize>> = ids.iter().map(|id| places.get(id).copied()).collect();
    let mut placed: Vec<(Option<usize>, Node)> = places.into_iter().zip(nodes).collect();
    placed.sort_by_key(|(place, _)| *place);
    Ok(placed.into_iter().map(|(_, node)| node).collect())
}
