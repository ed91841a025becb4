//! References that lead out of a branch, which a file cannot follow.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Topic;

/// Leaves every reference empty that leads to no row of the topic, and takes rows out that cannot be without theirs, or that
/// are about another user than the branch's: what others did is theirs. Returns a sentence about each.
pub fn cut_loose(topic: &mut Topic) -> Vec<String> {
    let mut said = Vec::new();
    let user = topic.branch.user_id.clone();
    leave_out(&mut topic.assessments, &mut said, "assessment", |row| of_other(&user, &row.user_id, &row.id));
    leave_out(&mut topic.progress, &mut said, "progress", |row| of_other(&user, &row.user_id, &row.id));
    leave_out(&mut topic.sessions, &mut said, "session", |row| of_other(&user, &row.user_id, &row.id));
    leave_out(&mut topic.hints, &mut said, "hint", |row| of_other(&user, &row.user_id, &row.id));
    leave_out(&mut topic.reviews, &mut said, "review", |row| of_other(&user, &row.user_id, &row.id));
    leave_out(&mut topic.schedules, &mut said, "schedule", |row| of_other(&user, &row.user_id, &row.id));

    let nodes = ids(topic.nodes.iter().map(|row| &row.id));
    let assessments = ids(topic.assessments.iter().map(|row| &row.id));
    let sessions = ids(topic.sessions.iter().map(|row| &row.id));
    leave_out(&mut topic.edges, &mut said, "edge", |row| {
        let ends = [&row.source_node_id, &row.target_node_id];
        outside(&nodes, ends, "leads to another branch", &row.id)
    });
    // Of an assessment or a session that is another user's the parts go silently with it.
    topic.questions.retain(|row| assessments.contains(&row.assessment_id));
    topic.messages.retain(|row| sessions.contains(&row.session_id));
    topic.answers.retain(|row| assessments.contains(&row.assessment_id));
    let questions = ids(topic.questions.iter().map(|row| &row.id));
    leave_out(&mut topic.answers, &mut said, "answer", |row| {
        of_other(&user, &row.user_id, &row.id).or_else(|| {
            outside(&questions, [&row.question_id], "is to a question of another branch", &row.id)
        })
    });
    let messages = ids(topic.messages.iter().map(|row| &row.id));

    for row in &mut topic.nodes {
        empty(&nodes, &mut row.parent_id, &mut said, &format!("parentId of the node `{}`", row.id));
    }
    for row in &mut topic.questions {
        empty(&nodes, &mut row.node_id, &mut said, &format!("nodeId of the question `{}`", row.id));
    }
    for row in &mut topic.reviews {
        let place = format!("assessmentId of the review `{}`", row.id);
        empty(&assessments, &mut row.assessment_id, &mut said, &place);
    }
    for row in &mut topic.hints {
        let of = format!("of the hint `{}`", row.id);
        empty(&sessions, &mut row.session_id, &mut said, &format!("sessionId {of}"));
        empty(&messages, &mut row.request_message_id, &mut said, &format!("requestMessageId {of}"));
        empty(&messages, &mut row.response_message_id, &mut said, &format!("responseMessageId {of}"));
        let list = &mut row.referenced_success_message_ids;
        if let Some(fewer) = list.as_deref().and_then(|list| only_known(list, &messages)) {
            *list = Some(fewer);
            said.push(format!("referencedSuccessMessageIds {of} loses messages of other branches"));
        }
    }
    said
}

/// Collects ids.
pub(super) fn ids<'r>(rows: impl Iterator<Item = &'r String>) -> BTreeSet<String> {
    rows.cloned().collect()
}

fn leave_out<R>(
    rows: &mut Vec<R>,
    said: &mut Vec<String>,
    what: &str,
    reason: impl Fn(&R) -> Option<String>,
) {
    rows.retain(|row| match reason(row) {
        Some(reason) => {
            said.push(format!("the {what} {reason}, and is left out"));
            false
        }
        None => true,
    });
}

fn of_other(user: &str, user_of_row: &str, id: &str) -> Option<String> {
    (user != user_of_row).then(|| format!("`{id}` belongs to another user"))
}

fn outside<const N: usize>(
    known: &BTreeSet<String>,
    ids: [&String; N],
    reason: &str,
    id: &str,
) -> Option<String> {
    (!ids.into_iter().all(|id| known.contains(id))).then(|| format!("`{id}` {reason}"))
}

fn empty(known: &BTreeSet<String>, reference: &mut Option<String>, said: &mut Vec<String>, place: &str) {
    if let Some(id) = reference.take_if(|id| !known.contains(id)) {
        said.push(format!("{place} is left empty: `{id}` belongs to another branch or to none"));
    }
}

/// Returns a JSON array without the texts that are the id of nothing; `None` when nothing changes.
fn only_known(list: &str, known: &BTreeSet<String>) -> Option<String> {
    let Ok(Value::Array(items)) = serde_json::from_str(list) else { return None };
    let before = items.len();
    let kept: Vec<Value> =
        items.into_iter().filter(|item| item.as_str().is_none_or(|id| known.contains(id))).collect();
    (kept.len() < before).then(|| Value::Array(kept).to_string())
}
