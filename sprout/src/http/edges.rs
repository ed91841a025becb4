//! `/api/edges`: what is to be learned before what, and `/api/branches/:id/order`, the order that follows from it.

use axum::extract::State;
use seedbed::Pool;

use super::body::Body;
use super::fields::reads;
use super::form::Text;
use super::path::Id;
use super::query::Query;
use super::reply::{CreatedOrReply, NoContent, Reply};
use crate::error::AppError;
use crate::schema::{Node, NodeEdge};
use crate::store::edges::Filter;
use crate::store::{branches, edges};

reads!(Filter, "" {
    /// The user whose nodes an edge begins or ends at.
    user_id: optional("userId", Text),
    /// The branch whose nodes an edge begins or ends at.
    branch_id: optional("branchId", Text),
    /// The node that an edge begins or ends at.
    node_id: optional("nodeId", Text),
});

/// An edge that is to be made.
#[derive(Debug)]
pub struct Draft {
    source_node_id: String,
    target_node_id: String,
}

reads!(Draft, "sourceNodeId and targetNodeId are required" {
    /// What is to be learned first.
    source_node_id: required("sourceNodeId", Text),
    /// What needs it: a node of the same type.
    target_node_id: required("targetNodeId", Text),
});

/// `GET /api/edges?userId&branchId&nodeId`
pub async fn list(
    State(pool): State<Pool>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Vec<NodeEdge>>, AppError> {
    pool.read(move |tx| edges::matching(tx, &filter).map(Reply::of)).await
}

/// `POST /api/edges`
pub async fn create(
    State(pool): State<Pool>,
    Body(draft): Body<Draft>,
) -> Result<CreatedOrReply<NodeEdge>, AppError> {
    let edge = pool.write(move |tx| edges::create(tx, &draft.source_node_id, &draft.target_node_id)).await?;
    Ok(match edge {
        edges::Made::New(edge) => CreatedOrReply::Created(edge),
        edges::Made::Known(edge) => CreatedOrReply::Reply(edge),
    })
}

/// `DELETE /api/edges/:id`
pub async fn delete(State(pool): State<Pool>, Id(id): Id) -> Result<NoContent, AppError> {
    pool.write(move |tx| edges::delete(tx, &id)).await?;
    Ok(NoContent)
}

/// `GET /api/branches/:id/order`
pub async fn order(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Vec<Node>>, AppError> {
    pool.read(move |tx| {
        branches::get(tx, &id)?;
        Ok(Reply::of(edges::learning_order(tx, &id)?))
    })
    .await
}
