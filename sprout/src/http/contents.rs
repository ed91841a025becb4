//! `/api/nodes/:id/contents` and `…/generations`: what learners read at a node, and what models were asked for it.

use axum::extract::State;
use seedbed::Pool;

use super::body::Body;
use super::fields::reads;
use super::form::{Text, words};
use super::path::Id;
use super::reply::{Created, Reply};
use crate::error::AppError;
use crate::schema::{ContentStatus, NodeContent, NodeGeneration};
use crate::store::contents::{self, ContentDraft, GenerationDraft};

reads!(ContentDraft, "explanationMd is required" {
    /// The explanation, in Markdown.
    explanation_md: required("explanationMd", Text),
    /// What kind of visualization goes with it.
    visualization_kind: optional("visualizationKind", Text),
    /// What the visualization is made of, as a text.
    visualization_payload: optional("visualizationPayload", Text),
    /// The model that wrote it.
    generated_by_model: optional("generatedByModel", Text),
    /// What the model was asked, hashed.
    generation_prompt_hash: optional("generationPromptHash", Text),
    /// Whether it is shown; of several active contents the oldest is.
    status: or("status", words(), ContentStatus::Active),
});

reads!(GenerationDraft, "trigger is required" {
    /// Why the model was asked.
    trigger: required("trigger", words()),
    /// The model.
    model: optional("model", Text),
    /// What it was asked.
    prompt: optional("prompt", Text),
    /// What is known about its answer: any JSON value; it comes back as JSON text.
    response_meta: json("responseMeta"),
});

/// `GET /api/nodes/:id/contents`
pub async fn list(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Vec<NodeContent>>, AppError> {
    pool.read(move |tx| contents::of_node(tx, &id).map(Reply::of)).await
}

/// `GET /api/nodes/:id/contents/active`
pub async fn active(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Option<NodeContent>>, AppError> {
    pool.read(move |tx| contents::active(tx, &id).map(Reply::of)).await
}

/// `POST /api/nodes/:id/contents`
pub async fn create(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(draft): Body<ContentDraft>,
) -> Result<Created<NodeContent>, AppError> {
    Ok(Created(pool.write(move |tx| contents::create(tx, &id, &draft)).await?))
}

/// `GET /api/nodes/:id/generations`
pub async fn generations(
    State(pool): State<Pool>,
    Id(id): Id,
) -> Result<Reply<Vec<NodeGeneration>>, AppError> {
    pool.read(move |tx| contents::generations_of_node(tx, &id).map(Reply::of)).await
}

/// `POST /api/nodes/:id/generations`
pub async fn record_generation(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(draft): Body<GenerationDraft>,
) -> Result<Created<NodeGeneration>, AppError> {
    Ok(Created(pool.write(move |tx| contents::record_generation(tx, &id, &draft)).await?))
}
