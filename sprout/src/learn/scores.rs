//! What answers are worth: grading multiple choice, scores, and the summary of an assessment.
//!
//! Of several answers to a question the latest counts. Scores are from 0 to 1; rows of earlier versions may hold
//! percentages, or a verdict without a score.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::schema::{Answer, Question, QuestionFormat};

/// From this score on a question is answered well, and a node mastered.
pub const MASTERED: f64 = 0.7;

/// The most prompts that a summary lists as strengths, and as gaps.
const LISTED: (usize, usize) = (8, 10);

/// How a learner did in an assessment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// How many questions have an answer that is not blank.
    pub answered_count: usize,
    /// How many questions there are.
    pub total_questions: usize,
    /// The mean of the scores to three decimals, if there are any.
    pub overall_score: Option<f64>,
    /// The prompts of questions that were answered well.
    pub strengths: Vec<String>,
    /// The prompts of questions that were not.
    pub gaps: Vec<String>,
    /// The questions in their order.
    pub items: Vec<Item>,
}

/// How a learner did with one question.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The question.
    pub question_id: String,
    /// What is asked.
    pub prompt: String,
    /// How it is answered.
    pub format: QuestionFormat,
    /// From 1 to 5.
    pub difficulty: i64,
    /// What the learner answered, if that is not blank.
    pub student_answer: Option<String>,
    /// What would be right, once there is an answer.
    pub correct_answer: Option<String>,
    /// Whether it is right, as far as that is known.
    pub is_correct: Option<bool>,
    /// From 0 to 1, as far as that is known.
    pub score: Option<f64>,
    /// What the learner was told.
    pub feedback: Option<String>,
}

impl Summary {
    /// Whether there are questions and each has an answer that is not blank.
    pub fn is_answered(&self) -> bool {
        self.total_questions > 0 && self.answered_count == self.total_questions
    }
}

/// Returns a score from 0 to 1: of a score that may be a percentage, or else of the verdict.
pub fn normalized(score: Option<f64>, is_correct: Option<bool>) -> Option<f64> {
    let of_verdict = || is_correct.map(|is_correct| if is_correct { 1.0 } else { 0.0 });
    let score = score.or_else(of_verdict)?;
    let share = if score > 1.0 { score / 100.0 } else { score };
    Some(share.clamp(0.0, 1.0))
}

/// Tells whether an option is the right one, where that can be told without judgement.
pub fn graded(format: QuestionFormat, selected: Option<&str>, correct: Option<&str>) -> Option<bool> {
    match (format, selected, correct) {
        (QuestionFormat::Mcq, Some(selected), Some(correct)) => Some(selected == correct),
        _ => None,
    }
}

/// Returns what an answer says: its text, else the option; nothing when that is blank.
pub fn said(answer: &Answer) -> Option<&str> {
    let said = answer.answer_text.as_deref().or(answer.selected_option.as_deref())?;
    Some(said.trim()).filter(|said| !said.is_empty())
}

/// Returns the latest answer to each question; of two at one time the later row counts.
pub fn latest(answers: &[Answer]) -> BTreeMap<&str, &Answer> {
    let mut latest: BTreeMap<&str, &Answer> = BTreeMap::new();
    for answer in answers {
        let newest = latest.entry(&answer.question_id).or_insert(answer);
        if answer.created_at >= newest.created_at {
            *newest = answer;
        }
    }
    latest
}

/// Sums an assessment up from its questions and one user's answers, both in the order of their rows.
pub fn summary(questions: &[Question], answers: &[Answer]) -> Summary {
    let latest = latest(answers);
    let items: Vec<_> =
        questions.iter().map(|question| item(question, latest.get(question.id.as_str()).copied())).collect();
    let scores: Vec<_> = items.iter().filter_map(|item| item.score).collect();
    let prompts = |is_well: fn(f64) -> bool, most: usize| -> Vec<String> {
        let items = items.iter().filter(|item| item.score.is_some_and(is_well));
        items.take(most).map(|item| item.prompt.clone()).collect()
    };
    Summary {
        answered_count: items.iter().filter(|item| item.student_answer.is_some()).count(),
        total_questions: items.len(),
        overall_score: mean(&scores),
        strengths: prompts(|score| score >= MASTERED, LISTED.0),
        gaps: prompts(|score| score < MASTERED, LISTED.1),
        items,
    }
}

fn item(question: &Question, answer: Option<&Answer>) -> Item {
    let selected = answer.and_then(|answer| answer.selected_option.as_deref());
    let is_correct = answer
        .and_then(|answer| answer.is_correct)
        .or_else(|| graded(question.format, selected, question.correct_answer.as_deref()));
    Item {
        question_id: question.id.clone(),
        prompt: question.prompt.clone(),
        format: question.format,
        difficulty: question.difficulty,
        student_answer: answer.and_then(said).map(str::to_owned),
        // Whoever has not answered yet is not told.
        correct_answer: answer.and_then(said).and(question.correct_answer.clone()),
        is_correct,
        score: normalized(answer.and_then(|answer| answer.score), is_correct),
        feedback: answer.and_then(|answer| answer.feedback.clone()),
    }
}

