//! Nodes: reading, adding one where the graph allows it, changing and deleting.

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};

use super::references::References;
use super::{branches, new_id};
use crate::error::AppError;
use crate::learn::graph::{self, Placement};
use crate::schema::{IsoTime, NewNode, Node, NodeKind};

const NOT_FOUND: AppError = AppError::NotFound("Node not found");

/// Which nodes a list is to hold; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The user they belong to.
    pub user_id: Option<String>,
    /// Their kind, as text: an unknown one matches nothing.
    pub kind: Option<String>,
    /// Their branch.
    pub branch_id: Option<String>,
    /// Their parent.
    pub parent_id: Option<String>,
}

/// A node that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The user it belongs to.
    pub user_id: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its branch; a child without one takes its parent's.
    pub branch_id: Option<String>,
    /// Its parent.
    pub parent_id: Option<String>,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub desc: Option<String>,
}

/// What is to change in a node; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// The title.
    pub title: Option<String>,
    /// What it is about, or nothing.
    pub desc: Option<Option<String>>,
    /// The accuracy, from 0 to 1.
    pub accuracy_score: Option<f64>,
}

/// Returns the nodes that match, in the order in which they were made.
///
/// # Errors
///
/// When the database refuses.
pub fn matching(db: &Connection, filter: &Filter) -> Result<Vec<Node>, AppError> {
    let kind = filter.kind.as_deref().map(NodeKind::from_text);
    if kind == Some(None) {
        return Ok(Vec::new());
    }
    let nodes = Select::from::<Node>()
        .filter_eq_option(Node::user_id, filter.user_id.as_ref())
        .filter_eq_option(Node::kind, kind.flatten())
        .filter_eq_option(Node::branch_id, filter.branch_id.as_ref())
        .filter_eq_option(Node::parent_id, filter.parent_id.as_ref())
        .order_by(rowid::<Node>());
    Ok(nodes.all(db)?)
}

/// Returns a node.
///
/// # Errors
///
/// When there is none with this id.
pub fn get(db: &Connection, id: &str) -> Result<Node, AppError> {
    find(db, id)?.ok_or(NOT_FOUND)
}

/// Checks that there is a node with an id.
pub(super) fn expect(db: &Connection, id: &str) -> Result<(), AppError> {
    if Select::from::<Node>().filter(Node::id.eq(id)).exists(db)? { Ok(()) } else { Err(NOT_FOUND) }
}

fn find(db: &Connection, id: &str) -> Result<Option<Node>, Error> {
    Select::from::<Node>().filter(Node::id.eq(id)).optional(db)
}

/// Makes a node.
///
/// # Errors
///
/// When a user, branch or parent that is named does not exist, or the graph has no place for the node there.
pub fn create(db: &Connection, draft: &Draft) -> Result<Node, AppError> {
    let branch = draft.branch_id.as_ref().map(|id| branches::find(db, id)).transpose()?.flatten();
    let parent = draft.parent_id.as_ref().map(|id| find(db, id)).transpose()?.flatten();
    References::new(db)
        .user("userId", &draft.user_id)?
        .expect(branch.is_some() || draft.branch_id.is_none(), "branchId", "is the id of no branch")
        .expect(parent.is_some() || draft.parent_id.is_none(), "parentId", "is the id of no node")
        .check()?;
    let branch_id = graph::place(&Placement {
        kind: draft.kind,
        user_id: &draft.user_id,
        branch: branch.as_ref().map(|branch| graph::Branch { id: &branch.id, user_id: &branch.user_id }),
        parent: parent.as_ref().map(|parent| graph::Parent {
            kind: parent.kind,
            user_id: &parent.user_id,
            branch_id: parent.branch_id.as_deref(),
        }),
    })
    .map_err(AppError::invalid)?;
    Ok(insert(db, draft, branch_id)?)
}

fn insert(db: &Connection, draft: &Draft, branch_id: Option<&str>) -> Result<Node, Error> {
    let row = NewNode {
        id: new_id(),
        user_id: draft.user_id.clone(),
        kind: draft.kind,
        title: draft.title.clone(),
    };
    Insert::row(&row)
        .set(Node::branch_id, branch_id)
        .set(Node::parent_id, draft.parent_id.as_ref())
        .set(Node::desc, draft.desc.as_ref())
        .returning(all_of::<Node>())
        .one(db)
}

/// Changes what is given and the time of the last change.
///
/// # Errors
///
/// When there is no such node.
pub fn update(db: &Connection, id: &str, changes: &Changes) -> Result<Node, AppError> {
    Update::table::<Node>()
        .set_option(Node::title, changes.title.as_ref())
        .set_option(Node::desc, changes.desc.as_ref().map(Option::as_ref))
        .set_option(Node::accuracy_score, changes.accuracy_score)
        .set(Node::updated_at, IsoTime::now())
        .filter(Node::id.eq(id))
        .returning(all_of::<Node>())
        .optional(db)?
        .ok_or(NOT_FOUND)
}

/// Deletes a node that nothing refers to.
///
/// # Errors
///
/// When there is no such node, or when something refers to it.
pub fn delete(db: &Connection, id: &str) -> Result<(), AppError> {
    match Delete::from::<Node>().filter(Node::id.eq(id)).run(db) {
        Ok(0) => Err(NOT_FOUND),
        Ok(_) => Ok(()),
        Err(error) if error.is_foreign_key_violation() => Err(AppError::Conflict(
            "Node is still in use by its children or by what was recorded about it".into(),
        )),
        Err(error) => Err(error.into()),
    }
}
