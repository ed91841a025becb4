//! What holds for every route: paths, methods, bodies, headers, and errors that give nothing away.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;
use sprout::http::cors::Origins;

use crate::support::{Reply, Result, TestApp, USER};

async fn post_raw(app: &TestApp, content_type: Option<&str>, body: impl Into<Body>) -> Result<Reply> {
    let mut request = Request::post("/api/branches");
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    app.send(request.body(body.into())?).await
}

#[tokio::test]
async fn the_server_says_that_it_is_healthy() -> Result {
    let reply = TestApp::new().await?.get("/api/health").await?;
    assert_eq!((reply.status.as_u16(), &reply.json()["status"]), (200, &json!("ok")));
    assert_eq!(reply.header(header::CONTENT_TYPE), Some("application/json; charset=utf-8"));
    let time = reply.json()["timestamp"].as_str().map(str::to_owned).ok_or("no time")?;
    assert_eq!((time.len(), &time[10..11], &time[23..]), (24, "T", "Z"));
    Ok(())
}

#[tokio::test]
async fn an_unknown_path_or_method_is_refused_in_json() -> Result {
    let app = TestApp::new().await?;
    for path in ["/", "/api", "/api/trees", "/api/branches/a/b/c"] {
        app.get(path).await?.refused(404, "Not found");
    }
    let reply = app.delete("/api/branches").await?;
    reply.refused(405, "Method not allowed");
    let allowed = reply.header(header::ALLOW).ok_or("no Allow")?;
    assert!(allowed.contains("GET") && allowed.contains("POST") && !allowed.contains("DELETE"), "{allowed}");
    Ok(())
}

#[tokio::test]
async fn every_route_is_found_in_any_letter_case_and_with_a_slash_at_the_end() -> Result {
    let app = TestApp::new().await?;
    let root = app.node("root", "r", None, None).await?;
    let branch = app.branch("b").await?;
    for path in [
        "/API/Health".to_owned(),
        format!("/Api/BRANCHES/?userId={USER}"),
        format!("/api/Branches/{branch}/"),
        "/API/NODES/".to_owned(),
        format!("/API/Nodes/{root}"),
        format!("/api/nodes/{root}/Children/"),
        format!("/API/NODES/{root}/DEPENDENCY-EDGES/?childType=concept"),
    ] {
        assert_eq!(app.get(&path).await?.status, 200, "{path}");
    }
    let shouted = format!("/api/nodes/{}", root.to_uppercase());
    app.get(&shouted).await?.refused(404, "Node not found");
    Ok(())
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() -> Result {
    let app = TestApp::new().await?;
    let head = app.send(Request::head("/api/nodes").body(Body::empty())?).await?;
    let get = app.get("/api/nodes").await?;
    assert_eq!((head.status, head.text.as_str()), (get.status, ""));
    assert_eq!(head.header(header::ETAG), get.header(header::ETAG));
    Ok(())
}

#[tokio::test]
async fn a_body_is_a_json_object() -> Result {
    let app = TestApp::new().await?;
    let json = Some("application/json");
    for body in ["{", "{\"title\":}", "\u{0}", "{} x"] {
        let reply = post_raw(&app, json, body).await?;
        assert_eq!(reply.status, 400, "{body}");
        let error = reply.json()["error"].as_str().unwrap_or_default().to_owned();
        assert!(error.starts_with("The body is not valid JSON"), "{error}");
    }
    for body in ["null", "3", "\"a\"", "[]"] {
        post_raw(&app, json, body).await?.refused(400, "The body must be a JSON object");
    }
    post_raw(&app, json, "").await?.refused(400, "title and userId are required");
    assert_eq!(post_raw(&app, json, vec![0xff, 0xfe]).await?.status, 400);
    Ok(())
}

/// Some programs write one before every text, and the original read over it.
#[tokio::test]
async fn a_body_may_begin_with_a_byte_order_mark() -> Result {
    let app = TestApp::new().await?;
    let body = format!("\u{feff}{}", json!({"title": "a", "userId": USER}));
    assert_eq!(post_raw(&app, Some("application/json"), body).await?.status, 201);
    post_raw(&app, Some("application/json"), "\u{feff}[]")
        .await?
        .refused(400, "The body must be a JSON object");
    Ok(())
}

#[tokio::test]
async fn what_json_can_say_and_nobody_can_keep_is_a_fault_of_its_field() -> Result {
    let app = TestApp::new().await?;
    let send = async |title: &str| {
        let body = format!("{{\"userId\": \"{USER}\", \"title\": {title}}}");
        post_raw(&app, Some("application/json"), body).await
    };
    for half in [r#""a\ud83c""#, r#""\ud83c b""#, r#""\udf33""#] {
        let reply = send(half).await?;
        reply.refused(400, "title must not hold one half of a surrogate pair, which is no character");
        assert_eq!(reply.json()["details"][0]["field"], json!("title"));
    }
    assert_eq!(send(r#""\ud83c\udf33""#).await?.json()["title"], json!("🌳"));
    send("1e999").await?.refused(400, "title must not hold a number that is too large");
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    send(&deep).await?.refused(400, "title must not be nested deeper than 127 levels");
    Ok(())
}

#[tokio::test]
async fn a_body_says_that_it_is_json() -> Result {
    let app = TestApp::new().await?;
    let body = json!({"title": "a", "userId": USER}).to_string();
    for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""]
    {
        assert_eq!(post_raw(&app, Some(good), body.clone()).await?.status, 201, "{good}");
    }
    for bad in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"] {
        let reply = post_raw(&app, Some(bad), body.clone()).await?;
        reply.refused(415, "The body must be application/json in UTF-8");
    }
    let missing = "A JSON body is required, with the header Content-Type: application/json";
    post_raw(&app, None, body).await?.refused(415, missing);
    post_raw(&app, None, "").await?.refused(400, missing);
    Ok(())
}

#[tokio::test]
async fn a_compressed_body_is_refused() -> Result {
    let app = TestApp::new().await?;
    let request = Request::post("/api/branches")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "gzip");
    app.send(request.body(Body::from("x"))?).await?.refused(415, "The body must not be compressed");
    Ok(())
}

