//! Branches: reading, writing, and deleting one with all that belongs to it.

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};

use super::references::References;
use super::{new_id, removal};
use crate::error::AppError;
use crate::schema::{Branch, IsoTime, NewBranch, Node};

const NOT_FOUND: AppError = AppError::NotFound("Branch not found");

/// Returns a user's branches in the order in which they were made.
///
/// # Errors
///
/// When the database refuses.
pub fn of_user(db: &Connection, user_id: &str) -> Result<Vec<Branch>, AppError> {
    let branches = Select::from::<Branch>().filter(Branch::user_id.eq(user_id));
    Ok(branches.order_by(rowid::<Branch>()).all(db)?)
}

/// Returns a branch.
///
/// # Errors
///
/// When there is none with this id.
pub fn get(db: &Connection, id: &str) -> Result<Branch, AppError> {
    find(db, id)?.ok_or(NOT_FOUND)
}

/// Returns a branch, if there is one with this id.
///
/// # Errors
///
/// When the database refuses.
pub fn find(db: &Connection, id: &str) -> Result<Option<Branch>, Error> {
    Select::from::<Branch>().filter(Branch::id.eq(id)).optional(db)
}

/// Makes a branch.
///
/// # Errors
///
/// When there is no such user.
pub fn create(db: &Connection, title: &str, user_id: &str) -> Result<Branch, AppError> {
    References::new(db).user("userId", user_id)?.check()?;
    let branch = NewBranch { id: new_id(), title: title.to_owned(), user_id: user_id.to_owned() };
    Ok(Insert::row(&branch).returning(all_of::<Branch>()).one(db)?)
}

/// Changes what is given and the time of the last change.
///
/// # Errors
///
/// When there is no such branch.
pub fn update(db: &Connection, id: &str, title: Option<&str>) -> Result<Branch, AppError> {
    Update::table::<Branch>()
        .set_option(Branch::title, title)
        .set(Branch::updated_at, IsoTime::now())
        .filter(Branch::id.eq(id))
        .returning(all_of::<Branch>())
        .optional(db)?
        .ok_or(NOT_FOUND)
}

/// Deletes a branch with its nodes and all that belongs to them. Returns the keys of the objects that are to leave the
/// document storage.
///
/// # Errors
///
/// When there is no such branch, or when a node of another branch is under one of its nodes: deleting would take from
/// a branch that nobody asked to delete. Nothing is deleted then.
pub fn delete(db: &Connection, id: &str) -> Result<Vec<String>, AppError> {
    get(db, id)?;
    let nodes = nodes_of(db, id)?;
    let others =
        Select::from::<Node>().filter(Node::parent_id.in_list(&nodes)).filter(Node::id.not_in_list(&nodes));
    if others.exists(db)? {
        return Err(AppError::Conflict("A node of another branch is under a node of this branch".into()));
    }
    let objects = removal::remove_nodes(db, &nodes)?;
    Delete::from::<Branch>().filter(Branch::id.eq(id)).run(db)?;
    Ok(objects)
}

/// A node that goes with its branch.
#[derive(Record)]
#[record(name = "doomed")]
struct Doomed {
    id: String,
}

/// Returns the ids of a branch's nodes, and of nodes without a branch that are under them: nothing asked for a
/// child to have its parent's branch in earlier versions.
pub(super) fn nodes_of(db: &Connection, branch_id: &str) -> Result<Vec<String>, Error> {
    let own =
        Select::from::<Node>().filter(Node::branch_id.eq(branch_id)).select(DoomedSelect { id: Node::id });
    let under = Select::from::<Node>()
        .join::<Doomed>()
        .on(Node::parent_id.eq(Doomed::id))
        .filter(Node::branch_id.is_null())
        .select(DoomedSelect { id: Node::id });
    Select::from::<Doomed>().with_recursive::<Doomed>(own.union(under)).select(Doomed::id).all(db)
}
