//! Branches: reading, writing, and deleting one with all that belongs to it.

use seedbed::{Connection, Error, Json, params};

use super::{find, new_id, select, users};
use crate::error::{AppError, Fault};
use crate::schema::Branch;
use crate::time;

const NOT_FOUND: AppError = AppError::NotFound("Branch not found");

/// Returns a user's branches in the order in which they were made.
///
/// # Errors
///
/// When the database refuses.
pub fn of_user(db: &Connection, user_id: &str) -> Result<Vec<Branch>, AppError> {
    Ok(select(db, "WHERE user_id = ?1 ORDER BY rowid", params![user_id])?)
}

/// Returns a branch.
///
/// # Errors
///
/// When there is none with this id.
pub fn get(db: &Connection, id: &str) -> Result<Branch, AppError> {
    find(db, id)?.ok_or(NOT_FOUND)
}

/// Makes a branch.
///
/// # Errors
///
/// When there is no such user.
pub fn create(db: &Connection, title: &str, user_id: &str) -> Result<Branch, AppError> {
    if !users::exists(db, user_id)? {
        return Err(Fault::new("userId", "is the id of no user").into());
    }
    let id = new_id();
    db.execute("INSERT INTO branches (id, title, user_id) VALUES (?1, ?2, ?3)", params![id, title, user_id])?;
    get(db, &id)
}

/// Changes what is given and the time of the last change.
///
/// # Errors
///
/// When there is no such branch.
pub fn update(db: &Connection, id: &str, title: Option<&str>) -> Result<Branch, AppError> {
    db.execute(
        "UPDATE branches SET title = coalesce(?2, title), updated_at = ?3 WHERE id = ?1",
        params![id, title, time::now()],
    )?;
    get(db, id)
}

/// Deletes a branch with its nodes and all that belongs to them.
///
/// # Errors
///
/// When there is no such branch, or when a node of another branch is under one of its nodes: deleting would take from
/// a branch that nobody asked to delete. Nothing is deleted then.
pub fn delete(db: &Connection, id: &str) -> Result<(), AppError> {
    get(db, id)?;
    let nodes = Json(nodes_of(db, id)?);
    let others =
        format!("SELECT EXISTS (SELECT 1 FROM nodes WHERE parent_id IN {NODES} AND id NOT IN {NODES})");
    if db.query_one(&others, params![nodes], |row| row.get(0))? {
        return Err(AppError::Conflict("A node of another branch is under a node of this branch".into()));
    }
    for statement in removals() {
        db.execute(&statement, params![nodes])?;
    }
    db.execute("DELETE FROM branches WHERE id = ?1", params![id])?;
    Ok(())
}

/// Returns the ids of a branch's nodes, and of nodes without a branch that are under them: nothing asked for a
/// child to have its parent's branch in earlier versions.
fn nodes_of(db: &Connection, branch_id: &str) -> Result<Vec<String>, Error> {
    db.query(
        "WITH RECURSIVE doomed (id) AS ( \
           SELECT id FROM nodes WHERE branch_id = ?1 \
           UNION \
           SELECT nodes.id FROM nodes JOIN doomed ON nodes.parent_id = doomed.id WHERE nodes.branch_id IS NULL \
         ) SELECT id FROM doomed",
        params![branch_id],
        |row| row.get(0),
    )
}

/// The nodes that are deleted: the statements are given their ids as a JSON array.
const NODES: &str = "(SELECT value FROM json_each(?1))";

/// Returns the statements that remove nodes, each row before the rows that it refers to. Rows of other nodes that refer to
/// what is removed (a hint, a question) stay and lose the reference.
fn removals() -> Vec<String> {
    let sessions = format!("(SELECT id FROM chat_sessions WHERE node_id IN {NODES})");
    let messages = format!("(SELECT id FROM chat_messages WHERE session_id IN {sessions})");
    let assessments = format!("(SELECT id FROM assessments WHERE target_node_id IN {NODES})");
    let questions = format!("(SELECT id FROM questions WHERE assessment_id IN {assessments})");
    let mut statements = vec![
        format!("DELETE FROM hint_events WHERE node_id IN {NODES}"),
        format!("UPDATE hint_events SET session_id = NULL WHERE session_id IN {sessions}"),
        format!("UPDATE hint_events SET request_message_id = NULL WHERE request_message_id IN {messages}"),
        format!("UPDATE hint_events SET response_message_id = NULL WHERE response_message_id IN {messages}"),
        format!("DELETE FROM chat_messages WHERE session_id IN {sessions}"),
        format!("DELETE FROM chat_sessions WHERE node_id IN {NODES}"),
        format!("DELETE FROM answers WHERE assessment_id IN {assessments} OR question_id IN {questions}"),
        format!("DELETE FROM questions WHERE assessment_id IN {assessments}"),
        format!("UPDATE questions SET node_id = NULL WHERE node_id IN {NODES}"),
        format!("DELETE FROM assessments WHERE target_node_id IN {NODES}"),
    ];
    for table in ["user_node_progress", "node_contents", "node_generations", "topic_documents"] {
        statements.push(format!("DELETE FROM {table} WHERE node_id IN {NODES}"));
    }
    statements
        .push(format!("DELETE FROM node_edges WHERE source_node_id IN {NODES} OR target_node_id IN {NODES}"));
    statements.push(format!("DELETE FROM nodes WHERE id IN {NODES}"));
    statements
}
