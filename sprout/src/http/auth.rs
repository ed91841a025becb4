//! The token: where the server was started with one, a client has to show it.
//!
//! Health and the documentation stay open, as they tell nothing about the learner.

use std::fmt;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::{docs, error_reply};

/// A secret that clients send as `Authorization: Bearer …`. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes a secret.
    ///
    /// # Errors
    ///
    /// When no client could send it in a header.
    pub fn new(secret: String) -> Result<Self, String> {
        if secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(secret))
        } else {
            Err("may hold letters, digits and signs of ASCII only, without spaces".to_owned())
        }
    }

    /// Whether a request shows the token. How long the comparison takes does not tell how much was right.
    fn is_shown(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        let shown = shown.and_then(|shown| match shown.split_at_checked("bearer ".len()) {
            Some((scheme, shown)) if scheme.eq_ignore_ascii_case(b"bearer ") => Some(shown.trim_ascii()),
            _ => None,
        });
        let Some(shown) = shown else { return false };
        let differences = shown.iter().zip(self.0.as_bytes()).fold(0, |all, (a, b)| all | (a ^ b));
        differences == 0 && shown.len() == self.0.len()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Refuses a request that does not show the token.
pub(super) fn refuse(token: &Token, request: &Request) -> Option<Response> {
    if is_open(request.uri().path()) || token.is_shown(request.headers()) {
        return None;
    }
    let mut response = error_reply::refuse(
        StatusCode::UNAUTHORIZED,
        "The token is missing or wrong: send the header Authorization: Bearer, with the value of SPROUT_TOKEN",
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Some(response)
}

pub(super) fn is_open(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let path = path.strip_suffix('/').unwrap_or(&path);
    path == "/api/health" || docs::PATHS.contains(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_shown(value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        Token::new("secret".to_owned()).unwrap().is_shown(&headers)
    }

    #[test]
    fn only_the_whole_token_opens() {
        assert!(is_shown("Bearer secret") && is_shown("bearer  secret "));
        for wrong in ["", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Basic secret"] {
            assert!(!is_shown(wrong), "{wrong:?}");
        }
        assert!(Token::new("two words".to_owned()).is_err());
    }
}
