//! What learners read at nodes, and the record of what a language model was asked to make for them.

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};

use super::{new_id, nodes};
use crate::error::AppError;
use crate::schema::{
    ContentStatus, GenerationTrigger, NewNodeContent, NewNodeGeneration, NodeContent, NodeGeneration,
};

/// A content that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentDraft {
    /// The explanation, in Markdown.
    pub explanation_md: String,
    /// What kind of visualization goes with it.
    pub visualization_kind: Option<String>,
    /// What the visualization is made of.
    pub visualization_payload: Option<String>,
    /// The model that wrote it.
    pub generated_by_model: Option<String>,
    /// What the model was asked, hashed.
    pub generation_prompt_hash: Option<String>,
    /// Whether it is shown.
    pub status: ContentStatus,
}

/// A record that is to be made of what a model was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationDraft {
    /// Why it was asked.
    pub trigger: GenerationTrigger,
    /// The model.
    pub model: Option<String>,
    /// What it was asked.
    pub prompt: Option<String>,
    /// What is known about its answer, as JSON.
    pub response_meta: Option<String>,
}

/// Returns the contents of a node in the order in which they were made; an unknown node has none.
///
/// # Errors
///
/// When the database refuses.
pub fn of_node(db: &Connection, node_id: &str) -> Result<Vec<NodeContent>, AppError> {
    let contents = Select::from::<NodeContent>().filter(NodeContent::node_id.eq(node_id));
    Ok(contents.order_by(rowid::<NodeContent>()).all(db)?)
}

/// Returns the oldest of a node's active contents.
///
/// # Errors
///
/// When the database refuses.
pub fn active(db: &Connection, node_id: &str) -> Result<Option<NodeContent>, AppError> {
    let contents = Select::from::<NodeContent>()
        .filter(NodeContent::node_id.eq(node_id))
        .filter(NodeContent::status.eq(ContentStatus::Active));
    Ok(contents.order_by(rowid::<NodeContent>()).first(db)?)
}

/// Makes a content of a node.
///
/// # Errors
///
/// When there is no such node.
pub fn create(db: &Connection, node_id: &str, draft: &ContentDraft) -> Result<NodeContent, AppError> {
    nodes::expect(db, node_id)?;
    let content = NewNodeContent {
        id: new_id(),
        node_id: node_id.to_owned(),
        explanation_md: draft.explanation_md.clone(),
    };
    let content = Insert::row(&content)
        .set(NodeContent::visualization_kind, draft.visualization_kind.as_ref())
        .set(NodeContent::visualization_payload, draft.visualization_payload.as_ref())
        .set(NodeContent::generated_by_model, draft.generated_by_model.as_ref())
        .set(NodeContent::generation_prompt_hash, draft.generation_prompt_hash.as_ref())
        .set(NodeContent::status, draft.status);
    Ok(content.returning(all_of::<NodeContent>()).one(db)?)
}

/// Returns the generations of a node in the order in which they were recorded; an unknown node has none.
///
/// # Errors
///
/// When the database refuses.
pub fn generations_of_node(db: &Connection, node_id: &str) -> Result<Vec<NodeGeneration>, AppError> {
    let generations = Select::from::<NodeGeneration>().filter(NodeGeneration::node_id.eq(node_id));
    Ok(generations.order_by(rowid::<NodeGeneration>()).all(db)?)
}

/// Records a generation.
///
/// # Errors
///
/// When there is no such node.
pub fn record_generation(
    db: &Connection,
    node_id: &str,
    draft: &GenerationDraft,
) -> Result<NodeGeneration, AppError> {
    nodes::expect(db, node_id)?;
    let generation = NewNodeGeneration { id: new_id(), node_id: node_id.to_owned(), trigger: draft.trigger };
    let generation = Insert::row(&generation)
        .set(NodeGeneration::model, draft.model.as_ref())
        .set(NodeGeneration::prompt, draft.prompt.as_ref())
        .set(NodeGeneration::response_meta, draft.response_meta.as_ref());
    Ok(generation.returning(all_of::<NodeGeneration>()).one(db)?)
}
