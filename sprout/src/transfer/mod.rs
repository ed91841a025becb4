//! A branch as one JSON file: written with everything that belongs to it, with the bytes of its documents.
//!
//! ```text
//!  {"sprout": {"format": 1, "version": "0.1.0"},
//!   "branch": {"id", "title", …},
//!   "nodes": [ … ], "edges": [ … ], "contents": [ … ], "generations": [ … ],
//!   "assessments": [ … ], "questions": [ … ], "answers": [ … ], "progress": [ … ],
//!   "sessions": [ … ], "messages": [ … ], "hints": [ … ], "reviews": [ … ], "schedules": [ … ],
//!   "documents": [{"id", …, "extractedText", …, "content": base64, or null when the storage has no such file}]}
//! ```
//!
//! A row has its columns as the API names them, and a line of its own. The rows come in the order in which they were made,
//! so the same database gives the same bytes. Every reference leads to a row of the file: what led elsewhere was left empty
//! ([`cut_loose`]).

mod check;
mod export;
mod import;
mod loose;
mod output;
mod read;
mod renumber;

use std::fmt;

use crate::schema::{
    Answer, Assessment, Branch, ChatMessage, ChatSession, HintEvent, Node, NodeContent, NodeEdge,
    NodeGeneration, NodeReview, NodeSchedule, Question, UserNodeProgress,
};

pub use export::export;
pub use import::{Imported, Options, import};
pub use loose::cut_loose;
pub use output::write_file;

/// The format of the files that this version writes and reads.
pub const FORMAT: u32 = 1;

/// A branch with everything that belongs to it but its documents, which are too large to be held at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// The branch.
    pub branch: Branch,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// The edges between them.
    pub edges: Vec<NodeEdge>,
    /// What is to be read at them.
    pub contents: Vec<NodeContent>,
    /// What models were asked to make for them.
    pub generations: Vec<NodeGeneration>,
    /// The assessments about them.
    pub assessments: Vec<Assessment>,
    /// The questions of these.
    pub questions: Vec<Question>,
    /// The answers to these.
    pub answers: Vec<Answer>,
    /// How far the learner is.
    pub progress: Vec<UserNodeProgress>,
    /// The conversations about the nodes.
    pub sessions: Vec<ChatSession>,
    /// What was said in these.
    pub messages: Vec<ChatMessage>,
    /// The hints that were given at the nodes.
    pub hints: Vec<HintEvent>,
    /// How recalling them went.
    pub reviews: Vec<NodeReview>,
    /// When they are to be recalled.
    pub schedules: Vec<NodeSchedule>,
}

impl Topic {
    /// Makes a topic of a branch without nodes.
    fn of(branch: Branch) -> Self {
        Self {
            branch,
            nodes: Vec::new(),
            edges: Vec::new(),
            contents: Vec::new(),
            generations: Vec::new(),
            assessments: Vec::new(),
            questions: Vec::new(),
            answers: Vec::new(),
            progress: Vec::new(),
            sessions: Vec::new(),
            messages: Vec::new(),
            hints: Vec::new(),
            reviews: Vec::new(),
            schedules: Vec::new(),
        }
    }
}

/// How much of each kind a file holds; displayed as a list of what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts(Vec<(&'static str, usize)>);

impl Counts {
    fn of(topic: &Topic, documents: usize) -> Self {
        Self(vec![
            ("nodes", topic.nodes.len()),
            ("edges", topic.edges.len()),
            ("contents", topic.contents.len()),
            ("generations", topic.generations.len()),
            ("assessments", topic.assessments.len()),
            ("questions", topic.questions.len()),
            ("answers", topic.answers.len()),
            ("progress", topic.progress.len()),
            ("sessions", topic.sessions.len()),
            ("messages", topic.messages.len()),
            ("hints", topic.hints.len()),
            ("reviews", topic.reviews.len()),
            ("schedules", topic.schedules.len()),
            ("documents", documents),
        ])
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (what, count) in self.0.iter().filter(|(_, count)| *count > 0) {
            write!(f, "{separator}{what}: {count}")?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("no nodes") } else { Ok(()) }
    }
}
