//! `/api/progress`.

use serde_json::json;

use crate::support::{Result, TestApp, UNKNOWN, USER, each, keys_in_order};

#[tokio::test]
async fn the_first_visit_makes_the_progress_and_the_next_is_counted() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let visit = json!({"userId": USER, "nodeId": node, "masteryScore": 1});
    let first = app.post("/api/progress", visit.clone()).await?;
    assert_eq!(first.status, 201);
    let progress = first.json();
    assert_eq!((&progress["attemptsCount"], progress["masteryScore"].as_f64()), (&json!(1), Some(0.0)));
    assert_eq!(progress["firstEnteredAt"], progress["lastEnteredAt"]);
    assert_eq!(progress["hasGeneratedSubnodes"], json!(false));
    keys_in_order(
        &first.text,
        "id userId nodeId firstEnteredAt lastEnteredAt completedAt masteryScore attemptsCount hasGeneratedSubnodes createdAt updatedAt",
    );
    let second = app.post("/api/progress", visit).await?;
    assert_eq!((second.status.as_u16(), &second.json()["attemptsCount"]), (200, &json!(2)));
    assert_eq!(second.json()["firstEnteredAt"], progress["firstEnteredAt"]);
    assert_eq!(app.count("user_node_progress").await?, 1);
    Ok(())
}

#[tokio::test]
async fn progress_is_changed_and_opened_again() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let made = app.post("/api/progress", json!({"userId": USER, "nodeId": node})).await?.json();
    let path = format!("/api/progress/{}", made["id"].as_str().ok_or("no id")?);
    let body =
        json!({"masteryScore": 0.75, "completedAt": "2026-01-31T12:00:00Z", "hasGeneratedSubnodes": true});
    let changed = app.patch(&path, body).await?.json();
    assert_eq!(
        (changed["masteryScore"].as_f64(), &changed["hasGeneratedSubnodes"]),
        (Some(0.75), &json!(true))
    );
    assert_eq!(changed["completedAt"], json!("2026-01-31T12:00:00.000Z"));
    assert_eq!(app.patch(&path, json!({"completedAt": null})).await?.json()["completedAt"], json!(null));
    let refused = app.patch(&path, json!({"masteryScore": 1.5, "hasGeneratedSubnodes": 1})).await?;
    refused.refused(
        400,
        "masteryScore must be a number from 0 to 1; hasGeneratedSubnodes must be true or false",
    );
    assert_eq!(refused.json()["details"][0]["field"], json!("masteryScore"));
    app.patch(&format!("/api/progress/{UNKNOWN}"), json!({}))
        .await?
        .refused(404, "Progress record not found");
    Ok(())
}

#[tokio::test]
async fn progress_is_listed_by_user_and_node() -> Result {
    let app = TestApp::new().await?;
    let (a, b) = (app.node("root", "a", None, None).await?, app.node("root", "b", None, None).await?);
    for node in [&b, &a] {
        app.post("/api/progress", json!({"userId": USER, "nodeId": node})).await?;
    }
    let nodes = async |query: &str| -> Result<Vec<String>> {
        Ok(each(&app.get(&format!("/api/progress?userId={query}")).await?.json(), "nodeId"))
    };
    assert_eq!(nodes(USER).await?, [b.clone(), a.clone()]);
    assert_eq!(nodes(&format!("{USER}&nodeId={a}")).await?, [a]);
    assert!(nodes(UNKNOWN).await?.is_empty());
    app.get("/api/progress").await?.refused(400, "userId query param required");
    app.post("/api/progress", json!({"userId": USER})).await?.refused(400, "userId and nodeId are required");
    app.post("/api/progress", json!({"userId": USER, "nodeId": UNKNOWN}))
        .await?
        .refused(400, "nodeId is the id of no node");
    Ok(())
}
