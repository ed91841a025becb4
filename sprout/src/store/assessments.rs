//! Assessments and their questions.

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};
use serde_json::json;

use super::new_id;
use super::references::References;
use crate::error::AppError;
use crate::schema::{
    Assessment, AssessmentKind, IsoTime, NewAssessment, NewQuestion, Question, QuestionFormat,
};

pub(super) const NOT_FOUND: AppError = AppError::NotFound("Assessment not found");

/// Which assessments a list is to hold; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The user who is asked.
    pub user_id: Option<String>,
    /// The node it is about.
    pub target_node_id: Option<String>,
}

/// An assessment that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The user who is asked.
    pub user_id: String,
    /// The node it is about.
    pub target_node_id: String,
    /// What it is for.
    pub kind: AssessmentKind,
    /// Its title.
    pub title: Option<String>,
}

/// What is to change in an assessment; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// When it was completed, or nothing to open it again.
    pub completed_at: Option<Option<IsoTime>>,
    /// The title, or nothing.
    pub title: Option<Option<String>>,
}

/// A question that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionDraft {
    /// How it is answered.
    pub format: QuestionFormat,
    /// What is asked.
    pub prompt: String,
    /// The node it is about.
    pub node_id: Option<String>,
    /// What there is to choose from.
    pub options: Option<Vec<String>>,
    /// What is right.
    pub correct_answer: Option<String>,
    /// How an answer is to be judged, as JSON.
    pub grading_rubric: Option<String>,
    /// From 1 to 5.
    pub difficulty: i64,
}

/// Returns the assessments that match, in the order in which they were made.
///
/// # Errors
///
/// When the database refuses.
pub fn matching(db: &Connection, filter: &Filter) -> Result<Vec<Assessment>, AppError> {
    let assessments = Select::from::<Assessment>()
        .filter_eq_option(Assessment::user_id, filter.user_id.as_ref())
        .filter_eq_option(Assessment::target_node_id, filter.target_node_id.as_ref());
    Ok(assessments.order_by(rowid::<Assessment>()).all(db)?)
}

/// Returns an assessment.
///
/// # Errors
///
/// When there is none with this id.
pub fn get(db: &Connection, id: &str) -> Result<Assessment, AppError> {
    Select::from::<Assessment>().filter(Assessment::id.eq(id)).optional(db)?.ok_or(NOT_FOUND)
}

/// Makes an assessment.
///
/// # Errors
///
/// When there is no such user or node.
pub fn create(db: &Connection, draft: &Draft) -> Result<Assessment, AppError> {
    References::new(db)
        .user("userId", &draft.user_id)?
        .node("targetNodeId", Some(&draft.target_node_id))?
        .check()?;
    let assessment = NewAssessment {
        id: new_id(),
        user_id: draft.user_id.clone(),
        target_node_id: draft.target_node_id.clone(),
    };
    let assessment = Insert::row(&assessment)
        .set(Assessment::kind, draft.kind)
        .set(Assessment::title, draft.title.as_ref());
    Ok(assessment.returning(all_of::<Assessment>()).one(db)?)
}

/// Changes what is given.
///
/// # Errors
///
/// When there is no such assessment.
pub fn update(db: &Connection, id: &str, changes: &Changes) -> Result<Assessment, AppError> {
    if *changes == Changes::default() {
        return get(db, id);
    }
    Update::table::<Assessment>()
        .set_option(Assessment::completed_at, changes.completed_at.clone())
        .set_option(Assessment::title, changes.title.as_ref().map(Option::as_ref))
        .filter(Assessment::id.eq(id))
        .returning(all_of::<Assessment>())
        .optional(db)?
        .ok_or(NOT_FOUND)
}

/// Returns the questions of an assessment in the order in which they were added; an unknown one has none.
///
/// # Errors
///
/// When the database refuses.
pub fn questions(db: &Connection, assessment_id: &str) -> Result<Vec<Question>, AppError> {
    let questions = Select::from::<Question>().filter(Question::assessment_id.eq(assessment_id));
    Ok(questions.order_by(rowid::<Question>()).all(db)?)
}

/// Adds a question to an assessment.
///
/// # Errors
///
/// When there is no such assessment or node.
pub fn ask(db: &Connection, assessment_id: &str, draft: &QuestionDraft) -> Result<Question, AppError> {
    get(db, assessment_id)?;
    References::new(db).node("nodeId", draft.node_id.as_deref())?.check()?;
    let question = NewQuestion {
        id: new_id(),
        assessment_id: assessment_id.to_owned(),
        format: draft.format,
        prompt: draft.prompt.clone(),
    };
    let question = Insert::row(&question)
        .set(Question::node_id, draft.node_id.as_ref())
        .set(Question::options, draft.options.as_ref().map(|options| json!(options).to_string()))
        .set(Question::correct_answer, draft.correct_answer.as_ref())
        .set(Question::grading_rubric, draft.grading_rubric.as_ref())
        .set(Question::difficulty, draft.difficulty);
    Ok(question.returning(all_of::<Question>()).one(db)?)
}
