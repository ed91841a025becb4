//! `/api/nodes`: the nodes of the learning graphs, and the edges between a node's children.

use axum::extract::State;
use schemars::JsonSchema;
use seedbed::{Pool, TextEnum};
use serde::Serialize;

use super::body::Body;
use super::fields::reads;
use super::form::{Share, Text, words};
use super::path::Id;
use super::query::Query;
use super::reply::{Created, NoContent, Reply};
use crate::error::AppError;
use crate::schema::{IsoTime, Node, NodeEdge};
use crate::store::nodes::{Changes, Draft, Filter};
use crate::store::{edges, nodes};

/// A node of a learning graph.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Node")]
pub struct NodeReply {
    id: String,
    user_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    branch_id: Option<String>,
    parent_id: Option<String>,
    title: String,
    desc: Option<String>,
    accuracy_score: f64,
    created_at: IsoTime,
    updated_at: IsoTime,
}

impl From<Node> for NodeReply {
    fn from(node: Node) -> Self {
        Self {
            id: node.id,
            user_id: node.user_id,
            kind: node.kind.text(),
            branch_id: node.branch_id,
            parent_id: node.parent_id,
            title: node.title,
            desc: node.desc,
            accuracy_score: node.accuracy_score,
            created_at: node.created_at,
            updated_at: node.updated_at,
        }
    }
}

/// A dependency: the source is to be learned before the target.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Edge")]
pub struct EdgeReply {
    id: String,
    source_node_id: String,
    target_node_id: String,
    created_at: IsoTime,
}

impl From<NodeEdge> for EdgeReply {
    fn from(edge: NodeEdge) -> Self {
        Self {
            id: edge.id,
            source_node_id: edge.source_node_id,
            target_node_id: edge.target_node_id,
            created_at: edge.created_at,
        }
    }
}

reads!(Filter, "" {
    user_id: optional("userId", Text),
    /// An unknown one matches nothing.
    kind: optional("type", Text),
    branch_id: optional("branchId", Text),
    parent_id: optional("parentId", Text),
});

reads!(Draft, "userId, type, and title are required" {
    user_id: required("userId", Text),
    kind: required("type", words()),
    title: required("title", Text),
    /// A child without one takes its parent's.
    branch_id: optional("branchId", Text),
    /// The root of a concept, the concept of a subconcept.
    parent_id: optional("parentId", Text),
    desc: optional("desc", Text),
});

reads!(Changes, "" {
    title: changed("title", Text),
    desc: clearable("desc", Text),
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
) -> Result<Reply<Vec<NodeReply>>, AppError> {
    let found = pool.read(move |tx| nodes::matching(tx, &filter)).await?;
    Ok(Reply(found.into_iter().map(NodeReply::from).collect()))
}

/// `GET /api/nodes/:id`
pub async fn get(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<NodeReply>, AppError> {
    Ok(Reply(pool.read(move |tx| nodes::get(tx, &id)).await?.into()))
}

/// `GET /api/nodes/:id/children`
pub async fn children(pool: State<Pool>, Id(id): Id) -> Result<Reply<Vec<NodeReply>>, AppError> {
    list(pool, Query(Filter { parent_id: Some(id), ..Filter::default() })).await
}

/// `GET /api/nodes/:id/dependency-edges?childType`
pub async fn dependency_edges(
    State(pool): State<Pool>,
    Id(id): Id,
    Query(among): Query<Among>,
) -> Result<Reply<Vec<EdgeReply>>, AppError> {
    let found = pool.read(move |tx| edges::among_children(tx, &id, among.child_type.as_deref())).await?;
    Ok(Reply(found.into_iter().map(EdgeReply::from).collect()))
}

/// `POST /api/nodes`
pub async fn create(
    State(pool): State<Pool>,
    Body(draft): Body<Draft>,
) -> Result<Created<NodeReply>, AppError> {
    Ok(Created(pool.write(move |tx| nodes::create(tx, &draft)).await?.into()))
}

/// `PATCH /api/nodes/:id`
pub async fn update(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(changes): Body<Changes>,
) -> Result<Reply<NodeReply>, AppError> {
    Ok(Reply(pool.write(move |tx| nodes::update(tx, &id, &changes)).await?.into()))
}

/// `DELETE /api/nodes/:id`
pub async fn delete(State(pool): State<Pool>, Id(id): Id) -> Result<NoContent, AppError> {
    pool.write(move |tx| nodes::delete(tx, &id)).await?;
    Ok(NoContent)
}
