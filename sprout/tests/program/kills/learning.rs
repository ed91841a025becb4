//! A learner: visits that are counted, and recalls, where the last answer draws four conclusions in the same transaction.

use std::io::Result as IoResult;

use seedbed::params;
use serde_json::{Value, json};

use super::Story;
use super::line::{Line, Rows, USER, Witness, id};
use crate::Result;

pub(super) struct Visits {
    name: String,
    node: Option<String>,
    /// The progress after the newest visit that was answered.
    progress: Option<Value>,
}

impl Visits {
    pub(super) fn new(name: String) -> Self {
        Self { name, node: None, progress: None }
    }
}

impl Story for Visits {
    fn write(&mut self, line: &mut Line<'_>) -> IoResult<()> {
        match &self.node {
            None => self.node = Some(line.root(&self.name)?),
            Some(node) => {
                self.progress = Some(line.post("/api/progress", &json!({"userId": USER, "nodeId": node}))?);
            }
        }
        Ok(())
    }

    fn check(&self, witness: &mut Witness) -> Result<usize> {
        let Some(node) = &self.node else { return Ok(0) };
        let there = witness.list(&format!("/api/progress?userId={USER}&nodeId={node}"))?;
        if there.as_slice() == self.progress.as_slice() {
            return Ok(0);
        }
        // One visit more, then, and the newest.
        assert_eq!(there.len(), 1, "{there:?}, and {:?} was answered", self.progress);
        let visits = |progress: &Value| progress["attemptsCount"].as_i64();
        let told = self.progress.as_ref().and_then(visits).unwrap_or(0);
        assert_eq!(visits(&there[0]), Some(told + 1), "{there:?}, and {:?} was answered", self.progress);
        if told > 0 {
            assert_eq!(there[0]["lastEnteredAt"], there[0]["updatedAt"], "{there:?}");
        }
        Ok(1)
    }
}

/// Recalls of one node, each of two questions, the first of which is always answered well.
pub(super) struct Recalls {
    name: String,
    node: Option<String>,
    recalls: Vec<Recall>,
}

struct Recall {
    id: String,
    questions: Rows,
    answers: Rows,
}

impl Recalls {
    pub(super) fn new(name: String) -> Self {
        Self { name, node: None, recalls: Vec::new() }
    }
}

/// What is chosen and what that is worth.
fn choice(recall: usize, question: usize) -> (&'static str, f64) {
    if question == 0 || recall.is_multiple_of(2) { ("leaf", 1.0) } else { ("stone", 0.0) }
}

impl Recall {
    /// Checks one recall, the so manieth. Returns its score if it is over, and how many writes nobody was told of.
    fn check(&self, witness: &mut Witness, number: usize) -> Result<(Option<f64>, usize)> {
        let path = format!("/api/assessments/{}", self.id);
        let questions = witness.list(&format!("{path}/questions"))?;
        let answers = witness.list(&format!("{path}/answers"))?;
        let untold = self.questions.check(&questions) + self.answers.check(&answers);
        let mut worth = 0.0;
        for (index, answer) in answers.iter().enumerate() {
            let (_, score) = choice(number, index);
            assert_eq!((&answer["isCorrect"], &answer["score"]), (&json!(score == 1.0), &json!(score)));
            worth += score / answers.len() as f64;
        }
        let is_over = answers.len() == 2;
        let summary = witness.get(&format!("{path}/summary?userId={USER}"))?;
        assert_eq!(
            (&summary["answeredCount"], &summary["isComplete"]),
            (&json!(answers.len()), &json!(is_over)),
            "{summary}"
        );
        assert_eq!(summary["overallScore"].as_f64(), (!answers.is_empty()).then_some(worth), "{summary}");
        let assessment = witness.get(&path)?;
        assert_eq!(assessment["completedAt"].is_string(), is_over, "{assessment} with {answers:?}");
        Ok((is_over.then_some(worth), untold))
    }
}

impl Story for Recalls {
    fn write(&mut self, line: &mut Line<'_>) -> IoResult<()> {
        let Some(node) = &self.node else {
            self.node = Some(line.root(&self.name)?);
            return Ok(());
        };
        let number = self.recalls.len().saturating_sub(1);
        match self.recalls.last_mut() {
            Some(recall) if recall.questions.told.len() < 2 => {
                let prompt = format!("{}: what grows?", self.name);
                let question =
                    json!({"format": "mcq", "prompt": prompt, "correctAnswer": "leaf", "difficulty": 2});
                recall.questions.add(line, &format!("/api/assessments/{}/questions", recall.id), question)
            }
            Some(recall) if recall.answers.told.len() < 2 => {
                let index = recall.answers.told.len();
                let question = &recall.questions.told[index]["id"];
                let answer = json!({"userId": USER, "questionId": question, "selectedOption": choice(number, index).0});
                recall.answers.add(line, &format!("/api/assessments/{}/answers", recall.id), answer)
            }
            _ => {
                let recall =
                    json!({"userId": USER, "targetNodeId": node, "type": "recall", "title": self.name});
                let id = id(&line.post("/api/assessments", &recall)?);
                self.recalls.push(Recall { id, questions: Rows::default(), answers: Rows::default() });
                Ok(())
            }
        }
    }

    fn check(&self, witness: &mut Witness) -> Result<usize> {
        let Some(node) = &self.node else { return Ok(0) };
        let (mut untold, mut over, mut score) = (0, Vec::new(), None);
        for (number, recall) in self.recalls.iter().enumerate() {
            let (worth, beyond) = recall.check(witness, number)?;
            untold += beyond;
            if worth.is_some() {
                over.push(recall.id.as_str());
                score = worth;
            }
        }
        // Each recall that is over was reviewed once, and the schedule and the progress follow from the last.
        let reviews = witness.list(&format!("/api/recall/reviews?userId={USER}&nodeId={node}"))?;
        let reviewed: Vec<_> = reviews.iter().filter_map(|review| review["assessmentId"].as_str()).collect();
        assert_eq!(reviewed, over, "the recalls that are over and those that are logged");
        let last = reviews.last().map(|review| {
            let text = |name: &str| review[name].as_str().unwrap_or_default().to_owned();
            (text("dueAt"), text("reviewedAt"), over.len() as i64)
        });
        let schedules = witness.db.query(
            "SELECT due_at, last_reviewed_at, reviews_count FROM node_schedules WHERE node_id = ?1",
            params![node.as_str()],
            |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<i64>(2)?)),
        )?;
        assert_eq!(schedules.first(), last.as_ref(), "the schedule and the last review");
        let progress = witness.list(&format!("/api/progress?userId={USER}&nodeId={node}"))?;
        let mastery: Vec<_> =
            progress.iter().filter_map(|progress| progress["masteryScore"].as_f64()).collect();
        assert_eq!(mastery.as_slice(), score.as_slice(), "the mastery and the last recall");
        let is_completed = progress.first().is_some_and(|progress| progress["completedAt"].is_string());
        assert_eq!(is_completed, !over.is_empty(), "the first recall was perfect");
        Ok(untold)
    }
}
