//! `/api/health`: the server is up.

use schemars::JsonSchema;
use serde::Serialize;

use super::reply::Reply;
use crate::schema::IsoTime;

/// That the server is up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// `ok`.
    status: &'static str,
    /// The server's time.
    timestamp: IsoTime,
}

/// `GET /api/health`
pub async fn get() -> Reply<Health> {
    Reply::of(Health { status: "ok", timestamp: IsoTime::now() })
}
