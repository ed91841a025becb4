//! `/api/chat`: sessions, messages and hints.

use serde_json::{Value, json};

use crate::support::{Result, TestApp, UNKNOWN, USER, each, keys_in_order};

async fn session(app: &TestApp, node: Option<&str>) -> Result<String> {
    let made = app.post("/api/chat/sessions", json!({"userId": USER, "nodeId": node})).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    keys_in_order(&made.text, "id userId nodeId startedAt endedAt");
    Ok(made.json()["id"].as_str().ok_or("no id")?.to_owned())
}

#[tokio::test]
async fn a_session_begins_and_ends() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let (with, without) = (session(&app, Some(&node)).await?, session(&app, None).await?);
    let ids = async |query: &str| -> Result<Vec<String>> {
        Ok(each(&app.get(&format!("/api/chat/sessions{query}")).await?.json(), "id"))
    };
    assert_eq!(ids("").await?, [with.clone(), without.clone()]);
    assert_eq!(ids(&format!("?userId={USER}&nodeId={node}")).await?.concat(), with);
    assert!(ids(&format!("?userId={UNKNOWN}")).await?.is_empty());
    let path = format!("/api/chat/sessions/{with}");
    for body in [json!({}), json!({"endedAt": null}), json!({"endedAt": ""}), json!({"endedAt": false})] {
        assert!(app.patch(&path, body).await?.json()["endedAt"].is_string());
    }
    app.patch(&path, json!({"endedAt": true}))
        .await?
        .refused(400, "endedAt must be a time such as 2026-01-31T12:00:00Z");
    let ended = app.patch(&path, json!({"endedAt": "2026-01-31T12:00:00Z"})).await?.json();
    assert_eq!(ended["endedAt"], json!("2026-01-31T12:00:00.000Z"));
    app.patch(&format!("/api/chat/sessions/{UNKNOWN}"), json!({})).await?.refused(404, "Session not found");
    app.post("/api/chat/sessions", json!({})).await?.refused(400, "userId is required");
    app.post("/api/chat/sessions", json!({"userId": USER, "nodeId": UNKNOWN}))
        .await?
        .refused(400, "nodeId is the id of no node");
    Ok(())
}

#[tokio::test]
async fn messages_come_in_the_order_in_which_they_were_said() -> Result {
    let app = TestApp::new().await?;
    let session = session(&app, None).await?;
    let path = format!("/api/chat/sessions/{session}/messages");
    for (role, content) in [("system", "1"), ("user", "2"), ("assistant", "3")] {
        let body = json!({"userId": USER, "role": role, "content": content});
        assert_eq!(app.post(&path, body).await?.status, 201);
    }
    app.patch(&format!("/api/chat/sessions/{session}"), json!({})).await?;
    let body = json!({"userId": USER, "role": "user", "content": "4", "kind": "evaluation",
        "wasSuccessful": false, "successSignal": {"a": [1]}});
    let made = app.post(&path, body).await?;
    assert_eq!(
        (&made.json()["wasSuccessful"], &made.json()["successSignal"]),
        (&json!(false), &json!("{\"a\":[1]}"))
    );
    keys_in_order(&made.text, "id sessionId userId role kind content wasSuccessful successSignal createdAt");
    let messages = app.get(&path).await?.json();
    assert_eq!(each(&messages, "content").concat(), "1234");
    assert_eq!(each(&messages, "kind"), ["learning", "learning", "learning", "evaluation"]);
    Ok(())
}

#[tokio::test]
async fn a_message_needs_a_session_a_user_and_known_words() -> Result {
    let app = TestApp::new().await?;
    let path = format!("/api/chat/sessions/{}/messages", session(&app, None).await?);
    let refused = async |body: Value| app.post(&path, body).await;
    refused(json!({"userId": USER, "role": "user"}))
        .await?
        .refused(400, "userId, role, and content are required");
    let wrong =
        json!({"userId": USER, "role": "tutor", "content": "a", "kind": "chat", "wasSuccessful": "yes"});
    refused(wrong).await?.refused(
        400,
        "role must be system, user or assistant; kind must be learning, hint_request, hint_response or evaluation; wasSuccessful must be true or false",
    );
    let good = json!({"userId": USER, "role": "user", "content": "a"});
    let nowhere = format!("/api/chat/sessions/{UNKNOWN}/messages");
    app.post(&nowhere, good).await?.refused(404, "Session not found");
    assert_eq!(app.get(&nowhere).await?.json(), json!([]));
    refused(json!({"userId": UNKNOWN, "role": "user", "content": "a"}))
        .await?
        .refused(400, "userId is the id of no user");
    Ok(())
}

#[tokio::test]
async fn a_hint_names_what_it_is_about() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let session = session(&app, Some(&node)).await?;
    let say = json!({"userId": USER, "role": "user", "content": "?", "kind": "hint_request"});
    let message = app.post(&format!("/api/chat/sessions/{session}/messages"), say).await?.json();
    let body = json!({"userId": USER, "nodeId": node, "sessionId": session, "requestMessageId": message["id"],
        "responseMessageId": "", "referencedSuccessMessageIds": [message["id"]]});
    let made = app.post("/api/chat/hints", body).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["referencedSuccessMessageIds"], json!(format!("[{}]", message["id"])));
    keys_in_order(
        &made.text,
        "id userId nodeId sessionId requestMessageId responseMessageId referencedSuccessMessageIds createdAt",
    );
    assert_eq!(app.get(&format!("/api/chat/hints?nodeId={node}")).await?.json(), json!([made.json()]));
    let wrong = json!({"userId": UNKNOWN, "nodeId": UNKNOWN, "sessionId": UNKNOWN, "requestMessageId": UNKNOWN,
        "responseMessageId": UNKNOWN});
    let refused = app.post("/api/chat/hints", wrong).await?;
    assert_eq!((refused.status.as_u16(), refused.json()["details"].as_array().map(Vec::len)), (400, Some(5)));
    app.post("/api/chat/hints", json!({})).await?.refused(400, "userId and nodeId are required");
    for (ids, fault) in [
        (json!({"a": 1}), "referencedSuccessMessageIds must be an array of texts"),
        (json!([message["id"], 3]), "referencedSuccessMessageIds[1] must be a text"),
        (json!([message["id"], UNKNOWN]), "referencedSuccessMessageIds[1] is the id of no message"),
    ] {
        let body = json!({"userId": USER, "nodeId": node, "referencedSuccessMessageIds": ids});
        app.post("/api/chat/hints", body).await?.refused(400, fault);
    }
    let body = json!({"userId": USER, "nodeId": node, "sessionId": 0, "referencedSuccessMessageIds": false});
    let made = app.post("/api/chat/hints", body).await?.json();
    assert_eq!((&made["sessionId"], &made["referencedSuccessMessageIds"]), (&json!(null), &json!(null)));
    Ok(())
}
