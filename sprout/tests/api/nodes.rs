//! `/api/nodes`.

use serde_json::json;

use crate::support::{Result, TestApp, UNKNOWN, USER, each, keys_in_order};

#[tokio::test]
async fn a_new_node_is_returned_and_found_again() -> Result {
    let app = TestApp::new().await?;
    let branch = app.branch("Trees").await?;
    let body = json!({
        "userId": USER, "type": "root", "title": "Oak", "branchId": branch, "parentId": "", "desc": "", "accuracyScore": 1
    });
    let made = app.post("/api/nodes", body).await?;
    assert_eq!(made.status, 201);
    let node = made.json();
    assert_eq!(node["type"], json!("root"));
    assert_eq!(node["branchId"], json!(branch));
    assert_eq!((&node["parentId"], &node["desc"]), (&json!(null), &json!(null)));
    assert_eq!(node["accuracyScore"].as_f64(), Some(0.0));
    assert!(node["createdAt"].as_str().is_some_and(|time| time.len() == 24 && time.ends_with('Z')));
    let id = node["id"].as_str().ok_or("no id")?;
    assert_eq!(app.get(&format!("/api/nodes/{id}")).await?.text, made.text);
    Ok(())
}

#[tokio::test]
async fn the_keys_of_a_node_keep_their_order() -> Result {
    let app = TestApp::new().await?;
    app.node("root", "Oak", None, None).await?;
    let text = app.get("/api/nodes").await?.text;
    keys_in_order(&text, "id userId type branchId parentId title desc accuracyScore createdAt updatedAt");
    Ok(())
}

#[tokio::test]
async fn a_list_is_filtered_by_everything_that_is_given() -> Result {
    let app = TestApp::new().await?;
    let branch = app.branch("b").await?;
    let root = app.node("root", "r", Some(&branch), None).await?;
    let concept = app.node("concept", "c", Some(&branch), Some(&root)).await?;
    app.node("subconcept", "s", None, Some(&concept)).await?;
    app.node("root", "lonely", None, None).await?;

    let titles = async |query: &str| -> Result<String> {
        Ok(each(&app.get(&format!("/api/nodes{query}")).await?.json(), "title").join(" "))
    };
    assert_eq!(titles("").await?, "r c s lonely");
    assert_eq!(titles("?type=&branchId=").await?, "r c s lonely");
    assert_eq!(titles("?type=root").await?, "r lonely");
    assert_eq!(titles(&format!("?branchId={branch}")).await?, "r c s");
    assert_eq!(titles(&format!("?branchId={branch}&type=concept&userId={USER}")).await?, "c");
    assert_eq!(titles(&format!("?parentId={concept}")).await?, "s");
    assert_eq!(titles("?type=tree").await?, "");
    assert_eq!(titles(&format!("?userId={UNKNOWN}")).await?, "");
    app.get("/api/nodes?type=root&type=concept").await?.refused(400, "type must be given once");
    Ok(())
}

#[tokio::test]
async fn children_are_listed_under_any_node() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    for title in ["b", "a"] {
        app.node("concept", title, None, Some(&root)).await?;
    }
    let list = app.get(&format!("/api/nodes/{root}/children")).await?;
    assert_eq!(each(&list.json(), "title"), ["b", "a"]);
    assert_eq!(app.get("/api/nodes/unknown/children").await?.text, "[]");
    Ok(())
}

#[tokio::test]
async fn dependency_edges_are_those_between_the_children_of_a_node() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let one = app.node("concept", "1", None, Some(&root)).await?;
    let two = app.node("concept", "2", None, Some(&root)).await?;
    let below = app.node("subconcept", "3", None, Some(&one)).await?;
    app.sql(format!(
        "INSERT INTO node_edges (id, source_node_id, target_node_id) VALUES \
           ('z', '{one}', '{two}'), ('a', '{two}', '{one}'), ('out', '{one}', '{below}')"
    ))
    .await?;
    let edges = async |query: &str| -> Result<serde_json::Value> {
        Ok(app.get(&format!("/api/nodes/{root}/dependency-edges{query}")).await?.json())
    };
    let all = edges("").await?;
    assert_eq!(each(&all, "id"), ["z", "a"]);
    assert_eq!((&all[0]["sourceNodeId"], &all[0]["targetNodeId"]), (&json!(one), &json!(two)));
    assert_eq!(all[0].as_object().map(|edge| edge.len()), Some(4));
    assert_eq!(edges("?childType=concept").await?, all);
    assert_eq!(edges("?childType=subconcept").await?, json!([]));
    assert_eq!(app.get("/api/nodes/unknown/dependency-edges").await?.text, "[]");
    Ok(())
}

#[tokio::test]
async fn a_node_needs_a_user_a_type_and_a_title() -> Result {
    let app = TestApp::new().await?;
    for body in [
        json!({}),
        json!({"userId": USER, "type": "root"}),
        json!({"userId": USER, "type": "", "title": "a"}),
    ] {
        app.post("/api/nodes", body).await?.refused(400, "userId, type, and title are required");
    }
    let body = json!({"userId": USER, "type": "tree", "title": "a"});
    app.post("/api/nodes", body).await?.refused(400, "type must be root, concept or subconcept");
    let body = json!({"userId": USER, "type": "root", "title": "a", "desc": {}, "branchId": [1]});
    app.post("/api/nodes", body).await?.refused(400, "branchId must be a text; desc must be a text");
    Ok(())
}

