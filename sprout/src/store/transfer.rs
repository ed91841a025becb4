//! Whole branches: read with everything that belongs to them.
//!
//! What belongs to a branch is what would go with it; see `removal.rs`.

use seedbed::prelude::*;

use super::{branches, documents};
use crate::schema::{
    Answer, Assessment, Branch, ChatMessage, ChatSession, HintEvent, Node, NodeContent, NodeEdge,
    NodeGeneration, NodeReview, NodeSchedule, Question, TopicDocument, UserNodeProgress,
};
use crate::store::documents::Listed;
use crate::transfer::Topic;

/// Returns the branch with an id, or else those with a title.
///
/// # Errors
///
/// When the database refuses.
pub fn named(db: &Connection, name: &str) -> Result<Vec<Branch>, Error> {
    if let Some(branch) = branches::find(db, name)? {
        return Ok(vec![branch]);
    }
    Select::from::<Branch>().filter(Branch::title.eq(name)).order_by(rowid::<Branch>()).all(db)
}

/// Reads a branch with the rows that belong to it, in the order in which they were made. The documents come without their
/// texts, which [`text`] reads one by one.
///
/// # Errors
///
/// When the database refuses.
pub fn read(db: &Connection, branch: Branch) -> Result<(Topic, Vec<Listed>), Error> {
    let nodes = branches::nodes_of(db, &branch.id)?;
    let nodes = nodes.as_slice();
    let sessions =
        || Select::from::<ChatSession>().filter(ChatSession::node_id.in_list(nodes)).select(ChatSession::id);
    let assessments = || {
        Select::from::<Assessment>().filter(Assessment::target_node_id.in_list(nodes)).select(Assessment::id)
    };
    let at_an_end = NodeEdge::source_node_id.in_list(nodes).or(NodeEdge::target_node_id.in_list(nodes));
    let topic = Topic {
        nodes: Select::from::<Node>().filter(Node::id.in_list(nodes)).order_by(rowid::<Node>()).all(db)?,
        edges: Select::from::<NodeEdge>().filter(at_an_end).order_by(rowid::<NodeEdge>()).all(db)?,
        contents: Select::from::<NodeContent>()
            .filter(NodeContent::node_id.in_list(nodes))
            .order_by(rowid::<NodeContent>())
            .all(db)?,
        generations: Select::from::<NodeGeneration>()
            .filter(NodeGeneration::node_id.in_list(nodes))
            .order_by(rowid::<NodeGeneration>())
            .all(db)?,
        assessments: Select::from::<Assessment>()
            .filter(Assessment::target_node_id.in_list(nodes))
            .order_by(rowid::<Assessment>())
            .all(db)?,
        questions: Select::from::<Question>()
            .filter(Question::assessment_id.in_query(assessments()))
            .order_by(rowid::<Question>())
            .all(db)?,
        answers: Select::from::<Answer>()
            .filter(Answer::assessment_id.in_query(assessments()))
            .order_by(rowid::<Answer>())
            .all(db)?,
        progress: Select::from::<UserNodeProgress>()
            .filter(UserNodeProgress::node_id.in_list(nodes))
            .order_by(rowid::<UserNodeProgress>())
            .all(db)?,
        sessions: Select::from::<ChatSession>()
            .filter(ChatSession::node_id.in_list(nodes))
            .order_by(rowid::<ChatSession>())
            .all(db)?,
        messages: Select::from::<ChatMessage>()
            .filter(ChatMessage::session_id.in_query(sessions()))
            .order_by(rowid::<ChatMessage>())
            .all(db)?,
        hints: Select::from::<HintEvent>()
            .filter(HintEvent::node_id.in_list(nodes))
            .order_by(rowid::<HintEvent>())
            .all(db)?,
        reviews: Select::from::<NodeReview>()
            .filter(NodeReview::node_id.in_list(nodes))
            .order_by(rowid::<NodeReview>())
            .all(db)?,
        schedules: Select::from::<NodeSchedule>()
            .filter(NodeSchedule::node_id.in_list(nodes))
            .order_by(rowid::<NodeSchedule>())
            .all(db)?,
        branch,
    };
    Ok((topic, documents::of_nodes(db, nodes)?))
}

/// Returns the text of a document if it has one; `None` when there is no such document.
///
/// # Errors
///
/// When the database refuses.
pub fn text(db: &Connection, document_id: &str) -> Result<Option<Option<String>>, Error> {
    Select::from::<TopicDocument>()
        .filter(TopicDocument::id.eq(document_id))
        .select(TopicDocument::extracted_text)
        .optional(db)
}
