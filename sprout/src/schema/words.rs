//! The words that columns and requests hold: enums that are stored as text.

use schemars::JsonSchema;
use seedbed::prelude::*;
use serde::{Deserialize, Serialize};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// The beginning of a branch.
    Root,
    /// Under a root.
    Concept,
    /// Under a concept.
    Subconcept,
}

/// Whether a content is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentStatus {
    /// Not yet.
    Draft,
    /// It is.
    Active,
    /// Not any more.
    Archived,
}

/// Why a language model was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GenerationTrigger {
    /// A learner came to the node for the first time.
    OnFirstEnter,
    /// Somebody asked for it.
    ManualRegenerate,
    /// The program did by itself.
    SystemRefresh,
}

/// How far the text of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtractionStatus {
    /// Not read yet.
    Pending,
    /// Read.
    Completed,
    /// Not readable.
    Failed,
}

/// What an assessment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssessmentKind {
    /// To find out what a learner knows already.
    Diagnostic,
    /// To practise.
    Quiz,
    /// To keep what was learned.
    Recall,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionFormat {
    /// By one of its options.
    Mcq,
    /// By a text.
    OpenEnded,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageRole {
    /// The program.
    System,
    /// The learner.
    User,
    /// The language model.
    Assistant,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The subject.
    Learning,
    /// A hint is asked for.
    HintRequest,
    /// A hint is given.
    HintResponse,
    /// An answer is judged.
    Evaluation,
}

/// What became of a row that a migration found fault with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, TextEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It stayed, with other values.
    Mended,
    /// It is no longer in its table.
    Removed,
}
