//! The router: every path with what answers it.
//!
//! ```text
//!  request ─► door (cors, guard, auth, path) ─► route ─► http/<resource>.rs ─► store/ ─► pool
//!  reply   ◄─ door (log, cors, conditional) ◄───────────────┘
//! ```

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use seedbed::Pool;

use crate::documents::Shelf;
use crate::http::auth::Token;
use crate::http::cors::Origins;
use crate::http::door::{self, Door};
use crate::http::path::Words;
use crate::http::route::Route;
use crate::http::upload::UPLOAD_LIMIT;
use crate::http::{
    assessments, branches, chat, contents, docs, documents, edges, error_reply, health, nodes, progress,
    recall, search,
};

/// What every request is answered with.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub pool: Pool,
    /// The documents.
    pub shelf: Shelf,
    /// The web pages that may use the server.
    pub origins: Origins,
    /// Whether requests have to name this machine, see [`guard`](crate::http::guard).
    pub is_local: bool,
    /// What a client has to know, if anything.
    pub token: Option<Token>,
}

impl FromRef<AppState> for Pool {
    fn from_ref(state: &AppState) -> Self {
        state.pool.clone()
    }
}

impl FromRef<AppState> for Shelf {
    fn from_ref(state: &AppState) -> Self {
        state.shelf.clone()
    }
}

/// Makes the application.
pub fn app(state: AppState) -> Router {
    let routes = routes();
    let mut router = docs::pages();
    let door = Door {
        origins: state.origins.clone(),
        is_local: state.is_local,
        token: state.token.clone(),
        words: Words::of(routes.iter().map(|route| route.pattern).chain(docs::PATHS)),
    };
    for route in routes {
        router = router.route(route.pattern, route.methods);
    }
    let router = router.fallback(not_found).method_not_allowed_fallback(method_not_allowed).with_state(state);
    // A layer of a router runs after routing; the path has to be rewritten before, hence a router around the router.
    Router::new()
        .fallback_service(router)
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
        .layer(from_fn_with_state(Arc::new(door), door::pass))
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
        Route::at("/api/branches/{id}/order")
            .get("List the nodes of a branch in an order in which they can be learned", edges::order)
            .refuses(&[404]),
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
        Route::at("/api/edges")
            .get("List edges", edges::list)
            .post("Make an edge, unless it is there", edges::create)
            .refuses(&[409]),
        Route::at("/api/edges/{id}").delete("Delete an edge", edges::delete).refuses(&[404]),
        Route::at("/api/search").get("Search documents and active contents", search::search),
        Route::at("/api/nodes/{id}/contents")
            .get("List the contents of a node", contents::list)
            .post("Make a content", contents::create)
            .refuses(&[404]),
        Route::at("/api/nodes/{id}/contents/active")
            .get("Return the oldest active content of a node, or null", contents::active),
        Route::at("/api/nodes/{id}/generations")
            .get("List what models were asked to make for a node", contents::generations)
            .post("Record what a model was asked", contents::record_generation)
            .refuses(&[404]),
        Route::at("/api/nodes/{id}/documents")
            .get("List the documents of a node", documents::list)
            .post("Add documents to a node", documents::upload)
            .refuses(&[404, 502]),
        Route::at("/api/nodes/{id}/documents/{documentId}")
            .delete("Delete a document", documents::delete)
            .refuses(&[404]),
        Route::at("/api/nodes/{id}/documents/{documentId}/file")
            .get("Download a document", documents::download)
            .refuses(&[404, 502])
            .head("Tell the size and the name of a document"),
        Route::at("/api/assessments")
            .get("List assessments", assessments::list)
            .post("Make an assessment", assessments::create),
        Route::at("/api/assessments/{id}")
            .get("Return an assessment", assessments::get)
            .refuses(&[404])
            .patch("Change an assessment", assessments::update)
            .refuses(&[404]),
        Route::at("/api/assessments/{id}/questions")
            .get("List the questions of an assessment", assessments::questions)
            .post("Add a question", assessments::ask)
            .refuses(&[404]),
        Route::at("/api/assessments/{id}/summary")
            .get("Tell how a user did in an assessment", assessments::summary)
            .refuses(&[404]),
        Route::at("/api/assessments/{id}/answers")
            .get("List the answers of an assessment", assessments::answers)
            .post("Record an answer", assessments::answer)
            .refuses(&[404]),
        Route::at("/api/progress")
            .get("List how far a user is", progress::list)
            .post("Count that a user comes to a node", progress::enter),
        Route::at("/api/progress/overview").get("Tell how far a user is over all nodes", progress::overview),
        Route::at("/api/progress/{id}").patch("Change a progress", progress::update).refuses(&[404]),
        Route::at("/api/chat/sessions")
            .get("List conversations", chat::sessions)
            .post("Begin a conversation", chat::begin),
        Route::at("/api/chat/sessions/{id}").patch("End a conversation", chat::end).refuses(&[404]),
        Route::at("/api/chat/sessions/{id}/messages")
            .get("List the messages of a conversation", chat::messages)
            .post("Add a message", chat::say)
            .refuses(&[404]),
        Route::at("/api/chat/hints").get("List hints", chat::hints).post("Record a hint", chat::record_hint),
        Route::at("/api/recall/due").get("List what a user is to recall, the longest due first", recall::due),
        Route::at("/api/recall/reviews")
            .get("List how recalling went", recall::reviews)
            .post("Record a review and schedule the next", recall::review),
    ]
}

async fn not_found() -> Response {
    error_reply::refuse(StatusCode::NOT_FOUND, "Not found")
}

async fn method_not_allowed() -> Response {
    error_reply::refuse(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
