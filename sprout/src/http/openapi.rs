//! The OpenAPI document, <https://spec.openapis.org/oas/v3.1.1>, made from the routes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::auth;
use super::error_reply::ErrorReply;
use super::operation::{Answer, Operation};
use super::reply;
use super::route::{Described, Route};
use crate::app;

/// What holds for every route.
const ABOUT: &str = "A self-hosted, single-user learning backend.

Bodies and answers are JSON, but for documents. Ids are texts that the server makes; an unknown one is answered with 404, or \
with an empty list. Times are ISO 8601 in UTC with milliseconds; those of a request may have any offset. In a body, a value \
that is empty or that JavaScript calls falsy stands for none where the schema says so; in a query an empty one does. \
Every GET answers HEAD as well.";

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
    let mut schemas = settings.with_transform(RecursiveTransform(forget_word_size)).into_generator();
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
            "description": ABOUT,
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "parameters": {"If-None-Match": {
                "name": "If-None-Match",
                "in": "header",
                "description": "Tags of replies that the client has, from their ETag. When one is still right, the answer is 304.",
                "schema": {"type": "string"},
            }},
            "headers": headers(),
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

/// Describes the headers of replies.
fn headers() -> Value {
    json!({
        "ETag": {"description": "The tag of this reply, for If-None-Match.", "schema": {"type": "string"}},
        "Content-Disposition": {
            "description": "That it is to be saved, and under which name.",
            "schema": {"type": "string"},
        },
        "Content-Length": {
            "description": "How large it is, in bytes.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "WWW-Authenticate": {
            "description": "How the token is to be shown.",
            "schema": {"type": "string", "const": "Bearer"},
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
    if method.method == "get" {
        operation.is_read();
    }
    let is_open = auth::is_open(route.pattern);
    if !is_open {
        // Where the server was started with a token.
        operation.refuses(401);
    }
    // Pages of other sites, and names of other machines.
    if !matches!(method.method, "get" | "head") {
        operation.refuses(403);
    }
    operation.refuses(421);
    for status in method.refusals {
        operation.refuses(*status);
    }
    if method.method == "head" {
        operation.is_looked_at();
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
    let name = operation.handler.replace("::", "_");
    if operation.method == "head" { format!("{name}_head") } else { name }
}

fn reply_of((status, answer): (u16, Answer)) -> (String, Value) {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut reply = json!({"description": reason.unwrap_or("Answer")});
    for name in answer.headers {
        reply["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
    }
    if let Some(content) = answer.content {
        reply["content"] = content;
    }
    (status.to_string(), reply)
}

/// A number of the program's own word size has a format that JSON Schema and OpenAPI do not know.
fn forget_word_size(schema: &mut Schema) {
    if schema.get("format") == Some(&json!("uint")) {
        schema.remove("format");
    }
}

fn path_parameters(pattern: &str) -> Vec<Value> {
    let parts: Vec<_> = pattern.split('/').collect();
    let names = parts.windows(2).filter_map(|pair| {
        let name = pair[1].strip_prefix('{')?.strip_suffix('}')?;
        let about = format!("The id of {}.", one_of(pair[0]));
        Some(json!({"name": name, "in": "path", "required": true, "description": about,
            "schema": {"type": "string"}}))
    });
    names.collect()
}

/// Says what one thing of a list is that a path names.
fn one_of(list: &str) -> &'static str {
    match list {
        "assessments" => "the assessment",
        "branches" => "the branch",
        "documents" => "the document",
        "edges" => "the edge",
        "nodes" => "the node",
        "progress" => "the record of a user's progress with a node",
        "sessions" => "the conversation",
        _ => "what is meant",
    }
}

/// The resource that a path belongs to: its first word.
fn tag(pattern: &str) -> &str {
    pattern.split('/').nth(2).unwrap_or("api")
}
