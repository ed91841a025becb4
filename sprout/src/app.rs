//! The router: every path with what answers it.
//!
//! ```text
//!  request ─► log ─► cors ─► auth ─► conditional ─► path ─► route ─► http/<resource>.rs ─► store/ ─► pool
//! ```

use axum::Router;
use axum::extract::FromRef;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use seedbed::Pool;

use crate::http::auth::{self, Token};
use crate::http::cors::{self, Origins};
use crate::http::path::{self, Words};
use crate::http::route::Route;
use crate::http::{branches, conditional, docs, error_reply, health, log, nodes};

/// What every request is answered with.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub pool: Pool,
    /// The web pages that may use the server.
    pub origins: Origins,
    /// What a client has to know, if anything.
    pub token: Option<Token>,
}

impl FromRef<AppState> for Pool {
    fn from_ref(state: &AppState) -> Self {
        state.pool.clone()
    }
}

/// Makes the application.
pub fn app(state: AppState) -> Router {
    let routes = routes();
    let mut router = docs::pages();
    let words = Words::of(routes.iter().map(|route| route.pattern).chain(docs::PATHS));
    let (origins, token) = (state.origins.clone(), state.token.clone());
    for route in routes {
        router = router.route(route.pattern, route.methods);
    }
    let router = router.fallback(not_found).method_not_allowed_fallback(method_not_allowed).with_state(state);
    // A layer of a router runs after routing; the path has to be rewritten before, hence a router around the router.
    Router::new()
        .fallback_service(router)
        .layer(from_fn_with_state(words, path::normalize))
        .layer(from_fn(conditional::not_modified))
        .layer(from_fn_with_state(token, auth::admit))
        .layer(from_fn_with_state(origins, cors::share))
        .layer(from_fn(log::failures))
}

/// Lists every route of the API.
pub fn routes() -> Vec<Route> {
    vec![
        Route::at("/api/health").get("Tell that the server is up", health::get),
        Route::at("/api/branches")
            .get("List the branches of a user", branches::list)
            .post("Make a branch", branches::create),
        Route::at("/api/branches/{id}")
            .get("Return a branch", branches::get)
            .refuses(&[404])
            .patch("Change a branch", branches::update)
            .refuses(&[404])
            .delete("Delete a branch with all that belongs to it", branches::delete)
            .refuses(&[404, 409]),
        Route::at("/api/nodes").get("List nodes", nodes::list).post("Make a node", nodes::create),
        Route::at("/api/nodes/{id}")
            .get("Return a node", nodes::get)
            .refuses(&[404])
            .patch("Change a node", nodes::update)
            .refuses(&[404])
            .delete("Delete a node that nothing refers to", nodes::delete)
            .refuses(&[404, 409]),
        Route::at("/api/nodes/{id}/children").get("List the nodes under a node", nodes::children),
        Route::at("/api/nodes/{id}/dependency-edges")
            .get("List the edges between the nodes under a node", nodes::dependency_edges),
    ]
}

async fn not_found() -> Response {
    error_reply::refuse(StatusCode::NOT_FOUND, "Not found")
}

async fn method_not_allowed() -> Response {
    error_reply::refuse(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
