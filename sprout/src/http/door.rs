//! What every request passes on its way in, and every reply on its way out.
//!
//! One layer for all of it: each layer of the router costs every request a copy of what is behind it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::auth::{self, Token};
use super::cors::{self, Origins};
use super::path::Words;
use super::{conditional, guard, log};

/// What requests are held to.
#[derive(Debug)]
pub struct Door {
    /// The web pages that may use the server.
    pub origins: Origins,
    /// Whether requests have to name this machine, see [`guard`].
    pub is_local: bool,
    /// What a client has to know, if anything.
    pub token: Option<Token>,
    /// The fixed words of all paths.
    pub words: Words,
}

impl Door {
    /// Answers a request that goes no further.
    fn answer(&self, request: &Request) -> Option<Response> {
        if request.method() == Method::OPTIONS {
            return Some(cors::preflight(request.headers()));
        }
        let refused = guard::refuse(self.is_local, &self.origins, request);
        refused.or_else(|| auth::refuse(self.token.as_ref()?, request))
    }
}

/// Lets a request in, and its reply out.
pub async fn pass(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let shared_with = door.origins.allow(request.headers().get(header::ORIGIN));
    let known = conditional::known(&request);
    let mut response = match door.answer(&request) {
        Some(response) => response,
        None => {
            door.words.rewrite(request.uri_mut());
            next.run(request).await
        }
    };
    if let Some(known) = known {
        conditional::leave_out(&mut response, &known);
    }
    door.origins.share(&mut response, shared_with);
    log::failure(&method, &uri, &response);
    response
}
