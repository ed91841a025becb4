//! Paths as clients of the original write them: any letter case, with or without a slash at the end.
//!
//! Only the fixed words of our own routes lose their letter case; ids keep theirs.

use std::collections::BTreeSet;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::Uri;
use axum::http::request::Parts;

/// The fixed words of the routes.
#[derive(Debug)]
pub struct Words(BTreeSet<&'static str>);

impl Words {
    /// Collects the words of route patterns such as `/api/nodes/{id}/children`.
    pub fn of(patterns: impl IntoIterator<Item = &'static str>) -> Self {
        let segments = patterns.into_iter().flat_map(|pattern| pattern.split('/'));
        Self(segments.filter(|segment| !segment.starts_with('{')).collect())
    }

    /// Makes the path of a request what the router knows.
    pub(super) fn rewrite(&self, uri: &mut Uri) {
        let path = uri.path();
        // Most are written as they should be.
        if !path.ends_with('/') && !path.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return;
        }
        let normal = self.normalize(path);
        if normal == path {
            return;
        }
        let target = uri.query().map_or_else(|| normal.clone(), |query| format!("{normal}?{query}"));
        if let Ok(target) = target.parse() {
            *uri = target;
        }
    }

    /// Returns the path as the router knows it.
    fn normalize(&self, path: &str) -> String {
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let segments = path.split('/').map(|segment| {
            let lower = segment.to_ascii_lowercase();
            if self.0.contains(lower.as_str()) { lower } else { segment.to_owned() }
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

/// The id in a path. One that cannot be decoded is the id of nothing, like any other that is unknown.
#[derive(Debug)]
pub struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map(|Path(id)| id).unwrap_or_default()))
    }
}

/// The two ids in a path, the outer one first.
#[derive(Debug)]
pub struct Ids(pub String, pub String);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let (outer, inner) = path.map(|Path(ids)| ids).unwrap_or_default();
        Ok(Self(outer, inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_their_case_and_ids_keep_it() {
        let words = Words::of(["/api/nodes", "/api/nodes/{id}/dependency-edges"]);
        assert_eq!(words.normalize("/API/Nodes/"), "/api/nodes");
        assert_eq!(words.normalize("/api/NODES/AbC/Dependency-Edges"), "/api/nodes/AbC/dependency-edges");
        assert_eq!(words.normalize("/"), "/");
        assert_eq!(words.normalize("/api/nodes//"), "/api/nodes/");
    }
}
