//! Reviews of nodes: the log, to which rows are only added, and the schedule that follows from it.

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};

use super::new_id;
use super::references::References;
use crate::error::AppError;
use crate::learn::recall::{self, Memory, Rating, days_after, days_between};
use crate::schema::{IsoTime, NewNodeReview, NewNodeSchedule, Node, NodeReview, NodeSchedule};

/// A review that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The user who recalled.
    pub user_id: String,
    /// The node that was recalled.
    pub node_id: String,
    /// How it went.
    pub rating: Rating,
    /// When it was; now, unless it is given.
    pub reviewed_at: Option<IsoTime>,
}

/// Which of a user's schedules are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The user.
    pub user_id: String,
    /// Until when; now, unless it is given.
    pub before: Option<IsoTime>,
    /// How many at most.
    pub limit: i64,
}

/// Which reviews a list is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The user.
    pub user_id: String,
    /// The node, if it is to be one only.
    pub node_id: Option<String>,
}

/// Returns what a user is to recall, what has waited longest first, with the nodes and the time that was asked for.
///
/// # Errors
///
/// When the database refuses.
pub fn due(db: &Connection, due: &Due) -> Result<(Vec<(NodeSchedule, Node)>, IsoTime), AppError> {
    let before = due.before.clone().unwrap_or_else(IsoTime::now);
    let schedules = Select::from::<NodeSchedule>()
        .join::<Node>()
        .on(NodeSchedule::node_id.eq(Node::id))
        .filter(NodeSchedule::user_id.eq(&due.user_id))
        .filter(NodeSchedule::due_at.le(&before))
        .order_by(NodeSchedule::due_at)
        .order_by(rowid::<NodeSchedule>())
        .limit(u64::try_from(due.limit).unwrap_or(0));
    Ok((schedules.all(db)?, before))
}

/// Returns reviews in the order in which they were recorded.
///
/// # Errors
///
/// When the database refuses.
pub fn reviews(db: &Connection, filter: &Filter) -> Result<Vec<NodeReview>, AppError> {
    let reviews = Select::from::<NodeReview>()
        .filter(NodeReview::user_id.eq(&filter.user_id))
        .filter_eq_option(NodeReview::node_id, filter.node_id.as_ref());
    Ok(reviews.order_by(rowid::<NodeReview>()).all(db)?)
}

/// Tells whether an assessment was reviewed already.
pub(super) fn is_reviewed(db: &Connection, assessment_id: &str) -> Result<bool, Error> {
    Select::from::<NodeReview>().filter(NodeReview::assessment_id.eq(assessment_id)).exists(db)
}

/// Records a review and schedules the next one.
///
/// # Errors
///
/// When there is no such user or node, or the time cannot be that of the review.
pub fn record(
    db: &Connection,
    review: &Review,
    assessment_id: Option<&str>,
) -> Result<(NodeReview, NodeSchedule), AppError> {
    References::new(db).user("userId", &review.user_id)?.node("nodeId", Some(&review.node_id))?.check()?;
    let now = IsoTime::now();
    let before = Select::from::<NodeSchedule>()
        .filter(NodeSchedule::user_id.eq(&review.user_id))
        .filter(NodeSchedule::node_id.eq(&review.node_id))
        .optional(db)?;
    let last = before.as_ref().map(|before| &before.last_reviewed_at);
    let at = recall::time_of_review(review.reviewed_at.as_ref(), &now, last)?;
    let next = next(before.as_ref(), &at, review.rating);
    let row = NewNodeReview {
        id: new_id(),
        user_id: review.user_id.clone(),
        node_id: review.node_id.clone(),
        rating: review.rating.number(),
        stability: next.memory.stability,
        difficulty: next.memory.difficulty,
        due_at: next.due_at.clone(),
    };
    let logged = Insert::row(&row)
        .set(NodeReview::assessment_id, assessment_id)
        .set(NodeReview::reviewed_at, &at)
        .returning(all_of::<NodeReview>())
        .one(db)?;
    Ok((logged, schedule(db, review, &at, &next, before.as_ref())?))
}

/// The state after a review.
struct Next {
    memory: Memory,
    due_at: IsoTime,
}

fn next(before: Option<&NodeSchedule>, at: &IsoTime, rating: Rating) -> Next {
    let memory = before.map(|before| Memory { stability: before.stability, difficulty: before.difficulty });
    let elapsed = before.map_or(0.0, |before| days_between(&before.last_reviewed_at, at));
    // A memory that the scheduler cannot have made is begun anew, for which it always has an answer.
    let (memory, interval) = recall::reviewed(memory, elapsed, rating)
        .or_else(|| recall::reviewed(None, 0.0, rating))
        .unwrap_or((Memory { stability: 1.0, difficulty: 5.0 }, 1.0));
    Next { memory, due_at: days_after(at, interval) }
}

fn schedule(
    db: &Connection,
    review: &Review,
    at: &IsoTime,
    next: &Next,
    before: Option<&NodeSchedule>,
) -> Result<NodeSchedule, Error> {
    let lapsed = i64::from(review.rating == Rating::Again);
    let Some(before) = before else {
        let row = NewNodeSchedule {
            id: new_id(),
            user_id: review.user_id.clone(),
            node_id: review.node_id.clone(),
            due_at: next.due_at.clone(),
            stability: next.memory.stability,
            difficulty: next.memory.difficulty,
            last_reviewed_at: at.clone(),
        };
        return Insert::row(&row)
            .set(NodeSchedule::reviews_count, 1)
            .set(NodeSchedule::lapses, lapsed)
            .returning(all_of::<NodeSchedule>())
            .one(db);
    };
    Update::table::<NodeSchedule>()
        .set(NodeSchedule::due_at, &next.due_at)
        .set(NodeSchedule::stability, next.memory.stability)
        .set(NodeSchedule::difficulty, next.memory.difficulty)
        .set(NodeSchedule::last_reviewed_at, at)
        .set(NodeSchedule::reviews_count, NodeSchedule::reviews_count + 1)
        .set(NodeSchedule::lapses, NodeSchedule::lapses + lapsed)
        .filter(NodeSchedule::id.eq(&before.id))
        .returning(all_of::<NodeSchedule>())
        .one(db)
}
