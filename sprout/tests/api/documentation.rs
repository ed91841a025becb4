//! The OpenAPI document, the page that shows it, and the token.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use sprout::http::auth::Token;

use crate::support::{Result, TestApp};

#[tokio::test]
async fn the_document_describes_every_route_from_its_code() -> Result {
    let document = TestApp::new().await?.get("/api/openapi.json").await?.json();
    assert_eq!(document["openapi"], json!("3.1.1"));
    let create = &document["paths"]["/api/nodes"]["post"];
    assert_eq!(create["operationId"], json!("nodes_create"));
    let body = &create["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["required"], json!(["userId", "type", "title"]));
    assert_eq!(body["properties"]["type"]["enum"], json!(["root", "concept", "subconcept"]));
    assert_eq!(
        body["properties"]["branchId"]["anyOf"],
        json!([{"type": "string"}, {"enum": [0, false, null]}])
    );
    let made = &create["responses"]["201"]["content"]["application/json"]["schema"];
    assert_eq!(made, &json!({"$ref": "#/components/schemas/Node"}));
    let node = &document["components"]["schemas"]["Node"];
    assert_eq!(node["properties"]["desc"]["type"], json!(["string", "null"]));
    assert!(node["required"].as_array().is_some_and(|names| names.contains(&json!("desc"))), "{node}");
    let id = &document["paths"]["/api/nodes/{id}"]["get"]["parameters"][0];
    assert_eq!((&id["name"], &id["in"]), (&json!("id"), &json!("path")));
    Ok(())
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() -> Result {
    let reply = TestApp::new().await?.get("/api/openapi.json").await?;
    let document = reply.json();
    let references = reply.text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next());
    let mut count = 0;
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
        count += 1;
    }
    assert!(count > 20, "{count}");
    Ok(())
}

#[tokio::test]
async fn operations_have_names_of_their_own() -> Result {
    let document = TestApp::new().await?.get("/api/openapi.json").await?.json();
    let paths = document["paths"].as_object().ok_or("no paths")?;
    let mut names: Vec<_> = paths
        .values()
        .filter_map(|methods| methods.as_object())
        .flat_map(|methods| methods.values())
        .map(|operation| operation["operationId"].to_string())
        .collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
    Ok(())
}

/// All operations, with their paths and methods.
fn operations(document: &Value) -> Result<Vec<(String, &Value)>> {
    let paths = document["paths"].as_object().ok_or("no paths")?;
    let methods = paths.iter().filter_map(|(path, methods)| Some((path, methods.as_object()?)));
    Ok(methods
        .flat_map(|(path, methods)| {
            methods.iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect())
}

#[tokio::test]
async fn every_parameter_is_explained() -> Result {
    let document = TestApp::new().await?.get("/api/openapi.json").await?.json();
    let mut count = 0;
    for (name, operation) in operations(&document)? {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let about = parameter["description"].as_str().unwrap_or_default();
            let is_shared = parameter["$ref"].is_string();
            assert!(
                is_shared || (!about.is_empty() && !about.contains("what is meant")),
                "{name}: {parameter}"
            );
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
    Ok(())
}

#[tokio::test]
async fn what_a_client_has_need_not_be_sent_again() -> Result {
    let document = TestApp::new().await?.get("/api/openapi.json").await?.json();
    for (name, operation) in operations(&document)? {
        let replies = &operation["responses"];
        let is_tagged = name.starts_with("get ") && !name.ends_with("/file");
        assert_eq!(replies["304"]["headers"]["ETag"].is_object(), is_tagged, "{name}");
        let asks = json!({"$ref": "#/components/parameters/If-None-Match"});
        let parameters = operation["parameters"].as_array();
        assert_eq!(parameters.is_some_and(|list| list.contains(&asks)), is_tagged, "{name}");
    }
    let file = &document["paths"]["/api/nodes/{id}/documents/{documentId}/file"];
    let name = "Content-Disposition";
    let reference = json!({"$ref": "#/components/headers/Content-Disposition"});
    assert_eq!(
        (
            &file["get"]["responses"]["200"]["headers"][name],
            &file["head"]["responses"]["200"]["headers"][name]
        ),
        (&reference, &reference)
    );
    assert_eq!(file["head"]["responses"]["404"], json!({"description": "Not Found"}));
    Ok(())
}

#[tokio::test]
async fn formats_are_those_that_openapi_knows() -> Result {
    let document = TestApp::new().await?.get("/api/openapi.json").await?.text;
    let formats: BTreeSet<_> =
        document.split("\"format\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(formats.into_iter().collect::<Vec<_>>(), ["binary", "date-time", "double", "int64"]);
    Ok(())
}

#[tokio::test]
async fn the_page_and_all_it_loads_are_in_the_program() -> Result {
    let app = TestApp::new().await?;
    let page = app.get("/api/docs").await?;
    assert_eq!(page.header(header::CONTENT_TYPE), Some("text/html; charset=utf-8"));
    let loaded = page.text.split('"').filter(|part| part.starts_with("/api/docs/"));
    let mut count = 0;
    for path in loaded {
        let file = app.bytes(path).await?;
        assert_eq!((file.0, file.1.is_empty()), (200, false), "{path}");
        count += 1;
    }
    assert_eq!(count, 3);
    assert!(!page.text.contains("http"), "nothing comes from elsewhere: {}", page.text);
    Ok(())
}

#[tokio::test]
async fn where_there_is_a_token_only_who_shows_it_is_let_in() -> Result {
    let app = TestApp { token: Some(Token::new("s3cret".to_owned())?), ..TestApp::new().await? };
    let request = |token: &str| {
        Request::get("/api/nodes")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
    };
    let refused = app.get("/api/nodes").await?;
    assert_eq!((refused.status.as_u16(), refused.header(header::WWW_AUTHENTICATE)), (401, Some("Bearer")));
    assert!(refused.json()["error"].as_str().is_some_and(|text| text.contains("SPROUT_TOKEN")));
    assert_eq!(app.send(request("wrong")?).await?.status, 401);
    assert_eq!(app.send(request("s3cret")?).await?.status, 200);
    for open in ["/api/health", "/API/Health/", "/api/docs", "/api/openapi.json"] {
        assert_eq!(app.get(open).await?.status, 200, "{open}");
    }
    assert_eq!(app.get("/api/anything").await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn a_page_learns_that_the_token_is_missing() -> Result {
    let app = TestApp { token: Some(Token::new("s3cret".to_owned())?), ..TestApp::new().await? };
    let request =
        Request::get("/api/nodes").header(header::ORIGIN, "http://localhost:3000").body(Body::empty())?;
    let reply = app.send(request).await?;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), Some("http://localhost:3000"));
    Ok(())
}
