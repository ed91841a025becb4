//! The OpenAPI document, <https://spec.openapis.org/oas/v3.1.1>, made from the routes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::auth;
use super::error_reply::ErrorReply;
use super::operation::Operation;
use super::reply;
use super::route::{Described, Route};
use crate::app;

/// The document's text: it does not change while the program runs.
static TEXT: LazyLock<String> = LazyLock::new(|| document(&app::routes()).to_string());

/// `GET /api/openapi.json`
pub async fn get() -> Response {
    let text = TEXT.as_str();
    reply::tagged(StatusCode::OK, Body::from(text), reply::tag(text.as_bytes()), reply::JSON)
}

/// Makes the document of routes.
pub fn document(routes: &[Route]) -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut schemas = settings.into_generator();
    schemas.subschema_for::<ErrorReply<'_>>();
    let mut paths = Map::new();
    for route in routes {
        let methods = route
            .operations
            .iter()
            .map(|method| (method.method.to_owned(), operation(route, method, &mut schemas)));
        paths.insert(route.pattern.to_owned(), Value::Object(methods.collect()));
    }
    for route in routes {
        if let Some(links) = links(route, routes)
            && let Some(made) =
                paths.get_mut(route.pattern).and_then(|path| path.pointer_mut("/post/responses/201"))
        {
            made["links"] = links;
        }
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Sprout",
            "description": "A self-hosted, single-user learning backend.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The value of SPROUT_TOKEN, where the server was started with one.",
                },
            },
        },
    })
}

fn operation(route: &Route, method: &Described, schemas: &mut SchemaGenerator) -> Value {
    let mut operation = Operation {
        schemas,
        parameters: path_parameters(route.pattern),
        body: None,
        replies: BTreeMap::new(),
    };
    (method.describe)(&mut operation);
    let is_open = auth::is_open(route.pattern);
    if !is_open {
        // Where the server was started with a token.
        operation.refuses(401);
    }
    // Pages of other sites, and names of other machines.
    if method.method != "get" {
        operation.refuses(403);
    }
    operation.refuses(421);
    for status in method.refusals {
        operation.refuses(*status);
    }
    let Operation { parameters, body, replies, .. } = operation;
    let mut described = json!({
        "operationId": operation_id(method),
        "tags": [tag(route.pattern)],
        "summary": method.summary,
        "responses": replies.into_iter().map(reply_of).collect::<Map<_, _>>(),
    });
    if is_open {
        described["security"] = json!([]);
    }
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(body) = body {
        described["requestBody"] = body;
    }
    described
}

/// Says what can be done with what a POST made: everything whose path goes on with its id.
fn links(route: &Route, routes: &[Route]) -> Option<Value> {
    let makes = route.operations.iter().any(|operation| operation.method == "post");
    let under = format!("{}/{{id}}", route.pattern);
    let links: Map<_, _> = routes
        .iter()
        .filter(|other| other.pattern == under || other.pattern.starts_with(&format!("{under}/")))
        .filter(|other| other.pattern.matches('{').count() == 1)
        .flat_map(|other| &other.operations)
        .map(|operation| {
            let name = operation_id(operation);
            (name.clone(), json!({"operationId": name, "parameters": {"id": "$response.body#/id"}}))
        })
        .collect();
    (makes && !links.is_empty()).then(|| links.into())
}

fn operation_id(operation: &Described) -> String {
    operation.handler.replace("::", "_")
}

fn reply_of((status, content): (u16, Option<Value>)) -> (String, Value) {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut reply = json!({"description": reason.unwrap_or("Answer")});
    if let Some(content) = content {
        reply["content"] = content;
    }
    (status.to_string(), reply)
}

fn path_parameters(pattern: &str) -> Vec<Value> {
    let names = pattern.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect()
}

/// The resource that a path belongs to: its first word.
fn tag(pattern: &str) -> &str {
    pattern.split('/').nth(2).unwrap_or("api")
}
