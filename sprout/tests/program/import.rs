//! What `sprout import` makes of an export: the same branch.

use std::fs;
use std::thread;

use seedbed::Connection;
use serde_json::Value;
use sprout::database;
use sprout::error::AppError;
use sprout::schema::{Branch, IsoTime};
use sprout::store::users::DEFAULT_USER_ID;
use sprout::store::{documents, transfer};
use sprout::transfer::Topic;

use crate::Result;
use crate::home::Home;
use crate::sample;

/// Returns an export with the place of each row for its id.
fn without_ids(export: &str) -> Result<String> {
    let mut text = export.to_owned();
    let read: Value = serde_json::from_str(export)?;
    for (section, rows) in read.as_object().ok_or("no object")? {
        let rows = rows.as_array().map_or_else(|| vec![rows], |rows| rows.iter().collect());
        for (index, id) in rows.iter().filter_map(|row| row["id"].as_str()).enumerate() {
            for quote in ["\"", "\\\""] {
                text =
                    text.replace(&format!("{quote}{id}{quote}"), &format!("{quote}{section} {index}{quote}"));
            }
        }
    }
    Ok(text)
}

#[test]
fn what_is_imported_is_exported_again_but_for_its_ids() -> Result {
    for seed in 100..115 {
        let (home, other) = (Home::new()?, Home::empty()?);
        let branch = sample::branch(&home, seed)?;
        let export = home.sprout(&["export", &branch])?.done();
        // Into the database that it is from, and into one that is not there yet.
        for home in [&home, &other] {
            fs::write(home.path("t.json"), &export)?;
            let imported = home.sprout(&["import", "t.json"])?.done();
            let again = home.sprout(&["export", imported.trim_end()])?.done();
            assert_eq!(without_ids(&again)?, without_ids(&export)?, "of seed {seed}");
            assert!(!again.contains(&branch), "its ids are new");
        }
        let read: Value = serde_json::from_str(&export)?;
        let documents = read["documents"].as_array().ok_or("no documents")?;
        let stored = documents.iter().filter(|document| document["content"].is_string()).count();
        assert_eq!(other.objects(), stored);
        assert_eq!(
            other.db()?.query_one("SELECT count(*) FROM object_removals", &[], |row| row.get::<i64>(0))?,
            0
        );
    }
    Ok(())
}

#[test]
fn ids_are_kept_when_asked_and_refused_when_one_is_taken() -> Result {
    let (home, other) = (Home::new()?, Home::new()?);
    let branch = sample::branch(&home, 7)?;
    let export = home.sprout(&["export", &branch])?.done();
    for home in [&home, &other] {
        fs::write(home.path("t.json"), &export)?;
    }
    let before = home.contents()?;
    home.sprout(&["import", "t.json", "--keep-ids"])?.refused(
        "error: there is a branch with the id `branch-7-0` already\n\
         hint: nothing was imported; without `--keep-ids` everything gets a new id\n",
    );
    assert_eq!(home.contents()?, before);
    let ran = other.sprout(&["import", "t.json", "--keep-ids"])?;
    assert!(ran.stderr.starts_with("imported `Topic 7` as `branch-7-0`: nodes: "), "{}", ran.stderr);
    assert_eq!(ran.done(), "branch-7-0\n");
    assert_eq!(other.sprout(&["export", &branch])?.done(), export);
    Ok(())
}

#[test]
fn everything_belongs_to_the_user_who_is_named() -> Result {
    let home = Home::new()?;
    let branch = sample::branch(&home, 7)?;
    home.sprout(&["export", &branch, "-o", "t.json"])?.done();
    home.sprout(&["import", "t.json", "--user", "u"])?.refused("error: there is no user with the id `u`\n");
    home.db()?.execute_batch("INSERT INTO users (id, email) VALUES ('u', 'u@x')")?;
    let imported = home.sprout(&["import", "t.json", "--user", "u"])?.done();
    let again = home.sprout(&["export", imported.trim_end()])?.done();
    assert!(again.contains("\"userId\":\"u\"") && !again.contains(DEFAULT_USER_ID), "{again}");
    Ok(())
}

#[test]
fn a_server_that_is_running_has_the_branch_at_once() -> Result {
    let (home, other) = (Home::new()?, Home::new()?);
    let branch = sample::branch(&other, 7)?;
    other.db()?.execute_batch(
        "DELETE FROM topic_documents; INSERT INTO topic_documents (id, node_id, original_filename, s3_key, \
         mime_type, file_size_bytes, extracted_text) VALUES ('d', 'node-7-0', 'a.txt', 'd.txt', 'text/plain', 4, 'oaks')",
    )?;
    fs::create_dir_all(other.path("sprout.documents"))?;
    fs::write(other.path("sprout.documents/d.txt"), "oaks")?;
    let export = other.sprout(&["export", &branch])?.done();
    fs::write(home.path("t.json"), export)?;
    let server = home.serve()?;
    home.sprout(&["import", "t.json", "--keep-ids"])?.done();
    assert!(server.ask("GET", "/api/branches/branch-7-0", "")?.1.contains("Topic 7"));
    assert_eq!(server.ask("GET", "/api/nodes/node-7-0/documents/d/file", "")?.1, "oaks");
    assert!(server.ask("GET", "/api/search?q=oaks", "")?.1.contains("a.txt"), "the index has it");
    drop(server);
    // A server that starts takes nothing for a leftover.
    let server = home.serve()?;
    assert_eq!(server.ask("GET", "/api/nodes/node-7-0/documents/d/file", "")?.1, "oaks");
    Ok(())
}

