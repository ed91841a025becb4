//! Reading requests: a JSON body or a query as named fields, with every fault found in one go.
//!
//! A reader asks for its fields one after another and then calls [`Fields::check`]. Values of the wrong type are
//! faults, never converted; fields that nobody asked for are ignored.

use std::convert::Infallible;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::error::{AppError, Fault};

/// How large a JSON body may be, in bytes.
pub const BODY_LIMIT: usize = 100 * 1024;

/// The fields of a JSON object.
#[derive(Debug, Default)]
pub struct Fields {
    values: Map<String, Value>,
    faults: Vec<Fault>,
    is_incomplete: bool,
}

impl Fields {
    /// Takes a text that must be there: absent, empty and "falsy" values are missing.
    pub fn required_text(&mut self, name: &'static str) -> String {
        match self.text(name) {
            Ok(Some(text)) => text,
            Ok(None) => self.missing(name).unwrap_or_default(),
            Err(fault) => self.fault(name, fault).unwrap_or_default(),
        }
    }

    /// Takes a text that may be missing.
    pub fn optional_text(&mut self, name: &'static str) -> Option<String> {
        self.text(name).unwrap_or_else(|fault| self.fault(name, fault))
    }

    /// Takes a text that a change may give and that cannot be empty.
    pub fn changed_text(&mut self, name: &'static str) -> Option<String> {
        match self.values.remove(name)? {
            Value::String(text) if !text.is_empty() => Some(text),
            Value::String(_) => self.fault(name, "must not be empty"),
            _ => self.fault(name, "must be a text"),
        }
    }

    /// Takes a text that a change may give or, with null, clear.
    pub fn clearable_text(&mut self, name: &'static str) -> Option<Option<String>> {
        match self.values.remove(name)? {
            Value::String(text) => Some(Some(text)),
            Value::Null => Some(None),
            _ => self.fault(name, "must be a text or null"),
        }
    }

    /// Takes a number from 0 to 1 that a change may give.
    pub fn changed_score(&mut self, name: &'static str) -> Option<f64> {
        match self.values.remove(name)?.as_f64() {
            Some(score) if (0.0..=1.0).contains(&score) => Some(score),
            _ => self.fault(name, "must be a number from 0 to 1"),
        }
    }

    /// Takes a text that must be there and that `parse` knows.
    pub fn required_choice<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.required_text(name);
        if text.is_empty() {
            return None;
        }
        parse(&text).or_else(|| self.fault(name, &format!("must be {expected}")))
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// When there was any fault: `required` is the text when a required field is missing.
    pub fn check(self, required: &str) -> Result<(), AppError> {
        if self.is_incomplete {
            Err(AppError::Invalid { message: required.to_owned(), faults: self.faults })
        } else if self.faults.is_empty() {
            Ok(())
        } else {
            Err(AppError::invalid(self.faults))
        }
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, &'static str> {
        match self.values.remove(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(value) if !is_falsy(&value) => Err("must be a text"),
            _ => Ok(None),
        }
    }

    fn missing<T>(&mut self, name: &'static str) -> Option<T> {
        self.is_incomplete = true;
        self.fault(name, "is required")
    }

    fn fault<T>(&mut self, name: &'static str, message: &str) -> Option<T> {
        self.faults.push(Fault::new(name, message));
        None
    }
}

/// Whether a value counts as missing where a field is required, as it does in JavaScript.
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = AppError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        let has_type = check_media_type(request.headers())?;
        if announced_length(request.headers()).is_some_and(|length| length > BODY_LIMIT) {
            return Err(AppError::TooLarge { limit: BODY_LIMIT });
        }
        let body = to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|error| {
            // The other cause is a connection that broke, whose reply nobody reads.
            tracing::debug!(%error, "a body was not read to its end");
            AppError::TooLarge { limit: BODY_LIMIT }
        })?;
        if !has_type {
            let missing = "A JSON body is required, with the header Content-Type: application/json";
            return Err(match body.is_empty() {
                true => AppError::Invalid { message: missing.to_owned(), faults: Vec::new() },
                false => AppError::UnsupportedMediaType(missing),
            });
        }
        if body.is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_slice(&body) {
            Ok(Value::Object(values)) => Ok(Self { values, ..Self::default() }),
            Ok(_) => Err(malformed("The body must be a JSON object".to_owned())),
            Err(error) => Err(malformed(format!("The body is not valid JSON: {error}"))),
        }
    }
}

fn malformed(message: String) -> AppError {
    AppError::Invalid { message, faults: Vec::new() }
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Returns whether the body has a type at all, which must then be JSON in UTF-8.
fn check_media_type(headers: &HeaderMap) -> Result<bool, AppError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(AppError::UnsupportedMediaType("The body must not be compressed"));
    }
    let Some(media_type) = headers.get(header::CONTENT_TYPE) else { return Ok(false) };
    let media_type = media_type.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = media_type.split(';').map(str::trim);
    let is_json = parts.next() == Some("application/json");
    let mut charsets = parts.filter_map(|part| part.strip_prefix("charset="));
    if is_json && charsets.all(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii")) {
        Ok(true)
    } else {
        Err(AppError::UnsupportedMediaType("The body must be application/json in UTF-8"))
    }
}

/// The parameters of a query; an empty value is like none.
#[derive(Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    fields: Fields,
}

impl Query {
    /// Takes a parameter that may be missing.
    pub fn optional(&mut self, name: &'static str) -> Option<String> {
        self.value(name).unwrap_or_else(|fault| self.fields.fault(name, fault))
    }

    /// Takes a parameter that must be there.
    pub fn required(&mut self, name: &'static str) -> String {
        match self.value(name) {
            Ok(Some(value)) => value,
            Ok(None) => self.fields.missing(name).unwrap_or_default(),
            Err(fault) => self.fields.fault(name, fault).unwrap_or_default(),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// When there was any fault: `required` is the text when a required parameter is missing.
    pub fn check(self, required: &str) -> Result<(), AppError> {
        self.fields.check(required)
    }

    fn value(&self, name: &str) -> Result<Option<String>, &'static str> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err("must be given once"),
            (first, None) => Ok(first.filter(|value| !value.is_empty()).cloned()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Self { pairs, ..Self::default() })
    }
}
