//! Answers: each is kept, graded where that needs no judgement, and the last one that was missing completes the assessment.

use seedbed::prelude::*;
use seedbed::query::{all_of, rowid};

use super::references::References;
use super::{assessments, new_id, progress, recall};
use crate::error::AppError;
use crate::learn::recall::Rating;
use crate::learn::scores;
use crate::schema::{Answer, Assessment, AssessmentKind, IsoTime, NewAnswer, Question};

/// An answer that is to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The user who answers.
    pub user_id: String,
    /// The question.
    pub question_id: String,
    /// What the user wrote.
    pub answer_text: Option<String>,
    /// The option that the user chose.
    pub selected_option: Option<String>,
    /// Whether it is right, as the client judged.
    pub is_correct: Option<bool>,
    /// What it is worth, from 0 to 1, as the client judged.
    pub score: Option<f64>,
    /// What the user is told.
    pub feedback: Option<String>,
}

/// Returns the answers of an assessment, of one user or of all, in the order in which they were given.
///
/// # Errors
///
/// When the database refuses.
pub fn of_assessment(
    db: &Connection,
    assessment_id: &str,
    user_id: Option<&str>,
) -> Result<Vec<Answer>, AppError> {
    let answers = Select::from::<Answer>()
        .filter(Answer::assessment_id.eq(assessment_id))
        .filter_eq_option(Answer::user_id, user_id);
    Ok(answers.order_by(rowid::<Answer>()).all(db)?)
}

/// Records an answer. A choice that comes without a score is graded. When every question of the assessment has an
/// answer of the user, it is completed; what the latest answers are worth says how well the node is mastered then.
///
/// # Errors
///
/// When there is no such assessment or user, or the question is none of the assessment's.
pub fn give(db: &Connection, assessment_id: &str, draft: &Draft) -> Result<Answer, AppError> {
    let assessment = assessments::get(db, assessment_id)?;
    let question = Select::from::<Question>()
        .filter(Question::id.eq(&draft.question_id))
        .filter(Question::assessment_id.eq(assessment_id))
        .optional(db)?;
    References::new(db)
        .user("userId", &draft.user_id)?
        .expect(draft.user_id == assessment.user_id, "userId", "is not the user who is asked")
        .expect(question.is_some(), "questionId", "is the id of no question of this assessment")
        .check()?;
    let answer = insert(db, assessment_id, question.as_ref(), draft)?;
    settle(db, &assessment, &draft.user_id)?;
    Ok(answer)
}

fn insert(
    db: &Connection,
    assessment_id: &str,
    question: Option<&Question>,
    draft: &Draft,
) -> Result<Answer, AppError> {
    let graded = question.filter(|_| draft.score.is_none()).and_then(|question| {
        scores::graded(question.format, draft.selected_option.as_deref(), question.correct_answer.as_deref())
    });
    let answer = NewAnswer {
        id: new_id(),
        user_id: draft.user_id.clone(),
        assessment_id: assessment_id.to_owned(),
        question_id: draft.question_id.clone(),
    };
    let answer = Insert::row(&answer)
        .set(Answer::answer_text, draft.answer_text.as_ref())
        .set(Answer::selected_option, draft.selected_option.as_ref())
        .set(Answer::is_correct, graded.or(draft.is_correct))
        .set(Answer::score, draft.score.or_else(|| scores::normalized(None, graded)))
        .set(Answer::feedback, draft.feedback.as_ref());
    Ok(answer.returning(all_of::<Answer>()).one(db)?)
}

/// Draws the conclusions when a user has answered all of an assessment.
fn settle(db: &Connection, assessment: &Assessment, user_id: &str) -> Result<(), AppError> {
    let questions = assessments::questions(db, &assessment.id)?;
    let answers = of_assessment(db, &assessment.id, Some(user_id))?;
    let summary = scores::summary(&questions, &answers);
    if !summary.is_answered() {
        return Ok(());
    }
    if assessment.completed_at.is_none() {
        Update::table::<Assessment>()
            .set(Assessment::completed_at, Some(IsoTime::now()))
            .filter(Assessment::id.eq(&assessment.id))
            .run(db)?;
    }
    // What nobody has scored says nothing about what is known.
    let Some(score) = summary.overall_score else { return Ok(()) };
    match assessment.kind {
        // It finds out what is known before anything is learned here.
        AssessmentKind::Diagnostic => Ok(()),
        AssessmentKind::Quiz => progress::master(db, user_id, &assessment.target_node_id, score),
        // A second try, with the answers known, is no second recall.
        AssessmentKind::Recall if recall::is_reviewed(db, &assessment.id)? => Ok(()),
        AssessmentKind::Recall => {
            let review = recall::Review {
                user_id: user_id.to_owned(),
                node_id: assessment.target_node_id.clone(),
                rating: Rating::of_score(score),
                reviewed_at: None,
            };
            recall::record(db, &review, Some(&assessment.id))?;
            progress::master(db, user_id, &assessment.target_node_id, score)
        }
    }
}
