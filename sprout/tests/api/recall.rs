//! `/api/recall`: reviews and what is due.

use serde_json::{Value, json};

use crate::support::{Result, TestApp, UNKNOWN, USER};

async fn review(app: &TestApp, node: &str, rating: i64, at: &str) -> Result<Value> {
    let body = json!({"userId": USER, "nodeId": node, "rating": rating, "reviewedAt": at});
    let made = app.post("/api/recall/reviews", body).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    Ok(made.json())
}

async fn due(app: &TestApp, before: &str) -> Result<Value> {
    Ok(app.get(&format!("/api/recall/due?userId={USER}&before={before}")).await?.json())
}

#[tokio::test]
async fn what_was_recalled_is_due_after_a_growing_interval() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "Oak", None, None).await?;
    let first = review(&app, &node, 3, "2026-01-01T00:00:00Z").await?;
    // 2.3065 days after the review.
    assert_eq!(first["schedule"]["dueAt"], json!("2026-01-03T07:21:21.600Z"));
    assert_eq!(first["review"]["dueAt"], first["schedule"]["dueAt"]);
    assert_eq!(due(&app, "2026-01-03T07:00:00Z").await?, json!([]));
    let list = due(&app, "2026-01-04T00:00:00Z").await?;
    assert_eq!(list[0]["node"]["title"], json!("Oak"));
    assert!(list[0]["retrievability"].as_f64().is_some_and(|chance| (0.8..0.9).contains(&chance)), "{list}");
    let second = review(&app, &node, 3, "2026-01-04T00:00:00Z").await?;
    let third = review(&app, &node, 1, "2026-01-20T00:00:00Z").await?;
    assert!(second["schedule"]["stability"].as_f64() > first["schedule"]["stability"].as_f64());
    assert!(third["schedule"]["stability"].as_f64() < second["schedule"]["stability"].as_f64());
    assert_eq!((&third["schedule"]["reviewsCount"], &third["schedule"]["lapses"]), (&json!(3), &json!(1)));
    let log = app.get(&format!("/api/recall/reviews?userId={USER}&nodeId={node}")).await?.json();
    let ratings: Vec<_> = log.as_array().ok_or("no list")?.iter().map(|row| row["rating"].as_i64()).collect();
    assert_eq!(ratings, [Some(3), Some(3), Some(1)], "the log is kept raw");
    Ok(())
}

#[tokio::test]
async fn what_has_waited_longest_comes_first() -> Result {
    let app = TestApp::new().await?;
    for (title, at) in
        [("b", "2026-01-02T00:00:00Z"), ("a", "2026-01-01T00:00:00Z"), ("c", "2026-01-03T00:00:00Z")]
    {
        let node = app.node("root", title, None, None).await?;
        review(&app, &node, 3, at).await?;
    }
    let titles = async |query: &str| -> Result<String> {
        let list = app.get(&format!("/api/recall/due?userId={USER}{query}")).await?.json();
        Ok(list.as_array().ok_or("no list")?.iter().filter_map(|row| row["node"]["title"].as_str()).collect())
    };
    assert_eq!(titles("").await?, "abc");
    assert_eq!(titles("&limit=2").await?, "ab");
    app.get(&format!("/api/recall/due?userId={USER}&limit=x"))
        .await?
        .refused(400, "limit must be a whole number from 1 to 1000");
    app.get("/api/recall/due").await?.refused(400, "userId query param required");
    Ok(())
}

#[tokio::test]
async fn a_review_that_cannot_be_is_refused_and_leaves_nothing() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    review(&app, &node, 2, "2026-01-02T00:00:00Z").await?;
    let refused = async |body: Value, error: &str| -> Result {
        app.post("/api/recall/reviews", body).await?.refused(400, error);
        Ok(())
    };
    let at = |time: &str| json!({"userId": USER, "nodeId": node, "rating": 3, "reviewedAt": time});
    refused(
        at("2026-01-01T00:00:00Z"),
        "reviewedAt must not be before the last review, which was at 2026-01-02T00:00:00.000Z",
    )
    .await?;
    refused(at("9000-01-01T00:00:00Z"), "reviewedAt must not be in the future").await?;
    refused(at("1970-01-01T00:00:00Z"), "reviewedAt must not be before 2000-01-01T00:00:00Z").await?;
    refused(json!({"userId": USER, "nodeId": node}), "userId, nodeId and rating are required").await?;
    refused(
        json!({"userId": USER, "nodeId": node, "rating": 5}),
        "rating must be a whole number from 1 to 4",
    )
    .await?;
    refused(json!({"userId": USER, "nodeId": UNKNOWN, "rating": 1}), "nodeId is the id of no node").await?;
    assert_eq!(app.count("node_reviews").await?, 1);
    Ok(())
}

/// An imported schedule, or a clock that was set back, may have the last review in the future.
#[tokio::test]
async fn a_last_review_that_is_still_to_come_is_forgotten_by_the_next() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    review(&app, &node, 3, "2026-01-01T00:00:00Z").await?;
    app.sql(
        "UPDATE node_schedules SET last_reviewed_at = '9999-01-01T00:00:00.000Z', due_at = last_reviewed_at",
    )
    .await?;
    let next = review(&app, &node, 3, "2026-01-02T00:00:00Z").await?;
    assert_eq!(next["schedule"]["lastReviewedAt"], json!("2026-01-02T00:00:00.000Z"));
    assert!(next["schedule"]["dueAt"].as_str().is_some_and(|due| due.starts_with("2026-01")), "{next}");
    Ok(())
}
