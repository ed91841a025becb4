//! A database of the original with rows that nothing had checked: every column holds every kind of wrong value.
//!
//! Whatever is in it, the server starts; a wrong row is mended or set aside, a good one stays as it is.

use std::error::Error;

use seedbed::migrate::Migrator;
use seedbed::prelude::*;
use seedbed::{Connection, OpenOptions};
use sprout::database::{self, MIGRATIONS};
use sprout::schema::{
    Answer, Assessment, Branch, ChatMessage, ChatSession, HintEvent, Node, NodeContent, NodeEdge,
    NodeGeneration, Question, SetAside, TopicDocument, User, UserNodeProgress,
};
use tempfile::TempDir;

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

/// What a column may hold that it should not, as SQL; some of it is right for some columns.
const WRONG: [&str; 26] = [
    "NULL",
    "''",
    "' '",
    "'none of the words'",
    "' ROOT '",
    "'true'",
    "'50%'",
    "-1",
    "0.25",
    "85",
    "9e999",
    "-9e999",
    "9223372036854775807",
    "3.7",
    "x''",
    "x'ff00fe'",
    "x'312e35'",
    "'2026-01-31 12:00:00'",
    "'2026-01-31T12:00:00.123456+05:30'",
    "'0000-01-01T00:00:00+05:00'",
    "'9999-12-31T23:59:59-12:00'",
    "'1771000000000.0'",
    "'12:00'",
    "'now'",
    "'{\"a\": [1'",
    "'a' || char(0) || 'b'",
];

/// The tables with a good row each: `@` is the number of the row, `#` that of a node of its own.
const TABLES: [(&str, &str); 14] = [
    ("users", "id=user@;email=e@@x;title=T;desc=;updated_at=TIME;created_at=TIME"),
    ("branches", "id=branch@;title=T;user_id=user0;created_at=TIME;updated_at=TIME"),
    (
        "nodes",
        "id=node@;user_id=user0;type=concept;branch_id=branch0;parent_id=node0;title=T;desc=d;accuracy_score=0.5;created_at=TIME;updated_at=TIME",
    ),
    ("node_edges", "id=edge@;source_node_id=node0;target_node_id=own#;created_at=TIME"),
    (
        "topic_documents",
        "id=document@;node_id=node0;original_filename=f.txt;s3_key=k;mime_type=text/plain;file_size_bytes=7;extracted_text=oak;extraction_status=completed;extraction_error=;created_at=TIME",
    ),
    (
        "node_contents",
        "id=content@;node_id=node0;explanation_md=oak;visualization_kind=v;visualization_payload=p;generated_by_model=m;generation_prompt_hash=h;status=active;created_at=TIME;cards=[]",
    ),
    (
        "node_generations",
        "id=generation@;node_id=node0;trigger=on_first_enter;model=m;prompt=p;response_meta={};created_at=TIME",
    ),
    (
        "assessments",
        "id=assessment@;user_id=user0;target_node_id=node0;type=quiz;title=T;created_at=TIME;completed_at=TIME",
    ),
    (
        "questions",
        "id=question@;assessment_id=assessment0;node_id=node0;format=mcq;prompt=p;options=[\"a\"];correct_answer=a;grading_rubric={};difficulty=3;created_at=TIME",
    ),
    (
        "answers",
        "id=answer@;user_id=user0;assessment_id=assessment0;question_id=question0;answer_text=a;selected_option=a;is_correct=1;score=0.5;feedback=f;created_at=TIME",
    ),
    (
        "user_node_progress",
        "id=progress@;user_id=user0;node_id=own#;first_entered_at=TIME;last_entered_at=TIME;completed_at=TIME;mastery_score=0.5;attempts_count=2;has_generated_subnodes=1;created_at=TIME;updated_at=TIME",
    ),
    ("chat_sessions", "id=session@;user_id=user0;node_id=node0;started_at=TIME;ended_at=TIME"),
    (
        "chat_messages",
        "id=message@;session_id=session0;user_id=user0;role=user;kind=learning;content=c;was_successful=0;success_signal=[];created_at=TIME",
    ),
    (
        "hint_events",
        "id=hint@;user_id=user0;node_id=node0;session_id=session0;request_message_id=message0;response_message_id=message0;referenced_success_message_ids=[];created_at=TIME",
    ),
];

const TIME: &str = "2026-01-31T12:00:00.250Z";

