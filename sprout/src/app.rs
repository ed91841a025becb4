//! The router: every path with what answers it.
//!
//! ```text
//!  request ─► log ─► cors ─► conditional ─► path ─► route ─► http/<resource>.rs ─► store/ ─► pool
//! ```

use axum::Router;
use axum::extract::FromRef;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use seedbed::Pool;

use crate::http::cors::{self, Origins};
use crate::http::path::{self, Words};
use crate::http::{branches, conditional, error_reply, health, log, nodes};

/// What every request is answered with.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub pool: Pool,
    /// The web pages that may use the server.
    pub origins: Origins,
}

impl FromRef<AppState> for Pool {
    fn from_ref(state: &AppState) -> Self {
        state.pool.clone()
    }
}

/// Makes the application.
pub fn app(state: AppState) -> Router {
    let routes = routes();
    let words = Words::of(routes.iter().map(|(pattern, _)| *pattern));
    let origins = state.origins.clone();
    let mut router = Router::new();
    for (pattern, methods) in routes {
        router = router.route(pattern, methods);
    }
    let router = router.fallback(not_found).method_not_allowed_fallback(method_not_allowed).with_state(state);
    // A layer of a router runs after routing; the path has to be rewritten before, hence a router around the router.
    Router::new()
        .fallback_service(router)
        .layer(from_fn_with_state(words, path::normalize))
        .layer(from_fn(conditional::not_modified))
        .layer(from_fn_with_state(origins, cors::share))
        .layer(from_fn(log::failures))
}

fn routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/api/health", get(health::get)),
        ("/api/branches", get(branches::list).post(branches::create)),
        ("/api/branches/{id}", get(branches::get).patch(branches::update).delete(branches::delete)),
        ("/api/nodes", get(nodes::list).post(nodes::create)),
        ("/api/nodes/{id}", get(nodes::get).patch(nodes::update).delete(nodes::delete)),
        ("/api/nodes/{id}/children", get(nodes::children)),
        ("/api/nodes/{id}/dependency-edges", get(nodes::dependency_edges)),
    ]
}

async fn not_found() -> Response {
    error_reply::refuse(StatusCode::NOT_FOUND, "Not found")
}

async fn method_not_allowed() -> Response {
    error_reply::refuse(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
