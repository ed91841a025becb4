//! Every table of Sprout: the file that the `seedbed` command reads.
//!
//! The tables are those of the original server, so that its databases can be taken over as they are. A text whose
//! values are listed in its comment is not checked by the database yet; times are text, in the form that SQLite's
//! `datetime('now')` gives or in ISO 8601.

#![expect(missing_docs, reason = "a column whose name does not say it all has a comment")]
#![expect(clippy::duplicated_attributes, reason = "a column may be in two indexes of its table")]

use seedbed::prelude::*;

/// A person who learns; there is one, who is made at the first start.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: String,
    #[column(unique = "users_email_unique")]
    pub email: String,
    pub title: Option<String>,
    pub desc: Option<String>,
    #[column(default = sql("datetime('now')"))]
    pub updated_at: String,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
}

/// A subject that a user learns: the graph of its nodes begins at one root.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "branches")]
pub struct Branch {
    #[column(primary_key)]
    pub id: String,
    pub title: String,
    #[column(references = User::id, index = "branches_user_id_idx")]
    pub user_id: String,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
    #[column(default = sql("datetime('now')"))]
    pub updated_at: String,
}

/// A node of a learning graph: the root of a branch, a concept under a root, or a subconcept under a concept.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "nodes", index(name = "nodes_user_type_idx", columns(user_id, kind)))]
pub struct Node {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    /// `root`, `concept` or `subconcept`.
    #[column(name = "type")]
    pub kind: String,
    #[column(references = Branch::id, index = "nodes_branch_id_idx")]
    pub branch_id: Option<String>,
    #[column(references = Node::id, index = "nodes_parent_id_idx")]
    pub parent_id: Option<String>,
    pub title: String,
    pub desc: Option<String>,
    #[column(default = 0.0)]
    pub accuracy_score: f64,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
    #[column(default = sql("datetime('now')"))]
    pub updated_at: String,
}

/// A dependency between two nodes: the source is to be learned before the target.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "node_edges")]
#[table(index(name = "node_edges_source_target_idx", columns(source_node_id, target_node_id), unique))]
pub struct NodeEdge {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Node::id, index = "node_edges_source_idx")]
    pub source_node_id: String,
    #[column(references = Node::id, index = "node_edges_target_idx")]
    pub target_node_id: String,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
}

/// A file that a learner added to a node; the bytes are in the object storage under `s3_key`.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "topic_documents")]
pub struct TopicDocument {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Node::id, index = "topic_documents_node_id_idx")]
    pub node_id: String,
    pub original_filename: String,
    pub s3_key: String,
    pub mime_type: String,
    pub file_size_bytes: i64,
    pub extracted_text: Option<String>,
    /// `pending`, `completed` or `failed`.
    #[column(default = "pending")]
    pub extraction_status: String,
    pub extraction_error: Option<String>,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
}

/// What a learner reads at a node: an explanation, a visualization and cards.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "node_contents", index(name = "node_contents_node_status_idx", columns(node_id, status)))]
pub struct NodeContent {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Node::id)]
    pub node_id: String,
    pub explanation_md: String,
    pub visualization_kind: Option<String>,
    pub visualization_payload: Option<String>,
    pub generated_by_model: Option<String>,
    pub generation_prompt_hash: Option<String>,
    /// `draft`, `active` or `archived`.
    #[column(default = "active")]
    pub status: String,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
    /// A JSON array of cards.
    pub cards: Option<String>,
}

/// A record of what a language model was asked to make for a node.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "node_generations")]
#[table(index(name = "node_generations_node_created_idx", columns(node_id, created_at)))]
pub struct NodeGeneration {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Node::id)]
    pub node_id: String,
    /// `on_first_enter`, `manual_regenerate` or `system_refresh`.
    pub trigger: String,
    pub model: Option<String>,
    pub prompt: Option<String>,
    /// A JSON object.
    pub response_meta: Option<String>,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
}

