//! `/api/nodes`: the nodes of the learning graphs, and the edges between a node's children.

use axum::extract::State;
use seedbed::Pool;

use super::body::Body;
use super::fields::reads;
use super::form::{Share, Text, words};
use super::path::Id;
use super::query::Query;
use super::reply::{Created, NoContent, Reply};
use crate::error::AppError;
use crate::schema::{Node, NodeEdge};
use crate::store::nodes::{Changes, Draft, Filter};
use crate::store::{edges, nodes};

reads!(Filter, "" {
    /// The user they belong to.
    user_id: optional("userId", Text),
    /// What they are; an unknown word matches nothing.
    kind: optional("type", Text),
    /// Their branch.
    branch_id: optional("branchId", Text),
    /// The node they are under.
    parent_id: optional("parentId", Text),
});

reads!(Draft, "userId, type, and title are required" {
    /// The user it belongs to.
    user_id: required("userId", Text),
    /// What it is.
    kind: required("type", words()),
    /// Its title.
    title: required("title", Text),
    /// Its branch; a child without one takes its parent's.
    branch_id: optional("branchId", Text),
    /// The root of a concept, the concept of a subconcept.
    parent_id: optional("parentId", Text),
    /// What it is about.
    desc: optional("desc", Text),
});

reads!(Changes, "" {
    /// Its title.
    title: changed("title", Text),
    /// What it is about.
    desc: clearable("desc", Text),
    /// From 0 to 1.
    accuracy_score: changed("accuracyScore", Share),
});

/// Which edges among a node's children are listed.
#[derive(Debug)]
pub struct Among {
    child_type: Option<String>,
}

reads!(Among, "" {
    /// The kind of the children; an unknown one matches nothing.
    child_type: optional("childType", Text),
});

/// `GET /api/nodes?userId&type&branchId&parentId`
pub async fn list(
    State(pool): State<Pool>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Vec<Node>>, AppError> {
    pool.read(move |tx| nodes::matching(tx, &filter).map(Reply::of)).await
}

/// `GET /api/nodes/:id`
pub async fn get(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Node>, AppError> {
    pool.read(move |tx| nodes::get(tx, &id).map(Reply::of)).await
}

/// `GET /api/nodes/:id/children`
pub async fn children(pool: State<Pool>, Id(id): Id) -> Result<Reply<Vec<Node>>, AppError> {
    list(pool, Query(Filter { parent_id: Some(id), ..Filter::default() })).await
}

/// `GET /api/nodes/:id/dependency-edges?childType`
pub async fn dependency_edges(
    State(pool): State<Pool>,
    Id(id): Id,
    Query(among): Query<Among>,
) -> Result<Reply<Vec<NodeEdge>>, AppError> {
    pool.read(move |tx| Ok(Reply::of(edges::among_children(tx, &id, among.child_type.as_deref())?))).await
}

/// `POST /api/nodes`
pub async fn create(State(pool): State<Pool>, Body(draft): Body<Draft>) -> Result<Created<Node>, AppError> {
    Ok(Created(pool.write(move |tx| nodes::create(tx, &draft)).await?))
}

/// `PATCH /api/nodes/:id`
pub async fn update(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(changes): Body<Changes>,
) -> Result<Reply<Node>, AppError> {
    Ok(Reply::of(pool.write(move |tx| nodes::update(tx, &id, &changes)).await?))
}

/// `DELETE /api/nodes/:id`
pub async fn delete(State(pool): State<Pool>, Id(id): Id) -> Result<NoContent, AppError> {
    pool.write(move |tx| nodes::delete(tx, &id)).await?;
    Ok(NoContent)
}
