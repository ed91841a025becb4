//! `If-None-Match`: a reply that the client has already is not sent again.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

/// Returns the entity tags that a client knows of what it asks for.
pub(super) fn known(request: &Request) -> Option<HeaderValue> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    request.headers().get(header::IF_NONE_MATCH).filter(|_| reads).cloned()
}

/// Makes a reply 304 where its entity tag is among those that the client knows.
pub(super) fn leave_out(response: &mut Response, known: &HeaderValue) {
    if response.status() == StatusCode::OK
        && let Some(tag) = response.headers().get(header::ETAG)
        && is_among(tag, known)
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
}

/// Compares weakly, see <https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.2>; our tags hold no comma.
fn is_among(tag: &HeaderValue, known: &HeaderValue) -> bool {
    let (Ok(tag), Ok(known)) = (tag.to_str(), known.to_str()) else { return false };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|known| opaque(known) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        let tag = HeaderValue::from_static("W/\"2-a\"");
        for known in ["W/\"2-a\"", "\"2-a\"", "\"x\", W/\"2-a\"", "*"] {
            assert!(is_among(&tag, &HeaderValue::from_static(known)), "{known}");
        }
        for known in ["", "\"2-b\"", "W/\"12-a\""] {
            assert!(!is_among(&tag, &HeaderValue::from_static(known)), "{known}");
        }
    }
}
