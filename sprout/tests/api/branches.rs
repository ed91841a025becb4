//! `/api/branches`.

use serde_json::json;

use crate::support::{Result, TestApp, UNKNOWN, USER, each};

#[tokio::test]
async fn a_new_branch_is_returned_and_found_again() -> Result {
    let app = TestApp::new().await?;
    let made = app.post("/api/branches", json!({"title": " Trees ", "userId": USER, "id": "mine"})).await?;
    assert_eq!(made.status, 201);
    let branch = made.json();
    let keys: Vec<_> = branch.as_object().ok_or("no object")?.keys().collect();
    assert_eq!(keys.len(), 5);
    assert!(made.text.starts_with(r#"{"id":""#), "{}", made.text);
    assert_eq!((&branch["title"], &branch["userId"]), (&json!(" Trees "), &json!(USER)));
    let id = branch["id"].as_str().ok_or("no id")?;
    assert_eq!((id.len(), &id[14..15]), (36, "4"));

    let found = app.get(&format!("/api/branches/{id}")).await?;
    assert_eq!((found.status.as_u16(), found.text), (200, made.text));
    Ok(())
}

#[tokio::test]
async fn times_are_given_as_the_row_has_them_and_it_has_one_form() -> Result {
    let app = TestApp::new().await?;
    app.sql(format!(
        "INSERT INTO branches VALUES ('b', 'Old', '{USER}', '2026-01-31T12:00:00.000Z', '2026-02-01T08:30:00.250Z')"
    ))
    .await?;
    let branch = app.get("/api/branches/b").await?.json();
    assert_eq!(branch["createdAt"], json!("2026-01-31T12:00:00.000Z"));
    assert_eq!(branch["updatedAt"], json!("2026-02-01T08:30:00.250Z"));
    for other in ["2026-01-31 12:00:00", "2026-01-31T12:00:00Z", "2026-02-30T12:00:00.000Z", "soon", ""] {
        let change = format!("UPDATE branches SET created_at = '{other}' WHERE id = 'b'");
        assert!(app.sql(change).await.is_err(), "{other}");
    }
    Ok(())
}

#[tokio::test]
async fn a_users_branches_come_in_the_order_in_which_they_were_made() -> Result {
    let app = TestApp::new().await?;
    for title in ["c", "a", "b"] {
        app.branch(title).await?;
    }
    app.sql("INSERT INTO users (id, email) VALUES ('other', 'o@x'); INSERT INTO branches (id, title, user_id) VALUES ('x', 'd', 'other')").await?;
    let list = app.get(&format!("/api/branches?userId={USER}")).await?;
    assert_eq!(each(&list.json(), "title"), ["c", "a", "b"]);
    assert_eq!(app.get(&format!("/api/branches?userId={UNKNOWN}")).await?.text, "[]");
    Ok(())
}

#[tokio::test]
async fn a_list_needs_one_user() -> Result {
    let app = TestApp::new().await?;
    for path in ["/api/branches", "/api/branches?userId="] {
        let reply = app.get(path).await?;
        reply.refused(400, "userId query param required");
        assert_eq!(reply.json()["details"], json!([{"field": "userId", "message": "is required"}]));
    }
    app.get("/api/branches?userId=a&userId=b").await?.refused(400, "userId must be given once");
    Ok(())
}

#[tokio::test]
async fn a_branch_needs_a_title_and_a_user() -> Result {
    let app = TestApp::new().await?;
    for body in [json!({}), json!({"title": "", "userId": USER}), json!({"title": "a", "userId": null})] {
        app.post("/api/branches", body).await?.refused(400, "title and userId are required");
    }
    let reply = app.post("/api/branches", json!({"title": false, "userId": 0})).await?;
    assert_eq!(each(&reply.json()["details"], "field"), ["title", "userId"]);
    let reply = app.post("/api/branches", json!({"title": ["x", "y"], "userId": 7})).await?;
    reply.refused(400, "title must be a text; userId must be a text");
    let reply = app.post("/api/branches", json!({"title": "a", "userId": UNKNOWN})).await?;
    reply.refused(400, "userId is the id of no user");
    assert_eq!(app.count("branches").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_change_sets_the_title_and_always_the_time() -> Result {
    let app = TestApp::new().await?;
    app.sql(format!(
        "INSERT INTO branches VALUES ('b', 'Old', '{USER}', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z')"
    ))
    .await?;
    let changed = app.patch("/api/branches/b", json!({"title": "New", "userId": "ignored"})).await?.json();
    assert_eq!((&changed["title"], &changed["userId"]), (&json!("New"), &json!(USER)));
    assert_eq!(changed["createdAt"], json!("2026-01-31T12:00:00.000Z"));
    assert!(changed["updatedAt"].as_str() > Some("2026-01-31T12:00:00.000Z"));

    app.sql("UPDATE branches SET updated_at = '2026-01-31T12:00:00.000Z'").await?;
    let touched = app.patch("/api/branches/b", json!({})).await?.json();
    assert_eq!(touched["title"], json!("New"));
    assert!(touched["updatedAt"].as_str() > Some("2026-01-31T12:00:00.000Z"));
    Ok(())
}

#[tokio::test]
async fn a_title_cannot_be_changed_into_nothing() -> Result {
    let app = TestApp::new().await?;
    let path = format!("/api/branches/{}", app.branch("Trees").await?);
    app.patch(&path, json!({"title": ""})).await?.refused(400, "title must not be empty");
    app.patch(&path, json!({"title": null})).await?.refused(400, "title must be a text");
    assert_eq!(app.get(&path).await?.json()["title"], json!("Trees"));
    Ok(())
}

#[tokio::test]
async fn an_unknown_branch_is_not_found() -> Result {
    let app = TestApp::new().await?;
    for id in [UNKNOWN, "x", "%FF", "%2e%2e"] {
        let path = format!("/api/branches/{id}");
        app.get(&path).await?.refused(404, "Branch not found");
        app.patch(&path, json!({"title": "a"})).await?.refused(404, "Branch not found");
        app.delete(&path).await?.refused(404, "Branch not found");
    }
    Ok(())
}

#[tokio::test]
async fn a_branch_is_deleted_with_everything_that_belongs_to_it() -> Result {
    let app = TestApp::new().await?;
    let (gone, kept) = (app.branch("gone").await?, app.branch("kept").await?);
    for branch in [&gone, &kept] {
        let root = app.node("root", "r", Some(branch), None).await?;
        let concept = app.node("concept", "c", Some(branch), Some(&root)).await?;
        app.sql(belongings(&root, &concept)).await?;
    }
    let tables = [
        "branches",
        "nodes",
        "node_edges",
        "topic_documents",
        "node_contents",
        "node_generations",
        "assessments",
        "questions",
        "answers",
        "user_node_progress",
        "chat_messages",
        "hint_events",
        "node_reviews",
        "node_schedules",
        "search_entries",
    ];
    let mut before = Vec::new();
    for table in tables {
        before.push(app.count(table).await?);
    }
    let reply = app.delete(&format!("/api/branches/{gone}")).await?;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (204, ""));
    for (table, before) in tables.iter().zip(before) {
        assert_eq!(app.count(table).await? * 2, before, "{table}");
    }
    // Two sessions belong to nodes and two to none.
    assert_eq!(app.count("chat_sessions").await?, 3);
    app.get(&format!("/api/branches/{gone}")).await?.refused(404, "Branch not found");
    assert_eq!(
        app.get(&format!("/api/nodes?branchId={kept}")).await?.json().as_array().map(Vec::len),
        Some(2)
    );
    Ok(())
}

/// Gives two nodes a row in every table that refers to nodes.
fn belongings(root: &str, concept: &str) -> String {
    format!(
        "INSERT INTO node_edges (id, source_node_id, target_node_id) VALUES ('e{root}', '{root}', '{concept}'); \
         INSERT INTO topic_documents (id, node_id, original_filename, s3_key, mime_type, file_size_bytes) \
           VALUES ('d{root}', '{root}', 'a.txt', 'k', 'text/plain', 1); \
         INSERT INTO node_contents (id, node_id, explanation_md) VALUES ('c{root}', '{concept}', 'x'); \
         INSERT INTO node_generations (id, node_id, trigger) VALUES ('g{root}', '{concept}', 'system_refresh'); \
         INSERT INTO assessments (id, user_id, target_node_id) VALUES ('a{root}', '{USER}', '{concept}'); \
         INSERT INTO questions (id, assessment_id, node_id, format, prompt) \
           VALUES ('q{root}', 'a{root}', '{concept}', 'mcq', '?'); \
         INSERT INTO answers (id, user_id, assessment_id, question_id) VALUES ('n{root}', '{USER}', 'a{root}', 'q{root}'); \
         INSERT INTO user_node_progress (id, user_id, node_id) VALUES ('p{root}', '{USER}', '{concept}'); \
         INSERT INTO chat_sessions (id, user_id, node_id) VALUES ('s{root}', '{USER}', '{concept}'), ('t{root}', '{USER}', NULL); \
         INSERT INTO chat_messages (id, session_id, user_id, role, content) VALUES ('m{root}', 's{root}', '{USER}', 'user', 'x'); \
         INSERT INTO hint_events (id, user_id, node_id, session_id, request_message_id) \
           VALUES ('h{root}', '{USER}', '{concept}', 's{root}', 'm{root}'); \
         INSERT INTO node_reviews (id, user_id, node_id, assessment_id, rating, stability, difficulty, due_at) \
           VALUES ('r{root}', '{USER}', '{concept}', 'a{root}', 3, 2.3, 5, '2026-02-01T08:30:00.250Z'); \
         INSERT INTO node_schedules (id, user_id, node_id, due_at, stability, difficulty, last_reviewed_at) \
           VALUES ('l{root}', '{USER}', '{concept}', '2026-02-01T08:30:00.250Z', 2.3, 5, '2026-01-31T12:00:00.000Z');"
    )
}

/// The original deletes step by step without a transaction: references across branches stop it half-way (B7).
#[tokio::test]
async fn references_across_branches_are_let_go() -> Result {
    let app = TestApp::new().await?;
    let (gone, kept) = (app.branch("gone").await?, app.branch("kept").await?);
    let there = app.node("root", "there", Some(&gone), None).await?;
    let here = app.node("root", "here", Some(&kept), None).await?;
    let below = app.node("concept", "below", Some(&gone), Some(&there)).await?;
    app.sql(belongings(&there, &below)).await?;
    app.sql(format!(
        "INSERT INTO hint_events (id, user_id, node_id, session_id, request_message_id, response_message_id) \
           VALUES ('hint', '{USER}', '{here}', 's{there}', 'm{there}', 'm{there}'); \
         INSERT INTO assessments (id, user_id, target_node_id) VALUES ('mine', '{USER}', '{here}'); \
         INSERT INTO questions (id, assessment_id, node_id, format, prompt) VALUES ('question', 'mine', '{there}', 'mcq', '?'); \
         INSERT INTO answers (id, user_id, assessment_id, question_id) VALUES ('stray', '{USER}', 'mine', 'q{there}'); \
         INSERT INTO node_reviews (id, user_id, node_id, assessment_id, rating, stability, difficulty, due_at) \
           VALUES ('review', '{USER}', '{here}', 'a{there}', 3, 2.3, 5, '2026-02-01T08:30:00.250Z'); \
         INSERT INTO nodes (id, user_id, type, parent_id, title) VALUES ('orphan', '{USER}', 'concept', '{there}', 'x');"
    ))
    .await?;
    assert_eq!(app.delete(&format!("/api/branches/{gone}")).await?.status, 204);
    assert_eq!(app.count("hint_events WHERE id = 'hint' AND session_id IS NULL").await?, 1);
    assert_eq!(app.count("questions WHERE id = 'question' AND node_id IS NULL").await?, 1);
    assert_eq!(app.count("node_reviews WHERE id = 'review' AND assessment_id IS NULL").await?, 1);
    assert_eq!(app.count("answers WHERE id = 'stray'").await?, 0);
    assert_eq!(app.count("nodes").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_branch_under_which_another_grows_stays_whole() -> Result {
    let app = TestApp::new().await?;
    let (one, other) = (app.branch("one").await?, app.branch("other").await?);
    let root = app.node("root", "r", Some(&one), None).await?;
    let concept = app.node("concept", "c", Some(&one), Some(&root)).await?;
    app.sql(belongings(&root, &concept)).await?;
    app.sql(format!(
        "INSERT INTO nodes (id, user_id, type, branch_id, parent_id, title) VALUES ('n', '{USER}', 'concept', '{other}', '{root}', 'x')"
    ))
    .await?;
    let reply = app.delete(&format!("/api/branches/{one}")).await?;
    reply.refused(409, "A node of another branch is under a node of this branch");
    assert_eq!((app.count("nodes").await?, app.count("chat_messages").await?), (3, 1));
    Ok(())
}
