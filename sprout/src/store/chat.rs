//! Conversations with the tutor: sessions, their messages, and the hints that were given.

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};
use serde_json::json;

use super::new_id;
use super::references::References;
use crate::error::AppError;
use crate::schema::{
    ChatMessage, ChatSession, HintEvent, IsoTime, MessageKind, MessageRole, NewChatMessage, NewChatSession,
    NewHintEvent,
};

const NOT_FOUND: AppError = AppError::NotFound("Session not found");

/// Which sessions or hints a list is to hold; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The user they belong to.
    pub user_id: Option<String>,
    /// The node they are about.
    pub node_id: Option<String>,
}

/// A session that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDraft {
    /// The user it belongs to.
    pub user_id: String,
    /// The node it is about.
    pub node_id: Option<String>,
}

/// A message that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDraft {
    /// The user whose conversation it is.
    pub user_id: String,
    /// Who wrote it.
    pub role: MessageRole,
    /// What it says.
    pub content: String,
    /// What it is about.
    pub kind: MessageKind,
    /// Whether it helped, or showed that the learner understood.
    pub was_successful: Option<bool>,
    /// What told so, as JSON.
    pub success_signal: Option<String>,
}

/// A hint that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintDraft {
    /// The user who asked.
    pub user_id: String,
    /// The node it is about.
    pub node_id: String,
    /// The session it was given in.
    pub session_id: Option<String>,
    /// The message that asked.
    pub request_message_id: Option<String>,
    /// The message that answered.
    pub response_message_id: Option<String>,
    /// The successful messages it drew on.
    pub referenced_success_message_ids: Option<Vec<String>>,
}

/// Returns the sessions that match, in the order in which they began.
///
/// # Errors
///
/// When the database refuses.
pub fn sessions(db: &Connection, filter: &Filter) -> Result<Vec<ChatSession>, AppError> {
    let sessions = Select::from::<ChatSession>()
        .filter_eq_option(ChatSession::user_id, filter.user_id.as_ref())
        .filter_eq_option(ChatSession::node_id, filter.node_id.as_ref());
    Ok(sessions.order_by(rowid::<ChatSession>()).all(db)?)
}

/// Begins a session.
///
/// # Errors
///
/// When there is no such user or node.
pub fn begin(db: &Connection, draft: &SessionDraft) -> Result<ChatSession, AppError> {
    References::new(db).user("userId", &draft.user_id)?.node("nodeId", draft.node_id.as_deref())?.check()?;
    let session = NewChatSession { id: new_id(), user_id: draft.user_id.clone() };
    let session = Insert::row(&session).set(ChatSession::node_id, draft.node_id.as_ref());
    Ok(session.returning(all_of::<ChatSession>()).one(db)?)
}

/// Ends a session at a time, which is now unless it is given.
///
/// # Errors
///
/// When there is no such session.
pub fn end(db: &Connection, id: &str, at: Option<IsoTime>) -> Result<ChatSession, AppError> {
    Update::table::<ChatSession>()
        .set(ChatSession::ended_at, Some(at.unwrap_or_else(IsoTime::now)))
        .filter(ChatSession::id.eq(id))
        .returning(all_of::<ChatSession>())
        .optional(db)?
        .ok_or(NOT_FOUND)
}

/// Returns the messages of a session, the oldest first; an unknown session has none.
///
/// # Errors
///
/// When the database refuses.
pub fn messages(db: &Connection, session_id: &str) -> Result<Vec<ChatMessage>, AppError> {
    let messages = Select::from::<ChatMessage>().filter(ChatMessage::session_id.eq(session_id));
    Ok(messages.order_by(rowid::<ChatMessage>()).all(db)?)
}

/// Adds a message to a session, which may have ended.
///
/// # Errors
///
/// When there is no such session or user.
pub fn say(db: &Connection, session_id: &str, draft: &MessageDraft) -> Result<ChatMessage, AppError> {
    insert(db, session_id, draft).or_else(|error| {
        // The database looks both up in any case; which of them is missing is asked when one is.
        if error.is_foreign_key_violation() {
            if !Select::from::<ChatSession>().filter(ChatSession::id.eq(session_id)).exists(db)? {
                return Err(NOT_FOUND);
            }
            References::new(db).user("userId", &draft.user_id)?.check()?;
        }
        Err(error.into())
    })
}

fn insert(db: &Connection, session_id: &str, draft: &MessageDraft) -> Result<ChatMessage, Error> {
    let message = NewChatMessage {
        id: new_id(),
        session_id: session_id.to_owned(),
        user_id: draft.user_id.clone(),
        role: draft.role,
        content: draft.content.clone(),
    };
    let message = Insert::row(&message)
        .set(ChatMessage::kind, draft.kind)
        .set(ChatMessage::was_successful, draft.was_successful)
        .set(ChatMessage::success_signal, draft.success_signal.as_ref());
    message.returning(all_of::<ChatMessage>()).one(db)
}

/// Returns the hints that match, in the order in which they were given.
///
/// # Errors
///
/// When the database refuses.
pub fn hints(db: &Connection, filter: &Filter) -> Result<Vec<HintEvent>, AppError> {
    let hints = Select::from::<HintEvent>()
        .filter_eq_option(HintEvent::user_id, filter.user_id.as_ref())
        .filter_eq_option(HintEvent::node_id, filter.node_id.as_ref());
    Ok(hints.order_by(rowid::<HintEvent>()).all(db)?)
}

/// Records a hint.
///
/// # Errors
///
/// When something that it names does not exist.
pub fn record_hint(db: &Connection, draft: &HintDraft) -> Result<HintEvent, AppError> {
    References::new(db)
        .user("userId", &draft.user_id)?
        .node("nodeId", Some(&draft.node_id))?
        .session("sessionId", draft.session_id.as_deref())?
        .message("requestMessageId", draft.request_message_id.as_deref())?
        .message("responseMessageId", draft.response_message_id.as_deref())?
        .messages("referencedSuccessMessageIds", draft.referenced_success_message_ids.as_deref())?
        .check()?;
    let referenced = draft.referenced_success_message_ids.as_ref().map(|ids| json!(ids).to_string());
    let hint = NewHintEvent { id: new_id(), user_id: draft.user_id.clone(), node_id: draft.node_id.clone() };
    let hint = Insert::row(&hint)
        .set(HintEvent::session_id, draft.session_id.as_ref())
        .set(HintEvent::request_message_id, draft.request_message_id.as_ref())
        .set(HintEvent::response_message_id, draft.response_message_id.as_ref())
        .set(HintEvent::referenced_success_message_ids, referenced);
    Ok(hint.returning(all_of::<HintEvent>()).one(db)?)
}
