//! The application on a database in memory, and replies taken apart.

use std::error::Error;
use std::sync::LazyLock;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use seedbed::Pool;
use seedbed::testing::Template;
use serde_json::{Value, json};
use sprout::app::{AppState, app, routes};
use sprout::database::MIGRATIONS;
use sprout::documents::{Extractor, Limits, Shelf, Storage, StorageSettings};
use sprout::http::auth::Token;
use sprout::http::cors::Origins;
use sprout::http::openapi;
use sprout::store::users::{self, DEFAULT_USER_ID};
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

/// The user that every test works as.
pub(crate) const USER: &str = DEFAULT_USER_ID;

/// An id that nothing has.
pub(crate) const UNKNOWN: &str = "11111111-2222-4333-8444-555555555555";

/// A migrated database with the default user, made once.
static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let migrated = Template::of(MIGRATIONS).expect("the migrations run");
    migrated.with(|tx| users::seed_default(tx)).expect("the migrated database takes the user")
});

/// Starts the program itself, as the server does.
static EXTRACTOR: LazyLock<Extractor> =
    LazyLock::new(|| Extractor::new(env!("CARGO_BIN_EXE_sprout").into(), Limits::default()));

/// The OpenAPI document, which every reply is held to.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| openapi::document(&routes()));

pub(crate) struct TestApp {
    pub(crate) pool: Pool,
    pub(crate) origins: Origins,
    pub(crate) token: Option<Token>,
    pub(crate) is_local: bool,
    /// Where documents go.
    pub(crate) folder: TempDir,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {:?}", self.text))
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Checks an error: its status and its text.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!((self.status.as_u16(), &self.json()["error"]), (status, &json!(error)));
    }
}

impl TestApp {
    pub(crate) async fn new() -> Result<Self> {
        Ok(Self {
            pool: TEMPLATE.pool()?,
            origins: Origins::default(),
            token: None,
            is_local: true,
            folder: TempDir::new()?,
        })
    }

    /// Runs statements behind the application's back.
    pub(crate) async fn sql(&self, statements: impl Into<String>) -> Result {
        let statements = statements.into();
        Ok(self.pool.write(move |tx| tx.execute_batch(&statements)).await?)
    }

    /// Counts the rows of a table.
    pub(crate) async fn count(&self, table: &str) -> Result<i64> {
        let query = format!("SELECT count(*) FROM {table}");
        Ok(self.pool.read(move |tx| tx.query_one(&query, &[], |row| row.get(0))).await?)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Reply> {
        let (method, path) =
            (request.method().as_str().to_ascii_lowercase(), request.uri().path().to_owned());
        let response = app(self.state()).oneshot(request).await?;
        assert_documented(&method, &path, response.status());
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await?.into())?;
        Ok(Reply { status: parts.status, headers: parts.headers, text })
    }

    /// Returns the status of a path and the bytes of what it answers, which may be no text.
    pub(crate) async fn bytes(&self, path: &str) -> Result<(u16, Vec<u8>)> {
        let response = app(self.state()).oneshot(Request::get(path).body(Body::empty())?).await?;
        let status = response.status().as_u16();
        Ok((status, to_bytes(response.into_body(), usize::MAX).await?.into()))
    }

    pub(crate) fn shelf(&self) -> Shelf {
        let settings = StorageSettings::Folder(self.folder.path().to_owned());
        let storage = Storage::new(&settings).expect("a folder can always be named");
        Shelf::new(self.pool.clone(), storage, EXTRACTOR.clone())
    }

    fn state(&self) -> AppState {
        AppState {
            pool: self.pool.clone(),
            shelf: self.shelf(),
            origins: self.origins.clone(),
            is_local: self.is_local,
            token: self.token.clone(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Reply> {
        self.send(Request::get(path).body(Body::empty())?).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Reply> {
        self.send(Request::delete(path).body(Body::empty())?).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Reply> {
        self.with_body("POST", path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Result<Reply> {
        self.with_body("PATCH", path, body).await
    }

    async fn with_body(&self, method: &str, path: &str, body: Value) -> Result<Reply> {
        self.with_text(method, path, &body.to_string()).await
    }

    /// Sends a body as it is written.
    pub(crate) async fn with_text(&self, method: &str, path: &str, body: &str) -> Result<Reply> {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_owned()))?).await
    }

    /// Makes a branch and returns its id.
    pub(crate) async fn branch(&self, title: &str) -> Result<String> {
        made(&self.post("/api/branches", json!({"title": title, "userId": USER})).await?)
    }

    /// Makes a node and returns its id.
    pub(crate) async fn node(
        &self,
        kind: &str,
        title: &str,
        branch: Option<&str>,
        parent: Option<&str>,
    ) -> Result<String> {
        let body =
            json!({"userId": USER, "type": kind, "title": title, "branchId": branch, "parentId": parent});
        made(&self.post("/api/nodes", body).await?)
    }
}

/// Checks that the OpenAPI document knows the status of a reply. 500 is nobody's plan.
#[track_caller]
fn assert_documented(method: &str, path: &str, status: StatusCode) {
    let path = path.to_ascii_lowercase();
    let segments: Vec<_> = path.trim_end_matches('/').split('/').collect();
    let answers = |pattern: &&String| {
        let parts: Vec<_> = pattern.split('/').collect();
        let fits = |(part, segment): (&&str, &&str)| part.starts_with('{') || part == segment;
        parts.len() == segments.len() && parts.iter().zip(&segments).all(fits)
    };
    let Some(paths) = DOCUMENT["paths"].as_object() else { panic!("a document without paths") };
    // A fixed word is meant before a parameter.
    let pattern = paths.keys().filter(answers).min_by_key(|pattern| pattern.matches('{').count());
    let operation = pattern.and_then(|pattern| paths[pattern].get(method));
    if let Some(operation) = operation.filter(|_| status != StatusCode::INTERNAL_SERVER_ERROR) {
        let known = operation["responses"].get(status.as_str());
        assert!(known.is_some(), "{method} {path} answers {status}, which is not documented");
    }
}

fn made(reply: &Reply) -> Result<String> {
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    Ok(reply.json()["id"].as_str().ok_or("no id")?.to_owned())
}

/// Returns one field of every object of a list.
pub(crate) fn each(list: &Value, field: &str) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|item| item[field].as_str().unwrap_or("null").to_owned())
        .collect()
}

/// Checks that the keys of an object come in an order, as clients of the original may expect.
#[track_caller]
pub(crate) fn keys_in_order(text: &str, keys: &str) {
    let places: Vec<_> = keys.split(' ').map(|key| text.find(&format!("\"{key}\":"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{keys} in {text}");
}
