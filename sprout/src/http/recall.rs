//! `/api/recall`: what is to be recalled, and how recalling went.

use axum::extract::State;
use schemars::JsonSchema;
use seedbed::Pool;
use serde::Serialize;

use super::body::Body;
use super::fields::{Fields, FromFields, reads};
use super::form::{Text, Time, Whole};
use super::query::Query;
use super::reply::{Created, Reply};
use crate::error::AppError;
use crate::learn::recall::{Memory, Rating, days_between, retrievability};
use crate::schema::{IsoTime, Node, NodeReview, NodeSchedule};
use crate::store::recall::{self, Due, Filter, Review};

reads!(Due, "userId query param required" {
    /// The user who is to recall.
    user_id: required("userId", Text),
    /// What falls due until then; now, unless it is given.
    before: optional("before", Time),
    /// How many are listed at most.
    limit: or("limit", Whole(1, 1000), 100),
});

reads!(Filter, "userId query param required" {
    /// The user who recalled.
    user_id: required("userId", Text),
    /// The node that was recalled; all nodes, unless it is given.
    node_id: optional("nodeId", Text),
});

impl FromFields for Review {
    const INCOMPLETE: &'static str = "userId, nodeId and rating are required";

    fn read(fields: &mut Fields) -> Option<Self> {
        let user_id = fields.about("The user who recalled.").required("userId", Text);
        let node_id = fields.about("The node that was recalled.").required("nodeId", Text);
        let rating = fields.about("1 forgotten, 2 hard, 3 good, 4 easy.").required("rating", Whole(1, 4));
        let reviewed_at = fields
            .about("Now, unless it is given; from the year 2000 on, not before the last review and not in the future.")
            .optional("reviewedAt", Time);
        Some(Self {
            user_id: user_id?,
            node_id: node_id?,
            rating: Rating::of_number(rating?)?,
            reviewed_at: reviewed_at?,
        })
    }
}

/// A node that is to be recalled.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DueNode {
    /// The node.
    node: Node,
    /// When it is to be recalled, and from what that was computed.
    schedule: NodeSchedule,
    /// The chance that it is recalled, from 0 to 1.
    retrievability: f64,
}

/// A review and what follows from it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reviewed {
    /// What was recorded.
    review: NodeReview,
    /// When the node is to be recalled next.
    schedule: NodeSchedule,
}

/// `GET /api/recall/due?userId&before&limit`
pub async fn due(State(pool): State<Pool>, Query(due): Query<Due>) -> Result<Reply<Vec<DueNode>>, AppError> {
    pool.read(move |tx| {
        let (found, before) = recall::due(tx, &due)?;
        let due = found.into_iter().map(|(schedule, node)| DueNode {
            retrievability: chance(&schedule, &before),
            node,
            schedule,
        });
        Ok(Reply::of(due.collect()))
    })
    .await
}

fn chance(schedule: &NodeSchedule, at: &IsoTime) -> f64 {
    let memory = Memory { stability: schedule.stability, difficulty: schedule.difficulty };
    retrievability(memory, days_between(&schedule.last_reviewed_at, at))
}

/// `GET /api/recall/reviews?userId&nodeId`
pub async fn reviews(
    State(pool): State<Pool>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Vec<NodeReview>>, AppError> {
    pool.read(move |tx| recall::reviews(tx, &filter).map(Reply::of)).await
}

/// `POST /api/recall/reviews`
pub async fn review(
    State(pool): State<Pool>,
    Body(review): Body<Review>,
) -> Result<Created<Reviewed>, AppError> {
    let (review, schedule) = pool.write(move |tx| recall::record(tx, &review, None)).await?;
    Ok(Created(Reviewed { review, schedule }))
}
