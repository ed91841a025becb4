//! `/api/search`.

use serde_json::{Value, json};

use crate::support::{Result, TestApp, UNKNOWN, USER};

#[tokio::test]
async fn contents_are_found_by_their_words() -> Result {
    let app = TestApp::new().await?;
    let branch = app.branch("b").await?;
    let node = app.node("root", "Trees", Some(&branch), None).await?;
    for (text, status) in [("Oaks have acorns & <b>leaves</b>", "active"), ("Oaks in winter", "draft")] {
        let body = json!({"explanationMd": text, "status": status});
        assert_eq!(app.post(&format!("/api/nodes/{node}/contents"), body).await?.status, 201);
    }
    let found =
        async |query: &str| -> Result<Value> { Ok(app.get(&format!("/api/search?q={query}")).await?.json()) };
    let oaks = found("oaks+aco").await?;
    assert_eq!(oaks.as_array().map(Vec::len), Some(1), "{oaks}");
    assert_eq!((&oaks[0]["nodeId"], &oaks[0]["nodeTitle"]), (&json!(node), &json!("Trees")));
    let is_match = |word: &str| json!({"text": word, "isMatch": true});
    let snippet = oaks[0]["snippet"].as_array().ok_or("no snippet")?;
    assert!(snippet.contains(&is_match("Oaks")) && snippet.contains(&is_match("acorns")), "{oaks}");
    for nothing in [
        "birch".to_owned(),
        "%22".to_owned(),
        format!("oaks&branchId={UNKNOWN}"),
        format!("oaks&userId={UNKNOWN}"),
    ] {
        assert_eq!(found(&nothing).await?, json!([]), "{nothing}");
    }
    for something in
        [format!("oaks&branchId={branch}&userId={USER}&nodeId={node}"), "OAKS&limit=1".to_owned()]
    {
        assert_eq!(found(&something).await?.as_array().map(Vec::len), Some(1), "{something}");
    }
    app.get("/api/search").await?.refused(400, "q query param required");
    app.get("/api/search?q=a&limit=0").await?.refused(400, "limit must be a whole number from 1 to 100");
    Ok(())
}
