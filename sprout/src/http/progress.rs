//! `/api/progress`: how far users are with nodes.

use axum::extract::State;
use schemars::JsonSchema;
use seedbed::Pool;
use serde::Serialize;

use super::body::Body;
use super::fields::reads;
use super::form::{Share, Text, Time, Truth};
use super::path::Id;
use super::query::{OfUser, Query};
use super::reply::{CreatedOrReply, Reply};
use crate::error::AppError;
use crate::learn::progress::{self as learn, Level};
use crate::schema::UserNodeProgress;
use crate::store::progress::{self, Changes, Filter, Visit};

reads!(Filter, "userId query param required" {
    /// The user whose progress is listed.
    user_id: required("userId", Text),
    /// The node that it is about; all nodes, unless it is given.
    node_id: optional("nodeId", Text),
});

/// A user's progress in a few numbers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgressOverview {
    overall_level: Level,
    /// From 0 to 1.
    average_mastery: f64,
    total_tracked_nodes: usize,
    total_completed: usize,
}

reads!(Visit, "userId and nodeId are required" {
    /// The user who comes.
    user_id: required("userId", Text),
    /// The node that the user comes to.
    node_id: required("nodeId", Text),
});

reads!(Changes, "" {
    /// How well the user masters the node.
    mastery_score: changed("masteryScore", Share),
    /// When the user completed the node; with null, it is open again.
    completed_at: clearable("completedAt", Time),
    /// Whether the node has got its subconcepts.
    has_generated_subnodes: changed("hasGeneratedSubnodes", Truth),
});

/// `GET /api/progress?userId&nodeId`
pub async fn list(
    State(pool): State<Pool>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Vec<UserNodeProgress>>, AppError> {
    pool.read(move |tx| progress::matching(tx, &filter).map(Reply::of)).await
}

/// `GET /api/progress/overview?userId`
pub async fn overview(
    State(pool): State<Pool>,
    Query(whose): Query<OfUser>,
) -> Result<Reply<ProgressOverview>, AppError> {
    let filter = Filter { user_id: whose.user_id, node_id: None };
    pool.read(move |tx| {
        let overview = learn::overview(&progress::matching(tx, &filter)?);
        Ok(Reply::of(ProgressOverview {
            overall_level: overview.level,
            average_mastery: overview.average_mastery,
            total_tracked_nodes: overview.tracked,
            total_completed: overview.completed,
        }))
    })
    .await
}

/// `POST /api/progress`
pub async fn enter(
    State(pool): State<Pool>,
    Body(visit): Body<Visit>,
) -> Result<CreatedOrReply<UserNodeProgress>, AppError> {
    let (progress, is_first) = pool.write(move |tx| progress::enter(tx, &visit)).await?;
    Ok(if is_first { CreatedOrReply::Created(progress) } else { CreatedOrReply::Reply(progress) })
}

/// `PATCH /api/progress/:id`
pub async fn update(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(changes): Body<Changes>,
) -> Result<Reply<UserNodeProgress>, AppError> {
    Ok(Reply::of(pool.write(move |tx| progress::update(tx, &id, &changes)).await?))
}
