//! How far users are with nodes.

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};

use super::new_id;
use super::references::References;
use crate::error::AppError;
use crate::learn::scores::MASTERED;
use crate::schema::{IsoTime, NewUserNodeProgress, UserNodeProgress};

/// Whose progress a list is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The user.
    pub user_id: String,
    /// The node, if it is to be one only.
    pub node_id: Option<String>,
}

/// Who comes to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The user.
    pub user_id: String,
    /// The node.
    pub node_id: String,
}

/// What is to change; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// How well the user masters the node, from 0 to 1.
    pub mastery_score: Option<f64>,
    /// When the user completed the node, or nothing to open it again.
    pub completed_at: Option<Option<IsoTime>>,
    /// Whether the node has got its subconcepts.
    pub has_generated_subnodes: Option<bool>,
}

/// Returns a user's progress in the order in which the nodes were entered.
///
/// # Errors
///
/// When the database refuses.
pub fn matching(db: &Connection, filter: &Filter) -> Result<Vec<UserNodeProgress>, AppError> {
    let progress = Select::from::<UserNodeProgress>()
        .filter(UserNodeProgress::user_id.eq(&filter.user_id))
        .filter_eq_option(UserNodeProgress::node_id, filter.node_id.as_ref());
    Ok(progress.order_by(rowid::<UserNodeProgress>()).all(db)?)
}

/// Counts that a user comes to a node. Returns the progress, and whether it is the first time.
///
/// # Errors
///
/// When there is no such user or node.
pub fn enter(db: &Connection, visit: &Visit) -> Result<(UserNodeProgress, bool), AppError> {
    let now = IsoTime::now();
    let again = Update::table::<UserNodeProgress>()
        .set(UserNodeProgress::last_entered_at, Some(now.clone()))
        .set(UserNodeProgress::updated_at, &now)
        .set(UserNodeProgress::attempts_count, UserNodeProgress::attempts_count + 1)
        .filter(UserNodeProgress::user_id.eq(&visit.user_id))
        .filter(UserNodeProgress::node_id.eq(&visit.node_id))
        .returning(all_of::<UserNodeProgress>())
        .optional(db)?;
    if let Some(progress) = again {
        return Ok((progress, false));
    }
    References::new(db).user("userId", &visit.user_id)?.node("nodeId", Some(&visit.node_id))?.check()?;
    let progress =
        NewUserNodeProgress { id: new_id(), user_id: visit.user_id.clone(), node_id: visit.node_id.clone() };
    let progress = Insert::row(&progress)
        .set(UserNodeProgress::first_entered_at, Some(now.clone()))
        .set(UserNodeProgress::last_entered_at, Some(now.clone()))
        .set(UserNodeProgress::attempts_count, 1);
    Ok((progress.returning(all_of::<UserNodeProgress>()).one(db)?, true))
}

/// Changes what is given and the time of the last change.
///
/// # Errors
///
/// When there is no such progress.
pub fn update(db: &Connection, id: &str, changes: &Changes) -> Result<UserNodeProgress, AppError> {
    Update::table::<UserNodeProgress>()
        .set_option(UserNodeProgress::mastery_score, changes.mastery_score)
        .set_option(UserNodeProgress::completed_at, changes.completed_at.clone())
        .set_option(UserNodeProgress::has_generated_subnodes, changes.has_generated_subnodes)
        .set(UserNodeProgress::updated_at, IsoTime::now())
        .filter(UserNodeProgress::id.eq(id))
        .returning(all_of::<UserNodeProgress>())
        .optional(db)?
        .ok_or(AppError::NotFound("Progress record not found"))
}

/// Records how well a user masters a node, as the newest assessment says. One that is mastered is completed, and stays so.
pub(super) fn master(db: &Connection, user_id: &str, node_id: &str, score: f64) -> Result<(), AppError> {
    let now = IsoTime::now();
    let completed = (score >= MASTERED).then(|| now.clone());
    let progress =
        NewUserNodeProgress { id: new_id(), user_id: user_id.to_owned(), node_id: node_id.to_owned() };
    Insert::row(&progress)
        .set(UserNodeProgress::mastery_score, score)
        .set(UserNodeProgress::completed_at, completed)
        .on_conflict((UserNodeProgress::user_id, UserNodeProgress::node_id))
        .do_update(|update| {
            let completed = UserNodeProgress::completed_at.coalesce(excluded(UserNodeProgress::completed_at));
            update
                .set(UserNodeProgress::mastery_score, excluded(UserNodeProgress::mastery_score))
                .set(UserNodeProgress::completed_at, completed)
                .set(UserNodeProgress::updated_at, &now)
        })
        .run(db)?;
    Ok(())
}