/// A set of questions about a node, asked of a user.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "assessments")]
#[table(index(name = "assessments_user_node_type_idx", columns(user_id, target_node_id, kind)))]
pub struct Assessment {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id)]
    pub target_node_id: String,
    /// `diagnostic`, `quiz` or `recall`.
    #[column(name = "type", default = "diagnostic")]
    pub kind: String,
    pub title: Option<String>,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
    pub completed_at: Option<String>,
}

/// A question of an assessment.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "questions")]
pub struct Question {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Assessment::id, index = "questions_assessment_id_idx")]
    pub assessment_id: String,
    #[column(references = Node::id, index = "questions_node_id_idx")]
    pub node_id: Option<String>,
    /// `mcq` or `open_ended`.
    pub format: String,
    pub prompt: String,
    /// A JSON array of texts.
    pub options: Option<String>,
    pub correct_answer: Option<String>,
    /// A JSON value.
    pub grading_rubric: Option<String>,
    /// From 1, easy, to 5.
    #[column(default = 1)]
    pub difficulty: i64,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
}

/// A user's answer to a question; the latest one counts.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "answers", index(name = "answers_user_assessment_idx", columns(user_id, assessment_id)))]
pub struct Answer {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Assessment::id)]
    pub assessment_id: String,
    #[column(references = Question::id, index = "answers_question_id_idx")]
    pub question_id: String,
    pub answer_text: Option<String>,
    pub selected_option: Option<String>,
    pub is_correct: Option<bool>,
    pub score: Option<f64>,
    pub feedback: Option<String>,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
}

/// How far a user is with a node.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "user_node_progress")]
#[table(index(name = "user_node_progress_user_node_idx", columns(user_id, node_id), unique))]
#[table(index(name = "user_node_progress_node_mastery_idx", columns(node_id, mastery_score)))]
pub struct UserNodeProgress {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id)]
    pub node_id: String,
    pub first_entered_at: Option<String>,
    pub last_entered_at: Option<String>,
    pub completed_at: Option<String>,
    /// From 0 to 1.
    #[column(default = 0.0)]
    pub mastery_score: f64,
    #[column(default = 0)]
    pub attempts_count: i64,
    #[column(default = false)]
    pub has_generated_subnodes: bool,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
    #[column(default = sql("datetime('now')"))]
    pub updated_at: String,
}

/// A conversation of a user with the tutor, usually about a node.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "chat_sessions")]
#[table(index(name = "chat_sessions_user_started_idx", columns(user_id, started_at)))]
#[table(index(name = "chat_sessions_node_started_idx", columns(node_id, started_at)))]
pub struct ChatSession {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id)]
    pub node_id: Option<String>,
    #[column(default = sql("datetime('now')"))]
    pub started_at: String,
    pub ended_at: Option<String>,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "chat_messages")]
#[table(index(name = "chat_messages_session_created_idx", columns(session_id, created_at)))]
#[table(index(name = "chat_messages_user_successful_idx", columns(user_id, was_successful)))]
pub struct ChatMessage {
    #[column(primary_key)]
    pub id: String,
    #[column(references = ChatSession::id)]
    pub session_id: String,
    #[column(references = User::id)]
    pub user_id: String,
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// `learning`, `hint_request`, `hint_response` or `evaluation`.
    #[column(default = "learning")]
    pub kind: String,
    pub content: String,
    pub was_successful: Option<bool>,
    /// A JSON value.
    pub success_signal: Option<String>,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
}

/// A hint that was asked for and given.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "hint_events")]
#[table(index(name = "hint_events_user_node_created_idx", columns(user_id, node_id, created_at)))]
pub struct HintEvent {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id)]
    pub node_id: String,
    #[column(references = ChatSession::id)]
    pub session_id: Option<String>,
    #[column(references = ChatMessage::id)]
    pub request_message_id: Option<String>,
    #[column(references = ChatMessage::id)]
    pub response_message_id: Option<String>,
    /// A JSON array of message ids.
    pub referenced_success_message_ids: Option<String>,
    #[column(default = sql("datetime('now')"))]
    pub created_at: String,
}