/// Fills the tables of the original; returns how many rows each has got.
fn fill(connection: &Connection) -> Result<Vec<i64>> {
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    connection.execute_batch(include_str!("data/original.sql"))?;
    connection.execute_batch(
        "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4)",
    )?;
    connection.execute_batch("BEGIN")?;
    let mut owned = 0;
    for (table, row) in TABLES {
        let columns: Vec<(&str, &str)> = row.split(';').filter_map(|column| column.split_once('=')).collect();
        let mut number = 0;
        let mut insert = |wrong: Option<(usize, &str)>| -> Result {
            owned += 1;
            if row.contains('#') {
                connection.execute_batch(&format!(
                    "INSERT INTO nodes (id, user_id, type, title) VALUES ('own{owned}', 'user0', 'concept', 'own')"
                ))?;
            }
            let values: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(place, (_, good))| match wrong {
                    Some((column, wrong)) if column == place => wrong.to_owned(),
                    _ => {
                        let good = good.replace('#', &owned.to_string()).replace("TIME", TIME);
                        format!("'{}'", good.replacen('@', &number.to_string(), 1))
                    }
                })
                .collect();
            let names: Vec<String> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let insert = format!(
                "INSERT OR IGNORE INTO {table} ({}) VALUES ({})",
                names.join(", "),
                values.join(", ")
            );
            connection.execute_batch(&insert)?;
            number += 1;
            Ok(())
        };
        insert(None)?;
        for column in 0..columns.len() {
            for wrong in WRONG {
                insert(Some((column, wrong)))?;
            }
        }
    }
    // Circles of one, two and three edges.
    connection.execute_batch(
        "INSERT INTO node_edges (id, source_node_id, target_node_id, created_at) VALUES
           ('self', 'node0', 'node0', '2026-01-01 00:00:00'),
           ('ab', 'circle-a', 'circle-b', '2026-01-01 00:00:01'), ('bc', 'circle-b', 'circle-c', '2026-01-01T00:00:01.500Z'),
           ('ca', 'circle-c', 'circle-a', '2026-01-01 00:00:03'), ('ba', 'circle-b', 'circle-a', '2026-01-01 00:00:00');
         INSERT INTO nodes (id, user_id, type, title)
           VALUES ('circle-a', 'user0', 'concept', 'a'), ('circle-b', 'user0', 'concept', 'b'), ('circle-c', 'user0', 'concept', 'c')",
    )?;
    connection.execute_batch("COMMIT")?;
    TABLES.iter().map(|(table, _)| count(connection, table)).collect()
}

fn count(connection: &Connection, what: &str) -> Result<i64> {
    Ok(connection.query_one(&format!("SELECT count(*) FROM {what}"), &[], |row| row.get(0))?)
}

/// Reads every row of some tables as the program does, and returns how many each has.
macro_rules! read {
    ($connection:expr; $($table:ty),*) => {[$({
        let rows = Select::from::<$table>().all($connection);
        rows.map_err(|error| format!("{}: {error}", <$table>::NAME))?.len()
    }),*]};
}

fn good_rows(connection: &Connection) -> Result<Vec<String>> {
    let row = |(table, row): (&str, &str)| {
        let columns = row.split(';').filter_map(|column| column.split_once('='));
        let columns: Vec<String> = columns.map(|(name, _)| format!("quote(\"{name}\")")).collect();
        let query = format!(
            "SELECT concat_ws(' ', {}) FROM {table} WHERE id LIKE '%0' ORDER BY rowid LIMIT 1",
            columns.join(", ")
        );
        Ok(connection.query_one(&query, &[], |row| row.get(0))?)
    };
    TABLES.into_iter().map(row).collect()
}

