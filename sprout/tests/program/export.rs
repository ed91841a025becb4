//! What `sprout export` writes, where to, and what it says.

use std::fs::{self, OpenOptions};

use serde_json::json;

use crate::Result;
use crate::home::Home;
use crate::sample;

#[test]
fn the_same_database_gives_the_same_bytes_and_a_row_has_a_line() -> Result {
    let home = Home::new()?;
    let branch = sample::branch(&home, 7)?;
    let first = home.sprout(&["export", &branch])?.done();
    assert_eq!(first, home.sprout(&["export", "Topic 7"])?.done(), "a title names it as well");
    assert!(
        first.starts_with("{\"sprout\":{\"format\":1,\"version\":\"0.1.0\"},\n\"branch\":{\"id\":"),
        "{first}"
    );
    let read = home.exported(&branch)?;
    let node = &read["nodes"][0];
    assert_eq!(
        (&node["id"], &node["type"], &node["branchId"]),
        (&json!("node-7-0"), &json!("root"), &json!(branch))
    );
    let nodes = read["nodes"].as_array().ok_or("no nodes")?.len();
    assert_eq!(first.lines().filter(|line| line.starts_with("{\"id\":\"node-7-")).count(), nodes);
    Ok(())
}

#[test]
fn a_document_goes_with_its_bytes_or_it_is_said_that_they_are_lost() -> Result {
    let home = Home::new()?;
    sample::branch(&home, 3)?;
    let db = home.db()?;
    db.execute_batch("DELETE FROM topic_documents")?;
    db.execute_batch(
        "INSERT INTO topic_documents (id, node_id, original_filename, s3_key, mime_type, file_size_bytes) VALUES \
         ('d', 'node-3-0', 'a.txt', 'documents/d.txt', 'text/plain', 3), \
         ('lost', 'node-3-0', 'b.txt', 'documents/lost.txt', 'text/plain', 3), \
         ('away', 'node-3-0', 'c.txt', '../c.txt', 'text/plain', 3)",
    )?;
    fs::create_dir_all(home.path("sprout.documents/documents"))?;
    fs::write(home.path("sprout.documents/documents/d.txt"), b"abc")?;
    fs::write(home.path("c.txt"), b"abc")?;
    let ran = home.sprout(&["export", "Topic 3"])?;
    for id in ["lost", "away"] {
        let said = format!("the document `{id}` goes without its content: the storage has no file for it\n");
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    }
    let read: serde_json::Value = serde_json::from_str(&ran.done())?;
    let content: Vec<_> = (0..3).map(|index| &read["documents"][index]["content"]).collect();
    assert_eq!(content, [&json!("YWJj"), &json!(null), &json!(null)]);
    assert_eq!(read["documents"][0]["s3Key"], json!(null), "where it was kept is nobody's business");
    Ok(())
}

