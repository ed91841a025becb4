//! The application on a database in memory, and replies taken apart.

use std::error::Error;
use std::sync::LazyLock;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use seedbed::Pool;
use seedbed::testing::Template;
use serde_json::{Value, json};
use sprout::app::{AppState, app};
use sprout::database::MIGRATIONS;
use sprout::http::cors::Origins;
use sprout::store::users::{self, DEFAULT_USER_ID};
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

pub(crate) struct TestApp {
    pub(crate) pool: Pool,
    pub(crate) origins: Origins,
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
        Ok(Self { pool: TEMPLATE.pool()?, origins: Origins::default() })
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
        let state = AppState { pool: self.pool.clone(), origins: self.origins.clone() };
        let response = app(state).oneshot(request).await?;
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await?.into())?;
        Ok(Reply { status: parts.status, headers: parts.headers, text })
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
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string()))?).await
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