#[test]
fn whatever_the_original_has_stored_the_server_starts() -> Result {
    let folder = TempDir::new()?;
    let path = folder.path().join("sprout.db");
    let connection = Connection::open(&path)?;
    let before = fill(&connection)?;
    assert!(before.iter().sum::<i64>() > 1_500, "{before:?}");
    let good = good_rows(&connection)?;
    drop(connection);

    database::adopt(&path, |_| {})?;
    drop(database::prepare(&path, |_| {})?);

    let mut connection = OpenOptions { create: false, ..OpenOptions::default() }.open(&path)?;
    assert_eq!(count(&connection, "pragma_foreign_key_check")?, 0);
    for (at, (table, _)) in TABLES.into_iter().enumerate() {
        let removed =
            count(&connection, &format!("set_aside WHERE table_name = '{table}' AND outcome = 'removed'"))?;
        // The default user was added.
        let added = i64::from(table == "users");
        assert_eq!(count(&connection, table)? + removed, before[at] + added, "{table}");
        assert!(count(&connection, table)? > 20 && removed > 0, "{table}");
    }
    let read_rows = read!(&connection; User, Branch, Node, NodeEdge, TopicDocument, NodeContent, NodeGeneration,
        Assessment, Question, Answer, UserNodeProgress, ChatSession, ChatMessage, HintEvent);
    assert!(read_rows.iter().all(|rows| *rows > 20), "{read_rows:?}");
    assert!(read!(&connection; SetAside)[0] > 500);
    assert_eq!(good_rows(&connection)?, good);
    let edges = Select::from::<NodeEdge>().filter(NodeEdge::id.in_list(["self", "ab", "bc", "ca", "ba"]));
    // The oldest is `ba`, and `ab` would close the circle with it; then `cb` is free, and `ca` closes nothing.
    assert_eq!(edges.select(NodeEdge::id).order_by(NodeEdge::id).all(&connection)?, ["ba", "bc", "ca"]);
    connection
        .execute_batch("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")?;

    Migrator::new(MIGRATIONS).run_to(&mut connection, "3")?;
    assert_eq!(good_rows(&connection)?, good);
    Migrator::new(MIGRATIONS).run(&mut connection)?;
    assert_eq!(good_rows(&connection)?, good);
    Ok(())
}

#[test]
fn what_the_contract_defines_is_mended_as_it_says() -> Result {
    let folder = TempDir::new()?;
    let path = folder.path().join("sprout.db");
    let connection = Connection::open(&path)?;
    fill(&connection)?;
    connection.execute_batch(
        "INSERT INTO answers (id, user_id, assessment_id, question_id, is_correct, score, created_at) VALUES
           ('percent', 'user0', 'assessment0', 'question0', 'true', 85, '2026-01-31 12:00:00'),
           ('great', 'user0', 'assessment0', 'question0', 'perhaps', 850, '2026-01-31T14:00:00+02:00'),
           ('words', 'user0', 'assessment0', 'question0', 2, 'good', 'soon');
         INSERT INTO questions (id, assessment_id, format, prompt, difficulty, options) VALUES
           ('hard', 'assessment0', ' MCQ', 'p', 9, '[1'), ('odd', 'assessment0', 'essay', 'p', 1, NULL);
         INSERT INTO answers (id, user_id, assessment_id, question_id) VALUES ('to-odd', 'user0', 'assessment0', 'odd');",
    )?;
    drop(connection);
    database::adopt(&path, |_| {})?;
    drop(database::prepare(&path, |_| {})?);

    let connection = OpenOptions { create: false, ..OpenOptions::default() }.open(&path)?;
    let answer = |id: &str| Select::from::<Answer>().filter(Answer::id.eq(id)).one(&connection);
    let percent = answer("percent")?;
    assert_eq!((percent.is_correct, percent.score), (Some(true), Some(0.85)));
    assert_eq!(percent.created_at.as_str(), "2026-01-31T12:00:00.000Z");
    let great = answer("great")?;
    assert_eq!((great.is_correct, great.score), (None, Some(1.0)));
    assert_eq!(great.created_at.as_str(), "2026-01-31T12:00:00.000Z");
    assert_eq!((answer("words")?.is_correct, answer("words")?.score), (Some(true), None));
    let hard = Select::from::<Question>().filter(Question::id.eq("hard")).one(&connection)?;
    assert_eq!((hard.difficulty, hard.options), (5, None));

    let aside = |id: &str| Select::from::<SetAside>().filter(SetAside::row_id.eq(id)).one(&connection);
    assert_eq!(aside("odd")?.reason, "format is no word of its list");
    assert_eq!(aside("to-odd")?.reason, "question_id refers to nothing that stays");
    assert_eq!(
        aside("words")?.reason,
        "is_correct is neither 0 nor 1; score is no number from 0 to 1; created_at is no time"
    );
    assert!(aside("words")?.row.contains(r#""score":"good""#), "{}", aside("words")?.row);
    assert!(aside("hard")?.row.contains(r#""options":"[1""#));
    Ok(())
}
