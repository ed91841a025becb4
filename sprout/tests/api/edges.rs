//! `/api/edges` and the order of a branch.

use serde_json::{Value, json};

use crate::support::{Result, TestApp, UNKNOWN, USER, each, keys_in_order};

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

/// They were taken and stood in no list: those of a node are of its children only, and of one level.
#[tokio::test]
async fn an_edge_joins_nodes_of_one_level() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let concept = app.node("concept", "c", None, Some(&root)).await?;
    for (source, target, kind) in [(&root, &concept, "root"), (&concept, &root, "concept")] {
        let fault = format!("targetNodeId must be a {kind}: an edge from a {kind} leads to no other node");
        connect(&app, source, target).await?.refused(400, &fault);
    }
    assert_eq!(app.count("node_edges").await?, 0);
    Ok(())
}

#[tokio::test]
async fn edges_are_listed_by_what_they_begin_or_end_at() -> Result {
    let app = TestApp::new().await?;
    let mut made = Vec::new();
    let mut ends = Vec::new();
    for title in ["a", "b"] {
        let branch = app.branch(title).await?;
        let root = app.node("root", title, Some(&branch), None).await?;
        let first = app.node("concept", "first", None, Some(&root)).await?;
        let second = app.node("concept", "second", None, Some(&root)).await?;
        made.push(connect(&app, &first, &second).await?.json());
        ends.push((branch, root, second));
    }
    // One between two topics: no node has both of its ends under it.
    made.push(connect(&app, &ends[0].1, &ends[1].1).await?.json());
    let list =
        async |query: &str| -> Result<Value> { Ok(app.get(&format!("/api/edges{query}")).await?.json()) };
    assert_eq!(list("").await?, json!(made));
    assert_eq!(list(&format!("?userId={USER}")).await?, json!(made));
    assert_eq!(list(&format!("?branchId={}", ends[0].0)).await?, json!([made[0], made[2]]));
    assert_eq!(list(&format!("?branchId={}", ends[1].0)).await?, json!([made[1], made[2]]));
    assert_eq!(list(&format!("?nodeId={}", ends[1].2)).await?, json!([made[1]]));
    assert_eq!(list(&format!("?nodeId={}&branchId={}", ends[1].2, ends[0].0)).await?, json!([]));
    assert_eq!(list(&format!("?branchId={UNKNOWN}")).await?, json!([]));
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
