//! Removing nodes with all that belongs to them.
//!
//! Each row goes before the rows that it refers to. Rows of other nodes that refer to what is removed (a hint, a question, a review)
//! stay and lose the reference.

use seedbed::prelude::*;

use super::documents;
use crate::schema::{
    Answer, Assessment, ChatMessage, ChatSession, HintEvent, Node, NodeContent, NodeEdge, NodeGeneration,
    NodeReview, NodeSchedule, Question, UserNodeProgress,
};

/// Removes the nodes with these ids; what is under them has to be among them. Returns the keys of the objects that are to
/// leave the document storage.
pub(super) fn remove_nodes(db: &Connection, nodes: &[String]) -> Result<Vec<String>, Error> {
    remove_conversations(db, nodes)?;
    Delete::from::<NodeReview>().filter(NodeReview::node_id.in_list(nodes)).run(db)?;
    Delete::from::<NodeSchedule>().filter(NodeSchedule::node_id.in_list(nodes)).run(db)?;
    remove_assessments(db, nodes)?;
    Delete::from::<UserNodeProgress>().filter(UserNodeProgress::node_id.in_list(nodes)).run(db)?;
    Delete::from::<NodeContent>().filter(NodeContent::node_id.in_list(nodes)).run(db)?;
    Delete::from::<NodeGeneration>().filter(NodeGeneration::node_id.in_list(nodes)).run(db)?;
    let objects = documents::remove_of_nodes(db, nodes)?;
    let at_one_end = NodeEdge::source_node_id.in_list(nodes).or(NodeEdge::target_node_id.in_list(nodes));
    Delete::from::<NodeEdge>().filter(at_one_end).run(db)?;
    Delete::from::<Node>().filter(Node::id.in_list(nodes)).run(db)?;
    Ok(objects)
}

/// Removes the hints about nodes, and the conversations about them with their messages.
fn remove_conversations(db: &Connection, nodes: &[String]) -> Result<(), Error> {
    let sessions =
        || Select::from::<ChatSession>().filter(ChatSession::node_id.in_list(nodes)).select(ChatSession::id);
    let messages = || {
        Select::from::<ChatMessage>()
            .filter(ChatMessage::session_id.in_query(sessions()))
            .select(ChatMessage::id)
    };
    Delete::from::<HintEvent>().filter(HintEvent::node_id.in_list(nodes)).run(db)?;
    Update::table::<HintEvent>()
        .set_null(HintEvent::session_id)
        .filter(HintEvent::session_id.in_query(sessions()))
        .run(db)?;
    for message in [HintEvent::request_message_id, HintEvent::response_message_id] {
        Update::table::<HintEvent>().set_null(message).filter(message.in_query(messages())).run(db)?;
    }
    Delete::from::<ChatMessage>().filter(ChatMessage::session_id.in_query(sessions())).run(db)?;
    Delete::from::<ChatSession>().filter(ChatSession::node_id.in_list(nodes)).run(db)?;
    Ok(())
}

/// Removes the assessments of nodes with their questions and all answers to these.
fn remove_assessments(db: &Connection, nodes: &[String]) -> Result<(), Error> {
    let assessments = || {
        Select::from::<Assessment>().filter(Assessment::target_node_id.in_list(nodes)).select(Assessment::id)
    };
    let questions = || {
        Select::from::<Question>()
            .filter(Question::assessment_id.in_query(assessments()))
            .select(Question::id)
    };
    let in_them = Answer::assessment_id.in_query(assessments()).or(Answer::question_id.in_query(questions()));
    Delete::from::<Answer>().filter(in_them).run(db)?;
    Delete::from::<Question>().filter(Question::assessment_id.in_query(assessments())).run(db)?;
    Update::table::<Question>()
        .set_null(Question::node_id)
        .filter(Question::node_id.in_list(nodes))
        .run(db)?;
    Update::table::<NodeReview>()
        .set_null(NodeReview::assessment_id)
        .filter(NodeReview::assessment_id.in_query(assessments()))
        .run(db)?;
    Delete::from::<Assessment>().filter(Assessment::target_node_id.in_list(nodes)).run(db)?;
    Ok(())
}
