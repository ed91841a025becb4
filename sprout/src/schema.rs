//! Every table of Sprout: the file that the `seedbed` command reads.
//!
//! The first fourteen tables are those of the original server, so that its databases can be taken over; what its rows
//! got wrong is mended or set aside by a migration. The database refuses what the program would not understand: a
//! value of another class (the tables are STRICT), a text that is no word of its list, a number out of its range, a
//! time in another form, a text that should be JSON and is not.
//!
//! As JSON a row is what replies and exported topics hold; an import reads it back, and nothing else does.

#![expect(missing_docs, reason = "a column whose name does not say it all has a comment")]
#![expect(clippy::duplicated_attributes, reason = "a column may be in two indexes of its table")]

mod iso_time;
mod words;

use schemars::JsonSchema;
use seedbed::prelude::*;
use serde::{Deserialize, Serialize};

pub use iso_time::IsoTime;
pub use words::{
    AssessmentKind, ContentStatus, ExtractionStatus, GenerationTrigger, MessageKind, MessageRole, NodeKind,
    Outcome, QuestionFormat,
};

/// A person who learns; there is one, who is made at the first start.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "users", strict)]
pub struct User {
    #[column(primary_key)]
    pub id: String,
    #[column(unique = "users_email_unique")]
    pub email: String,
    pub title: Option<String>,
    pub desc: Option<String>,
    #[column(default = now, check = "updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)")]
    pub updated_at: IsoTime,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// A subject that a user learns: the graph of its nodes begins at one root.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "branches", strict)]
pub struct Branch {
    #[column(primary_key)]
    pub id: String,
    pub title: String,
    #[column(references = User::id, index = "branches_user_id_idx")]
    pub user_id: String,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
    #[column(default = now, check = "updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)")]
    pub updated_at: IsoTime,
}

/// A node of a learning graph: the root of a branch, a concept under a root, or a subconcept under a concept.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "nodes", strict, index(name = "nodes_user_type_idx", columns(user_id, kind)))]
pub struct Node {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(name = "type")]
    #[serde(rename = "type")]
    pub kind: NodeKind,
    #[column(references = Branch::id, index = "nodes_branch_id_idx")]
    pub branch_id: Option<String>,
    #[column(references = Node::id, index = "nodes_parent_id_idx")]
    pub parent_id: Option<String>,
    pub title: String,
    pub desc: Option<String>,
    /// From 0 to 1.
    #[column(default = 0.0, check = "accuracy_score BETWEEN 0 AND 1")]
    pub accuracy_score: f64,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
    #[column(default = now, check = "updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)")]
    pub updated_at: IsoTime,
}

/// A dependency between two nodes: the source is to be learned before the target.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Edge")]
#[table(name = "node_edges", strict)]
#[table(index(name = "node_edges_source_target_idx", columns(source_node_id, target_node_id), unique))]
#[table(check(name = "node_edges_no_self_edge", "source_node_id <> target_node_id"))]
pub struct NodeEdge {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Node::id, index = "node_edges_source_idx")]
    pub source_node_id: String,
    #[column(references = Node::id, index = "node_edges_target_idx")]
    pub target_node_id: String,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// A file that a learner added to a node; the bytes are in the object storage under `s3_key`.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "topic_documents", strict)]
pub struct TopicDocument {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Node::id, index = "topic_documents_node_id_idx")]
    pub node_id: String,
    pub original_filename: String,
    pub s3_key: String,
    pub mime_type: String,
    #[column(check = "file_size_bytes >= 0")]
    pub file_size_bytes: i64,
    pub extracted_text: Option<String>,
    #[column(default = ExtractionStatus::Pending)]
    pub extraction_status: ExtractionStatus,
    pub extraction_error: Option<String>,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// What a learner reads at a node: an explanation, a visualization and cards.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(
    name = "node_contents",
    strict,
    index(name = "node_contents_node_status_idx", columns(node_id, status))
)]
pub struct NodeContent {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Node::id)]
    pub node_id: String,
    pub explanation_md: String,
    pub visualization_kind: Option<String>,
    pub visualization_payload: Option<String>,
    /// A JSON array of cards.
    #[column(check = "json_valid(cards)")]
    pub cards: Option<String>,
    pub generated_by_model: Option<String>,
    pub generation_prompt_hash: Option<String>,
    #[column(default = ContentStatus::Active)]
    pub status: ContentStatus,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// A record of what a language model was asked to make for a node.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "node_generations", strict)]
#[table(index(name = "node_generations_node_created_idx", columns(node_id, created_at)))]
pub struct NodeGeneration {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Node::id)]
    pub node_id: String,
    pub trigger: GenerationTrigger,
    pub model: Option<String>,
    pub prompt: Option<String>,
    /// A JSON object.
    #[column(check = "json_valid(response_meta)")]
    pub response_meta: Option<String>,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// A set of questions about a node, asked of a user.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "assessments", strict)]
