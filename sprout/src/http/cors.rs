//! Cross-origin requests: which web pages may use the server.
//!
//! A page that runs on this machine may, whatever its port, unless `CORS_ORIGINS` says which may: then those and no others. The
//! original let every page of the web read and write everything.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// The origins that are let in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origins {
    /// Pages of this machine.
    #[default]
    Localhost,
    /// These.
    Listed(Arc<[String]>),
    /// Every page of the web.
    Any,
}

impl Origins {
    /// Reads a list such as `https://sprout.example, https://other.example`; `*` lets everyone in.
    ///
    /// # Errors
    ///
    /// Names the part that is no origin.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut origins = Vec::new();
        for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            if part == "*" {
                return Ok(Self::Any);
            }
            let origin = part.trim_end_matches('/').to_ascii_lowercase();
            let is_origin = origin.parse::<Uri>().is_ok_and(|uri| {
                uri.scheme().is_some() && uri.host().is_some() && uri.path() == "/" && uri.query().is_none()
            });
            if !is_origin || origin.contains('@') {
                return Err(format!("`{part}` is no origin such as `https://sprout.example`"));
            }
            origins.push(origin);
        }
        Ok(if origins.is_empty() { Self::Localhost } else { Self::Listed(origins.into()) })
    }

    /// Whether pages of an origin may use the server.
    pub(super) fn lets_in(&self, origin: &HeaderValue) -> bool {
        self.allow(Some(origin)).is_some()
    }

    /// Returns the value of `Access-Control-Allow-Origin` for an origin, if it is let in.
    pub(super) fn allow(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        if *self == Self::Any {
            return Some(HeaderValue::from_static("*"));
        }
        let origin = origin?;
        let text = origin.to_str().ok()?.to_ascii_lowercase();
        let is_let_in = match self {
            Self::Localhost => is_localhost(&text),
            Self::Listed(origins) => origins.contains(&text),
            Self::Any => true,
        };
        is_let_in.then(|| origin.clone())
    }

    /// Adds the headers that tell a browser which page may see a reply: the one that `allowed` names.
    pub(super) fn share(&self, response: &mut Response, allowed: Option<HeaderValue>) {
        let headers = response.headers_mut();
        if *self != Self::Any {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(allowed) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            // A page that downloads a document learns its name.
            let exposed = HeaderValue::from_static("Content-Disposition, ETag");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
}

fn is_localhost(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    is_web && matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Answers a request that asks what a page may do.
pub(super) fn preflight(request: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
    if let Some(asked) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets_in(origins: &Origins, origin: &'static str) -> bool {
        origins.allow(Some(&HeaderValue::from_static(origin))).is_some()
    }

    #[test]
    fn pages_of_this_machine_are_let_in_on_any_port() {
        for origin in
            ["http://localhost:3000", "https://localhost", "http://127.0.0.1:5173", "http://[::1]:8080"]
        {
            assert!(lets_in(&Origins::Localhost, origin), "{origin}");
        }
        for origin in
            ["https://evil.example", "http://localhost.evil.example", "http://user@evil.example", "null"]
        {
            assert!(!lets_in(&Origins::Localhost, origin), "{origin}");
        }
    }

    #[test]
    fn a_list_says_which_pages_and_no_others() -> Result<(), String> {
        let origins = Origins::parse("https://sprout.example/, http://a.example:81, http://localhost:5173")?;
        assert!(lets_in(&origins, "https://sprout.example"));
        assert!(lets_in(&origins, "http://a.example:81"));
        assert!(lets_in(&origins, "http://localhost:5173"));
        assert!(!lets_in(&origins, "http://localhost:3000"));
        assert!(!lets_in(&origins, "http://a.example"));
        assert_eq!(Origins::parse(" ")?, Origins::Localhost);
        assert_eq!(Origins::parse("https://a.example,*")?, Origins::Any);
        assert!(Origins::parse("sprout.example").is_err());
        Ok(())
    }
}
