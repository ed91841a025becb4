//! `/api/docs`: a page to read the API and to try it, and `/api/openapi.json`, which it shows.
//!
//! The page is Swagger UI, see `assets/swagger-ui/README.md`. Its files are built into the program, compressed, and sent so.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;

use super::{openapi, reply};
use crate::app::AppState;

/// The paths of the page, its files and its document.
pub const PATHS: [&str; 5] = [
    "/api/openapi.json",
    "/api/docs",
    "/api/docs/docs.js",
    "/api/docs/swagger-ui.js",
    "/api/docs/swagger-ui.css",
];

const HTML: &[u8] = include_bytes!("../../assets/docs.html");
const SCRIPT: &[u8] = include_bytes!("../../assets/docs.js");
const SWAGGER_UI_SCRIPT: &[u8] = include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js.gz");
const SWAGGER_UI_STYLE: &[u8] = include_bytes!("../../assets/swagger-ui/swagger-ui.css.gz");

/// Answers the [`PATHS`].
pub fn pages() -> Router<AppState> {
    let [document, page, script, swagger_ui_script, swagger_ui_style] = PATHS;
    Router::new()
        .route(document, get(openapi::get))
        .route(page, get(async || html()))
        .route(script, get(async || file(SCRIPT, "text/javascript; charset=utf-8")))
        .route(swagger_ui_script, get(async || gzip(SWAGGER_UI_SCRIPT, "text/javascript; charset=utf-8")))
        .route(swagger_ui_style, get(async || gzip(SWAGGER_UI_STYLE, "text/css; charset=utf-8")))
}

fn html() -> Response {
    let mut response = file(HTML, "text/html; charset=utf-8");
    // The page loads nothing from elsewhere and talks to this server alone; Swagger UI sets styles on its elements.
    let policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

fn file(bytes: &'static [u8], media_type: &'static str) -> Response {
    reply::tagged(StatusCode::OK, Body::from(bytes), reply::tag(bytes), HeaderValue::from_static(media_type))
}

fn gzip(bytes: &'static [u8], media_type: &'static str) -> Response {
    let mut response = file(bytes, media_type);
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}