#[tokio::test]
async fn whatever_a_new_node_refers_to_exists() -> Result {
    let app = TestApp::new().await?;
    let body = json!({
        "userId": UNKNOWN, "type": "concept", "title": "a", "branchId": UNKNOWN, "parentId": UNKNOWN
    });
    app.post("/api/nodes", body).await?.refused(
        400,
        "userId is the id of no user; branchId is the id of no branch; parentId is the id of no node",
    );
    Ok(())
}

/// The original puts nodes anywhere (B9).
#[tokio::test]
async fn a_node_has_its_place_in_the_graph() -> Result {
    let app = TestApp::new().await?;
    let (one, other) = (app.branch("one").await?, app.branch("other").await?);
    let root = app.node("root", "r", Some(&one), None).await?;
    let refusal = async |kind: &str, branch: Option<&str>, parent: Option<&str>| -> Result<String> {
        let body =
            json!({"userId": USER, "type": kind, "title": "x", "branchId": branch, "parentId": parent});
        let reply = app.post("/api/nodes", body).await?;
        assert_eq!(reply.status, 400);
        Ok(reply.json()["details"][0]["field"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(refusal("root", None, Some(&root)).await?, "parentId");
    assert_eq!(refusal("concept", Some(&one), None).await?, "parentId");
    assert_eq!(refusal("subconcept", Some(&one), Some(&root)).await?, "parentId");
    assert_eq!(refusal("concept", Some(&other), Some(&root)).await?, "parentId");
    app.sql("INSERT INTO users (id, email) VALUES ('u', 'u@x'); INSERT INTO branches (id, title, user_id) VALUES ('b', 'b', 'u')")
        .await?;
    assert_eq!(refusal("root", Some("b"), None).await?, "branchId");
    assert_eq!(app.count("nodes").await?, 1);

    let concept = app.node("concept", "c", None, Some(&root)).await?;
    assert_eq!(app.get(&format!("/api/nodes/{concept}")).await?.json()["branchId"], json!(one));
    Ok(())
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "Oak", None, None).await?;
    let path = format!("/api/nodes/{root}");
    app.sql("UPDATE nodes SET updated_at = '2026-01-31T12:00:00.000Z'").await?;

    let node = app.patch(&path, json!({"desc": "A tree", "type": "concept", "parentId": "x"})).await?.json();
    assert_eq!(
        (&node["title"], &node["desc"], &node["type"]),
        (&json!("Oak"), &json!("A tree"), &json!("root"))
    );
    assert!(node["updatedAt"].as_str() > Some("2026-01-31T12:00:00.000Z"));
    let node = app.patch(&path, json!({"title": "Elm", "accuracyScore": 0.75})).await?.json();
    assert_eq!((&node["title"], &node["desc"]), (&json!("Elm"), &json!("A tree")));
    assert_eq!(node["accuracyScore"], json!(0.75));
    let node = app.patch(&path, json!({"desc": null, "accuracyScore": 1})).await?.json();
    assert_eq!((&node["desc"], node["accuracyScore"].as_f64()), (&json!(null), Some(1.0)));
    assert_eq!(app.patch(&path, json!({})).await?.json()["title"], json!("Elm"));
    Ok(())
}

#[tokio::test]
async fn a_change_of_the_wrong_type_or_range_is_refused() -> Result {
    let app = TestApp::new().await?;
    let path = format!("/api/nodes/{}", app.node("root", "Oak", None, None).await?);
    for score in [json!("0.5"), json!(-0.1), json!(1.5), json!(null), json!(true)] {
        let reply = app.patch(&path, json!({"accuracyScore": score})).await?;
        reply.refused(400, "accuracyScore must be a number from 0 to 1");
    }
    app.patch(&path, json!({"title": "", "desc": 3}))
        .await?
        .refused(400, "title must not be empty; desc must be a text or null");
    assert_eq!(app.get(&path).await?.json()["title"], json!("Oak"));
    Ok(())
}

#[tokio::test]
async fn an_unknown_node_is_not_found() -> Result {
    let app = TestApp::new().await?;
    let path = format!("/api/nodes/{UNKNOWN}");
    app.get(&path).await?.refused(404, "Node not found");
    app.patch(&path, json!({"title": "a"})).await?.refused(404, "Node not found");
    app.delete(&path).await?.refused(404, "Node not found");
    Ok(())
}

#[tokio::test]
async fn a_node_is_deleted_unless_something_refers_to_it() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let concept = app.node("concept", "c", None, Some(&root)).await?;
    let reply = app.delete(&format!("/api/nodes/{root}")).await?;
    reply.refused(409, "Node is still in use by its children or by what was recorded about it");
    for id in [concept, root] {
        assert_eq!(app.delete(&format!("/api/nodes/{id}")).await?.status, 204);
    }
    assert_eq!(app.count("nodes").await?, 0);
    Ok(())
}