#[table(index(name = "assessments_user_node_type_idx", columns(user_id, target_node_id, kind)))]
pub struct Assessment {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id, index = "assessments_target_node_idx")]
    pub target_node_id: String,
    #[column(name = "type", default = AssessmentKind::Diagnostic)]
    #[serde(rename = "type")]
    pub kind: AssessmentKind,
    pub title: Option<String>,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
    #[column(check = "completed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', completed_at)")]
    pub completed_at: Option<IsoTime>,
}

/// A question of an assessment.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "questions", strict)]
pub struct Question {
    #[column(primary_key)]
    pub id: String,
    #[column(references = Assessment::id, index = "questions_assessment_id_idx")]
    pub assessment_id: String,
    #[column(references = Node::id, index = "questions_node_id_idx")]
    pub node_id: Option<String>,
    pub format: QuestionFormat,
    pub prompt: String,
    /// A JSON array of texts.
    #[column(check = "json_valid(options)")]
    pub options: Option<String>,
    pub correct_answer: Option<String>,
    /// A JSON value.
    #[column(check = "json_valid(grading_rubric)")]
    pub grading_rubric: Option<String>,
    /// From 1, easy, to 5.
    #[column(default = 1, check = "difficulty BETWEEN 1 AND 5")]
    pub difficulty: i64,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// A user's answer to a question; the latest one counts.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(
    name = "answers",
    strict,
    index(name = "answers_user_assessment_idx", columns(user_id, assessment_id))
)]
pub struct Answer {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Assessment::id, index = "answers_assessment_idx")]
    pub assessment_id: String,
    #[column(references = Question::id, index = "answers_question_id_idx")]
    pub question_id: String,
    pub answer_text: Option<String>,
    pub selected_option: Option<String>,
    #[column(check = "is_correct IN (0, 1)")]
    pub is_correct: Option<bool>,
    /// From 0 to 1.
    #[column(check = "score BETWEEN 0 AND 1")]
    pub score: Option<f64>,
    pub feedback: Option<String>,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// How far a user is with a node.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Progress")]
#[table(name = "user_node_progress", strict)]
#[table(index(name = "user_node_progress_user_node_idx", columns(user_id, node_id), unique))]
#[table(index(name = "user_node_progress_node_mastery_idx", columns(node_id, mastery_score)))]
pub struct UserNodeProgress {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id)]
    pub node_id: String,
    #[column(check = "first_entered_at IS strftime('%Y-%m-%dT%H:%M:%fZ', first_entered_at)")]
    pub first_entered_at: Option<IsoTime>,
    #[column(check = "last_entered_at IS strftime('%Y-%m-%dT%H:%M:%fZ', last_entered_at)")]
    pub last_entered_at: Option<IsoTime>,
    #[column(check = "completed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', completed_at)")]
    pub completed_at: Option<IsoTime>,
    /// From 0 to 1.
    #[column(default = 0.0, check = "mastery_score BETWEEN 0 AND 1")]
    pub mastery_score: f64,
    #[column(default = 0, check = "attempts_count >= 0")]
    pub attempts_count: i64,
    #[column(default = false, check = "has_generated_subnodes IN (0, 1)")]
    pub has_generated_subnodes: bool,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
    #[column(default = now, check = "updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)")]
    pub updated_at: IsoTime,
}

/// A conversation of a user with the tutor, usually about a node.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "chat_sessions", strict)]
#[table(index(name = "chat_sessions_user_started_idx", columns(user_id, started_at)))]
#[table(index(name = "chat_sessions_node_started_idx", columns(node_id, started_at)))]
pub struct ChatSession {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id)]
    pub node_id: Option<String>,
    #[column(default = now, check = "started_at IS strftime('%Y-%m-%dT%H:%M:%fZ', started_at)")]
    pub started_at: IsoTime,
    #[column(check = "ended_at IS strftime('%Y-%m-%dT%H:%M:%fZ', ended_at)")]
    pub ended_at: Option<IsoTime>,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "chat_messages", strict)]
#[table(index(name = "chat_messages_session_created_idx", columns(session_id, created_at)))]
#[table(index(name = "chat_messages_user_successful_idx", columns(user_id, was_successful)))]
pub struct ChatMessage {
    #[column(primary_key)]
    pub id: String,
    #[column(references = ChatSession::id)]
    pub session_id: String,
    #[column(references = User::id)]
    pub user_id: String,
    pub role: MessageRole,
    #[column(default = MessageKind::Learning)]
    pub kind: MessageKind,
    pub content: String,
    #[column(check = "was_successful IN (0, 1)")]
    pub was_successful: Option<bool>,
    /// A JSON value.
    #[column(check = "json_valid(success_signal)")]
    pub success_signal: Option<String>,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// A hint that was asked for and given.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "hint_events", strict)]
#[table(index(name = "hint_events_user_node_created_idx", columns(user_id, node_id, created_at)))]
pub struct HintEvent {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id, index = "hint_events_node_idx")]
    pub node_id: String,
    #[column(references = ChatSession::id, index = "hint_events_session_idx")]
    pub session_id: Option<String>,
    #[column(references = ChatMessage::id, index = "hint_events_request_idx")]
    pub request_message_id: Option<String>,
    #[column(references = ChatMessage::id, index = "hint_events_response_idx")]
    pub response_message_id: Option<String>,
    /// A JSON array of message ids.
    #[column(check = "json_valid(referenced_success_message_ids)")]
    pub referenced_success_message_ids: Option<String>,
    #[column(default = now, check = "created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)")]
    pub created_at: IsoTime,
}

