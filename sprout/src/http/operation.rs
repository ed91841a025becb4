//! What a handler takes and gives, told from the types of its function: the OpenAPI document is made of this.
//!
//! Every extractor and every reply says by itself what it adds to an operation. A handler is described by the types of
//! its arguments and of what it returns, so a description cannot lag behind the code.

use std::collections::BTreeMap;

use axum::extract::State;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::body::Body;
use super::fields::{Fields, FromFields};
use super::path::{Id, Ids};
use super::query::Query;
use super::reply::{Created, CreatedOrReply, File, NoContent, Reply};
use super::upload::Files;
use crate::error::AppError;

/// An operation that is being described.
#[derive(Debug)]
pub struct Operation<'a> {
    /// The schemas of all replies, by name.
    pub schemas: &'a mut SchemaGenerator,
    /// The parameters in the path and in the query.
    pub parameters: Vec<Value>,
    /// The body that is taken.
    pub body: Option<Value>,
    /// Each reply, by status.
    pub replies: BTreeMap<u16, Answer>,
}

/// A reply as the OpenAPI document shows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// What the body is.
    pub content: Option<Value>,
    /// The headers that say something about it, of those that the document describes.
    pub headers: &'static [&'static str],
}

impl Operation<'_> {
    /// Adds a reply of an error.
    pub fn refuses(&mut self, status: u16) {
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}});
        let headers = if status == 401 { UNAUTHORIZED } else { &[] };
        self.replies.entry(status).or_insert(Answer { content: Some(content), headers });
    }

    fn answers<T: JsonSchema>(&mut self, status: u16) {
        let schema = self.schemas.subschema_for::<T>();
        let content = json!({"application/json": {"schema": schema}});
        self.replies.insert(status, Answer { content: Some(content), headers: TAGGED });
    }

    /// Makes a GET of it: a client that has the reply already is told so.
    pub fn is_read(&mut self) {
        if self.replies.get(&200).is_some_and(|answer| answer.headers == TAGGED) {
            self.parameters.push(json!({"$ref": "#/components/parameters/If-None-Match"}));
            self.replies.insert(304, Answer { content: None, headers: TAGGED });
        }
    }

    /// Makes a HEAD of it: no reply has a body.
    pub fn is_looked_at(&mut self) {
        for answer in self.replies.values_mut() {
            answer.content = None;
        }
    }
}

const TAGGED: &[&str] = &["ETag"];
const DOWNLOADED: &[&str] = &["Content-Disposition", "Content-Length"];
const UNAUTHORIZED: &[&str] = &["WWW-Authenticate"];

/// What a handler takes.
pub trait Input {
    /// Adds what it takes to the operation.
    fn describe(operation: &mut Operation<'_>);
}

/// What a handler gives.
pub trait Output {
    /// Adds the replies to the operation.
    fn describe(operation: &mut Operation<'_>);
}

/// A function whose arguments `A` and reply are described by their types.
pub trait Describe<A> {
    /// Describes the function.
    fn describe(operation: &mut Operation<'_>);
}

macro_rules! describe_functions {
    ($( ($($argument:ident),*) )*) => { $(
        impl<F, R, O, $($argument),*> Describe<($($argument,)*)> for F
        where
            F: Fn($($argument),*) -> R,
            R: Future<Output = O>,
            O: Output,
            $($argument: Input,)*
        {
            fn describe(operation: &mut Operation<'_>) {
                $( $argument::describe(operation); )*
                O::describe(operation);
            }
        }
    )* };
}

describe_functions! { () (A) (A, B) (A, B, C) (A, B, C, D) }

impl<S> Input for State<S> {
    fn describe(_operation: &mut Operation<'_>) {}
}

/// Parameters in a path are those of the pattern.
impl Input for Id {
    fn describe(_operation: &mut Operation<'_>) {}
}

impl Input for Ids {
    fn describe(_operation: &mut Operation<'_>) {}
}

impl Input for Files {
    fn describe(operation: &mut Operation<'_>) {
        // `format` is the word of OpenAPI 3.0 for files, by which Swagger UI still knows that they are to be chosen.
        let file =
            json!({"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"});
        let files = json!({"type": "array", "items": file, "minItems": 1, "maxItems": 5,
            "description": "PDF, DOCX, HTML, Markdown or text, at most 10 MiB each."});
        let schema = json!({"type": "object", "properties": {"files": files}, "required": ["files"]});
        operation.body =
            Some(json!({"required": true, "content": {"multipart/form-data": {"schema": schema}}}));
        for status in [400, 413, 415] {
            operation.refuses(status);
        }
    }
}

impl<T: FromFields> Input for Query<T> {
    fn describe(operation: &mut Operation<'_>) {
        for field in Fields::described::<T>() {
            operation.parameters.push(field.in_query());
        }
        operation.refuses(400);
    }
}

impl<T: FromFields> Input for Body<T> {
    fn describe(operation: &mut Operation<'_>) {
        let mut properties = serde_json::Map::new();
        let mut required = Vec::new();
        for field in Fields::described::<T>() {
            if field.is_required {
                required.push(field.name);
            }
            properties.insert(field.name.to_owned(), field.in_body());
        }
        let mut schema = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        operation.body = Some(json!({"required": true, "content": {"application/json": {"schema": schema}}}));
        for status in [400, 413, 415] {
            operation.refuses(status);
        }
    }
}

impl<T: JsonSchema> Output for Reply<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers::<T>(200);
    }
}

impl<T: JsonSchema> Output for Created<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers::<T>(201);
    }
}

impl<T: JsonSchema> Output for CreatedOrReply<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers::<T>(200);
        operation.answers::<T>(201);
    }
}

impl Output for File {
    fn describe(operation: &mut Operation<'_>) {
        let answer = Answer { content: Some(json!({"*/*": {}})), headers: DOWNLOADED };
        operation.replies.insert(200, answer);
    }
}

impl Output for NoContent {
    fn describe(operation: &mut Operation<'_>) {
        operation.replies.insert(204, Answer::default());
    }
}

impl<T: Output> Output for Result<T, AppError> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
        operation.refuses(503);
    }
}
