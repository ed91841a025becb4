//! Whole branches: read with everything that belongs to them, and written.
//!
//! What belongs to a branch is what would go with it; see `removal.rs`.

use seedbed::prelude::*;

use super::{branches, documents};
use crate::error::AppError;
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

/// Refuses rows whose ids are taken, by the first that is.
///
/// # Errors
///
/// When an id is taken, with a conflict that names it.
pub fn refuse_taken(db: &Connection, topic: &Topic, documents: &[TopicDocument]) -> Result<(), AppError> {
    /// Looks for the ids of rows of one table.
    macro_rules! taken {
        ($table:ident, $what:literal, $rows:expr) => {
            let ids: Vec<&str> = $rows.iter().map(|row| row.id.as_str()).collect();
            let taken = Select::from::<$table>().filter($table::id.in_list(ids)).select($table::id);
            if let Some(id) = taken.first(db)? {
                return Err(AppError::Conflict(format!("there is a {} with the id `{id}` already", $what)));
            }
        };
    }
    taken!(Branch, "branch", std::slice::from_ref(&topic.branch));
    taken!(Node, "node", &topic.nodes);
    taken!(NodeEdge, "edge", &topic.edges);
    taken!(NodeContent, "content", &topic.contents);
    taken!(NodeGeneration, "generation", &topic.generations);
    taken!(Assessment, "assessment", &topic.assessments);
    taken!(Question, "question", &topic.questions);
    taken!(Answer, "answer", &topic.answers);
    taken!(UserNodeProgress, "progress", &topic.progress);
    taken!(ChatSession, "session", &topic.sessions);
    taken!(ChatMessage, "message", &topic.messages);
    taken!(HintEvent, "hint", &topic.hints);
    taken!(NodeReview, "review", &topic.reviews);
    taken!(NodeSchedule, "schedule", &topic.schedules);
    taken!(TopicDocument, "document", documents);
    Ok(())
}

/// Writes a branch with its rows in their order, and keeps the objects of its documents, which were announced.
///
/// # Errors
///
/// When an id is taken, or the database is busy, as with the removal of an object of these; the transaction is to be undone then.
pub fn write(
    db: &Connection,
    topic: &Topic,
    documents: &[TopicDocument],
    keys: &[String],
) -> Result<(), AppError> {
    refuse_taken(db, topic, documents)?;
    Insert::row(&topic.branch).run(db)?;
    // A parent may stand behind its child; and the order of the rows is to stay.
    let orphans: Vec<Node> =
        topic.nodes.iter().map(|node| Node { parent_id: None, ..node.clone() }).collect();
    Insert::rows(&orphans).run(db)?;
    for node in topic.nodes.iter().filter(|node| node.parent_id.is_some()) {
        Update::table::<Node>()
            .set(Node::parent_id, node.parent_id.as_ref())
            .filter(Node::id.eq(&node.id))
            .run(db)?;
    }
    Insert::rows(&topic.edges).run(db)?;
    Insert::rows(&topic.contents).run(db)?;
    Insert::rows(&topic.generations).run(db)?;
    Insert::rows(&topic.assessments).run(db)?;
    Insert::rows(&topic.questions).run(db)?;
    Insert::rows(&topic.answers).run(db)?;
    Insert::rows(&topic.progress).run(db)?;
    Insert::rows(&topic.sessions).run(db)?;
    Insert::rows(&topic.messages).run(db)?;
    Insert::rows(&topic.hints).run(db)?;
    Insert::rows(&topic.reviews).run(db)?;
    Insert::rows(&topic.schedules).run(db)?;
    Insert::rows(documents).run(db)?;
    for key in keys {
        if !super::documents::keep(db, key)? {
            // A server that was started meanwhile takes the objects for leftovers.
            return Err(AppError::Busy);
        }
    }
    Ok(())
}
