//! `/api/assessments`: assessments, their questions and the answers.

use axum::extract::State;
use schemars::JsonSchema;
use seedbed::Pool;
use serde::Serialize;

use super::body::Body;
use super::fields::reads;
use super::form::{Share, Text, Texts, Time, Truth, Whole, words};
use super::path::Id;
use super::query::{OfUser, Query};
use super::reply::{Created, Reply};
use crate::error::AppError;
use crate::learn::scores::{self, Summary};
use crate::schema::{Answer, Assessment, AssessmentKind, Question};
use crate::store::answers;
use crate::store::assessments::{self, Changes, Draft, Filter, QuestionDraft};

reads!(Filter, "" {
    /// The user who is asked.
    user_id: optional("userId", Text),
    /// The node that it is about.
    target_node_id: optional("targetNodeId", Text),
});

reads!(Draft, "userId and targetNodeId are required" {
    /// The user who is asked.
    user_id: required("userId", Text),
    /// The node that it is about.
    target_node_id: required("targetNodeId", Text),
    /// What it is for. A recall schedules when its node is to be recalled next.
    kind: or("type", words(), AssessmentKind::Diagnostic),
    /// Its title.
    title: optional("title", Text),
});

reads!(Changes, "" {
    /// With null, the assessment is open again.
    completed_at: clearable("completedAt", Time),
    /// Its title.
    title: clearable("title", Text),
});

reads!(QuestionDraft, "format and prompt are required" {
    /// How it is answered.
    format: required("format", words()),
    /// What is asked.
    prompt: required("prompt", Text),
    /// The node that it is about.
    node_id: optional("nodeId", Text),
    /// What there is to choose from; it comes back as JSON text.
    options: optional("options", Texts),
    /// What is right; of a multiple choice the option.
    correct_answer: optional("correctAnswer", Text),
    /// Any JSON value; it comes back as JSON text.
    grading_rubric: json("gradingRubric"),
    /// From 1, easy, to 5.
    difficulty: or("difficulty", Whole(1, 5), 1),
});

/// How questions are listed.
#[derive(Debug)]
pub struct Shown {
    with_answers: Option<bool>,
}

reads!(Shown, "" {
    /// With false, `correctAnswer` and `gradingRubric` are null, for a page that a learner sees.
    with_answers: optional("withAnswers", Truth),
});

/// How a user did in an assessment.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentSummary {
    assessment_id: String,
    /// Whether it was completed, or all its questions are answered.
    is_complete: bool,
    #[serde(flatten)]
    summary: Summary,
}

/// Whose answers are listed.
#[derive(Debug)]
pub struct Of {
    user_id: Option<String>,
}

reads!(Of, "" {
    /// The user whose answers are listed; all users', unless it is given.
    user_id: optional("userId", Text),
});

reads!(answers::Draft, "userId and questionId are required" {
    /// The user who answers, and who is asked.
    user_id: required("userId", Text),
    /// A question of this assessment.
    question_id: required("questionId", Text),
    /// What the user wrote.
    answer_text: optional("answerText", Text),
    /// The option that the user chose.
    selected_option: optional("selectedOption", Text),
    /// Whether it is right, as the client judged.
    is_correct: optional("isCorrect", Truth),
    /// A choice that comes without a score is graded by the server.
    score: optional("score", Share),
    /// What the user is told.
    feedback: optional("feedback", Text),
});

/// `GET /api/assessments?userId&targetNodeId`
pub async fn list(
    State(pool): State<Pool>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Vec<Assessment>>, AppError> {
    pool.read(move |tx| assessments::matching(tx, &filter).map(Reply::of)).await
}

/// `GET /api/assessments/:id`
pub async fn get(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Assessment>, AppError> {
    pool.read(move |tx| assessments::get(tx, &id).map(Reply::of)).await
}

/// `POST /api/assessments`
pub async fn create(
    State(pool): State<Pool>,
    Body(draft): Body<Draft>,
) -> Result<Created<Assessment>, AppError> {
    Ok(Created(pool.write(move |tx| assessments::create(tx, &draft)).await?))
}

/// `PATCH /api/assessments/:id`
pub async fn update(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(changes): Body<Changes>,
) -> Result<Reply<Assessment>, AppError> {
    Ok(Reply::of(pool.write(move |tx| assessments::update(tx, &id, &changes)).await?))
}

/// `GET /api/assessments/:id/questions?withAnswers`
pub async fn questions(
    State(pool): State<Pool>,
    Id(id): Id,
    Query(shown): Query<Shown>,
) -> Result<Reply<Vec<Question>>, AppError> {
    pool.read(move |tx| {
        let mut questions = assessments::questions(tx, &id)?;
        if shown.with_answers == Some(false) {
            for question in &mut questions {
                (question.correct_answer, question.grading_rubric) = (None, None);
            }
        }
        Ok(Reply::of(questions))
    })
    .await
}

/// `POST /api/assessments/:id/questions`
pub async fn ask(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(draft): Body<QuestionDraft>,
) -> Result<Created<Question>, AppError> {
    Ok(Created(pool.write(move |tx| assessments::ask(tx, &id, &draft)).await?))
}

/// `GET /api/assessments/:id/summary?userId`
pub async fn summary(
    State(pool): State<Pool>,
    Id(id): Id,
    Query(of): Query<OfUser>,
) -> Result<Reply<AssessmentSummary>, AppError> {
    pool.read(move |tx| {
        let assessment = assessments::get(tx, &id)?;
        let questions = assessments::questions(tx, &id)?;
        let answers = answers::of_assessment(tx, &id, Some(&of.user_id))?;
        let summary = scores::summary(&questions, &answers);
        Ok(Reply::of(AssessmentSummary {
            is_complete: assessment.completed_at.is_some() || summary.is_answered(),
            assessment_id: assessment.id,
            summary,
        }))
    })
    .await
}

/// `GET /api/assessments/:id/answers?userId`
pub async fn answers(
    State(pool): State<Pool>,
    Id(id): Id,
    Query(of): Query<Of>,
) -> Result<Reply<Vec<Answer>>, AppError> {
    pool.read(move |tx| answers::of_assessment(tx, &id, of.user_id.as_deref()).map(Reply::of)).await
}

/// `POST /api/assessments/:id/answers`
pub async fn answer(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(draft): Body<answers::Draft>,
) -> Result<Created<Answer>, AppError> {
    Ok(Created(pool.write(move |tx| answers::give(tx, &id, &draft)).await?))
}
