//! The parameters of a query, read field by field; an empty value is like none.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::fields::{Fields, FromFields, reads};
use super::form::Text;
use crate::error::AppError;

/// What a route takes as its query.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: FromFields> FromRequestParts<S> for Query<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Fields::of_query(pairs).read_as().map(Self)
    }
}

/// The query of routes that ask about a user and nothing else.
#[derive(Debug)]
pub struct OfUser {
    /// The user.
    pub user_id: String,
}

reads!(OfUser, "userId query param required" {
    /// The user that is asked about.
    user_id: required("userId", Text),
});
