//! The rules that rows of a file keep among each other, so that the database takes them and the program understands them.
//!
//! A parent may be of any kind: databases of the original have concepts under concepts, and a file of one has to be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::IgnoredAny;

use super::Topic;
use super::read::FileDocument;
use crate::learn::graph;

/// What is wrong with a file: each fault begins with the path of the value.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<String>);

/// The ids of one kind of rows.
type Known<'a> = BTreeSet<&'a str>;

/// Returns everything that is wrong with the rows of a file. The documents come without their contents.
pub(super) fn faults(topic: &Topic, documents: &[FileDocument]) -> Vec<String> {
    let mut faults = Faults::default();
    let nodes = faults.unique("nodes", "id", topic.nodes.iter().map(|row| row.id.as_str()));
    let assessments = faults.unique("assessments", "id", topic.assessments.iter().map(|row| row.id.as_str()));
    let questions = faults.unique("questions", "id", topic.questions.iter().map(|row| row.id.as_str()));
    let sessions = faults.unique("sessions", "id", topic.sessions.iter().map(|row| row.id.as_str()));
    let messages = faults.unique("messages", "id", topic.messages.iter().map(|row| row.id.as_str()));
    faults.unique("edges", "id", topic.edges.iter().map(|row| row.id.as_str()));
    faults.unique("contents", "id", topic.contents.iter().map(|row| row.id.as_str()));
    faults.unique("generations", "id", topic.generations.iter().map(|row| row.id.as_str()));
    faults.unique("answers", "id", topic.answers.iter().map(|row| row.id.as_str()));
    faults.unique("progress", "id", topic.progress.iter().map(|row| row.id.as_str()));
    faults.unique("hints", "id", topic.hints.iter().map(|row| row.id.as_str()));
    faults.unique("reviews", "id", topic.reviews.iter().map(|row| row.id.as_str()));
    faults.unique("schedules", "id", topic.schedules.iter().map(|row| row.id.as_str()));
    faults.unique("documents", "id", documents.iter().map(|row| row.id.as_str()));
    // All rows become those of one user, who has one of these for a node.
    faults.unique("progress", "nodeId", topic.progress.iter().map(|row| row.node_id.as_str()));
    faults.unique("schedules", "nodeId", topic.schedules.iter().map(|row| row.node_id.as_str()));

    graph_faults(&mut faults, topic, &nodes);
    for (index, row) in topic.contents.iter().enumerate() {
        faults.reference(&nodes, &row.node_id, format_args!("contents[{index}].nodeId"), "node");
        faults.json(row.cards.as_deref(), format_args!("contents[{index}].cards"));
    }
    for (index, row) in topic.generations.iter().enumerate() {
        faults.reference(&nodes, &row.node_id, format_args!("generations[{index}].nodeId"), "node");
        faults.json(row.response_meta.as_deref(), format_args!("generations[{index}].responseMeta"));
    }
    for (index, row) in topic.assessments.iter().enumerate() {
        faults.reference(
            &nodes,
            &row.target_node_id,
            format_args!("assessments[{index}].targetNodeId"),
            "node",
        );
    }
    for (index, row) in topic.questions.iter().enumerate() {
        let at = |field: &str| format!("questions[{index}].{field}");
        faults.reference(&assessments, &row.assessment_id, at("assessmentId"), "assessment");
        faults.optional(&nodes, row.node_id.as_deref(), at("nodeId"), "node");
        faults.range(row.difficulty, 1..=5, at("difficulty"));
        faults.json(row.options.as_deref(), at("options"));
        faults.json(row.grading_rubric.as_deref(), at("gradingRubric"));
    }
    for (index, row) in topic.answers.iter().enumerate() {
        let at = |field: &str| format!("answers[{index}].{field}");
        faults.reference(&assessments, &row.assessment_id, at("assessmentId"), "assessment");
        faults.reference(&questions, &row.question_id, at("questionId"), "question");
        faults.range(row.score.unwrap_or(0.0), 0.0..=1.0, at("score"));
    }
    for (index, row) in topic.progress.iter().enumerate() {
        let at = |field: &str| format!("progress[{index}].{field}");
        faults.reference(&nodes, &row.node_id, at("nodeId"), "node");
        faults.range(row.mastery_score, 0.0..=1.0, at("masteryScore"));
        faults.range(row.attempts_count, 0..=i64::MAX, at("attemptsCount"));
    }
    talk_faults(&mut faults, topic, &nodes, &sessions, &messages);
    for (index, row) in topic.reviews.iter().enumerate() {
        let at = |field: &str| format!("reviews[{index}].{field}");
        faults.reference(&nodes, &row.node_id, at("nodeId"), "node");
        faults.optional(&assessments, row.assessment_id.as_deref(), at("assessmentId"), "assessment");
        faults.range(row.rating, 1..=4, at("rating"));
        faults.range(row.stability, f64::from_bits(1)..=f64::MAX, at("stability"));
        faults.range(row.difficulty, 1.0..=10.0, at("difficulty"));
    }
    for (index, row) in topic.schedules.iter().enumerate() {
        let at = |field: &str| format!("schedules[{index}].{field}");
        faults.reference(&nodes, &row.node_id, at("nodeId"), "node");
        faults.range(row.stability, f64::from_bits(1)..=f64::MAX, at("stability"));
        faults.range(row.difficulty, 1.0..=10.0, at("difficulty"));
        faults.range(row.reviews_count, 0..=i64::MAX, at("reviewsCount"));
        faults.range(row.lapses, 0..=row.reviews_count.max(0), at("lapses"));
    }
    for (index, row) in documents.iter().enumerate() {
        faults.reference(&nodes, &row.node_id, format_args!("documents[{index}].nodeId"), "node");
        faults.range(row.file_size_bytes, 0..=i64::MAX, format_args!("documents[{index}].fileSizeBytes"));
    }
    faults.0
}