/// Returns the mean to three decimals; none of nothing.
pub fn mean(scores: &[f64]) -> Option<f64> {
    let count = f64::from(u32::try_from(scores.len()).ok().filter(|count| *count > 0)?);
    Some((scores.iter().sum::<f64>() / count * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::IsoTime;

    fn question(id: &str, format: QuestionFormat, correct: Option<&str>) -> Question {
        Question {
            id: id.to_owned(),
            assessment_id: "a".to_owned(),
            node_id: None,
            format,
            prompt: format!("{id}?"),
            options: None,
            correct_answer: correct.map(str::to_owned),
            grading_rubric: None,
            difficulty: 1,
            created_at: IsoTime::now(),
        }
    }

    fn answer(question: &str, minute: u8, text: Option<&str>, option: Option<&str>) -> Answer {
        let time = format!("2026-01-01T00:{minute:02}:00Z");
        Answer {
            id: format!("{question}{minute}"),
            user_id: "u".to_owned(),
            assessment_id: "a".to_owned(),
            question_id: question.to_owned(),
            answer_text: text.map(str::to_owned),
            selected_option: option.map(str::to_owned),
            is_correct: None,
            score: None,
            feedback: None,
            created_at: IsoTime::parse(&time).unwrap(),
        }
    }

    #[test]
    fn a_score_is_a_share_a_percentage_or_a_verdict() {
        for (score, is_correct, expected) in [
            (None, None, None),
            (None, Some(true), Some(1.0)),
            (None, Some(false), Some(0.0)),
            (Some(0.25), Some(true), Some(0.25)),
            (Some(1.0), None, Some(1.0)),
            (Some(85.0), None, Some(0.85)),
            (Some(250.0), None, Some(1.0)),
            (Some(-3.0), None, Some(0.0)),
        ] {
            assert_eq!(normalized(score, is_correct), expected, "{score:?} {is_correct:?}");
        }
    }

    #[test]
    fn the_latest_answer_counts_and_of_two_at_one_time_the_later_row() {
        let answers = [
            answer("q", 5, Some("new"), None),
            answer("q", 1, Some("old"), None),
            answer("p", 1, Some("first"), None),
            answer("p", 1, Some("second"), None),
        ];
        let latest = latest(&answers);
        assert_eq!(latest["q"].answer_text.as_deref(), Some("new"));
        assert_eq!(latest["p"].answer_text.as_deref(), Some("second"));
    }

    #[test]
    fn a_blank_answer_is_none() {
        assert_eq!(said(&answer("q", 1, Some(" "), Some("b"))), None);
        assert_eq!(said(&answer("q", 1, None, Some(" b "))), Some("b"));
        let is_answered = |questions: &[&str], answers: &[Answer]| {
            let questions: Vec<_> =
                questions.iter().map(|id| question(id, QuestionFormat::OpenEnded, None)).collect();
            summary(&questions, answers).is_answered()
        };
        assert!(is_answered(&["q"], &[answer("q", 1, Some("x"), None)]));
        assert!(!is_answered(&["q"], &[answer("q", 1, Some("x"), None), answer("q", 2, Some(" "), None)]));
        assert!(!is_answered(&["q", "p"], &[answer("q", 1, Some("x"), None)]));
        assert!(!is_answered(&[], &[]));
    }

    #[test]
    fn only_a_chosen_option_is_graded() {
        assert_eq!(graded(QuestionFormat::Mcq, Some("a"), Some("a")), Some(true));
        assert_eq!(graded(QuestionFormat::Mcq, Some("a "), Some("a")), Some(false));
        assert_eq!(graded(QuestionFormat::Mcq, None, Some("a")), None);
        assert_eq!(graded(QuestionFormat::OpenEnded, Some("a"), Some("a")), None);
    }

    #[test]
    fn a_summary_has_the_mean_the_strengths_and_the_gaps() {
        let questions = [
            question("right", QuestionFormat::Mcq, Some("a")),
            question("wrong", QuestionFormat::Mcq, Some("a")),
            question("open", QuestionFormat::OpenEnded, None),
            question("scored", QuestionFormat::OpenEnded, None),
            question("untouched", QuestionFormat::Mcq, Some("a")),
        ];
        let mut scored = answer("scored", 1, Some("x"), None);
        scored.score = Some(70.0);
        let answers = [
            answer("right", 1, None, Some("a")),
            answer("wrong", 1, None, Some("b")),
            answer("open", 1, Some("x"), None),
            scored,
        ];
        let summary = summary(&questions, &answers);
        assert_eq!((summary.answered_count, summary.total_questions), (4, 5));
        assert_eq!(summary.overall_score, Some(0.567));
        assert_eq!(
            (summary.strengths, summary.gaps),
            (vec!["right?".into(), "scored?".into()], vec!["wrong?".into()])
        );
        assert_eq!(summary.items[4].is_correct, None);
        assert_eq!(mean(&[]), None);
    }
}
