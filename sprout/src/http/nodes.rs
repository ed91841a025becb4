//! `/api/nodes`: the nodes of the learning graphs, and the edges between a node's children.

use axum::extract::State;
use axum::response::Response;
use seedbed::Pool;
use serde::Serialize;

use super::fields::{Fields, Query};
use super::path::Id;
use super::reply;
use crate::error::AppError;
use crate::learn::graph::NodeKind;
use crate::schema::{Node, NodeEdge};
use crate::store::nodes::{Changes, Draft, Filter};
use crate::store::{edges, nodes};
use crate::time::iso_from_stored;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeReply {
    id: String,
    user_id: String,
    #[serde(rename = "type")]
    kind: String,
    branch_id: Option<String>,
    parent_id: Option<String>,
    title: String,
    desc: Option<String>,
    accuracy_score: f64,
    created_at: String,
    updated_at: String,
}

impl From<Node> for NodeReply {
    fn from(node: Node) -> Self {
        Self {
            id: node.id,
            user_id: node.user_id,
            kind: node.kind,
            branch_id: node.branch_id,
            parent_id: node.parent_id,
            title: node.title,
            desc: node.desc,
            accuracy_score: node.accuracy_score,
            created_at: iso_from_stored(node.created_at),
            updated_at: iso_from_stored(node.updated_at),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EdgeReply {
    id: String,
    source_node_id: String,
    target_node_id: String,
    created_at: String,
}

impl From<NodeEdge> for EdgeReply {
    fn from(edge: NodeEdge) -> Self {
        Self {
            id: edge.id,
            source_node_id: edge.source_node_id,
            target_node_id: edge.target_node_id,
            created_at: iso_from_stored(edge.created_at),
        }
    }
}

fn list_reply(found: Vec<Node>) -> Response {
    reply::ok(&found.into_iter().map(NodeReply::from).collect::<Vec<_>>())
}

/// `GET /api/nodes?userId&type&branchId&parentId`
pub async fn list(State(pool): State<Pool>, mut query: Query) -> Result<Response, AppError> {
    let filter = Filter {
        user_id: query.optional("userId"),
        kind: query.optional("type"),
        branch_id: query.optional("branchId"),
        parent_id: query.optional("parentId"),
    };
    query.check("")?;
    Ok(list_reply(pool.read(move |tx| nodes::matching(tx, &filter)).await?))
}

/// `GET /api/nodes/:id`
pub async fn get(State(pool): State<Pool>, Id(id): Id) -> Result<Response, AppError> {
    let node = pool.read(move |tx| nodes::get(tx, &id)).await?;
    Ok(reply::ok(&NodeReply::from(node)))
}

/// `GET /api/nodes/:id/children`
pub async fn children(State(pool): State<Pool>, Id(id): Id) -> Result<Response, AppError> {
    let filter = Filter { parent_id: Some(id), ..Filter::default() };
    Ok(list_reply(pool.read(move |tx| nodes::matching(tx, &filter)).await?))
}

/// `GET /api/nodes/:id/dependency-edges?childType`
pub async fn dependency_edges(
    State(pool): State<Pool>,
    Id(id): Id,
    mut query: Query,
) -> Result<Response, AppError> {
    let kind = query.optional("childType");
    query.check("")?;
    let found = pool.read(move |tx| edges::among_children(tx, &id, kind.as_deref())).await?;
    Ok(reply::ok(&found.into_iter().map(EdgeReply::from).collect::<Vec<_>>()))
}

/// `POST /api/nodes`
pub async fn create(State(pool): State<Pool>, mut fields: Fields) -> Result<Response, AppError> {
    let user_id = fields.required_text("userId");
    let kind = fields.required_choice("type", "root, concept or subconcept", NodeKind::parse);
    let title = fields.required_text("title");
    let branch_id = fields.optional_text("branchId");
    let parent_id = fields.optional_text("parentId");
    let desc = fields.optional_text("desc");
    fields.check("userId, type, and title are required")?;
    // A kind that was not read is a fault, which has been reported.
    let kind = kind.unwrap_or(NodeKind::Root);
    let draft = Draft { user_id, kind, branch_id, parent_id, title, desc };
    let node = pool.write(move |tx| nodes::create(tx, &draft)).await?;
    Ok(reply::created(&NodeReply::from(node)))
}

/// `PATCH /api/nodes/:id`
pub async fn update(State(pool): State<Pool>, Id(id): Id, mut fields: Fields) -> Result<Response, AppError> {
    let changes = Changes {
        title: fields.changed_text("title"),
        desc: fields.clearable_text("desc"),
        accuracy_score: fields.changed_score("accuracyScore"),
    };
    fields.check("")?;
    let node = pool.write(move |tx| nodes::update(tx, &id, &changes)).await?;
    Ok(reply::ok(&NodeReply::from(node)))
}

/// `DELETE /api/nodes/:id`
pub async fn delete(State(pool): State<Pool>, Id(id): Id) -> Result<Response, AppError> {
    pool.write(move |tx| nodes::delete(tx, &id)).await?;
    Ok(reply::no_content())
}
