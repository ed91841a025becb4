//! `/api/nodes/:id/contents` and `…/generations`.

use serde_json::json;

use crate::support::{Result, TestApp, UNKNOWN, each, keys_in_order};

#[tokio::test]
async fn a_content_is_kept_as_it_was_given() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let path = format!("/api/nodes/{root}/contents");
    let body = json!({"explanationMd": "# Oaks", "visualizationKind": "svg", "visualizationPayload": "<svg/>",
        "generatedByModel": "m", "generationPromptHash": "h", "status": "draft", "cards": [1]});
    let made = app.post(&path, body).await?;
    assert_eq!(made.status, 201);
    let content = made.json();
    assert_eq!((&content["nodeId"], &content["status"]), (&json!(root), &json!("draft")));
    assert_eq!((&content["visualizationPayload"], &content["cards"]), (&json!("<svg/>"), &json!(null)));
    keys_in_order(
        &made.text,
        "id nodeId explanationMd visualizationKind visualizationPayload cards generatedByModel generationPromptHash status createdAt",
    );
    assert_eq!(app.get(&path).await?.json(), json!([content]));
    Ok(())
}

#[tokio::test]
async fn the_oldest_active_content_is_shown() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let path = format!("/api/nodes/{root}/contents");
    assert_eq!(app.get(&format!("{path}/active")).await?.text, "null");
    for (text, status) in [("a", "draft"), ("b", "active"), ("c", ""), ("d", "archived")] {
        assert_eq!(app.post(&path, json!({"explanationMd": text, "status": status})).await?.status, 201);
    }
    assert_eq!(app.get(&format!("{path}/active")).await?.json()["explanationMd"], json!("b"));
    assert_eq!(each(&app.get(&path).await?.json(), "status"), ["draft", "active", "active", "archived"]);
    assert_eq!(app.get(&format!("/api/nodes/{UNKNOWN}/contents")).await?.json(), json!([]));
    Ok(())
}

#[tokio::test]
async fn a_content_needs_a_node_a_text_and_a_known_status() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let path = format!("/api/nodes/{root}/contents");
    app.post(&path, json!({"explanationMd": ""})).await?.refused(400, "explanationMd is required");
    app.post(&path, json!({"explanationMd": "a", "status": "shown"}))
        .await?
        .refused(400, "status must be draft, active or archived");
    let nowhere = format!("/api/nodes/{UNKNOWN}/contents");
    app.post(&nowhere, json!({"explanationMd": "a"})).await?.refused(404, "Node not found");
    app.post(&nowhere, json!({})).await?.refused(400, "explanationMd is required");
    Ok(())
}

#[tokio::test]
async fn a_generation_keeps_its_meta_as_json_text() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let path = format!("/api/nodes/{root}/generations");
    let body =
        json!({"trigger": "on_first_enter", "model": "m", "prompt": "p", "responseMeta": {"count": 3}});
    let made = app.post(&path, body).await?;
    assert_eq!((made.status.as_u16(), &made.json()["responseMeta"]), (201, &json!("{\"count\":3}")));
    keys_in_order(&made.text, "id nodeId trigger model prompt responseMeta createdAt");
    for falsy in [json!(null), json!(0), json!(false), json!("")] {
        let made = app.post(&path, json!({"trigger": "system_refresh", "responseMeta": falsy})).await?;
        assert_eq!(made.json()["responseMeta"], json!(null), "{falsy}");
    }
    app.post(&path, json!({})).await?.refused(400, "trigger is required");
    app.post(&path, json!({"trigger": "boredom"}))
        .await?
        .refused(400, "trigger must be on_first_enter, manual_regenerate or system_refresh");
    let triggers = each(&app.get(&path).await?.json(), "trigger");
    assert_eq!((triggers.len(), triggers[0].as_str()), (5, "on_first_enter"));
    Ok(())
}

/// `serde_json::Value` sorts the keys and writes numbers anew, so what a client sent came back as something else.
#[tokio::test]
async fn json_comes_back_with_its_keys_in_order_and_its_numbers_as_they_were() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let path = format!("/api/nodes/{root}/generations");
    let meta =
        r#"{"z": 1.0, "a" : [1e2, -0.0, 12345678901234567890123], "text": " \" {\u00e4 } \\", "m": {}}"#;
    let body = format!("{{\"trigger\": \"system_refresh\", \"responseMeta\": {meta}}}");
    let made = app.with_text("POST", &path, &body).await?.json();
    let expected = r#"{"z":1.0,"a":[1e2,-0.0,12345678901234567890123],"text":" \" {\u00e4 } \\","m":{}}"#;
    assert_eq!(made["responseMeta"], json!(expected));
    assert_eq!(app.get(&path).await?.json(), json!([made]));
    Ok(())
}
