//! `/api/chat`: conversations with the tutor, their messages, and hints.

use axum::extract::State;
use seedbed::Pool;

use super::body::Body;
use super::fields::reads;
use super::form::{Text, Texts, Time, Truth, words};
use super::path::Id;
use super::query::Query;
use super::reply::{Created, Reply};
use crate::error::AppError;
use crate::schema::{ChatMessage, ChatSession, HintEvent, IsoTime, MessageKind};
use crate::store::chat::{self, Filter, HintDraft, MessageDraft, SessionDraft};

reads!(Filter, "" {
    user_id: optional("userId", Text),
    node_id: optional("nodeId", Text),
});

reads!(SessionDraft, "userId is required" {
    user_id: required("userId", Text),
    /// The node that the conversation is about.
    node_id: optional("nodeId", Text),
});

/// How a session ends.
#[derive(Debug)]
pub struct End {
    ended_at: Option<IsoTime>,
}

reads!(End, "" {
    /// Now, unless it is given: a session that has ended stays so.
    ended_at: optional("endedAt", Time),
});

reads!(MessageDraft, "userId, role, and content are required" {
    user_id: required("userId", Text),
    role: required("role", words()),
    content: required("content", Text),
    kind: or("kind", words(), MessageKind::Learning),
    was_successful: optional("wasSuccessful", Truth),
    /// Any JSON value; it comes back as JSON text.
    success_signal: json("successSignal"),
});

reads!(HintDraft, "userId and nodeId are required" {
    user_id: required("userId", Text),
    node_id: required("nodeId", Text),
    session_id: optional("sessionId", Text),
    request_message_id: optional("requestMessageId", Text),
    response_message_id: optional("responseMessageId", Text),
    /// The ids of messages; they come back as JSON text.
    referenced_success_message_ids: optional("referencedSuccessMessageIds", Texts),
});

/// `GET /api/chat/sessions?userId&nodeId`
pub async fn sessions(
    State(pool): State<Pool>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Vec<ChatSession>>, AppError> {
    Ok(Reply(pool.read(move |tx| chat::sessions(tx, &filter)).await?))
}

/// `POST /api/chat/sessions`
pub async fn begin(
    State(pool): State<Pool>,
    Body(draft): Body<SessionDraft>,
) -> Result<Created<ChatSession>, AppError> {
    Ok(Created(pool.write(move |tx| chat::begin(tx, &draft)).await?))
}

/// `PATCH /api/chat/sessions/:id`
pub async fn end(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(end): Body<End>,
) -> Result<Reply<ChatSession>, AppError> {
    Ok(Reply(pool.write(move |tx| chat::end(tx, &id, end.ended_at.clone())).await?))
}

/// `GET /api/chat/sessions/:id/messages`
pub async fn messages(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Vec<ChatMessage>>, AppError> {
    Ok(Reply(pool.read(move |tx| chat::messages(tx, &id)).await?))
}

/// `POST /api/chat/sessions/:id/messages`
pub async fn say(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(draft): Body<MessageDraft>,
) -> Result<Created<ChatMessage>, AppError> {
    Ok(Created(pool.write(move |tx| chat::say(tx, &id, &draft)).await?))
}

/// `GET /api/chat/hints?userId&nodeId`
pub async fn hints(
    State(pool): State<Pool>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Vec<HintEvent>>, AppError> {
    Ok(Reply(pool.read(move |tx| chat::hints(tx, &filter)).await?))
}

/// `POST /api/chat/hints`
pub async fn record_hint(
    State(pool): State<Pool>,
    Body(draft): Body<HintDraft>,
) -> Result<Created<HintEvent>, AppError> {
    Ok(Created(pool.write(move |tx| chat::record_hint(tx, &draft)).await?))
}
