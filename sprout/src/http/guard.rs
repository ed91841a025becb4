//! Requests that a page of another site made a browser send: refused before they reach a route.
//!
//! A page needs no preflight for everything (an upload, for one), and a name that its owner points at 127.0.0.1 makes a
//! page of that name one of our own in the browser's eyes (DNS rebinding). So what changes something has to come from an
//! origin that is let in, and a server that only this machine reaches, and that asks for no token, goes by the names of
//! this machine only.

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::cors::Origins;
use super::error_reply;

/// What requests are held to.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The pages that may use the server.
    pub origins: Origins,
    /// Whether the server goes by the names of this machine only.
    pub is_local: bool,
}

/// Refuses what comes from elsewhere.
pub async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if guard.is_local && !is_name_of_this_machine(&request) {
        let text =
            "The server is reached as localhost or 127.0.0.1 only; set SPROUT_TOKEN to give it other names";
        return error_reply::refuse(StatusCode::MISDIRECTED_REQUEST, text);
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !guard.comes_from_a_friend(request.headers()) {
        let text = "The page's origin may not change anything here; CORS_ORIGINS lists those that may";
        return error_reply::refuse(StatusCode::FORBIDDEN, text);
    }
    next.run(request).await
}

impl Guard {
    /// Whether a request has no origin (no page sent it), one that is let in, or that of the server's own pages.
    fn comes_from_a_friend(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let of_page = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
        self.origins.lets_in(origin) || (of_page.is_some() && of_page == own)
    }
}

/// Whether the request names this machine. One without a name is from no browser.
fn is_name_of_this_machine(request: &Request) -> bool {
    let named = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let Some(named) = named.or_else(|| request.uri().authority().map(Authority::as_str)) else { return true };
    named.parse::<Authority>().is_ok_and(|authority| {
        let host = authority.host().to_ascii_lowercase();
        matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
    })
}
