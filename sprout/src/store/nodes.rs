//! Nodes: reading, adding one where the graph allows it, changing and deleting.

use seedbed::{Connection, Value, params};

use super::{find, new_id, select, users};
use crate::error::{AppError, Fault};
use crate::learn::graph::{self, NodeKind, Placement};
use crate::schema::{Branch, Node};
use crate::time;

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
pub struct NewNode {
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
    let wanted = [
        ("user_id", &filter.user_id),
        ("type", &filter.kind),
        ("branch_id", &filter.branch_id),
        ("parent_id", &filter.parent_id),
    ];
    let (mut conditions, mut params) = (Vec::new(), Vec::new());
    for (column, value) in wanted {
        if let Some(value) = value {
            params.push(Value::from(value.as_str()));
            conditions.push(format!("{column} = ?{}", params.len()));
        }
    }
    let condition =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    Ok(select(db, &format!("{condition} ORDER BY rowid"), &params)?)
}

/// Returns a node.
///
/// # Errors
///
/// When there is none with this id.
pub fn get(db: &Connection, id: &str) -> Result<Node, AppError> {
    find(db, id)?.ok_or(NOT_FOUND)
}

/// Makes a node.
///
/// # Errors
///
/// When a user, branch or parent that is named does not exist, or the graph has no place for the node there.
pub fn create(db: &Connection, new: &NewNode) -> Result<Node, AppError> {
    let branch: Option<Branch> = new.branch_id.as_ref().map(|id| find(db, id)).transpose()?.flatten();
    let parent: Option<Node> = new.parent_id.as_ref().map(|id| find(db, id)).transpose()?.flatten();
    let mut faults = Vec::new();
    if !users::exists(db, &new.user_id)? {
        faults.push(Fault::new("userId", "is the id of no user"));
    }
    if branch.is_none() && new.branch_id.is_some() {
        faults.push(Fault::new("branchId", "is the id of no branch"));
    }
    if parent.is_none() && new.parent_id.is_some() {
        faults.push(Fault::new("parentId", "is the id of no node"));
    }
    if !faults.is_empty() {
        return Err(AppError::invalid(faults));
    }
    let branch_id = graph::place(&Placement {
        kind: new.kind,
        user_id: &new.user_id,
        branch: branch.as_ref().map(|branch| graph::Branch { id: &branch.id, user_id: &branch.user_id }),
        parent: parent.as_ref().map(|parent| graph::Parent {
            kind: NodeKind::parse(&parent.kind),
            user_id: &parent.user_id,
            branch_id: parent.branch_id.as_deref(),
        }),
    })
    .map_err(AppError::invalid)?;

    let id = new_id();
    db.execute(
        "INSERT INTO nodes (id, user_id, type, branch_id, parent_id, title, desc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![id, new.user_id, new.kind.as_str(), branch_id, new.parent_id, new.title, new.desc],
    )?;
    get(db, &id)
}

/// Changes what is given and the time of the last change.
///
/// # Errors
///
/// When there is no such node.
pub fn update(db: &Connection, id: &str, changes: &Changes) -> Result<Node, AppError> {
    db.execute(
        "UPDATE nodes SET title = coalesce(?2, title), desc = iif(?3, ?4, desc), \
         accuracy_score = coalesce(?5, accuracy_score), updated_at = ?6 WHERE id = ?1",
        params![
            id,
            changes.title,
            changes.desc.is_some(),
            changes.desc.clone().flatten(),
            changes.accuracy_score,
            time::now()
        ],
    )?;
    get(db, id)
}

/// Deletes a node that nothing refers to.
///
/// # Errors
///
/// When there is no such node, or when something refers to it.
pub fn delete(db: &Connection, id: &str) -> Result<(), AppError> {
    match db.execute("DELETE FROM nodes WHERE id = ?1", params![id]) {
        Ok(0) => Err(NOT_FOUND),
        Ok(_) => Ok(()),
        Err(error) if error.is_foreign_key_violation() => Err(AppError::Conflict(
            "Node is still in use by its children or by what was recorded about it".into(),
        )),
        Err(error) => Err(error.into()),
    }
}
