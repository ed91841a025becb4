//! Branches that are made of a number: the same number, the same branch.

use std::fs;

use seedbed::prelude::*;
use sprout::schema::*;
use sprout::store::users::DEFAULT_USER_ID;

use crate::Result;
use crate::home::Home;

/// Texts that a file could get wrong.
const TEXTS: &[&str] = &[
    "Trees",
    "",
    "\"quoted\" and \\ and / and \u{7f}",
    "数学 👩‍🏫 e\u{301}",
    "two\nlines\r\n\tand \u{0}\u{1f} controls",
    "null",
    "'; DROP TABLE nodes; --",
    "\u{2028}\u{feff}\u{10ffff}",
];

/// Numbers that are easily read as others.
const SHARES: &[f64] = &[0.0, 1.0, 0.1, 0.2 + 0.1, 5e-324, 0.999_999_999_999_999_9, 1.0 / 3.0, 0.567];

/// A small generator of numbers (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("it is below the limit")
    }

    fn of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    fn text(&mut self) -> String {
        self.of(TEXTS).to_owned()
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }

    fn share(&mut self) -> f64 {
        SHARES[self.below(SHARES.len())]
    }

    fn number(&mut self, limit: usize) -> i64 {
        self.below(limit) as i64
    }

    fn time(&mut self) -> IsoTime {
        let text =
            format!("20{:02}-02-0{}T23:59:59.{:03}Z", self.below(90), 1 + self.below(9), self.below(1000));
        IsoTime::parse(&text).expect("it is a time")
    }
}

/// Puts a branch into the database, with documents in the storage, and returns its id.
pub(crate) fn branch(home: &Home, seed: u64) -> Result<String> {
    let db = home.db()?;
    let dice = &mut Dice(seed);
    let id = |what: &str, number: usize| format!("{what}-{seed}-{number}");
    let user = DEFAULT_USER_ID.to_owned();
    let branch = Branch {
        id: id("branch", 0),
        title: format!("Topic {seed}"),
        user_id: user.clone(),
        created_at: dice.time(),
        updated_at: dice.time(),
    };
    Insert::row(&branch).run(&db)?;
    let count = 1 + dice.below(6);
    for number in 0..count {
        let parent = (number > 0).then(|| dice.below(number));
        let kind = match parent {
            None => NodeKind::Root,
            Some(0) => NodeKind::Concept,
            Some(_) => NodeKind::Subconcept,
        };
        Insert::row(&Node {
            id: id("node", number),
            user_id: user.clone(),
            kind,
            // Nothing asked for a child to have its parent's branch in earlier versions.
            branch_id: (number == 0 || dice.below(4) > 0).then(|| branch.id.clone()),
            parent_id: parent.map(|parent| id("node", parent)),
            title: dice.text(),
            desc: dice.maybe(Dice::text),
            accuracy_score: dice.share(),
            created_at: dice.time(),
            updated_at: dice.time(),
        })
        .run(&db)?;
    }
    for source in 0..count {
        for target in source + 1..count {
            if dice.below(2) == 0 {
                let edge = NodeEdge {
                    id: id("edge", source * count + target),
                    source_node_id: id("node", source),
                    target_node_id: id("node", target),
                    created_at: dice.time(),
                };
                Insert::row(&edge).run(&db)?;
            }
        }
    }
    for number in 0..count {
        at_node(&db, dice, &id, number)?;
        if dice.below(2) == 0 {
            document(home, &db, dice, &id, number)?;
        }
    }
    Ok(branch.id)
}

