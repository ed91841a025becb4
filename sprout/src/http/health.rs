//! `/api/health`: the server is up.

use axum::response::Response;
use serde::Serialize;

use super::reply;
use crate::time;

#[derive(Serialize)]
struct HealthReply {
    status: &'static str,
    timestamp: String,
}

/// `GET /api/health`
pub async fn get() -> Response {
    reply::ok(&HealthReply { status: "ok", timestamp: time::now() })
}
