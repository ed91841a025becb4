//! `/api/edges` and the order of a branch.

use serde_json::json;

use crate::support::{Result, TestApp, UNKNOWN, each, keys_in_order};

async fn connect(app: &TestApp, source: &str, target: &str) -> Result<crate::support::Reply> {
    app.post("/api/edges", json!({"sourceNodeId": source, "targetNodeId": target})).await
}

#[tokio::test]
async fn an_edge_is_made_once_and_deleted() -> Result {
    let app = TestApp::new().await?;
    let (a, b) = (app.node("root", "a", None, None).await?, app.node("root", "b", None, None).await?);
    let made = connect(&app, &a, &b).await?;
    assert_eq!(made.status, 201);
    keys_in_order(&made.text, "id sourceNodeId targetNodeId createdAt");
    let again = connect(&app, &a, &b).await?;
    assert_eq!((again.status.as_u16(), again.json()), (200, made.json()));
    let path = format!("/api/edges/{}", made.json()["id"].as_str().ok_or("no id")?);
    assert_eq!(app.delete(&path).await?.status, 204);
    app.delete(&path).await?.refused(404, "Edge not found");
    Ok(())
}

#[tokio::test]
async fn an_edge_that_closes_a_circle_is_refused_with_the_path() -> Result {
    let app = TestApp::new().await?;
    let mut nodes = Vec::new();
    for title in ["a", "b", "c"] {
        nodes.push(app.node("root", title, None, None).await?);
    }
    connect(&app, &nodes[0], &nodes[1]).await?;
    connect(&app, &nodes[1], &nodes[2]).await?;
    let refused = connect(&app, &nodes[2], &nodes[0]).await?;
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("a → b → c"), "{}", refused.text);
    connect(&app, &nodes[0], &nodes[0]).await?.refused(409, "The edge would close a circle: a → a");
    connect(&app, UNKNOWN, &nodes[0]).await?.refused(400, "sourceNodeId is the id of no node");
    app.post("/api/edges", json!({})).await?.refused(400, "sourceNodeId and targetNodeId are required");
    assert_eq!(app.count("node_edges").await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_branch_is_learned_in_the_order_of_its_edges() -> Result {
    let app = TestApp::new().await?;
    let branch = app.branch("b").await?;
    let root = app.node("root", "r", Some(&branch), None).await?;
    let late = app.node("concept", "late", Some(&branch), Some(&root)).await?;
    let early = app.node("concept", "early", Some(&branch), Some(&root)).await?;
    connect(&app, &early, &late).await?;
    let path = format!("/api/branches/{branch}/order");
    assert_eq!(each(&app.get(&path).await?.json(), "title"), ["r", "early", "late"]);
    let under = app.node("subconcept", "under early", Some(&branch), Some(&early)).await?;
    let first = app.node("concept", "first", Some(&branch), Some(&root)).await?;
    connect(&app, &first, &early).await?;
    let order = each(&app.get(&path).await?.json(), "title");
    assert_eq!(
        order,
        ["r", "first", "early", "late", "under early"],
        "{under} comes behind what is above it"
    );
    app.get(&format!("/api/branches/{UNKNOWN}/order")).await?.refused(404, "Branch not found");
    Ok(())
}
