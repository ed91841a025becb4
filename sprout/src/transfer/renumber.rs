//! New ids for everything that is imported, so that a branch can come to a database any number of times.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Topic;
use super::read::FileDocument;
use crate::store::new_id;

/// New ids by the old ones, of one kind of rows.
struct Ids(BTreeMap<String, String>);

impl Ids {
    fn of<'r>(ids: impl Iterator<Item = &'r mut String>) -> Self {
        let replace = |id: &mut String| {
            let new = new_id();
            (std::mem::replace(id, new.clone()), new)
        };
        Self(ids.map(replace).collect())
    }

    /// Puts the new id in the place of an old one; what is none of them stays.
    fn follow<'r>(&self, references: impl IntoIterator<Item = &'r mut String>) {
        for reference in references {
            if let Some(id) = self.0.get(reference) {
                reference.clone_from(id);
            }
        }
    }
}

/// Gives every row a new id, and lets every reference follow.
pub(super) fn renumber(topic: &mut Topic, documents: &mut [FileDocument]) {
    let branch = Ids::of(std::iter::once(&mut topic.branch.id));
    let nodes = Ids::of(topic.nodes.iter_mut().map(|row| &mut row.id));
    let assessments = Ids::of(topic.assessments.iter_mut().map(|row| &mut row.id));
    let questions = Ids::of(topic.questions.iter_mut().map(|row| &mut row.id));
    let sessions = Ids::of(topic.sessions.iter_mut().map(|row| &mut row.id));
    let messages = Ids::of(topic.messages.iter_mut().map(|row| &mut row.id));
    for row in &mut topic.nodes {
        branch.follow(&mut row.branch_id);
        nodes.follow(&mut row.parent_id);
    }
    for row in &mut topic.edges {
        row.id = new_id();
        nodes.follow([&mut row.source_node_id, &mut row.target_node_id]);
    }
    for row in &mut topic.contents {
        row.id = new_id();
        nodes.follow([&mut row.node_id]);
    }
    for row in &mut topic.generations {
        row.id = new_id();
        nodes.follow([&mut row.node_id]);
    }
    for row in &mut topic.assessments {
        nodes.follow([&mut row.target_node_id]);
    }
    for row in &mut topic.questions {
        assessments.follow([&mut row.assessment_id]);
        nodes.follow(&mut row.node_id);
    }
    for row in &mut topic.answers {
        row.id = new_id();
        assessments.follow([&mut row.assessment_id]);
        questions.follow([&mut row.question_id]);
    }
    for row in &mut topic.progress {
        row.id = new_id();
        nodes.follow([&mut row.node_id]);
    }
    for row in &mut topic.sessions {
        nodes.follow(&mut row.node_id);
    }
    for row in &mut topic.messages {
        sessions.follow([&mut row.session_id]);
    }
    for row in &mut topic.hints {
        row.id = new_id();
        nodes.follow([&mut row.node_id]);
        sessions.follow(&mut row.session_id);
        messages.follow(row.request_message_id.iter_mut().chain(&mut row.response_message_id));
        if let Some(list) = &mut row.referenced_success_message_ids {
            follow_list(&messages, list);
        }
    }
    for row in &mut topic.reviews {
        row.id = new_id();
        nodes.follow([&mut row.node_id]);
        assessments.follow(&mut row.assessment_id);
    }
    for row in &mut topic.schedules {
        row.id = new_id();
        nodes.follow([&mut row.node_id]);
    }
    for row in documents {
        row.id = new_id();
        nodes.follow([&mut row.node_id]);
    }
}

/// Lets the ids in a JSON array follow.
fn follow_list(ids: &Ids, list: &mut String) {
    let Ok(Value::Array(mut items)) = serde_json::from_str(list) else { return };
    for item in &mut items {
        if let Value::String(id) = item {
            ids.follow([id]);
        }
    }
    *list = Value::Array(items).to_string();
}

/// Makes everything the rows of a user.
pub(super) fn give_to(topic: &mut Topic, user: &str) {
    let owners = std::iter::once(&mut topic.branch.user_id)
        .chain(topic.nodes.iter_mut().map(|row| &mut row.user_id))
        .chain(topic.assessments.iter_mut().map(|row| &mut row.user_id))
        .chain(topic.answers.iter_mut().map(|row| &mut row.user_id))
        .chain(topic.progress.iter_mut().map(|row| &mut row.user_id))
        .chain(topic.sessions.iter_mut().map(|row| &mut row.user_id))
        .chain(topic.messages.iter_mut().map(|row| &mut row.user_id))
        .chain(topic.hints.iter_mut().map(|row| &mut row.user_id))
        .chain(topic.reviews.iter_mut().map(|row| &mut row.user_id))
        .chain(topic.schedules.iter_mut().map(|row| &mut row.user_id));
    for owner in owners {
        user.clone_into(owner);
    }
}