#[test]
fn a_database_that_was_adopted_gives_and_takes_branches() -> Result {
    let home = Home::empty()?;
    let db = Connection::open(home.path("sprout.db"))?;
    db.execute_batch(include_str!("../data/original.sql"))?;
    db.execute_batch(
        "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4); \
         INSERT INTO users (id, email) VALUES ('u', 'u@x'); \
         INSERT INTO branches (id, title, user_id) VALUES ('b', 'Old', 'u'); \
         INSERT INTO nodes (id, user_id, type, title, branch_id, parent_id) VALUES \
           ('n', 'u', 'root', 'Old', 'b', NULL), ('m', 'u', 'root', 'A root under a root', NULL, 'n')",
    )?;
    drop(db);
    let ran = home.sprout(&["export", "Old"])?;
    assert!(ran.stderr.contains("hint: `sprout adopt` takes it over"), "{}", ran.stderr);
    home.sprout(&["adopt"])?.done();
    drop(home.serve()?);
    let export = home.sprout(&["export", "Old"])?.done();
    fs::write(home.path("t.json"), &export)?;
    let imported = home.sprout(&["import", "t.json", "--user", "u"])?.done();
    let again = home.sprout(&["export", imported.trim_end()])?.done();
    assert_eq!(without_ids(&again)?, without_ids(&export)?);
    Ok(())
}

#[test]
fn an_import_that_is_killed_half_way_leaves_nothing() -> Result {
    let (home, other) = (Home::new()?, Home::new()?);
    let branch = sample::branch(&other, 7)?;
    let mut export: Value = serde_json::from_str(&other.sprout(&["export", &branch])?.done())?;
    let document = serde_json::json!({
        "id": "", "nodeId": "node-7-0", "originalFilename": "a.txt", "mimeType": "text/plain", "fileSizeBytes": 3,
        "extractedText": "abc", "extractionStatus": "completed", "extractionError": null,
        "createdAt": "2026-01-31T12:00:00.000Z", "content": "YWJj",
    });
    let many = (0..500).map(|number| {
        let mut document = document.clone();
        document["id"] = format!("d{number}").into();
        document
    });
    export["documents"] = many.collect();
    fs::write(home.path("t.json"), in_order(&export))?;
    let mut child = home.command(&["import", "t.json"]).spawn()?;
    while home.objects() == 0 {
        assert_eq!(child.try_wait()?, None, "it ended before it stored anything");
        thread::yield_now();
    }
    child.kill()?;
    assert!(!child.wait()?.success(), "it was too fast to be killed");
    assert!(home.objects() > 0);
    let count = |table: &str| -> Result<i64> {
        Ok(home.db()?.query_one(&format!("SELECT count(*) FROM {table}"), &[], |row| row.get(0))?)
    };
    assert_eq!((count("branches")?, count("nodes")?, count("topic_documents")?), (0, 0, 0));
    let _server = home.serve()?;
    while home.objects() > 0 || count("object_removals")? > 0 {
        thread::yield_now();
    }
    Ok(())
}

/// Writes an export whose sections are in the order that a file has; serde's maps are ordered by name.
pub(crate) fn in_order(export: &Value) -> String {
    let sections = "sprout branch nodes edges contents generations assessments questions answers progress sessions \
                    messages hints reviews schedules documents";
    let sections: Vec<_> = sections.split(' ').map(|name| format!("\"{name}\":{}", export[name])).collect();
    format!("{{{}}}", sections.join(",\n"))
}

#[tokio::test]
async fn a_server_that_starts_during_an_import_keeps_it_from_losing_documents() -> Result {
    let home = Home::empty()?;
    let pool = database::prepare(&home.path("sprout.db"), |_| ())?;
    let now = IsoTime::now();
    let branch = Branch {
        id: "b".into(),
        title: "B".into(),
        user_id: DEFAULT_USER_ID.into(),
        created_at: now.clone(),
        updated_at: now,
    };
    let topic = Topic {
        branch,
        nodes: vec![],
        edges: vec![],
        contents: vec![],
        generations: vec![],
        assessments: vec![],
        questions: vec![],
        answers: vec![],
        progress: vec![],
        sessions: vec![],
        messages: vec![],
        hints: vec![],
        reviews: vec![],
        schedules: vec![],
    };
    let keys = vec!["documents/a.txt".to_owned(), "documents/b.txt".to_owned()];
    let announced = keys.clone();
    pool.write(move |tx| documents::announce(tx, &announced)).await?;
    assert!(pool.write(|tx| documents::claim(tx, "documents/b.txt")).await?);
    let (written, kept) = (topic.clone(), keys.clone());
    let refused = pool.write(move |tx| transfer::write(tx, &written, &[], &kept)).await;
    assert!(matches!(refused, Err(AppError::Busy)), "{refused:?}");
    assert!(pool.read(|tx| transfer::named(tx, "b")).await?.is_empty());

    // What the server did not come to is kept, and then nobody can take it.
    let kept = vec![keys[0].clone()];
    pool.write(move |tx| transfer::write(tx, &topic, &[], &kept))
        .await
        .map_err(|error| format!("{error:?}"))?;
    assert!(!pool.write(|tx| documents::claim(tx, "documents/a.txt")).await?);
    pool.close().await;
    Ok(())
}
