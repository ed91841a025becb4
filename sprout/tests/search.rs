//! Full-text search on a migrated database.

use std::error::Error;

use seedbed::Connection;
use seedbed::testing::Template;
use sprout::database::MIGRATIONS;
use sprout::store::search::{Hit, Search, matching};

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

fn database() -> Result<Connection> {
    let connection = Template::of(MIGRATIONS)?.database()?;
    connection.execute_batch(
        "INSERT INTO users (id, email) VALUES ('u', 'u@x'), ('v', 'v@x');
         INSERT INTO branches (id, title, user_id) VALUES ('b', 'Trees', 'u');
         INSERT INTO nodes (id, user_id, type, branch_id, title) VALUES ('n', 'u', 'root', 'b', 'Oak'), ('m', 'v', 'root', NULL, 'Elm');
         INSERT INTO topic_documents (id, node_id, original_filename, s3_key, mime_type, file_size_bytes, extracted_text)
           VALUES ('d', 'n', 'Jahresringe.pdf', 'k', 'application/pdf', 1, 'The café under the old oak sells naïve acorns.'),
                  ('e', 'm', 'empty.txt', 'k', 'text/plain', 1, NULL);
         INSERT INTO node_contents (id, node_id, explanation_md, status)
           VALUES ('c', 'n', 'An **acorn** becomes an oak.', 'active'), ('f', 'n', 'A draft of an acorn.', 'draft');",
    )?;
    Ok(connection)
}

fn search(connection: &Connection, text: &str) -> Result<Vec<Hit>> {
    Ok(matching(connection, &Search { text: text.to_owned(), limit: 10, ..Search::default() })?)
}

/// The pieces that are marked as found.
fn matches(hit: &Hit) -> Vec<&str> {
    hit.snippet.iter().filter(|piece| piece.is_match).map(|piece| piece.text.as_str()).collect()
}

fn found(connection: &Connection, text: &str) -> Result<String> {
    let ids = search(connection, text)?.into_iter().filter_map(|hit| hit.document_id.or(hit.content_id));
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    Ok(ids.join(" "))
}

#[test]
fn documents_and_active_contents_are_found_by_all_their_words() -> Result {
    let connection = database()?;
    assert_eq!(found(&connection, "oak")?, "c d");
    assert_eq!(found(&connection, "acorn")?, "c d");
    assert_eq!(found(&connection, "OAK becomes")?, "c");
    assert_eq!(found(&connection, "cafe naive")?, "d");
    assert_eq!(found(&connection, "jahresr")?, "d");
    assert_eq!(found(&connection, "empty")?, "e");
    assert_eq!(found(&connection, "draft")?, "");
    assert_eq!(found(&connection, "oak AND draft")?, "");
    let hit = &search(&connection, "sells")?[0];
    assert_eq!(
        (hit.node_id.as_str(), hit.node_title.as_str(), hit.filename.as_deref()),
        ("n", "Oak", Some("Jahresringe.pdf"))
    );
    assert_eq!(matches(hit), ["sells"]);
    Ok(())
}

/// Marks that were known beforehand could stand in a document, which then said of itself what is found in it.
#[test]
fn a_text_marks_nothing_by_itself() -> Result {
    let connection = database()?;
    let text = "Under the \u{2}wrong\u{3} oak [there] <b>is</b> \u{3}nothing\u{2}.";
    let row = format!(
        "INSERT INTO node_contents (id, node_id, explanation_md, status) VALUES ('x', 'm', '{text}', 'active')"
    );
    connection.execute_batch(&row)?;
    let hits = search(&connection, "oak there")?;
    assert_eq!(matches(&hits[0]), ["oak", "there"]);
    let whole: String = hits[0].snippet.iter().map(|piece| piece.text.as_str()).collect();
    assert_eq!(whole, text);
    Ok(())
}

#[test]
fn a_search_stays_where_it_is_asked_to() -> Result {
    let connection = database()?;
    let count = |search: Search| -> Result<usize> {
        Ok(matching(&connection, &Search { text: "oak".to_owned(), limit: 10, ..search })?.len())
    };
    let some = |id: &str| Some(id.to_owned());
    assert_eq!(
        count(Search { user_id: some("u"), branch_id: some("b"), node_id: some("n"), ..Search::default() })?,
        2
    );
    assert_eq!(count(Search { user_id: some("v"), ..Search::default() })?, 0);
    assert_eq!(count(Search { branch_id: some("x"), ..Search::default() })?, 0);
    assert_eq!(count(Search { node_id: some("m"), ..Search::default() })?, 0);
    let first = Search { text: "oak".to_owned(), limit: 1, ..Search::default() };
    assert_eq!(matching(&connection, &first)?.len(), 1);
    Ok(())
}

#[test]
fn the_index_follows_every_change() -> Result {
    let connection = database()?;
    let whole = || {
        connection
            .execute_batch("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
    };
    for (change, text, expected) in [
        ("UPDATE topic_documents SET extracted_text = 'a birch' WHERE id = 'd'", "oak", "c"),
        ("SELECT 1", "birch", "d"),
        ("UPDATE topic_documents SET original_filename = 'leaves.md' WHERE id = 'd'", "leaves", "d"),
        ("UPDATE node_contents SET status = 'active' WHERE id = 'f'", "draft", "f"),
        ("UPDATE node_contents SET explanation_md = 'a maple' WHERE id = 'f'", "maple", "f"),
        ("UPDATE node_contents SET status = 'archived' WHERE id = 'c'", "oak", ""),
        ("DELETE FROM topic_documents WHERE id = 'e'", "empty", ""),
        ("VACUUM", "leaves", "d"),
        ("DELETE FROM topic_documents; DELETE FROM node_contents", "maple", ""),
    ] {
        connection.execute_batch(change)?;
        assert_eq!(found(&connection, text)?, expected, "{change}");
        whole()?;
    }
    Ok(())
}

#[test]
fn no_text_is_a_syntax_error() -> Result {
    let connection = database()?;
    let pieces = [
        "oak",
        "\"",
        "'",
        "*",
        "^",
        "(",
        ")",
        "-",
        "+",
        ":",
        "NEAR",
        "NEAR(a b, 2)",
        "AND",
        "OR",
        "NOT",
        "name:",
        "{name}",
        "\0",
        "\\",
        ",",
        ";",
        "--",
        "é",
        "e\u{301}",
        "\u{345}",
        "漢字",
        "🌱",
        "\u{200b}",
        "%",
        "_",
        "?",
        "{}",
        " ",
    ];
    for one in pieces {
        for other in pieces {
            for text in [format!("{one}{other}"), format!("{one} {other} {one}"), format!("\"{one}{other}")] {
                search(&connection, &text).map_err(|error| format!("{text:?}: {error}"))?;
            }
        }
    }
    search(&connection, &"a".repeat(100_000))?;
    search(&connection, &"a\" OR \"".repeat(10_000))?;
    Ok(())
}