fn graph_faults(faults: &mut Faults, topic: &Topic, nodes: &Known<'_>) {
    let mut parents = Vec::new();
    for (index, row) in topic.nodes.iter().enumerate() {
        let at = |field: &str| format!("nodes[{index}].{field}");
        faults.optional(nodes, row.parent_id.as_deref(), at("parentId"), "node");
        match &row.branch_id {
            Some(id) if *id != topic.branch.id => faults.add(at("branchId"), "is not the id of the branch"),
            None if row.parent_id.is_none() => {
                faults.add(
                    at("branchId"),
                    "is empty, and the node is under no other: it would belong to nothing",
                );
            }
            _ => {}
        }
        faults.range(row.accuracy_score, 0.0..=1.0, at("accuracyScore"));
        parents.extend(row.parent_id.as_deref().map(|parent| (parent, row.id.as_str())));
    }
    let mut pairs = BTreeMap::new();
    for (index, row) in topic.edges.iter().enumerate() {
        let at = |field: &str| format!("edges[{index}].{field}");
        faults.reference(nodes, &row.source_node_id, at("sourceNodeId"), "node");
        faults.reference(nodes, &row.target_node_id, at("targetNodeId"), "node");
        let pair = (row.source_node_id.as_str(), row.target_node_id.as_str());
        if let Some(first) = pairs.insert(pair, index) {
            faults.add(format_args!("edges[{index}]"), &format!("leads where edges[{first}] leads"));
        }
    }
    let edges: Vec<_> = pairs.into_keys().collect();
    for (section, lines) in [("nodes", &parents), ("edges", &edges)] {
        if let Some(circle) = graph::circle(lines) {
            let circle: Vec<_> = circle.iter().map(|id| format!("`{id}`")).collect();
            faults.add(section, &format!("they make a circle: {}", circle.join(" → ")));
        }
    }
}

fn talk_faults(
    faults: &mut Faults,
    topic: &Topic,
    nodes: &Known<'_>,
    sessions: &Known<'_>,
    messages: &Known<'_>,
) {
    for (index, row) in topic.sessions.iter().enumerate() {
        let node = row.node_id.as_deref();
        match node {
            Some(id) => faults.reference(nodes, id, format_args!("sessions[{index}].nodeId"), "node"),
            None => {
                faults.add(format_args!("sessions[{index}].nodeId"), "is empty: it would belong to nothing")
            }
        }
    }
    for (index, row) in topic.messages.iter().enumerate() {
        let at = |field: &str| format!("messages[{index}].{field}");
        faults.reference(sessions, &row.session_id, at("sessionId"), "session");
        faults.json(row.success_signal.as_deref(), at("successSignal"));
    }
    for (index, row) in topic.hints.iter().enumerate() {
        let at = |field: &str| format!("hints[{index}].{field}");
        faults.reference(nodes, &row.node_id, at("nodeId"), "node");
        faults.optional(sessions, row.session_id.as_deref(), at("sessionId"), "session");
        faults.optional(messages, row.request_message_id.as_deref(), at("requestMessageId"), "message");
        faults.optional(messages, row.response_message_id.as_deref(), at("responseMessageId"), "message");
        faults.json(row.referenced_success_message_ids.as_deref(), at("referencedSuccessMessageIds"));
    }
}

impl Faults {
    fn add(&mut self, place: impl Display, fault: &str) {
        self.0.push(format!("{place}: {fault}"));
    }

    /// Checks that no value comes twice, and returns all.
    fn unique<'a>(&mut self, section: &str, field: &str, values: impl Iterator<Item = &'a str>) -> Known<'a> {
        let mut known = Known::new();
        for (index, value) in values.enumerate() {
            if !known.insert(value) {
                self.add(format_args!("{section}[{index}].{field}"), &format!("`{value}` is there already"));
            }
        }
        known
    }

    fn reference(&mut self, known: &Known<'_>, id: &str, place: impl Display, what: &str) {
        if !known.contains(id) {
            self.add(place, &format!("`{id}` is the id of no {what} in the file"));
        }
    }

    fn optional(&mut self, known: &Known<'_>, id: Option<&str>, place: impl Display, what: &str) {
        if let Some(id) = id {
            self.reference(known, id, place, what);
        }
    }

    fn range<N: PartialOrd + Display>(&mut self, number: N, range: RangeInclusive<N>, place: impl Display) {
        if !range.contains(&number) {
            self.add(place, &format!("{number} is not from {} to {}", range.start(), range.end()));
        }
    }

    fn json(&mut self, text: Option<&str>, place: impl Display) {
        if let Some(Err(error)) = text.map(serde_json::from_str::<IgnoredAny>) {
            self.add(place, &format!("the text in it is not JSON: {error}"));
        }
    }
}
