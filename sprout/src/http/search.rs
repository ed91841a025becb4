//! `/api/search`: full-text search over documents and active contents.

use axum::extract::State;
use schemars::JsonSchema;
use seedbed::Pool;
use serde::Serialize;

use super::fields::{Fields, FromFields};
use super::form::{Text, Whole};
use super::query::Query;
use super::reply::Reply;
use crate::error::AppError;
use crate::store::search::{self, Hit, Piece, Search};

impl FromFields for Search {
    const INCOMPLETE: &'static str = "q query param required";

    fn read(fields: &mut Fields) -> Option<Self> {
        let about = "Words, all of which have to occur; the last may be the beginning of one.";
        let text = fields.about(about).required("q", Text);
        let user_id = fields.about("The user whose nodes are searched.").optional("userId", Text);
        let branch_id = fields.about("The branch whose nodes are searched.").optional("branchId", Text);
        let node_id = fields.about("The node that is searched.").optional("nodeId", Text);
        let limit = fields.about("How many are returned at most.").or("limit", Whole(1, 100), 20);
        Some(Self {
            text: text?,
            user_id: user_id?,
            branch_id: branch_id?,
            node_id: node_id?,
            limit: u32::try_from(limit?).ok()?,
        })
    }
}

/// A document or a content that was found; exactly one of their ids is there.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    node_id: String,
    node_title: String,
    document_id: Option<String>,
    content_id: Option<String>,
    /// The name of the document.
    filename: Option<String>,
    /// The place in the text, piece by piece.
    snippet: Vec<Piece>,
}

impl From<Hit> for Found {
    fn from(hit: Hit) -> Self {
        Self {
            node_id: hit.node_id,
            node_title: hit.node_title,
            document_id: hit.document_id,
            content_id: hit.content_id,
            filename: hit.filename,
            snippet: hit.snippet,
        }
    }
}

/// `GET /api/search?q&userId&branchId&nodeId&limit`
pub async fn search(
    State(pool): State<Pool>,
    Query(search): Query<Search>,
) -> Result<Reply<Vec<Found>>, AppError> {
    pool.read(move |tx| {
        let hits = search::matching(tx, &search)?;
        Ok(Reply::of(hits.into_iter().map(Found::from).collect()))
    })
    .await
}
