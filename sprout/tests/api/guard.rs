//! What a page of another site makes a browser send.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use sprout::http::auth::Token;
use sprout::http::cors::Origins;

use crate::support::{Reply, Result, TestApp, USER};

async fn make(app: &TestApp, host: &str, origin: Option<&str>) -> Result<Reply> {
    let mut request = Request::post("/api/branches")
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    app.send(request.body(Body::from(json!({"title": "a", "userId": USER}).to_string()))?).await
}

#[tokio::test]
async fn a_local_server_goes_by_the_names_of_this_machine() -> Result {
    let app = TestApp::new().await?;
    for host in ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST", "sprout.localhost"] {
        assert_eq!(make(&app, host, None).await?.status, 201, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "192.168.1.5:8000", "", "a b"] {
        let reply = make(&app, host, None).await?;
        assert_eq!(reply.status, 421, "{host}");
        assert!(reply.json()["error"].as_str().is_some_and(|text| text.contains("SPROUT_TOKEN")));
    }
    assert_eq!(app.count("branches").await?, 5);
    Ok(())
}

#[tokio::test]
async fn a_server_with_a_token_or_in_the_network_has_any_name() -> Result {
    let app = TestApp { is_local: false, ..TestApp::new().await? };
    assert_eq!(make(&app, "sprout.home", None).await?.status, 201);
    let app =
        TestApp { token: Some(Token::new("s3cret".to_owned())?), is_local: false, ..TestApp::new().await? };
    assert_eq!(make(&app, "sprout.home", None).await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_not_let_in_changes_nothing() -> Result {
    let app = TestApp { is_local: false, ..TestApp::new().await? };
    for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
        let reply = make(&app, "sprout.home", Some(origin)).await?;
        assert_eq!(reply.status, 403, "{origin}");
    }
    assert_eq!(app.count("branches").await?, 0);
    for origin in ["http://localhost:3000", "http://sprout.home"] {
        assert_eq!(make(&app, "sprout.home", Some(origin)).await?.status, 201, "{origin}");
    }
    let app = TestApp { origins: Origins::Any, ..TestApp::new().await? };
    assert_eq!(make(&app, "localhost", Some("https://any.example")).await?.status, 201);
    Ok(())
}