/// Adds one of everything, or nothing of it, to a node.
fn at_node(db: &Connection, dice: &mut Dice, id: &impl Fn(&str, usize) -> String, number: usize) -> Result {
    let (user, node) = (DEFAULT_USER_ID.to_owned(), id("node", number));
    let statuses = [ContentStatus::Draft, ContentStatus::Active, ContentStatus::Archived];
    Insert::row(&NodeContent {
        id: id("content", number),
        node_id: node.clone(),
        explanation_md: dice.text(),
        visualization_kind: dice.maybe(Dice::text),
        visualization_payload: dice.maybe(Dice::text),
        cards: dice.maybe(|_| r#"[ {"front": "a", "back": "ä"} ]"#.to_owned()),
        generated_by_model: dice.maybe(Dice::text),
        generation_prompt_hash: dice.maybe(Dice::text),
        status: statuses[dice.below(3)],
        created_at: dice.time(),
    })
    .run(db)?;
    Insert::row(&NodeGeneration {
        id: id("generation", number),
        node_id: node.clone(),
        trigger: GenerationTrigger::SystemRefresh,
        model: dice.maybe(Dice::text),
        prompt: dice.maybe(Dice::text),
        response_meta: dice.maybe(|_| "{}".to_owned()),
        created_at: dice.time(),
    })
    .run(db)?;
    Insert::row(&UserNodeProgress {
        id: id("progress", number),
        user_id: user.clone(),
        node_id: node.clone(),
        first_entered_at: dice.maybe(Dice::time),
        last_entered_at: dice.maybe(Dice::time),
        completed_at: dice.maybe(Dice::time),
        mastery_score: dice.share(),
        attempts_count: dice.number(9),
        has_generated_subnodes: dice.below(2) == 0,
        created_at: dice.time(),
        updated_at: dice.time(),
    })
    .run(db)?;
    Insert::row(&Assessment {
        id: id("assessment", number),
        user_id: user.clone(),
        target_node_id: node.clone(),
        kind: AssessmentKind::Recall,
        title: dice.maybe(Dice::text),
        created_at: dice.time(),
        completed_at: dice.maybe(Dice::time),
    })
    .run(db)?;
    Insert::row(&Question {
        id: id("question", number),
        assessment_id: id("assessment", number),
        node_id: dice.maybe(|dice| id("node", dice.below(number + 1))),
        format: QuestionFormat::Mcq,
        prompt: dice.text(),
        options: dice.maybe(|_| r#"["a","b"]"#.to_owned()),
        correct_answer: dice.maybe(Dice::text),
        grading_rubric: dice.maybe(|_| "5".to_owned()),
        difficulty: 1 + dice.number(5),
        created_at: dice.time(),
    })
    .run(db)?;
    Insert::row(&Answer {
        id: id("answer", number),
        user_id: user.clone(),
        assessment_id: id("assessment", number),
        question_id: id("question", number),
        answer_text: dice.maybe(Dice::text),
        selected_option: dice.maybe(Dice::text),
        is_correct: dice.maybe(|dice| dice.below(2) == 0),
        score: dice.maybe(Dice::share),
        feedback: dice.maybe(Dice::text),
        created_at: dice.time(),
    })
    .run(db)?;
    talk(db, dice, id, number)?;
    Insert::row(&NodeReview {
        id: id("review", number),
        user_id: user.clone(),
        node_id: node.clone(),
        assessment_id: dice.maybe(|dice| id("assessment", dice.below(number + 1))),
        rating: 1 + dice.number(4),
        reviewed_at: dice.time(),
        stability: 0.1 + dice.share(),
        difficulty: 1.0 + dice.share(),
        due_at: dice.time(),
    })
    .run(db)?;
    Insert::row(&NodeSchedule {
        id: id("schedule", number),
        user_id: user,
        node_id: node,
        due_at: dice.time(),
        stability: 0.1 + dice.share(),
        difficulty: 1.0 + dice.share(),
        last_reviewed_at: dice.time(),
        reviews_count: 5,
        lapses: dice.number(5),
    })
    .run(db)?;
    Ok(())
}

fn talk(db: &Connection, dice: &mut Dice, id: &impl Fn(&str, usize) -> String, number: usize) -> Result {
    let (user, node) = (DEFAULT_USER_ID.to_owned(), id("node", number));
    Insert::row(&ChatSession {
        id: id("session", number),
        user_id: user.clone(),
        node_id: Some(node.clone()),
        started_at: dice.time(),
        ended_at: dice.maybe(Dice::time),
    })
    .run(db)?;
    Insert::row(&ChatMessage {
        id: id("message", number),
        session_id: id("session", number),
        user_id: user.clone(),
        role: MessageRole::Assistant,
        kind: MessageKind::HintResponse,
        content: dice.text(),
        was_successful: dice.maybe(|dice| dice.below(2) == 0),
        success_signal: dice.maybe(|_| "null".to_owned()),
        created_at: dice.time(),
    })
    .run(db)?;
    Insert::row(&HintEvent {
        id: id("hint", number),
        user_id: user,
        node_id: node,
        session_id: dice.maybe(|dice| id("session", dice.below(number + 1))),
        request_message_id: dice.maybe(|dice| id("message", dice.below(number + 1))),
        response_message_id: dice.maybe(|dice| id("message", dice.below(number + 1))),
        referenced_success_message_ids: dice
            .maybe(|dice| format!(r#"["{}"]"#, id("message", dice.below(number + 1)))),
        created_at: dice.time(),
    })
    .run(db)?;
    Ok(())
}

fn document(
    home: &Home,
    db: &Connection,
    dice: &mut Dice,
    id: &impl Fn(&str, usize) -> String,
    number: usize,
) -> Result {
    let length = [0, 1, 2, 3, 1000][dice.below(5)];
    let content: String = "ab\nc".chars().cycle().take(length).collect();
    let document = id("document", number);
    let key = format!("documents/{document}.txt");
    // One whose file is lost.
    if dice.below(5) > 0 {
        fs::create_dir_all(home.path("sprout.documents/documents"))?;
        fs::write(home.path("sprout.documents").join(&key), &content)?;
    }
    let text = dice.maybe(|_| content);
    let is_read = text.is_some();
    Insert::row(&TopicDocument {
        id: document,
        node_id: id("node", number),
        original_filename: format!("{number} – ü.txt"),
        s3_key: key,
        mime_type: "text/plain".into(),
        file_size_bytes: length as i64,
        extracted_text: text,
        extraction_status: if is_read { ExtractionStatus::Completed } else { ExtractionStatus::Failed },
        extraction_error: (!is_read).then(|| dice.text()),
        created_at: dice.time(),
    })
    .run(db)?;
    Ok(())
}