#[tokio::test]
async fn a_body_is_at_most_100_kib() -> Result {
    let app = TestApp::new().await?;
    let body = |length: usize| {
        let rest = json!({"title": "", "userId": USER}).to_string().len();
        json!({"title": "a".repeat(length - rest), "userId": USER}).to_string()
    };
    let json = Some("application/json");
    assert_eq!(post_raw(&app, json, body(102_400)).await?.status, 201);
    post_raw(&app, json, body(102_401)).await?.refused(413, "The body is larger than 102400 bytes");
    let request = Request::post("/api/branches")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, "999999999");
    app.send(request.body(Body::empty())?).await?.refused(413, "The body is larger than 102400 bytes");
    Ok(())
}

#[tokio::test]
async fn a_reply_that_the_client_has_is_not_sent_again() -> Result {
    let app = TestApp::new().await?;
    app.branch("a").await?;
    let path = format!("/api/branches?userId={USER}");
    let tag = app.get(&path).await?.header(header::ETAG).ok_or("no tag")?.to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let ask = async |tag: &str| -> Result<Reply> {
        app.send(Request::get(&path).header(header::IF_NONE_MATCH, tag).body(Body::empty())?).await
    };
    let known = ask(&tag).await?;
    assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
    assert_eq!(known.header(header::ETAG), Some(tag.as_str()));
    app.branch("b").await?;
    assert_eq!(ask(&tag).await?.status, 200);
    Ok(())
}

async fn from_origin(app: &TestApp, method: Method, origin: &str) -> Result<Reply> {
    let request = Request::builder().method(method).uri("/api/branches").header(header::ORIGIN, origin);
    let request = request.header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type,x-a");
    app.send(request.body(Body::empty())?).await
}

#[tokio::test]
async fn a_page_of_this_machine_may_use_the_server() -> Result {
    let app = TestApp::new().await?;
    let origin = "http://localhost:3000";
    let reply = from_origin(&app, Method::OPTIONS, origin).await?;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (204, ""));
    assert_eq!(reply.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), Some(origin));
    assert_eq!(reply.header(header::ACCESS_CONTROL_ALLOW_METHODS), Some("GET,HEAD,PUT,PATCH,POST,DELETE"));
    assert_eq!(reply.header(header::ACCESS_CONTROL_ALLOW_HEADERS), Some("content-type,x-a"));
    let vary: Vec<_> = reply.headers.get_all(header::VARY).iter().collect();
    assert_eq!(vary, ["Access-Control-Request-Headers", "Origin"]);

    let reply = from_origin(&app, Method::GET, origin).await?;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), Some(origin));
    Ok(())
}

#[tokio::test]
async fn a_page_of_the_web_may_not_unless_it_is_let_in() -> Result {
    let mut app = TestApp::new().await?;
    let origin = "https://evil.example";
    let allowed = async |app: &TestApp| -> Result<Option<String>> {
        let reply = from_origin(app, Method::OPTIONS, origin).await?;
        Ok(reply.header(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(str::to_owned))
    };
    assert_eq!(allowed(&app).await?, None);
    app.origins = Origins::parse(origin)?;
    assert_eq!(allowed(&app).await?.as_deref(), Some(origin));
    app.origins = Origins::Any;
    assert_eq!(allowed(&app).await?.as_deref(), Some("*"));
    Ok(())
}

#[tokio::test]
async fn our_own_faults_give_nothing_away() -> Result {
    let app = TestApp::new().await?;
    app.sql("PRAGMA foreign_keys = OFF; DROP TABLE node_edges").await?;
    let reply = app.get("/api/nodes/x/dependency-edges").await?;
    assert_eq!((reply.status.as_u16(), reply.json()), (500, json!({"error": "Internal server error"})));
    Ok(())
}
