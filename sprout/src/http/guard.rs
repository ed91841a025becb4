//! Requests that a page of another site made a browser send: refused before they reach a route.
//!
//! A page needs no preflight for everything (an upload, for one), and a name that its owner points at 127.0.0.1 makes a
//! page of that name one of our own in the browser's eyes (DNS rebinding). So what changes something has to come from an
//! origin that is let in, and a server that only this machine reaches, and that asks for no token, goes by the names of
//! this machine only.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;

use super::cors::Origins;
use super::error_reply;

/// Refuses what comes from elsewhere. A server that `is_local` goes by the names of this machine only.
pub(super) fn refuse(is_local: bool, origins: &Origins, request: &Request) -> Option<Response> {
    if is_local && !is_name_of_this_machine(request) {
        let text =
            "The server is reached as localhost or 127.0.0.1 only; set SPROUT_TOKEN to give it other names";
        return Some(error_reply::refuse(StatusCode::MISDIRECTED_REQUEST, text));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !comes_from_a_friend(request.headers(), origins) {
        let text = "The page's origin may not change anything here; CORS_ORIGINS lists those that may";
        return Some(error_reply::refuse(StatusCode::FORBIDDEN, text));
    }
    None
}

/// Whether a request has no origin (no page sent it), one that is let in, or that of the server's own pages.
fn comes_from_a_friend(headers: &HeaderMap, origins: &Origins) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let of_page = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origins.lets_in(origin) || (of_page.is_some() && of_page == own)
}

/// Whether the request names this machine. One without a name is from no browser.
fn is_name_of_this_machine(request: &Request) -> bool {
    let named = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let named = named.or_else(|| request.uri().authority().map(Authority::as_str));
    named.is_none_or(is_this_machine)
}

/// Whether a name, with or without a port, is one that no other machine can have.
fn is_this_machine(named: &str) -> bool {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let host = named.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(named, |(host, _)| host);
    let names = ["localhost", "127.0.0.1", "[::1]"];
    let under_localhost = |host: &str| {
        let (start, end) = host.split_at_checked(host.len().saturating_sub(".localhost".len()))?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        Some(end.eq_ignore_ascii_case(".localhost") && !start.is_empty() && start.bytes().all(is_name))
    };
    names.iter().any(|name| name.eq_ignore_ascii_case(host)) || under_localhost(host) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_goes_by_its_own_names_only() {
        for name in [
            "localhost",
            "LocalHost:8000",
            "127.0.0.1",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:8000",
            "sprout.localhost:8000",
        ] {
            assert!(is_this_machine(name), "{name}");
        }
        for name in [
            "",
            ":8000",
            "evil.example",
            "localhost.evil.example:8000",
            "evil.example/.localhost",
            "user@localhost",
            "notlocalhost",
            ".localhost",
            "localhost:8000@evil.example",
            "[::1",
            "127.0.0.1.evil.example",
            "ö.localhost",
        ] {
            assert!(!is_this_machine(name), "{name}");
        }
    }
}