/// One review of a node: what the learner recalled, and what the scheduler made of it. Rows are only added, so that a
/// better scheduler can be fitted to them, and every schedule be computed anew.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "node_reviews", strict)]
#[table(index(name = "node_reviews_user_node_reviewed_idx", columns(user_id, node_id, reviewed_at)))]
pub struct NodeReview {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id, index = "node_reviews_node_idx")]
    pub node_id: String,
    /// The assessment whose answers the rating comes from, if it does.
    #[column(references = Assessment::id, index = "node_reviews_assessment_idx")]
    pub assessment_id: Option<String>,
    /// From 1, forgotten, to 4, easy.
    #[column(check = "rating BETWEEN 1 AND 4")]
    pub rating: i64,
    #[column(default = now, check = "reviewed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', reviewed_at)")]
    pub reviewed_at: IsoTime,
    /// The stability of the memory after this review, in days.
    #[column(check = "stability > 0")]
    pub stability: f64,
    /// The difficulty after this review, from 1 to 10.
    #[column(check = "difficulty BETWEEN 1 AND 10")]
    pub difficulty: f64,
    /// When the next review was due after this one.
    #[column(check = "due_at IS strftime('%Y-%m-%dT%H:%M:%fZ', due_at)")]
    pub due_at: IsoTime,
}

/// When a user is to review a node next: the state after the newest of its reviews.
#[derive(Debug, Clone, PartialEq, Table, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[table(name = "node_schedules", strict)]
#[table(index(name = "node_schedules_user_node_idx", columns(user_id, node_id), unique))]
#[table(index(name = "node_schedules_user_due_idx", columns(user_id, due_at)))]
pub struct NodeSchedule {
    #[column(primary_key)]
    pub id: String,
    #[column(references = User::id)]
    pub user_id: String,
    #[column(references = Node::id, index = "node_schedules_node_idx")]
    pub node_id: String,
    #[column(check = "due_at IS strftime('%Y-%m-%dT%H:%M:%fZ', due_at)")]
    pub due_at: IsoTime,
    /// In days.
    #[column(check = "stability > 0")]
    pub stability: f64,
    /// From 1 to 10.
    #[column(check = "difficulty BETWEEN 1 AND 10")]
    pub difficulty: f64,
    #[column(check = "last_reviewed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', last_reviewed_at)")]
    pub last_reviewed_at: IsoTime,
    #[column(default = 0, check = "reviews_count >= 0")]
    pub reviews_count: i64,
    /// How many of the reviews were rated 1.
    #[column(default = 0, check = "lapses BETWEEN 0 AND reviews_count")]
    pub lapses: i64,
}

/// An object that is to leave the document storage, or that an upload is about to put there; see `store/documents.rs`.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "object_removals", strict)]
pub struct ObjectRemoval {
    #[column(primary_key)]
    pub s3_key: String,
    #[column(default = now, check = "decided_at IS strftime('%Y-%m-%dT%H:%M:%fZ', decided_at)")]
    pub decided_at: IsoTime,
}

/// What the full-text index holds: a document, or the text of an active content. Its number is the row of the index,
/// which VACUUM does not change as it does those of tables with other keys. Triggers write it, see the migration
/// `0007_search`.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "search_entries", strict)]
#[table(check(name = "search_entries_one_owner", "(document_id IS NULL) <> (content_id IS NULL)"))]
pub struct SearchEntry {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = TopicDocument::id, unique = "search_entries_document_idx")]
    pub document_id: Option<String>,
    #[column(references = NodeContent::id, unique = "search_entries_content_idx")]
    pub content_id: Option<String>,
}

/// A row of an earlier version as it was before a migration mended it or took it away.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "set_aside", strict, index(name = "set_aside_table_row_idx", columns(table_name, row_id)))]
pub struct SetAside {
    #[column(primary_key)]
    pub id: i64,
    pub table_name: String,
    pub row_id: String,
    pub outcome: Outcome,
    /// Everything that was wrong, separated by semicolons.
    pub reason: String,
    /// The whole row as a JSON object; bytes are written as in SQL.
    #[column(check = "json_valid(\"row\")")]
    pub row: String,
    #[column(default = now, check = "set_aside_at IS strftime('%Y-%m-%dT%H:%M:%fZ', set_aside_at)")]
    pub set_aside_at: IsoTime,
}