#[test]
fn what_leads_out_of_the_branch_is_left_empty_and_said() -> Result {
    let home = Home::new()?;
    sample::branch(&home, 1)?;
    sample::branch(&home, 2)?;
    home.db()?.execute_batch(
        "UPDATE nodes SET parent_id = 'node-2-0' WHERE id = 'node-1-0'; \
         UPDATE questions SET node_id = 'node-2-0' WHERE id = 'question-1-0'; \
         UPDATE hint_events SET session_id = 'session-2-0', referenced_success_message_ids = \
           '[\"message-2-0\", \"message-1-0\", 5]' WHERE id = 'hint-1-0'; \
         INSERT INTO node_edges (id, source_node_id, target_node_id) VALUES ('across', 'node-1-0', 'node-2-0'); \
         INSERT INTO users (id, email) VALUES ('other', 'o@x'); \
         UPDATE user_node_progress SET user_id = 'other' WHERE id = 'progress-1-0'",
    )?;
    let ran = home.sprout(&["export", "Topic 1"])?;
    for said in [
        "parentId of the node `node-1-0` is left empty: `node-2-0` belongs to another branch or to none\n",
        "nodeId of the question `question-1-0` is left empty: `node-2-0` belongs",
        "sessionId of the hint `hint-1-0` is left empty: `session-2-0` belongs",
        "referencedSuccessMessageIds of the hint `hint-1-0` loses messages of other branches\n",
        "the edge `across` leads to another branch, and is left out\n",
        "the progress `progress-1-0` belongs to another user, and is left out\n",
    ] {
        assert!(ran.stderr.contains(said), "{said} in {}", ran.stderr);
    }
    let text = ran.done();
    let read: serde_json::Value = serde_json::from_str(&text)?;
    assert_eq!(read["hints"][0]["referencedSuccessMessageIds"], json!(r#"["message-1-0",5]"#));
    assert!(!text.contains("-2-0") && !text.contains("across") && !text.contains("progress-1-0"), "{text}");
    Ok(())
}

#[test]
fn a_branch_that_is_not_the_only_one_is_asked_for_by_its_id() -> Result {
    let home = Home::new()?;
    for seed in [1, 2] {
        sample::branch(&home, seed)?;
    }
    home.db()?.execute_batch("UPDATE branches SET title = 'Same'")?;
    home.sprout(&["export", "Same"])?.refused(
        "error: 2 branches have the title `Same`: `branch-1-0`, `branch-2-0`\nhint: name one by its id\n",
    );
    home.sprout(&["export", "same"])?.refused(
        "error: there is no branch with the id or title `same`\n\
         hint: a title has to be written exactly; GET /api/branches lists branches with their ids\n",
    );
    Ok(())
}

#[test]
fn a_file_is_there_as_a_whole_or_not_at_all() -> Result {
    let home = Home::new()?;
    let branch = sample::branch(&home, 5)?;
    let before = home.files()?;
    let ran = home.sprout(&["export", &branch, "--output", "t.json"])?;
    assert!(ran.stderr.contains("exported `branch-5-0`: nodes: "), "{}", ran.stderr);
    assert_eq!(ran.done(), "");
    let whole = fs::read_to_string(home.path("t.json"))?;
    assert_eq!(whole, home.sprout(&["export", &branch])?.done());

    fs::write(home.path("t.json"), "precious")?;
    home.sprout(&["export", &branch, "-o", "t.json"])?
        .refused("error: the file `t.json` is there already\nhint: `--force` puts the export in its place\n");
    assert_eq!(fs::read_to_string(home.path("t.json"))?, "precious");
    // What fails replaces nothing, and leaves nothing beside.
    assert_eq!(home.sprout(&["export", "none", "-o", "t.json", "--force"])?.code, Some(1));
    assert_eq!(fs::read_to_string(home.path("t.json"))?, "precious");
    home.sprout(&["export", &branch, "-o", "t.json", "--force"])?.done();
    assert_eq!(fs::read_to_string(home.path("t.json"))?, whole);
    home.sprout(&["export", &branch, "-o", "."])?
        .refused("error: `.` is a folder, and no place for a file\n");
    let ran = home.sprout(&["export", &branch, "-o", "nowhere/t.json"])?;
    assert!(ran.stderr.starts_with("error: cannot write `nowhere/t.json`: "), "{}", ran.stderr);
    let after: Vec<_> = home.files()?.into_iter().filter(|name| name != "t.json").collect();
    assert_eq!(after, before);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() -> Result {
    let home = Home::new()?;
    let branch = sample::branch(&home, 5)?;
    let full = OpenOptions::new().write(true).open("/dev/full")?;
    let output = home.command(&["export", &branch]).stdout(full).output()?;
    let said = String::from_utf8(output.stderr)?;
    assert!(said.contains("error: the export cannot be written: No space left on device"), "{said}");
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

#[test]
fn a_database_that_is_not_there_or_older_is_not_touched() -> Result {
    let home = Home::empty()?;
    let ran = home.sprout(&["export", "Trees"])?;
    assert!(ran.stderr.contains("`./sprout.db`"), "{}", ran.stderr);
    assert_eq!((ran.code, home.files()?), (Some(1), vec![]));
    let mut db = home.db()?;
    seedbed::migrate::Migrator::new(sprout::database::MIGRATIONS).run_to(&mut db, "2")?;
    drop(db);
    home.sprout(&["export", "Trees"])?.refused(
        "error: the database `./sprout.db` is of an older Sprout\nhint: start the server once, which migrates it\n",
    );
    Ok(())
}
