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
    /// The user.
    user_id: optional("userId", Text),
    /// The node that they are about.
    node_id: optional("nodeId", Text),
});

reads!(SessionDraft, "userId is required" {
    /// The user whose conversation it is.
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
    /// The user whose conversation it is.
    user_id: required("userId", Text),
    /// Who wrote it.
    role: required("role", words()),
    /// What it says.
    content: required("content", Text),
    /// What it is about.
    kind: or("kind", words(), MessageKind::Learning),
    /// Whether it helped, or showed that the learner understood.
    was_successful: optional("wasSuccessful", Truth),
    /// What told so: any JSON value; it comes back as JSON text.
    success_signal: json("successSignal"),
});

reads!(HintDraft, "userId and nodeId are required" {
    /// The user who asked.
    user_id: required("userId", Text),
    /// The node that it is about.
    node_id: required("nodeId", Text),
    /// The conversation in which it was given.
    session_id: optional("sessionId", Text),
    /// The message that asked.
    request_message_id: optional("requestMessageId", Text),
    /// The message that answered.
    response_message_id: optional("responseMessageId", Text),
    /// The ids of the successful messages that it drew on; they come back as JSON text.
    referenced_success_message_ids: optional("referencedSuccessMessageIds", Texts),
});

/// `GET /api/chat/sessions?userId&nodeId`
pub async fn sessions(
    State(pool): State<Pool>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Vec<ChatSession>>, AppError> {
    pool.read(move |tx| chat::sessions(tx, &filter).map(Reply::of)).await
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
    Ok(Reply::of(pool.write(move |tx| chat::end(tx, &id, end.ended_at.clone())).await?))
}

/// `GET /api/chat/sessions/:id/messages`
pub async fn messages(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Vec<ChatMessage>>, AppError> {
    pool.read(move |tx| chat::messages(tx, &id).map(Reply::of)).await
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
    pool.read(move |tx| chat::hints(tx, &filter).map(Reply::of)).await
}

/// `POST /api/chat/hints`
pub async fn record_hint(
    State(pool): State<Pool>,
    Body(draft): Body<HintDraft>,
) -> Result<Created<HintEvent>, AppError> {
    Ok(Created(pool.write(move |tx| chat::record_hint(tx, &draft)).await?))
}
